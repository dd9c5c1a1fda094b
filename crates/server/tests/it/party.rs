//! One party as a process: its files in a folder of its own, its port chosen by the system.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sahihi");
pub(crate) const TOKEN: &str = "token of a test";

/// A state: its register, its issuer.
pub(crate) struct State {
    directory: tempfile::TempDir,
    pub(crate) identifier: String,
    /// Where it listens: its identifier, unless something stands before it.
    pub(crate) address: String,
    process: Option<Child>,
    client: reqwest::Client,
}

impl State {
    /// Sets a state up: configuration, keys, database. It does not run yet.
    pub(crate) fn new() -> Self {
        Self::make(None, "")
    }

    /// One that also asks, and trusts itself.
    pub(crate) fn asking() -> Self {
        Self::asking_with_types(None)
    }

    /// One that issues the types of a folder, and asks.
    pub(crate) fn asking_with_types(types: Option<&Path>) -> Self {
        let types = types.map(|folder| format!("types = \"{}\"\n", folder.display())).unwrap_or_default();
        Self::make(None, &format!("{types}[ask]\ncredential_anchors = [\"keys/root.pem\"]\n"))
    }

    /// One that something stands before, which is called `identifier`.
    pub(crate) fn behind(identifier: &str) -> Self {
        Self::make(Some(identifier.to_owned()), "")
    }

    fn make(identifier: Option<String>, more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("http://localhost:{port}");
        let identifier = identifier.unwrap_or_else(|| address.clone());
        let digest = base16ct::lower::encode_string(&crypto::sha256(TOKEN.as_bytes()));
        let config = format!(
            "name = {{ en = \"Test State\", fr = \"T\", es = \"T\", ru = \"T\", ar = \"T\", zh = \"T\" }}\n\
             organisation = \"Test State\"\ncountry = \"XZ\"\nidentifier = \"{identifier}\"\n\
             listen = \"127.0.0.1:{port}\"\ndatabase = \"sqlite:state.sqlite\"\nkeys = \"keys\"\n\
             insecure_loopback = true\n[[staff]]\nname = \"test\"\nsha256 = \"{digest}\"\n[issue]\n{more}"
        );
        fs::write(directory.path().join("config.toml"), config).unwrap();
        let state = Self { directory, identifier, address, process: None, client: reqwest::Client::new() };
        for command in [&["keys", "init"][..], &["migrate"][..]] {
            let status = state.command(command).stdout(Stdio::null()).status().unwrap();
            assert!(status.success(), "{command:?}");
        }
        state
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).arg("--config").arg(self.directory.path().join("config.toml"));
        command.env("SAHIHI_LOG", "warn").stdin(Stdio::null());
        command
    }

    pub(crate) fn anchor(&self) -> PathBuf {
        self.directory.path().join("keys/root.pem")
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&mut self) {
        self.process = Some(self.command(&["serve"]).spawn().unwrap());
        let begun = Instant::now();
        while self.client.get(format!("{}/healthz", self.address)).send().await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the state does not answer");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kill -9.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller { client: reqwest::Client::new(), identifier: self.identifier.clone() }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

/// Somebody who calls the state. An error is the transport's: the request was not answered.
#[derive(Clone)]
pub(crate) struct Caller {
    client: reqwest::Client,
    pub(crate) identifier: String,
}

pub(crate) type Answer = Result<(u16, Value), reqwest::Error>;

impl Caller {
    async fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    pub(crate) async fn staff_get(&self, path: &str) -> Answer {
        self.answer(self.client.get(format!("{}{path}", self.identifier)).bearer_auth(TOKEN)).await
    }

    pub(crate) async fn staff_post(&self, path: &str, body: &Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.identifier)).bearer_auth(TOKEN);
        self.json(request, body).await
    }

    async fn json(&self, request: reqwest::RequestBuilder, body: &Value) -> Answer {
        self.answer(request.header("content-type", "application/json").body(body.to_string())).await
    }

    pub(crate) async fn token(&self, code: &str) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code")
            .append_pair("pre-authorized_code", code)
            .finish();
        let request = self.client.post(format!("{}/token", self.identifier));
        self.answer(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    pub(crate) async fn nonce(&self) -> Answer {
        self.answer(self.client.post(format!("{}/nonce", self.identifier))).await
    }

    pub(crate) async fn credential(&self, access_token: &str, proof: &str) -> Answer {
        let body = json!({ "credential_configuration_id": "pid", "proofs": { "jwt": [proof] } });
        let request = self.client.post(format!("{}/credential", self.identifier)).bearer_auth(access_token);
        self.json(request, &body).await
    }

    pub(crate) async fn text(&self, url: &str) -> Result<String, reqwest::Error> {
        self.client.get(url).send().await?.text().await
    }
}
