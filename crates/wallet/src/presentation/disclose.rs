//! Leaving out of a credential whatever was not asked for.

use std::collections::{BTreeMap, BTreeSet};

use formats::sd_jwt::SdJwt;
use serde_json::Value;

/// The credential with only the disclosures that belong to the top-level claims `asked`. Ends in `~`.
///
/// Not by name alone: a disclosure deep inside another claim may have the same name.
pub(super) fn reduce(credential: &SdJwt, asked: &BTreeSet<&str>) -> String {
    let by_digest: BTreeMap<&str, _> = credential.disclosures().iter().map(|d| (d.digest(), d)).collect();
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    let mut queue: Vec<&str> = Vec::new();
    let top = credential.payload().get("_sd").and_then(Value::as_array);
    for digest in top.into_iter().flatten().filter_map(Value::as_str) {
        let name = by_digest.get(digest).and_then(|d| d.name());
        queue.extend(name.filter(|n| asked.contains(n)).map(|_| digest));
    }
    for (name, value) in credential.payload() {
        if asked.contains(name.as_str()) {
            embedded(value, &mut queue);
        }
    }
    while let Some(digest) = queue.pop() {
        if let Some(disclosure) = by_digest.get(digest)
            && kept.insert(digest)
        {
            embedded(disclosure.value(), &mut queue);
        }
    }
    credential.select_disclosures(|d| kept.contains(d.digest()))
}

/// Every digest in `value`.
fn embedded<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| embedded(item, out)),
        Value::Object(members) => {
            out.extend(
                members.get("_sd").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str),
            );
            out.extend(members.get("...").and_then(Value::as_str));
            members.values().for_each(|member| embedded(member, out));
        }
        _ => {}
    }
}
