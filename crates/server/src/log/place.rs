//! Where a log's files are: a folder or an address.

use std::{fs::File, io::Read as _, path::PathBuf};

use base::limits::LOG_FILE_BYTES_MAX;

use crate::{
    Failure,
    outgoing::{Message, Outgoing, Reach},
};

/// Where a log's files are.
pub(super) enum Place {
    /// Under this folder.
    Folder(PathBuf),
    /// Under this address.
    Address(Box<Outgoing>, String),
}

impl Place {
    /// The log at `text`: a folder that has a checkpoint or in which `log` has one; an address, of the log or of the party.
    pub(super) fn of(text: &str) -> Result<Self, Failure> {
        if !text.starts_with("https://") && !text.starts_with("http://") {
            let folder = PathBuf::from(text);
            let within = folder.join("log");
            let holds = |folder: &PathBuf| folder.join("checkpoint").exists();
            return Ok(Self::Folder(if !holds(&folder) && holds(&within) { within } else { folder }));
        }
        let reach = Reach { loopback: true, any_private: true, ..Reach::default() };
        let url = url::Url::parse(text).map_err(|_| Failure::new("address", "this is not an address"))?;
        let address = text.trim_end_matches('/');
        let prefix = if url.path() == "/" { format!("{address}/log") } else { address.to_owned() };
        Ok(Self::Address(Box::new(Outgoing::new(reach)?), prefix))
    }

    /// The file at this path of the log; `None` if there is none.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Folder(folder) => {
                let file = folder.join(path);
                if !file.exists() {
                    return Ok(None);
                }
                let most = u64::try_from(LOG_FILE_BYTES_MAX).unwrap_or(u64::MAX);
                let mut bytes = Vec::new();
                File::open(file)?.take(most).read_to_end(&mut bytes)?;
                Ok(Some(bytes))
            }
            Self::Address(outgoing, prefix) => {
                let answer = outgoing
                    .send(&format!("{prefix}/{path}"), Message::default(), LOG_FILE_BYTES_MAX)
                    .await?;
                match answer.status {
                    200 => Ok(Some(answer.body)),
                    404 => Ok(None),
                    status => Err(Failure::new("unreachable", format!("{prefix}/{path} answered {status}"))),
                }
            }
        }
    }

    /// The checkpoint.
    pub(super) async fn checkpoint(&self) -> Result<String, Failure> {
        let missing = || Failure::new("no_log", "there is no log: nothing has a checkpoint there");
        String::from_utf8(self.get("checkpoint").await?.ok_or_else(missing)?)
            .map_err(|_| super::failed(log::Fault::NoteMalformed))
    }
}
