//! The binary `sahihi`: command line, configuration, wiring.
//!
//! Read in this order: `config` (what a party is told), `keys` (its certificates), `serve` (how the features
//! become one server), `demo` (three parties on one machine), `client` (the staff's command line),
//! `doctor`, `backup` and `moving` (the operator's), `wallet` (the person's), `verify` (anybody's).
//!
//! Only here are the environment, files and the system's clock read, and outgoing requests made.

mod admin;
mod backup;
mod client;
mod clock;
mod config;
mod demo;
mod doctor;
mod failure;
mod files;
mod forum_cli;
mod front;
mod keys;
mod log;
mod mail;
mod moving;
mod outgoing;
mod serve;
mod texts;
mod verify;
mod wallet;

use std::{io::Write, path::PathBuf, pin::Pin, process::ExitCode};

use clap::{Parser, Subcommand};
use serde_json::{Value, json};

use crate::{config::Config, failure::Failure};

/// A server makes and drops many small things on several threads: a tenth of a presentation's work was the system's
/// allocator. See docs/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Digital identity, wallet and proofs in one binary.
#[derive(Debug, Parser)]
#[command(name = "sahihi", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a party's server.
    Serve {
        /// Its configuration.
        #[arg(long)]
        config: PathBuf,
        /// Stop when standard input ends: for a process that starts this one.
        #[arg(long, hide = true)]
        until_input_ends: bool,
    },
    /// Bring a party's database to the form that this binary needs.
    Migrate {
        /// Its configuration.
        #[arg(long)]
        config: PathBuf,
    },
    /// Make or list a party's keys and certificates.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// What whoever operates a party does: let the first administrator in.
    Admin {
        #[command(subcommand)]
        command: admin::AdminCommand,
    },
    /// Run a state and a service of a made-up country on this machine.
    Demo(demo::DemoArgs),
    /// Register people, offer credentials, suspend and revoke them.
    Staff(client::StaffArgs),
    /// Ask people for proofs, and see what came of it.
    Ask(client::AskArgs),
    /// The secretariat of a forum: circulars, calls, publications; and exports of calls, for anybody.
    Forum(forum_cli::ForumArgs),
    /// A person's wallet.
    Wallet(wallet::Args),
    /// Check a credential, a status list, evidence, a receipt, a proof or an exported call, without any server.
    Verify(verify::Args),
    /// Copy an installation to a folder while it runs.
    Backup(backup::BackupArgs),
    /// Bring a copy back, into an empty database.
    Restore(backup::restore::RestoreArgs),
    /// Move an installation to another database.
    Move(moving::MoveArgs),
    /// Check a log, follow it, check what it gave out.
    Log {
        #[command(subcommand)]
        command: log::LogCommand,
    },
    /// Look whether an installation is as it should be, and say how to mend it; or print what it is limited to.
    Doctor(doctor::DoctorArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            // The runtime has three loops that drive a future: behind a pointer it is compiled once, not three times.
            let running: Pin<Box<dyn Future<Output = ExitCode>>> = Box::pin(run(arguments.command));
            runtime.block_on(running)
        }
        Err(error) => report(Err(error.into())),
    }
}

async fn run(command: Command) -> ExitCode {
    let done = |()| Value::Null;
    let result = match command {
        Command::Serve { config, until_input_ends } => serve::run(&config, until_input_ends).await.map(done),
        Command::Migrate { config } => migrate(&config).await,
        Command::Keys { command } => command.run(),
        Command::Admin { command } => command.run().await,
        Command::Demo(args) => args.run().await.map(done),
        Command::Staff(args) => args.run().await,
        Command::Ask(args) => args.run().await,
        Command::Forum(args) => args.run().await,
        Command::Wallet(args) => return wallet::run(args).await,
        Command::Verify(args) => return verify::run(args),
        Command::Backup(args) => args.run().await,
        Command::Restore(args) => args.run().await,
        Command::Move(args) => args.run().await,
        Command::Log { command } => command.run().await,
        Command::Doctor(args) => return args.run().await,
    };
    report(result)
}

async fn migrate(file: &std::path::Path) -> Result<Value, Failure> {
    let applied = serve::migrate(&Config::read(file)?).await?;
    Ok(json!({ "applied": applied }))
}

fn limits() -> Value {
    base::limits::ALL.iter().map(|l| json!({ "name": l.name, "value": l.value, "what": l.what })).collect()
}

/// Writes to standard output. Whoever reads it may have read enough and gone: that is no fault of ours.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what a command says: a result to standard output, a failure to standard error.
fn report(result: Result<Value, Failure>) -> ExitCode {
    match result {
        Ok(Value::Null) => ExitCode::SUCCESS,
        Ok(value) => {
            say(&format!("{value:#}\n"));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("sahihi: {failure}");
            ExitCode::FAILURE
        }
    }
}
