//! For tests, of other crates too: a party's pages, and a browser that looks at them, without a network.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests")]

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use base::Clock;
use crypto::Random;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use store::Store;
use tower::ServiceExt as _;

use crate::{
    Sessions, Site, SiteConfig, StaffTokens,
    session::{SessionsConfig, all_roles},
    staff::StaffToken,
};

/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 1 << 22;

/// Sessions of a party of the handle `secretariat`.
pub fn sessions(store: &Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>, identifier: &str) -> Sessions {
    let config = SessionsConfig {
        party: "secretariat".to_owned(),
        identifier: identifier.to_owned(),
        server_secret: [7; 32],
    };
    Sessions::new(store.clone(), clock, random, &config)
}

/// Pages of that party, on which one can sign in.
pub fn site(identifier: &str, sessions: &Sessions) -> Site {
    Site::new(SiteConfig {
        name: None,
        identifier: identifier.to_owned(),
        handle: "secretariat".to_owned(),
        thumbprint: [0; 32],
        sessions: Some(sessions.clone()),
        has_log: false,
        has_login: true,
        navigation: Vec::new(),
    })
}

/// One of the staff, with every role, who calls with this token.
pub fn staff(name: &str, token: &str) -> StaffTokens {
    let sha256 = base16ct::lower::encode_string(&crypto::sha256(token.as_bytes()));
    StaffTokens::new(&[StaffToken { name: name.to_owned(), sha256, roles: all_roles() }]).unwrap()
}

/// Has these pages answer a request.
pub async fn sent(pages: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = pages.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap();
    let text = String::from_utf8(bytes.into()).unwrap();
    let code = formats::json::parse_within(text.as_bytes(), ANSWER_BYTES_MAX).map_or_else(
        |_| between(&text, "<code dir=\"ltr\">", "<").to_owned(),
        |body| {
            let code = ["code", "error_description", "error"].iter().find_map(|name| body.get(name));
            code.and_then(Value::as_str).unwrap_or_default().to_owned()
        },
    );
    Answer { status: parts.status, headers: parts.headers, text, code }
}

/// An address without the party that it is at.
pub fn path_of(address: &str) -> &str {
    let at = address.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    at.unwrap_or(address)
}

/// The body of a form, with the token where there is one.
pub fn encoded(csrf: &str, fields: &[(&str, &str)]) -> String {
    let token = (!csrf.is_empty()).then_some((crate::csrf::FIELD, csrf));
    let fields: Vec<_> = fields.iter().copied().chain(token).collect();
    serde_urlencoded::to_string(fields).unwrap()
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
    code: String,
}

impl Answer {
    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads to.
    pub fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }

    /// The header that sets this cookie.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        all.find(|cookie| cookie.split_once('=').is_some_and(|(set, _)| set == name))
    }

    /// Its body, read as strictly as what comes from outside.
    pub fn json(&self) -> Value {
        formats::json::parse_within(self.text.as_bytes(), ANSWER_BYTES_MAX).unwrap()
    }

    /// What a refusal is called: in a problem, in a protocol's error, or on a page for whoever helps.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The token of the forms on a page.
    pub fn csrf(&self) -> &str {
        between(&self.text, "name=\"csrf\" value=\"", "\"")
    }
}

/// What stands between the first `before` and the next `after`; empty where there is none.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(found, _)| found)
}

/// What a browser says of a form that it sends from a page of the party at this address.
pub const fn ours(identifier: &str) -> [(&str, &str); 2] {
    [("origin", identifier), ("sec-fetch-site", "same-origin")]
}

/// A part of a form with files: its name, the name of a file and its type, and what is in it.
pub type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

/// A field of a form with files.
pub const fn field<'a>(name: &'a str, value: &'a str) -> Part<'a> {
    (name, None, value.as_bytes())
}

/// A browser at a party's pages: it keeps cookies, and follows nothing by itself.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The pages.
    pub pages: Router,
    /// What it was told to keep.
    pub cookies: BTreeMap<String, String>,
    identifier: String,
}

impl Browser {
    /// A new browser, at the pages of the party at this address.
    pub fn new(pages: &Router, identifier: &str) -> Self {
        Self { pages: pages.clone(), cookies: BTreeMap::new(), identifier: identifier.to_owned() }
    }

    /// Sends a body of any type.
    pub async fn send(
        &mut self,
        method: Method,
        address: &str,
        body: impl Into<Body>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path_of(address));
        if !headers.iter().any(|(name, _)| *name == "accept") {
            request = request.header(header::ACCEPT, "text/html");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = sent(&self.pages, request.body(body.into()).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        answer
    }

    /// Does as `Set-Cookie` says.
    pub fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap();
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{attributes}");
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Loads a page.
    pub async fn get(&mut self, address: &str) -> Answer {
        self.send(Method::GET, address, Body::empty(), &[]).await
    }

    /// Loads a page, and what it leads to.
    pub async fn followed(&mut self, address: &str) -> Answer {
        let mut answer = self.get(address).await;
        while answer.status == StatusCode::SEE_OTHER {
            answer = self.get(answer.location()).await;
        }
        answer
    }

    /// Sends a form.
    pub async fn send_form(&mut self, to: &str, form: String, headers: &[(&str, &str)]) -> Answer {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, to, form, &[&[kind], headers].concat()).await
    }

    /// Sends a form as it stands on `page`, with these fields and the token from there.
    pub async fn post(&mut self, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}: {}", shown.text);
        self.post_with(shown.csrf(), to, fields).await
    }

    /// Sends a form of a page of ours with this token.
    pub async fn post_with(&mut self, csrf: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let identifier = self.identifier.clone();
        self.send_form(to, encoded(csrf, fields), &ours(&identifier)).await
    }

    /// Sends a form with files, with this token.
    pub async fn send_parts(
        &mut self,
        to: &str,
        csrf: &str,
        parts: &[Part<'_>],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, file, content) in [field(crate::csrf::FIELD, csrf)].iter().chain(parts) {
            body.extend(format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"").into_bytes());
            if let Some((file, kind)) = file {
                body.extend(format!("; filename=\"{file}\"\r\nContent-Type: {kind}").into_bytes());
            }
            body.extend(b"\r\n\r\n".iter().chain(*content).chain(b"\r\n"));
        }
        body.extend(b"--B--\r\n");
        let kind = ("content-type", "multipart/form-data; boundary=B");
        self.send(Method::POST, to, body, &[&[kind], headers].concat()).await
    }
}
