//! Workbooks made to do harm: each is read or refused within a second and 100 MB, by the program
//! itself, and nothing is written.

use crate::harness::{Folder, root};
use crate::support::books::{
    Binary, Package, number, ods, ods_text, text, tracker_rows, xlsb, xlsx_without_sheet,
    xlsx_without_strings,
};
use std::process::Command;

/// A second of the processor for the program as it is released; it is slower unoptimised.
const SECONDS: &str = if cfg!(debug_assertions) { "10" } else { "1" };

/// What a run may set aside, in KB.
const MEMORY: &str = "100000";

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Imports a file in a shell that limits the time and the memory of the program and of what it starts:
/// over one of them it is killed and has no exit status.
fn import(name: &str, bytes: &[u8]) -> Ran {
    let folder = Folder::new().with(name, bytes);
    let output = Command::new("sh")
        .args([
            "-c",
            "ulimit -t $0; ulimit -d $1; shift; exec \"$@\"",
            SECONDS,
            MEMORY,
            env!("CARGO_BIN_EXE_okr"),
            "import",
            name,
            "-o",
            "-",
        ])
        .current_dir(folder.path())
        .output()
        .expect("a shell can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], why: &str) {
    let ran = import(name, bytes);
    assert_eq!(ran.code, Some(4), "{name}: {}", ran.stderr);
    assert!(ran.stderr.contains(why), "{why:?} expected: {}", ran.stderr);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
}

#[track_caller]
fn adopted(name: &str, bytes: &[u8]) -> Ran {
    let ran = import(name, bytes);
    assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
    assert!(ran.stdout.contains("kr latency \"Latency\""), "{}", ran.stdout);
    ran
}

fn tracker(more: &str) -> Vec<u8> {
    xlsx_without_strings(&tracker_rows(more)).bytes()
}

#[test]
fn a_sound_one_is_adopted() {
    adopted("sound.xlsx", &tracker(""));
}

#[test]
fn zip_bombs() {
    let bomb = xlsx_without_sheet().with_many("xl/worksheets/sheet1.xml", "<worksheet>", b' ', 200);
    let mut bytes = bomb.bytes();
    refused("bomb.xlsx", &bytes, "unpacks from");
    // The same with a directory that says it is small.
    let size = (200_u32 * (1 << 20) + "<worksheet>".len() as u32).to_le_bytes();
    let small = 1_000_u32.to_le_bytes();
    while let Some(at) = bytes.windows(4).position(|window| window == size) {
        bytes[at..at + 4].copy_from_slice(&small);
    }
    let ran = import("lying.xlsx", &bytes);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);

    let strings =
        Package::with_many(xlsx_without_strings(""), "xl/sharedStrings.xml", "<sst>", b'a', 100);
    refused("strings.xlsx", &strings.bytes(), "unpacks from");
    let styles = Package::new().with("META-INF/manifest.xml", "<m/>");
    let styles = styles.with_many("content.xml", "<office:document-content>", b' ', 100);
    refused("bomb.ods", &styles.bytes(), "unpacks from");
}

#[test]
fn a_million_cells_that_are_packed_well() {
    let mut rows = String::new();
    for _ in 0..60_000 {
        rows.push_str("<row>");
        rows.push_str(&"<c><v>1</v></c>".repeat(20));
        rows.push_str("</row>");
    }
    let ran = import("cells.xlsx", &xlsx_without_strings(&rows).bytes());
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
}

/// A packed base holds many records in a cell: they count as well.
#[test]
fn a_base_without_end() {
    let titles = ["sheet", "key", "field", "type", "value", "result", "fields"];
    let mut rows = "<row r=\"1\">".to_owned();
    for (letter, title) in ('A'..).zip(titles) {
        rows.push_str(&text(&format!("{letter}1"), title));
    }
    rows.push_str("</row>");
    let mut noise = 1_u64;
    for row in 2..10_000 {
        noise = noise.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(row);
        let lines = "a:n 1\n".repeat(300) + &format!("a:t {noise:x}{:x}", noise.rotate_left(29));
        let cells = [("A", "Metrics".to_owned()), ("B", format!("k{row}")), ("G", lines)];
        let cells = cells.map(|(letter, it)| text(&format!("{letter}{row}"), &it)).concat();
        rows.push_str(&format!("<row r=\"{row}\">{cells}</row>"));
    }
    let bytes = xlsx_without_strings(&rows).bytes();
    let folder = Folder::new().with("plan.okr", "okr 1\n").with("base.xlsx", &bytes);
    let done = folder.okr(["import", "base.xlsx", "--into", "plan.okr"]).run().exits(4);
    done.says("far more cells than OKRs need");
}

#[test]
fn entities() {
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
    let book = xlsx_without_strings(&tracker_rows("")).with("xl/sharedStrings.xml", laughs);
    refused("laughs.xlsx", &book.bytes(), "document type");
    let external =
        "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><worksheet>&a;</worksheet>";
    let book = xlsx_without_sheet().with("xl/worksheets/sheet1.xml", external);
    refused("external.xlsx", &book.bytes(), "document type");
    let book = tracker(&format!("<row r=\"3\">{}</row>", text("A3", "&unknown;")));
    refused("unknown.xlsx", &book, "entity");
    refused("laughs.ods", &ods("<!DOCTYPE x><table:table-row/>"), "document type");
}

#[test]
fn far_cells() {
    let ran = adopted("far.xlsx", &tracker(&format!("<row>{}</row>", number("XFD1048576", "1"))));
    assert!(ran.stdout.contains("target 10"));
    for place in ["XFE1", "A1048577", "A0", "A4294967296", "ZZZZZZZZZ1"] {
        let book = tracker(&format!("<row>{}</row>", number(place, "1")));
        refused("off.xlsx", &book, "no place on a sheet");
    }
    refused(
        "row.xlsx",
        &tracker("<row r=\"1048577\"><c><v>1</v></c></row>"),
        "no place on a sheet",
    );
    refused(
        "merged.xlsx",
        &tracker("</sheetData><mergeCells><mergeCell ref=\"A1:XFE9\"/></mergeCells><sheetData>"),
        "no place",
    );
    refused(
        "twice.xlsx",
        &tracker(&format!("<row>{}</row>", number("C2", "11"))),
        "OKR!C2 is in the file twice",
    );
}

#[test]
fn wrong_counts() {
    for count in ["4294967295", "18446744073709551615"] {
        let strings =
            format!("<sst count=\"{count}\" uniqueCount=\"{count}\"><si><t>a</t></si></sst>");
        let book = xlsx_without_strings(&tracker_rows("")).with("xl/sharedStrings.xml", strings);
        refused("count.xlsx", &book.bytes(), "announces");
    }
    let book = tracker("<row r=\"3\"><c r=\"A3\" t=\"s\"><v>4294967295</v></c></row>");
    refused("index.xlsx", &book, "names a shared text that is not there");
}

#[test]
fn repeats_of_open_document() {
    let head: String = ["Objective", "Key Result", "Target", "Current"].map(ods_text).concat();
    let value = "<table:table-cell office:value-type=\"float\" office:value=\"10\"/>";
    let rows = format!(
        "<table:table-row>{head}</table:table-row>\
         <table:table-row>{}{}{value}{value}</table:table-row>",
        ods_text("Fast"),
        ods_text("Latency")
    );
    adopted("sound.ods", &ods(&rows));
    let empty = "<table:table-row table:number-rows-repeated=\"1048574\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    adopted("filled.ods", &ods(&format!("{rows}{empty}")));
    for attribute in ["table:number-rows-repeated", "table:number-columns-repeated"] {
        for times in ["1073741824", "18446744073709551616", "1048577", "-5"] {
            let repeated = match attribute.contains("rows") {
                true => {
                    format!("<table:table-row {attribute}=\"{times}\">{value}</table:table-row>")
                }
                false => format!(
                    "<table:table-row><table:table-cell {attribute}=\"{times}\" office:value-type=\"float\" office:value=\"1\"/></table:table-row>"
                ),
            };
            refused("repeats.ods", &ods(&format!("{rows}{repeated}")), "repeats cells beyond");
        }
    }
    // Within the grid, but ten thousand million cells.
    let dense = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"10000\" office:value-type=\"float\" office:value=\"1\"/></table:table-row>";
    refused("dense.ods", &ods(&format!("{rows}{dense}")), "far more cells");
    let spaces = format!(
        "<table:table-row>{}</table:table-row>",
        ods_text("<text:s text:c=\"4000000000\"/>")
    );
    refused("spaces.ods", &ods(&format!("{rows}{spaces}{spaces}")), "KB");
}

#[test]
fn results_that_are_no_results() {
    let more = "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>Spilt</t></is></c><c r=\"C3\" t=\"e\"><v>#SPILL!</v></c><c r=\"D3\" t=\"e\"><v>#CALC!</v></c></row>\
                <row r=\"4\"><c r=\"B4\" t=\"inlineStr\"><is><t>Large</t></is></c><c r=\"C4\"><v>1e999</v></c><c r=\"D4\"><v>NaN</v></c></row>";
    let ran = adopted("errors.xlsx", &tracker(more));
    for said in [
        "OKR!C3: the cell has the error #SPILL!",
        "OKR!D3: the cell has the error #CALC!",
        "OKR!C4: the cell has the error 1e999",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}

#[test]
fn deep_and_long() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    refused("deep.xlsx", &xlsx_without_strings(&deep).bytes(), "nested");
    let many = (0..12_000)
        .fold(xlsx_without_strings(""), |book, part| book.with(&format!("x/{part}.xml"), "<x/>"));
    refused("parts.xlsx", &many.bytes(), "more than 10,000 parts");
    let inner = xlsx_without_strings("").bytes();
    refused(
        "nested.xlsx",
        &Package::new().with("inner.xlsx", inner).bytes(),
        "zip package without a workbook",
    );
}

#[test]
fn files_that_end_early() {
    let whole = tracker("");
    for length in (0..whole.len()).step_by(whole.len() / 12) {
        let ran = import("short.xlsx", &whole[..length]);
        assert_eq!(ran.code, Some(4), "{length}: {}", ran.stderr);
    }
}

#[test]
fn what_is_no_workbook() {
    refused("empty.xlsx", b"", "empty");
    refused("page.xls", b"<html><table><tr><td>Objective", "web page");
    refused("noise.xlsx", &[7; 100], "no workbook that can be read");
    refused("binary.csv", b"a\0\0\0b\0c,d", "no text");
    let numbers = Package::new().with("Index/Document.iwa", "x").bytes();
    refused("sheet.numbers", &numbers, "Numbers");
    let mut encrypted = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    refused("secret.xlsx", &encrypted, "password");
}

#[test]
fn terminals_are_not_commanded() {
    let more = format!(
        "<row r=\"3\">{}{}{}</row>",
        text("B3", "_x001B_[31mred _x202E_ turned _x0007_"),
        text("C3", "10"),
        text("D3", "_x001B_]0;title_x0007_"),
    );
    let ran = adopted("escape.xlsx", &tracker(&more));
    let unsafe_one = |it: char| (it.is_control() && it != '\n') || it == '\u{202e}';
    assert!(!ran.stdout.contains(unsafe_one) && !ran.stderr.contains(unsafe_one));
    assert!(ran.stdout.contains("\"[31mred turned\""), "{}", ran.stdout);
}

fn binary_tracker() -> Vec<u8> {
    use Binary::{Number, Text};
    xlsb(&[
        vec![Text("Objective"), Text("Key Result"), Text("Target"), Text("Current")],
        vec![Text("Fast"), Text("Latency"), Number(10.0), Number(5.0)],
    ])
}

#[test]
fn binary_workbooks() {
    adopted("sound.xlsb", &binary_tracker());
}

/// The crate that reads these formats can end its process; the program must not follow it.
#[test]
fn damaged_binary_workbooks() {
    let xls =
        std::fs::read(root().join("tests/fixtures/foreign/tracker.xls")).expect("the fixture");
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for round in 0..120 {
        let mut bytes = xls.clone();
        for _ in 0..=roll(8) {
            let at = roll(bytes.len());
            match roll(3) {
                0 => bytes[at] = roll(256) as u8,
                1 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
                _ => bytes.truncate(at.max(600)),
            }
        }
        let ran = import("damaged.xls", &bytes);
        assert!(matches!(ran.code, Some(0 | 4)), "round {round}: {:?} {}", ran.code, ran.stderr);
    }
}

/// Two far cells make a dense table of 16 million.
#[test]
fn far_cells_of_old_workbooks() {
    let mut bytes =
        std::fs::read(root().join("tests/fixtures/foreign/tracker.xls")).expect("the fixture");
    // NUMBER records: row, column, style, value; the last one goes to the far corner.
    let positions: Vec<usize> = bytes
        .windows(4)
        .enumerate()
        .filter(|(_, window)| *window == [0x03, 0x02, 0x0e, 0x00])
        .map(|(at, _)| at)
        .collect();
    let last = *positions.last().expect("the sheet has numbers");
    bytes[last + 4..last + 8].copy_from_slice(&[0xff, 0xff, 0xff, 0x00]);
    refused("far.xls", &bytes, "more memory or time");
}
