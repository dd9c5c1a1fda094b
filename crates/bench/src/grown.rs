//! Whether it stays as fast in a country of millions: the same load on two servers in turn, one with few rows, one with
//! many.

use crate::{
    fill::fill,
    issuing::{offers, wallets},
    load::slice,
    party::{Database, Party},
    row::{Bar, Context, Failure, Row},
    served::{Measured, PEOPLE, wait, with_people},
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "grow_issue", unit: "ratio", bar: Bar::AtMost(1.3), function: grow },
    Row {
        name: "grow_present",
        unit: "ratio",
        bar: Bar::AtMost(1.3),
        function: |context| {
            grow(context)?;
            context.value("grow_present")
        },
    },
];

const MANY_PEOPLE: usize = 1_000_000;
const CREDENTIALS_EACH: usize = 3;
/// How many slices each server gets, after one that warms up.
const SLICES: usize = 6;
/// How many issuances or presentations a slice has.
const IN_A_SLICE: usize = 1_500;

/// A party with millions of rows, which runs.
async fn large(context: &Context) -> Result<Measured, Failure> {
    let mut few = with_people(context, Database::Sqlite).await?;
    // The first issuance begins the first status list.
    let code = offers(&few.party, &few.people, 1).await?;
    let mut first = wallets(&few.party).await?;
    slice(&mut first, code).await?;
    let mut party: Party = few.party;
    few.wallets.clear();
    party.stop()?;
    let begun = std::time::Instant::now();
    let people = fill(&party, MANY_PEOPLE, CREDENTIALS_EACH).await?;
    let megabytes = store::bench::bytes(party.database()).await? / 1_000_000;
    eprintln!("{MANY_PEOPLE} people written in {:.0} s, {megabytes} MB", begun.elapsed().as_secs_f64());
    party.start().await?;
    Measured::new(party, people).await
}

fn grow(context: &mut Context) -> Result<f64, Failure> {
    let measure = async {
        // The small one last: a server closes connections that nobody uses for as long as the other is filled.
        let mut large = large(context).await?;
        let mut small = with_people(context, Database::Sqlite).await?;
        for slice in 0..=SLICES {
            small.issue(IN_A_SLICE).await?;
            large.issue(IN_A_SLICE).await?;
            if slice == 0 {
                small.forget();
                large.forget();
            }
        }
        let issue = quotient("an issuance", &small, &large);
        small.forget();
        large.forget();
        for slice in 0..=SLICES {
            small.present(IN_A_SLICE).await?;
            large.present(IN_A_SLICE).await?;
            if slice == 0 {
                small.forget();
                large.forget();
            }
        }
        Ok((issue, quotient("a presentation", &small, &large)))
    };
    let (issue, present) = wait(measure)?;
    context.found("grow_issue", issue);
    context.found("grow_present", present);
    Ok(issue)
}

fn quotient(what: &str, small: &Measured, large: &Measured) -> f64 {
    let (few, many) = (small.each().as_secs_f64() * 1e6, large.each().as_secs_f64() * 1e6);
    eprintln!("{what}: {few:.0} µs with {PEOPLE} people, {many:.0} µs with {MANY_PEOPLE}");
    many / few
}
