#![no_main]

sahihi_fuzz::target!(FORUM);
