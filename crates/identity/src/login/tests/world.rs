//! A state that issues, a secretariat at which people sign in, browsers and wallets.

use std::sync::Arc;

use ask::fixture::{self, Parties};
use axum::Router;
use base::time::ManualClock;
use crypto::{Random, SeededRandom};
use formats::status_list::Status;
use http::StatusCode;
use serde_json::json;
use store::Store;
use web::{Actor, Role, Sessions};

pub(super) use ask::fixture::{Card, NOW};
pub(super) use web::fixture::{Answer, Browser};

use super::super::{Binds, Login, LoginConfig};

pub(super) const HERE: &str = "http://localhost:8003";
pub(super) const MANDATE: &str = "https://state.example/types/mandate/1";
pub(super) const PARTICIPANT: &str = "https://state.example/types/participant/1";
pub(super) const PID: &str = "urn:eudi:pid:1";

/// Everybody.
pub(super) struct World {
    parties: Parties,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Store,
    pub(super) sessions: Sessions,
    pub(super) login: Login,
    pub(super) router: Router,
}

/// Runs a test on both databases.
pub(super) async fn worlds(test: impl AsyncFn(World)) {
    let migrations = [crate::MIGRATIONS, ask::MIGRATIONS, web::MIGRATIONS, log::MIGRATIONS].concat();
    store::fixture::each_engine(&migrations, async |store: Store| test(World::new(store)).await).await;
}

impl World {
    fn new(store: Store) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let parties = Parties::new(clock.clone());
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        let ask = parties.ask(parties.config(HERE), &store, random.clone());
        let sessions = web::fixture::sessions(&store, clock.clone(), random.clone(), HERE);
        let config = LoginConfig {
            mandate: vec![MANDATE.into()],
            participant: vec![PARTICIPANT.into()],
            pid: vec![PID.into()],
        };
        let login =
            Login::new(&config, store.clone(), clock.clone(), random, ask.clone(), sessions.clone()).unwrap();
        let login = login.with_desk("/desk");
        let pages = login.routes().merge(ask.routes()).into_router();
        let router = web::fixture::site(HERE, &sessions).wrap(pages.fallback(web::problem::no_such_address));
        Self { parties, clock, store, sessions, login, router }
    }

    /// A browser that has not been here.
    pub(super) fn browser(&self) -> Browser {
        Browser::new(&self.router, HERE)
    }

    /// What the status list says of every card from now on; with `None` it cannot be reached.
    pub(super) fn publish(&self, status: Option<Status>) {
        self.parties.publish(status);
    }

    /// An invitation's path, as `sahihi admin invite` makes it.
    pub(super) async fn invite(&self, roles: &[Role], binds: Binds) -> String {
        let actor = Actor::system("operator");
        self.login.invite(&actor, roles, binds, "the first").await.unwrap().path
    }

    /// A browser in which somebody has signed in, on the same device, with this card.
    pub(super) async fn signed_in(&self, card: &Card) -> Browser {
        let mut browser = self.browser();
        let back = self.answered(&mut browser, "/login", "same", card).await;
        let done = browser.get(&back).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        browser
    }

    /// A browser in which somebody took up an invitation with this card.
    pub(super) async fn joined(&self, roles: &[Role], binds: Binds, card: &Card) -> Browser {
        let path = self.invite(roles, binds).await;
        let mut browser = self.browser();
        let back = self.answered(&mut browser, &path, "same", card).await;
        let done = browser.get(&back).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        browser
    }

    /// Has this card answer the request that this page waits for.
    pub(super) async fn show(&self, card: &Card, page: &Answer) -> Answer {
        let request = fixture::request(&self.router, &fixture::wallet_link(page)).await;
        assert!(request.transaction_data.is_empty(), "nothing is approved when somebody signs in");
        card.answer(&self.parties, &self.router, &request).await
    }

    /// Begins to sign in on a page that offers it; the page on which the browser then waits.
    pub(super) async fn begun(&self, browser: &mut Browser, page: &str, device: &str) -> String {
        let invitation = page.strip_prefix("/invitations/");
        let mut fields = vec![("device", device), ("return", "/sessions")];
        fields.extend(invitation.map(|token| ("invitation", token)));
        let begun = browser.post(page, "/login", &fields).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
        begun.location().to_owned()
    }

    /// Begins to sign in, and has the wallet answer; where it sends the person back to, or where the waiting page leads.
    pub(super) async fn answered(
        &self,
        browser: &mut Browser,
        page: &str,
        device: &str,
        card: &Card,
    ) -> String {
        let wait = self.begun(browser, page, device).await;
        let waiting = browser.get(&wait).await;
        let answer = self.show(card, &waiting).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        match answer.json()["redirect_uri"].as_str() {
            Some(back) => back.to_owned(),
            None => browser.get(&wait).await.location().to_owned(),
        }
    }
}

pub(super) fn mandate(given_name: &str, capacity: &str) -> Card {
    let claims = json!({
        "given_name": given_name, "family_name": "Évora", "organisation_name": "Ministry of Posts",
        "organisation_id": "XZ-17", "capacity": capacity, "valid_until": "2027-12-31",
    });
    Card::new("mandate", MANDATE, &claims)
}

pub(super) fn participant(pseudonym: &str) -> Card {
    Card::new("participant", PARTICIPANT, &json!({ "pseudonym": pseudonym }))
}

pub(super) fn pid(number: &str) -> Card {
    let claims =
        json!({ "given_name": "Amaru", "family_name": "Tekle", "personal_administrative_number": number });
    Card::new("pid", PID, &claims)
}
