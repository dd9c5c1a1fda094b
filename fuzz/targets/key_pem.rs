#![no_main]

sahihi_fuzz::target!(KEY_PEM);
