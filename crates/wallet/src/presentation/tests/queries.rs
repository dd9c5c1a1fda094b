//! What is shown of which cards, over all of the query language (`OpenID4VP` 1.0, section 6).

use formats::dcql::{ClaimPath, PathPart};
use serde_json::json;

use super::{asker::Asker, *};
use crate::fixture::{State as IssuerState, with_card};

/// A card with claims inside others.
fn deep() -> Wallet {
    let mut state = IssuerState::new();
    state.claims = json!({
        "family_name": "Évora",
        "address": { "country": "UT", "locality": "Lagunar", "street": "Harbour 1" },
        "nationalities": ["UT", "XA", "XB"],
        "education": [{ "title": "Doctor", "year": 2019 }, { "title": "Nurse", "year": 2015 }],
    });
    state.disclosable = Some(json!([
        ["family_name"],
        ["address"],
        ["address", "locality"],
        ["address", "street"],
        ["nationalities", 0],
        ["nationalities", 1],
        ["nationalities", 2],
        ["education"],
        ["education", 0, "title"],
        ["education", 0, "year"],
        ["education", 1],
    ]));
    with_card(&state)
}

fn ask_paths(asker: &mut Asker, paths: &[Value]) {
    let claims: Value = paths.iter().map(|path| json!({ "path": path })).collect();
    let query = &mut asker.claims["dcql_query"]["credentials"][0];
    if paths.is_empty() {
        query.as_object_mut().unwrap().remove("claims");
    } else {
        query["claims"] = claims;
    }
}

#[test]
fn a_part_of_a_claim_is_shown_without_the_rest() {
    for (paths, shown, kept) in [
        (
            vec![json!(["address", "locality"])],
            json!({ "address": { "country": "UT", "locality": "Lagunar" }, "nationalities": [] }),
            vec!["address.street", "education", "family_name", "nationalities"],
        ),
        (
            vec![json!(["nationalities", 1]), json!(["education", null, "title"])],
            json!({ "nationalities": ["XA"], "education": [{ "title": "Doctor" }, { "title": "Nurse", "year": 2015 }] }),
            vec!["address", "education", "family_name", "nationalities"],
        ),
        (
            vec![json!(["address"])],
            json!({ "address": { "country": "UT", "locality": "Lagunar", "street": "Harbour 1" }, "nationalities": [] }),
            vec!["education", "family_name", "nationalities"],
        ),
    ] {
        let mut asker = Asker::new();
        ask_paths(&mut asker, &paths);
        let mut wallet = deep();
        let (answered, question) = asker.run(&mut wallet);
        answered.unwrap();
        assert_eq!(Value::Object(asker.verified().0.claims), shown);
        let mut withheld = question.unwrap().asked[0].options[0].kept.clone();
        withheld.sort();
        assert_eq!(withheld, kept);
        let What::Shown { cards, .. } = &wallet.history[1].what else { unreachable!("the answer was noted") };
        assert!(!cards[0].claims.contains(&"address".to_owned()) || paths == [json!(["address"])]);
    }
    let mut asker = Asker::new();
    ask_paths(&mut asker, &[json!(["address", "postal_code"])]);
    assert_eq!(asker.run(&mut deep()).0.unwrap_err().code(), "no_matching_document");
}

#[test]
fn a_claim_must_have_a_value_that_is_asked_for_and_the_preferred_combination_is_shown() {
    let values = |values: Value| {
        let mut asker = Asker::new();
        asker.claims["dcql_query"]["credentials"][0]["claims"] =
            json!([{ "path": ["family_name"], "values": values }]);
        asker.run(&mut deep()).0.map(|_| ()).map_err(|error| error.code().to_owned())
    };
    assert_eq!(values(json!(["Diallo", "Évora"])), Ok(()));
    assert_eq!(values(json!(["Diallo"])), Err("no_matching_document".to_owned()));
    let mut asker = Asker::new();
    let query = &mut asker.claims["dcql_query"]["credentials"][0];
    query["claims"] = json!([
        { "id": "email", "path": ["email"] }, { "id": "name", "path": ["family_name"] },
        { "id": "all", "path": ["address"] },
    ]);
    query["claim_sets"] = json!([["email"], ["name"], ["all"]]);
    asker.run(&mut deep()).0.unwrap();
    assert_eq!(asker.verified().1, ["family_name".to_owned()].into());
}

/// A request for the card, under several ids, with these credential sets; the ids that are answered.
fn sets(wallet: &mut Wallet, sets: Value, cards: &[&str]) -> Result<Vec<String>, String> {
    let mut asker = Asker::new();
    let template = asker.claims["dcql_query"]["credentials"][0].clone();
    let query = |id: &str, vct: &str| {
        let mut query = template.clone();
        query["id"] = json!(id);
        query["meta"]["vct_values"] = json!([vct]);
        query
    };
    asker.claims["dcql_query"]["credentials"] =
        json!([query("diploma", "urn:diploma"), query("pid", PID), query("more", PID)]);
    asker.claims["dcql_query"]["credential_sets"] = sets;
    let id = wallet.cards[0].id;
    asker.cards = cards.iter().map(|query| ((*query).to_owned(), vec![id])).collect();
    asker.run(wallet).0.map_err(|error| error.code().to_owned())?;
    let token: serde_json::Map<String, Value> = serde_json::from_str(&asker.posts[0]["vp_token"]).unwrap();
    Ok(token.keys().cloned().collect())
}

#[test]
fn of_a_set_the_first_option_that_the_wallet_has_is_answered() {
    let mut wallet = with_card(&IssuerState::new());
    let ok = |ids: &[&str]| Ok(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let no = |code: &str| Err(code.to_owned());
    let either = json!([{ "options": [["diploma"], ["pid"], ["more"]] }]);
    assert_eq!(sets(&mut wallet, either.clone(), &[]), ok(&["pid"]));
    assert_eq!(sets(&mut wallet, either.clone(), &["more"]), ok(&["more"]));
    assert_eq!(sets(&mut wallet, either, &["diploma"]), no("choice"));
    assert_eq!(sets(&mut wallet, json!([{ "options": [["diploma"]] }]), &[]), no("no_matching_document"));
    // What is not required is not shown unless the person says so.
    let optional = json!([{ "options": [["pid"]] }, { "options": [["more"]], "required": false }]);
    assert_eq!(sets(&mut wallet, optional.clone(), &[]), ok(&["pid"]));
    assert_eq!(sets(&mut wallet, optional, &["more"]), ok(&["more", "pid"]));
    let free =
        json!([{ "options": [["diploma"]], "required": false }, { "options": [["pid"]], "required": false }]);
    assert_eq!(sets(&mut wallet, free, &[]), ok(&["pid"]));
    let none = json!([{ "options": [["diploma"]], "required": false }]);
    assert_eq!(sets(&mut wallet, none, &[]), no("no_matching_document"));
}

#[test]
fn several_cards_answer_one_query_only_where_that_is_asked_for() {
    let state = IssuerState::new();
    let mut wallet = with_card(&state);
    state.asked.borrow_mut().clear();
    state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    let ids: Vec<CardId> = wallet.cards.iter().map(|card| card.id).collect();
    let mut answer = |multiple: bool, cards: Vec<CardId>| {
        let mut asker = Asker::new();
        asker.claims["dcql_query"]["credentials"][0]["multiple"] = json!(multiple);
        asker.cards = [("pid".to_owned(), cards)].into();
        asker.run(&mut wallet).0.map_err(|error| error.code().to_owned())?;
        let token: Value = serde_json::from_str(&asker.posts[0]["vp_token"]).unwrap();
        Ok(token["pid"].as_array().unwrap().len())
    };
    assert_eq!(answer(true, ids.clone()), Ok(2));
    assert_eq!(answer(true, vec![ids[0]]), Ok(1));
    assert_eq!(answer(false, ids.clone()), Err("choice".to_owned()));
    assert_eq!(answer(true, vec![ids[0], ids[0]]), Err("choice".to_owned()));
}

#[test]
fn without_holder_binding_nothing_is_signed_and_nothing_can_be_approved() {
    let run = |bound: bool, approves: bool| {
        let mut asker = Asker::new();
        asker.claims["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] = json!(bound);
        if approves {
            asker.claims["transaction_data"] = agreement(AGREEMENT, &json!({ "text": "I agree." }));
        }
        asker.run(&mut with_card(&IssuerState::new())).0.map_err(|error| error.code().to_owned())?;
        let token: Value = serde_json::from_str(&asker.posts[0]["vp_token"]).unwrap();
        Ok(!token["pid"][0].as_str().unwrap().ends_with('~'))
    };
    assert_eq!(run(true, false), Ok(true));
    assert_eq!(run(false, false), Ok(false));
    assert_eq!(run(true, true), Ok(true));
    assert_eq!(run(false, true), Err("transaction_data_holder_binding".to_owned()));
}

/// Whether what is at `there` is inside of what `asked` leads to, or around it.
fn concerns(asked: &ClaimPath, there: &ClaimPath) -> bool {
    asked.parts().iter().zip(there.parts()).all(|parts| match parts {
        (PathPart::Key(asked), PathPart::Key(there)) => asked == there,
        (PathPart::All | PathPart::Index(_), PathPart::Index(_)) => true,
        _ => false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However deep it is: nothing is disclosed that was not asked for and approved.
    #[test]
    fn nothing_deep_is_disclosed_that_was_not_asked_and_approved(
        asked in prop::sample::subsequence(vec![
            json!(["family_name"]), json!(["address", "locality"]), json!(["address", "street"]), json!(["address"]),
            json!(["nationalities", null]), json!(["nationalities", 1]), json!(["education", null, "title"]),
            json!(["education", 0]), json!(["education", 1, "year"]), json!(["address", "country"]),
        ], 0..=4),
        approves: bool,
    ) {
        let mut asker = Asker::new();
        ask_paths(&mut asker, &asked);
        asker.answers = approves;
        let (answered, question) = asker.run(&mut deep());
        prop_assert_eq!(answered.is_ok(), approves);
        if !approves {
            prop_assert!(asker.posts.iter().all(|post| !post.contains_key("vp_token")));
            return Ok(());
        }
        let (verified, _) = asker.verified();
        let asked: Vec<ClaimPath> = asked.iter().map(|path| ClaimPath::from_value(path).unwrap()).collect();
        for there in &verified.disclosed {
            prop_assert!(asked.iter().any(|path| concerns(path, there)), "{}", there);
        }
        let question = question.unwrap();
        let seen: BTreeMap<&String, &Value> =
            question.asked[0].options[0].shown.iter().map(|fact| (&fact.claim, &fact.value)).collect();
        prop_assert_eq!(seen, verified.claims.iter().collect::<BTreeMap<_, _>>());
    }
}
