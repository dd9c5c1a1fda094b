//! Every limit of the system, in one table: sizes, counts, lifetimes, tries.
//!
//! `sahihi doctor --limits` prints [`ALL`].

/// A limit, as it is printed.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Its name here.
    pub name: &'static str,
    /// Its value.
    pub value: i64,
    /// What it bounds, and in which unit.
    pub what: &'static str,
}

macro_rules! limits {
    ($($name:ident: $type:ty = $value:expr, $what:literal;)+) => {
        $(#[doc = $what] pub const $name: $type = $value;)+
        /// All of them.
        #[expect(clippy::cast_possible_wrap, reason = "none is near the end of an i64")]
        pub const ALL: &[Limit] = &[$(Limit { name: stringify!($name), value: $name as i64, what: $what },)+];
    };
}

limits! {
    CLOCK_STEP_S: i64 = 3_600, "how far our own clock may be set back without anything being taken twice, and how far ahead of it a clock may have been that set an end, seconds";
    CLOCK_SKEW_S: i64 = 60, "how far another's clock may be ahead of ours or behind it, seconds";
    JSON_DEPTH_MAX: usize = 32, "how deep JSON from outside may nest, levels";
    JSON_BYTES_MAX: usize = 256 * 1024, "how long one JSON text from outside may be, bytes";
    BODY_BYTES_MAX: usize = 256 * 1024, "how long a request's body may be, bytes";
    JWT_BYTES_MAX: usize = 128 * 1024, "how long one compact JWS from outside may be, bytes";
    JWE_BYTES_MAX: usize = 256 * 1024, "how long one compact JWE, in either direction, may be, bytes";
    SD_JWT_BYTES_MAX: usize = 192 * 1024, "how long one SD-JWT with its disclosures may be, bytes";
    DISCLOSURES_MAX: usize = 512, "how many disclosures an SD-JWT may carry";
    X5C_MAX: usize = 5, "how many certificates a chain may have";
    CERTIFICATE_BYTES_MAX: usize = 8 * 1024, "how long a certificate may be, DER bytes";
    STATUS_AGGREGATION_MAX: usize = 10_000, "how many status lists one aggregation may name";
    TYPE_METADATA_CHAIN_MAX: usize = 8, "how many types, the first included, may extend one another";
    TYPE_METADATA_CLAIMS_MAX: usize = 256, "how many claims the metadata of one type may describe";
    TYPE_METADATA_LOCALES_MAX: usize = 64, "for how many locales type metadata may say how something is shown";
    STATUS_LIST_ENTRIES: i64 = 1 << 17, "how many entries one of our status lists has";
    STATUS_LIST_INFLATED_BYTES_MAX: usize = 16 * 1024 * 1024, "how long a status list may become when inflated, bytes";
    STATUS_LIST_TOKEN_BYTES_MAX: usize = 8 * 1024 * 1024, "how long a status list token may be, bytes";
    STATUS_LIST_TTL_S: i64 = 300, "how long a fetched status list may be used, seconds, unless its party is configured otherwise";
    STATUS_LIST_LIFETIME_S: i64 = 86_400, "how long a status list token is valid, seconds";
    DCQL_CREDENTIALS_MAX: usize = 16, "how many credential queries a DCQL query may have";
    DCQL_CLAIMS_MAX: usize = 64, "how many claims queries a credential query may have";
    TRANSACTION_DATA_MAX: usize = 8, "how many transactions one presentation request may ask to approve";
    TRANSACTION_DATA_BYTES_MAX: usize = 64 * 1024, "how long the text of one transaction may be, base64url bytes";
    EVIDENCE_BYTES_MAX: usize = 16 * 1024 * 1024, "how long an evidence document may be, bytes";
    PURPOSE_CHARS_MAX: usize = 500, "how long an asker's purpose may be, characters a language";
    REQUEST_KEPT_S: i64 = 86_400, "how long a presentation request that nobody answered, and an answer that did not come back in the session that asked, are kept after their end, seconds";
    ANSWERS_KEPT_S: i64 = 30 * 86_400, "how long an answer to a presentation request and its evidence, which hold personal data, are kept, seconds";
    RESPONSES_NOTED_MAX: i64 = 50, "how many refused answers and refusals of a wallet are noted with one presentation request";
    CHAINS_KEPT_MAX: usize = 64, "how many certificate chains that were validated are remembered for each set of anchors";
    STATUS_CACHE_MAX: usize = 64, "how many status lists are kept in memory";
    STATUS_CACHE_BYTES_MAX: usize = 64 * 1024 * 1024, "how long the status lists that are kept in memory may be together, bytes";
    EVIDENCE_STATUS_BYTES_MAX: usize = 12 * 1024 * 1024, "how long the status list tokens of one evidence document may be together, bytes";
    OFFER_LIFETIME_S: i64 = 900, "how long an offer can be accepted, seconds";
    OFFER_KEPT_S: i64 = 86_400, "how long an offer that is over is still shown to staff, seconds";
    TX_CODE_TRIES_MAX: i64 = 5, "how many wrong transaction codes end an offer";
    ACCESS_TOKEN_LIFETIME_S: i64 = 300, "how long an access token is valid, seconds";
    NONCE_LIFETIME_S: i64 = 300, "how long a `c_nonce` can be used, seconds";
    PROOF_AGE_MAX_S: i64 = 300, "how old a key proof may be, seconds";
    PROOFS_MAX: usize = 16, "how many key proofs one credential request may carry";
    CREDENTIAL_RESPONSES_PER_OFFER_MAX: i64 = 3, "how often one offer's credential can be fetched while its access token is valid";
    REFRESHES_MAX: i64 = 100, "how often a credential can be refreshed while it is valid";
    REQUEST_LIFETIME_S: i64 = 600, "how long a presentation request can be answered, seconds";
    KEY_BINDING_AGE_MAX_S: i64 = 300, "how old a key-binding JWT may be, seconds";
    RESPONSE_CODE_LIFETIME_S: i64 = 300, "how long a response code can be redeemed, seconds";
    CERTIFICATE_LEAF_DAYS_MAX: i64 = 397, "how long a leaf certificate of ours is valid, days";
    PASSPHRASE_MEMORY_KIB_MAX: i64 = 1024 * 1024, "how much memory deriving a key from a passphrase may take, KiB";
    PASSPHRASE_PASSES_MAX: i64 = 16, "how many passes deriving a key from a passphrase may take";
    PASSPHRASE_LANES_MAX: i64 = 16, "how many lanes deriving a key from a passphrase may have";
    FETCH_REDIRECTS_MAX: usize = 3, "how many redirects within its origin a fetch follows";
    FETCH_TIMEOUT_MS: u64 = 5_000, "how long we wait for another party's answer, milliseconds";
    ADDRESS_BYTES_MAX: usize = 2_048, "how long an address of another party may be, bytes";
    LOG_MERGE_S: i64 = 86_400, "after how long a leaf must be in the log's tree, as its receipt promises, seconds";
    LOG_RECORD_BYTES_MAX: usize = 1024 * 1024, "how long the record that a leaf of the log commits to may be, bytes";
    LOG_IDLE_S: i64 = 3_600, "after how long a log signs and dates its tree again when nothing is appended, seconds";
    LOG_LEASE_MS: i64 = 2_000, "for how long an instance that signs the log keeps others from trying, milliseconds";
    LOG_STEP_MS: u64 = 100, "how often an instance looks whether leaves of the log wait, milliseconds";
    LOG_STEP_LEAVES_MAX: i64 = 4_096, "how many leaves of the log get their places at once";
    LOG_PROOF_HASHES_MAX: usize = 64, "how many hashes a proof of inclusion may have";
    LOG_SEEN_BYTES_MAX: usize = 512 * 1024 * 1024, "how long the file may be in which an auditor remembers a log, bytes: eleven a leaf";
    LOG_FILE_BYTES_MAX: usize = 4 * 1024 * 1024, "how long a receipt or a proof, or a file of a log, may be, bytes";
    LOG_LISTED_MAX: i64 = 1_000, "how many leaves of the log are listed at once";
    LOG_NOTE_BYTES_MAX: usize = 64 * 1024, "how long a checkpoint or another signed note may be, bytes";
    LINK_BYTES_MAX: usize = 16 * 1024, "how long a link that a wallet opens may be, bytes";
    WALLET_COPIES_MAX: usize = 8, "how many copies of a document, each with its own key, a wallet asks for at once";
    WALLET_OFFERED_MAX: usize = 8, "how many documents a wallet accepts from one offer";
    WALLET_HISTORY_MAX: usize = 10_000, "how many entries a wallet's history keeps; the oldest go first";
    WALLET_BYTES_MAX: u64 = 64 * 1024 * 1024, "how long a wallet's file may be, bytes";
    EVENT_DESCRIPTION_CHARS_MAX: usize = 500, "how long a wallet's description of what became of a credential may be, characters";
    REASON_CHARS_MAX: usize = 500, "how long the reason of a change of status may be, characters";
    IMPORT_ROWS_MAX: i64 = 500_000, "how many rows an import may have";
    IMPORT_ROW_BYTES_MAX: usize = 32 * 1024, "how long one row of an import may be, bytes";
    IMPORT_PARTS_MAX: i64 = 100_000, "in how many parts an import may come";
    IMPORT_COLUMNS_MAX: usize = 64, "how many columns an import may have";
    IMPORT_FAULTS_MAX: i64 = 10_000, "how many faults of an import are looked for";
    IMPORT_STEP_ROWS: i64 = 2_000, "how many rows of an import one request checks, and one write erases";
    IMPORT_LIFETIME_S: i64 = 7 * 86_400, "how long an import may take before it counts as abandoned, seconds";
    IMPORT_ERASE_MS: i64 = 60_000, "how often an instance erases what imports have left, milliseconds";
    IMPORTS_OPEN_MAX: i64 = 16, "how many imports may be under way at once";
    PAGE_ROWS_MAX: i64 = 200, "how many rows a list answers at once";
    STORE_WAITING_MAX: usize = 4096, "how many writes, and how many reads, may wait for the database at once";
    STORE_BATCH_MAX: usize = 256, "how many writes one SQLite commit may carry";
    STORE_RERUNS_MAX: u32 = 20, "how often a PostgreSQL transaction is run again after a serialization failure";
    STORE_ROWS_MAX: usize = 200_000, "how many rows one statement may answer";
    STORE_IN_USE_MS: u64 = 1_000, "how long a database is waited for that somebody is just closing, milliseconds";
    STORE_BUSY_MS: u64 = 5_000, "how long a write waits for another process that holds the SQLite file, milliseconds";
    CONNECTIONS_MAX: usize = 4_096, "how many connections a listener keeps open; fewer where the system allows fewer";
    CONNECTIONS_PER_ADDRESS_MAX: usize = 256, "how many connections one address (IPv6: one /64) may have";
    REQUESTS_MAX: usize = 1_024, "how many requests are worked on at once";
    REQUEST_MS: u64 = 60_000, "how long a request may take from its head to its answer, milliseconds";
    REQUEST_HEAD_MS: u64 = 10_000, "how long a request's head may take to come, milliseconds";
    REQUEST_HEAD_BYTES_MAX: usize = 32 * 1024, "how long a request's head may be, bytes";
    REQUEST_ADDRESS_BYTES_MAX: usize = 8 * 1024, "how long the address in a request may be, bytes";
    REQUEST_BODY_MS: u64 = 30_000, "how long a request's body may take to come, milliseconds";
    REQUEST_BYTES_PER_S_MIN: u64 = 512, "how fast a body must come after its first seconds, bytes a second";
    ANSWER_BYTES_PER_S_MIN: u64 = 2_048, "how fast an answer must be taken after its first seconds, bytes a second";
    TRANSFER_GRACE_MS: u64 = 5_000, "how long a transfer may be slower than its least speed, milliseconds";
    KEEP_ALIVE_MS: u64 = 60_000, "how long a connection may wait for its next request, milliseconds";
    CLOSING_MS: u64 = 2_000, "how long the other side may take to see that a connection is over, milliseconds";
    CLOSING_BYTES_MAX: usize = 1024 * 1024, "how much is read and thrown away from a connection that is over, bytes";
    STOPPING_MS: u64 = 10_000, "how long requests may take to finish when the server stops, milliseconds";
    TRACE_WAITING_BYTES_MAX: usize = 1024 * 1024, "how much of the trace may wait to be written, bytes; more is dropped";
    READY_CHECK_MS: u64 = 3_000, "how long the database may take to show that it takes writes, milliseconds";
    JOB_CLAIM_MAX: i64 = 16, "how many jobs one claim takes";
    JOB_TRIES_MAX: i64 = 12, "how often a job is tried before it is given up";
    JOB_BACKOFF_S: i64 = 5, "how long a job rests after its first failure, seconds; doubled after each further one";
    JOB_BACKOFF_MAX_S: i64 = 3_600, "how long a failed job rests at most, seconds";
    JOB_PAYLOAD_BYTES_MAX: usize = 256 * 1024, "how long a job's payload may be, bytes";
    EXPORT_PAGE: usize = 200, "how many submissions of an export are read at once";
    EXPORT_FILE_BYTES_MAX: usize = 64 * 1024 * 1024, "how long one file of an export may be, bytes";
    EXPORT_BYTES_MAX: usize = 2_000_000_000, "how long an export may be that is fetched, bytes";
    EXPORTS_MAX: usize = 2, "how many exports an instance makes at once";
    MAIL_SEND_MS: u64 = 20_000, "how long the mail server may take for one mail, milliseconds";
    NOTICE_KEPT_S: i64 = 30 * 86_400, "how long it is kept that somebody was told something, seconds";
    LIMIT_WINDOW_S: i64 = 600, "how long what is limited by address or account is counted together, seconds";
    LIMIT_LOOK_MS: i64 = 1_000, "how old what an instance knows of others' limits may be, milliseconds";
    LIMIT_ADDRESSES_MAX: usize = 50_000, "how many addresses an instance counts wrong secrets of at once; those of more are not counted";
    LIMIT_ERASE_ROWS: i64 = 500, "how many counts that are over one write erases";
    WRONG_SECRETS_MAX: u32 = 200, "how many wrong secrets of one kind may come from one address, and wrong proofs with one access token, within the window, unless configured otherwise";
    SEARCHES_PER_ACCOUNT_MAX: u32 = 1_000, "how often one account may search the register within the window, unless configured otherwise";
    ASKS_PER_ACCOUNT_MAX: u32 = 120_000, "how many presentation requests one account may make within the window, unless configured otherwise";
    DRAFTS_PER_ADDRESS_MAX: u32 = 600, "how often somebody may begin to sign in, and how many drafts, files and requests to sign may be begun, from one address without an account within the window, unless configured otherwise";
    KEPT_KIB_PER_ADDRESS_MAX: u32 = 128 * 1024, "how much may be had kept (drafts, files, what is to be signed) from one address without an account within the window, unless configured otherwise, KiB";
    CARDS_PER_ADDRESS_MAX: u32 = 60, "how many participants' cards may be offered to one address within the window, unless configured otherwise";
    LETTERS_PER_ADDRESS_MAX: u32 = 30, "how many mails to addresses that nobody has confirmed may be had sent from one address within the window, unless configured otherwise";
    LETTERS_TO_ONE_MAX: u32 = 6, "how many mails one address that nobody has confirmed may be sent within the window, whoever asks for them";
    ANSWER_BODY_BYTES_MAX: usize = 12 * 1024 * 1024, "how long a form with files may be, bytes";
    DRAFT_BYTES_MAX: usize = 240 * 1024, "how long a draft of a submission may be as it is kept, without its files, bytes";
    FILE_BYTES_MAX: usize = 5_000_000, "how long a file that belongs to a submission may be, bytes";
    UPLOADS_MAX: usize = 16, "how many forms with files, or files, an instance reads at once";
    FILE_PART_BYTES: usize = 256 * 1024, "in parts of which length a file is kept, bytes";
    FILE_NAME_CHARS_MAX: usize = 120, "how long the name of a file may be, characters";
    DRAFT_KEPT_S: i64 = 30 * 86_400, "how long a draft, and which browser sent what, is kept after it was last changed, seconds";
    DRAFT_FILES_MAX: usize = 20, "how many files a draft may have while it is written";
    ADDRESSEES_AT_ONCE: usize = 500, "how many addressees of circulars are entered at once";
    MAIL_BYTES_MAX: usize = 254, "how long a mail address may be, bytes";
    CONFIRMATION_LIFETIME_S: i64 = 48 * 3_600, "how long the link that confirms an unsigned submission can be used, seconds";
    CERTIFICATE_WARN_DAYS: i64 = 30, "how long before a certificate ends `sahihi doctor` warns, days";
    DISK_FREE_BYTES_WANTED: u64 = 4 * 1024 * 1024 * 1024, "how much room on a disk is enough for `sahihi doctor`, bytes";
    DISK_FREE_BYTES_MIN: u64 = 512 * 1024 * 1024, "how little room on a disk `sahihi doctor` calls a failure, bytes";
    SESSION_IDLE_S: i64 = 3_600, "how long somebody who is signed in may do nothing before the session ends, seconds";
    SESSION_LIFETIME_S: i64 = 43_200, "how long a session lasts at most, seconds";
    SESSION_SEEN_S: i64 = 60, "how exactly it is kept when a session was last used, seconds";
    SESSION_ERASE_ROWS: i64 = 500, "how many sessions that are over one write erases";
    SESSIONS_PER_SUBJECT_MAX: i64 = 20, "how many sessions one person may have at once; the oldest ends when there is one more";
    LOGIN_LIFETIME_S: i64 = 900, "how long signing in may take, seconds";
    INVITATION_LIFETIME_S: i64 = 86_400, "how long an invitation to the staff can be taken up, seconds";
    LOGIN_ERASE_ROWS: i64 = 500, "how many logins and invitations that are over one write erases";
    STAFF_SESSIONS_CHECKED: i64 = 10_000, "of how many sessions of the staff it is looked at each minute whether what they began with was revoked";
    STAFF_ACTS_SHOWN_MAX: i64 = 100, "how many changes of the staff the administrators' page shows";
    RETURN_BYTES_MAX: usize = 1_024, "how long the address may be to which somebody returns after signing in, bytes";
    LINE_CHARS_MAX: usize = 300, "how long one line that somebody enters in the forum may be, characters";
    PROSE_CHARS_MAX: usize = 20_000, "how long a circular, an introduction or a summary may be in one language, characters";
    ANSWER_CHARS_MAX: usize = 20_000, "how long one answer of a submission may be, characters";
    SUBMISSION_BYTES_MAX: usize = 200 * 1024, "how long the canonical text of a submission may be, bytes";
    FORM_QUESTIONS_MAX: usize = 50, "how many questions a form may ask";
    CHOICES_MAX: usize = 100, "how many options a question may offer";
    SUBMISSION_FILES_MAX: usize = 10, "how many files a submission, a call or a circular may have";
    GRACE_MAX_MS: i64 = 7 * 86_400_000, "how long after its deadline a call may receive submissions, milliseconds";
    PARTY_LIMIT_MAX: i64 = 1_000, "how many submissions of one party a call can be limited to";
    ACTS_SHOWN_MAX: i64 = 1_000, "how many acts the history of one thing shows";
    COUNT_SHARDS: i64 = 32, "over how many rows a count that many submissions change at once is spread";
    SEARCH_WORDS_MAX: usize = 8, "how many words a search may have";
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_limit_bounds_something() {
        assert!(super::ALL.iter().all(|l| l.value > 0 && !l.what.is_empty()));
    }
}
