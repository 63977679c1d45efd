//! Workbooks as LibreOffice saved them after somebody's work (`fixtures/sheets/make.py`): each gives
//! exactly its changes, or a refusal; and what LibreOffice computed is what the engine computes then.

use crate::harness::{Done, Folder, read, root};
use crate::workbook_export::read as book;
use okr::workbook::read::{Sheet, Value};
use std::fs;

fn recorded(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/fixtures/sheets").join(name)).expect("it is recorded")
}

fn board() -> String {
    read(root().join("tests/fixtures/board.okr"))
}

fn import(name: &str, options: &[&str]) -> (Folder, Done) {
    let folder = Folder::new().with("plan.okr", board()).with(name, recorded(name));
    let done = folder.okr([&["import", name, "--into", "plan.okr"], options].concat()).run();
    (folder, done)
}

/// The changes of a recorded workbook: `key field`, sorted. The grades that LibreOffice computed are
/// those of the plan with the changes.
#[track_caller]
fn changes(name: &str, wanted: &[&str]) {
    let (folder, done) = import(name, &["--format", "json"]);
    let done = done.exits(0);
    let receipt: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
    let part =
        |it: &serde_json::Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<String> = receipt["changes"]
        .as_array()
        .expect("there is a list")
        .iter()
        .map(|it| format!("{} {}", part(it, "key"), part(it, "field")))
        .collect();
    found.sort();
    assert_eq!(found, wanted, "{}", done.whole());
    folder.okr(["check", "plan.okr"]).run().exits(0);
    grades_agree(&folder, name);
    let once = folder.read("plan.okr");
    folder.okr(["import", name, "--into", "plan.okr"]).run().exits(0);
    assert_eq!(folder.read("plan.okr"), once, "a second import changes nothing");
}

/// Whether the grades on the sheet are those of the plan.
#[track_caller]
fn grades_agree(folder: &Folder, name: &str) {
    let arguments = ["grade", "plan.okr", "--format", "json", "--as-of", "2026-02-28"];
    let done = folder.okr(arguments).run().exits(0);
    let card: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
    let workbook = book(recorded(name));
    let (sheet, header) = key_results(&workbook.sheets);
    let column = |word: &str| {
        let cells = sheet.row(header);
        let found = cells.iter().find(|cell| cell.text() == Some(word));
        found.unwrap_or_else(|| panic!("no column {word}")).at.column
    };
    let (keys, grades) = (column("key"), column("grade"));
    let mut compared = 0;
    for (row, _) in sheet.rows().filter(|(row, _)| *row > header) {
        let at = |column| sheet.get(okr::workbook::read::At::new(row, column));
        let Some(key) = at(keys).and_then(|cell| cell.text()) else { continue };
        let Some(cell) = at(grades).filter(|cell| cell.is_formula()) else { continue };
        let engine = grade_of(&card, key);
        match (&cell.value, engine) {
            (Value::Number(sheet), Some(engine)) => {
                assert!((sheet - engine).abs() < 1e-12, "{name}: {key}: {sheet} and {engine}");
                compared += 1;
            }
            (Value::Text(text), None) => assert_eq!(&**text, "", "{name}: {key}"),
            (Value::Missing, None) => {}
            (found, engine) => panic!("{name}: {key}: {found:?} and {engine:?}"),
        }
    }
    assert!(compared > 5, "{name}");
}

fn key_results(sheets: &[Sheet]) -> (&Sheet, u32) {
    for sheet in sheets {
        for (row, cells) in sheet.rows() {
            let has = |word: &str| cells.iter().any(|cell| cell.text() == Some(word));
            if has("key") && has("actual") && has("target") {
                return (sheet, row);
            }
        }
    }
    panic!("no key results");
}

fn grade_of(card: &serde_json::Value, key: &str) -> Option<f64> {
    let objectives = card["objectives"].as_array()?.iter();
    let krs = objectives.filter_map(|it| it["key_results"].as_array()).flatten();
    krs.filter(|it| it["id"] == key).find_map(|it| it["grade"].as_f64())
}

#[track_caller]
fn refuses(name: &str, code: i32, says: &str) {
    let (folder, done) = import(name, &[]);
    let done = done.exits(code);
    assert!(done.whole().contains(says), "{says:?} expected\n{}", done.whole());
    assert_eq!(folder.read("plan.okr"), board());
}

#[test]
fn saving_alone_changes_nothing() {
    changes("resaved.xlsx", &[]);
}

#[test]
fn edits_come_back() {
    let wanted = [
        "arr value",
        "speed.latency actual",
        "speed.latency note",
        "trust.calls target",
        "trust.pci actual",
    ];
    changes("edited.xlsx", &wanted);
    changes("edited.ods", &wanted);
}

#[test]
fn a_sorted_table_is_the_same_table() {
    changes("sorted_whole.xlsx", &["speed.features actual"]);
}

#[test]
fn a_table_that_is_sorted_in_part_is_refused() {
    refuses("sorted_partly.xlsx", 4, "rows and keys do not belong together any more");
    refuses("sorted_one_column.xlsx", 4, "hold the old values of the same rows in another order");
}

#[test]
fn rows_and_columns_may_come_between() {
    changes("inserted.xlsx", &["speed.features actual"]);
    changes("cut_row.xlsx", &["speed.features actual"]);
    changes("renamed.xlsx", &["speed.features actual"]);
}

#[test]
fn rows_that_are_gone_or_there_twice() {
    changes("deleted_row.xlsx", &[]);
    let (folder, done) = import("deleted_row.xlsx", &["--delete"]);
    done.exits(0).prints("trust.calls: the whole key result");
    assert!(!folder.read("plan.okr").contains("trust.calls"));
    refuses("copied_row.xlsx", 3, "a copied row");
    refuses("copied_sheet.xlsx", 4, "`--sheet NAME`");
}

#[test]
fn a_new_row_is_a_new_key_result() {
    changes("new_row.xlsx", &["speed.p50_of_the_checkout "]);
}

#[test]
fn what_was_typed_is_read() {
    let (_, done) = import("typed.xlsx", &[]);
    done.exits(0).prints("4 changes").prints("4 values read as something else");
    refuses("percent.xlsx", 3, "was 65% meant?");
    let wanted = ["speed.features actual", "speed.revenue target"];
    changes("overwritten.xlsx", &wanted);
    changes("commented.xlsx", &["speed.latency note"]);
    let wanted = ["speed.conversion title", "speed.latency title", "speed.revenue note"];
    changes("protected_text.xlsx", &wanted);
}
