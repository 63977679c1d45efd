//! Reading a file in order to change it, and saving it whole or not at all.
//!
//! What is saved goes to a temporary file beside the target, which then takes the target's place in
//! one step: killed at any moment, the file on disk is the old one or the new one. Before that step
//! the file must still hold the bytes that were read. Programs that save through this module lock
//! the target from that check to the step, so that of two only one can win; for an editor that
//! knows no locks, some microseconds of risk remain.
//!
//! A new file takes the place of the old one, so hard links to the old one keep the old text.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// How long a save waits for another program that is saving the same file.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 5 });

/// Why a file could not be read or saved.
#[derive(Debug)]
pub enum SaveError {
    /// It could not be read.
    Unreadable(PathBuf, io::Error),
    /// It is a directory, a device or the like.
    NotAFile(PathBuf),
    /// It has more than so many bytes.
    TooLarge(PathBuf, usize),
    /// Someone else has saved it since it was read.
    Changed(PathBuf),
    /// Another program holds it locked.
    Busy(PathBuf),
    /// It may not be written.
    ReadOnly(PathBuf),
    /// It exists already.
    Exists(PathBuf),
    /// No file can be made in its folder.
    Folder(PathBuf, io::Error),
    /// Writing failed.
    Unwritten(PathBuf, io::Error),
}

impl fmt::Display for SaveError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(out, "cannot read {}: {error}", path.display()),
            Self::NotAFile(path) => {
                write!(out, "{} is no plain file; name a file", path.display())
            }
            Self::TooLarge(path, limit) => write!(
                out,
                "{} has more than {} MB; split it with `include`",
                path.display(),
                limit >> 20
            ),
            Self::Changed(path) => write!(
                out,
                "{} has changed since it was read, so nothing was saved; \
                 look at the new text and repeat the change",
                path.display()
            ),
            Self::Busy(path) => write!(
                out,
                "{} is locked by another program, so nothing was saved; try again when it is done",
                path.display()
            ),
            Self::ReadOnly(path) => write!(
                out,
                "{} is read-only, so nothing was saved; allow writing first (`chmod u+w`)",
                path.display()
            ),
            Self::Exists(path) => write!(
                out,
                "{} exists already and was left as it is; choose another name or remove it first",
                path.display()
            ),
            Self::Folder(folder, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(out, "there is no folder {}; make it first", folder.display())
            }
            Self::Folder(folder, error) => write!(
                out,
                "cannot make a file in {}: {error}; a plan is saved through a temporary file \
                 beside it, so its folder must exist and be writable",
                folder.display()
            ),
            Self::Unwritten(path, error) => {
                write!(out, "cannot write {}: {error}; the file is as it was", path.display())
            }
        }
    }
}

impl std::error::Error for SaveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, error) | Self::Folder(_, error) | Self::Unwritten(_, error) => {
                Some(error)
            }
            _ => None,
        }
    }
}

/// A file as it was read, to save a changed text in its place.
#[derive(Clone, Debug)]
pub struct Snapshot {
    path: PathBuf,
    target: PathBuf,
    bytes: Vec<u8>,
}

impl Snapshot {
    /// Reads a file of at most `limit` bytes, following links.
    pub fn read(path: &Path, limit: usize) -> Result<(Snapshot, Vec<u8>), SaveError> {
        let unreadable = |error| SaveError::Unreadable(path.to_owned(), error);
        let target = fs::canonicalize(path).map_err(unreadable)?;
        // Looked at before it is opened: opening a pipe would wait for its writer.
        if !fs::metadata(&target).map_err(unreadable)?.is_file() {
            return Err(SaveError::NotAFile(path.to_owned()));
        }
        let file = File::open(&target).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() > limit {
            return Err(SaveError::TooLarge(path.to_owned(), limit));
        }
        let snapshot = Snapshot { path: path.to_owned(), target, bytes: bytes.clone() };
        Ok((snapshot, bytes))
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file itself, links followed.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Saves new bytes in the place of those that were read, and gives the snapshot for the next
    /// save. Refuses when the file no longer holds what was read. On any failure the file is as it
    /// was, and nothing is left beside it.
    pub fn save(&self, bytes: &[u8]) -> Result<Snapshot, SaveError> {
        // Checked first without a lock, to fail early; what counts is the check under the lock.
        let (mut file, metadata) = writable(&self.target, &self.path)?;
        self.check(&mut file)?;
        drop(file);
        let temporary = temporary(&self.target, bytes, Some(&metadata))?;
        let lock = self.lock()?;
        // Windows replaces no file that is open.
        let lock = if cfg!(windows) { None } else { Some(lock) };
        let unwritten = |error| SaveError::Unwritten(self.path.clone(), error);
        temporary.persist(&self.target).map_err(|error| unwritten(error.error))?;
        drop(lock);
        sync_folder(&self.target);
        Ok(Snapshot { bytes: bytes.to_vec(), ..self.clone() })
    }

    /// Whether the open file is still what was read.
    fn check(&self, file: &mut File) -> Result<(), SaveError> {
        let mut now = Vec::with_capacity(self.bytes.len() + 1);
        file.take(self.bytes.len() as u64 + 1)
            .read_to_end(&mut now)
            .map_err(|error| SaveError::Unreadable(self.path.clone(), error))?;
        match now == self.bytes && self.still_leads_here() {
            true => Ok(()),
            false => Err(SaveError::Changed(self.path.clone())),
        }
    }

    /// Whether the path, links followed, still names the same file.
    fn still_leads_here(&self) -> bool {
        fs::canonicalize(&self.path).is_ok_and(|target| target == self.target)
    }

    /// The target, locked, with the bytes that were read.
    ///
    /// Whoever waited for the lock may get it on the file that the winner has just replaced, so the
    /// locked file must be the one that the path names now.
    fn lock(&self) -> Result<File, SaveError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (mut file, _) = writable(&self.target, &self.path)?;
            wait_for_lock(&file, deadline).map_err(|()| SaveError::Busy(self.path.clone()))?;
            if is_at(&file, &self.target) {
                self.check(&mut file)?;
                return Ok(file);
            }
            if Instant::now() > deadline {
                return Err(SaveError::Busy(self.path.clone()));
            }
        }
    }
}

/// Waits until nobody else holds the lock. A file system without locks counts as one where nobody
/// does: the check of the bytes remains.
fn wait_for_lock(file: &File, deadline: Instant) -> Result<(), ()> {
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Err(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
}

/// Whether the open file is the one that the path names.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Whether the open file is the one that the path names; not to be told here.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Writes a file that need not exist yet, whole or not at all. One that exists is replaced only if
/// `overwrite` says so, whatever it holds; links are followed.
pub fn write_new(path: &Path, bytes: &[u8], overwrite: bool) -> Result<(), SaveError> {
    if overwrite { replace(path, bytes) } else { create(path, bytes) }
}

fn create(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    // A link that leads nowhere is in the way as well.
    if path.symlink_metadata().is_ok() {
        return Err(SaveError::Exists(path.to_owned()));
    }
    let temporary = temporary(path, bytes, None)?;
    temporary.persist_noclobber(path).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => SaveError::Exists(path.to_owned()),
        _ => SaveError::Unwritten(path.to_owned(), error.error),
    })?;
    sync_folder(path);
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    let unwritten = |error| SaveError::Unwritten(path.to_owned(), error);
    let (target, metadata) = match fs::canonicalize(path) {
        Ok(target) if !target.is_file() => return Err(SaveError::NotAFile(path.to_owned())),
        Ok(target) => {
            let (_, metadata) = writable(&target, path)?;
            (target, Some(metadata))
        }
        Err(error) if error.kind() == ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            (path.to_owned(), None)
        }
        Err(error) => return Err(unwritten(error)),
    };
    let temporary = temporary(&target, bytes, metadata.as_ref())?;
    temporary.persist(&target).map_err(|error| unwritten(error.error))?;
    sync_folder(&target);
    Ok(())
}

/// Opens a file for writing, without changing it: that tells whether it may be changed. The super
/// user may open what nobody may write; such a file is refused as well.
fn writable(target: &Path, path: &Path) -> Result<(File, Metadata), SaveError> {
    let opened = OpenOptions::new().read(true).write(true).open(target);
    let opened = opened.and_then(|file| file.metadata().map(|metadata| (file, metadata)));
    match opened {
        Ok((_, metadata)) if metadata.permissions().readonly() => {
            Err(SaveError::ReadOnly(path.to_owned()))
        }
        Ok(opened) => Ok(opened),
        Err(error) => Err(match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                SaveError::ReadOnly(path.to_owned())
            }
            // It was a file before; it has been removed or replaced.
            ErrorKind::NotFound | ErrorKind::IsADirectory => SaveError::Changed(path.to_owned()),
            _ => SaveError::Unwritten(path.to_owned(), error),
        }),
    }
}

/// The folder of a path.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A temporary file beside the target that holds the bytes, safe on disk, with the permissions and
/// the owner of the file that it is to replace. It removes itself unless it takes that place.
fn temporary(
    target: &Path,
    bytes: &[u8],
    like: Option<&Metadata>,
) -> Result<NamedTempFile, SaveError> {
    let folder = folder(target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".okr-").suffix(".tmp");
    #[cfg(unix)]
    if like.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the umask takes off what the user does not want.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // Only the kind of the failure: its text names the temporary file, of which nobody knows.
    let failed = |error: io::Error| SaveError::Folder(folder.to_owned(), error.kind().into());
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    let filled = fill(file.as_file_mut(), bytes, like);
    filled.map_err(|error| SaveError::Unwritten(target.to_owned(), error))?;
    Ok(file)
}

fn fill(file: &mut File, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(metadata) = like {
        take_rights(file, metadata)?;
    }
    file.sync_all()
}

/// Gives the new file the owner, the group and the permissions of the old one. Only root may give
/// files away, so the owner may fail; a group that fails loses what others may not do.
#[cfg(unix)]
fn take_rights(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let new = file.metadata()?;
    let mut mode = old.mode() & 0o777;
    if new.uid() != old.uid() {
        // Nothing to be done where it fails: the file belongs to whoever saves it.
        let _ = fchown(file, Some(old.uid()), None);
    }
    if new.gid() != old.gid() && fchown(file, None, Some(old.gid())).is_err() {
        mode = mode & 0o707 | (mode & 0o007) << 3;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn take_rights(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

/// Makes the new name of a file safe on disk. The file is in place by then, and some file systems
/// know no such request, so a failure is none of the user's.
fn sync_folder(path: &Path) {
    if cfg!(unix)
        && let Ok(folder) = File::open(folder(path))
    {
        let _ = folder.sync_all();
    }
}
