//! Addressees as JSON, for the secretariat alone, under `/staff/v1/forum/addressees`.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use base::{
    Lang,
    limits::{ADDRESSEES_AT_ONCE, LINE_CHARS_MAX, MAIL_BYTES_MAX, REASON_CHARS_MAX},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{Actor, JsonBody, Names, Operation, Problem, Routes, openapi::leaf::IdOf};

use super::{Addressee, AddresseeRefusal, Addressees, NewAddressee};
use crate::{
    About, Contact, ContactId, ContactKind, Forum, PartyClass, act::api::HistoryView, call, public::database,
    wire::LangView,
};

const DESK: &str = "Secretariat";

pub(crate) fn routes() -> Routes<Forum> {
    let all = "/staff/v1/forum/addressees";
    Routes::new()
        .add(
            Operation::get(all, "listAddressees")
                .says(
                    DESK,
                    "Who is told of circulars by mail",
                    "As many as a page has, after the one whose id is `after`.",
                )
                .answers::<AddresseesView>(StatusCode::OK, "Addressees.")
                .refuses(PROBLEMS)
                .code(StatusCode::BAD_REQUEST, "query"),
            list,
        )
        .add(
            Operation::post(all, "addAddressees")
                .says(
                    DESK,
                    "Have somebody told of circulars",
                    "All of them or none. An address is there once a class; sent again it takes the language and the name sent.",
                )
                .answers::<Kept>(StatusCode::OK, "How many they are.")
                .refuses(PROBLEMS)
                .example(json!({ "reason": "The list of 2026.", "addressees": [{
                    "mail": "ict@ministry.example", "lang": "fr", "class": "member_state", "name": "Ministry of Communications",
                }] })),
            add,
        )
        .add(
            Operation::post(format!("{all}/{{id}}/removal"), "removeAddressee")
                .says(
                    DESK,
                    "Have somebody told of no more circulars",
                    "Nothing is kept of the address; that somebody was removed, by whom and why, is.",
                )
                .id_in_path::<ContactKind>("id", "Its id.")
                .answers_nothing(StatusCode::NO_CONTENT, "It is removed.")
                .refuses(PROBLEMS)
                .example(json!({ "reason": "The office was closed." })),
            remove,
        )
        .add(
            Operation::get(format!("{all}/history"), "showHistoryOfAddressees")
                .says(DESK, "Who added or removed addressees, when and why", "Without their addresses.")
                .answers::<HistoryView>(StatusCode::OK, "The history of the list."),
            history,
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewAddressee")]
struct New {
    #[schemars(length(min = 3, max = MAIL_BYTES_MAX))]
    mail: String,
    /// In which language they are written to.
    #[schemars(with = "LangView")]
    lang: Lang,
    class: PartyClass,
    /// Whose address it is.
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewAddressees {
    #[schemars(length(min = 1, max = ADDRESSEES_AT_ONCE))]
    addressees: Vec<New>,
    /// Why: kept, and in the log. No mail address may stand in it.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
    reason: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RemovalOfAddressee")]
struct Removal {
    /// Why: kept, and in the log. No mail address may stand in it.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
    reason: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Addressee")]
struct AddresseeView {
    id: String,
    mail: String,
    #[schemars(with = "LangView")]
    lang: Lang,
    class: PartyClass,
    name: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Addressees")]
struct AddresseesView {
    addressees: Vec<AddresseeView>,
    /// For `after`; nothing: there are no more.
    next: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "KeptAddressees")]
struct Kept {
    kept: usize,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddresseesAfter")]
struct Page {
    /// The last id of the page before.
    #[schemars(with = "Option<IdOf<ContactKind>>")]
    after: Option<ContactId>,
}

impl From<Addressee> for AddresseeView {
    fn from(Addressee { id, said }: Addressee) -> Self {
        let NewAddressee { class, contact: Contact { mail, lang }, name } = said;
        Self { id: id.to_string(), mail, lang, class, name }
    }
}

async fn list(
    actor: Actor,
    State(forum): State<Forum>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<AddresseesView>, Problem> {
    let bad = |_| Problem::bad_request("query", "Send `after`, the id of an addressee, or nothing.");
    let Query(page) = page.map_err(bad)?;
    let Addressees { addressees, next } =
        forum.addressees(&actor, page.after).await.map_err(|e| problem(&e))?;
    let addressees = addressees.into_iter().map(Into::into).collect();
    Ok(Json(AddresseesView { addressees, next: next.map(|id| id.to_string()) }))
}

async fn add(
    actor: Actor,
    State(forum): State<Forum>,
    JsonBody(sent): JsonBody<NewAddressees>,
) -> Result<Json<Kept>, Problem> {
    let said =
        |New { mail, lang, class, name }| NewAddressee { class, contact: Contact { mail, lang }, name };
    let new = sent.addressees.into_iter().map(said).collect();
    let kept = forum.add_addressees(&actor, new, &sent.reason).await.map_err(|e| problem(&e))?;
    Ok(Json(Kept { kept }))
}

async fn remove(
    actor: Actor,
    State(forum): State<Forum>,
    Names(id): Names<ContactId>,
    JsonBody(sent): JsonBody<Removal>,
) -> Result<StatusCode, Problem> {
    forum.remove_addressee(&actor, id, &sent.reason).await.map_err(|e| problem(&e))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn history(actor: Actor, State(forum): State<Forum>) -> Result<Json<HistoryView>, Problem> {
    let acts = forum.history(&actor, About::Addressees, 0).await;
    Ok(Json(acts.map_err(|e| call::api::problem(&e))?.into()))
}

web::problems! {
    pub(crate) fn problem(error: AddresseeRefusal) -> PROBLEMS {
        AddresseeRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        AddresseeRefusal::Mail(_) => BAD_REQUEST "mail" (error.to_string()),
        AddresseeRefusal::Name(_) => BAD_REQUEST "name" (error.to_string()),
        AddresseeRefusal::Number => BAD_REQUEST "number" (error.to_string()),
        AddresseeRefusal::Reason => BAD_REQUEST "reason" (error.to_string()),
        AddresseeRefusal::NoSuchAddressee => NOT_FOUND "not_found" ("There is no such addressee."),
    } else {
        AddresseeRefusal::Store(error) => database(error),
    }
}
