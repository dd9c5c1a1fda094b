//! Taking part, through the router, on both databases.

mod entering;
mod programs;
mod signing;
mod unsigned;
mod world;
