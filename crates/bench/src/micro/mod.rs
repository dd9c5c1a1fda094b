//! What can be measured in this process: formats, keys, status lists.
//!
//! A row is a [`Row`] in [`ROWS`]; its function returns the value, and keeps values of other rows that it found on the
//! way by `Context::found`. Read [`cpu`] first (how two things are compared), then [`parties`] (who takes part), [`raw`]
//! (what signatures cost by themselves), and then what is measured: here, in [`status`] and in [`revoke`]. [`npm`] and `others` are
//! other people's implementations of the same.

pub(crate) mod cpu;
mod npm;
#[cfg(feature = "others")]
mod others;
mod parties;
pub(crate) mod raw;
mod revoke;
mod status;

use std::hint::black_box;

use formats::vp::{StatusFinding, VpToken};

use self::{
    cpu::{Here, pinned, ratio},
    npm::{Npm, Task},
    parties::{NOW, Parties, STATUS_URI, request},
    raw::Raw,
};
use crate::row::{Bar, Context, Failure, Row};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "issue_sdjwt_ratio", unit: "ratio", bar: Bar::AtLeast(0.50), function: issue_to_raw },
    Row { name: "issue_vs_sdjwtrs", unit: "ratio", bar: Bar::AtLeast(1.4), function: issue_to_sdjwtrs },
    Row { name: "issue_vs_npm", unit: "ratio", bar: Bar::AtLeast(7.0), function: issue_to_npm },
    Row { name: "verify_sdjwt_ratio", unit: "ratio", bar: Bar::AtLeast(0.80), function: verify_to_raw },
    Row { name: "verify_vs_npm", unit: "ratio", bar: Bar::AtLeast(2.0), function: verify_to_npm },
    Row { name: "status_revoke_grow", unit: "ratio", bar: Bar::AtMost(1.3), function: revoke::grow },
    Row { name: "status_10m_ms", unit: "ms", bar: Bar::AtMost(1_500.0), function: status::make_10m },
];

/// Issues a credential: what the issuer does for each copy.
fn issue(parties: &Parties) -> impl FnMut(usize) -> Result<(), Failure> {
    |n| parties.issue(n).map(|text| drop(black_box(text)))
}

fn issue_to_raw(_: &mut Context) -> Result<f64, Failure> {
    pinned(|| {
        let (parties, raw) = (Parties::new()?, Raw::new()?);
        ratio("issue to a signature", &mut Here(issue(&parties)), &mut Here(|n| raw.sign(n)))
    })
}

#[cfg(feature = "others")]
fn issue_to_sdjwtrs(_: &mut Context) -> Result<f64, Failure> {
    pinned(|| {
        let parties = Parties::new()?;
        let mut theirs = others::issue(&parties)?;
        ratio("issue to sd-jwt-rs", &mut Here(issue(&parties)), &mut Here(&mut theirs))
    })
}

#[cfg(not(feature = "others"))]
fn issue_to_sdjwtrs(_: &mut Context) -> Result<f64, Failure> {
    Err(Failure::new("this program was built without the feature `others`"))
}

fn issue_to_npm(_: &mut Context) -> Result<f64, Failure> {
    pinned(|| {
        let parties = Parties::new()?;
        let mut npm = Npm::start(&Task::issue(&parties)?)?;
        ratio("issue to @sd-jwt/core", &mut Here(issue(&parties)), &mut npm)
    })
}

/// Verifies one presentation after the other: what the asker does with an answer, the status included.
fn verify<'a>(
    parties: &'a Parties,
    answers: &'a [VpToken],
) -> Result<impl FnMut(usize) -> Result<(), Failure> + 'a, Failure> {
    let request = request()?;
    let status =
        formats::status_list::verify_token(&parties.status_token, STATUS_URI, &parties.anchors, NOW)?;
    Ok(move |n: usize| {
        let answer = answers.get(n % answers.len()).ok_or_else(|| Failure::new("no answers"))?;
        let verified = formats::vp::verify_answer(&request, answer, &parties.anchors, NOW)?;
        let credential = verified.all().next().ok_or_else(|| Failure::new("no credential"))?;
        let reference = credential.status.as_ref().ok_or_else(|| Failure::new("no status"))?;
        let found =
            formats::vp::judge_kept_status(reference, &credential.issuer, &status, &parties.anchors, NOW);
        let known = [StatusFinding::Valid, StatusFinding::Revoked];
        if known.contains(&found) { Ok(()) } else { Err(Failure::new("no status")) }
    })
}

fn answers(parties: &Parties) -> Result<Vec<VpToken>, Failure> {
    let request = request()?;
    (0..parties.holders.len()).map(|holder| parties.answer(&request, holder)).collect()
}

fn verify_to_raw(_: &mut Context) -> Result<f64, Failure> {
    pinned(|| {
        let (parties, raw) = (Parties::new()?, Raw::new()?);
        let answers = answers(&parties)?;
        let twice = |n: usize| raw.verify(n).and_then(|()| raw.verify(n + 1));
        ratio("verify to two verifications", &mut Here(verify(&parties, &answers)?), &mut Here(twice))
    })
}

fn verify_to_npm(_: &mut Context) -> Result<f64, Failure> {
    pinned(|| {
        let parties = Parties::new()?;
        let answers = answers(&parties)?;
        let mut npm = Npm::start(&Task::verify(&parties, &answers)?)?;
        ratio("verify to @sd-jwt/core", &mut Here(verify(&parties, &answers)?), &mut npm)
    })
}
