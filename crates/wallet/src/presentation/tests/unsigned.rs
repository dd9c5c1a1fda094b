//! Requests that nobody signed (`OpenID4VP` 1.0, section 5.9.3, `redirect_uri`).

use serde_json::json;

use super::{asker::Asker, *};
use crate::fixture::{State as IssuerState, with_card};

fn unsigned() -> Asker {
    let mut asker = Asker::new();
    asker.by_value = true;
    asker.claims["client_id"] = json!("redirect_uri:https://clinic.example/answer");
    for name in ["aud", "iat", "exp"] {
        asker.claims.as_object_mut().unwrap().remove(name);
    }
    asker
}

/// An unsigned request after `spoil`; what is posted if it is refused.
fn check(spoil: impl FnOnce(&mut Asker), expected: Result<(), &str>, told: Option<&str>) {
    let mut asker = unsigned();
    spoil(&mut asker);
    let (got, _) = asker.run(&mut with_card(&IssuerState::new()));
    assert_eq!(got.map(|_| ()).map_err(|error| error.code().to_owned()), expected.map_err(str::to_owned));
    if let Err(code) = expected {
        assert_eq!(asker.posts.first().map(|post| post["error"].as_str()), told, "{code}");
    }
}

#[test]
fn the_person_is_told_that_it_is_not_known_who_asks() {
    let mut asker = unsigned();
    let mut wallet = with_card(&IssuerState::new());
    let (answered, question) = asker.run(&mut wallet);
    assert!(!answered.unwrap().asker.verified);
    let question = question.unwrap();
    assert_eq!(
        (question.asker.verified, question.asker.name.as_str(), question.asker.certificate),
        (false, "clinic.example", None)
    );
    assert_eq!(asker.asked, ["POST https://clinic.example/answer"]);
    // Bound to the full client identifier (section 14.8): nobody else can use the answer.
    asker.verified();
    let (_, question) = Asker::new().run(&mut wallet);
    assert!(question.unwrap().asker.verified);
}

#[test]
fn what_nobody_signed_gets_no_more_than_documents() {
    check(|_| {}, Ok(()), None);
    let told = Some("access_denied");
    check(|a| a.answers = false, Err("refused"), told);
    check(|a| a.ask_for(&["email"]), Err("no_matching_document"), told);
    check(
        |a| a.claims["transaction_data"] = agreement(AGREEMENT, &json!({ "text": "I agree." })),
        Err("asker_unverified"),
        None,
    );
}

#[test]
fn the_answer_goes_to_whom_the_client_identifier_names() {
    let other = json!("https://other.example/answer");
    check(|a| a.claims["response_uri"] = other, Err("response_uri"), None);
    let insecure = "http://clinic.example/answer";
    check(
        |a| {
            a.claims["response_uri"] = json!(insecure);
            a.claims["client_id"] = json!(format!("redirect_uri:{insecure}"));
        },
        Err("response_uri"),
        None,
    );
    let certified = json!(ClientId::san_dns(HOST).to_string());
    check(|a| a.claims["client_id"] = certified, Err("request_by_value_unsupported"), None);
    check(|a| a.claims["nonce"] = json!(""), Err("request_nonce"), None);
    check(|a| a.claims["response_mode"] = json!("fragment"), Err("response_mode"), None);
    check(|a| a.claims["dcql_query"] = json!("{"), Err("request_parameter"), None);
}
