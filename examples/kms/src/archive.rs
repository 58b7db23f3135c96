//! Tokens on a disk that nobody trusts: proposals under their digests, approvals and envelopes beside them.
//!
//! Nothing read from here is believed because it is here. What a file holds is checked as if it came from the
//! adversary, and files that are nothing are left out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::token::{Proposal, Record};

/// A folder of records.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// The one in this folder, which is made if there is none.
    ///
    /// # Errors
    /// The disk's.
    pub fn at(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Archive { folder })
    }

    /// Keeps a record. Keeping it again changes nothing.
    ///
    /// # Errors
    /// The disk's, or the record is none.
    pub fn put(&self, record: &Record) -> io::Result<()> {
        let path = match record {
            Record::Proposal(bytes) => {
                let proposal = Proposal::read(bytes).map_err(io::Error::other)?;
                self.folder.join(proposal.id().to_string()).join("proposal")
            }
            Record::Approval(approval) => {
                let operator = hex::encode(approval.operator.bytes());
                self.of(approval.proposal).join(format!("approval-{operator}"))
            }
            Record::Envelope(envelope) => self.of(envelope.token).join(format!("envelope-{}", envelope.id())),
        };
        let bytes = postcard::to_stdvec(record).map_err(io::Error::other)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    }

    /// What it holds of this token, its own proposal first.
    ///
    /// # Errors
    /// The disk's.
    pub fn records(&self, token: Digest) -> io::Result<Vec<Record>> {
        let mut files = files(&self.of(token))?;
        files.sort_by_key(|file| !file.ends_with("proposal"));
        let bytes: Vec<_> = files.iter().map(fs::read).collect::<Result<_, _>>()?;
        Ok(bytes.iter().filter_map(|bytes| postcard::from_bytes(bytes).ok()).collect())
    }

    /// All that it holds.
    ///
    /// # Errors
    /// The disk's.
    pub fn evidence(&self) -> io::Result<Evidence> {
        let mut evidence = Evidence::default();
        for folder in files(&self.folder)? {
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Ok(token) = name.parse() else { continue };
            evidence.extend(self.records(token)?);
        }
        Ok(evidence)
    }

    fn of(&self, token: Digest) -> PathBuf {
        self.folder.join(token.to_string())
    }
}

/// Paths in a folder, in order; none if there is no folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
