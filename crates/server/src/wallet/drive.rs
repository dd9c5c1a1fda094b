//! Carries out the steps of a flow, one after the other, until it ends.

use std::collections::BTreeMap;

use ::wallet::{
    CardId, Context, Event, Issuance, Presentation, Step, issuance,
    presentation::{self, Answered, Choice, Question},
};
use base::Clock;
use crypto::SystemRandom;
use zeroize::Zeroizing;

use super::{home::Home, net::Net, screen::Screen, texts};
use crate::{Failure, clock::SystemClock};

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
        let (mut flow, mut step) = Issuance::start(offer, &self.context(home));
        loop {
            let event = match step {
                Step::Request(request) => self.net.send(request).await,
                Step::Ask(question) => Event::Answer(self.ask_offer(&question, tx_code.take())),
                Step::Store(change) => {
                    home.apply(*change)?;
                    Event::Stored
                }
                Step::Done(cards) => return Ok(cards),
                Step::Failed(error) => {
                    self.screen.plain(texts::NOT_ACCEPTED.get(self.screen.lang));
                    return Err(Failure::new(error.code(), error.to_string()));
                }
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
        cards: BTreeMap<String, CardId>,
    ) -> Result<Answered, Failure> {
        let (mut flow, mut step) = Presentation::start(link, &self.context(home));
        let mut asker = None;
        loop {
            let event = match step {
                Step::Request(request) => self.net.send(request).await,
                Step::Ask(question) => {
                    asker = Some(question.asker.name.clone());
                    Event::Answer(self.ask_consent(&question, &cards))
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
                    return Err(Failure::new(error.code(), error.to_string()));
                }
            };
            step = flow.handle(event, &self.context(home));
        }
    }

    fn ask_consent(&self, question: &Question, cards: &BTreeMap<String, CardId>) -> presentation::Answer {
        if !question.can_be_met() {
            self.screen.unmet(question);
            if !self.yes {
                self.screen.tell_no(question);
            }
            return presentation::Answer::Refuse;
        }
        let chosen: Vec<&Choice> = question
            .asked
            .iter()
            .filter_map(|asked| {
                let wanted = cards.get(&asked.query);
                asked.options.iter().find(|option| wanted.is_none_or(|id| *id == option.card))
            })
            .collect();
        self.screen.request(question, &chosen);
        for (asked, shown) in question.asked.iter().zip(&chosen) {
            self.screen.others(asked, shown);
        }
        let count: usize = chosen.iter().map(|choice| choice.shown.len()).sum();
        let values = [("count", &*count.to_string()), ("name", &question.asker.name)];
        if self.yes || self.screen.agrees(texts::SHOW_QUESTION, &values) {
            presentation::Answer::Approve { cards: cards.clone() }
        } else {
            presentation::Answer::Refuse
        }
    }
}

/// Whether the flow ended before anything was sent, and the asker was told.
fn nothing_was_shown(error: &presentation::Error) -> bool {
    matches!(error, presentation::Error::Refused | presentation::Error::NoMatch | presentation::Error::Choice)
}
