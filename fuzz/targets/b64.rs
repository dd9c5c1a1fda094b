#![no_main]

sahihi_fuzz::target!(B64);
