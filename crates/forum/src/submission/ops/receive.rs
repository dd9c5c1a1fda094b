//! Receive a submission.
//!
//! Whether it is in time is decided within the write, by one instant (invariant I1): that which the log's receipt says, and
//! the record that its leaf commits to. So what is in a receipt is always within the call's window, whatever the clock
//! does, on every instance.
//!
//! Many come in the last minutes. So nothing is looked for that is mostly not there (an earlier sending, a party's other
//! submissions): to `PostgreSQL`, two writes that look where the other inserts are in each other's way. A sending of
//! the same name, and a party that is at its limit, are found by inserting.

use ::store::Tx;
use base::{
    Instant,
    limits::{LINE_CHARS_MAX, PROSE_CHARS_MAX, SUBMISSION_BYTES_MAX, SUBMISSION_FILES_MAX},
};
use crypto::random_array;
use serde_json::{Map, Value};

use super::super::{
    canonical, listed,
    model::{Entry, NewSubmission, Received, StandingKind, State},
    store::{self as sql, Kept},
};
use crate::{
    ContactId, Forum, SubmissionId,
    act::record,
    call::{
        form::{Fault, QuestionId},
        model::{CallState, Policy, Stage},
        store::{self as calls, Gate},
    },
    export::{self, layout::hex},
    file,
    hygiene::{self, BadText},
};

/// Why something was not received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveRefusal {
    /// There is no such call.
    #[error("there is no such call")]
    NoSuchCall,
    /// The call has not opened.
    #[error("the call has not opened")]
    NotOpen,
    /// The call receives nothing any more.
    #[error("the call is closed")]
    Closed,
    /// The call is not for parties of this class.
    #[error("the call is not for parties of this class")]
    Audience,
    /// As many submissions of this party count as may.
    #[error("this party has submitted as often as it may")]
    Limit,
    /// The answers cite another version of the form than the one that is asked.
    #[error("the form has changed: answer the one that is asked")]
    FormVersion,
    /// Some answers are not what the form asks for.
    #[error("some answers are not what is asked for")]
    Answers(Vec<(QuestionId, Fault)>),
    /// A name, the summary or a file's name.
    #[error(transparent)]
    Text(#[from] BadText),
    /// There are too many files, two are the same, or a length is none.
    #[error("the files are too many, or one is there twice")]
    Files,
    /// All in all it is too long.
    #[error("the submission is too long")]
    TooLong,
    /// The name of this sending is empty, too long, or was used for something else.
    #[error("this sending has the name of another one")]
    RequestReused,
    /// What was signed is something else.
    #[error("something else was signed")]
    Signature,
    /// There is no submission to replace, or it is another call's, or another party's.
    #[error("there is no such submission of this party to replace")]
    Supersedes,
    /// The one to replace was replaced, refused or taken back, or is withheld.
    #[error("the submission to replace does not count any more")]
    NotEffective,
    /// Nothing is replaced or taken back any more.
    #[error("submissions cannot be changed any more")]
    ModifyUntil,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

/// What can be said of a submission without its call.
fn check(new: &NewSubmission) -> Result<(), ReceiveRefusal> {
    let is = |text: &str, clean: Result<String, BadText>| match clean {
        // What is signed is what is kept: whoever makes the canonical text cleans it first.
        Ok(clean) if clean == text => Ok(()),
        Ok(_) => Err(BadText::Deceives),
        Err(bad) => Err(bad),
    };
    let party = &new.party;
    for text in [Some(&party.name), party.person.as_ref(), party.capacity.as_ref()].into_iter().flatten() {
        is(text, hygiene::line(text, LINE_CHARS_MAX))?;
    }
    if let Some(summary) = &new.summary {
        is(summary, hygiene::prose(summary, PROSE_CHARS_MAX))?;
    }
    let mut digests: Vec<_> = new.files.iter().map(|f| f.digest).collect();
    digests.sort_unstable();
    digests.dedup();
    if digests.len() != new.files.len()
        || digests.len() > SUBMISSION_FILES_MAX
        || new.files.iter().any(|f| f.size < 0)
    {
        return Err(ReceiveRefusal::Files);
    }
    for file in &new.files {
        is(&file.name, hygiene::line(&file.name, LINE_CHARS_MAX))?;
        is(&file.media_type, hygiene::line(&file.media_type, 100))?;
    }
    if new.request.is_empty() || new.request.len() > 100 || new.request.chars().any(char::is_control) {
        return Err(ReceiveRefusal::RequestReused);
    }
    Ok(())
}

impl Forum {
    /// Receives a submission: validates it against the form it cites, and answers the signed receipt. Sent again under the
    /// same name it is received once, and answered the first receipt again, also after the call has closed.
    pub async fn receive(&self, new: NewSubmission) -> Result<Received, ReceiveRefusal> {
        let incoming = self.incoming(new)?;
        let (id, digest) = (incoming.id, incoming.digest);
        let (forum, call) = (self.clone(), incoming.new.call.clone());
        let request = incoming.new.request.clone();
        let done = self.store.write(async move |tx: &mut Tx<'_>| forum.receive_in(tx, &incoming).await).await;
        match done {
            Ok((receipt, in_grace)) => Ok(Received {
                id,
                digest,
                received_at: receipt.received_at,
                // Signed outside of the write.
                receipt: receipt.to_file(),
                in_grace,
                is_repeated: false,
            }),
            Err(ReceiveRefusal::Store(error)) => Err(error.into()),
            Err(refusal) => self.repeated(call, request, digest).await?.ok_or(refusal),
        }
    }

    /// The first receipt again, if the same was received under this name before.
    async fn repeated(
        &self,
        call: String,
        request: String,
        digest: [u8; 32],
    ) -> Result<Option<Received>, ReceiveRefusal> {
        let read = async move |tx: &mut Tx<'_>| sql::by_request(tx, &call, &request).await;
        let Some(earlier) = self.store.read(read).await? else { return Ok(None) };
        if earlier.digest != digest {
            return Err(ReceiveRefusal::RequestReused);
        }
        let receipt = self.log.receipt(earlier.leaf).await?;
        Ok(Some(Received {
            id: earlier.id,
            digest,
            received_at: earlier.received_at,
            receipt: receipt.map(|r| r.to_file()).unwrap_or_default(),
            in_grace: earlier.in_grace,
            is_repeated: true,
        }))
    }

    /// What can be said of a submission before its write: its canonical text, and that it is what was signed.
    pub(crate) fn incoming(&self, new: NewSubmission) -> Result<Incoming, ReceiveRefusal> {
        check(&new)?;
        let canonical = canonical::text(&self.call_address(&new.call), &new);
        if canonical.len() > SUBMISSION_BYTES_MAX {
            return Err(ReceiveRefusal::TooLong);
        }
        let digest = crypto::sha256(&canonical);
        if new.standing.kind == StandingKind::Signed && new.standing.digest != Some(digest) {
            return Err(ReceiveRefusal::Signature);
        }
        let id = SubmissionId::from_random(random_array(&*self.random));
        let contact = ContactId::from_random(random_array(&*self.random));
        Ok(Incoming { new, canonical, digest, id, contact })
    }

    /// Receives it in the caller's transaction, of which a refusal leaves nothing to be kept: its receipt, and whether it
    /// came in the grace after the deadline. What came before under the same name is [`ReceiveRefusal::RequestReused`].
    pub(crate) async fn receive_in(
        &self,
        tx: &mut Tx<'_>,
        incoming: &Incoming,
    ) -> Result<(log::Receipt, bool), ReceiveRefusal> {
        let (new, id) = (&incoming.new, incoming.id);
        let gate = calls::gate_of(tx, &new.call).await?.ok_or(ReceiveRefusal::NoSuchCall)?;
        let at = self.log.now();
        let in_grace = gate.receives(at)? == CallState::Grace;
        let receipt = self.leaf(tx, at, export::SUBMITTED, self.received(incoming, in_grace)).await?;
        if !gate.audience.is_empty() && !gate.audience.contains(&new.party.class) {
            return Err(ReceiveRefusal::Audience);
        }
        self.validate(tx, &gate, new).await?;
        let replaced = match new.supersedes {
            None => None,
            Some(_) if at >= gate.window.modifiable_until() => return Err(ReceiveRefusal::ModifyUntil),
            Some(replaced) => Some(replaceable(tx, &gate, replaced, new).await?),
        };
        if let Some(replaced) = replaced {
            listed::store::unlist_one(tx, &replaced.entry).await?;
            self.set_state(tx, &replaced, &State::Superseded { by: id }).await?;
            self.superseded(tx, &replaced.entry, id).await?;
        }
        if let Some(limit) = gate.party_limit
            && !sql::take_place(tx, gate.id, &new.standing.key, limit).await?
        {
            return Err(ReceiveRefusal::Limit);
        }
        let entry = Entry {
            id,
            call: gate.id,
            symbol: new.call.clone(),
            form_version: new.form_version,
            lang: new.lang.clone(),
            digest: incoming.digest,
            party: new.party.clone(),
            standing: new.standing.kind,
            credential: new.standing.credential.clone(),
            received_at: at,
            in_grace,
            supersedes: new.supersedes,
            state: if gate.policy == Policy::AtOnce { State::Published } else { State::Received },
        };
        self.keep(tx, incoming, &entry, &receipt).await?;
        if let Some(actor) = &new.standing.recorded_by {
            self.recorded(tx, &entry, actor).await?;
        }
        Ok((receipt, in_grace))
    }

    /// What the leaf commits to, beside when it was: enough that nobody can say later that it was another text, that what
    /// was signed was not, or was signed otherwise.
    fn received(&self, incoming: &Incoming, in_grace: bool) -> Map<String, Value> {
        let standing = &incoming.new.standing;
        let mut members = record([
            ("call", self.call_address(&incoming.new.call).into()),
            ("submission", incoming.id.to_string().into()),
            ("digest", hex(&incoming.digest).into()),
            ("in_grace", in_grace.into()),
            ("standing", standing.kind.as_str().into()),
        ]);
        if let Some(evidence) = &standing.evidence {
            members.insert("evidence".to_owned(), hex(&crypto::sha256(evidence)).into());
        }
        members
    }

    /// Writes what was received.
    async fn keep(
        &self,
        tx: &mut Tx<'_>,
        incoming: &Incoming,
        entry: &Entry,
        receipt: &log::Receipt,
    ) -> Result<(), ReceiveRefusal> {
        let new = &incoming.new;
        let answered: Vec<_> = new.answers.keys().cloned().collect();
        let paper = (new.standing.kind == StandingKind::Paper).then_some(new.standing.digest.as_ref());
        let row = sql::New {
            entry,
            request: &new.request,
            party: &new.standing.key,
            receipt,
            canonical: &incoming.canonical,
            files: &new.files,
            evidence: new.standing.evidence.as_deref(),
            scan: paper.flatten(),
            recorded_by: new.standing.recorded_by.as_deref(),
            answered: &answered,
        };
        if !sql::insert(tx, &row).await? {
            return Err(ReceiveRefusal::RequestReused);
        }
        for file in &new.files {
            file::store::belongs(tx, &file.digest, entry.id, &file.name).await?;
        }
        if let Some(contact) = &new.contact {
            sql::insert_contact(tx, incoming.contact, entry.id, contact).await?;
        }
        listed::store::add(tx, entry.call, ("total", ""), entry.id, 1).await?;
        listed::store::add(tx, entry.call, ("state", entry.state.word().as_str()), entry.id, 1).await?;
        if entry.state == State::Published {
            listed::store::list_one(tx, entry, &answered).await?;
        }
        Ok(())
    }

    /// That the answers are what the version of the form that they cite asks for, and that it is the one that is asked.
    async fn validate(
        &self,
        tx: &mut Tx<'_>,
        gate: &Gate,
        new: &NewSubmission,
    ) -> Result<(), ReceiveRefusal> {
        if new.form_version != gate.form_version {
            return Err(ReceiveRefusal::FormVersion);
        }
        let form = calls::form(tx, gate.id, new.form_version).await?.ok_or(ReceiveRefusal::FormVersion)?;
        let files: Vec<_> = new.files.iter().map(super::super::model::FileRef::digest_hex).collect();
        let faults = form.validate(&new.answers, &files);
        if faults.is_empty() { Ok(()) } else { Err(ReceiveRefusal::Answers(faults)) }
    }

    /// Sets the state of a submission, and counts it there.
    pub(crate) async fn set_state(
        &self,
        tx: &mut Tx<'_>,
        kept: &Kept,
        state: &State,
    ) -> Result<(), ::store::Error> {
        let entry = &kept.entry;
        sql::set_state(tx, entry.id, state).await?;
        if entry.state.is_effective() && !state.is_effective() {
            sql::give_place(tx, entry.call, &kept.party).await?;
        }
        listed::store::add(tx, entry.call, ("state", entry.state.word().as_str()), entry.id, -1).await?;
        listed::store::add(tx, entry.call, ("state", state.word().as_str()), entry.id, 1).await
    }
}

impl Gate {
    /// The state of a call that receives something at `at`.
    fn receives(&self, at: Instant) -> Result<CallState, ReceiveRefusal> {
        let state = match self.stage {
            Stage::Draft => return Err(ReceiveRefusal::NoSuchCall),
            Stage::Announced => self.window.state(at),
            Stage::Withdrawn | Stage::Annulled | Stage::Published | Stage::Considered => CallState::Closed,
        };
        match state {
            CallState::Scheduled => Err(ReceiveRefusal::NotOpen),
            state if state.is_receiving() => Ok(state),
            _ => Err(ReceiveRefusal::Closed),
        }
    }
}

/// A submission that is about to be received.
pub(crate) struct Incoming {
    new: NewSubmission,
    canonical: Vec<u8>,
    digest: [u8; 32],
    pub(crate) id: SubmissionId,
    contact: ContactId,
}

/// The submission that `new` replaces, if it may.
async fn replaceable(
    tx: &mut Tx<'_>,
    gate: &Gate,
    id: SubmissionId,
    new: &NewSubmission,
) -> Result<Kept, ReceiveRefusal> {
    let kept = sql::get(tx, id).await?.ok_or(ReceiveRefusal::Supersedes)?;
    if kept.entry.call != gate.id || kept.party != new.standing.key {
        return Err(ReceiveRefusal::Supersedes);
    }
    if kept.entry.state.is_effective() { Ok(kept) } else { Err(ReceiveRefusal::NotEffective) }
}
