//! What an address asks for of a call's submissions: by which filter, and from where on.

use std::collections::BTreeMap;

use base::Instant;
use web::Problem;

use crate::{
    call::form::QuestionId,
    submission::model::{After, Filter, StateWord, SubmissionLang},
};

/// The states in which a submission is counted and cannot be read.
const GONE: [StateWord; 4] =
    [StateWord::Withheld, StateWord::Inadmissible, StateWord::Superseded, StateWord::Withdrawn];

/// The filter in a query, and where the page begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) filter: Filter,
    pub(super) after: Option<After>,
    /// Which of those that cannot be read are wanted, instead of those that can.
    pub(super) gone: Option<StateWord>,
    /// What was said, without what was left empty and without `after`.
    pub(super) said: Vec<(&'static str, String)>,
}

impl Asked {
    /// Reads a query; what is said of a filter and is none of its values is refused.
    pub(super) fn read(query: &BTreeMap<String, String>) -> Result<Self, Problem> {
        let wrong = || Problem::bad_request("filter", "A filter has a value that there is not.");
        let mut asked = Self::default();
        for (name, value) in query {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let name = match name.as_str() {
                "class" => {
                    asked.filter.class = Some(value.parse().map_err(|_| wrong())?);
                    "class"
                }
                "region" => {
                    asked.filter.region = Some(value.parse().map_err(|_| wrong())?);
                    "region"
                }
                "country" => {
                    asked.filter.country = Some(value.parse().map_err(|_| wrong())?);
                    "country"
                }
                "language" => {
                    asked.filter.lang = Some(SubmissionLang::new(value).ok_or_else(wrong)?);
                    "language"
                }
                "question" => {
                    asked.filter.question = Some(QuestionId::new(value).ok_or_else(wrong)?);
                    "question"
                }
                "state" => {
                    let gone = value.parse().ok().filter(|state| GONE.contains(state));
                    asked.gone = Some(gone.ok_or_else(wrong)?);
                    "state"
                }
                "after" => {
                    asked.after = Some(parse_after(value).ok_or_else(wrong)?);
                    continue;
                }
                _ => continue,
            };
            asked.said.push((name, value.to_owned()));
        }
        Ok(asked)
    }

    /// These words as the query of an address, with the beginning of a page.
    pub(super) fn query(&self, after: Option<After>) -> String {
        let mut pairs = self.said.clone();
        pairs.extend(after.map(|after| ("after", written_after(after))));
        let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// Where a page begins, as it stands in an address.
pub(crate) fn written_after(after: After) -> String {
    format!("{}-{}", after.received_at.ms(), after.id)
}

/// Reads it.
pub(crate) fn parse_after(text: &str) -> Option<After> {
    let (received_at, id) = text.split_once('-')?;
    Some(After { received_at: Instant::from_ms(received_at.parse().ok()?), id: id.parse().ok()? })
}
