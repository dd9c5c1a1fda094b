//! A PostgreSQL cluster of a test's own, whose processes can be killed. What it wrote outlives its processes without being
//! synced to disk, so it is not: only a loss of power would show the difference, and no test takes that away.

use std::{
    fs,
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crypto::{SystemRandom, random_array};

use crate::party::free_port;

/// Deletes the cluster's files once the test that made it is gone, however that ended.
const GUARD: &str = r#"read -r _; kill -9 $(head -n 1 "$1/data/postmaster.pid") 2>/dev/null; rm -rf "$1""#;

/// A cluster that runs, or was killed.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// What started the first process, if it was started.
    starter: Option<Child>,
    guard: Child,
}

impl Cluster {
    /// Makes one and starts it.
    pub(crate) async fn start() -> Self {
        let programs = programs();
        let unique = base16ct::lower::encode_string(&random_array::<8>(&SystemRandom));
        let folder = std::env::temp_dir().join(format!("sahihi-cluster-{unique}"));
        run(as_postgres(Path::new("mkdir")).args(["-m", "700"]).arg(&folder));
        let guard = as_postgres(Path::new("sh"))
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut init = as_postgres(&programs.join("initdb"));
        init.arg("--pgdata").arg(folder.join("data"));
        init.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(&mut init);
        let mut cluster = Self { programs, folder, port: free_port(), starter: None, guard };
        cluster.restart().await;
        cluster
    }

    /// Of its superuser's database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs a statement as its superuser.
    pub(crate) fn sql(&self, statement: &str) {
        let mut psql = Command::new(self.programs.join("psql"));
        run(psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]).arg(self.url()));
    }

    /// Starts it after it was killed or stopped, and waits until it answers.
    pub(crate) async fn restart(&mut self) {
        // What was killed cannot remove it, and its number may be another process's by now.
        run(as_postgres(Path::new("rm")).arg("-f").arg(self.pid_file()));
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", self.port),
            "unix_socket_directories=".to_owned(),
            "max_connections=100".to_owned(),
            "fsync=off".to_owned(),
        ];
        let mut start = as_postgres(&self.programs.join("postgres"));
        start.arg("-D").arg(self.folder.join("data"));
        start.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let log = fs::File::create(self.folder.join("log")).ok();
        start.stdout(Stdio::null()).stderr(log.map_or_else(Stdio::null, Stdio::from));
        self.starter = Some(start.stdin(Stdio::null()).process_group(0).spawn().unwrap());
        self.answers().await;
    }

    /// Waits until it answers.
    pub(crate) async fn answers(&self) {
        let mut ask = Command::new(self.programs.join("pg_isready"));
        ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        let begun = Instant::now();
        while !ask.status().unwrap().success() {
            assert!(begun.elapsed() < Duration::from_mins(1), "the cluster does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.join("data/postmaster.pid")
    }

    /// Its processes, and what each says that it does: all that work in its folder.
    fn processes(&self) -> Vec<(u32, String)> {
        let folder = self.folder.join("data");
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // A process may end while it is looked at.
            if fs::read_link(entry.path().join("cwd")).is_ok_and(|path| path == folder) {
                found.push((id, fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default()));
            }
        }
        found
    }

    /// Kill -9 of one process that serves a connection, best one that is at work. The cluster then ends all others, and
    /// recovers by itself.
    pub(crate) fn kill_one_backend(&self) {
        let of_clients = |(_, title): &&(u32, String)| title.contains("127.0.0.1(");
        let others = self.processes();
        let busy = others.iter().filter(of_clients).find(|(_, title)| !title.contains("idle"));
        if let Some((id, _)) = busy.or_else(|| others.iter().find(of_clients)) {
            signal("-KILL", &[*id]);
        }
    }

    /// Kill -9 of every process.
    pub(crate) async fn kill(&mut self) {
        let begun = Instant::now();
        loop {
            let all: Vec<u32> = self.processes().into_iter().map(|(id, _)| id).collect();
            if all.is_empty() {
                break;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "a killed process lives");
            signal("-KILL", &all);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.starter.take().unwrap().wait().unwrap();
    }

    /// Stops it as an operator would who does not wait for clients.
    pub(crate) fn stop(&mut self) {
        let mut stop = as_postgres(&self.programs.join("pg_ctl"));
        run(stop.arg("--pgdata").arg(self.folder.join("data")).args(["--mode", "fast", "--silent", "stop"]));
        self.starter.take().unwrap().wait().unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut input) = self.guard.stdin.take() {
            // Whether this arrives or not, the end of the input does.
            let _ = input.write_all(b"\n");
        }
        let _ = self.guard.wait();
        if let Some(mut starter) = self.starter.take() {
            let _ = starter.wait();
        }
    }
}

/// Sends a signal; a process that is gone already is what was wanted.
fn signal(name: &str, ids: &[u32]) {
    let ids = ids.iter().map(u32::to_string);
    let _ = Command::new("kill").arg(name).args(ids).stderr(Stdio::null()).status().unwrap();
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The newest version's programs, in Debian's folder for each version or on the search path.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().filter_map(|entry| {
        Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
    });
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = versions.max().map(|(_, folder)| folder).into_iter().chain(std::env::split_paths(&on_path));
    let mut complete = folders.filter(|folder| folder.join("initdb").is_file());
    complete.next().unwrap_or_else(|| panic!("there is no PostgreSQL: `cargo xtask postgres` installs it"))
}

/// PostgreSQL refuses to run as root, so there it runs as the user that its package made.
fn as_postgres(program: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = Command::new(if is_root { Path::new("runuser") } else { program });
    if is_root {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    command.current_dir("/");
    command
}
