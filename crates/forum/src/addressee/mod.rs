//! Who is told of circulars by mail: an address, its language, the class of parties that it belongs to, and whose it is.
//!
//! Only the secretariat sees them. An address is there once a class, and has one language: whoever enters it again changes
//! that, so that nobody is told of a circular twice or in two languages.
//!
//! Whoever adds or removes somebody says why, and it becomes an act with a leaf in the log. The leaf holds how many, and a
//! keyed digest of the list as it is then: who has the key and the list can show that it is the one that was logged, nobody
//! else learns anything, and an address that is erased here is in no leaf (invariant I20).
//!
//! Read in this order: here (what an addressee is, and the use cases), [`api`], `store`. The page is in `desk`.

pub(crate) mod api;
pub(crate) mod store;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

use ::store::Tx;
use base::{
    Lang,
    limits::{ADDRESSEES_AT_ONCE, LINE_CHARS_MAX, PAGE_ROWS_MAX},
};
use serde_json::Value;
use web::{Actor, session::Role};

use self::store as sql;
use crate::{
    Contact, ContactId, Forum, PartyClass,
    act::{self, About, Doing, record},
    hygiene, unsigned,
};

/// Somebody who is to be told of circulars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAddressee {
    /// The class of parties: a circular is addressed to some of them, or to all.
    pub class: PartyClass,
    /// Where, and in which language.
    pub contact: Contact,
    /// Whose address it is: one line, at most `LINE_CHARS_MAX` characters.
    pub name: String,
}

/// Somebody who is told of circulars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// By what it is removed.
    pub id: ContactId,
    /// What was said of them.
    pub said: NewAddressee,
}

/// Addressees, at most as many as a page has, in an order that means nothing and does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressees {
    /// These.
    pub addressees: Vec<Addressee>,
    /// After which one the next page begins; nothing: there are no more.
    pub next: Option<ContactId>,
}

/// Why nothing was done with addressees. Numbers of lines are from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddresseeRefusal {
    /// Whoever asks has not the role of the secretariat.
    #[error("this is the secretariat's to do")]
    Forbidden,
    /// One has no mail address.
    #[error("the mail address of number {0} is not one")]
    Mail(usize),
    /// The name of one is missing, too long, or has characters that cannot be seen.
    #[error("the name of number {0} is not one line of text")]
    Name(usize),
    /// There are more of them than are taken at once, or none.
    #[error("there must be at least one, and at most {ADDRESSEES_AT_ONCE}")]
    Number,
    /// There is no reason, or it has a mail address in it: reasons are kept, addresses are not.
    #[error("a reason is needed, without a mail address in it")]
    Reason,
    /// There is none of this id.
    #[error("there is no such addressee")]
    NoSuchAddressee,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl NewAddressee {
    /// Of a line `mail;language;class;name`, as spreadsheets write it: what is round a part is left off. `None`: it is none.
    pub fn from_line(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ';').map(str::trim);
        let mail = unsigned::mail(parts.next()?)?;
        let lang: Lang = parts.next()?.to_lowercase().parse().ok()?;
        let class = parts.next()?.parse().ok()?;
        let name = hygiene::line(parts.next()?, LINE_CHARS_MAX).ok()?;
        Some(Self { class, contact: Contact { mail, lang }, name })
    }

    /// Of all lines that are not empty; or the numbers of those that are none, from 1.
    ///
    /// # Errors
    /// These numbers.
    pub fn from_lines(text: &str) -> Result<Vec<Self>, Vec<usize>> {
        let (mut all, mut wrong) = (Vec::new(), Vec::new());
        for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            match Self::from_line(line) {
                Some(new) => all.push(new),
                None => wrong.push(number),
            }
        }
        if wrong.is_empty() { Ok(all) } else { Err(wrong) }
    }

    fn checked(self, number: usize) -> Result<Self, AddresseeRefusal> {
        let mail = unsigned::mail(&self.contact.mail).ok_or(AddresseeRefusal::Mail(number))?;
        let name = hygiene::line(&self.name, LINE_CHARS_MAX).map_err(|_| AddresseeRefusal::Name(number))?;
        Ok(Self { contact: Contact { mail, ..self.contact }, name, ..self })
    }
}

/// A reason in which no address stands.
fn plain_reason(reason: &str) -> Result<String, AddresseeRefusal> {
    act::reason(reason).filter(|reason| !reason.contains(['@', '＠'])).ok_or(AddresseeRefusal::Reason)
}

impl Forum {
    /// Those who are told of circulars, after the one of this id.
    ///
    /// # Errors
    /// [`AddresseeRefusal::Forbidden`]; the database.
    pub async fn addressees(
        &self,
        actor: &Actor,
        after: Option<ContactId>,
    ) -> Result<Addressees, AddresseeRefusal> {
        actor.require(Role::Secretary).map_err(|_| AddresseeRefusal::Forbidden)?;
        let after = after.map_or(0, ContactId::as_i64);
        let read = async move |tx: &mut Tx<'_>| sql::page(tx, after, PAGE_ROWS_MAX + 1).await;
        let mut addressees = self.store.read(read).await?;
        let most = usize::try_from(PAGE_ROWS_MAX).unwrap_or(usize::MAX);
        let more = addressees.len() > most;
        addressees.truncate(most);
        let next = addressees.last().filter(|_| more).map(|last| last.id);
        Ok(Addressees { addressees, next })
    }

    /// Has these told of circulars, all or none of them; who is told already gets the language and the name said now.
    ///
    /// # Errors
    /// See [`AddresseeRefusal`].
    pub async fn add_addressees(
        &self,
        actor: &Actor,
        new: Vec<NewAddressee>,
        reason: &str,
    ) -> Result<usize, AddresseeRefusal> {
        actor.require(Role::Secretary).map_err(|_| AddresseeRefusal::Forbidden)?;
        if new.is_empty() || new.len() > ADDRESSEES_AT_ONCE {
            return Err(AddresseeRefusal::Number);
        }
        let checked = new.into_iter().zip(1..).map(|(new, number)| new.checked(number));
        let checked = checked.collect::<Result<Vec<_>, _>>()?;
        let many = checked.len();
        let reason = plain_reason(reason)?;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        let write = async move |tx: &mut Tx<'_>| {
            for said in &checked {
                sql::keep(tx, forum.addressee_id(said), said).await?;
            }
            forum.list_changed(tx, "forum_addressees_added", many, (&actor, &reason)).await
        };
        self.store.write(write).await?;
        Ok(many)
    }

    /// Has somebody told of no more circulars, and keeps nothing of their address.
    ///
    /// # Errors
    /// [`AddresseeRefusal::Forbidden`], [`AddresseeRefusal::Reason`], [`AddresseeRefusal::NoSuchAddressee`]; the database.
    pub async fn remove_addressee(
        &self,
        actor: &Actor,
        id: ContactId,
        reason: &str,
    ) -> Result<(), AddresseeRefusal> {
        actor.require(Role::Secretary).map_err(|_| AddresseeRefusal::Forbidden)?;
        let reason = plain_reason(reason)?;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        let write = async move |tx: &mut Tx<'_>| {
            if !sql::remove(tx, id).await? {
                return Err(AddresseeRefusal::NoSuchAddressee);
            }
            Ok(forum.list_changed(tx, "forum_addressees_removed", 1, (&actor, &reason)).await?)
        };
        self.store.write(write).await
    }

    /// Logs that the list was changed by so many, in the write that changes it.
    async fn list_changed(
        &self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        changed: usize,
        (actor, reason): (&str, &str),
    ) -> Result<(), ::store::Error> {
        let (listed, lines) = sql::lines(tx).await?;
        let digest = crypto::hmac_sha256(&self.config.server_secret, lines.as_bytes());
        let members = [
            ("changed", Value::from(changed)),
            ("listed", listed.into()),
            ("list", base16ct::lower::encode_string(&digest).into()),
        ];
        let (about, record) = (About::Addressees, record(members));
        let doing = Doing { kind, about, subject: 0, actor, reason: Some(reason), record };
        self.act(tx, doing).await.map(drop)
    }

    /// The id follows from the address and the class, so that two who enter the same list at once make no second one.
    fn addressee_id(&self, said: &NewAddressee) -> ContactId {
        let named = format!("sahihi forum addressee\n{}\n{}", said.class.as_str(), said.contact.mail);
        let digest = crypto::hmac_sha256(&self.config.server_secret, named.as_bytes());
        ContactId::from_random(*digest.first_chunk().unwrap_or(&[0; 8]))
    }
}
