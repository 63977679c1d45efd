//! The files of a plan: what has changed in them, and writing that.

use super::edit::Tried;
use super::effect::Effect;
use super::steps::Step;
use super::{EditFailure, Session};
use crate::plan::{self, LoadError};
use crate::source::{FileId, MAX_FILE_BYTES, Source};
use crate::syntax::edit::{SaveError, Snapshot, write_new};
use similar::TextDiff;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Why a plan could not be saved.
#[derive(Debug)]
pub enum SaveFailure {
    /// The plan has no file yet.
    NoFile,
    /// The file has bytes that are not UTF-8, which would be lost.
    NotUtf8(String),
    /// A plan of several files keeps its folder.
    OtherFolder(PathBuf),
    /// A file could not be read or written.
    File(SaveError),
}

impl fmt::Display for SaveFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SaveFailure::NoFile => {
                write!(out, "the plan has no file yet; name one: `:save q1.okr`")
            }
            SaveFailure::NotUtf8(file) => write!(
                out,
                "{file} has bytes that are not UTF-8, so nothing was saved; convert it to UTF-8 first"
            ),
            SaveFailure::OtherFolder(path) => write!(
                out,
                "{} lies in another folder, where the plan's includes would not be found; \
                 save it beside the old one",
                path.display()
            ),
            SaveFailure::File(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for SaveFailure {}

impl From<SaveError> for SaveFailure {
    fn from(error: SaveError) -> Self {
        SaveFailure::File(error)
    }
}

impl Session {
    /// Whether there are changes that no file has.
    pub fn is_unsaved(&self) -> bool {
        self.has_replaced() || !self.unsaved().is_empty()
    }

    /// The files whose text is not that on disk.
    fn unsaved(&self) -> Vec<FileId> {
        if Arc::ptr_eq(&self.saved, &self.plan.sources) {
            return Vec::new();
        }
        let changed = |(file, source): (FileId, &Source)| {
            (self.saved_text(source) != source.text()).then_some(file)
        };
        self.plan.sources.iter().filter_map(changed).collect()
    }

    /// What the disk has of a file of the plan.
    fn saved_text(&self, source: &Source) -> &str {
        let same = |(_, saved): &(FileId, &Source)| saved.name() == source.name();
        self.saved.iter().find(same).map_or("", |(_, saved)| saved.text())
    }

    /// The changes that no file has, as a unified diff of each file.
    pub fn diff(&mut self) -> String {
        self.settle();
        let mut diff = String::new();
        for file in self.unsaved() {
            let source = self.plan.sources.get(file);
            let mut config = TextDiff::configure();
            // Of texts that have little in common the diff need not be the shortest.
            config.timeout(Duration::from_secs(2));
            let lines = config.diff_lines(self.saved_text(source), source.text());
            let name = source.name();
            let unified = lines.unified_diff().header(&format!("{name} (saved)"), name).to_string();
            diff.push_str(&unified);
        }
        diff
    }

    /// Writes what has changed, each file whole, if nobody else has changed them since they were
    /// read. Gives the names of the files that were written.
    ///
    /// # Errors
    ///
    /// If a file has changed meanwhile, or cannot be written; all of them are then as they were.
    pub fn save(&mut self) -> Result<Vec<String>, SaveFailure> {
        if !self.has_file() {
            return Err(SaveFailure::NoFile);
        }
        self.settle();
        let mut todo = Vec::new();
        for file in self.unsaved() {
            let source = self.plan.sources.get(file);
            if source.bad_utf8().is_some() {
                return Err(SaveFailure::NotUtf8(source.name().to_owned()));
            }
            let path = source.path().unwrap_or(Path::new("")).to_owned();
            let (snapshot, bytes) = Snapshot::read(&path, MAX_FILE_BYTES)?;
            if bytes != self.saved_text(source).as_bytes() {
                return Err(SaveError::Changed(path).into());
            }
            todo.push((snapshot, bytes, source));
        }
        let mut written: Vec<(Snapshot, &[u8])> = Vec::new();
        for (snapshot, old, source) in &todo {
            match snapshot.save(source.text().as_bytes()) {
                Ok(new) => written.push((new, old)),
                Err(error) => {
                    // One of several cannot be written: the others are put back.
                    for (snapshot, old) in written {
                        snapshot.save(old)?;
                    }
                    return Err(error.into());
                }
            }
        }
        let names = todo.iter().map(|(.., source)| source.name().to_owned()).collect();
        self.saved = Arc::clone(&self.plan.sources);
        Ok(names)
    }

    /// Writes the root file under another name, which is the session's from then on.
    ///
    /// # Errors
    ///
    /// If there is such a file already, unless it may be overwritten, or it cannot be written.
    pub fn save_as(&mut self, name: &str, overwrite: bool) -> Result<(), SaveFailure> {
        self.settle();
        let path = Path::new(name);
        let folder = |path: &Path| {
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            folder.unwrap_or(Path::new(".")).canonicalize().ok()
        };
        let root = self.plan.sources.get(FileId(0));
        let several = self.plan.sources.iter().count() > 1;
        if several && folder(path) != root.path().map_or(folder(Path::new("")), folder) {
            return Err(SaveFailure::OtherFolder(path.to_owned()));
        }
        if root.bad_utf8().is_some() {
            return Err(SaveFailure::NotUtf8(root.name().to_owned()));
        }
        write_new(path, root.text().as_bytes(), overwrite)?;
        if several {
            // The others stay where they are.
            let all = self.unsaved();
            let others: Vec<_> = all.into_iter().filter(|file| *file != FileId(0)).collect();
            for file in others {
                let source = self.plan.sources.get(file);
                let path = source.path().unwrap_or(Path::new(""));
                let (snapshot, bytes) = Snapshot::read(path, MAX_FILE_BYTES)?;
                if bytes != self.saved_text(source).as_bytes() {
                    return Err(SaveError::Changed(path.to_owned()).into());
                }
                snapshot.save(source.text().as_bytes())?;
            }
        }
        if let Ok(again) = Session::load(name) {
            self.file = again.file;
            self.plan = again.plan;
            self.problems = again.problems;
            self.saved = again.saved;
            self.computed = None;
        }
        Ok(())
    }

    /// Whether a file of the plan is no longer what was read.
    pub fn changed_on_disk(&self) -> bool {
        self.saved.iter().any(|(_, source)| match source.path() {
            Some(path) if source.bad_utf8().is_none() => {
                plan::load::read_file(path).is_ok_and(|bytes| bytes != source.text().as_bytes())
            }
            _ => false,
        })
    }

    /// The files of the plan.
    pub fn paths(&self) -> Vec<PathBuf> {
        let sources = self.plan.sources.iter();
        sources.filter_map(|(_, source)| source.path().map(Path::to_owned)).collect()
    }

    /// Reads the files anew, as one step that can be undone; changes that were not saved are gone
    /// from the plan.
    ///
    /// # Errors
    ///
    /// If the root file cannot be read; the plan is then as it was.
    pub fn reload(&mut self) -> Result<Effect, LoadError> {
        self.settle();
        self.computed();
        let loaded = plan::load(&self.file)?;
        let tried: Tried = self.looked_at(loaded);
        let before = Arc::clone(&self.plan.sources);
        let after = Arc::clone(&tried.plan.sources);
        self.saved = Arc::clone(&after);
        let immediate = std::mem::replace(&mut self.immediate, false);
        let effect = self.adopt(tried);
        self.immediate = immediate;
        self.note_step(Step::sources("reload", before, after));
        match effect {
            Ok(effect) => Ok(effect),
            Err(EditFailure::Load(error)) => Err(error),
            Err(other) => Err(LoadError { file: self.file.clone(), reason: other.to_string() }),
        }
    }

    /// Puts another plan in the place of this one; what was done to this one cannot be undone then.
    pub fn replace(&mut self, other: Session) {
        let immediate = self.immediate;
        *self = Session { immediate, steps: Arc::default(), ..other };
    }
}
