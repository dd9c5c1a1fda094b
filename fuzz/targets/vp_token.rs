#![no_main]

sahihi_fuzz::target!(VP_TOKEN);
