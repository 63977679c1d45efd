//! Drives the real program: `okr(["grade", "q1.okr"]).stdin("…").run().exits(0).prints("…")`.
//!
//! What a run prints does not depend on the machine: the environment says nothing about colours or
//! the width of a terminal.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;

/// A run takes milliseconds; after this it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Variables that change how the program prints.
const LOOKS: [&str; 9] = [
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "RUST_BACKTRACE",
    "TERM",
];

/// The program with these arguments, not yet run.
pub fn okr<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_okr"));
    command.timeout(PATIENCE).env("TZ", "UTC");
    for variable in LOOKS {
        command.env_remove(variable);
    }
    let mut line = "okr".to_owned();
    for argument in arguments {
        let argument = argument.as_ref();
        let _ = write!(line, " {}", argument.to_string_lossy());
        command.arg(argument);
    }
    Run { command, line }
}

/// The folder of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.okr` below a folder of the crate, in the order of their names.
pub fn plans(folder: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut todo = vec![root().join(folder)];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension() == Some(OsStr::new("okr")) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A file's text.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A run to be.
pub struct Run {
    command: Command,
    line: String,
}

impl Run {
    /// Gives the run this standard input.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.command.write_stdin(text);
        self
    }

    /// Runs with this variable in its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in this folder.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// When a signal ended it, or it wrote no UTF-8.
    pub fn run(mut self) -> Done {
        let output = self.command.output().expect("the program can be started");
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let Some(code) = output.status.code() else {
            panic!("{} did not end by itself\n{stdout}{stderr}", self.line);
        };
        Done { line: self.line, code, stdout, stderr }
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Done {
    line: String,
    code: i32,
    stdout: String,
    stderr: String,
}

impl Done {
    /// The exit status.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// What it printed as its result.
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// What it said beside the result.
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// Requires this exit status.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert!(self.code() == code, "exit status {code} expected\n{}", self.whole());
        self
    }

    /// Requires this within the result.
    #[track_caller]
    pub fn prints(self, part: &str) -> Self {
        assert!(self.stdout().contains(part), "{part:?} expected on stdout\n{}", self.whole());
        self
    }

    /// Requires this within what stands beside the result.
    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.stderr().contains(part), "{part:?} expected on stderr\n{}", self.whole());
        self
    }

    /// Requires that nothing stands beside the result.
    #[track_caller]
    pub fn says_nothing(self) -> Self {
        assert!(self.stderr().is_empty(), "nothing expected on stderr\n{}", self.whole());
        self
    }

    /// All of it, for the message of an assertion or a snapshot.
    pub fn whole(&self) -> String {
        let Done { line, code, stdout, stderr } = self;
        format!("$ {line}\n{stdout}--- stderr, exit status {code} ---\n{stderr}")
    }
}

/// A folder of its own for a test; it goes when this is dropped.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders above it.
    pub fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        let above = path.parent().expect("the file is in the folder");
        fs::create_dir_all(above).expect("a folder can be made");
        fs::write(&path, text).expect("a file can be written");
        self
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        read(self.path().join(name))
    }

    /// [`okr`] within the folder.
    pub fn okr<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        okr(arguments).within(self.path())
    }
}
