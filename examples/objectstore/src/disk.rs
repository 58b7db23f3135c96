//! A host's disk: a folder with one file a shard.
//!
//! A file is written beside its place, synced and renamed, so it is there whole or not at all. It begins with the
//! BLAKE3 digest of everything after it: which shard it is, who wrote it, and its bytes. What does not have the digest
//! it says has rotted.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// How the names of shards end.
const EXTENSION: &str = "shard";

/// The file that tells one disk from another.
const LABEL: &str = "disk.json";

/// Bytes of a digest.
const DIGEST_BYTES: usize = blake3::OUT_LEN;

/// Which shard.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct ShardId {
    /// Of this object.
    pub object: String,
    /// Of this version of it.
    pub version: u64,
    /// From 0.
    pub index: usize,
}

/// Who writes: each put, repair and move is known by one of these.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TaskId {
    /// The leader with whom it was begun.
    pub epoch: u64,
    /// It was that leader's so many-th.
    pub number: u64,
}

/// What is in the file of a shard.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Shard {
    /// Which it is.
    pub id: ShardId,
    /// Bytes of the object.
    pub object_bytes: u64,
    /// Who wrote it.
    pub written_by: TaskId,
    /// The shard itself.
    pub bytes: Vec<u8>,
}

/// A host between one start and the next: which disk it has, and how often that was started.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Incarnation {
    /// Different for every new disk.
    pub disk: u64,
    /// From 1.
    pub start: u64,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// The disk in this folder, which is created if it is not there.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let disk = Disk { folder: folder.to_owned() };
        for name in disk.file_names()? {
            if name.ends_with(".new") {
                fs::remove_file(disk.folder.join(name))?; // Never got its name: not written.
            }
        }
        Ok(disk)
    }

    /// Counts a start. A disk without a label is new and gets this one.
    ///
    /// # Errors
    /// When the label cannot be read or written.
    pub fn start(&self, new_label: u64) -> io::Result<Incarnation> {
        let path = self.folder.join(LABEL);
        let before = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Incarnation { disk: new_label, start: 0 },
            Err(error) => return Err(error),
        };
        let now = Incarnation { start: before.start + 1, ..before };
        replace_file(&path, &serde_json::to_vec(&now)?)?;
        Ok(now)
    }

    /// The shards, rotten or not.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn shards(&self) -> io::Result<BTreeSet<ShardId>> {
        Ok(self.file_names()?.iter().filter_map(|name| ShardId::from_file_name(name)).collect())
    }

    /// Is there a file of this shard, whatever is in it?
    pub fn has(&self, id: &ShardId) -> bool {
        self.path(id).exists()
    }

    /// Writes a shard, durably.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn write(&self, shard: &Shard) -> io::Result<()> {
        let content = postcard::to_stdvec(shard).map_err(io::Error::other)?;
        let mut file = blake3::hash(&content).as_bytes().to_vec();
        file.extend(content);
        replace_file(&self.path(&shard.id), &file)
    }

    /// A shard whose digest is right.
    ///
    /// # Errors
    /// When it is not there, has rotted, or cannot be read.
    pub fn read(&self, id: &ShardId) -> Result<Shard, Refusal> {
        let file = self.file(id)?;
        let (digest, content) = file.split_at_checked(DIGEST_BYTES).ok_or(Refusal::Rotten)?;
        if blake3::hash(content).as_bytes() != digest {
            return Err(Refusal::Rotten);
        }
        let shard: Shard = postcard::from_bytes(content).map_err(|_| Refusal::Rotten)?;
        if shard.id == *id { Ok(shard) } else { Err(Refusal::Rotten) }
    }

    /// A shard whatever its digest: the mistake of whoever copies without looking.
    ///
    /// # Errors
    /// When it is not there, or there is no making sense of it.
    pub fn read_unverified(&self, id: &ShardId) -> Result<Shard, Refusal> {
        let file = self.file(id)?;
        postcard::from_bytes(file.get(DIGEST_BYTES..).unwrap_or_default()).map_err(|_| Refusal::Rotten)
    }

    /// Deletes a shard. True if it was there.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub fn remove(&self, id: &ShardId) -> io::Result<bool> {
        match fs::remove_file(self.path(id)) {
            Ok(()) => sync_folder(&self.folder).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Nature: flips a bit of the last byte but `from_end` of a shard's file, behind everybody's back.
    ///
    /// # Errors
    /// When there is no such byte.
    pub fn rot(&self, id: &ShardId, from_end: u64) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).open(self.path(id))?;
        let at = file.metadata()?.len().checked_sub(1 + from_end).ok_or(io::ErrorKind::InvalidInput)?;
        let mut byte = [0];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut byte)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&[byte[0] ^ 1])?;
        file.sync_all()
    }

    /// Nature: the disk is replaced by an empty one.
    ///
    /// # Errors
    /// When the folder cannot be emptied.
    pub fn wipe(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)?;
        fs::create_dir_all(&self.folder)
    }

    fn path(&self, id: &ShardId) -> PathBuf {
        self.folder.join(id.file_name())
    }

    fn file(&self, id: &ShardId) -> Result<Vec<u8>, Refusal> {
        fs::read(self.path(id)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Refusal::NotHeld,
            _ => error.into(),
        })
    }

    fn file_names(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }
}

impl ShardId {
    /// The object's name in hexadecimal, as it may be any text; then version and index.
    fn file_name(&self) -> String {
        let object: String = self.object.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("{object}-{}-{}.{EXTENSION}", self.version, self.index)
    }

    fn from_file_name(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(EXTENSION)?.strip_suffix('.')?;
        let mut parts = stem.split('-');
        let (object, version, index) = (parts.next()?, parts.next()?, parts.next()?);
        let byte = |at: usize| u8::from_str_radix(object.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..object.len()).step_by(2).map(byte).collect();
        let object = String::from_utf8(bytes?).ok()?;
        Some(ShardId { object, version: version.parse().ok()?, index: index.parse().ok()? })
    }
}

/// Writes a file that is there whole or as it was, even if the power goes.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
