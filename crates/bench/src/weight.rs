//! The heaviest page as it is sent: of all that can be reached by links, in six languages.

use std::collections::{BTreeSet, VecDeque};

use base::Lang;

use crate::{
    http::{Connection, Request},
    party::{Database, Party},
    row::{Context, Failure},
    submitting::{open_call, tables},
};

/// How many pages of a site are looked at: those with the fewest links between them and the first.
const PAGES_MAX: usize = 600;

/// How a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// As it is written, to see where it leads.
    Written,
    /// As browsers ask for it.
    Compressed,
}

impl As {
    /// Further lines of a request.
    pub(crate) fn headers(self) -> &'static str {
        match self {
            Self::Written => "accept: text/html\r\n",
            Self::Compressed => "accept: text/html\r\naccept-encoding: gzip\r\n",
        }
    }
}

/// How many bytes the heaviest page of a site has, without its styles. `get` answers nothing where there is no page.
pub(crate) async fn heaviest(
    first: &str,
    mut get: impl AsyncFnMut(&str, As) -> Result<Option<Vec<u8>>, Failure>,
) -> Result<usize, Failure> {
    let mut waiting: VecDeque<String> = Lang::ALL.iter().map(|lang| format!("/{lang}{first}")).collect();
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    let (mut pages, mut most, mut of) = (0, 0, String::new());
    while let Some(path) = waiting.pop_front() {
        let Some(html) = get(&path, As::Written).await? else { continue };
        let sent = get(&path, As::Compressed).await?.map_or(0, |sent| sent.len());
        if sent > most {
            (most, of) = (sent, path);
        }
        pages += 1;
        if pages == PAGES_MAX {
            break;
        }
        for link in String::from_utf8_lossy(&html).split("href=\"").skip(1) {
            let link = link.split(['"', '#']).next().unwrap_or_default();
            let link = link.replace("&#38;", "&").replace("&amp;", "&");
            if link.starts_with('/') && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    eprintln!("{pages} pages, the heaviest {of}: {most} bytes without styles");
    Ok(most)
}

/// The same of everything that a server has to show.
pub(crate) async fn heaviest_served(context: &Context) -> Result<usize, Failure> {
    let mut party = Party::set_up_with(context, Database::Sqlite, tables)?;
    party.start().await?;
    open_call(&party).await?;
    let get = async |path: &str, how: As| {
        // Another connection for each: what is no page may have no length, and then nothing can be read after it.
        let mut connection = Connection::open(party.port).await?;
        let answer = connection.send(&Request { path, headers: how.headers(), ..Request::default() }).await?;
        let is_one = answer.status < 300 && answer.is_page;
        if is_one && answer.body.is_empty() {
            return Err(Failure::new(format!("{path}: a page without its length")));
        }
        Ok(is_one.then_some(answer.body))
    };
    heaviest("/", get).await
}
