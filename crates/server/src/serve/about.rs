//! What is said of a party's interfaces as a whole, in the document that describes them: `/openapi.json`.

use base::Lang;
use web::openapi::About;

use crate::config::Config;

/// The headings, in the order in which they are read.
const TAGS: &[(&str, &str)] = &[
    ("Register", "People and organisations: who there is, what is known of them, who changed it and why."),
    ("Mandates", "Who may act for which organisation."),
    ("Imports", "Many people from a file, all or nothing."),
    (
        "Credentials",
        "Types, offers, and what was issued. Further issuers of an installation have their handle in the address.",
    ),
    (
        "OpenID4VCI",
        "What wallets call to be issued credentials (OpenID4VCI 1.0). Open to pages of any origin.",
    ),
    ("Types", "What types of credentials are, for whoever reads one."),
    ("Status lists", "Which credentials are suspended or revoked, for whoever is shown one."),
    ("Asking", "For other programs: ask a person for what a wallet can show, and to approve something."),
    ("OpenID4VP", "What wallets call to answer (OpenID4VP 1.0). Open to pages of any origin."),
    ("Forum", "Circulars, calls and what is published of what was submitted: for everybody."),
    ("Submissions", "Taking part in a call by program: a wallet signs, and its answer is the submission."),
    (
        "Secretariat",
        "Circulars and calls are drafted, sent and announced; what comes is decided on and published.",
    ),
    ("Pages", "For people, in a browser."),
    ("Operation", "For whoever operates it."),
];

const DESCRIPTION: &str = "\
What this party serves: its own interfaces, and the addresses of the standards that wallets and verifiers call, whose \
bodies are described by the shape that the standard gives them.

- An error of our own interfaces is `application/problem+json` (RFC 9457). Programs look at `code`, which is stable. The \
  addresses of a standard answer in the standard's own terms.
- 503 means that nothing was done and the same request may be sent again, unless the code is `outcome_unknown`: then look \
  before trying again. 429 means that nothing was looked at. Both say in `Retry-After` how many seconds to wait.
- Bodies are strict: a member that is not described, or that comes twice, is refused.
- Lists are answered a page at a time, by id: go on with `after`.";

/// What is said of this party's.
pub(crate) fn about(config: &Config) -> About {
    About {
        title: config.name.get(Lang::En).to_owned(),
        description: DESCRIPTION.to_owned(),
        server: config.identifier.clone(),
        tags: TAGS,
    }
}
