#![no_main]

sahihi_fuzz::target!(CLIENT_ADDRESS);
