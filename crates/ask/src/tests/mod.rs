//! Through the router, on both databases.
