//! Circulars: what every process begins with.

pub mod model;
