//! A PostgreSQL cluster of one's own: made, started, and gone when the one who asked is gone.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::command::{Failure, Outcome, fail, is_root, program, run_logged, which};
use crate::setup::apt_install;

/// The variable in which the tests look for a cluster.
pub(crate) const VARIABLE: &str = "SAHIHI_TEST_POSTGRES";

/// Stops the server and deletes its files once its standard input ends. It ends when this process closes it
/// or dies, however it dies, so that no cluster stays behind after an interrupted or killed run.
const GUARD: &str =
    r#"read -r _; "$1/pg_ctl" --pgdata "$2/data" --mode immediate --silent stop; rm -rf "$2""#;

/// A running cluster with an empty superuser database.
#[derive(Debug)]
pub(crate) struct Cluster {
    guard: Child,
    url: String,
}

impl Cluster {
    /// Makes and starts a cluster on a free port, in a temporary folder. Nothing is synced to disk: what it
    /// holds is worth nothing after the tests.
    pub(crate) fn start() -> Outcome<Self> {
        Self::start_with("-c fsync=off -c synchronous_commit=off -c full_page_writes=off")
    }

    /// The same, but it writes as an installation's does: for measurements.
    pub(crate) fn start_durable() -> Outcome<Self> {
        Self::start_with("")
    }

    fn start_with(more: &str) -> Outcome<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("sahihi-postgres-{}", std::process::id()));
        make_folder(&folder)?;
        let guard = as_postgres(Path::new("sh"))
            .args(["-c", GUARD, "guard"])
            .args([&programs, &folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let port = free_port()?;
        let cluster = Self { guard, url: format!("postgres://postgres@127.0.0.1:{port}/postgres") };

        let mut init = as_postgres(&programs.join("initdb"));
        init.arg("--pgdata").arg(folder.join("data"));
        init.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run_logged("postgres-init", &mut init)?;

        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c max_connections=200 \
             {more}"
        );
        let mut start = as_postgres(&programs.join("pg_ctl"));
        start.arg("--pgdata").arg(folder.join("data")).arg("--log").arg(folder.join("log"));
        start.args(["--wait", "--silent", "--options", &settings, "start"]);
        run_logged("postgres-start", &mut start)?;
        Ok(cluster)
    }

    /// Of the superuser's database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut input) = self.guard.stdin.take() {
            // Whether this arrives or not, the end of the input does.
            let _ = input.write_all(b"\n");
        }
        let _ = self.guard.wait();
    }
}

/// `cargo xtask postgres`.
pub(crate) fn develop() -> Outcome<()> {
    let cluster = Cluster::start()?;
    println!("export {VARIABLE}={}", cluster.url());
    eprintln!("running until interrupted; its files go with it");
    loop {
        std::thread::park();
    }
}

/// The folder with `initdb` and `pg_ctl`, after installing them if need be.
pub(crate) fn programs() -> Outcome<PathBuf> {
    if let Some(found) = find_programs() {
        return Ok(found);
    }
    apt_install("PostgreSQL", &["postgresql"])?;
    find_programs().ok_or_else(|| Failure("PostgreSQL was installed, but there is no `initdb`".into()))
}

/// Debian keeps each version's programs in a folder that is not on the search path.
fn find_programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| complete(folder))
        .collect();
    versions.sort();
    let on_path = || which("initdb")?.parent().map(Path::to_path_buf).filter(complete);
    versions.pop().map(|(_, folder)| folder).or_else(on_path)
}

/// PostgreSQL refuses to run as root, so there it runs as the user that its package made.
fn as_postgres(name: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = program("runuser");
        command.args(["-u", "postgres", "--"]).arg(name);
        command
    } else {
        program(name)
    };
    command.current_dir("/");
    command
}

fn make_folder(folder: &Path) -> Outcome<()> {
    if folder.exists() {
        return fail(format!("{} is in the way", folder.display()));
    }
    run_logged("postgres-folder", as_postgres(Path::new("mkdir")).args(["-m", "700"]).arg(folder))
}

/// A port that nobody listens on now.
fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
