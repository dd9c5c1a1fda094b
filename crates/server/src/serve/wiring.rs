//! How the features become one router: the only place where they meet.

use std::{collections::BTreeSet, fs, path::Path, pin::Pin, sync::Arc};

use base::{Clock, limits::STATUS_LIST_TOKEN_BYTES_MAX};
use crypto::{Random, SystemRandom};
use identity::{PersonId, Register};
use serde_json::json;
use store::{Migration, Store, Tx};
use web::{Routes, StaffTokens};

use crate::{
    Failure,
    clock::{self, SystemClock},
    config::{AskConfig, Config},
    front, keys,
    outgoing::{Message, Outgoing},
};

use super::{pages, secretariat};

/// The migrations of every feature, in the order in which they are applied.
pub(crate) fn migrations() -> Vec<Migration> {
    [
        identity::MIGRATIONS,
        issue::MIGRATIONS,
        ask::MIGRATIONS,
        web::MIGRATIONS,
        log::MIGRATIONS,
        forum::MIGRATIONS,
    ]
    .concat()
}

/// Every statement of the program.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static store::Sql> {
    [
        store::STATEMENTS.concat(),
        identity::STATEMENTS.concat(),
        issue::STATEMENTS.concat(),
        ask::STATEMENTS.concat(),
        web::STATEMENTS.concat(),
        log::STATEMENTS.to_vec(),
        forum::STATEMENTS.concat(),
    ]
    .concat()
}

/// Applies what is missing in the party's database; the names of what was applied.
pub(crate) async fn migrate(config: &Config) -> Result<Vec<String>, Failure> {
    let applied = Store::migrate(&config.database()?, &migrations()).await?;
    Ok(applied)
}

pub(crate) async fn open(config: &Config) -> Result<Store, Failure> {
    Ok(Store::open(&config.database()?, &migrations()).await?)
}

pub(super) fn staff(config: &Config) -> Result<StaffTokens, Failure> {
    StaffTokens::new(&config.staff).map_err(|e| Failure::new("config", e.to_string()))
}

/// The party's register of people, outside a server.
pub(crate) async fn register(config: &Config) -> Result<Register, Failure> {
    Ok(Register::new(open(config).await?, Arc::new(SystemClock), Arc::new(SystemRandom), staff(config)?))
}

/// Signing in at the party, outside a server.
pub(crate) async fn login(config: &Config) -> Result<identity::Login, Failure> {
    let party = party(config, open(config).await?).await?;
    party.login.ok_or_else(|| Failure::new("config", "nobody can sign in here: there is no `[login]`"))
}

/// Everything that one party serves.
pub(crate) struct Party {
    pub(crate) routes: Routes,
    /// Its issuer, if it is one.
    pub(crate) issuer: Option<issue::Issuer>,
    /// Its asker, if it is one.
    pub(crate) ask: Option<ask::Ask>,
    /// Who is signed in.
    pub(crate) sessions: web::Sessions,
    /// How people sign in, if they do.
    pub(crate) login: Option<identity::Login>,
    /// Its forum, if it keeps one.
    pub(crate) forum: Option<forum::Forum>,
    /// Its log.
    pub(crate) log: log::Log,
}

/// The party's log.
pub(crate) async fn log(config: &Config, store: Store) -> Result<log::Log, Failure> {
    log_at(config, store, clock::of(config)).await
}

/// The party's log, as of a clock.
pub(crate) async fn log_at(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
) -> Result<log::Log, Failure> {
    let settings = log::LogConfig {
        origin: config.log_origin(),
        signer: Arc::new(keys::log_signer(config)?),
        head: Some(crate::log::HeadFile::of(config)),
    };
    log::Log::open(settings, store, clock, Arc::new(SystemRandom))
        .await
        .map_err(|e| Failure::new("log", e.to_string()))
}

/// Keys that sign for the party from now on: a leaf each, before anything is signed with them.
async fn note_keys(config: &Config, log: &log::Log, store: &Store) -> Result<(), Failure> {
    let listed = keys::list_all(config)?;
    let of_now = listed.as_array().into_iter().flatten().filter(|key| key["retired"] == false);
    let records: Vec<Vec<u8>> = of_now
        .map(|key| {
            log::record(&json!({
                "type": "urn:sahihi:act:key_change:1",
                "use": key["use"],
                "subject": key["subject"],
                "certificate_sha256": key["sha256"],
                "not_before": key["not_before"],
                "not_after": key["not_after"],
            }))
        })
        .collect();
    let log = log.clone();
    let note = async move |tx: &mut Tx<'_>| {
        for record in &records {
            log.append_once(tx, &log::Act { kind: "key_change", record }).await?;
        }
        Ok::<_, store::Error>(())
    };
    Ok(store.write(note).await?)
}

/// Puts a party together.
pub(crate) async fn party(config: &Config, store: Store) -> Result<Party, Failure> {
    let log = log(config, store.clone()).await?;
    let clock: Arc<dyn Clock> = clock::of(config);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let staff = staff(config)?;
    let mut routes = Routes::new();
    let (mut served_issuer, mut served_ask) = (None, None);
    let mut documents = front::Documents::new();
    if let Some(issuing) = &config.issue {
        let register =
            Register::new(store.clone(), clock.clone(), random.clone(), staff.clone()).with_log(log.clone());
        routes = routes.merge(register.routes());
        let files = match &issuing.types {
            Some(directory) => type_files(directory)?,
            None => issue::types::DEFAULT.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect(),
        };
        let own = match &issuing.only {
            some if some.is_empty() => read_types(&files)?,
            some => some_types(&files, some)?,
        };
        documents.extend(own.iter().map(|t| (t.name.clone(), t.description.clone())));
        let own = (String::new(), own, config.clone());
        let others = config
            .issuers()
            .map(|(handle, ids, party)| Ok((handle.to_owned(), some_types(&files, ids)?, party)))
            .collect::<Result<Vec<_>, Failure>>()?;
        for (handle, types, party) in std::iter::once(own).chain(others) {
            let issuer = issue::Issuer::new(
                issue::IssuerConfig {
                    identifier: party.identifier.clone(),
                    handle,
                    name: party.name.clone(),
                    authority: party.organisation.clone(),
                    country: party.country.clone(),
                    signer: keys::load(&party, keys::Use::Credential)?,
                    retired_signers: keys::retired(&party, keys::Use::Credential)?,
                    server_secret: keys::server_secret(&party)?,
                    types,
                    status_ttl_s: issuing.status_ttl_s,
                    staff: staff.clone(),
                },
                store.clone(),
                clock.clone(),
                random.clone(),
                Arc::new(Subjects),
            )
            .map_err(|e| Failure::new("config", e.to_string()))?
            .with_log(log.clone());
            // Two routes of one address would end the process, without a word to whoever wrote the configuration.
            if let Some(taken) =
                issuer.type_addresses().find(|vct| config.ask.is_some() && is_asked(vct, config))
            {
                return Err(Failure::new(
                    "types",
                    format!("{taken} is the address of what this party asks for"),
                ));
            }
            routes = routes.merge(issuer.routes());
            // What is over is erased for all issuers at once.
            served_issuer.get_or_insert(issuer);
        }
    }
    let mut served_forum = None;
    if let Some(asking) = &config.ask {
        let ask = if config.forum.is_some() {
            let (forum, ask) = secretariat::forum(config, store.clone(), clock, random, log.clone())?;
            let forum = match served_issuer.clone() {
                Some(issuer) => forum.with_participants(Arc::new(secretariat::Cards(issuer))),
                None => forum,
            };
            routes = routes.merge(forum.clone().routes());
            served_forum = Some(forum);
            ask
        } else {
            secretariat::asker(config, asking, store.clone(), clock, random)?
        };
        routes = routes.merge(ask.routes());
        served_ask = Some(ask);
    }
    note_keys(config, &log, &store).await?;
    let sessions = pages::sessions(config, store.clone())?;
    let login = pages::login(config, served_ask.as_ref(), &sessions, store, &log)?;
    if let Some(login) = &login {
        routes = routes.merge(login.routes());
    }
    let routes = routes.merge(log.routes()).merge(front::routes(config, documents, served_forum.clone()));
    Ok(Party { routes, issuer: served_issuer, ask: served_ask, forum: served_forum, sessions, login, log })
}

/// Whether the asker's own type is published at this address: see `ask`'s `transaction_type.rs`.
fn is_asked(address: &str, config: &Config) -> bool {
    let own = ["/types/agreement/1", "/types/submission/1", "/types/withdrawal/1"];
    address.strip_prefix(config.identifier.as_str()).is_some_and(|path| own.contains(&path))
}

/// Whom an asker trusts, for what.
pub(crate) fn trusted_issuers(asking: &AskConfig) -> Result<Vec<ask::TrustedIssuers>, Failure> {
    let all = asking
        .credential_anchors
        .iter()
        .map(|file| Ok(ask::TrustedIssuers::of_everything(secretariat::anchors(file)?)));
    let some = asking.issuers.iter().map(|issuers| {
        let types = ask::Types::Only(issuers.types.clone());
        Ok(ask::TrustedIssuers { anchors: secretariat::anchors(&issuers.anchors)?, types })
    });
    let trusted = all.chain(some).collect::<Result<Vec<_>, Failure>>()?;
    if trusted.is_empty() {
        return Err(Failure::new("anchors", "`[ask]` names no trust anchors: nothing could be accepted"));
    }
    Ok(trusted)
}

fn read_types(files: &[(String, String)]) -> Result<issue::Types, Failure> {
    issue::Types::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .map_err(|e| Failure::new("types", e.to_string()))
}

/// The types with these ids.
fn some_types(files: &[(String, String)], ids: &BTreeSet<String>) -> Result<issue::Types, Failure> {
    let mut chosen = Vec::new();
    for id in ids {
        let mut found = None;
        for file in files {
            if read_types(std::slice::from_ref(file))?.get(id).is_some() {
                found = Some(file.clone());
            }
        }
        chosen.push(found.ok_or_else(|| Failure::new("types", format!("there is no type `{id}`")))?);
    }
    read_types(&chosen)
}

fn type_files(directory: &Path) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |e: std::io::Error| Failure::new("types", format!("{}: {e}", directory.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push((path.display().to_string(), fs::read_to_string(&path).map_err(unreadable)?));
        }
    }
    files.sort();
    Ok(files)
}

/// What the issuer needs of the register.
struct Subjects;

impl issue::Subjects for Subjects {
    fn attributes<'a>(&'a self, tx: &'a mut Tx<'_>, person: issue::PersonId) -> issue::AttributesFuture<'a> {
        Box::pin(Register::attributes(tx, PersonId::from_i64(person.as_i64())))
    }
}

/// Where `ask` gets status lists from.
pub(super) struct StatusLists(pub(super) Outgoing);

impl ask::Fetch for StatusLists {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<ask::Fetched, ask::FetchError>> + Send + 'a>> {
        Box::pin(async move {
            let headers = [("accept", "application/statuslist+jwt")];
            let message = Message { headers: &headers, ..Message::default() };
            let answer =
                self.0.send(url, message, STATUS_LIST_TOKEN_BYTES_MAX).await.map_err(|_| ask::FetchError)?;
            Ok(ask::Fetched { status: answer.status, media_type: answer.media_type, body: answer.body })
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_engines_understand_every_statement() {
        assert!(statements().len() > 30, "statements are missing from the list");
        store::fixture::each_engine(&migrations(), async |store: Store| {
            store.prepare_check(&statements()).await.unwrap();
        })
        .await;
    }
}
