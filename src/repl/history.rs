//! The lines of earlier runs, in the platform's state folder, for nobody but the user.

use rustyline::Editor;
use rustyline::history::DefaultHistory;
use std::fs::{self, DirBuilder, OpenOptions};
use std::path::{Path, PathBuf};

/// How many lines are kept.
pub const MOST: usize = 10_000;

/// The file of the history: `$XDG_STATE_HOME/okr/history`, else `~/.local/state/okr/history`; on
/// Windows below `%LOCALAPPDATA%`.
pub fn file() -> Option<PathBuf> {
    let variable =
        |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let state = match cfg!(windows) {
        true => variable("LOCALAPPDATA"),
        false => variable("XDG_STATE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| Some(variable("HOME")?.join(".local").join("state"))),
    };
    Some(state?.join("okr").join("history"))
}

/// Makes the folder and the file, private from the first byte.
fn prepare(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        #[cfg(unix)]
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(file);
    Ok(())
}

/// A history that is written line by line, so that a terminal that is killed loses nothing.
pub struct History {
    path: Option<PathBuf>,
}

impl History {
    /// Reads the lines of earlier runs. Where there is no place for them, they are kept for this run.
    pub fn load<H: rustyline::Helper>(editor: &mut Editor<H, DefaultHistory>) -> Self {
        let path = file().filter(|path| prepare(path).is_ok());
        if let Some(path) = &path {
            // An unreadable history is an empty one.
            let _ = editor.load_history(path);
        }
        Self { path }
    }

    /// Adds what was typed.
    pub fn add<H: rustyline::Helper>(&self, editor: &mut Editor<H, DefaultHistory>, text: &str) {
        if text.trim().is_empty() || !editor.add_history_entry(text).unwrap_or(false) {
            return;
        }
        if let Some(path) = &self.path {
            // A full disk is no reason to stop the user's work.
            let _ = editor.append_history(path);
        }
    }
}
