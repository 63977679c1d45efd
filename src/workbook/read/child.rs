//! The process that reads `.xls` and `.xlsb`: this program once more, under limits of memory and
//! time, so that a file made to break its reader breaks nothing else.

use super::super::guard::Refusal;
use super::sheet::Context;
use super::{Book, Kind, binary, open, wire};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

/// The first argument of the program when it is to read a workbook from its standard input.
const WORD: &str = "--read-workbook-of-kind";

/// What the process may set aside, in bytes.
#[cfg(unix)]
const MEMORY: u64 = 88 << 20;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Names the program that is started to read: this one. Without it such files are read in this
/// process, where one that asks for too much memory ends it.
pub fn use_program(path: impl Into<PathBuf>) {
    // The first one stays: it is always the same.
    let _ = PROGRAM.set(path.into());
}

/// Reads a workbook for another process, if the program was started for that.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let word = arguments.nth(1)?;
    if word != OsStr::new(WORD) {
        return None;
    }
    let kind = match arguments.next()?.to_str()? {
        "xlsb" => Kind::Xlsb,
        _ => Kind::Xls,
    };
    let seconds = arguments.next()?.to_str()?.parse().unwrap_or(1);
    Some(match limit(seconds).and_then(|()| answer(kind)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

#[cfg(unix)]
fn limit(seconds: u64) -> io::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_CPU, seconds, seconds)?;
    // Some systems count only one of them, and the program itself is part of the larger.
    setrlimit(Resource::RLIMIT_DATA, MEMORY, MEMORY)?;
    setrlimit(Resource::RLIMIT_AS, MEMORY * 8, MEMORY * 8)?;
    Ok(())
}

#[cfg(not(unix))]
fn limit(_: u64) -> io::Result<()> {
    Ok(())
}

fn answer(kind: Kind) -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let cells = open::fine_cells(bytes.len() as u64);
    let answer = binary::read(kind, bytes, Context::new(cells));
    let mut out = BufWriter::new(io::stdout().lock());
    wire::send(&answer, &mut out)?;
    out.flush()
}

/// Reads a workbook of one of the formats whose reader may break.
pub(super) fn read(kind: Kind, bytes: Vec<u8>, size: u64) -> Result<Book, Refusal> {
    match PROGRAM.get() {
        Some(program) => in_child(program, kind, bytes, size),
        None => binary::read(kind, bytes, Context::new(open::fine_cells(size))),
    }
}

fn in_child(program: &Path, kind: Kind, bytes: Vec<u8>, size: u64) -> Result<Book, Refusal> {
    // Time of the processor, so that a busy machine refuses nothing; a second for 4 MB.
    let seconds = 1 + (size >> 22);
    let mut child = Command::new(program)
        .arg(WORD)
        .args([if kind == Kind::Xlsb { "xlsb" } else { "xls" }, &seconds.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            let what = format!("the process that reads old workbooks cannot be started: {error}");
            Refusal::new(what, "save the workbook as .xlsx")
        })?;
    let received = talk(&mut child, kind, bytes, Duration::from_secs(seconds * 10));
    // Whatever came of it, the process ends here.
    let _ = child.kill();
    let _ = child.wait();
    match received {
        Some(Ok(answer)) => answer,
        Some(Err(_)) | None => Err(Refusal::too_much(
            "the workbook is damaged, or its cells take more memory or time than those of OKRs",
        )),
    }
}

/// Sends the file and takes the answer, each in a thread of its own; `None` when it took too long.
fn talk(
    child: &mut Child,
    kind: Kind,
    bytes: Vec<u8>,
    patience: Duration,
) -> Option<io::Result<Result<Book, Refusal>>> {
    let (mut input, output) = (child.stdin.take()?, child.stdout.take()?);
    let (sender, receiver) = mpsc::channel();
    // The threads end with the process, whose pipes they use.
    std::thread::spawn(move || drop(input.write_all(&bytes)));
    std::thread::spawn(move || {
        let answer = wire::receive(kind, &mut BufReader::new(output));
        let _ = sender.send(answer);
    });
    receiver.recv_timeout(patience).ok()
}
