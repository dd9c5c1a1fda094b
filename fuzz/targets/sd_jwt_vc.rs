#![no_main]

sahihi_fuzz::target!(SD_JWT_VC);
