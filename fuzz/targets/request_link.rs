#![no_main]

sahihi_fuzz::target!(REQUEST_LINK);
