//! `okr import` of foreign workbooks, as people run it.

use crate::harness::{Folder, Run, root};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

/// A sheet to write on, row by row.
struct Tracker(Workbook);

impl Tracker {
    fn new() -> Self {
        Self(Workbook::new())
    }

    /// Adds a sheet; cells of a row are parted by `|`, numbers are written as numbers, those with
    /// `%` with a percent format, `=A1` as a formula with the result behind `->`.
    fn with(mut self, name: &str, rows: &[&str]) -> Self {
        let sheet = self.0.add_worksheet().set_name(name).expect("a name");
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.split('|').enumerate() {
                write(sheet, row as u32, column as u16, cell.trim());
            }
        }
        self
    }

    fn sheet(mut self, change: impl FnOnce(&mut Worksheet)) -> Self {
        change(self.0.worksheet_from_index(0).expect("there is a sheet"));
        self
    }

    fn bytes(mut self) -> Vec<u8> {
        self.0.save_to_buffer().expect("the workbook can be written")
    }
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    let percent = Format::new().set_num_format("0.0%");
    let day = Format::new().set_num_format("dd.mm.yyyy");
    let written = match cell {
        "" => return,
        cell if cell.starts_with('=') => {
            let (formula, result) = cell.split_once("->").expect("a formula has a result");
            sheet.write_formula(row, column, Formula::new(formula.trim()).set_result(result.trim()))
        }
        cell if cell.ends_with('%') && cell[..cell.len() - 1].parse::<f64>().is_ok() => {
            let number: f64 = cell[..cell.len() - 1].parse().expect("a number");
            sheet.write_with_format(row, column, number / 100.0, &percent)
        }
        cell if cell.len() == 10 && cell.matches('-').count() == 2 => {
            let date = ExcelDateTime::parse_from_str(cell).expect("a day");
            sheet.write_with_format(row, column, date, &day)
        }
        cell => match cell.parse::<f64>() {
            Ok(number) => sheet.write(row, column, number),
            Err(_) => sheet.write(row, column, cell),
        },
    };
    written.expect("the cell can be written");
}

/// Imports a tracker, and requires that the plan is sound, laid out and gradeable.
#[track_caller]
fn adopted(tracker: Tracker) -> (Folder, String, String) {
    let folder = Folder::new().with("t.xlsx", tracker.bytes());
    let done = folder.okr(["import", "t.xlsx", "-o", "new.okr"]).run().exits(0);
    let receipt = done.stdout().to_owned();
    folder.okr(["check", "new.okr"]).run().exits(0);
    folder.okr(["fmt", "--check", "new.okr"]).run().exits(0);
    folder.okr(["grade", "new.okr"]).run().exits(0);
    let plan = folder.read("new.okr");
    (folder, plan, receipt)
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} expected in\n{text}");
    }
}

fn simple() -> Tracker {
    Tracker::new().with(
        "Q1 2026",
        &[
            "OKR tracker",
            "",
            "Objective | Key Result | Owner | Baseline | Target | Actual | Score | Due",
            "Be fast | Latency (ms) | Checkout | 900 | 400 | 610 | 0.55 | 2026-03-31",
            " | Conversion | Checkout | 3.1% | 4% | 3.64% | =(F5-D5)/(E5-D5)->0.6 | 2026-03-31",
            "Grow | Shops | Sales | 2 | 12 | 7 | 0.5 |",
        ],
    )
}

#[test]
fn a_tracker_becomes_a_plan_with_a_receipt() {
    let (folder, plan, receipt) = adopted(simple());
    contains(
        &plan,
        &[
            "cycle q1_2026 \"Q1 2026\" 2026-01-01 .. 2026-03-31\n",
            "  kr latency_ms \"Latency (ms)\" {  # row 4\n    baseline 900 ms\n    target 400 ms\n    actual 610 ms\n    due 2026-03-31\n  }\n",
            "    baseline 3.1%\n    target 4%\n    actual 3.64%\n",
        ],
    );
    contains(
        &receipt,
        &[
            "t.xlsx: 2 objectives, 3 key results, 2 teams, 1 cycle\n",
            "3 grades of the sheet compared: 2 agree, 1 does not\n",
            "row 4 says 0.55, the rule gives 0.58 = (610 - 900) / (400 - 900) [Q1 2026!G4, be_fast.latency_ms]\n",
        ],
    );
    // What is there stays.
    let again = folder.okr(["import", "t.xlsx", "-o", "new.okr"]).run().exits(4);
    again.says("exists already and was left as it is");
    assert_eq!(folder.read("new.okr"), plan);
}

#[test]
fn nothing_is_written_without_a_file() {
    let folder = Folder::new().with("t.xlsx", simple().bytes());
    let printed = folder.okr(["import", "t.xlsx", "-o", "-"]).run().exits(0).says("1 does not");
    let dry = folder.okr(["import", "t.xlsx", "-o", "new.okr", "--dry-run"]).run().exits(0);
    assert_eq!(printed.stdout(), dry.stdout());
    assert!(!folder.path().join("new.okr").exists());
    folder.okr(["import", "t.xlsx"]).run().exits(2);
    folder.okr(["import", "none.xlsx", "-o", "-"]).run().exits(4).says("cannot read none.xlsx");
    folder.okr(["import", ".", "-o", "-"]).run().exits(4).says("no plain file");
}

#[test]
fn the_receipt_as_json() {
    let folder = Folder::new().with("t.xlsx", simple().bytes());
    let done = folder.okr(["import", "t.xlsx", "--dry-run", "--format", "json"]).run().exits(0);
    let receipt: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
    assert_eq!(receipt["schema"], "okr.adopt/1");
    assert_eq!(receipt["counts"]["key_results"], 3);
    let wrong = &receipt["audit"]["disagreements"][0];
    assert_eq!((&wrong["place"], &wrong["row"]), (&"Q1 2026!G4".into(), &4.into()));
    assert_eq!((&wrong["says"], &wrong["gives"]), (&0.55.into(), &0.58.into()));
    assert_eq!(wrong["path"], "be_fast.latency_ms");
    assert!(receipt["plan"].as_str().is_some_and(|plan| plan.starts_with("okr 1\n")));
}

#[test]
fn merged_objectives_and_owners() {
    let merged = simple().sheet(|sheet| {
        sheet.merge_range(3, 0, 4, 0, "Be fast", &Format::new()).expect("a range");
        sheet.merge_range(3, 2, 4, 2, "Checkout & co", &Format::new()).expect("a range");
        sheet
            .insert_note(3, 5, &rust_xlsxwriter::Note::new("at the edge").set_author("Kim"))
            .expect("a note");
    });
    let (_, plan, _) = adopted(merged);
    contains(
        &plan,
        &["team checkout_co \"Checkout & co\"", "kr conversion", "note \"Kim: at the edge\""],
    );
    assert_eq!(plan.matches("\nobjective ").count(), 2, "{plan}");
}

#[test]
fn a_sheet_for_each_team() {
    let rows = |objective: &str| {
        vec![
            "Objective | Key Result | Target | Current".to_owned(),
            format!("{objective} | Shops | 4 | 1"),
        ]
    };
    let (fast, grow) = (rows("Be fast"), rows("Grow"));
    let lines = |rows: &'static [String]| rows.iter().map(String::as_str).collect::<Vec<_>>();
    let tracker = |second: Vec<String>| {
        Tracker::new()
            .with("Checkout", &lines(fast.clone().leak()))
            .with("Sales", &lines(second.leak()))
            .with("Log", &["Date | Key Result | Current", "2026-01-31 | Shops | 1"])
            .with("Read me", &["How to use this sheet"])
    };
    let (_, plan, receipt) = adopted(tracker(grow));
    contains(&plan, &["objective be_fast", "objective grow"]);
    contains(&receipt, &["sheet `Checkout`", "sheet `Sales`"]);
    assert!(!receipt.contains("`Log`"), "{receipt}");
    // A copy of a sheet would count twice.
    let folder = Folder::new().with("t.xlsx", tracker(fast.clone()).bytes());
    let done = folder.okr(["import", "t.xlsx", "-o", "new.okr"]).run().exits(4);
    done.says("stands on the sheets `Checkout` and `Sales`").says("--sheet NAME");
    folder.okr(["import", "t.xlsx", "-o", "new.okr", "--sheet", "Sales"]).run().exits(0);
    let none = folder.okr(["import", "t.xlsx", "-o", "-", "--sheet", "Salez"]).run().exits(4);
    none.says("the workbook has no sheet `Salez`; it has `Checkout`, `Sales`");
}

#[test]
fn a_layout_that_cannot_be_read_is_refused_with_what_was_found() {
    let tracker = Tracker::new().with("Plan", &["Thema | Wunsch | Hin", "Wachsen | Filialen | 12"]);
    let folder = Folder::new().with("t.xlsx", tracker.bytes());
    let done = folder.okr(["import", "t.xlsx", "-o", "new.okr"]).run().exits(4);
    let done = done.says("looked for a header row with a key result and an objective");
    done.says("found sheet `Plan` with no header, but `Thema`").says("--map 'HEADER=COLUMN,…'");
    let map = "Thema=objective,Wunsch=kr,Hin=target";
    folder.okr(["import", "t.xlsx", "-o", "new.okr", "--map", map]).run().exits(0);
    contains(&folder.read("new.okr"), &["kr filialen \"Filialen\" {  # row 2\n    target 12\n"]);
    let misspelt = folder.okr(["import", "t.xlsx", "-o", "-", "--map", "Hin=tarket"]).run();
    misspelt.exits(2).says("did you mean `target`?");
}

#[test]
fn check_ins_on_a_day() {
    let tracker = Tracker::new().with(
        "Q1 2026",
        &["Objective | Key Result | Target | Current | Confidence", "Grow | Shops | 4 | 1 | 70%"],
    );
    let folder = Folder::new().with("t.xlsx", tracker.bytes());
    let done = folder.okr(["import", "t.xlsx", "-o", "-", "--as-of", "2026-02-28"]).run().exits(0);
    done.prints("2026-02-28 checkin grow.shops 1 confidence 0.7\n");
}

#[test]
fn what_would_leave_the_workbook_is_said_and_not_followed() {
    let tracker = Tracker::new().with(
        "Q1 2026",
        &[
            "Objective | Key Result | Target | Current",
            "Grow | Shops | 4 | =WEBSERVICE(\"http://127.0.0.1:1/x\")->3",
        ],
    );
    let (_, plan, receipt) = adopted(tracker);
    contains(&plan, &["actual 3\n"]);
    contains(&receipt, &["Q1 2026!D2: a formula that fetches data, not followed"]);
}

/// The same tracker as openpyxl and LibreOffice have saved it.
#[test]
fn the_same_tracker_from_several_programs() {
    let import = |name: &str| -> Run {
        crate::harness::okr(["import", name, "-o", "-"])
            .within(&root().join("tests/fixtures/foreign"))
    };
    let plan = |name: &str| {
        let done = import(name)
            .run()
            .exits(0)
            .says("row 9 says 0.55, the rule gives 0.5 = (7 - 2) / (12 - 2)");
        let lines = done
            .stdout()
            .lines()
            .filter(|line| !line.contains("Adopted from") && !line.contains("note \""));
        lines.collect::<Vec<_>>().join("\n")
    };
    let saved = plan("saved.xlsx");
    assert_eq!(plan("tracker.xlsx"), saved);
    assert_eq!(plan("tracker.ods"), saved);
    // The reader of the old format does not tell how numbers look.
    let old = plan("tracker.xls");
    contains(&old, &["baseline 0.031\n", "target 1200000\n", "due 2026-03-31\n"]);
    import("tracker.xlsx")
        .run()
        .exits(0)
        .says("Q1 2026!H5: the formula's result is not in the file");
}

#[test]
fn text_files_in_several_spellings() {
    let folder = Folder::new()
        .with(
            "comma.csv",
            "Objective,Key Result,Target,Current\nGrow,\"Shops, new\",\"1,200\",300\n",
        )
        .with("semicolon.csv", "Ziel;Schlüsselergebnis;Zielwert;Istwert\nWachsen;Läden;12,5;2,5\n")
        .with("tabs.tsv", "Objective\tKey Result\tTarget\tCurrent\nGrow\tShops\t12\t3\n")
        .with("western.csv", b"Ziel;Ergebnis;Zielwert;Istwert\nWachsen;L\xe4den;12;3\n");
    let import = |name: &str| folder.okr(["import", name, "-o", "-"]).run().exits(0);
    import("comma.csv").prints("\"Shops, new\" {  # row 2\n    target 1200\n    actual 300\n");
    import("semicolon.csv").prints("target 12.5\n    actual 2.5\n");
    import("tabs.tsv").prints("target 12\n    actual 3\n");
    import("western.csv").prints("\"Läden\"");
    let text = folder.read("tabs.tsv");
    folder.okr(["import", "-", "-o", "-"]).stdin(text).run().exits(0).prints("target 12\n");
    folder.okr(["import", "-", "-o", "-"]).stdin(simple().bytes()).run().exits(0).prints("be_fast");
}
