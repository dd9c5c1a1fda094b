#![no_main]

sahihi_fuzz::target!(SERVER_METADATA);
