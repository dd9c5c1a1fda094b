//! People sign in at a real party with the command line's wallet; the first administrator comes by `sahihi admin invite`;
//! and every interface of the staff asks for its role.

use std::{collections::BTreeMap, fs, process::Stdio};

use serde_json::{Map, Value, json};

use crate::{
    browser::{Browser, Sent, between},
    party::{ASKS, FORUM, Setup, State},
    types::Counter,
};

/// Begins to sign in on a page that offers it; where it waits, and the link for the wallet.
pub(crate) async fn begin(browser: &mut Browser, page: &str, device: &str) -> (String, String) {
    let shown = browser.get(page).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let mut form = vec![("csrf", shown.csrf()), ("device", device), ("return", "/sessions")];
    if shown.text.contains("name=\"invitation\"") {
        form.push(("invitation", between(&shown.text, "name=\"invitation\" value=\"", "\"")));
    }
    let begun = browser.send("/login", Some(Sent::Fields(&form))).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let link = browser.get(&begun.location).await.link("openid4vp:");
    (begun.location, link)
}

/// A state at which people sign in with what it issues.
pub(crate) fn state(database: Option<String>, more: &str) -> State {
    let state = State::with(Setup { database, more: format!("{ASKS}{more}"), ..Setup::default() });
    let file = state.folder().join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let types = format!(
        "\n[login]\nmandate = [\"{0}/types/mandate/1\"]\nparticipant = [\"{0}/types/participant/1\"]\n\
         pid = [\"urn:eudi:pid:1\"]\n",
        state.identifier
    );
    fs::write(file, text + &types).unwrap();
    state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_signs_in_on_either_device_and_the_first_administrator_is_invited() {
    let counter = Counter::open(state(None, "")).await;
    let mandate = json!({
        "organisation_name": "Ministry of Posts", "organisation_id": "XZ-17", "capacity": "Head of unit",
        "mandate_scope": ["all"], "valid_until": "2099-12-31",
    });
    counter.accepted("participant", &Map::new()).unwrap();
    let invited = counter.state.command(&["admin", "invite"]).stderr(Stdio::inherit()).output().unwrap();
    let invited: Value = serde_json::from_slice(&invited.stdout).unwrap();
    assert_eq!(invited["roles"], json!(["administrator"]));

    // On another device: the page waits, and leads on.
    let mut browser = Browser::new(&counter.state);
    let front = Browser::new(&counter.state).get("/fr/").await;
    assert!(front.text.contains("Ce service tient un registre") && front.text.contains("/fr/login"));
    let (wait, link) = begin(&mut browser, "/login", "cross").await;
    counter.wallet(&["answer", &link, "--yes"]).unwrap();
    let on = browser.get(&wait).await;
    let done = browser.get(&on.location).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/en/sessions"));
    let page = browser.get("/en/sessions").await;
    assert!(page.status == 200 && page.text.contains("a participant"), "{}", page.text);
    assert_eq!(browser.get("/en/desk/people").await.status, 403);

    // On this device, with the invitation: the wallet sends the person back.
    counter.accepted("mandate", mandate.as_object().unwrap()).unwrap();
    let (_, link) = begin(&mut browser, invited["link"].as_str().unwrap(), "same").await;
    let answered = counter.wallet(&["answer", &link, "--yes"]).unwrap();
    let done = browser.get(answered["redirect_uri"].as_str().unwrap()).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/en/sessions"));
    let page = browser.get("/en/desk/people").await;
    assert!(page.status == 200 && page.text.contains("Nerida Évora, Head of unit"), "{}", page.text);
    assert_eq!(browser.get(invited["link"].as_str().unwrap()).await.status, 409, "taken up");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_interface_of_the_staff_is_for_its_role() {
    let mut state = state(None, FORUM);
    let file = state.folder().join("config.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    let roles = ["administrator", "clerk", "secretary", "asker"];
    for role in roles {
        let digest = base16ct::lower::encode_string(&crypto::sha256(role.as_bytes()));
        let staff =
            ["\n[[staff]]\nname = \"", role, "\"\nsha256 = \"", &digest, "\"\nroles = [\"", role, "\"]\n"];
        text.extend(staff);
    }
    fs::write(file, text).unwrap();
    state.start().await;
    let client = reqwest::Client::new();
    let get = client.get(format!("{}/openapi.json", state.address)).send().await.unwrap();
    let described: Value = serde_json::from_str(&get.text().await.unwrap()).unwrap();
    let mut walked: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let for_staff = operation["security"].as_array().is_some_and(|all| {
                all.iter().any(|one| one.as_object().unwrap().keys().any(|name| name.contains("staff")))
            });
            if !for_staff {
                continue;
            }
            let needed = match path {
                path if path.starts_with("/ask/") => "asker",
                path if path.starts_with("/staff/v1/forum/") => "secretary",
                _ => "clerk",
            };
            *walked.entry(needed).or_default() += 1;
            let address: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
            let address = format!("{}{}", state.address, address.join("/"));
            let send = async |role: Option<&str>| {
                let method = method.to_uppercase().parse().unwrap();
                let mut request = client.request(method, &address);
                if let Some(role) = role {
                    request = request.bearer_auth(role);
                }
                let request = request.header("content-type", "application/json").body("{}");
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
                (status, said["code"].as_str().unwrap_or_default().to_owned())
            };
            assert_eq!(send(None).await, (401, "unauthorized".into()), "{path} as nobody");
            assert_eq!(send(Some("guessed")).await, (401, "unauthorized".into()), "{path} as somebody");
            for role in roles {
                let (status, code) = send(Some(role)).await;
                if role == needed {
                    assert!(![401, 403].contains(&status), "{operation} at {path} as {role}: {status}");
                } else {
                    assert_eq!((status, code.as_str()), (403, "forbidden"), "{path} as {role}");
                }
            }
        }
    }
    assert!(walked["clerk"] > 10 && walked["asker"] > 2 && walked["secretary"] > 15, "{walked:?}");
}
