//! Carries out the steps of a flow, one after the other, until it ends.

use std::collections::BTreeMap;

use ::wallet::{
    CardId, Context, Event, Issuance, Presentation, Step, issuance,
    presentation::{self, Answered, Picked, Question},
};
use base::Clock;
use crypto::SystemRandom;
use zeroize::Zeroizing;

use super::{home::Home, net::Net, screen::Screen, texts};
use crate::{Failure, clock::SystemClock};

/// Which cards the person names for which query.
pub(super) type Cards = BTreeMap<String, Vec<CardId>>;

/// Whatever a flow needs from outside.
pub(super) struct Driver {
    screen: Screen,
    net: Net,
    insecure_loopback: bool,
    /// Agree without asking.
    yes: bool,
}

impl Driver {
    pub(super) fn new(screen: Screen, insecure_loopback: bool, yes: bool) -> Result<Self, Failure> {
        Ok(Self { screen, net: Net::new(insecure_loopback)?, insecure_loopback, yes })
    }

    fn context<'a>(&self, home: &'a Home) -> Context<'a> {
        Context {
            wallet: home.wallet(),
            now: SystemClock.now(),
            random: &SystemRandom,
            insecure_loopback: self.insecure_loopback,
        }
    }

    /// Accepts an offer; answers the new cards.
    pub(super) async fn accept(
        &self,
        home: &mut Home,
        offer: &str,
        mut tx_code: Option<Zeroizing<String>>,
    ) -> Result<Vec<CardId>, Failure> {
        let started = Issuance::start(offer, &self.context(home));
        let accepted = self.issue(home, started, &mut tx_code).await;
        accepted.inspect_err(|_| self.screen.plain(texts::NOT_ACCEPTED.get(self.screen.lang)))
    }

    /// Fetches a card again.
    pub(super) async fn refresh(&self, home: &mut Home, card: CardId) -> Result<(), Failure> {
        let started = Issuance::refresh(card, &self.context(home));
        self.issue(home, started, &mut None).await.map(drop)
    }

    async fn issue(
        &self,
        home: &mut Home,
        (mut flow, mut step): (Issuance, issuance::Step),
        tx_code: &mut Option<Zeroizing<String>>,
    ) -> Result<Vec<CardId>, Failure> {
        loop {
            let event = match step {
                Step::Request(request) => self.net.send(request).await,
                Step::Ask(question) => Event::Answer(self.ask_offer(&question, tx_code.take())),
                Step::Store(change) => {
                    home.apply(*change)?;
                    Event::Stored
                }
                Step::Done(cards) => return Ok(cards),
                Step::Failed(error) => return Err(Failure::new(error.code(), error.detail())),
            };
            step = flow.handle(event, &self.context(home));
        }
    }

    fn ask_offer(
        &self,
        question: &issuance::Question,
        tx_code: Option<Zeroizing<String>>,
    ) -> issuance::Answer {
        self.screen.offer(question);
        if !self.yes && !self.screen.agrees(texts::ACCEPT_QUESTION, &[]) {
            return issuance::Answer::Refuse;
        }
        let tx_code = match &question.tx_code {
            Some(wanted) if tx_code.is_none() && !self.yes => {
                self.screen.tx_code(wanted.description.as_deref()).map(Zeroizing::new)
            }
            _ => tx_code,
        };
        issuance::Answer::Accept { tx_code }
    }

    /// Answers a request.
    pub(super) async fn answer(
        &self,
        home: &mut Home,
        link: &str,
        cards: Cards,
    ) -> Result<Answered, Failure> {
        let (mut flow, mut step) = Presentation::start(link, &self.context(home));
        let mut asker = None;
        loop {
            let event = match step {
                Step::Request(request) => self.net.send(request).await,
                Step::Ask(question) => {
                    asker = Some(question.asker.name.clone());
                    Event::Answer(self.ask_consent(&question, cards.clone()))
                }
                Step::Store(change) => {
                    home.apply(*change)?;
                    Event::Stored
                }
                Step::Done(answered) => return Ok(answered),
                Step::Failed(error) => {
                    if let (Some(name), true) = (asker, nothing_was_shown(&error)) {
                        self.screen.say(texts::REFUSED, &[("name", &name)]);
                    }
                    return Err(Failure::new(error.code(), error.detail()));
                }
            };
            step = flow.handle(event, &self.context(home));
        }
    }

    fn ask_consent(&self, question: &Question, mut cards: Cards) -> presentation::Answer {
        if !question.can_be_met() {
            self.screen.unmet(question);
            // As long as somebody is asked before a document is shown, somebody is asked before it is said that there
            // is none: an asker whom nobody knows learns nothing from how soon an answer comes.
            if !self.yes || !question.asker.verified {
                self.screen.tell_no(question);
            }
            return presentation::Answer::Refuse;
        }
        if !self.yes {
            self.choose(question, &mut cards);
        }
        // A choice that is none is refused by the flow, by the rule that it breaks.
        let Ok(picked) = question.picked(&cards) else { return presentation::Answer::Approve { cards } };
        self.screen.request(question, &picked);
        for pick in &picked {
            self.screen.others(pick);
        }
        let count: usize = picked.iter().map(|pick| pick.choice.shown.len()).sum();
        let values = [("count", &*count.to_string()), ("name", &question.asker.name)];
        // Agreeing in advance is for askers who are known.
        if (self.yes && question.asker.verified) || self.screen.agrees(texts::SHOW_QUESTION, &values) {
            presentation::Answer::Approve { cards }
        } else {
            presentation::Answer::Refuse
        }
    }

    /// Lets the person, if there is one, choose among what would do, where nothing was named on the command line.
    fn choose(&self, question: &Question, cards: &mut Cards) {
        if !Screen::is_read() {
            return;
        }
        for set in question.sets() {
            let named = set.options.iter().flatten().any(|id| cards.contains_key(id));
            if named || (set.required && set.options.len() < 2) {
                continue;
            }
            let describe = |option: &Vec<String>| {
                let first = |id: &String| question.asked.iter().find(|a| a.query == *id)?.options.first();
                option
                    .iter()
                    .filter_map(first)
                    .map(|choice| self.screen.card(choice))
                    .collect::<Vec<_>>()
                    .join(" + ")
            };
            let options: Vec<String> = set.options.iter().map(describe).collect();
            let line = if set.required { texts::WHICH_WAY } else { texts::WHICH_OPTIONAL };
            let chosen = self.screen.number(line, &options).or(set.required.then_some(0));
            for id in chosen.and_then(|n| set.options.get(n)).into_iter().flatten() {
                let first = question.asked.iter().find(|a| a.query == *id).and_then(|a| a.options.first());
                cards.extend(first.map(|choice| (id.clone(), vec![choice.card])));
            }
        }
        let Ok(picked) = question.picked(cards) else { return };
        let several: Vec<_> = picked.iter().map(|pick: &Picked<'_>| pick.asked).collect();
        for asked in several.into_iter().filter(|asked| asked.options.len() > 1) {
            if cards
                .get(&asked.query)
                .is_some_and(|named| asked.options.first().map(|o| vec![o.card]).as_ref() != Some(named))
            {
                continue;
            }
            let options: Vec<String> = asked.options.iter().map(|choice| self.screen.card(choice)).collect();
            let chosen = self.screen.number(texts::WHICH_CARD, &options).and_then(|n| asked.options.get(n));
            cards.extend(chosen.map(|choice| (asked.query.clone(), vec![choice.card])));
        }
    }
}

/// Whether the flow ended before anything was sent, and the asker was told.
fn nothing_was_shown(error: &presentation::Error) -> bool {
    matches!(error, presentation::Error::Refused | presentation::Error::NoMatch | presentation::Error::Choice)
}
