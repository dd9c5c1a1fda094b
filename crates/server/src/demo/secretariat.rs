//! The secretariat's past: the consultation of 2017 from its circular to the meeting that considered it, and one that is
//! open now. Both are entered through the forum's own operations, with a clock that is set by hand.
//!
//! It is done once, into a database that nobody has seen yet. Where it was interrupted it is begun anew, with new keys, so
//! that no key has ever signed two logs.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base::{Clock, Instant, Lang};
use crypto::{Random, SystemRandom};
use formats::x509::TrustAnchors;
use forum::{
    Answer, Answers, Call, Deadline, Forum, QuestionId, Scan, Standing, SubmissionId, SubmissionLang,
    Wording, replay::Sent,
};
use futures_util::future::try_join_all;
use log::{Log, Stepped};
use web::Actor;

use super::{
    history::{Authorities, Wire},
    ott::{
        self, Six,
        answers::{self, Fate, MadeUp, Way},
        second,
    },
};
use crate::{Failure, clock::SystemClock, config::Config, files, keys, serve};

/// Written when the past is complete: it names the address of which it is the past.
const DONE: &str = "past";
/// The secretariat's own anchor of 2017, in its folder.
pub(super) const ANCHORS_2017: &str = "anchors-2017.pem";
/// When the secretariat and the authorities got their keys: a fortnight before the circular.
const KEYS_MADE: &str = "2017-06-01T08:00:00Z";
/// When the first secretary looked through what came.
const DECIDED: &str = "2017-08-22T07:00:00Z";
const PUBLISHED: &str = "2017-08-28T08:00:00Z";
/// The end of the meeting that considered it, and its item.
const CONSIDERED: &str = "2017-09-18T15:00:00Z";
const ITEM: &str = "18 September 2017, item 3";
/// How many submissions come between two checkpoints.
const STRETCH: usize = 100;
/// How long after it was sent something is taken back, seconds.
const HESITATES_S: i64 = 3_000;
/// How long the second call was to be open, and how long it is, days.
const SECOND_DAYS: [i64; 2] = [30, 60];

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new("demonstration", error.to_string())
}

/// When its first keys were made.
pub(super) fn keys_made() -> Result<Instant, Failure> {
    instant(KEYS_MADE)
}

fn instant(text: &str) -> Result<Instant, Failure> {
    Instant::parse_rfc3339(text).ok_or_else(|| failed(format!("{text} is no time")))
}

/// Whether the past in this folder is complete, of a secretariat of this address. What is not is removed.
pub(super) fn is_done(folder: &Path, identifier: &str) -> Result<bool, Failure> {
    if fs::read_to_string(folder.join(DONE)).is_ok_and(|whose| whose == identifier) {
        return Ok(true);
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(false)
}

/// Enters the past.
pub(super) async fn enter(file: &Path) -> Result<(), Failure> {
    let config = Config::read(file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    files::write(&folder.join(ANCHORS_2017), &fs::read(keys::root_certificate(&config))?)?;
    serve::migrate(&config).await?;
    let past = Past::open(&config, folder).await?;
    past.ott().await?;
    past.second().await?;
    past.checkpoint().await?;
    drop(past);
    // What is signed from now on is signed with keys of today.
    keys::renew(&config, SystemClock.now())?;
    files::write(&folder.join(DONE), config.identifier.as_bytes())?;
    Ok(())
}

/// A clock that is set by hand: to one time, or to several, one for each time that it is looked at.
struct Hands(Mutex<(Instant, VecDeque<Instant>)>);

impl Hands {
    const fn at(first: Instant) -> Self {
        Self(Mutex::new((first, VecDeque::new())))
    }

    fn lock(&self) -> MutexGuard<'_, (Instant, VecDeque<Instant>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, at: Instant) {
        *self.lock() = (at, VecDeque::new());
    }

    /// The next looks see these times; those after them the last.
    fn set_all(&self, times: VecDeque<Instant>) {
        self.lock().1 = times;
    }
}

impl Clock for Hands {
    fn now(&self) -> Instant {
        let mut hands = self.lock();
        if let Some(next) = hands.1.pop_front() {
            hands.0 = next;
        }
        hands.0
    }
}

/// The secretariat as it was.
struct Past {
    clock: Arc<Hands>,
    forum: Forum,
    log: Log,
    wire: Wire,
    authorities: Authorities,
    six: Six,
    secretary: Actor,
}

impl Past {
    async fn open(config: &Config, folder: &Path) -> Result<Self, Failure> {
        let begun = keys_made()?;
        let clock = Arc::new(Hands::at(begun));
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let signer = keys::load(config, keys::Use::Credential)?;
        let vct = format!("{}/types/participant/1", config.identifier);
        // First, since the secretariat trusts them.
        let authorities = Authorities::new(folder, begun, signer, vct)?;
        let store = serve::open(config).await?;
        let log = serve::log_at(config, store.clone(), clock.clone()).await?;
        let (forum, ask) = serve::forum(config, store, clock.clone(), random, log.clone())?;
        let pem = fs::read_to_string(keys::root_certificate(config))?;
        let wire = Wire {
            router: ask.router(),
            identifier: config.identifier.clone(),
            anchors: TrustAnchors::from_pem(&pem).map_err(failed)?,
            clock: clock.clone(),
        };
        let (six, secretary) = (Six::read()?, Actor::system("demonstration secretary"));
        Ok(Self { clock, forum, log, wire, authorities, six, secretary })
    }

    /// Everything that waits gets its place in the log.
    async fn checkpoint(&self) -> Result<(), Failure> {
        while let Stepped::Placed(_) = self.log.step().await.map_err(failed)? {}
        Ok(())
    }

    async fn ott(&self) -> Result<(), Failure> {
        let by = &self.secretary;
        self.clock.set(ott::sent()?.plus_secs(-3_600));
        self.forum.draft_circular(by, ott::circular(&self.six)?).await.map_err(failed)?;
        self.forum.draft_call(by, ott::call(&self.six)?).await.map_err(failed)?;
        self.clock.set(ott::sent()?);
        self.forum.send_circular(by, ott::CIRCULAR).await.map_err(failed)?;
        self.checkpoint().await?;
        let call = self.forum.call(ott::CALL).await?.ok_or_else(|| failed("the call is missing"))?;
        let all = answers::all(&self.six)?;
        let received = self.receive_all(&call, &all).await?;
        self.decide_all(&received).await?;
        self.clock.set(instant(PUBLISHED)?);
        self.forum.publish_call(by, ott::CALL).await.map_err(failed)?;
        self.checkpoint().await?;
        self.clock.set(instant(CONSIDERED)?);
        self.forum.consider_call(by, ott::CALL, ITEM).await.map_err(failed)?;
        self.checkpoint().await
    }

    /// Receives all, each at its time. What lies between two checkpoints is not entered in the order of time, but the log
    /// orders it so: what was confirmed by mail comes together, in one commit, what else there is one by one.
    async fn receive_all<'a>(
        &self,
        call: &Call,
        all: &'a [MadeUp],
    ) -> Result<Vec<(&'a MadeUp, SubmissionId)>, Failure> {
        let mut ids: Vec<Option<SubmissionId>> = vec![None; all.len()];
        let numbered: Vec<(usize, &MadeUp)> = all.iter().enumerate().collect();
        for stretch in numbered.chunks(STRETCH) {
            // What replaces something comes behind what it replaces.
            let replaces = |made: &MadeUp| matches!(made.fate, Fate::Corrects(_));
            let (mails, others): (Vec<_>, Vec<_>) =
                stretch.iter().copied().partition(|(_, m)| m.way == Way::Mail && !replaces(m));
            self.clock.set_all(mails.iter().map(|(_, made)| made.at).collect());
            let nobody = |_| None;
            let receive = mails.iter().map(|(place, made)| self.receive(call, *place, made, nobody));
            for ((place, _), id) in mails.iter().zip(try_join_all(receive).await?) {
                note(&mut ids, *place, id);
            }
            let (last, first): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, m)| replaces(m));
            for (place, made) in first.into_iter().chain(last) {
                self.clock.set(made.at);
                let id = self.receive(call, place, made, |place| ids.get(place).copied().flatten()).await?;
                note(&mut ids, place, id);
            }
            for (place, made) in stretch.iter().filter(|(_, made)| made.fate == Fate::Withdrawn) {
                let id = ids.get(*place).copied().flatten().ok_or_else(|| failed("an answer is missing"))?;
                self.take_back(made.at.plus_secs(HESITATES_S), id, made.lang).await?;
            }
            self.checkpoint().await?;
        }
        Ok(all.iter().zip(ids).filter_map(|(made, id)| Some((made, id?))).collect())
    }

    async fn take_back(&self, at: Instant, id: SubmissionId, lang: Lang) -> Result<(), Failure> {
        self.clock.set(at);
        let reason = &self.six.get(lang)?.decision.withdrawn;
        let by = forum::Withdrawing::Staff(&self.secretary);
        self.forum.withdraw_submission(by, id, Some(reason)).await.map_err(failed)?;
        Ok(())
    }

    async fn receive(
        &self,
        call: &Call,
        place: usize,
        made: &MadeUp,
        id_of: impl Fn(usize) -> Option<SubmissionId>,
    ) -> Result<SubmissionId, Failure> {
        let question = |name: &str| QuestionId::new(name).ok_or_else(|| failed("a question has no name"));
        let mut answers = Answers::new();
        for (number, text) in &made.texts {
            answers.insert(question(&format!("q{number}"))?, Answer::Text(text.clone()));
        }
        let mut files = Vec::new();
        if let Some(annex) = &made.annex {
            let kept = self.forum.replay_file(&annex.name, annex.csv.clone().into_bytes()).await?;
            let file = kept.ok_or_else(|| failed("an annex is not taken"))?;
            answers.insert(question("annexes")?, Answer::Files(vec![file.digest_hex()]));
            files.push(file);
        }
        let mandate_id = made.party.country.map(|c| format!("{}-{:05}", c.code(), made.owner));
        let sent = Sent {
            lang: SubmissionLang::from(made.lang),
            answers,
            files,
            summary: made.summary.clone(),
            class: made.party.class,
            name: made.party.name.clone(),
            country: made.party.country,
            party_id: mandate_id.clone().filter(|_| made.way == Way::Mandate),
            supersedes: match made.fate {
                Fate::Corrects(earlier) => id_of(earlier),
                _ => None,
            },
        };
        match made.way {
            Way::Mail => {
                let mail = format!("party-{}@mail.example", made.owner);
                let received = self.forum.replay_unsigned(call, &sent, &mail).await.map_err(failed)?;
                Ok(received.id)
            }
            Way::Paper => {
                let name = format!("letter-{}.pdf", place + 1);
                let scan = Scan { name, declared: None, bytes: letter_pdf(place) };
                // The standing is that of the scan, whatever this one says.
                let standing = Standing::paper(&self.secretary, &made.party, [0; 32]);
                let request = format!("letter {}", place + 1);
                let new = sent.submission(call, standing, request).ok_or_else(|| failed("a language"))?;
                let received = self.forum.record_paper(&self.secretary, new, scan).await;
                Ok(received.map_err(failed)?.id)
            }
            Way::Mandate | Way::Participant => {
                let now = self.clock.now();
                let card = match &mandate_id {
                    Some(id) if made.way == Way::Mandate => self.authorities.mandate(&made.party, id, now),
                    _ => self.authorities.participant(made.owner, now),
                }?;
                let signing = self.forum.replay_signing(call, &sent).await.map_err(failed)?;
                self.wire.answer(&signing.asked.link, &card).await?;
                match self.forum.replay_signed(&signing).await? {
                    Some(Ok(id)) => Ok(id),
                    Some(Err(code)) => Err(failed(format!("a signature was refused: {code}"))),
                    None => Err(failed("a signature did not arrive")),
                }
            }
        }
    }

    /// Refuses and withholds, each with its reason.
    async fn decide_all(&self, received: &[(&MadeUp, SubmissionId)]) -> Result<(), Failure> {
        let mut at = instant(DECIDED)?;
        for (made, id) in received {
            let words = &self.six.get(made.lang)?.decision;
            let (refuses, reason) = match made.fate {
                Fate::Duplicate => (true, &words.duplicate),
                Fate::Advertising => (true, &words.advertising),
                Fate::NotTheMatter => (true, &words.not_the_matter),
                Fate::NamesSomebody => (false, &words.names_somebody),
                Fate::Personal => (false, &words.personal),
                Fate::Published | Fate::Corrected(_) | Fate::Corrects(_) | Fate::Withdrawn => continue,
            };
            at = at.plus_secs(420);
            self.clock.set(at);
            if refuses {
                self.forum.refuse(&self.secretary, *id, reason).await.map_err(failed)?;
            } else {
                self.forum.withhold(&self.secretary, *id, reason).await.map_err(failed)?;
            }
        }
        self.checkpoint().await
    }

    /// The consultation that is open: sent three hours ago, and its deadline moved since.
    async fn second(&self) -> Result<(), Failure> {
        let (by, now) = (&self.secretary, SystemClock.now());
        let sent = now.plus_secs(-3 * 3_600);
        let closes = |days: i64| {
            let day = now.plus_secs(days * 86_400).date();
            end_of_day(&day).ok_or_else(|| failed("a day has no end"))
        };
        let [first, later] = SECOND_DAYS;
        // Nobody was on the list of 2017: what is announced of it finds nobody, before anybody is.
        self.forum.mails_due(1).await?;
        self.forum.add_addressees(by, second::addressees()?, second::WHY_TOLD).await.map_err(failed)?;
        self.clock.set(sent);
        self.forum.draft_circular(by, second::circular(&self.six, sent)?).await.map_err(failed)?;
        let call = second::call(&self.six, sent, closes(first)?)?;
        self.forum.draft_call(by, call).await.map_err(failed)?;
        self.forum.send_circular(by, second::CIRCULAR).await.map_err(failed)?;
        self.clock.set(now.plus_secs(-3_600));
        let to =
            Deadline { instant: closes(later)?, zone: ott::ZONE.to_owned(), wording: Wording::ByEndOfDay };
        let reason = second::extended(&self.six)?;
        self.forum.extend_call(by, second::CALL, (to, None), &reason).await.map_err(failed)?;
        self.clock.set(now);
        Ok(())
    }
}

fn note(ids: &mut [Option<SubmissionId>], place: usize, id: SubmissionId) {
    if let Some(noted) = ids.get_mut(place) {
        *noted = Some(id);
    }
}

/// The first instant after a day in the host's zone.
fn end_of_day(day: &str) -> Option<Instant> {
    web::format::civil::end_of_day(day, ott::ZONE)
}

/// A letter, as a scan: one page that says what it is.
fn letter_pdf(place: usize) -> Vec<u8> {
    let number = place + 1;
    let text = format!("BT /F1 14 Tf 72 720 Td (Letter {number}, made up for a demonstration.) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
         /Resources << /Font << /F1 4 0 R >> >> >>"
            .to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut table = String::new();
    for (i, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", pdf.len());
        let _ = write!(pdf, "{} 0 obj\n{object}\nendobj\n", i + 1);
    }
    let (start, count) = (pdf.len(), objects.len() + 1);
    let _ = write!(
        pdf,
        "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    pdf.into_bytes()
}
