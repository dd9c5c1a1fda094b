//! Browsers, and what they send.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

use super::world::{Card, HERE, SYMBOL, World};

/// An HTTP answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The link to a wallet on a waiting page.
    pub(super) fn wallet_link(&self) -> String {
        let link = self.text.split("href=\"openid4vp:").nth(1).unwrap().split('"').next().unwrap();
        format!("openid4vp:{}", link.replace("&#38;", "&").replace("&amp;", "&"))
    }
}

/// A browser: keeps cookies, follows nothing by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// A part of a form with files: its name, the name of a file and its type, and what is in it.
pub(super) type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

/// A field of a form with files.
pub(super) const fn field<'a>(name: &'a str, value: &'a str) -> Part<'a> {
    (name, None, value.as_bytes())
}

/// What somebody enters who speaks for themselves.
pub(super) fn own(text: &str) -> Vec<Part<'_>> {
    vec![field("lang", "en"), field("for", "self"), field("name", "Nerida"), field("a-long", text)]
}

/// What somebody enters who acts for an organisation of this country.
pub(super) fn for_party<'a>(name: &'a str, country: &'a str, text: &'a str) -> Vec<Part<'a>> {
    vec![
        field("lang", "en"),
        field("for", "party"),
        field("name", name),
        field("class", "academia"),
        field("country", country),
        field("a-long", text),
    ]
}

impl Browser {
    pub(super) async fn send(
        &mut self,
        world: &World,
        method: Method,
        address: &str,
        form: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let kind = form.as_ref().map(|_| "application/x-www-form-urlencoded".to_owned());
        self.send_body(world, method, address, (kind, form.unwrap_or_default().into_bytes()), headers).await
    }

    pub(super) async fn send_body(
        &mut self,
        world: &World,
        method: Method,
        address: &str,
        (kind, body): (Option<String>, Vec<u8>),
        headers: &[(&str, &str)],
    ) -> Answer {
        let path = address.strip_prefix(HERE).unwrap_or(address);
        let mut request = Request::builder().method(method).uri(path);
        // What programs send is not what browsers send.
        if !path.starts_with("/forum/v1/") {
            request = request.header(header::ACCEPT, "text/html");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, body) = world.router.clone().oneshot(request).await.unwrap().into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{attributes}");
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(super) async fn get(&mut self, world: &World, address: &str) -> Answer {
        self.send(world, Method::GET, address, None, &[]).await
    }

    /// Sends a form as it stands on `page`, with these fields and a token from there.
    pub(super) async fn post(
        &mut self,
        world: &World,
        page: &str,
        to: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let shown = self.get(world, page).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}: {}", shown.text);
        let form = encoded(&csrf(&shown.text), fields);
        self.send(world, Method::POST, to, Some(form), OURS).await
    }

    /// What it keeps under the name of one of the party's cookies.
    pub(super) fn cookie(&self, name: &str) -> &str {
        let end = format!("_{name}");
        self.cookies.iter().find(|(known, _)| known.ends_with(&end)).map_or("", |(_, value)| value)
    }

    /// Has it keep something else there.
    pub(super) fn set_cookie(&mut self, name: &str, value: &str) {
        let end = format!("_{name}");
        for (_, kept) in self.cookies.iter_mut().filter(|(known, _)| known.ends_with(&end)) {
            value.clone_into(kept);
        }
    }

    /// Sends the form of the call with these parts.
    pub(super) async fn enter(&mut self, world: &World, parts: &[Part<'_>]) -> Answer {
        let page = format!("/en/calls/{SYMBOL}/answer");
        let shown = self.get(world, &page).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
        self.enter_with(world, &csrf(&shown.text), parts, OURS).await
    }

    pub(super) async fn enter_with(
        &mut self,
        world: &World,
        csrf: &str,
        parts: &[Part<'_>],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut body = Vec::new();
        let token = [field("csrf", csrf)];
        for (name, file, content) in token.iter().chain(parts) {
            body.extend(format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"").into_bytes());
            if let Some((file, kind)) = file {
                body.extend(format!("; filename=\"{file}\"\r\nContent-Type: {kind}").into_bytes());
            }
            body.extend(b"\r\n\r\n".iter().chain(*content).chain(b"\r\n"));
        }
        body.extend(b"--B--\r\n");
        let kind = Some("multipart/form-data; boundary=B".to_owned());
        let address = format!("/en/calls/{SYMBOL}/answer");
        self.send_body(world, Method::POST, &address, (kind, body), headers).await
    }

    /// Asks for a signature of what was entered; the link for the wallet, and the page that waits.
    pub(super) async fn asked(&mut self, world: &World, device: &str) -> (String, String) {
        let base = format!("/en/calls/{SYMBOL}/answer");
        let asked =
            self.post(world, &format!("{base}/review"), &format!("{base}/sign"), &[("device", device)]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
        let page = asked.location().to_owned();
        let link = self.get(world, &page).await.wallet_link();
        (link, page)
    }

    /// Enters, asks for a signature, has this card sign on another device; where the waiting page leads on to.
    pub(super) async fn signed(&mut self, world: &World, parts: &[Part<'_>], card: &Card) -> String {
        let entered = self.enter(world, parts).await;
        assert_eq!(entered.location(), format!("/en/calls/{SYMBOL}/answer/review"), "{}", entered.text);
        let (link, page) = self.asked(world, "cross").await;
        let posted = card.sign(world, &link).await;
        assert_eq!(posted.status, StatusCode::OK, "{posted:?}");
        let on = self.get(world, &page).await;
        on.location().to_owned()
    }
}

/// What a browser says of a form that it sends from a page of ours.
pub(super) const OURS: &[(&str, &str)] = &[("origin", HERE), ("sec-fetch-site", "same-origin")];

/// The body of a form.
pub(super) fn encoded(csrf: &str, fields: &[(&str, &str)]) -> String {
    let token = [("csrf", csrf)];
    let all: Vec<String> = fields
        .iter()
        .chain(&token)
        .map(|(name, value)| {
            let encode = |b: u8| {
                if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") }
            };
            format!("{name}={}", value.bytes().map(encode).collect::<String>())
        })
        .collect();
    all.join("&")
}

/// The token on a page.
pub(super) fn csrf(page: &str) -> String {
    let from = page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
    from.split('"').next().unwrap_or_default().to_owned()
}
