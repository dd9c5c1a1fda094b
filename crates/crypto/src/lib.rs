//! Sign, verify, hash, seal behind one small interface, with two backends.
