#![no_main]

sahihi_fuzz::target!(TYPE_METADATA);
