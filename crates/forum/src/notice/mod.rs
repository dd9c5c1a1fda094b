//! Notices: what people are told by mail, and when.
//!
//! An act that somebody is to be told of enqueues a notice in its own write ([`enqueue`]): both are kept or neither. A
//! notice holds what it is about and to whose row of `forum_contact` it goes, never an address; the address, the texts and the deadline are looked
//! up when the mail is written, so that it says what is so then, and nothing is left behind when a contact is erased.
//!
//! Read in this order: [`model`] (kinds, the mail), [`compose`] (what a mail says), [`ops`] (enqueue, take, settle),
//! [`announce`] (who is told of what concerns many), `store`,
//! [`page`] (how to get no more of them, RFC 8058).
//!
//! The crate sends nothing: whoever runs it takes what is due ([`Forum::mails_due`](crate::Forum::mails_due)), has it written,
//! hands it to a mail server and says what came of it.

pub(crate) mod announce;
mod compose;
mod model;
mod ops;
mod page;
pub(crate) mod store;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests;

pub use model::{Due, Kind, Link, Mail, New, NoticeId, Undeliverable};
pub use ops::{enqueue, token, token_is};
pub(crate) use page::routes;
