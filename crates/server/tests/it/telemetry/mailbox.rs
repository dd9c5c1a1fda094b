//! A mail server that others wrote, and what it was sent: see judges/python/README.md.

#[path = "../../../../../judges/python/environment.rs"]
mod environment;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use self::environment::{PYTHON, root};

pub(super) struct Mailbox {
    process: Child,
    said: BufReader<ChildStdout>,
    pub(super) port: u16,
}

impl Mailbox {
    /// On a port that the system chooses.
    pub(super) fn start() -> Self {
        let mut command = Command::new(&*PYTHON);
        command.arg(root().join("judges/python/mail_judge.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut mailbox = Self { process, said, port: 0 };
        mailbox.port = mailbox.next()["port"].as_u64().unwrap().try_into().unwrap();
        mailbox
    }

    /// The next message that it took.
    pub(super) fn next(&mut self) -> Value {
        let mut line = String::new();
        tokio::task::block_in_place(|| self.said.read_line(&mut line)).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
