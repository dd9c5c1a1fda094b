//! A past that is made up: how a demonstration enters what was sent long ago, as of then.
//!
//! The forum's own operations do it, with a clock that is set by hand. Only two things differ from what a person does:
//! the form's page is not filled in, and nobody clicks the link in a mail that nobody was sent. Signatures are real ones,
//! over `ask`.

use ::store::Error;
use ask::{Asked, Device};
use base::Instant;
use crypto::{hmac_sha256, random_array};

use crate::{
    Answers, Call, Country, FileRef, Forum, NewSubmission, PartyClass, Received, Standing, SubmissionId,
    SubmissionLang,
    draft::content::{Said, SaidFile},
    file,
    sign::ops::{SignRefusal, Signer},
    submission::ops::receive::ReceiveRefusal,
};

/// What somebody is said to have sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The language of the original.
    pub lang: SubmissionLang,
    /// The answers.
    pub answers: Answers,
    /// What is attached: kept before, with [`Forum::replay_file`].
    pub files: Vec<FileRef>,
    /// On what is attached.
    pub summary: Option<String>,
    /// What the party is.
    pub class: PartyClass,
    /// What it is called.
    pub name: String,
    /// Its country.
    pub country: Option<Country>,
    /// As its mandate names it.
    pub party_id: Option<String>,
    /// What it replaces.
    pub supersedes: Option<SubmissionId>,
}

impl Sent {
    fn said(&self, call: &Call) -> Said {
        let file = |file: &FileRef| SaidFile {
            sha256: file.digest_hex(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        };
        Said {
            form_version: call.said.form.version,
            lang: self.lang.as_str().to_owned(),
            answers: self.answers.clone(),
            files: self.files.iter().map(file).collect(),
            summary: self.summary.clone(),
            class: self.class,
            name: self.name.clone(),
            country: self.country,
            party_id: self.party_id.clone(),
            supersedes: self.supersedes,
        }
    }

    /// The submission that it becomes with what vouches for it; none if its language is none.
    pub fn submission(&self, call: &Call, standing: Standing, request: String) -> Option<NewSubmission> {
        self.said(call).submission(&call.said.symbol, standing, request, None)
    }
}

/// A signature that was asked for.
#[derive(Debug, Clone)]
pub struct Signing {
    /// For the wallet.
    pub asked: Asked,
    browser: [u8; 32],
}

impl Forum {
    /// Keeps a file, if it is one that is taken; what names it keeps it for good.
    ///
    /// # Errors
    /// The database; `None` if it is not taken.
    pub async fn replay_file(&self, name: &str, bytes: Vec<u8>) -> Result<Option<FileRef>, Error> {
        let Ok(taken) = file::take(name, None, bytes) else { return Ok(None) };
        let file = taken.file.clone();
        self.keep_file(taken, Instant::from_ms(i64::MAX)).await?;
        Ok(Some(file))
    }

    /// Receives what was sent with this mail address, as if it had been confirmed.
    pub async fn replay_unsigned(
        &self,
        call: &Call,
        sent: &Sent,
        mail: &str,
    ) -> Result<Received, ReceiveRefusal> {
        let message = format!("sahihi forum replayed\n{mail}");
        let key = hmac_sha256(&self.config.server_secret, message.as_bytes());
        let request = self.secret_token();
        let new = sent.submission(call, Standing::unsigned(key), request);
        self.receive(new.ok_or(ReceiveRefusal::TooLong)?).await
    }

    /// Asks a wallet to sign that.
    pub async fn replay_signing(&self, call: &Call, sent: &Sent) -> Result<Signing, SignRefusal> {
        let browser = random_array(self.random.as_ref());
        let signer = Signer { browser, drafted: false, device: Device::Cross };
        let asked = self.ask_to_sign(call, &sent.said(call), signer).await?;
        Ok(Signing { asked, browser })
    }

    /// What came of it: the submission, or the code of why there is none; nothing yet if nobody has answered.
    pub async fn replay_signed(
        &self,
        signing: &Signing,
    ) -> Result<Option<Result<SubmissionId, String>>, Error> {
        let found = self.last_signing(signing.browser).await?;
        Ok(found.and_then(|s| s.submission.map(Ok).or_else(|| s.refused.map(Err))))
    }
}
