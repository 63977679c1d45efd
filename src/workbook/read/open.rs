//! What a file is, by its first bytes, and which reader takes it.

use super::super::guard::{Data, MAX_CELLS, MAX_FILE, Package, Refusal};
use super::super::sift::{Returned, Sift};
use super::super::snapshot::Snapshot;
use super::sheet::Context;
use super::{Book, Kind, child, csv, ods, xlsx};
use std::fs::File;
use std::io::{Read as _, SeekFrom};
use std::path::Path;

/// The largest `.xls`, in bytes.
const MAX_COMPOUND: u64 = 32 << 20;
/// The most cells of a text file, each of which may be of two bytes.
const MAX_TEXT_CELLS: usize = 1_500_000;

/// How every refusal of an unknown file is mended.
const KNOWN: &str = "give an .xlsx, .xlsm, .xlsb, .xls, .ods or .csv file";

/// Opens a file by its path.
pub(super) fn open(path: &Path) -> Result<Book, Refusal> {
    let (mut file, name) = file(path)?;
    read(&mut file, &name)
}

/// The same for a workbook that may be one that was exported.
pub(super) fn open_returned(path: &Path) -> Result<Returned, Refusal> {
    let (mut file, name) = file(path)?;
    let again = File::open(path).ok().filter(|again| is_same(&file, again));
    read_returned(&mut file, &name, again)
}

/// Whether two open files are one: not if it was replaced between the two openings.
fn is_same(one: &File, other: &File) -> bool {
    let told = |file: &File| {
        let metadata = file.metadata().ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    told(one).is_some_and(|one| told(other) == Some(one))
}

fn file(path: &Path) -> Result<(File, String), Refusal> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Refusal::new(format!("cannot read {shown}: {error}"), "check the name and its permissions")
    };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Refusal::new(format!("{shown} is no plain file"), KNOWN));
    }
    let file = File::open(path).map_err(unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok((file, name.unwrap_or_default()))
}

/// Reads a workbook of any format.
pub(super) fn read(data: &mut dyn Data, name: &str) -> Result<Book, Refusal> {
    Ok(read_through(data, name, None, None)?.book)
}

/// The same for a workbook that may be one that was exported.
/// `again` is the same file once more, so that two threads can read it.
pub(super) fn read_returned(
    data: &mut dyn Data,
    name: &str,
    again: Option<File>,
) -> Result<Returned, Refusal> {
    let returned = read_through(data, name, Some(Sift::default()), again)?;
    // Whatever is no `.xlsx` has been read whole.
    let base = match returned.book.kind {
        Kind::Xlsx => returned.base,
        _ => Snapshot::of(&returned.book),
    };
    Ok(Returned { base, ..returned })
}

fn read_through(
    data: &mut dyn Data,
    name: &str,
    sift: Option<Sift>,
    again: Option<File>,
) -> Result<Returned, Refusal> {
    let whole = |book: Book| Returned { book, base: None };
    let size = size_of(data)?;
    if size > MAX_FILE {
        let what = format!("the workbook has {} MB, more than {}", size >> 20, MAX_FILE >> 20);
        return Err(Refusal::too_much(what));
    }
    let mut head = [0; 512];
    let length = head_of(data, &mut head)?;
    let head = &head[..length];
    match head {
        [] => Err(Refusal::new("the file is empty", KNOWN)),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => package(data, size, sift, again),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => compound(data, size).map(whole),
        _ if looks_like_markup(head) => Err(Refusal::new(
            format!("`{name}` is a web page or an XML file, whatever its name says"),
            "open it in a spreadsheet program and save it as .xlsx",
        )),
        _ if is_named_as_text(name) => text(data, size, name).map(whole),
        _ => Err(Refusal::new(format!("`{name}` is no workbook that can be read"), KNOWN)),
    }
}

fn size_of(data: &mut dyn Data) -> Result<u64, Refusal> {
    data.seek(SeekFrom::End(0)).map_err(Refusal::damaged)
}

fn head_of(data: &mut dyn Data, head: &mut [u8]) -> Result<usize, Refusal> {
    data.seek(SeekFrom::Start(0)).map_err(Refusal::damaged)?;
    let mut length = 0;
    while length < head.len() {
        match data.read(&mut head[length..]).map_err(Refusal::damaged)? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// How many cells a file of so many bytes may hold: those of real files need some bytes each, even
/// packed, so that a small file cannot ask for much memory.
pub(super) fn fine_cells(size: u64) -> usize {
    (size as usize).saturating_add(500_000).min(MAX_CELLS)
}

fn package(
    data: &mut dyn Data,
    size: u64,
    sift: Option<Sift>,
    again: Option<File>,
) -> Result<Returned, Refusal> {
    let whole = |book: Book| Returned { book, base: None };
    let mut package = Package::open(data)?;
    let context = || Context::new(fine_cells(size));
    if let Some(part) = xlsx::workbook_part(&mut package)? {
        return match part.ends_with(".bin") {
            false => xlsx::read(&mut package, &part, Context { sift, ..context() }, again),
            true => {
                let flags = xlsx::package_flags(&package);
                drop(package);
                let mut book = child::read(Kind::Xlsb, bytes_of(data, size)?, size)?;
                book.flags.extend(flags);
                Ok(whole(book))
            }
        };
    }
    if ods::is_one(&package) {
        return ods::read(&mut package, context()).map(whole);
    }
    match package.names().iter().any(|name| name.ends_with(".iwa")) {
        true => {
            Err(Refusal::new("the file is one of Apple's Numbers", "export it from there as .xlsx"))
        }
        false => Err(Refusal::new("the file is a zip package without a workbook", KNOWN)),
    }
}

/// The name of the part that holds a workbook with a password, as the directory of the file has it.
const ENCRYPTED: &str = "EncryptedPackage";

/// The old container: an `.xls`, or an `.xlsx` with a password.
fn compound(data: &mut dyn Data, size: u64) -> Result<Book, Refusal> {
    if size > MAX_COMPOUND {
        let what = format!("the .xls has {} MB, more than {}", size >> 20, MAX_COMPOUND >> 20);
        return Err(Refusal::too_much(what));
    }
    let bytes = bytes_of(data, size)?;
    let encrypted: Vec<u8> = ENCRYPTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memchr::memmem::find(&bytes, &encrypted).is_some() {
        let what = "the workbook is protected by a password";
        return Err(Refusal::new(what, "save it again without a password"));
    }
    child::read(Kind::Xls, bytes, size)
}

fn bytes_of(data: &mut dyn Data, size: u64) -> Result<Vec<u8>, Refusal> {
    data.seek(SeekFrom::Start(0)).map_err(Refusal::damaged)?;
    let mut bytes = Vec::with_capacity(size as usize);
    // A file that grows meanwhile is read no further.
    std::io::Read::take(data, size).read_to_end(&mut bytes).map_err(Refusal::damaged)?;
    Ok(bytes)
}

fn looks_like_markup(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<html", "<!doctype", "<?xml", "<table", "<meta", "<head"]
        .iter()
        .any(|it| text.starts_with(it))
}

/// Some programs write text and name it `.xls`.
fn is_named_as_text(name: &str) -> bool {
    let name = name.to_lowercase();
    [".csv", ".tsv", ".tab", ".txt", ".xls"].iter().any(|end| name.ends_with(end))
}

fn text(data: &mut dyn Data, size: u64, name: &str) -> Result<Book, Refusal> {
    if size > csv::MAX_BYTES {
        let what = format!("the text has {} MB, more than {}", size >> 20, csv::MAX_BYTES >> 20);
        return Err(Refusal::too_much(what));
    }
    let bytes = bytes_of(data, size)?;
    csv::read(&bytes, name, Context::new(fine_cells(size).min(MAX_TEXT_CELLS)))
}
