//! The rows of addressees: contacts of the kind `addressee`, whose subject is the number of their class.

use std::fmt::Write as _;

use ::store::{Error, Row, Tx, params};
use base::limits::PAGE_ROWS_MAX;

use super::{Addressee, NewAddressee};
use crate::{Contact, ContactId, PartyClass};

/// What addressees need beyond a contact.
pub(crate) const NAMES: &str = "
ALTER TABLE forum_contact ADD COLUMN name TEXT;
CREATE INDEX forum_contact_addressee ON forum_contact (mail) WHERE about = 'addressee';
";

::store::statements! {
    KEEP_ADDRESSEE = "INSERT INTO forum_contact (id, about, subject, mail, lang, name)
        VALUES ($1, 'addressee', $2, $3, $4, $5)
        ON CONFLICT (id) DO UPDATE SET lang = excluded.lang, name = excluded.name";
    SPEAK_TO_ADDRESSEE = "UPDATE forum_contact SET lang = $2 WHERE about = 'addressee' AND mail = $1 AND lang <> $2";
    ADDRESSEES = "SELECT id, subject, mail, lang, name FROM forum_contact WHERE about = 'addressee' AND id > $1
        ORDER BY id LIMIT $2";
    REMOVE_ADDRESSEE = "DELETE FROM forum_contact WHERE about = 'addressee' AND id = $1";
}

/// The number of a class in the rows of addressees, from 1.
pub(crate) fn place_of(class: PartyClass) -> i64 {
    let place = PartyClass::ALL.iter().position(|c| *c == class).unwrap_or_default();
    i64::try_from(place).unwrap_or_default().saturating_add(1)
}

/// Keeps one, and has its address spoken to in this language in whatever class it is.
pub(crate) async fn keep(tx: &mut Tx<'_>, id: ContactId, said: &NewAddressee) -> Result<(), Error> {
    let (id, place) = (id.as_i64(), place_of(said.class));
    let (mail, lang) = (&said.contact.mail, said.contact.lang.tag());
    let values = params![id, place, mail, lang, said.name];
    tx.execute(&KEEP_ADDRESSEE, values).await?;
    tx.execute(&SPEAK_TO_ADDRESSEE, params![mail, lang]).await.map(drop)
}

pub(crate) async fn page(tx: &mut Tx<'_>, after: i64, most: i64) -> Result<Vec<Addressee>, Error> {
    let rows = tx.all(&ADDRESSEES, params![after, most]).await?;
    rows.iter().filter_map(|row| of(row).transpose()).collect()
}

/// How many there are, and all of them as the text that is digested: a line each, of its id (which stands for the address and
/// the class), the language, and whose it is.
pub(crate) async fn lines(tx: &mut Tx<'_>) -> Result<(usize, String), Error> {
    let (mut many, mut after, mut lines) = (0_usize, 0, "sahihi forum addressees\n".to_owned());
    loop {
        let some = page(tx, after, PAGE_ROWS_MAX).await?;
        let Some(last) = some.last() else { return Ok((many, lines)) };
        after = last.id.as_i64();
        many = many.saturating_add(some.len());
        for Addressee { id, said } in &some {
            let _ = writeln!(lines, "{id} {} {}", said.contact.lang, said.name);
        }
    }
}

fn of(row: &Row) -> Result<Option<Addressee>, Error> {
    let place = usize::try_from(row.int(1)?.saturating_sub(1)).unwrap_or(usize::MAX);
    let (Some(class), Ok(lang)) = (PartyClass::ALL.get(place).copied(), row.text(3)?.parse()) else {
        return Ok(None);
    };
    let contact = Contact { mail: row.text(2)?.to_owned(), lang };
    let name = row.opt_text(4)?.unwrap_or_default().to_owned();
    Ok(Some(Addressee { id: ContactId::from_i64(row.int(0)?), said: NewAddressee { class, contact, name } }))
}

/// Whether it was there.
pub(crate) async fn remove(tx: &mut Tx<'_>, id: ContactId) -> Result<bool, Error> {
    Ok(tx.execute(&REMOVE_ADDRESSEE, params![id.as_i64()]).await? == 1)
}
