//! The secretariat's desk: circulars and calls written, announced, extended, ended; what came in decided on; each act with
//! who did it and why. Pages and forms that need no script, open to the role [`web::Role::Secretary`] alone.
//!
//! Read in this order: [`page`] (who may, and the one page that all forms are), [`fields`] (what was entered, and what is wrong
//! with it), [`home`], [`circular`], [`addressees`], [`call`] (what can be done next), [`call_form`], [`question`], [`paper`], [`decide`].
//!
//! The operations decide who may do what and when; a page offers what its state allows and shows what they refuse.

mod addressees;
mod call;
mod call_form;
mod circular;
mod decide;
mod fields;
mod home;
mod page;
mod paper;
mod question;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

use http::Method;
use web::Routes;

use crate::{
    Forum, call::ops::CallRefusal, circular::ops::CircularRefusal, hygiene, public::database,
    submission::ops::decide::DecideRefusal, texts::T,
};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::GET, "/desk", home::show)
        .page(Method::GET, "/desk/addressees", addressees::show)
        .page(Method::POST, "/desk/addressees", addressees::add)
        .page(Method::POST, "/desk/addressees/remove", addressees::remove)
        .page(Method::GET, "/desk/circulars/new", circular::new)
        .page(Method::POST, "/desk/circulars/new", circular::create)
        .page(Method::GET, "/desk/circulars/{symbol}", circular::show)
        .page(Method::GET, "/desk/circulars/{symbol}/edit", circular::edit)
        .page(Method::POST, "/desk/circulars/{symbol}/edit", circular::change)
        .page(Method::POST, "/desk/circulars/{symbol}/send", circular::send)
        .page(Method::GET, "/desk/calls/new", call_form::new)
        .page(Method::POST, "/desk/calls/new", call_form::create)
        .page(Method::GET, "/desk/calls/{symbol}", call::show)
        .page(Method::GET, "/desk/calls/{symbol}/preview", call::preview)
        .page(Method::GET, "/desk/calls/{symbol}/edit", call_form::edit)
        .page(Method::POST, "/desk/calls/{symbol}/edit", call_form::change)
        .page(Method::GET, "/desk/calls/{symbol}/questions/{id}", question::show)
        .page(Method::POST, "/desk/calls/{symbol}/questions/{id}", question::change)
        .page(Method::GET, "/desk/calls/{symbol}/answers", decide::list)
        .page(Method::GET, "/desk/calls/{symbol}/paper", paper::show)
        .page(Method::POST, "/desk/calls/{symbol}/paper", paper::record)
        .page(Method::POST, "/desk/calls/{symbol}/{act}", call::act)
        .page(Method::GET, "/desk/submissions/{id}", decide::show)
        .page(Method::POST, "/desk/submissions/{id}", decide::decide)
}

/// A symbol that was entered.
fn symbol(t: T, fields: &mut fields::Fields) -> String {
    let symbol = fields.get("symbol").trim().to_owned();
    if !hygiene::is_symbol(&symbol) {
        fields.fault("symbol", t.desk_wrong_symbol());
    }
    symbol
}

web::problems! {
    fn call_problem(error: CallRefusal) -> CALL_PROBLEMS {
        CallRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        CallRefusal::NoSuchCall => NOT_FOUND "not_found" ("There is no such call."),
        CallRefusal::Circular => CONFLICT "circular" (error.to_string()),
        CallRefusal::Symbol => BAD_REQUEST "symbol" (error.to_string()),
        CallRefusal::SymbolTaken => CONFLICT "symbol_taken" (error.to_string()),
        CallRefusal::Text(_) => BAD_REQUEST "text" (error.to_string()),
        CallRefusal::Form(_) => BAD_REQUEST "form" (error.to_string()),
        CallRefusal::Window => BAD_REQUEST "window" (error.to_string()),
        CallRefusal::Number => BAD_REQUEST "number" (error.to_string()),
        CallRefusal::Announced => CONFLICT "announced" (error.to_string()),
        CallRefusal::Opened => CONFLICT "opened" (error.to_string()),
        CallRefusal::State => CONFLICT "state" (error.to_string()),
        CallRefusal::NotLater => CONFLICT "not_later" (error.to_string()),
        CallRefusal::Reason => BAD_REQUEST "reason" (error.to_string()),
    } else {
        CallRefusal::Store(error) => database(error),
    }
}

web::problems! {
    fn circular_problem(error: CircularRefusal) -> CIRCULAR_PROBLEMS {
        CircularRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        CircularRefusal::NoSuchCircular => NOT_FOUND "not_found" ("There is no such circular."),
        CircularRefusal::Amends => CONFLICT "amends" (error.to_string()),
        CircularRefusal::Symbol => BAD_REQUEST "symbol" (error.to_string()),
        CircularRefusal::SymbolTaken => CONFLICT "symbol_taken" (error.to_string()),
        CircularRefusal::Text(_) => BAD_REQUEST "text" (error.to_string()),
        CircularRefusal::Date => BAD_REQUEST "date" (error.to_string()),
        CircularRefusal::TooMany => BAD_REQUEST "too_many" (error.to_string()),
        CircularRefusal::Sent => CONFLICT "sent" (error.to_string()),
    } else {
        CircularRefusal::Store(error) => database(error),
    }
}

web::problems! {
    fn decide_problem(error: DecideRefusal) -> DECIDE_PROBLEMS {
        DecideRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        DecideRefusal::NoSuchSubmission => NOT_FOUND "not_found" ("There is no such submission."),
        DecideRefusal::Sealed => CONFLICT "sealed" (error.to_string()),
        DecideRefusal::State => CONFLICT "state" (error.to_string()),
        DecideRefusal::ModifyUntil => CONFLICT "modify_until" (error.to_string()),
        DecideRefusal::Reason => BAD_REQUEST "reason" (error.to_string()),
        DecideRefusal::Text(_) => BAD_REQUEST "text" (error.to_string()),
    } else {
        DecideRefusal::Store(error) => database(error),
    }
}
