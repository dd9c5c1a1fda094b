#![no_main]

sahihi_fuzz::target!(LOG_FILE);
