//! One party as a process, or as several on one database: its files in a folder of its own, its ports chosen by the
//! system. And whoever calls it: [`Caller`] sends a [`Call`], again if need be, to whichever process.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sahihi");
pub(crate) const TOKEN: &str = "token of a test";

/// A state: its register, its issuer. One process of it.
pub(crate) struct State {
    directory: Arc<tempfile::TempDir>,
    /// The file of the configuration.
    config: PathBuf,
    pub(crate) identifier: String,
    /// Where it listens: its identifier, unless something stands before it.
    pub(crate) address: String,
    process: Option<Child>,
    pub(crate) client: reqwest::Client,
}

/// What may be said of a state before it is made.
#[derive(Default)]
pub(crate) struct Setup {
    /// What it is called, if something stands before it.
    pub(crate) identifier: Option<String>,
    /// A `postgres://` address; a file of its own without one.
    pub(crate) database: Option<String>,
    /// What comes after `[issue]`.
    pub(crate) more: String,
}

/// It asks, and trusts itself.
pub(crate) const ASKS: &str = "[ask]\ncredential_anchors = [\"keys/root.pem\"]\n";

/// After that: it keeps a forum in which its own participants' cards sign.
pub(crate) const FORUM: &str = "[[ask.issuers]]\nanchors = \"keys/root.pem\"\ntypes = [\"IDENTIFIER/types/participant/1\"]\n\
     [forum]\ncontact = \"forum@state.example\"\n";

impl State {
    pub(crate) fn new() -> Self {
        Self::with(Setup::default())
    }

    /// One that issues, and asks, and trusts itself.
    pub(crate) fn asking() -> Self {
        Self::asking_with_types(None)
    }

    /// One that issues, asks and keeps a forum in which its own participants' cards sign.
    pub(crate) fn keeping_forum() -> Self {
        Self::with(Setup { more: format!("{ASKS}{FORUM}"), ..Setup::default() })
    }

    /// One that issues the types of a folder, and asks.
    pub(crate) fn asking_with_types(types: Option<&Path>) -> Self {
        let types = types.map(|folder| format!("types = \"{}\"\n", folder.display())).unwrap_or_default();
        Self::with(Setup { more: format!("{types}{ASKS}"), ..Setup::default() })
    }

    /// One that something stands before, which is called `identifier`.
    pub(crate) fn behind(identifier: &str) -> Self {
        Self::with(Setup { identifier: Some(identifier.to_owned()), ..Setup::default() })
    }

    /// Sets a state up: configuration, keys, database. It does not run yet.
    pub(crate) fn with(setup: Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = free_port();
        let address = format!("http://localhost:{port}");
        let identifier = setup.identifier.unwrap_or_else(|| address.clone());
        let database = setup.database.unwrap_or_else(|| "sqlite:state.sqlite".to_owned());
        let (digest, more) = (base16ct::lower::encode_string(&crypto::sha256(TOKEN.as_bytes())), setup.more);
        let more = more.replace("IDENTIFIER", &identifier);
        let text = format!(
            "name = {{ en = \"Test State\", fr = \"T\", es = \"T\", ru = \"T\", ar = \"T\", zh = \"T\" }}\n\
             organisation = \"Test State\"\ncountry = \"XZ\"\nidentifier = \"{identifier}\"\n\
             listen = \"127.0.0.1:{port}\"\ndatabase = \"{database}\"\nkeys = \"keys\"\n\
             insecure_loopback = true\n[[staff]]\nname = \"test\"\nsha256 = \"{digest}\"\n[issue]\n{more}"
        );
        let config = directory.path().join("config.toml");
        fs::write(&config, text).unwrap();
        let (directory, client) = (Arc::new(directory), reqwest::Client::new());
        let state = Self { directory, config, identifier, address, process: None, client };
        for command in [&["keys", "init"][..], &["migrate"][..]] {
            let status = state.command(command).stdout(Stdio::null()).status().unwrap();
            assert!(status.success(), "{command:?}");
        }
        state
    }

    /// Another process of the same party: its keys, its database, its configuration but for where it listens.
    pub(crate) fn twin(&self) -> Self {
        let port = free_port();
        let text = fs::read_to_string(&self.config).unwrap();
        let own: Vec<&str> = text.lines().filter(|line| !line.starts_with("listen = ")).collect();
        let config = self.directory.path().join(format!("config-{port}.toml"));
        fs::write(&config, format!("listen = \"127.0.0.1:{port}\"\n{}\n", own.join("\n"))).unwrap();
        Self {
            directory: self.directory.clone(),
            config,
            identifier: self.identifier.clone(),
            address: format!("http://localhost:{port}"),
            process: None,
            client: reqwest::Client::new(),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).arg("--config").arg(&self.config);
        command.env("SAHIHI_LOG", "warn").stdin(Stdio::null());
        command
    }

    /// Its files: the configuration, the keys, `state.sqlite`.
    pub(crate) fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// Where its rows are.
    pub(crate) fn database(&self) -> store::Config {
        let text = fs::read_to_string(&self.config).unwrap();
        let address =
            text.lines().find_map(|line| line.strip_prefix("database = ")).unwrap().trim_matches('"');
        match address.strip_prefix("sqlite:") {
            Some(file) => store::Config::Sqlite { path: self.folder().join(file) },
            None => store::Config::Postgres { url: address.to_owned() },
        }
    }

    /// The process that runs.
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    pub(crate) fn anchor(&self) -> PathBuf {
        self.directory.path().join("keys/root.pem")
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&mut self) {
        self.start_by(self.command(&["serve"])).await;
    }

    /// The same by another command than its own.
    pub(crate) async fn start_by(&mut self, mut command: Command) {
        self.process = Some(command.spawn().unwrap());
        let begun = Instant::now();
        while self.client.get(format!("{}/healthz", self.address)).send().await.is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "the state does not answer");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kill -9.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Waits for it to end, after it was told to.
    pub(crate) fn wait(&mut self) {
        let status = self.process.take().unwrap().wait().unwrap();
        assert!(status.success(), "{status}");
    }

    /// Whoever calls this process.
    pub(crate) fn caller(&self) -> Caller {
        let (at, identifier) = (self.address.clone(), self.identifier.clone());
        Caller { client: reqwest::Client::new(), at, identifier }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Somebody who calls the state. An error is the transport's: the request was not answered.
#[derive(Clone)]
pub(crate) struct Caller {
    client: reqwest::Client,
    /// Where the process listens.
    at: String,
    pub(crate) identifier: String,
}

pub(crate) type Answer = Result<(u16, Value), reqwest::Error>;

/// What is sent, byte for byte the same however often.
#[derive(Clone)]
pub(crate) struct Call {
    path: String,
    bearer: Option<String>,
    /// Media type and body; a GET without.
    body: Option<(&'static str, String)>,
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Seconds.
    pub(crate) retry_after: Option<String>,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The stable code of a refusal: `code` of ours, `error` of the protocols'.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        let code = body.get("code").or_else(|| body.get("error")).and_then(Value::as_str);
        code.unwrap_or_default().to_owned()
    }

    /// Status and code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.code())
    }
}

impl Call {
    /// Of an address of the state, whichever of its processes answers there.
    pub(crate) fn get(address: &str) -> Self {
        let path = url::Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.path().to_owned());
        Self { path, bearer: None, body: None }
    }

    pub(crate) fn staff_get(path: &str) -> Self {
        Self { bearer: Some(TOKEN.to_owned()), ..Self::get(path) }
    }

    pub(crate) fn staff_post(path: &str, body: &Value) -> Self {
        Self { bearer: Some(TOKEN.to_owned()), ..Self::json(path, body) }
    }

    pub(crate) fn json(path: &str, body: &Value) -> Self {
        Self { path: path.to_owned(), bearer: None, body: Some(("application/json", body.to_string())) }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What is sent; empty for a GET.
    pub(crate) fn body(&self) -> String {
        self.body.as_ref().map(|(_, body)| body.clone()).unwrap_or_default()
    }

    /// A form to an address of the state.
    pub(crate) fn form(address: &str, form: String) -> Self {
        Self { body: Some(("application/x-www-form-urlencoded", form)), ..Self::get(address) }
    }

    /// A file, as a program sends one that is text.
    pub(crate) fn file(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), bearer: None, body: Some(("text/plain", text.to_owned())) }
    }

    pub(crate) fn token(code: &str) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code")
            .append_pair("pre-authorized_code", code)
            .finish();
        Self::form("/token", form)
    }

    pub(crate) fn nonce() -> Self {
        Self::form("/nonce", String::new())
    }

    pub(crate) fn credential(kind: &str, access_token: &str, proofs: &[String]) -> Self {
        let body = json!({ "credential_configuration_id": kind, "proofs": { "jwt": proofs } });
        Self { bearer: Some(access_token.to_owned()), ..Self::json("/credential", &body) }
    }
}

impl Caller {
    pub(crate) async fn send(&self, call: &Call) -> Result<Reply, reqwest::Error> {
        let address = format!("{}{}", self.at, call.path);
        let mut request = match &call.body {
            None => self.client.get(address),
            Some((media_type, body)) => {
                self.client.post(address).header("content-type", *media_type).body(body.clone())
            }
        };
        if let Some(token) = &call.bearer {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        Ok(Reply { status, retry_after, text: response.text().await? })
    }

    pub(crate) async fn staff_get(&self, path: &str) -> Answer {
        self.send(&Call::staff_get(path)).await.map(|reply| (reply.status, reply.json()))
    }

    pub(crate) async fn staff_post(&self, path: &str, body: &Value) -> Answer {
        self.send(&Call::staff_post(path, body)).await.map(|reply| (reply.status, reply.json()))
    }

    pub(crate) async fn text(&self, url: &str) -> Result<String, reqwest::Error> {
        self.client.get(url).send().await?.text().await
    }
}
