//! What a file is, by its first bytes, and which reader takes it.

use super::super::guard::{Data, MAX_CELLS, MAX_FILE, Package, Refusal};
use super::{Book, xlsx};
use std::fs::File;
use std::io::SeekFrom;
use std::path::Path;

/// How every refusal of an unknown file is mended.
const KNOWN: &str = "give an .xlsx, .xlsm, .xlsb, .xls, .ods or .csv file";

/// Opens a file by its path.
pub(super) fn open(path: &Path) -> Result<Book, Refusal> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Refusal::new(format!("cannot read {shown}: {error}"), "check the name and its permissions")
    };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Refusal::new(format!("{shown} is no plain file"), KNOWN));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    read(&mut file, &name)
}

/// Reads a workbook of any format.
pub(super) fn read(data: &mut dyn Data, name: &str) -> Result<Book, Refusal> {
    let size = size_of(data)?;
    if size > MAX_FILE {
        let what = format!("the workbook has {} MB, more than {}", size >> 20, MAX_FILE >> 20);
        return Err(Refusal::too_much(what));
    }
    let mut head = [0; 512];
    let length = head_of(data, &mut head)?;
    match &head[..length] {
        [] => Err(Refusal::new("the file is empty", KNOWN)),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => package(data, size),
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
fn fine_cells(size: u64) -> usize {
    (size as usize).saturating_add(500_000).min(MAX_CELLS)
}

fn package(data: &mut dyn Data, size: u64) -> Result<Book, Refusal> {
    let mut package = Package::open(data)?;
    match xlsx::workbook_part(&mut package)? {
        Some(part) if part.ends_with(".xml") => xlsx::read(&mut package, &part, fine_cells(size)),
        _ => Err(Refusal::new("the file is a zip package without a workbook", KNOWN)),
    }
}
