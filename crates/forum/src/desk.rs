//! The secretariat's desk: circulars and calls written, announced, extended, ended; what came in decided on; each act with
//! who did it and why. Pages and forms that need no script, open to the role [`web::Role::Secretary`] alone.
//!
//! Read in this order: [`page`] (who may, and the one page that all forms are), [`fields`] (what was entered, and what is wrong
//! with it), [`home`], [`written`] (what circulars and calls have in common), [`circular`], [`call_form`], [`files`], [`translate`], [`call`]
//! (what can be done next), [`question`], [`addressees`], [`paper`], [`decide`].
//!
//! The operations decide who may do what and when; a page offers what its state allows and shows what they refuse.

mod addressees;
mod call;
mod call_form;
mod circular;
mod decide;
mod fields;
mod files;
mod home;
mod page;
mod paper;
mod question;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
mod translate;
mod written;

use http::Method;
use web::Routes;

use self::written::Written;
use crate::{Forum, call::model::Call, circular::model::Circular};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::GET, "/desk", home::show)
        .page(Method::GET, "/desk/addressees", addressees::show)
        .page(Method::POST, "/desk/addressees", addressees::add)
        .page(Method::POST, "/desk/addressees/remove", addressees::remove)
        .page(Method::GET, "/desk/circulars/{symbol}", circular::show)
        .page(Method::POST, "/desk/circulars/{symbol}/send", circular::send)
        .merge(of_written::<Circular>())
        .merge(of_written::<Call>())
        .merge(translate::routes_of_submissions())
        .page(Method::GET, "/desk/calls/{symbol}", call::show)
        .page(Method::GET, "/desk/calls/{symbol}/preview", call::preview)
        .page(Method::GET, "/desk/calls/{symbol}/questions/{id}", question::show)
        .page(Method::POST, "/desk/calls/{symbol}/questions/{id}", question::change)
        .page(Method::GET, "/desk/calls/{symbol}/answers", decide::list)
        .page(Method::GET, "/desk/calls/{symbol}/paper", paper::show)
        .page(Method::POST, "/desk/calls/{symbol}/paper", paper::record)
        .page(Method::POST, "/desk/calls/{symbol}/{act}", call::act)
        .page(Method::GET, "/desk/submissions/{id}", decide::show)
        .page(Method::POST, "/desk/submissions/{id}", decide::decide)
}

fn of_written<W: Written>() -> Routes<Forum> {
    Routes::new().merge(written::routes::<W>()).merge(files::routes::<W>()).merge(translate::routes::<W>())
}
