//! The command-line wallet: drives the flows of the crate `wallet`.
//!
//! Read in this order: this file (commands and results), [`drive`] (carrying out a flow's steps), [`screen`] (what the
//! person sees), [`refresh`] (cards that are fetched again), [`texts`] (in six languages), [`home`] (files), [`net`] (requests).

mod drive;
mod home;
mod net;
mod refresh;
mod screen;
mod texts;

use std::{fs, io::Read, path::PathBuf, process::ExitCode};

use ::wallet::{
    Card, CardId, Entry,
    contents::{Renewal, Trust, What},
};
use base::{Clock, Lang};
use clap::Subcommand;
use formats::x509::TrustAnchors;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use self::{home::Home, screen::Screen};
use crate::{Failure, clock::SystemClock};

/// The environment variable that may hold the passphrase.
const PASSPHRASE: &str = "SAHIHI_WALLET_PASSPHRASE";
/// How long a passphrase may be, bytes.
const PASSPHRASE_BYTES_MAX: u64 = 1_024;

/// A person's wallet.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder that the wallet is in.
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
    /// A file with the passphrase; otherwise `SAHIHI_WALLET_PASSPHRASE`, otherwise it is asked for.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long, global = true)]
    json: bool,
    /// Allow http to this machine: demonstrations and tests only.
    #[arg(long, global = true)]
    insecure_loopback: bool,
    /// ar, zh, en, fr, ru or es.
    #[arg(long, global = true, default_value = "en")]
    lang: Lang,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an empty wallet.
    Init(TrustArgs),
    /// Trust more issuers and askers.
    Trust(TrustArgs),
    /// Accept an offer.
    Accept {
        /// The offer's link.
        offer: String,
        /// The transaction code that the issuer gave.
        #[arg(long)]
        tx_code: Option<String>,
        /// Accept without a question.
        #[arg(long)]
        yes: bool,
    },
    /// Fetch documents again, as they now are, with new copies.
    Refresh {
        /// Which; otherwise all that can be fetched again and expire within 14 days or have few copies left.
        id: Option<CardId>,
    },
    /// List the documents.
    List,
    /// Show a document, to its holder alone.
    Show {
        /// Its id.
        id: CardId,
    },
    /// Answer a request, after showing who asks for what and why.
    Answer {
        /// The request's link.
        link: String,
        /// Answer without a question; not if it is not certain who asks.
        #[arg(long)]
        yes: bool,
        /// Which document to show for which query, if there are several; again, where several may answer one query.
        #[arg(long, value_name = "QUERY=ID", value_parser = card_choice)]
        card: Vec<(String, CardId)>,
    },
    /// What was accepted, shown and refused.
    History,
}

#[derive(Debug, clap::Args)]
struct TrustArgs {
    /// A PEM file with the anchors of issuers.
    #[arg(long, value_name = "PEM")]
    trust_issuers: Vec<PathBuf>,
    /// A PEM file with the anchors of askers.
    #[arg(long, value_name = "PEM")]
    trust_askers: Vec<PathBuf>,
}

fn card_choice(text: &str) -> Result<(String, CardId), String> {
    let (query, id) = text.split_once('=').ok_or("write QUERY=ID")?;
    Ok((query.to_owned(), id.parse().map_err(|e: base::id::NotAnId| e.to_string())?))
}

/// Runs a command: a result on standard output, the person's screen there too unless it is for a program.
pub(crate) async fn run(args: Args) -> ExitCode {
    let json_wanted = args.json;
    match execute(args).await {
        Ok(mut result) => {
            if json_wanted {
                if let Some(members) = result.as_object_mut() {
                    members.insert("ok".to_owned(), true.into());
                }
                crate::say(&format!("{result}\n"));
            }
            ExitCode::SUCCESS
        }
        Err(Failure { code, detail }) => {
            if json_wanted {
                crate::say(&format!("{}\n", json!({ "ok": false, "error": code, "detail": detail })));
            } else {
                eprintln!("{detail} ({code})");
            }
            ExitCode::FAILURE
        }
    }
}

async fn execute(args: Args) -> Result<Value, Failure> {
    let screen = Screen { lang: args.lang, json: args.json };
    let creating = matches!(args.command, Command::Init(_));
    let passphrase = passphrase(args.passphrase_file.as_deref(), creating)?;
    if let Command::Init(trust) = args.command {
        Home::create(&args.home, passphrase.as_bytes(), trust.read()?)?;
        screen.plain(texts::READY.get(screen.lang));
        return Ok(json!({}));
    }
    let mut home = Home::open(&args.home, passphrase.as_bytes())?;
    drop(passphrase);
    match args.command {
        Command::Init(_) => Ok(json!({})),
        Command::Trust(trust) => {
            home.trust(trust.read()?)?;
            screen.plain(texts::READY.get(screen.lang));
            Ok(json!({}))
        }
        Command::Accept { offer, tx_code, yes } => {
            let driver = drive::Driver::new(screen, args.insecure_loopback, yes)?;
            let ids = driver.accept(&mut home, &offer, tx_code.map(Zeroizing::new)).await?;
            let cards: Vec<&Card> = ids.iter().filter_map(|id| home.wallet().card(*id)).collect();
            for card in &cards {
                let values = [
                    ("card", name(card, screen.lang)),
                    ("issuer", &card.issuer.name),
                    ("id", &card.id.to_string()),
                ];
                screen.say(texts::KEPT, &values);
            }
            Ok(
                json!({ "credentials": cards.into_iter().map(|card| summary(card, screen.lang)).collect::<Value>() }),
            )
        }
        Command::Refresh { id } => {
            let driver = drive::Driver::new(screen, args.insecure_loopback, true)?;
            refresh::run(&mut home, &driver, id, screen).await
        }
        Command::List => Ok(list(&home, screen)),
        Command::Show { id } => show(&home, id, screen),
        Command::Answer { link, yes, card } => {
            let driver = drive::Driver::new(screen, args.insecure_loopback, yes)?;
            let mut cards = drive::Cards::new();
            for (query, id) in card {
                cards.entry(query).or_default().push(id);
            }
            let answered = driver.answer(&mut home, &link, cards).await?;
            screen.say(texts::SENT, &[("name", &answered.asker.name)]);
            if let Some(address) = &answered.redirect_uri {
                screen.plain(&texts::CONTINUE.with(screen.lang, &[("address", &screen::visible(address))]));
            }
            let asker = json!({
                "name": answered.asker.name,
                "client_id": answered.asker.client_id,
                "verified": answered.asker.verified,
            });
            Ok(json!({ "asker": asker, "redirect_uri": answered.redirect_uri }))
        }
        Command::History => Ok(history(&home, screen)),
    }
}

impl TrustArgs {
    /// Reads the files; a file that is no anchor is refused here, not when it is needed.
    fn read(&self) -> Result<Trust, Failure> {
        let all = |files: &[PathBuf]| {
            let read = |file: &PathBuf| {
                let text = fs::read_to_string(file)
                    .map_err(|e| Failure::new("anchors_unreadable", format!("{}: {e}", file.display())))?;
                TrustAnchors::from_pem(&text)
                    .map_err(|e| Failure::new("anchors_invalid", format!("{}: {e}", file.display())))?;
                Ok(text)
            };
            files.iter().map(read).collect::<Result<Vec<_>, Failure>>()
        };
        Ok(Trust { issuers: all(&self.trust_issuers)?, askers: all(&self.trust_askers)? })
    }
}

/// The passphrase: from the file, the environment, or the person, who types a new one twice.
fn passphrase(file: Option<&std::path::Path>, creating: bool) -> Result<Zeroizing<String>, Failure> {
    let text = if let Some(file) = file {
        let mut text = Zeroizing::new(String::new());
        fs::File::open(file)
            .and_then(|opened| opened.take(PASSPHRASE_BYTES_MAX).read_to_string(&mut text))
            .map_err(|e| Failure::new("passphrase_unreadable", format!("{}: {e}", file.display())))?;
        Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())
    } else if let Ok(text) = std::env::var(PASSPHRASE) {
        Zeroizing::new(text)
    } else {
        let prompt = |words: &str| rpassword::prompt_password(words).map(Zeroizing::new);
        let unread = |e: std::io::Error| {
            let hint = format!("give a --passphrase-file, or set {PASSPHRASE}");
            Failure::new(
                "passphrase_unreadable",
                format!("no terminal to ask for the passphrase ({e}): {hint}"),
            )
        };
        let text = prompt("Passphrase: ").map_err(unread)?;
        if creating && *prompt("Once more: ").map_err(unread)? != *text {
            return Err(Failure::new("passphrase_differs", "the two passphrases differ"));
        }
        text
    };
    if text.is_empty() {
        Err(Failure::new("passphrase_empty", "a wallet needs a passphrase"))
    } else {
        Ok(text)
    }
}

fn name(card: &Card, lang: Lang) -> &str {
    card.look.names.get(lang).unwrap_or(&card.vct)
}

fn summary(card: &Card, lang: Lang) -> Value {
    json!({
        "id": card.id,
        "vct": card.vct,
        "name": name(card, lang),
        "issuer": card.issuer.name,
        "credential_issuer": card.credential_issuer,
        "accepted_at": card.accepted_at.rfc3339(),
        "expires_at": card.expires_at.map(base::Instant::rfc3339),
        "copies": card.copies.len(),
        "copies_left": card.copies_left(),
        "refreshable": card.refresh.is_some(),
        "renewal": card.renewal(SystemClock.now()).map(Renewal::code),
    })
}

fn list(home: &Home, screen: Screen) -> Value {
    let cards = &home.wallet().cards;
    for card in cards {
        screen.plain(&format!("{}  {}", card.id, screen::harmless(name(card, screen.lang))));
        screen.say(texts::ISSUED_BY, &[("issuer", &card.issuer.name)]);
        let (left, all) = (card.copies_left().to_string(), card.copies.len().to_string());
        screen.say(texts::COPIES, &[("left", &left), ("all", &all)]);
        let line = match card.renewal(SystemClock.now()) {
            None => continue,
            Some(Renewal::Expired) => texts::EXPIRED,
            Some(_) if card.refresh.is_some() => texts::REFRESH_DUE,
            Some(Renewal::ExpiresSoon) => texts::EXPIRES_SOON,
            Some(Renewal::FewCopies) => texts::FEW_COPIES,
        };
        let date = card.expires_at.map(base::Instant::date).unwrap_or_default();
        screen.say(line, &[("date", &date), ("issuer", &card.issuer.name)]);
    }
    if cards.is_empty() {
        screen.plain(texts::EMPTY.get(screen.lang));
    }
    json!({ "credentials": cards.iter().map(|card| summary(card, screen.lang)).collect::<Value>() })
}

fn show(home: &Home, id: CardId, screen: Screen) -> Result<Value, Failure> {
    let card =
        home.wallet().card(id).ok_or(Failure::new("card_absent", "the wallet has no such document"))?;
    let facts = card.facts().ok_or(Failure::new("card_unreadable", "the document cannot be read"))?;
    screen.plain(&screen::harmless(name(card, screen.lang)));
    screen.say(texts::ISSUED_BY, &[("issuer", &card.issuer.name)]);
    if let Some(at) = card.expires_at {
        screen.say(texts::VALID_UNTIL, &[("date", &at.date())]);
    }
    let mut ordered: Vec<(&String, &Value)> = facts.iter().collect();
    ordered.sort_by_key(|(claim, _)| card.look.place(claim));
    for (claim, value) in ordered {
        screen.fact(card.look.label(claim, screen.lang), value);
    }
    let labels: Value =
        facts.keys().map(|claim| (claim.clone(), Value::from(card.look.label(claim, screen.lang)))).collect();
    let mut credential = summary(card, screen.lang);
    if let Some(members) = credential.as_object_mut() {
        members.insert("claims".to_owned(), Value::Object(facts));
        members.insert("labels".to_owned(), labels);
    }
    Ok(json!({ "credential": credential }))
}

fn history(home: &Home, screen: Screen) -> Value {
    for entry in &home.wallet().history {
        screen.plain(&line(home, entry, screen));
    }
    json!({ "history": home.wallet().history.iter().map(view).collect::<Value>() })
}

fn view(entry: &Entry) -> Value {
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.insert("at".to_owned(), entry.at.rfc3339().into());
    }
    value
}

fn line(home: &Home, entry: &Entry, screen: Screen) -> String {
    let lang = screen.lang;
    let clean = screen::harmless;
    let what = match &entry.what {
        What::Accepted { issuer, .. } => texts::HISTORY_ACCEPTED.with(lang, &[("name", &clean(issuer))]),
        What::Refreshed { issuer, .. } => texts::HISTORY_REFRESHED.with(lang, &[("name", &clean(issuer))]),
        What::RefreshRefused { card, reason } => {
            let name = home.wallet().card(*card).map(|card| clean(&card.issuer.name)).unwrap_or_default();
            texts::HISTORY_REFRESH_REFUSED.with(lang, &[("name", &name), ("reason", reason)])
        }
        What::OfferRefused { credential_issuer, reason } => texts::HISTORY_OFFER_REFUSED
            .with(lang, &[("name", &clean(credential_issuer)), ("reason", reason)]),
        What::Shown { asker, cards, .. } => {
            let labels = cards.iter().flat_map(|shown| {
                let look = home.wallet().card(shown.card).map(|card| &card.look);
                shown
                    .claims
                    .iter()
                    .map(move |claim| look.map_or(claim.as_str(), |look| look.label(claim, lang)))
            });
            let claims = screen.labels(labels);
            texts::HISTORY_SHOWN.with(lang, &[("name", &clean(&asker.name)), ("claims", &clean(&claims))])
        }
        What::RequestRefused { asker, reason } => {
            texts::HISTORY_REFUSED.with(lang, &[("name", &clean(&asker.name)), ("reason", reason)])
        }
    };
    format!("{}  {what}", entry.at.rfc3339())
}
