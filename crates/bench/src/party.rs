//! A party as a process of its own: the release binary with its configuration, keys and database in a folder.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    http::{Connection, Request},
    micro::cpu::on_one_core,
    row::{Context, Failure},
};

/// The staff token of every party that is measured.
pub(crate) const TOKEN: &str = "token of a measurement";
/// How long a party may take to answer.
const START: Duration = Duration::from_mins(1);

/// Where a party keeps its rows.
pub(crate) enum Database {
    Sqlite,
    /// An address of a database that is empty.
    Postgres(String),
}

/// A party that issues and asks, and trusts itself. Dropped, it is killed and its files are deleted.
pub(crate) struct Party {
    folder: tempfile::TempDir,
    binary: PathBuf,
    process: Option<Child>,
    one_core: bool,
    database: store::Config,
    pub(crate) port: u16,
    operations: u16,
}

fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Party {
    /// Sets a party up: configuration, keys, an empty database. It does not run yet.
    pub(crate) fn set_up(context: &Context, database: Database) -> Result<Self, Failure> {
        Self::set_up_with(context, database, |_| String::new())
    }

    /// The same, with tables of the configuration that are made from who it is.
    pub(crate) fn set_up_with(
        context: &Context,
        database: Database,
        tables: impl FnOnce(&str) -> String,
    ) -> Result<Self, Failure> {
        let binary = context.binary()?.to_owned();
        // Beside the binary: on a disk, not in memory, so that a flush is one.
        let folder = tempfile::tempdir_in(binary.parent().unwrap_or(Path::new(".")))?;
        let (port, operations) = (free_port()?, free_port()?);
        let (words, database) = match database {
            Database::Sqlite => {
                let path = folder.path().join("party.sqlite");
                ("sqlite:party.sqlite".to_owned(), store::Config::Sqlite { path })
            }
            Database::Postgres(url) => (url.clone(), store::Config::Postgres { url }),
        };
        let digest: String = crypto::sha256(TOKEN.as_bytes())
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let config = format!(
            "name = {{ en = \"Test State\", fr = \"T\", es = \"T\", ru = \"T\", ar = \"T\", zh = \"T\" }}\n\
             organisation = \"Test State\"\ncountry = \"XZ\"\nidentifier = \"http://localhost:{port}\"\n\
             listen = \"127.0.0.1:{port}\"\noperations_listen = \"127.0.0.1:{operations}\"\n\
             database = \"{words}\"\nkeys = \"keys\"\ninsecure_loopback = true\n\
             [[staff]]\nname = \"clerk\"\nsha256 = \"{digest}\"\n[issue]\n\
             [ask]\ncredential_anchors = [\"keys/root.pem\"]\n"
        ) + &tables(&format!("http://localhost:{port}"));
        fs::write(folder.path().join("config.toml"), config)?;
        let party = Self { folder, binary, process: None, one_core: false, database, port, operations };
        for arguments in [&["keys", "init"][..], &["migrate"][..]] {
            let output = party.command(arguments).output()?;
            if !output.status.success() {
                let words = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(Failure::new(format!("sahihi {}: {words}", arguments.join(" "))));
            }
        }
        Ok(party)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--config").arg(self.folder.path().join("config.toml"));
        command.stdin(Stdio::null()).env_remove("SAHIHI_LOG");
        command
    }

    /// Its database, for what is put there before it runs.
    pub(crate) fn database(&self) -> &store::Config {
        &self.database
    }

    /// Who it is to wallets.
    pub(crate) fn identifier(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Has it run on one core, the same on which raw cryptography is measured.
    pub(crate) fn keep_to_one_core(&mut self) {
        self.one_core = true;
    }

    /// Runs it as anybody would, its trace in a file, and waits until it answers; how long that took.
    pub(crate) async fn start(&mut self) -> Result<Duration, Failure> {
        let trace = fs::File::create(self.folder.path().join("trace"))?;
        let begun = Instant::now();
        let mut serve = self.command(&["serve"]);
        serve.stdout(Stdio::null()).stderr(trace);
        let mut process =
            if self.one_core { on_one_core(|| Ok(serve.spawn()?)) } else { Ok(serve.spawn()?) }?;
        loop {
            if let Ok(mut connection) = Connection::open(self.port).await {
                connection.send(&Request { path: "/healthz", ..Request::default() }).await?.expect(200)?;
                break;
            }
            if begun.elapsed() > START || process.try_wait()?.is_some() {
                let trace = fs::read_to_string(self.folder.path().join("trace"))?;
                return Err(Failure::new(format!("the party does not answer: {trace}")));
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        self.process = Some(process);
        Ok(begun.elapsed())
    }

    /// Kills it; it can be started again.
    pub(crate) fn stop(&mut self) -> Result<(), Failure> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// `count` connections that stay open.
    pub(crate) async fn connections(&self, count: usize) -> Result<Vec<Connection>, Failure> {
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(Connection::open(self.port).await?);
        }
        Ok(all)
    }

    /// The CPU time that it has used, user and system, by its own `getrusage`.
    pub(crate) async fn cpu(&self) -> Result<Duration, Failure> {
        Ok(Duration::from_secs_f64(self.metric("process_cpu_seconds_total").await?))
    }

    /// How much memory of it is resident, bytes.
    pub(crate) async fn resident(&self) -> Result<f64, Failure> {
        self.metric("process_resident_memory_bytes").await
    }

    async fn metric(&self, name: &str) -> Result<f64, Failure> {
        let mut connection = Connection::open(self.operations).await?;
        let text = connection.send(&Request { path: "/metrics", ..Request::default() }).await?.expect(200)?;
        let text = String::from_utf8(text)?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = line.and_then(|value| value.trim().parse().ok());
        value.ok_or_else(|| Failure::new(format!("the party has no metric `{name}`")))
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
