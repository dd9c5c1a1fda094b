//! Keys: there, private, matching their certificates, under their root, not expired.

use std::{fs, io::ErrorKind, os::unix::fs::PermissionsExt, path::Path};

use base::{
    Instant,
    limits::{CERTIFICATE_WARN_DAYS, NONCE_LIFETIME_S},
};
use formats::x509::{Certificate, Purpose, TrustAnchors, certificates_from_pem, validate};

use super::{Finding, State};
use crate::{
    config::Config,
    keys::{self, Use},
};

const DAY_S: i64 = 86_400;

/// Of the party and each of its issuers.
pub(super) fn check(config: &Config, at: &str, now: Instant) -> Vec<Finding> {
    let others = config.issuers().map(|(.., party)| party);
    std::iter::once(config.clone()).chain(others).flat_map(|party| of_party(&party, at, now)).collect()
}

fn of_party(party: &Config, at: &str, now: Instant) -> Vec<Finding> {
    if !party.keys.exists() {
        let found = format!("there are no keys in {}", party.keys.display());
        let mend = format!("`sahihi keys init --config {at}`, or put back the folder that you kept");
        return vec![Finding::failure("keys_present", found, mend)];
    }
    // Loading finishes a rotation that was interrupted, as each start of the server does.
    let loaded = [Use::Credential, Use::Request].map(|use_| (use_, keys::load(party, use_)));
    let mut all = vec![present(party), private(&party.keys), matching(party, &loaded, at)];
    let root = fs::read_to_string(keys::root_certificate(party)).ok();
    let anchors = root.as_deref().and_then(|pem| TrustAnchors::from_pem(pem).ok());
    if let Some(anchors) = anchors {
        let mut broken = Vec::new();
        for (use_, signer) in &loaded {
            let purpose = match use_ {
                Use::Credential => Purpose::CredentialSigning,
                Use::Request => Purpose::RequestSigning,
            };
            if let Ok(signer) = signer {
                // At its own beginning: that it may be over is said by another finding.
                let begun = signer.leaf().not_before.plus_secs(NONCE_LIFETIME_S);
                if let Err(e) = validate(&signer.chain, &anchors, begun, purpose) {
                    broken.push(format!("{}: {e}", use_.name()));
                }
            }
        }
        all.push(if broken.is_empty() {
            Finding::ok("keys_chain", "every certificate is under root.pem")
        } else {
            let mend = format!(
                "put the root.pem back under which they were made, or `sahihi keys rotate --config {at}`"
            );
            Finding::failure("keys_chain", broken.join("; "), mend)
        });
    }
    all.extend(["credential", "request", "root"].iter().filter_map(|name| expiry(party, name, at, now)));
    all
}

fn present(party: &Config) -> Finding {
    let needed =
        ["root.pem", "credential.key.pem", "credential.pem", "request.key.pem", "request.pem", "secret"];
    let missing: Vec<_> = needed.into_iter().filter(|file| !party.keys.join(file).is_file()).collect();
    if missing.is_empty() {
        return Finding::ok("keys_present", format!("all are in {}", party.keys.display()));
    }
    let found = format!("{} has no {}", party.keys.display(), missing.join(", "));
    Finding::failure(
        "keys_present",
        found,
        "put back the files that you kept: made anew they would be others",
    )
}

/// Nobody but their owner reads secret files, and nobody but their owner puts files there.
fn private(folder: &Path) -> Finding {
    let mut open = Vec::new();
    let mut stack = vec![folder.to_owned()];
    while let Some(path) = stack.pop() {
        let known = match fs::symlink_metadata(&path) {
            Ok(known) => known,
            // A server that runs replaces the note of what its log signed.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(_) => {
                open.push(format!("{} cannot be looked at", path.display()));
                continue;
            }
        };
        let mode = known.permissions().mode() & 0o777;
        if known.is_dir() {
            if mode & 0o022 != 0 {
                open.push(format!("{} has mode {mode:o}", path.display()));
            }
            match fs::read_dir(&path) {
                Ok(entries) => stack.extend(entries.flatten().map(|e| e.path())),
                Err(_) => open.push(format!("{} cannot be listed", path.display())),
            }
        } else if mode & 0o077 != 0 && is_secret(&path) {
            open.push(format!("{} has mode {mode:o}", path.display()));
        }
    }
    if open.is_empty() {
        return Finding::ok("keys_private", "only their owner reads them");
    }
    open.sort();
    let mend = format!(
        "`chmod -R go-rwx {}`; if others were on this machine, `sahihi keys rotate`",
        folder.display()
    );
    Finding::failure("keys_private", open.join("; "), mend)
}

fn is_secret(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "secret" || name == "log.key" || name.ends_with(".key.pem")
}

fn matching(
    party: &Config,
    loaded: &[(Use, Result<formats::x509::CertifiedSigner, crate::Failure>); 2],
    at: &str,
) -> Finding {
    let mut wrong: Vec<String> =
        loaded.iter().filter_map(|(_, signer)| signer.as_ref().err().map(|e| e.detail.clone())).collect();
    wrong.extend(keys::server_secret(party).err().map(|e| e.detail));
    if wrong.is_empty() {
        return Finding::ok("keys_match", "every key is that of its certificate");
    }
    let mend = format!("put back the files that you kept, or `sahihi keys rotate --config {at}`");
    Finding::failure("keys_match", wrong.join("; "), mend)
}

/// How long a certificate still is valid.
fn expiry(party: &Config, name: &str, at: &str, now: Instant) -> Option<Finding> {
    let code = match name {
        "credential" => "certificate_credential",
        "request" => "certificate_request",
        _ => "certificate_root",
    };
    let pem = fs::read_to_string(party.keys.join(format!("{name}.pem"))).ok()?;
    let ders = certificates_from_pem(&pem).ok()?;
    let all: Vec<_> = ders.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    let ends = all.iter().map(|c| c.not_after).min()?;
    let begins = all.iter().map(|c| c.not_before).max()?;
    let rotate = if name == "root" {
        format!(
            "`sahihi keys rotate --use root --config {at}`, restart, and give `sahihi keys export-anchors` to those who trust you"
        )
    } else {
        format!("`sahihi keys rotate --use {name} --config {at}`, and restart the server")
    };
    let days = (ends.secs() - now.secs()).div_euclid(DAY_S);
    Some(if now < begins {
        let found = format!("{name}.pem is valid from {}, which is still to come", begins.rfc3339());
        Finding::failure(code, found, "set the clock of this machine")
    } else if now > ends {
        Finding::failure(code, format!("{name}.pem was valid until {}", ends.rfc3339()), rotate)
    } else if days < CERTIFICATE_WARN_DAYS {
        Finding::bad(code, State::Warning, format!("{name}.pem is valid for {days} more days"), rotate)
    } else {
        Finding::ok(code, format!("{name}.pem is valid for {days} more days"))
    })
}
