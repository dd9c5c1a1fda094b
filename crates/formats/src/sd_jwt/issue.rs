//! Making an SD-JWT whose claims are disclosable at the top level.

use crypto::{HashAlg, Random, Signer, random_array};
use serde_json::Value;

use super::{Disclosure, Error};
use crate::{json, json::Object, jws};

/// Bytes of a salt: 128 bits (RFC 9901, section 9.3).
const SALT_BYTES: usize = 16;

/// Signs `claims` under `header` (`alg` is set), with every claim whose name `disclosable` accepts in a disclosure
/// of its own. Answers the SD-JWT with all disclosures; it ends in `~`.
pub fn issue(
    claims: &Object,
    disclosable: impl Fn(&str) -> bool,
    header: &Value,
    signer: &dyn Signer,
    random: &dyn Random,
) -> Result<String, Error> {
    let mut payload = Object::new();
    let mut digests = Vec::new();
    let mut disclosures = String::new();
    for (name, value) in claims {
        if reserved_within(name, value) {
            return Err(Error::ReservedName);
        }
        if disclosable(name) {
            let salt = random_array::<SALT_BYTES>(random);
            let disclosure = Disclosure::of_member(&salt, name, value, HashAlg::Sha256);
            disclosures.push_str(disclosure.as_str());
            disclosures.push('~');
            digests.push(disclosure.digest().to_owned());
        } else {
            payload.insert(name.clone(), value.clone());
        }
    }
    if !digests.is_empty() {
        // Sorted, so that their order says nothing of the claims (RFC 9901, section 4.2.4.1).
        digests.sort_unstable();
        payload.insert("_sd".to_owned(), digests.into());
        payload.insert("_sd_alg".to_owned(), HashAlg::Sha256.name().into());
    }
    let payload = json::canonical(&Value::Object(payload));
    let jwt = jws::sign(header, &payload, signer).map_err(Error::Signing)?;
    Ok(format!("{jwt}~{disclosures}"))
}

/// Whether a member at any level has a name that the format keeps for itself.
fn reserved_within(name: &str, value: &Value) -> bool {
    matches!(name, "_sd" | "..." | "_sd_alg")
        || match value {
            Value::Object(members) => members.iter().any(|(name, value)| reserved_within(name, value)),
            Value::Array(items) => items.iter().any(|item| reserved_within("", item)),
            _ => false,
        }
}
