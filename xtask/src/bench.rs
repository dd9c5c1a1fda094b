//! `cargo xtask bench`: builds the release binary and `sahihi-bench`, and runs it beside a PostgreSQL cluster.

use crate::cargo::{build_release, cargo};
use crate::command::{Outcome, program, root, run};
use crate::postgres::Cluster;

/// Measures the rows named, or all. The arguments are those of `sahihi-bench`: `[NAME…] [--json FILE]`.
pub(crate) fn bench(arguments: &[String]) -> Outcome<()> {
    build_release()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "bench", "--features", "others"]))?;
    let mut measure = program(root().join("target/release/sahihi-bench"));
    measure.arg("--binary").arg(root().join("target/release/sahihi"));
    let cluster = Cluster::start_durable()?;
    measure.arg("--postgres").arg(cluster.url()).args(arguments);
    run(&mut measure)
}
