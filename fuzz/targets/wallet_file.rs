#![no_main]

sahihi_fuzz::target!(WALLET_FILE);
