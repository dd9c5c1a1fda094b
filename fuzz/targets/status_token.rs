#![no_main]

sahihi_fuzz::target!(STATUS_TOKEN);
