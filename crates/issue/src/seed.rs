//! What many issuances leave in the database, without issuing: for measurements (feature `fill`).
//!
//! The rows are written by the functions that issuing itself uses. What an hour later is erased anyway (offers, nonces)
//! is left out; what stays as long as a credential does (the credential, its copy, its refresh token) is there.

use ::store::{Error, Store, Tx};
use base::{Instant, limits::STATUS_LIST_ENTRIES};
use crypto::{Random, random_array};

use crate::{
    PersonId,
    model::{Credential, CredentialId, OfferId, RefreshToken, Status, StatusIndex},
    store as sql,
};

/// What every credential has in common.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The id of its type.
    pub type_id: String,
    /// When all were issued.
    pub issued_at: Instant,
    /// When all end.
    pub expires_at: Instant,
    /// Who offered them.
    pub issued_by: String,
    /// Whether each has an unused refresh token, as those have in which nothing is what a clerk entered.
    pub refreshable: bool,
}

/// Gives each of `people` `each` credentials, in one write, and numbers their status lists after those there are. An
/// issuance has made the first list, which says under which root the others are.
pub async fn credentials(
    store: &Store,
    random: std::sync::Arc<dyn Random>,
    seed: Seed,
    people: Vec<PersonId>,
    each: usize,
) -> Result<(), Error> {
    store
        .write(async move |tx: &mut Tx<'_>| {
            let newest = sql::lists(tx, "", 1).await?.into_iter().next();
            let root = newest.and_then(|(_, root)| root).unwrap_or_default();
            let before = sql::last_list(tx).await?;
            // A list is half full at most, and its indices come in no order.
            let half = STATUS_LIST_ENTRIES / 2;
            let (mut list, mut taken) = (before, half);
            for person in &people {
                for _ in 0..each {
                    if taken == half {
                        (list, taken) = (list + 1, 0);
                        sql::insert_list(tx, "", list, &root).await?;
                    }
                    // An odd number: no index comes twice.
                    let index = StatusIndex { list, idx: (taken * 48_271) % STATUS_LIST_ENTRIES };
                    taken += 1;
                    one(tx, &*random, &seed, *person, index).await?;
                }
            }
            Ok(())
        })
        .await
}

async fn one(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    seed: &Seed,
    person: PersonId,
    index: StatusIndex,
) -> Result<(), Error> {
    let credential = Credential {
        id: CredentialId::from_random(random_array(random)),
        person,
        type_id: seed.type_id.clone(),
        status: Status::Valid,
        issued_at: seed.issued_at,
        expires_at: seed.expires_at,
        issued_by: seed.issued_by.clone(),
    };
    sql::insert_credential(tx, "", &credential).await?;
    sql::insert_copy(tx, credential.id, index).await?;
    if seed.refreshable {
        let token = RefreshToken {
            family: OfferId::from_random(random_array(random)),
            credential: Some(credential.id),
            by_identifier: false,
            used: false,
            ends_at: seed.expires_at,
        };
        sql::refresh::insert(tx, "", &random_array(random), &token).await?;
    }
    Ok(())
}
