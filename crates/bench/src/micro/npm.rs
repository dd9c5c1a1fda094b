//! `@sd-jwt/core` of the npm registry, in a Node process of its own: see `judges/bench.mjs`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use crypto::Signer as _;
use formats::{b64, jwk::Jwk, vp::VpToken};
use serde_json::{Value, json};

use super::{
    cpu::Turn,
    parties::{NOW, Parties, STATUS_URI, VCT, request},
};
use crate::row::Failure;

/// What it is to do over and over.
pub(crate) struct Task(Value);

impl Task {
    /// Issuing the same claims.
    pub(crate) fn issue(parties: &Parties) -> Result<Self, Failure> {
        let mut claims = Value::Object(parties.claims.clone());
        let holder = parties.holders.first().ok_or_else(|| Failure::new("no holder"))?;
        let protocol = json!({
            "vct": VCT, "iat": NOW.secs(), "nbf": NOW.secs(), "exp": NOW.secs() + 86_400,
            "cnf": { "jwk": Jwk::from(holder.public_key()).to_value() },
            "status": { "status_list": { "uri": STATUS_URI, "idx": 7 } },
        });
        if let (Value::Object(claims), Value::Object(protocol)) = (&mut claims, protocol) {
            claims.extend(protocol);
        }
        let mut key = Jwk::from(parties.issuer.signer.public_key()).to_value();
        if let Some(key) = key.as_object_mut() {
            key.insert("d".to_owned(), b64::encode(&parties.issuer_key).into());
        }
        let disclosable: Vec<&str> = parties.disclosable.iter().filter_map(|path| path.first_key()).collect();
        Ok(Self(json!({
            "do": "issue", "claims": claims, "disclosable": disclosable, "key": key,
            "header": { "typ": "dc+sd-jwt", "x5c": parties.issuer.x5c() },
        })))
    }

    /// Verifying the same presentations.
    pub(crate) fn verify(parties: &Parties, answers: &[VpToken]) -> Result<Self, Failure> {
        let texts: Vec<&String> =
            answers.iter().flat_map(|answer| answer.presentations().values().flatten()).collect();
        Ok(Self(json!({
            "do": "verify", "presentations": texts, "nonce": request()?.nonce, "now": NOW.secs(),
            "key": Jwk::from(parties.issuer.signer.public_key()).to_value(),
        })))
    }
}

/// The process. It ends when it is dropped.
pub(crate) struct Npm {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Npm {
    /// Starts it with a task.
    pub(crate) fn start(task: &Task) -> Result<Self, Failure> {
        let judges = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../judges");
        if !judges.join("node_modules/@sd-jwt/core").exists() {
            let done = Command::new("npm").args(["ci", "--silent"]).current_dir(&judges).status()?;
            if !done.success() {
                return Err(Failure::new("npm could not install what judges/package-lock.json names"));
            }
        }
        let mut child = Command::new("node")
            .arg("bench.mjs")
            .current_dir(&judges)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(to), Some(from)) = pipes else { return Err(Failure::new("node has no pipes")) };
        let mut npm = Self { child, to, from: BufReader::new(from) };
        writeln!(npm.to, "{}", task.0)?;
        Ok(npm)
    }
}

impl Turn for Npm {
    fn run(&mut self, n: u32) -> Result<Duration, Failure> {
        writeln!(self.to, "{n}")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let answer: Value =
            serde_json::from_str(&line).map_err(|_| Failure::new(format!("node says: {line}")))?;
        let rate = answer.get("operations_per_cpu_second").and_then(Value::as_f64);
        let rate =
            rate.filter(|rate| *rate > 0.0).ok_or_else(|| Failure::new(format!("node says: {line}")))?;
        Ok(Duration::from_secs_f64(f64::from(n) / rate))
    }
}

impl Drop for Npm {
    fn drop(&mut self) {
        // Nothing is lost if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
