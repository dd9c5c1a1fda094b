#![no_main]

sahihi_fuzz::target!(CREDENTIAL_RESPONSE);
