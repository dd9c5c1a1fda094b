#![no_main]

sahihi_fuzz::target!(ISSUER_METADATA);
