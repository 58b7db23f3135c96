//! What a host or an operator keeps to itself, in a folder of its own: secrets, the digest of the last token, pledges.
//!
//! Files are replaced whole: written beside, forced to the disk, renamed, and the folder forced to the disk. After a
//! crash at any moment there is the old file or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A folder that survives crashes.
#[derive(Clone, Debug)]
pub struct Module {
    folder: PathBuf,
}

impl Module {
    /// The one in this folder, which is made if there is none.
    ///
    /// # Errors
    /// The disk's.
    pub fn at(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Module { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file's content, if there is the file.
    ///
    /// # Errors
    /// The disk's.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a file. It is on the disk when the call returns.
    ///
    /// # Errors
    /// The disk's; the file is then as it was.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let beside = self.folder.join(format!("{name}.new"));
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, self.folder.join(name))?;
        File::open(&self.folder)?.sync_all()
    }
}
