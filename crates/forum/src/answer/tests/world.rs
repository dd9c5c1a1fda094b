//! A state that issues mandates, a secretariat that keeps a forum, browsers and wallets.

use std::sync::Arc;

use ask::fixture::{Card, Parties};
use axum::Router;
use base::{Lang, time::ManualClock};
use crypto::{Random, SeededRandom};
use formats::{fixture::Party, status_list::Status};
use serde_json::json;
use store::Store;
use web::fixture::{Answer, Browser};

use crate::{
    CardOffer, Choice, Credentials, Forum, ForumConfig, Mandates, Multilingual, NewCall, Participants,
    Policy, Question, QuestionId, QuestionKind,
    fixture::{self, OPENS},
};

pub(super) const HERE: &str = "http://localhost:8003";
const MANDATE: &str = "https://state.example/types/mandate/1";
const PARTICIPANT: &str = "http://localhost:8003/types/participant/1";
/// A country that does not exist, for which the state's mandates count.
pub(super) const COUNTRY: &str = "CH";
pub(super) const SYMBOL: &str = "OTT-1";

struct Cards;

impl Participants for Cards {
    fn offer(&self) -> CardOffer<'_> {
        Box::pin(async { Some("openid-credential-offer://?credential_offer_uri=x".to_owned()) })
    }
}

/// Everybody.
pub(super) struct World {
    pub(super) parties: Parties,
    pub(super) clock: Arc<ManualClock>,
    pub(super) forum: Forum,
    pub(super) router: Router,
}

/// Runs a test on both databases, with a call of every kind of question that is open.
pub(super) async fn worlds(test: impl AsyncFn(World)) {
    let migrations = [fixture::migrations(), ask::MIGRATIONS.to_vec(), web::MIGRATIONS.to_vec()].concat();
    store::fixture::each_engine(&migrations, async |store: Store| {
        let world = World::new(&store).await;
        world.open(every_question(Policy::AtOnce)).await;
        test(world).await;
    })
    .await;
}

fn labelled(question: Question, label: &str) -> Question {
    Question { label: Multilingual::new(Lang::En, label), ..question }
}

fn option(id: &str, label: &str) -> Choice {
    Choice { id: QuestionId::new(id).unwrap(), label: Multilingual::new(Lang::En, label) }
}

/// A call that asks one question of each kind, of which the second must be answered.
pub(super) fn every_question(policy: Policy) -> NewCall {
    let mut call = fixture::new_call(SYMBOL, policy);
    let options = vec![option("yes", "Yes"), option("no", "No"), option("maybe", "Maybe")];
    call.party_limit = None;
    call.form.questions = vec![
        labelled(fixture::question("line", QuestionKind::Text, false), "In one line?"),
        labelled(fixture::question("long", QuestionKind::LongText, true), "At length?"),
        Question {
            options: options.clone(),
            ..labelled(fixture::question("one", QuestionKind::Choice, false), "Which one?")
        },
        Question { options, ..labelled(fixture::question("some", QuestionKind::Choices, false), "Which?") },
        labelled(fixture::question("paper", QuestionKind::File, false), "A file?"),
        labelled(fixture::question("money", QuestionKind::Amount, false), "How much?"),
        labelled(fixture::question("where", QuestionKind::Country, false), "Where?"),
        labelled(fixture::question("who", QuestionKind::Person, false), "Who?"),
    ];
    call
}

impl World {
    async fn new(store: &Store) -> Self {
        let clock = fixture::clock();
        let parties = Parties::new(clock.clone());
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        let ask = parties.ask(parties.config(HERE), store, random.clone());
        let sessions = web::fixture::sessions(store, clock.clone(), random.clone(), HERE);
        let here = fixture::forum(store, clock.clone(), random).await;
        let config = ForumConfig { identifier: HERE.to_owned(), ..here.config().clone() };
        let counts = |party: &Party, country: &str| Mandates {
            country: country.parse().unwrap(),
            anchors: party.anchors().iter().map(|anchor| anchor.certificate().sha256).collect(),
            types: vec![MANDATE.to_owned()],
        };
        let credentials = Credentials {
            mandates: vec![counts(&parties.state, COUNTRY), counts(&parties.other, "FR")],
            participants: vec![PARTICIPANT.to_owned()],
        };
        let (forum, ask) = Forum { config: Arc::new(config), ..here }.asking(ask, credentials).unwrap();
        let forum = forum.with_participants(Arc::new(Cards));
        let pages = forum.clone().routes().merge(ask.routes()).into_router();
        let router = web::fixture::site(HERE, &sessions).wrap(pages.fallback(web::problem::no_such_address));
        Self { parties, clock, forum, router }
    }

    /// A browser that has not been here.
    pub(super) fn browser(&self) -> Browser {
        Browser::new(&self.router, HERE)
    }

    /// What the status list says of every card from now on; with `None` it cannot be reached.
    pub(super) fn publish(&self, status: Option<Status>) {
        self.parties.publish(status);
    }

    /// Has this card answer the request of this link, approving what it asks to approve.
    pub(super) async fn sign(&self, card: &Card, link: &str) -> Answer {
        let request = ask::fixture::request(&self.router, link).await;
        card.answer(&self.parties, &self.router, &request).await
    }

    /// Announces a call, and waits until it is open.
    pub(super) async fn open(&self, call: NewCall) {
        let symbol = call.symbol.clone();
        self.forum.draft_call(&fixture::secretary(), call).await.unwrap();
        self.forum.announce_call(&fixture::secretary(), &symbol).await.unwrap();
        self.clock.set(OPENS.plus_secs(1));
        self.publish(Some(Status::Valid));
    }

    /// How many submissions of the call were received.
    pub(super) async fn received(&self) -> i64 {
        self.forum.counts(SYMBOL).await.unwrap().received
    }
}

pub(super) fn mandate(organisation: &str) -> Card {
    let claims = json!({
        "given_name": "Nerida", "family_name": "Évora", "organisation_name": organisation,
        "organisation_id": "XZ-17", "capacity": "Head of delegation", "valid_until": "2027-12-31",
    });
    Card::new("mandate", MANDATE, &claims)
}

pub(super) fn participant(pseudonym: &str) -> Card {
    Card::new("participant", PARTICIPANT, &json!({ "pseudonym": pseudonym }))
}
