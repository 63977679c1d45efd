//! openpyxl as a second reader of exported workbooks, and as somebody who edits them.

use crate::harness::{Done, Folder, read, root};
use crate::support::python::openpyxl;
use crate::workbook_export::{exported, read as book};
use okr::workbook::read::Value;
use serde_json::{Value as Json, json};

const BOARD: &str = "tests/fixtures/board.okr";

fn board() -> String {
    read(root().join(BOARD))
}

fn folder() -> Folder {
    let bytes = exported(&root().join(BOARD));
    Folder::new().with("plan.okr", board()).with("board.xlsx", bytes)
}

/// The workbook edited by a script that has it as `book`, and its key results as `krs`.
fn edited(script: &str) -> Option<Folder> {
    let folder = folder();
    let whole = format!(
        "book = openpyxl.load_workbook('board.xlsx')\nkrs = book['Key results']\n{script}\nbook.save('board.xlsx')"
    );
    openpyxl(folder.path(), &whole)?;
    Some(folder)
}

fn import(folder: &Folder, options: &[&str]) -> Done {
    let start = ["import", "board.xlsx", "--into", "plan.okr"];
    folder.okr([&start[..], options].concat()).run()
}

/// What an edit changes: the lines of the plan, `-old` and `+new`. A second import changes nothing.
#[track_caller]
fn changes(script: &str, wanted: &[&str]) {
    let Some(folder) = edited(script) else { return };
    let done = import(&folder, &[]).exits(0);
    let now = folder.read("plan.okr");
    let before = board();
    let lines = similar::TextDiff::from_lines(&before, &now);
    let changed = lines.iter_all_changes().filter(|it| it.tag() != similar::ChangeTag::Equal);
    let found: Vec<String> =
        changed.map(|it| format!("{}{}", it.tag(), it.value().trim_end())).collect();
    assert_eq!(found, wanted, "{}", done.whole());
    let again = import(&folder, &[]);
    assert_eq!(folder.read("plan.okr"), now, "{}", again.whole());
}

/// An edit that changes nothing, and why.
#[track_caller]
fn leaves(script: &str, code: i32, says: &str) {
    let Some(folder) = edited(script) else { return };
    let done = import(&folder, &[]).exits(code);
    assert_eq!(folder.read("plan.okr"), board(), "{}", done.whole());
    assert!(done.whole().contains(says), "{says:?} expected\n{}", done.whole());
}

/// Every cell of every sheet is to openpyxl what it is to okr, cached results included.
#[test]
fn two_readers_agree() {
    let folder = folder();
    let script = "
book = openpyxl.load_workbook('board.xlsx', data_only=True)
cells = {}
for sheet in book:
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            if value is None or value == '':
                continue
            if hasattr(value, 'isoformat'):
                value = value.isoformat()[:10]
            cells[sheet.title + '!' + cell.coordinate] = value
print(json.dumps({'sheets': book.sheetnames, 'hidden': [s.title for s in book if s.sheet_state != 'visible'],
                  'frozen': book['Key results'].freeze_panes, 'cells': cells}))
";
    let Some(said) = openpyxl(folder.path(), script) else { return };
    let said: Json = serde_json::from_str(&said).expect("it is JSON");
    assert_eq!(said["hidden"], json!(["_okr"]));
    assert_eq!(said["frozen"], json!("F2"));
    let own = book(exported(&root().join(BOARD)));
    let names: Vec<&str> = own.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(said["sheets"], json!(names));
    let cells = said["cells"].as_object().expect("there are cells");
    let mut count = 0;
    for sheet in &own.sheets {
        for cell in sheet.cells() {
            let place = format!("{}!{}", sheet.name, cell.at);
            let other = cells.get(&place).unwrap_or(&Json::Null);
            let same = match &cell.value {
                Value::Number(number) => other.as_f64() == Some(*number),
                Value::Text(text) if text.is_empty() => other.is_null(),
                Value::Text(text) => other.as_str() == Some(text),
                Value::Date(date) => other.as_str() == Some(date.date().to_string().as_str()),
                _ => other.is_null(),
            };
            assert!(same, "{place}: {:?} is {other}", cell.value);
            count += usize::from(!other.is_null());
        }
    }
    assert_eq!(count, cells.len(), "openpyxl sees more cells");
}

#[test]
fn saving_alone_changes_nothing() {
    changes("pass", &[]);
}

#[test]
fn edits_come_back() {
    changes(
        "krs['I2'] = 580\nkrs['H10'] = 500\nkrs['I7'] = 'done'\nbook['Metrics']['C2'] = 4300000",
        &[
            "-metric arr \"Recurring revenue\" 4.2M EUR",
            "+metric arr \"Recurring revenue\" 4.3M EUR",
            "-  kr calls \"Calls a week\" { baseline 1_200 calls; target 600 calls }",
            "+  kr calls \"Calls a week\" { baseline 1_200 calls; target 500 calls }",
            "-2026-02-28 checkin speed.latency 610 ms expecting 450 ms confidence 0.6",
            "+2026-02-28 checkin speed.latency 580 ms expecting 450 ms confidence 0.6",
            "+2026-02-28 checkin trust.pci done",
        ],
    );
}

/// openpyxl writes texts as they are: `_x0041_` would be the letter A to whoever reads the file.
#[test]
fn texts_are_texts() {
    changes(
        "krs['E2'] = ' two  spaces '\nkrs['E5'] = '_x005F_x0041_ 🚆 שלום'\n\
         krs['K9'].value = '=1+1'\nkrs['K9'].data_type = 's'",
        &[
            "-  kr latency \"p95 of the checkout\" {",
            "+  kr latency \" two  spaces \" {",
            "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
            "+  kr features \"_x0041_ 🚆 שלום\" { target 6 features; actual 2 features }",
            "-  kr score \"Rated by hand\" { grading score }",
            "+  kr score \"Rated by hand\" { grading score; note \"=1+1\" }",
        ],
    );
}

/// A library saves no results: of a typed formula nothing can be taken.
#[test]
fn a_formula_without_a_result_is_told() {
    leaves("krs['I5'] = '=1+3'", 0, "Key results!I5");
}

#[test]
fn booleans_and_dates_are_no_numbers() {
    changes("krs['I7'] = True", &["+2026-02-28 checkin trust.pci done"]);
    leaves("import datetime\nkrs['I5'] = datetime.date(2026, 3, 1)", 3, "Key results!I5");
}

#[test]
fn rows_are_deleted_and_inserted() {
    leaves("krs.delete_rows(10)", 0, "trust.calls");
    changes(
        "krs.insert_rows(5, 2)\nkrs.insert_cols(2)\nkrs['J7'] = 4",
        &[
            "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
            "+  kr features \"Features on the way\" { target 6 features; actual 4 features }",
        ],
    );
}

#[test]
fn a_copied_sheet_and_a_lost_base() {
    leaves("book.copy_worksheet(krs)", 4, "--sheet");
    leaves("del book['_okr']\nkrs['I5'] = 4", 3, "no base");
}

#[test]
fn comments_become_notes() {
    changes(
        "from openpyxl.comments import Comment\nkrs['H2'].comment = Comment('Is this enough?', 'Ada')",
        &["+    note \"Ada: Is this enough?\""],
    );
}
