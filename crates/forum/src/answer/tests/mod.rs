//! Taking part, through the router, on both databases.

mod browser;
mod crowd;
mod entering;
mod programs;
mod signing;
mod unsigned;
mod world;
