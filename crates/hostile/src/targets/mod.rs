//! The parsers, a file a group: [`words`] (what everybody reads), `jose`, `certificates`, `credentials`, `lists`, `logging` (the log), `exporting` (a call
//! that was published), `asking`
//! (OpenID4VP), `issuing` (OpenID4VCI), `holding` (the wallet), `keeping` (the register, type files), `serving` (HTTP),
//! `consulting` (HTTP of the forum and the log), and what the last two share, `http`.

mod asking;
mod certificates;
mod consulting;
mod credentials;
mod exporting;
mod holding;
mod http;
mod issuing;
mod jose;
mod keeping;
mod lists;
mod logging;
mod serving;
mod words;

use crate::Target;

/// Hands every target, by its name and its constant, to a macro.
macro_rules! each_target {
    ($then:ident) => {
        $then! {
            words: address ADDRESS, client_address CLIENT_ADDRESS, form FORM, ids IDS, json JSON, languages LANGUAGES, times TIMES;
            jose: b64 B64, jwe JWE, jwk JWK, jws JWS;
            certificates: certificate CERTIFICATE, chain CHAIN, key_pem KEY_PEM, pem PEM;
            credentials: evidence EVIDENCE, sd_jwt SD_JWT, sd_jwt_vc SD_JWT_VC, type_metadata TYPE_METADATA, verify VERIFY;
            lists: status_aggregation STATUS_AGGREGATION, status_list STATUS_LIST, status_token STATUS_TOKEN;
            exporting: export EXPORT;
            consulting: forum FORUM;
            logging: log_file LOG_FILE, log_tile LOG_TILE;
            asking: acknowledgement ACKNOWLEDGEMENT, answer ANSWER, dcql DCQL, request_link REQUEST_LINK,
                request_object REQUEST_OBJECT, response RESPONSE, transaction_data TRANSACTION_DATA, vp_token VP_TOKEN;
            issuing: credential_request CREDENTIAL_REQUEST, credential_response CREDENTIAL_RESPONSE,
                issuer_metadata ISSUER_METADATA, offer OFFER, offer_link OFFER_LINK, proof PROOF,
                server_metadata SERVER_METADATA, token_request TOKEN_REQUEST, token_response TOKEN_RESPONSE;
            holding: wallet_file WALLET_FILE, wallet_issuance WALLET_ISSUANCE, wallet_presentation WALLET_PRESENTATION;
            keeping: file FILE, import IMPORT, organisation ORGANISATION, person PERSON, type_file TYPE_FILE;
            serving: http HTTP;
        }
    };
}
#[cfg(test)]
pub(crate) use each_target;

macro_rules! list {
    ($($group:ident: $($name:ident $target:ident),+;)+) => {
        $(pub use $group::{$($target),+};)+

        /// Every target.
        pub static ALL: &[&Target] = &[$($(&$target),+),+];
    };
}

each_target!(list);
