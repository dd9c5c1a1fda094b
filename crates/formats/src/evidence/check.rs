//! What can be found out from bytes alone, part by part: what is proven, and what is not.

use std::collections::BTreeSet;

use base::Instant;
use serde_json::Value;

use super::{Evidence, Finding, hex, is_type, numbered};
use crate::{
    json as strict,
    jws::Jws,
    sd_jwt::SdJwt,
    sd_jwt_vc::{self, KeyBinding, VerifiedCredential, VerifyContext},
    status_list,
    vp::{self, RequestContext, RequestObject, StatusFinding, UndeterminedStatus, VerifiedAnswer, VpToken},
    x509::{Leaf, TrustAnchors},
};

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An SD-JWT VC, with or without key binding.
    Credential,
    /// A status list token.
    StatusToken,
    /// An evidence document.
    Evidence,
    /// A receipt of a log.
    LogReceipt,
    /// A proof that something is in a log (C2SP tlog-proof).
    LogProof,
}

impl Kind {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::StatusToken => "status_list_token",
            Self::Evidence => "evidence",
            Self::LogReceipt => "log_receipt",
            Self::LogProof => "tlog_proof",
        }
    }
}

/// What came out for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Right,
    /// It does not hold; a stable code says why.
    Wrong(String),
    /// It cannot be said; a stable code says why.
    Undetermined(String),
}

/// One part of what was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which: `form`, `request`, `credential`, `key_binding`, `status`, `result`.
    pub name: String,
    /// What came out.
    pub verdict: Verdict,
    /// What it proves if it is right, in a sentence.
    pub proves: String,
    /// What it does not prove even then, in a sentence.
    pub does_not_prove: String,
}

/// All that was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the bytes are.
    pub kind: Kind,
    /// The instant for which it was checked.
    pub at: Instant,
    /// Part by part.
    pub parts: Vec<Part>,
}

impl Report {
    /// Whether everything that can be checked is right and nothing is undetermined.
    pub fn is_right(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|p| p.verdict == Verdict::Right)
    }
}

/// By whose word, and for when.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// Who vouches for issuers and askers; if empty, nothing that is signed can be judged.
    pub anchors: &'a TrustAnchors,
    /// The instant that it is, or for which to judge.
    pub now: Instant,
    /// Whether `now` was chosen by the reader: evidence is otherwise judged for its own time.
    pub chosen: bool,
}

const NO_ANCHORS: &str = "anchors_missing";

fn part(name: &str, verdict: Verdict, proves: impl Into<String>, does_not_prove: impl Into<String>) -> Part {
    Part { name: name.to_owned(), verdict, proves: proves.into(), does_not_prove: does_not_prove.into() }
}

fn wrong(code: &str) -> Verdict {
    Verdict::Wrong(code.to_owned())
}

fn undetermined(code: &str) -> Verdict {
    Verdict::Undetermined(code.to_owned())
}

/// Checks whatever `bytes` are; none if they are nothing that is known here.
pub fn check(bytes: &[u8], trust: &Trust<'_>) -> Option<Report> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.trim_start().starts_with('{') {
        let value = strict::parse_within(text.trim().as_bytes(), base::limits::EVIDENCE_BYTES_MAX).ok()?;
        return value
            .get("type")
            .and_then(Value::as_str)
            .filter(|t| is_type(t))
            .map(|_| check_evidence(bytes, trust));
    }
    let text = text.trim();
    if text.contains('~') {
        return Some(check_credential(text, trust));
    }
    let jws = Jws::parse_within(text, base::limits::STATUS_LIST_TOKEN_BYTES_MAX).ok()?;
    (jws.header.typ.as_deref() == Some(status_list::TYP)).then(|| check_status_token(text, trust))
}

/// Checks a credential, with or without key binding. Its status and the freshness of its key binding cannot be judged
/// from it alone, and the report says so.
pub fn check_credential(text: &str, trust: &Trust<'_>) -> Report {
    let mut report = Report { kind: Kind::Credential, at: trust.now, parts: Vec::new() };
    let verified = if trust.anchors.is_empty() {
        Err(undetermined(NO_ANCHORS))
    } else {
        let context = VerifyContext { anchors: trust.anchors, now: trust.now, expected: KeyBinding::None };
        sd_jwt_vc::verify(text, &context).map_err(|refusal| wrong(refusal.code()))
    };
    match verified {
        Err(verdict) => report.parts.push(issuer_part("credential", verdict, None)),
        Ok(credential) => {
            report.parts.push(issuer_part("credential", Verdict::Right, Some(&credential)));
            if SdJwt::parse(text).is_ok_and(|sd_jwt| sd_jwt.key_binding().is_some()) {
                report.parts.push(key_binding_alone(text, &credential));
            }
            if let Some(status) = &credential.status {
                report.parts.push(part(
                    "status",
                    undetermined("status_not_looked_at"),
                    format!(
                        "Whether it is suspended or revoked stands at {}, number {}.",
                        status.uri, status.idx
                    ),
                    "This program calls nobody: fetch the list and check it as a file of its own.",
                ));
            }
        }
    }
    report
}

/// A key binding without the request that it answers.
fn key_binding_alone(text: &str, credential: &VerifiedCredential) -> Part {
    let verdict = SdJwt::parse(text).ok().and_then(|sd_jwt| {
        let jws = sd_jwt.key_binding()?;
        let key = credential.holder_key.as_ref()?;
        if jws.verify(key.public_key(), crypto::Algorithm::Es256).is_err() {
            return Some(wrong("key_binding_signature"));
        }
        let claims = jws.claims().ok()?;
        if claims.get("sd_hash").and_then(Value::as_str) != Some(&sd_jwt.sd_hash()) {
            return Some(wrong("sd_hash"));
        }
        Some(undetermined("request_missing"))
    });
    part(
        "key_binding",
        verdict.unwrap_or_else(|| wrong("key_binding_malformed")),
        "Whoever holds the key to which the credential is bound signed this very presentation.",
        "Without the request it cannot be said for whom and for what it was meant: anybody who saw it can hand it on.",
    )
}

fn issuer_part(name: &str, verdict: Verdict, credential: Option<&VerifiedCredential>) -> Part {
    let proves = credential.map_or_else(
        || "Which issuer states these claims.".to_owned(),
        |c| {
            let claims: Vec<&str> = c.claims.keys().map(String::as_str).collect();
            format!(
                "{} states, in a credential of type {}: {}.",
                described(&c.issuer),
                c.vct,
                claims.join(", ")
            )
        },
    );
    part(
        name,
        verdict,
        proves,
        "That what the issuer states is true, and that it is still in force: see the status.",
    )
}

fn described(leaf: &Leaf) -> String {
    let country = leaf.country.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
    format!("{}{country}, certificate {}", leaf.subject_name, hex(leaf.sha256.get(..8).unwrap_or_default()))
}

/// Checks a status list token for the list that it says it is.
pub fn check_status_token(text: &str, trust: &Trust<'_>) -> Report {
    let claims = Jws::parse_within(text, base::limits::STATUS_LIST_TOKEN_BYTES_MAX)
        .ok()
        .and_then(|jws| strict::parse_within(&jws.payload, base::limits::STATUS_LIST_TOKEN_BYTES_MAX).ok());
    let sub =
        claims.as_ref().and_then(|c| c.get("sub")).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (verdict, proves) = if trust.anchors.is_empty() {
        (undetermined(NO_ANCHORS), "Which issuer states the status of its credentials.".to_owned())
    } else {
        match status_list::verify_token(text, &sub, trust.anchors, trust.now) {
            Ok(token) => (
                Verdict::Right,
                format!(
                    "{} stated at {} the status of {} credentials, as the list {}.",
                    described(&token.issuer),
                    token.iat,
                    token.list.entries(),
                    token.sub
                ),
            ),
            Err(refusal) => {
                (wrong(refusal.code()), "Which issuer states the status of its credentials.".to_owned())
            }
        }
    };
    let part =
        part("status_list", verdict, proves, "What the status is now: a newer list may say something else.");
    Report { kind: Kind::StatusToken, at: trust.now, parts: vec![part] }
}

/// Checks an evidence document: everything again, from its bytes, for the time that it names (or for a chosen one).
pub fn check_evidence(bytes: &[u8], trust: &Trust<'_>) -> Report {
    let mut report = Report { kind: Kind::Evidence, at: trust.now, parts: Vec::new() };
    let form = |verdict| {
        part(
            "form",
            verdict,
            "The document is whole and in the one form that it can have.",
            "Who wrote it, and that it is the copy that was logged: the document itself is not signed, its parts are. \
             Its time is the asker's own statement, bounded only by the times that the parts carry; whoever has \
             got hold of keys since, of the asker and of the holder, could have made it later.",
        )
    };
    let evidence = match Evidence::parse(bytes) {
        Ok(evidence) => evidence,
        Err(refusal) => {
            report.parts.push(form(wrong(refusal.code())));
            return report;
        }
    };
    report.parts.push(form(Verdict::Right));
    report.at = if trust.chosen { trust.now } else { evidence.time };
    let at = report.at;
    if evidence.time > trust.now.plus_secs(base::limits::CLOCK_SKEW_S) {
        report.parts.push(part(
            "time",
            wrong("time_future"),
            "That the act lies in the past.",
            "When exactly it was.",
        ));
    }
    if trust.anchors.is_empty() {
        let nothing = "Nothing that is signed can be judged without knowing whom to trust.";
        report.parts.push(part("trust", undetermined(NO_ANCHORS), "Who asked and who vouches.", nothing));
        return report;
    }
    let Some(request) = check_request(&evidence, trust.anchors, at, &mut report.parts) else { return report };
    check_answer(&evidence, &request, trust.anchors, at, &mut report.parts);
    report
}

fn check_request(
    evidence: &Evidence,
    anchors: &TrustAnchors,
    at: Instant,
    parts: &mut Vec<Part>,
) -> Option<RequestObject> {
    let unverified = RequestObject::read_unverified(&evidence.request);
    let client_id = unverified.as_ref().map(|r| r.client_id.to_string()).unwrap_or_default();
    let context = RequestContext {
        client_id: &client_id,
        anchors,
        now: at,
        wallet_nonce: None,
        insecure_loopback: true,
    };
    let limits = "That the person saw or understood more than their wallet showed them.";
    if let Ok(request) = &unverified
        && request.client_id.prefix() == vp::Prefix::RedirectUri
    {
        let verdict = if is_under(&request.response_uri, &evidence.asker) {
            undetermined("request_unsigned")
        } else {
            wrong("asker_mismatch")
        };
        let proves =
            format!("That what was shown with proof of holding was meant for {}.", request.response_uri);
        let limits = "Who asked, and that exactly this was asked: nobody signed this request.";
        parts.push(part("request", verdict, proves, limits));
        return unverified.ok();
    }
    match vp::verify_request(&evidence.request, &context) {
        Ok(verified) => {
            let verdict = if is_under(&verified.request.response_uri, &evidence.asker) {
                Verdict::Right
            } else {
                wrong("asker_mismatch")
            };
            let proves = format!("{} asked exactly this, as {client_id}.", described(&verified.asker));
            parts.push(part("request", verdict, proves, limits));
            Some(verified.request)
        }
        Err(refusal) => {
            parts.push(part("request", wrong(refusal.code()), "Who asked, and for what.", limits));
            None
        }
    }
}

/// Whether `asker` is an origin, written out, and the address is under it.
fn is_under(address: &str, asker: &str) -> bool {
    let origin = url::Url::parse(asker).is_ok_and(|url| {
        url.has_host() && url.path() == "/" && url.query().is_none() && url.fragment().is_none()
    });
    origin && !asker.ends_with('/') && address.strip_prefix(asker).is_some_and(|rest| rest.starts_with('/'))
}

fn check_answer(
    evidence: &Evidence,
    request: &RequestObject,
    anchors: &TrustAnchors,
    at: Instant,
    parts: &mut Vec<Part>,
) {
    let answer = VpToken::parse(&evidence.vp_token)
        .map_err(vp::response::ResponseRefusal::code)
        .and_then(|token| vp::verify_answer(request, &token, anchors, at).map_err(|refusal| refusal.code()));
    let answer = match answer {
        Ok(answer) => answer,
        Err(code) => {
            let proves = "What was shown, by whom, in answer to this request.";
            parts.push(part("answer", wrong(code), proves, "Who held the wallet in their hand."));
            return;
        }
    };
    let mut unsettled = None;
    let credentials = answer
        .credentials
        .iter()
        .flat_map(|(id, list)| list.iter().enumerate().map(move |(n, c)| (id, numbered(id, n), c)));
    for (query, id, credential) in credentials {
        parts.push(issuer_part(&format!("credential.{id}"), Verdict::Right, Some(credential)));
        let approved = answer.approved.iter().filter(|a| a.credential_id == *query);
        let approved: Vec<String> =
            approved.map(|a| format!(", and approved: {}", said(&a.transaction))).collect();
        let what = approved.concat();
        let (proves, limits) = if credential.key_binding.is_some() {
            (
                format!(
                    "Whoever holds the key of this credential answered this request, and no other{what}."
                ),
                "Who held the wallet in their hand: a key proves possession, not presence.",
            )
        } else {
            (
                "No proof of holding the credential was asked for, and none came.".to_owned(),
                "That the credential is of whoever answered, or that they meant this request.",
            )
        };
        parts.push(part(&format!("key_binding.{id}"), Verdict::Right, proves, limits));
        let finding = check_status(evidence, credential, anchors, at);
        let verdict = match finding {
            StatusFinding::Valid => Verdict::Right,
            StatusFinding::Undetermined(why) => {
                unsettled.get_or_insert((why.code(), credential.status.as_ref()));
                undetermined(why.code())
            }
            StatusFinding::Revoked | StatusFinding::Suspended => wrong(finding.code().unwrap_or_default()),
        };
        let proves = if credential.status.is_some() {
            "The issuer's list, as it was fetched then, does not call it suspended or revoked."
        } else {
            "The issuer gave it no status: it is in force as long as its dates say."
        };
        parts.push(part(&format!("status.{id}"), verdict, proves, "What its status is now."));
    }
    check_unsigned(evidence, &answer, parts);
    let reason = unsettled.map(|(code, reference)| match evidence.result.undetermined.as_deref() {
        // A list that could not be had leaves no trace but the recorded reason.
        Some(recorded)
            if reference.is_some_and(|r| evidence.status_tokens.iter().all(|t| t.uri != r.uri))
                && WITHOUT_LIST.iter().any(|why| why.code() == recorded) =>
        {
            recorded
        }
        _ => code,
    });
    let again = Finding::new(&answer, reason);
    let verdict = if again == evidence.result { Verdict::Right } else { wrong("result_mismatch") };
    parts.push(part(
        "result",
        verdict,
        "The result that the asker wrote down is the one that follows from request, answer and status.",
        "What the asker did with it.",
    ));
}

/// Reasons for which there is no list to be looked at.
const WITHOUT_LIST: [UndeterminedStatus; 5] = [
    UndeterminedStatus::Address,
    UndeterminedStatus::Unreachable,
    UndeterminedStatus::HttpStatus,
    UndeterminedStatus::TooLong,
    UndeterminedStatus::Malformed,
];

/// What nobody signed must at least fit what was signed.
fn check_unsigned(evidence: &Evidence, answer: &VerifiedAnswer, parts: &mut Vec<Part>) {
    let named = answer.all().all(|c| evidence.anchors.contains(&hex(&c.issuer.anchor_sha256)));
    parts.push(part(
        "anchors",
        if named { Verdict::Right } else { wrong("anchors_mismatch") },
        "The authorities that vouch for the issuers are among those that the asker says it trusted.",
        "That the asker trusted no others: nobody signed that list.",
    ));
    let referred: BTreeSet<&str> =
        answer.all().filter_map(|c| Some(c.status.as_ref()?.uri.as_str())).collect();
    let copies: BTreeSet<&str> = evidence.status_tokens.iter().map(|t| t.uri.as_str()).collect();
    if copies.len() != evidence.status_tokens.len() || !copies.is_subset(&referred) {
        parts.push(part(
            "status_tokens",
            wrong("status_tokens_mismatch"),
            "The lists that were looked at are the ones that the credentials refer to, each once.",
            "That another list was not looked at.",
        ));
    }
}

/// What was approved, as the holder signed it.
fn said(transaction: &vp::TransactionData) -> String {
    let payload = transaction.payload().unwrap_or_else(|| transaction.object());
    format!("{} of the type {}", Value::Object(payload.clone()), transaction.kind())
}

fn check_status(
    evidence: &Evidence,
    credential: &VerifiedCredential,
    anchors: &TrustAnchors,
    at: Instant,
) -> StatusFinding {
    let Some(reference) = &credential.status else { return StatusFinding::Valid };
    match evidence.status_tokens.iter().find(|t| t.uri == reference.uri) {
        Some(copy) => vp::judge_status(reference, &credential.issuer, &copy.token, anchors, at),
        None => StatusFinding::Undetermined(UndeterminedStatus::Unreachable),
    }
}
