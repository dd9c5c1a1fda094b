#![no_main]

sahihi_fuzz::target!(RESPONSE);
