//! Requests that stand in the link itself.

use super::*;

type Pairs = Vec<(String, String)>;

fn link_with(change: impl FnOnce(&mut Pairs)) -> String {
    let response_uri = format!("{ASKER}/ask/response/1");
    let request = RequestObject { client_id: ClientId::redirect_uri(response_uri), ..Scene::request() };
    let mut pairs = link::pairs(&request.to_link()).unwrap();
    change(&mut pairs);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("openid4vp://?{query}")
}

fn set(name: &'static str, value: &'static str) -> impl FnOnce(&mut Pairs) {
    move |pairs| {
        pairs.retain(|(n, _)| n != name);
        pairs.push((name.to_owned(), value.to_owned()));
    }
}

#[test]
fn a_link_carries_its_request() {
    let got = RequestObject::from_link(&link_with(|_| ()), false).unwrap();
    let sent = Scene::request();
    assert_eq!((&got.nonce, &got.state, &got.query), (&sent.nonce, &sent.state, &sent.query));
    assert_eq!((got.purpose.as_ref(), got.iat, got.exp), (None, None, None));
    assert_eq!(RequestObject::read_unverified(&link_with(|_| ())).unwrap(), got);
    assert_eq!(Link::parse(&link_with(|_| ())), Err(NotALink::ByValue), "for who takes signed requests only");
}

/// What an unknown asker says of itself could read like the wallet's own words.
#[test]
fn of_an_unknown_asker_no_purpose_is_taken() {
    let request = Scene::request();
    let purpose = request.to_value()["verifier_info"].to_string();
    assert!(request.purpose.is_some());
    let text = link_with(|pairs| pairs.push(("verifier_info".to_owned(), purpose)));
    assert_eq!(RequestObject::from_link(&text, false).unwrap().purpose, None);
}

#[test]
fn what_a_link_says_is_checked() {
    let check = |change: Box<dyn FnOnce(&mut Pairs)>, expected: Option<&str>| {
        let text = link_with(change);
        let got = RequestObject::from_link(&text, false);
        assert_eq!(got.as_ref().err().map(ByValueRefusal::code), expected, "{text}");
    };
    check(Box::new(|_| ()), None);
    check(Box::new(set("unknown", "1")), None);
    check(Box::new(set("request", "a.b.c")), Some("request_by_value_and_object"));
    check(Box::new(set("request_uri", "https://clinic.example/r")), Some("request_by_value_and_object"));
    check(Box::new(set("client_id", "redirect_uri:https://other.example/x")), Some("response_uri"));
    check(Box::new(set("client_id", "x509_san_dns:clinic.example")), Some("client_id_prefix"));
    check(Box::new(set("response_uri", "https://other.example/x")), Some("response_uri"));
    check(Box::new(set("redirect_uri", "https://clinic.example/ask/response/1")), Some("redirect_uri"));
    check(Box::new(set("response_mode", "fragment")), Some("response_mode"));
    check(Box::new(set("nonce", "")), Some("request_nonce"));
    check(Box::new(set("dcql_query", "{")), Some("request_parameter"));
    check(Box::new(set("dcql_query", "{}")), Some("dcql_malformed"));
    check(Box::new(set("client_metadata", "1")), Some("request_parameter"));
    check(Box::new(|pairs| pairs.push(pairs[0].clone())), Some("link_parameter_repeated"));
}

/// Nobody can sign under this prefix.
#[test]
fn a_request_object_of_this_prefix_is_refused() {
    let scene = Scene::new();
    let anchors = scene.clinic.anchors();
    let client_id = ClientId::redirect_uri(format!("{ASKER}/ask/response/1"));
    let request = RequestObject { client_id, ..Scene::request() };
    let text = request.sign(&scene.asker).unwrap();
    let got = verify_request(&text, &context(&anchors, &request.client_id.to_string()));
    assert_eq!(got.unwrap_err(), RequestRefusal::ClientIdPrefix);
}
