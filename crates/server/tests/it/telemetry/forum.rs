//! The part of the run in which people sign in, and take part in a call: signed, by a link in a mail, by a program; in which
//! the secretariat decides on what came; and in which somebody asks the log about it.

use serde_json::{Value, json};

use super::{Run, mailbox::Mailbox};
use crate::{
    browser::{Browser, Page, Sent},
    holder::{self, Fetch, Held, text},
    party::{Call, State},
};

const CALL: &str = "Wells-2026";

/// What a party is told so that all this can be done there.
pub(super) fn settings(port: u16) -> String {
    format!(
        "[mail]\nsmtp = \"smtp://127.0.0.1:{port}\"\nfrom = \"Forum <forum@state.example>\"\n\
         [login]\nparticipant = [\"IDENTIFIER/types/participant/1\"]\n"
    )
}

fn english(text: &str) -> Value {
    json!({ "original": "en", "texts": { "en": text } })
}

impl Run {
    /// What a browser sends and is answered. Of a page those values are noted that it is to send back.
    async fn visit(&mut self, browser: &mut Browser, address: &str, form: Option<Sent<'_>>) -> Page {
        self.note_address(address);
        if let Some(Sent::Fields(fields) | Sent::Parts(fields, _)) = &form {
            fields.iter().for_each(|(_, value)| self.note(value));
        }
        if let Some(Sent::Parts(_, Some((_, name, content)))) = &form {
            self.note(name);
            self.note(content);
        }
        let page = browser.send(address, form).await;
        browser.cookies.values().for_each(|value| self.note(value));
        for value in page.text.split("type=\"hidden\"").skip(1).filter_map(|rest| rest.split('"').nth(3)) {
            self.note(value);
        }
        self.note_address(&page.location);
        page
    }

    /// Sends the form of a page.
    async fn post(&mut self, browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Page {
        let shown = self.visit(browser, page, None).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        let fields = [fields, &[("csrf", shown.csrf())]].concat();
        self.visit(browser, to, Some(Sent::Fields(&fields))).await
    }

    /// The page to which all of that leads.
    async fn follow(&mut self, browser: &mut Browser, mut page: Page) -> (String, Page) {
        let mut at = String::new();
        while page.status == 303 {
            at = page.location;
            page = self.visit(browser, &at, None).await;
        }
        assert_eq!(page.status, 200, "{at}: {}", page.text);
        (at, page)
    }

    /// The text of the next mail that has this in it; all that come until then are noted.
    fn mail_with(&mut self, mailbox: &mut Mailbox, what: &str) -> String {
        loop {
            let mail = mailbox.next();
            self.note_json(&mail["to"]);
            self.note_json(&mail["headers"]);
            let said = text(&mail, "/text");
            said.lines().for_each(|line| self.note(line));
            said.lines().filter(|line| line.contains("://")).for_each(|line| self.note_address(line));
            if said.contains(what) {
                return said;
            }
        }
    }

    /// A card under a pseudonym.
    async fn participant(&mut self, state: &State, offer: &Value) -> Held {
        let code = holder::code(offer);
        let token = self.good(&Call::token(&code)).await;
        let access_token = text(&token, "/access_token");
        let nonce = text(&self.good(&Call::nonce()).await, "/c_nonce");
        let fetch = Fetch::of("participant", &state.identifier, &access_token, &nonce, 1);
        let issued = self.good(&fetch.call).await;
        fetch.held(&issued)
    }

    /// Has the wallet answer what a page waits for, and goes where the page leads on to.
    async fn signed(
        &mut self,
        state: &State,
        browser: &mut Browser,
        wait: &str,
        card: &Held,
    ) -> (String, Page) {
        let link = self.visit(browser, wait, None).await.link("openid4vp:");
        let fetched = self.send(&holder::request_of(&link)).await;
        let request = holder::verified(&link, &fetched, &holder::anchors(state));
        self.note(&request.nonce);
        let answer = holder::answer_to(&request, "participant", "pseudonym", &card.copies[0]);
        self.good(&answer).await;
        let page = self.visit(browser, wait, None).await;
        self.follow(browser, page).await
    }

    /// The form of the call, filled in, with a file.
    async fn filled(&mut self, browser: &mut Browser, name: &str, answer: &str) {
        let form = format!("/en/calls/{CALL}/answer");
        let shown = self.visit(browser, &form, None).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        let fields =
            [("lang", "en"), ("for", "self"), ("name", name), ("a-q1", answer), ("csrf", shown.csrf())];
        let file = ("a-q2", "Adaeze-wells.txt", "Seen by Adaeze at Kivuli.\n");
        let entered = self.visit(browser, &form, Some(Sent::Parts(&fields, Some(file)))).await;
        assert_eq!(entered.location, format!("{form}/review"), "{}", entered.text);
    }

    async fn call(&mut self) {
        let ministry = json!({ "mail": "posts@kivuli.example", "lang": "fr", "class": "member_state",
            "name": "Ministry of Kivuli" });
        let addressees = json!({ "addressees": [ministry], "reason": "They asked." });
        self.good(&Call::staff_post("/staff/v1/forum/addressees", &addressees)).await;
        let circular = json!({
            "symbol": "Circular-17", "dated": "2026-03-01", "signatory": "Amina Diallo",
            "addressees": ["member_state"], "subject": english("On wells"), "text": english("Which are dry?"),
            "contact": "wells@state.example",
        });
        self.good(&Call::staff_post("/staff/v1/forum/circulars", &circular)).await;
        let now = holder::now();
        let question = |id: &str, kind: &str, required: bool| json!({ "id": id, "kind": kind, "label": english("Which well?"), "required": required });
        let call = json!({
            "symbol": CALL, "circular": "Circular-17", "kind": "consultation",
            "title": english("Wells"), "introduction": english("Tell us."),
            "questions": [question("q1", "long_text", true), question("q2", "file", false)],
            "opens": now.plus_secs(-60).rfc3339(),
            "closes": { "instant": now.plus_secs(86_400).rfc3339(), "zone": "UTC", "wording": "before" },
            "policy": "at_once", "contact": "wells@state.example",
        });
        self.good(&Call::staff_post("/staff/v1/forum/calls", &call)).await;
        self.good(&Call::staff_post("/staff/v1/forum/circulars/Circular-17/send", &json!({}))).await;
    }

    /// Somebody signs in with a card, and signs an answer and, sent back, another one.
    async fn signs(&mut self, state: &State) -> String {
        let mut browser = Browser::new(state);
        let base = format!("/en/calls/{CALL}/answer");
        let offered = self.post(&mut browser, &format!("{base}/card"), &format!("{base}/card"), &[]).await;
        let (_, offered) = self.follow(&mut browser, offered).await;
        let link = offered.link("openid-credential-offer:");
        let offer = url::Url::parse(&link).unwrap();
        let offer = offer.query_pairs().find(|(name, _)| name == "credential_offer_uri").unwrap().1;
        let offer = self.good(&Call::get(&offer)).await;
        let card = self.participant(state, &json!({ "credential_offer": offer })).await;

        let sign_in = [("device", "cross"), ("return", "/sessions")];
        let begun = self.post(&mut browser, "/en/login", "/en/login", &sign_in).await;
        let (_, sessions) = self.signed(state, &mut browser, &begun.location, &card).await;
        assert!(sessions.text.contains("a participant"), "{}", sessions.text);

        self.filled(&mut browser, "Adaeze Nwosu", "The well of Adaeze is dry.").await;
        let sign = format!("{base}/sign");
        let asked = self.post(&mut browser, &format!("{base}/review"), &sign, &[("device", "cross")]).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        let (receipt, page) = self.signed(state, &mut browser, &asked.location, &card).await;
        assert!(receipt.ends_with("/receipt") && page.text.contains("Adaeze Nwosu"), "{}", page.text);
        let of_nobody = receipt.replace("sub_", "Adaeze_");
        assert_eq!(self.visit(&mut browser, &of_nobody, None).await.status, 404);
        self.post(&mut browser, "/en/sessions", "/en/logout", &[]).await;
        receipt.split('/').find(|part| part.starts_with("sub_")).unwrap().to_owned()
    }

    /// Somebody without a wallet confirms by the link in a mail.
    async fn confirms(&mut self, state: &State, mailbox: &mut Mailbox) {
        let mut browser = Browser::new(state);
        let base = format!("/en/calls/{CALL}/answer");
        self.filled(&mut browser, "Obiageli Eze", "Obiageli has no well at all.").await;
        let (review, to) = (format!("{base}/review"), format!("{base}/unsigned"));
        for (mail, leads_to) in [("obiageli@eze", "wrong=mail"), ("Obiageli@Eze.example", "/unsigned")] {
            let sent = self.post(&mut browser, &review, &to, &[("mail", mail)]).await;
            assert!(sent.location.ends_with(leads_to), "{} {}", sent.location, sent.text);
        }
        let mail = self.mail_with(mailbox, "/submissions/confirm/");
        let link = mail.lines().find(|line| line.contains("/submissions/confirm/")).unwrap().to_owned();
        let mut forged = link.clone();
        let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
        forged.push(last);
        assert_eq!(self.visit(&mut browser, &forged, None).await.status, 404);
        let done = self.post(&mut browser, &link, &link, &[]).await;
        let (receipt, _) = self.follow(&mut browser, done).await;
        self.mail_with(mailbox, "/receipt");
        let withdraw = receipt.replace("/receipt", "/withdraw");
        self.post(&mut browser, &receipt, &withdraw, &[]).await;
    }

    /// A program sends a file and what is to be signed.
    async fn programs(&mut self) {
        let sent = Call::file("/forum/v1/files?name=Chinwe-Obi.txt", "Chinwe Obi has seen it.");
        let file = self.good(&sent).await;
        let said = json!({
            "form_version": 1, "lang": "ig", "answers": { "q1": { "text": "Mmiri adighi" } },
            "files": [{ "sha256": file["sha256"], "name": "Chinwe-Obi.txt", "proof": file["proof"] }],
            "party": { "class": "individual", "name": "Chinwe Obi", "country": "NG" },
        });
        let to = format!("/forum/v1/calls/{CALL}/submissions");
        let mut odd = said.clone();
        odd["party"]["name"] = json!("Chinwe\u{202e}Obi");
        self.refused(&Call::json(&to, &odd), 400).await;
        odd = said.clone();
        odd["files"][0]["sha256"] = json!("Chinwe-Obi");
        self.refused(&Call::json(&to, &odd), 409).await;
        odd = said.clone();
        odd["answers"]["q9"] = json!({ "text": "Chinwe again" });
        self.refused(&Call::json(&to, &odd), 400).await;
    }

    /// The secretariat reads and decides, and somebody asks the log.
    async fn decides(&mut self, state: &State, id: &str) {
        let list = format!("/staff/v1/forum/calls/{CALL}/submissions?state=published");
        let listed = self.good(&Call::staff_get(&list)).await;
        assert_eq!(text(&listed, "/submissions/0/id"), id);
        let one = format!("/staff/v1/forum/submissions/{id}");
        self.good(&Call::staff_get(&one)).await;
        let translation = json!({ "lang": "fr", "answers": { "q1": "Le puits d'Adaeze est à sec." } });
        self.good(&Call::staff_post(&format!("{one}/translations"), &translation)).await;
        let withhold = json!({ "act": "withhold", "reason": "Adaeze names a child, Ngozi." });
        self.good(&Call::staff_post(&format!("{one}/acts"), &withhold)).await;
        self.refused(&Call::staff_post(&format!("{one}/acts"), &withhold), 409).await;
        self.good(&Call::staff_get(&format!("{one}/history"))).await;
        self.refused(&Call::staff_get("/staff/v1/forum/submissions/Adaeze"), 404).await;
        self.refused(&Call::get("/forum/v1/calls/Adaeze-Nwosu"), 404).await;
        self.refused(&Call::get("/log/receipts/Adaeze-Nwosu"), 404).await;
        let mut browser = Browser::new(state);
        let fields = [("text", "The receipt of Adaeze Nwosu")];
        let checked = self.visit(&mut browser, "/en/log", Some(Sent::Fields(&fields))).await;
        assert_ne!(checked.status, 200, "sent without a token");
        let checked = self.post(&mut browser, "/en/log", "/en/log", &fields).await;
        assert_eq!(checked.status, 200);
    }

    pub(super) async fn takes_part(&mut self, state: &State, mailbox: &mut Mailbox) {
        self.call().await;
        let mail = self.mail_with(mailbox, "/mail/stop/");
        let stop = mail.lines().find(|line| line.contains("/mail/stop/")).unwrap().to_owned();
        let id = self.signs(state).await;
        self.confirms(state, mailbox).await;
        self.programs().await;
        self.decides(state, &id).await;
        let mut browser = Browser::new(state);
        let stopped = self.visit(&mut browser, &stop, Some(Sent::Fields(&[]))).await;
        assert_eq!(stopped.status, 200);
    }
}
