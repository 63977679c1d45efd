//! Damaged workbooks: whatever happens to the bytes, the answer is a workbook or a refusal.

use super::*;
use std::io::{Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A generator of the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign");
    std::fs::read(folder.join(name)).expect("the fixture is there")
}

/// Words that mean something where a workbook has them.
const WORDS: [&str; 16] = [
    "\"4294967295\"",
    "\"-1\"",
    "1048577",
    "XFD1048576",
    "1e999",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "&a;",
    "&#0;",
    "</row>",
    "<c>",
    "t=\"s\"",
    "r=\"A1\"",
    "\u{202e}",
    "#SPILL!",
    "number-columns-repeated=\"1073741824\"",
    "]]>",
];

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(bytes.len());
        match dice.roll(6) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at..at, WORDS[dice.roll(WORDS.len())].bytes()).for_each(drop),
            2 => {
                let end = (at + dice.roll(64)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = dice.roll(bytes.len());
                bytes.splice(to..to, copy).for_each(drop);
            }
            3 => {
                let end = (at + dice.roll(32)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = dice.roll(256) as u8;
                }
            }
        }
    }
}

/// A package with one of its parts damaged, and its sums right again.
fn with_damaged_part(package: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(package)).expect("the fixture is a package");
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let victim = dice.roll(archive.len());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("the part is there");
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("the part is sound");
        if index == victim {
            mutate(&mut bytes, dice);
        }
        out.start_file(part.name().expect("it has a name"), options).expect("a part");
        out.write_all(&bytes).expect("memory can be written");
    }
    out.finish().expect("the package is whole").into_inner()
}

fn read_and_adopt(bytes: Vec<u8>, name: &str) {
    if let Ok(book) = Book::from_bytes(bytes, name) {
        let wishes = super::super::adopt::Wishes::default();
        let _ = super::super::adopt::adopt(&book, name, &wishes);
    }
}

#[test]
fn damaged_parts_are_read_or_refused() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for name in ["tracker.xlsx", "saved.xlsx", "tracker.ods"] {
        let package = fixture(name);
        for _ in 0..350 {
            read_and_adopt(with_damaged_part(&package, &mut dice), name);
        }
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let csv = "Objective;Key Result;Start;Target;Current;Score\nO;\"K \"\"x\"\"\";1,5;3;2;0,33\n";
    for name in ["tracker.xlsx", "tracker.ods", "t.csv"] {
        let whole = if name == "t.csv" { csv.as_bytes().to_vec() } else { fixture(name) };
        for _ in 0..1_000 {
            let mut bytes = whole.clone();
            mutate(&mut bytes, &mut dice);
            read_and_adopt(bytes, name);
        }
        for length in (0..whole.len()).step_by(97) {
            read_and_adopt(whole[..length].to_vec(), name);
        }
    }
}
