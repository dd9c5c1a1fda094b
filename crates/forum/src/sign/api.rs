//! Submitting by program: what is said goes in as JSON, what comes back is a link for a wallet; the wallet's answer is the
//! submission.

use ask::Device;
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use base::limits::{
    FILE_BYTES_MAX, FILE_NAME_CHARS_MAX, LINE_CHARS_MAX, PROSE_CHARS_MAX, REQUEST_KEPT_S,
    SUBMISSION_FILES_MAX,
};
use http::{StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use web::{
    Caller, JsonBody, Names, Operation, Problem, Query, Routes,
    limit::{Costly, Guess},
    openapi::{
        Shape,
        leaf::{IdOf, Secret, Time},
    },
};

use super::{
    ops::{Signer, code},
    pages::problem,
};
use crate::{
    Answers, Call, Country, Forum, PartyClass, Standing, SubmissionId, SubmissionKind,
    answer::reading,
    draft::content::{Said, SaidFile},
    file,
    public::{self, database},
    sign::store::Signing,
};

const TAG: &str = "Submissions";

pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .add(
            Operation::post("/forum/v1/calls/{symbol}/submissions", "askToSignSubmission")
                .says(
                    TAG,
                    "Have a submission signed",
                    "Answers the link of a request with which a wallet signs the digest of the canonical text. The \
                     submission is received when the wallet answers: ask `/forum/v1/signings/{token}`.",
                )
                .in_path("symbol", "The call.", Shape::text("A symbol."))
                .answers::<SigningView>(StatusCode::CREATED, "The request.")
                .example(json!({
                    "form_version": 1, "lang": "en", "answers": { "q1": { "text": "Dig deeper." } },
                    "party": { "class": "individual", "name": "Adaeze" },
                }))
                .code(StatusCode::CONFLICT, "call_closed")
                .code(StatusCode::CONFLICT, "no_credential")
                .code(StatusCode::CONFLICT, "no_such_file")
                .code(StatusCode::CONFLICT, "form_version")
                .code(StatusCode::BAD_REQUEST, "answers")
                .code(StatusCode::BAD_REQUEST, "submission")
                .code(StatusCode::BAD_REQUEST, "submission_too_long")
                .code(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
            ask_to_sign,
        )
        .add(
            Operation::get("/forum/v1/signings/{token}", "showSigning")
                .says(TAG, "What came of it", "The receipt, once it was received; or why it was not.")
                .in_path("token", "The secret of the signing.", Shape::of::<Secret>())
                .answers::<StateView>(StatusCode::OK, "How far it is.")
                .code(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
            state,
        )
        .add(
            Operation::post("/forum/v1/files", "sendFile")
                .says(
                    TAG,
                    "Send a file for a submission, a circular or a call",
                    "Its bytes are the body. It is kept for a day, and for good with what names it: a submission, a circular, a call.",
                )
                .takes("application/octet-stream", "The bytes.", Shape::text("Of one of the types that are taken."))
                .answers::<FileView>(StatusCode::CREATED, "What it was found to be.")
                .code(StatusCode::BAD_REQUEST, "file_name")
                .code(StatusCode::BAD_REQUEST, "file_type")
                .code(StatusCode::BAD_REQUEST, "file_empty")
                .code(StatusCode::BAD_REQUEST, "file_lies")
                .code(StatusCode::BAD_REQUEST, "file_macros")
                .code(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large")
                .code(StatusCode::BAD_REQUEST, "query")
                .code(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
            send_file,
        )
}

/// What is submitted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewSubmission {
    /// The version of the form that the answers cite.
    #[serde(deserialize_with = "web::body::whole")]
    #[schemars(range(min = 1))]
    form_version: i64,
    /// The language of the original, a BCP 47 tag.
    #[schemars(length(min = 2, max = 35))]
    lang: String,
    /// By the id of the question: `{"q1": {"text": "…"}}`.
    #[schemars(with = "Map<String, Value>")]
    answers: Answers,
    /// The files that the answers name.
    #[serde(default)]
    #[schemars(length(max = SUBMISSION_FILES_MAX))]
    files: Vec<NamedFile>,
    #[serde(default)]
    #[schemars(length(max = PROSE_CHARS_MAX))]
    summary: Option<String>,
    party: Party,
    /// The submission that it replaces.
    #[serde(default)]
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    supersedes: Option<SubmissionId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SubmittedFile")]
struct NamedFile {
    /// Lower-case hexadecimal.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    sha256: String,
    #[schemars(length(min = 1, max = FILE_NAME_CHARS_MAX))]
    name: String,
    /// What came back when it was sent: a digest alone gets nobody somebody else's file.
    proof: String,
}

/// For whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SubmittingParty")]
struct Party {
    class: PartyClass,
    /// Under which it stands in public; of an organisation, as on its mandate.
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    name: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    #[schemars(with = "Option<String>", length(equal = 2))]
    country: Option<Country>,
    /// The organisation's identifier, as on its mandate.
    #[serde(default)]
    #[schemars(length(max = 80))]
    id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Signing")]
struct SigningView {
    /// The secret with which to ask what came of it.
    token: String,
    /// SHA-256 of `canonical`, lower-case hexadecimal: what is signed.
    digest: String,
    /// The canonical text (RFC 8785).
    canonical: String,
    /// For a wallet.
    link: String,
    /// A page with the link as a code, for a person.
    page: String,
    #[schemars(with = "Time")]
    expires_at: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SigningProgress")]
enum Progress {
    /// No wallet has answered.
    Waiting,
    /// A wallet has signed, and the submission was received.
    Received,
    /// A wallet has answered, and nothing was received.
    Refused,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SigningState")]
struct StateView {
    state: Progress,
    /// Once it was received.
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    submission: Option<String>,
    /// The signed receipt.
    receipt: Option<String>,
    /// Why nothing was received.
    code: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SentFile")]
struct FileView {
    sha256: String,
    name: String,
    media_type: String,
    size: i64,
    /// To be named with the file: whoever has it had the file.
    proof: String,
}

async fn ask_to_sign(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    caller: Caller,
    JsonBody(new): JsonBody<NewSubmission>,
) -> Result<Response, Problem> {
    caller.spend_here(Costly::TakePart).await?;
    let call = public::public_call(&forum, &symbol).await?;
    let said = said(&forum, &call, new).await?;
    let (canonical, digest) = forum.canonical(&symbol, &said).ok_or_else(bad)?;
    caller.keep_here(canonical.len()).await?;
    let token = forum.secret_token();
    let browser = crypto::sha256(token.as_bytes());
    let signer = Signer { browser, drafted: false, device: Device::Cross };
    let asked = forum.ask_to_sign(&call, &said, signer).await.map_err(|refusal| problem(&refusal))?;
    let view = SigningView {
        token,
        digest: base16ct::lower::encode_string(&digest),
        canonical: String::from_utf8(canonical).map_err(|_| bad())?,
        link: asked.link,
        page: asked.waiting_page,
        expires_at: asked.expires_at.rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

fn bad() -> Problem {
    Problem::bad_request("submission", "A text, a name or the language is not well-formed.")
}

/// What is said, with what is known of its files; looked at as far as that is possible before it is signed.
async fn said(forum: &Forum, call: &Call, new: NewSubmission) -> Result<Said, Problem> {
    let mut files = Vec::new();
    if new.files.len() > SUBMISSION_FILES_MAX {
        return Err(bad());
    }
    for named in new.files {
        // The same whether it is not there or was somebody else's to send: nobody finds out who has sent what.
        let unknown = || Problem::conflict("no_such_file", "A file is missing: send it first.");
        let digest: Option<[u8; 32]> =
            base16ct::lower::decode_vec(&named.sha256).ok().and_then(|d| d.try_into().ok());
        let digest = digest.filter(|digest| forum.proves_file(digest, &named.proof));
        let found = forum.file_of(digest.ok_or_else(unknown)?).await.map_err(|e| database(&e))?;
        let (media_type, size) = found.ok_or_else(unknown)?;
        files.push(SaidFile { sha256: named.sha256, name: named.name, media_type, size });
    }
    let said = Said {
        form_version: new.form_version,
        lang: new.lang.to_ascii_lowercase(),
        answers: new.answers,
        files,
        summary: new.summary,
        class: new.party.class,
        name: new.party.name,
        country: new.party.country,
        party_id: new.party.id,
        supersedes: new.supersedes,
    };
    if said.form_version != call.said.form.version {
        return Err(Problem::conflict("form_version", "The form is another version."));
    }
    let digests: Vec<String> = said.files.iter().map(|file| file.sha256.clone()).collect();
    let faults = call.said.form.validate(&said.answers, &digests);
    if !faults.is_empty() {
        let named: Vec<String> = faults.iter().map(|(id, fault)| format!("{id}: {}", fault.code())).collect();
        return Err(Problem::bad_request("answers", named.join(", ")));
    }
    let unsigned =
        said.submission(&call.said.symbol, Standing::unsigned([0; 32]), "looked at".to_owned(), None);
    forum.incoming(unsigned.ok_or_else(bad)?).map_err(|refusal| {
        tracing::debug!(code = code(&refusal), "a submission is not asked to be signed");
        bad()
    })?;
    Ok(said)
}

impl Forum {
    /// What shows that somebody sent a file: an HMAC of its digest, so that nothing has to be kept of it.
    fn proof_of_file(&self, digest: &[u8; 32]) -> String {
        let message = [b"sahihi forum file sent\n".as_slice(), digest].concat();
        formats::b64::encode(&crypto::hmac_sha256(&self.config.server_secret, &message))
    }

    fn proves_file(&self, digest: &[u8; 32], proof: &str) -> bool {
        crypto::constant_time_eq(self.proof_of_file(digest).as_bytes(), proof.as_bytes())
    }
}

async fn state(
    State(forum): State<Forum>,
    Names(token): Names<String>,
    caller: Caller,
) -> Result<Json<StateView>, Problem> {
    caller.check(Guess::Request).await?;
    let found = forum.last_signing(crypto::sha256(token.as_bytes())).await.map_err(|e| database(&e))?;
    let Some(Signing { submission, refused, .. }) = found else {
        caller.failed(Guess::Request).await;
        return Err(Problem::not_found("signing"));
    };
    let receipt = match submission {
        Some(id) => forum.receipt_file(id).await.map_err(|e| database(&e))?,
        None => None,
    };
    let state = match (&submission, &refused) {
        (Some(_), _) => Progress::Received,
        (None, Some(_)) => Progress::Refused,
        (None, None) => Progress::Waiting,
    };
    let submission = submission.map(|id| id.to_string());
    Ok(Json(StateView { state, submission, receipt, code: refused }))
}

#[derive(Deserialize, JsonSchema)]
struct Named {
    /// Its name, with the ending of its type.
    #[schemars(length(min = 1, max = FILE_NAME_CHARS_MAX))]
    name: String,
}

async fn send_file(
    State(forum): State<Forum>,
    caller: Caller,
    Query(named): Query<Named>,
    request: Request,
) -> Result<Response, Problem> {
    caller.spend_here(Costly::TakePart).await?;
    let too_large =
        || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", "The file is too large.");
    let reading = reading::begin(&forum, &request, FILE_BYTES_MAX)?;
    let declared = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let declared = declared.map(str::to_owned);
    let bytes =
        axum::body::to_bytes(request.into_body(), reading.bytes_max).await.map_err(|_| too_large())?;
    let taken =
        file::take(&named.name, declared.as_deref(), bytes.into()).map_err(|refused| match refused {
            file::Refused::TooLarge => too_large(),
            refused => Problem::bad_request(refused.code(), refused.to_string()),
        })?;
    caller.keep_here(taken.bytes.len()).await?;
    let until = forum.clock.now().plus_secs(REQUEST_KEPT_S);
    let view = FileView {
        sha256: taken.file.digest_hex(),
        name: taken.file.name.clone(),
        media_type: taken.file.media_type.clone(),
        size: taken.file.size,
        proof: forum.proof_of_file(&taken.file.digest),
    };
    forum.keep_file(taken, until).await.map_err(|e| database(&e))?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}
