//! Through the router, on both databases, as a browser and a wallet would.

mod limits;
mod signing_in;
mod staff;
mod world;
