#![no_main]

sahihi_fuzz::target!(TOKEN_REQUEST);
