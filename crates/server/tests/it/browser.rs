//! A browser, as far as these tests need one: it keeps cookies and follows nothing by itself.

use std::collections::BTreeMap;

use crate::party::State;

pub(crate) struct Browser {
    client: reqwest::Client,
    origin: String,
    /// By name.
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What it was answered.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) text: String,
}

/// What a form sends.
pub(crate) enum Sent<'a> {
    Fields(&'a [(&'a str, &'a str)]),
    /// In parts, as a form with a file is sent: fields, and a file's field, name and content.
    Parts(&'a [(&'a str, &'a str)], Option<(&'a str, &'a str, &'a str)>),
}

impl Sent<'_> {
    /// Media type and body.
    fn body(&self) -> (&'static str, String) {
        match self {
            Self::Fields(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                ("application/x-www-form-urlencoded", form.extend_pairs(*fields).finish())
            }
            Self::Parts(fields, file) => {
                let head = |name: &str| format!("--B\r\ncontent-disposition: form-data; name=\"{name}\"");
                let mut parts = Vec::new();
                for (name, value) in *fields {
                    parts.push(format!("{}\r\n\r\n{value}\r\n", head(name)));
                }
                if let Some((name, file, content)) = file {
                    let kind = "content-type: text/plain";
                    let head = head(name);
                    parts.push(format!("{head}; filename=\"{file}\"\r\n{kind}\r\n\r\n{content}\r\n"));
                }
                parts.push("--B--\r\n".to_owned());
                ("multipart/form-data; boundary=B", parts.concat())
            }
        }
    }
}

impl Browser {
    pub(crate) fn new(state: &State) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, origin: state.identifier.clone(), cookies: BTreeMap::new() }
    }

    pub(crate) async fn send(&mut self, address: &str, form: Option<Sent<'_>>) -> Page {
        let path = address.strip_prefix(&self.origin).unwrap_or(address);
        let address = format!("{}{path}", self.origin);
        let request = match form.map(|form| form.body()) {
            None => self.client.get(&address),
            Some((media_type, body)) => {
                let request = self.client.post(&address).header("origin", &self.origin).body(body);
                request.header("content-type", media_type)
            }
        };
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = request.header("accept", "text/html").header("cookie", cookies.join("; "));
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get("location").map(|l| l.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        Page { status, location: location.unwrap_or_default(), text: answer.text().await.unwrap() }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Page {
        self.send(address, None).await
    }
}

impl Page {
    /// The token of its form.
    pub(crate) fn csrf(&self) -> &str {
        between(&self.text, "name=\"csrf\" value=\"", "\"")
    }

    /// The link to a wallet that begins so.
    pub(crate) fn link(&self, scheme: &str) -> String {
        let link = between(&self.text, &format!("href=\"{scheme}"), "\"");
        format!("{scheme}{}", link.replace("&#38;", "&").replace("&amp;", "&"))
    }
}

pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split(from)
        .nth(1)
        .and_then(|rest| rest.split(to).next())
        .unwrap_or_else(|| panic!("{from} in {text}"))
}
