//! Which copy of a card is shown.

use serde_json::json;

use super::{asker::Asker, *};
use crate::{
    contents::Renewal,
    fixture::{State as IssuerState, with_card},
};

fn batch(size: u64) -> Wallet {
    let mut state = IssuerState::new();
    if size > 1 {
        state.metadata["batch_credential_issuance"] = json!({ "batch_size": size });
    }
    with_card(&state)
}

fn shown(wallet: &Wallet) -> Vec<u32> {
    wallet.cards[0].copies.iter().map(|copy| copy.shown).collect()
}

#[test]
fn each_presentation_has_a_copy_of_its_own_as_long_as_there_are_any() {
    let mut wallet = batch(3);
    let ask_twice = |wallet: &mut Wallet| {
        let mut asker = Asker::new();
        let mut second = asker.claims["dcql_query"]["credentials"][0].clone();
        second["id"] = json!("again");
        asker.claims["dcql_query"]["credentials"].as_array_mut().unwrap().push(second);
        let (answered, question) = asker.run(wallet);
        answered.unwrap();
        let token: Value = serde_json::from_str(&asker.posts[0]["vp_token"]).unwrap();
        let keys = ["pid", "again"].map(|id| {
            let text = token[id][0].as_str().unwrap();
            formats::sd_jwt::SdJwt::parse(text).unwrap().payload()["cnf"].clone()
        });
        let question = question.unwrap();
        let picked = question.picked(&BTreeMap::new()).unwrap();
        (keys, picked.iter().map(|pick| (pick.reused, pick.copies_left)).collect::<Vec<_>>())
    };
    let (keys, choices) = ask_twice(&mut wallet);
    assert_ne!(keys[0], keys[1]);
    assert_eq!(choices, [(false, 1), (false, 1)]);
    assert_eq!(shown(&wallet), [1, 1, 0]);
    // One is left: the second presentation shows the least used again, and the person is told.
    let (keys, choices) = ask_twice(&mut wallet);
    assert_ne!(keys[0], keys[1]);
    assert_eq!(choices, [(false, 0), (true, 0)]);
    assert_eq!(shown(&wallet), [2, 1, 1]);
}

#[test]
fn the_holder_is_told_in_time() {
    let mut wallet = batch(5);
    let card = &mut wallet.cards[0];
    card.expires_at = Some(now().plus_secs(86_400 * 30));
    assert_eq!((card.copies_left(), card.renewal(now())), (5, None));
    card.copies.iter_mut().take(3).for_each(|copy| copy.shown = 1);
    assert_eq!((card.copies_left(), card.renewal(now())), (2, None));
    card.copies[3].shown = 1;
    assert_eq!((card.copies_left(), card.renewal(now())), (1, Some(Renewal::FewCopies)));
    card.expires_at = Some(now().plus_secs(86_400 * 14));
    assert_eq!(card.renewal(now()), Some(Renewal::ExpiresSoon));
    card.expires_at = Some(now());
    assert_eq!(card.renewal(now()), Some(Renewal::Expired));
    // One that came alone has no fewer copies than it ever had.
    let mut wallet = batch(1);
    wallet.cards[0].copies[0].shown = 9;
    wallet.cards[0].expires_at = None;
    assert_eq!(wallet.cards[0].renewal(now()), None);
}
