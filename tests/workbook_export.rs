//! `okr export`: what the workbook holds, and that its formulas compute what the engine computes.

use crate::harness::{Folder, okr, plans, root};
use crate::support::office;
use okr::workbook::read::{At, Book, Sheet, Value, Visibility};
use std::fs;

/// The workbook of a plan.
pub fn exported(plan: &std::path::Path) -> Vec<u8> {
    let folder = Folder::new();
    let book = folder.path().join("book.xlsx");
    let done =
        okr([std::ffi::OsStr::new("export"), plan.as_os_str(), "-o".as_ref(), book.as_os_str()]);
    let done = done.run();
    assert!(done.code() <= 1, "{}", done.whole());
    fs::read(&book).unwrap_or_else(|_| panic!("{}", done.whole()))
}

pub fn read(bytes: Vec<u8>) -> Book {
    Book::from_bytes(bytes, "book.xlsx").expect("the workbook can be read")
}

fn header(sheet: &Sheet) -> Vec<String> {
    sheet.row(0).iter().filter_map(|cell| cell.text().map(str::to_owned)).collect()
}

#[test]
fn a_workbook_has_every_sheet_and_a_hidden_base() {
    let book = read(exported(&root().join("samples/department.okr")));
    let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    let wanted = [
        "Scorecard",
        "Key results",
        "Metrics",
        "Capacity",
        "Check-ins",
        "Scenarios",
        "How to",
        "_okr",
    ];
    assert_eq!(names, wanted);
    for sheet in &book.sheets {
        let hidden = sheet.name == "_okr";
        assert_eq!(sheet.visibility == Visibility::Hidden, hidden, "{}", sheet.name);
    }
    let headers = header(book.sheet("Key results").expect("it is there"));
    let wanted = [
        "key",
        "objective",
        "owner",
        "unit",
        "title",
        "weight",
        "baseline",
        "target",
        "actual",
        "confidence",
        "note",
        "progress",
        "grade",
        "band",
    ];
    assert_eq!(headers[..wanted.len()], wanted);
    assert!(book.flags.is_empty(), "{:?}", book.flags);
}

#[test]
fn the_same_plan_and_date_give_the_same_bytes() {
    let plan = root().join("samples/department.okr");
    assert!(exported(&plan) == exported(&plan));
    let folder = Folder::new();
    let run = |date: &str, name: &str| {
        let book = folder.path().join(name);
        okr([
            "export",
            plan.to_str().expect("UTF-8"),
            "--as-of",
            date,
            "-o",
            book.to_str().expect("UTF-8"),
        ])
        .run()
        .exits(0);
        fs::read(book).expect("it was written")
    };
    assert!(run("2026-08-14", "a.xlsx") != run("2026-08-21", "b.xlsx"));
}

#[test]
fn texts_are_never_formulas() {
    let texts =
        ["=1+1", "+1", "-1", "@x", "_x0041_", "  two spaces ", "🚆 שלום", "'quoted", "<b>&amp;"];
    let krs: String = texts
        .iter()
        .enumerate()
        .map(|(at, text)| format!("  kr k{at} \"{text}\" {{ target 1; note \"{text}\" }}\n"))
        .collect();
    let plan =
        format!("okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nobjective o \"=O\" {{\n{krs}}}\n");
    let folder = Folder::new().with("plan.okr", plan);
    let book = read(exported(&folder.path().join("plan.okr")));
    let sheet = book.sheet("Key results").expect("it is there");
    for (row, text) in (1_u32..).zip(texts) {
        for column in [4, 10] {
            let cell = sheet.get(At::new(row, column)).expect("it is there");
            assert!(!cell.is_formula());
            assert_eq!(cell.text(), Some(text));
        }
    }
}

#[test]
fn long_texts_are_cut_and_control_characters_dropped() {
    let long = "x".repeat(40_000);
    let plan = format!(
        "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nobjective o \"O\" {{\n  kr a \"A\\u{{1}}\\n\\tB\" {{ target 1; note \"{long}\" }}\n}}\n"
    );
    let folder = Folder::new().with("plan.okr", plan);
    let book = read(exported(&folder.path().join("plan.okr")));
    let sheet = book.sheet("Key results").expect("it is there");
    assert_eq!(sheet.get(At::new(1, 4)).and_then(|cell| cell.text()), Some("A\n\tB"));
    let note = sheet.get(At::new(1, 10)).and_then(|cell| cell.text()).expect("it is there");
    assert_eq!(note.encode_utf16().count(), 32_767);
    assert!(note.ends_with("the whole text is in the plan]"));
}

#[test]
fn a_workbook_is_an_xlsx_file() {
    let plan = root().join("samples/first-steps.okr");
    let plan = plan.to_str().expect("UTF-8");
    okr(["export", plan, "-o", "board.xls"]).run().exits(2).says("end it in `.xlsx`");
    okr(["export", plan]).run().exits(2);
    okr(["export", plan, "-o", "no/such/folder/board.xlsx"]).run().exits(4);
}

#[test]
fn a_script_writes_a_workbook() {
    let text = format!(
        "{}\n:export \"board.xlsx\"\n",
        crate::harness::read(root().join("samples/first-steps.okr"))
    );
    let folder = Folder::new().with("plan.okr", text);
    folder.okr(["run", "plan.okr"]).run().exits(0);
    assert!(folder.path().join("board.xlsx").is_file());
}

/// Every formula of a workbook, computed again by LibreOffice from nothing, gives what the engine
/// has computed.
#[test]
fn libreoffice_computes_what_the_engine_computes() {
    let Some(soffice) = office::soffice() else { return };
    let mut all = plans("samples/multi");
    all.retain(|plan| plan.ends_with("plan.okr"));
    all.push(root().join("samples/department.okr"));
    all.push(root().join("samples/first-steps.okr"));
    all.push(root().join("tests/fixtures/every-rule.okr"));
    for plan in all {
        let bytes = exported(&plan);
        let folder = Folder::new();
        let judged = read(office::resaved(&soffice, &office::emptied(&bytes), folder.path()));
        let mut compared = 0;
        for sheet in &read(bytes).sheets {
            let other = judged.sheet(&sheet.name).expect("LibreOffice keeps every sheet");
            for cell in sheet.cells().iter().filter(|cell| cell.is_formula()) {
                let found = other.get(cell.at).map(|cell| &cell.value);
                assert!(
                    same(Some(&cell.value), found),
                    "{}: {}!{} ={}: {:?} by the engine, {found:?} by LibreOffice",
                    plan.display(),
                    sheet.name,
                    cell.at,
                    sheet.formula(cell).unwrap_or_default(),
                    cell.value
                );
                compared += 1;
            }
        }
        assert!(compared > 10, "{}", plan.display());
    }
}

/// Whether two values are the same to 12 digits; nothing is the same as an empty text.
fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    let empty = |value: Option<&Value>| match value {
        None | Some(Value::Missing) => true,
        Some(Value::Text(text)) => text.is_empty(),
        _ => false,
    };
    match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            (one - other).abs() <= 1e-12 * one.abs().max(other.abs())
        }
        _ if empty(one) && empty(other) => true,
        _ => one == other,
    }
}

/// Nothing shows `####`: a column is as wide as its widest number wants.
#[test]
fn numbers_fit_into_their_columns() {
    let plan = "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nteam t \"T\"\nobjective o \"O\" { owner t\n  \
                kr k \"K\" { baseline -12_345_678_901.25 EUR; target 98_765_432_109.75 EUR }\n}\n";
    let folder = Folder::new().with("plan.okr", plan);
    let bytes = exported(&folder.path().join("plan.okr"));
    let mut widths = Vec::new();
    crate::support::office::changed(&bytes, |name, text| {
        if name == "xl/worksheets/sheet2.xml" {
            for column in [7, 8] {
                let start = format!("<col min=\"{column}\" max=\"{column}\" width=\"");
                let (_, after) = text.split_once(&start).expect("the column has a width");
                let width = after.split('"').next().and_then(|width| width.parse::<f64>().ok());
                widths.push(width.expect("it is a number"));
            }
        }
        text
    });
    assert!(widths[0] >= 20.0 && widths[1] >= 19.0, "{widths:?}");
}
