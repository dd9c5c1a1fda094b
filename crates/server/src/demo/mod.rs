//! `sahihi demo`: parties that share no memory and no table, each a process of its own with its own
//! configuration and its own database, and a made-up country's register.
//!
//! Read in this order: this file (set up, start, stop), [`parties`] (who they are and what each is told), [`people`] (who
//! lives there), [`ott`] (what the secretariat asked and what it was answered), [`secretariat`] (how that is entered),
//! [`history`] (who signed then), [`mailbox`] (where mail goes),
//! [`once`] (the whole life, without a question).

mod history;
mod mailbox;
mod once;
mod ott;
mod parties;
mod people;
mod secretariat;
mod visitor;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant as Moment},
};

use clap::Args;
use tokio::process::{Child, ChildStdin, Command};

use self::{
    mailbox::{Folder, Mailbox},
    parties::Party,
};
use crate::{
    Failure,
    config::Config,
    files,
    outgoing::{Message, Outgoing, Reach},
    serve,
};

/// How long the parties may take to answer first.
const START: Duration = Duration::from_secs(30);

/// The folder of mail that was sent.
const MAIL: &str = "mail";

/// `sahihi demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Run the whole life once, without a question, and stop.
    #[arg(long)]
    once: bool,
    /// With `--once`: one JSON object a line.
    #[arg(long, requires = "once")]
    json: bool,
    /// Where the parties keep their files [default: demo-data; with `--once`: a folder that is deleted afterwards].
    #[arg(long)]
    data: Option<PathBuf>,
    /// The state listens on this port; the service on the second after it, the secretariat on the third.
    #[arg(long, default_value_t = 8_000, value_parser = clap::value_parser!(u16).range(1..=65_000))]
    port: u16,
}

/// The parties, set up.
struct Country {
    data: PathBuf,
    state: Party,
    service: Party,
    secretariat: Party,
    mail: Folder,
    _lock: fs::File,
}

impl Country {
    fn parties(&self) -> [&Party; 3] {
        [&self.state, &self.service, &self.secretariat]
    }
}

impl DemoArgs {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let mut stop = serve::Stop::listen()?;
        let scratch = (self.once && self.data.is_none()).then(files::Scratch::new).transpose()?;
        let data = match &scratch {
            Some(scratch) => scratch.path().to_owned(),
            None => self.data.clone().unwrap_or_else(|| PathBuf::from("demo-data")),
        };
        let (country, mailbox) = set_up(&data, self.port).await?;
        // Ends when it is dropped.
        let _taking = mailbox.take_in();
        let stopped = || Failure::new("stopped", "stopped before the end");
        let Some(mut running) = Running::start(&country, &mut stop).await? else {
            return if self.once { Err(stopped()) } else { Ok(()) };
        };
        let result = if self.once {
            tokio::select! {
                () = stop.told() => Err(stopped()),
                result = once::run(&country, self.json) => result,
            }
        } else {
            crate::say(&what_to_try(&country)?);
            tokio::select! {
                () = stop.told() => Ok(()),
                failure = running.ended() => Err(failure),
            }
        };
        running.stop().await?;
        result
    }
}

async fn set_up(data: &Path, port: u16) -> Result<(Country, Mailbox), Failure> {
    fs::create_dir_all(data)?;
    let data = fs::canonicalize(data)?;
    let lock = files::lock(&data.join("lock"))?
        .ok_or_else(|| Failure::new("in_use", format!("another demonstration runs in {}", data.display())))?;
    let mailbox = Mailbox::open(data.join(MAIL)).await?;
    let state = parties::state(&data, port)?;
    let service = parties::service(&data, port)?;
    let secretariat = with_past(&data, port, mailbox.address()).await?;
    let country = Country { data, state, service, secretariat, mail: mailbox.folder(), _lock: lock };
    for party in country.parties() {
        serve::migrate(&Config::read(&party.config())?).await?;
    }
    let register = serve::register(&Config::read(&country.state.config())?).await?;
    if register.count().await? == 0 {
        let actor = web::Actor::system("demonstration");
        let registered = register.register_all(&actor, people::people()).await;
        registered.map_err(|e| Failure::new("demonstration", e.to_string()))?;
    }
    Ok((country, mailbox))
}

/// The secretariat, with its past.
async fn with_past(data: &Path, port: u16, smtp: &str) -> Result<Party, Failure> {
    let then = secretariat::keys_made()?;
    let set_up = || parties::secretariat(data, port, smtp, then);
    if !secretariat::is_done(&data.join(parties::SECRETARIAT_NAME), &parties::secretariat_address(port))? {
        secretariat::enter(&set_up()?.config()).await?;
    }
    set_up()
}

/// The processes of the parties. When this is dropped, their standard input closes and they stop.
struct Running(Vec<(&'static str, Child, Option<ChildStdin>)>);

impl Running {
    /// Starts every party and waits until they answer; `None` if told to stop before.
    async fn start(country: &Country, stop: &mut serve::Stop) -> Result<Option<Self>, Failure> {
        let program = std::env::current_exe()?;
        let mut running = Self(Vec::new());
        for party in country.parties() {
            let mut child = Command::new(&program)
                .args(["serve", "--until-input-ends", "--config"])
                .arg(party.config())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .kill_on_drop(true)
                .spawn()?;
            // Waiting for a child closes the input that it holds, so that is kept beside it.
            let input = child.stdin.take();
            running.0.push((party.name, child, input));
        }
        let outgoing = Outgoing::new(Reach { loopback: true, ..Reach::default() })?;
        let begun = Moment::now();
        for party in country.parties() {
            let address = format!("{}/healthz", party.identifier);
            loop {
                if let Some(failure) = running.ended_already()? {
                    return Err(failure);
                }
                if outgoing.send(&address, Message::default(), 1_000).await.is_ok_and(|a| a.status == 200) {
                    break;
                }
                if begun.elapsed() > START {
                    return Err(Failure::new("start", format!("the {} does not answer", party.name)));
                }
                tokio::select! {
                    () = stop.told() => return running.stop().await.map(|()| None),
                    () = tokio::time::sleep(Duration::from_millis(20)) => {}
                }
            }
        }
        // Somebody else on the port would have answered too; ours would have ended by now.
        match running.ended_already()? {
            Some(failure) => Err(failure),
            None => Ok(Some(running)),
        }
    }

    fn ended_already(&mut self) -> Result<Option<Failure>, Failure> {
        for (name, child, _) in &mut self.0 {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(ended(name, status)));
            }
        }
        Ok(None)
    }

    /// Waits until a party ends by itself, which it should not.
    async fn ended(&mut self) -> Failure {
        let waits = self.0.iter_mut().map(|(name, child, _)| {
            Box::pin(async move {
                match child.wait().await {
                    Ok(status) => ended(name, status),
                    Err(e) => e.into(),
                }
            })
        });
        futures_util::future::select_all(waits).await.0
    }

    /// Asks every party to stop and waits for it.
    async fn stop(mut self) -> Result<(), Failure> {
        for (_, _, input) in &mut self.0 {
            drop(input.take());
        }
        for (name, child, _) in &mut self.0 {
            match tokio::time::timeout(START, child.wait()).await {
                Ok(status) => drop(status?),
                Err(_) => return Err(Failure::new("stop", format!("the {name} does not stop"))),
            }
        }
        Ok(())
    }
}

fn ended(name: &str, status: std::process::ExitStatus) -> Failure {
    Failure::new("party_ended", format!("the {name} ended by itself: {status}; its reason stands above"))
}

fn what_to_try(country: &Country) -> Result<String, Failure> {
    let program = shown(&std::env::current_exe()?);
    let purpose = country.data.join("purpose.json");
    files::write(&purpose, once::purpose().to_string().as_bytes())?;
    let wallet =
        format!("{program} wallet --insecure-loopback --home {}", shown(&country.data.join("wallet")));
    let client = |name: &str, party: &Party| {
        format!("{program} {name} --at {} --token-file {}", party.identifier, shown(&party.token_file()))
    };
    let (staff, ask) = (client("staff", &country.state), client("ask", &country.service));
    Ok(format!(
        "\nThe state of a made-up country is at {state}, a clinic at {service}, the secretariat of a forum at {forum}.\n\
         {people} made-up people are registered, {answers} made-up answers were given. Try, in another terminal:\n\n\
         1. As the clerk, find a person, and offer her an identity card:\n   {staff} search --name amaru\n   \
         {staff} offer --person per_… --type pid\n\n\
         2. As the person, make a wallet and accept the offer (its link, its transaction code):\n   \
         {wallet} init {trusts}\n   \
         {wallet} accept 'openid-credential-offer://…' --tx-code …\n   {wallet} list\n\n\
         3. As the clinic, ask for two facts; as the person, answer; as the clinic, look at the result:\n   \
         {ask} for --vct urn:eudi:pid:1 --purpose {purpose} family_name birthdate\n   \
         {wallet} answer 'openid4vp://…'\n   {ask} result ask_…\n\n\
         4. As the clerk, suspend the card, and ask again:\n   {staff} suspend cred_… --reason 'reported lost'\n\n\
         5. Read what was asked in 2017, and what came of it, in six languages:\n   \
         {forum}/calls/{ott}\n\n\
         6. Take part in a consultation that is open: {forum}/calls/{open}/answer\n   \
         With the wallet: the page gives you a participant card; its links go to `accept` and `answer` as above.\n   \
         Without one: give any mail address. Mail is delivered to {mail} alone.\n\n\
         7. As the secretariat: open the link of this, sign in with the wallet, and go to {forum}/desk;\n   \
         those on its list of addressees were told of the open consultation: see {mail}\n   \
         {program} admin invite --config {secretariat} --role secretary\n\n\
         8. Check all of 2017 without any server, and that the log goes on as it was:\n   \
         curl -s {forum}/calls/{ott}/export.tar | tar -x --one-top-level=ott\n   \
         {program} verify ott --key \"$(curl -s {forum}/log/key)\"\n   \
         {program} log audit {forum}/log --state ott-log.json\n\n\
         Or watch the whole life at once: {program} demo --once --port {port}\n\
         This runs until it is interrupted.\n\n",
        state = country.state.identifier,
        service = country.service.identifier,
        forum = country.secretariat.identifier,
        people = people::PEOPLE,
        answers = ott::answers::COUNT,
        trusts = trusts(country),
        purpose = shown(&purpose),
        ott = ott::CALL,
        open = ott::second::CALL,
        mail = shown(&country.data.join(MAIL)),
        secretariat = shown(&country.secretariat.config()),
        port = 8_100,
    ))
}

/// Whom a person's wallet trusts here.
fn trusts(country: &Country) -> String {
    let [state, service, secretariat] = country.parties().map(|party| shown(&party.anchor()));
    format!(
        "--trust-issuers {state} --trust-issuers {secretariat} \
         --trust-askers {state} --trust-askers {service} --trust-askers {secretariat}"
    )
}

/// A path as short as it can be typed here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.and_then(|here| path.strip_prefix(here).ok());
    short.unwrap_or(path).display().to_string()
}
