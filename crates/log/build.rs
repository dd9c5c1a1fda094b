//! Compiles the texts of this crate.

fn main() {
    texts::compile("texts");
}
