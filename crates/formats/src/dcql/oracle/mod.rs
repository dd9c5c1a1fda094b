//! Another implementation as an oracle: the npm library `dcql`, asked by `judges/dcql-oracle.mjs`, must give the answers
//! that ours gives to random queries against random wallets. Where it does not, [`differences`] says which section of
//! OpenID4VP 1.0 is on our side.
//!
//! `SAHIHI_SOAK_DCQL` sets how many queries. Read `random` (what is asked) first.

mod differences;
mod random;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Map, Value, json};

use self::{
    differences::explanation,
    random::{Case, cases},
};
use super::{Candidate, ClaimPath, Format, Held, PathPart, Presented, Query, Unsatisfied, path::Indices};
use crate::b64;

/// A credential of a random wallet.
#[derive(Debug, Clone)]
struct Card {
    vct: String,
    claims: Map<String, Value>,
    holder_bound: bool,
    aki: Vec<Vec<u8>>,
}

impl Card {
    fn held(&self) -> Held<'_> {
        Held {
            format: Format::SdJwtVc,
            vct: &self.vct,
            claims: &self.claims,
            holder_bound: self.holder_bound,
            authority_key_ids: &self.aki,
        }
    }

    fn to_value(&self) -> Value {
        let aki: Vec<String> = self.aki.iter().map(|id| b64::encode(id)).collect();
        json!({ "vct": self.vct, "claims": self.claims, "holder_bound": self.holder_bound, "aki": aki })
    }
}

/// What the library says to each query with its wallet.
fn ask_oracle(questions: &[Value]) -> Vec<Value> {
    let judges = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../judges");
    assert!(
        judges.join("node_modules/dcql/package.json").is_file(),
        "the oracle is not installed: run `npm ci --prefix judges`"
    );
    let child = Command::new("node")
        .arg(judges.join("dcql-oracle.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|fault| {
        panic!("node does not start ({fault}): install Node.js 20, then run `npm ci --prefix judges`")
    });
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let answers: Vec<Value> = std::thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                writeln!(input, "{question}").unwrap();
            }
        });
        let lines = BufReader::new(output).lines();
        lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    });
    assert!(child.wait().unwrap().success());
    assert_eq!(answers.len(), questions.len());
    answers
}

/// What is in a part of a credential: paths and values, without nulls, which the library leaves out of what it merges.
fn leaves(here: &str, value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(n, v)| leaves(&format!("{here}/{n}"), v, out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, v)| leaves(&format!("{here}/{n}"), v, out));
        }
        // JavaScript writes 19.0 as 19.
        scalar => {
            let text = String::from_utf8(crate::json::canonical(scalar)).unwrap();
            out.insert(format!("{here}={text}"));
        }
    }
}

fn shown_by_ours(card: &Card, candidate: &Candidate) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for path in &candidate.disclose {
        let at: String = path
            .parts()
            .iter()
            .map(|part| match part {
                PathPart::Key(name) => format!("/{name}"),
                PathPart::Index(index) => format!("/{index}"),
                PathPart::All => panic!("a wildcard in what is to be disclosed"),
            })
            .collect();
        leaves(&at, path.resolve(&card.claims, Indices::Exact)[0].value, &mut out);
    }
    out
}

#[derive(Default)]
struct Tally {
    met: usize,
    explained: BTreeMap<&'static str, usize>,
}

/// Compares the two answers to one case, which differ only where [`explanation`] says why.
fn compare(case: &Case, query: &Query, theirs: &Value, tally: &mut Tally) {
    let told = || format!("{}\n{}\n{theirs}", case.query, case.wallet_value());
    assert_eq!(theirs.get("refused"), None, "a well-formed query was refused: {}", told());
    let held: Vec<Held<'_>> = case.wallet.iter().map(Card::held).collect();
    let selections = query.select(&held);
    let mut differs = false;
    for selection in &selections {
        let matches = theirs["matches"][&selection.query.id].as_array().unwrap();
        for (place, card) in case.wallet.iter().enumerate() {
            let ours = selection.candidates.iter().find(|c| c.held == place);
            let theirs = matches.iter().find(|m| m["held"] == place);
            let ours_said = ours.map(|c| (json!(c.claim_set), shown_by_ours(card, c)));
            let theirs_said = theirs.map(|m| {
                let mut shown = BTreeSet::new();
                leaves("", &m["shown"], &mut shown);
                (m["claim_set"].clone(), shown)
            });
            if ours_said != theirs_said {
                let why = explanation(selection.query, card);
                let why = why.unwrap_or_else(|| {
                    panic!(
                        "{} with card {place}: {ours_said:?} {theirs_said:?}\n{}",
                        selection.query.id,
                        told()
                    )
                });
                *tally.explained.entry(why).or_default() += 1;
                differs = true;
            }
        }
    }
    let answerable = query.answerable(&selections);
    tally.met += usize::from(answerable.is_some());
    if differs {
        return;
    }
    assert_eq!(json!(answerable.is_some()), theirs["can_be_satisfied"], "{}", told());
    if let Some(answerable) = answerable
        && let Some(sets) = theirs["sets"].as_array()
    {
        let theirs: Vec<&Value> = sets.iter().filter(|set| **set != json!([])).collect();
        let ours: Vec<Value> = answerable.sets.iter().map(|set| json!(set.options)).collect();
        assert_eq!(ours.iter().collect::<Vec<_>>(), theirs, "{}", told());
    }
}

fn count() -> usize {
    std::env::var("SAHIHI_SOAK_DCQL").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000)
}

#[test]
fn random_queries_are_answered_alike() {
    let cases = cases(count());
    let mut features: BTreeMap<&str, usize> = BTreeMap::new();
    cases.iter().flat_map(|case| &case.features).for_each(|f| *features.entry(f).or_default() += 1);
    let questions: Vec<Value> =
        cases.iter().map(|case| json!({ "query": case.query, "wallet": case.wallet_value() })).collect();
    let mut tally = Tally::default();
    for (case, theirs) in cases.iter().zip(&ask_oracle(&questions)) {
        let query = Query::from_value(&case.query).unwrap();
        assert_eq!(Query::from_value(&query.to_value()).unwrap(), query);
        compare(case, &query, theirs, &mut tally);
    }
    let met = tally.met * 100 / cases.len();
    println!("{} queries, {met} % can be met; {features:?}; explained: {:?}", cases.len(), tally.explained);
    assert!((40..=80).contains(&met), "{met} % can be met");
    for feature in random::FEATURES {
        let n = features.get(feature).copied().unwrap_or(0);
        assert!(n >= cases.len() / 20, "{feature} is in {n} queries only");
    }
}

/// The parts of `value` at `paths`, the elements of arrays moved up, as a presentation shows them.
fn pruned(value: &Value, paths: &[&[PathPart]]) -> Value {
    if paths.iter().any(|path| path.is_empty()) {
        return value.clone();
    }
    let inside = |part: &PathPart| -> Vec<&[PathPart]> {
        let begins = paths.iter().filter_map(|path| path.split_first());
        begins.filter(|(first, _)| *first == part).map(|(_, rest)| rest).collect()
    };
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name, value, inside(&PathPart::Key(name.clone()))))
            .filter(|(_, _, paths)| !paths.is_empty())
            .map(|(name, value, paths)| (name.clone(), pruned(value, &paths)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(n, value)| (value, inside(&PathPart::Index(u32::try_from(n).unwrap()))))
            .filter(|(_, paths)| !paths.is_empty())
            .map(|(value, paths)| pruned(value, &paths))
            .collect(),
        _ => panic!("a path goes on beyond a value"),
    }
}

/// The paths of everything in `value`.
fn all_paths(value: &Value, here: &[PathPart], out: &mut Vec<ClaimPath>) {
    if !here.is_empty() {
        out.push(ClaimPath::from_parts(here.to_vec()));
    }
    let mut each = |part: PathPart, value: &Value| all_paths(value, &[here, &[part]].concat(), out);
    match value {
        Value::Object(members) => members.iter().for_each(|(n, v)| each(PathPart::Key(n.clone()), v)),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(n, v)| each(PathPart::Index(u32::try_from(n).unwrap()), v));
        }
        _ => {}
    }
}

/// By credential query: the card, what of it is shown, and where the disclosed parts are in that.
type Shown<'c> = BTreeMap<String, Vec<(&'c Card, Map<String, Value>, Vec<ClaimPath>)>>;

fn presented_of<'p>(
    card: &'p Card,
    claims: &'p Map<String, Value>,
    disclosed: &'p [ClaimPath],
) -> Presented<'p> {
    Presented {
        format: Format::SdJwtVc,
        vct: &card.vct,
        claims,
        disclosed,
        holder_bound: card.holder_bound,
        authority_key_ids: &card.aki,
    }
}

#[test]
fn what_a_holder_selects_satisfies_the_asker() {
    let (mut answered, mut spoilt) = (0, 0);
    for case in cases(1_000) {
        let query = Query::from_value(&case.query).unwrap();
        let held: Vec<Held<'_>> = case.wallet.iter().map(Card::held).collect();
        let selections = query.select(&held);
        let Some(answerable) = query.answerable(&selections) else { continue };
        let ids = answerable.required();
        let mut shown = Shown::new();
        for selection in selections.iter().filter(|s| ids.contains(s.query.id.as_str())) {
            let most = if selection.query.multiple { usize::MAX } else { 1 };
            for candidate in selection.candidates.iter().take(most) {
                let card = &case.wallet[candidate.held];
                let paths: Vec<&[PathPart]> = candidate.disclose.iter().map(ClaimPath::parts).collect();
                let claims = match paths.as_slice() {
                    [] => json!({}),
                    paths => pruned(&Value::Object(card.claims.clone()), paths),
                };
                let mut disclosed = Vec::new();
                all_paths(&claims, &[], &mut disclosed);
                let claims = claims.as_object().unwrap().clone();
                shown.entry(selection.query.id.clone()).or_default().push((card, claims, disclosed));
            }
        }
        let check = |shown: &Shown<'_>| {
            let answer = shown
                .iter()
                .map(|(id, list)| (id.clone(), list.iter().map(|(c, m, d)| presented_of(c, m, d)).collect()))
                .collect();
            query.check_answer(&answer)
        };
        assert_eq!(check(&shown), Ok(()), "{}\n{}", case.query, case.wallet_value());
        answered += 1;
        // One part more than was asked for.
        if let Some((_, claims, disclosed)) = shown.values_mut().next().and_then(|list| list.first_mut()) {
            claims.insert("unasked".into(), json!(1));
            disclosed.push(ClaimPath::top("unasked"));
            assert_eq!(check(&shown), Err(Unsatisfied::ClaimNotAsked), "{}", case.query);
            spoilt += 1;
        }
    }
    assert!(answered > 400 && spoilt > 200, "{answered} {spoilt}");
}
