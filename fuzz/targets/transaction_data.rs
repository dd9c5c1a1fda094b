#![no_main]

sahihi_fuzz::target!(TRANSACTION_DATA);
