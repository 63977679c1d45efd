//! Workbooks that another library writes come back as they were.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Note as Written, Workbook};

fn at(place: &str) -> At {
    At::parse(place).expect("it is a place")
}

fn book(workbook: &mut Workbook) -> Book {
    let bytes = workbook.save_to_buffer().expect("the workbook can be written");
    Book::from_bytes(bytes, "t.xlsx").expect("the workbook can be read")
}

#[test]
fn cells_have_their_value_format_and_place() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Plan & co").expect("a name");
    let percent = Style::new().set_num_format("0.0%");
    let date = Style::new().set_num_format("yyyy-mm-dd");
    let day = ExcelDateTime::from_ymd(2026, 3, 31).expect("a day");
    sheet.write(1, 2, "Title <&> _x0041_ 👍").expect("text");
    sheet.write_with_format(1, 3, 0.65, &percent).expect("a percent");
    sheet.write_with_format(1, 4, &day, &date).expect("a date");
    sheet.write(2, 2, true).expect("a boolean");
    sheet.write_formula(2, 3, Formula::new("=D2*2").set_result("1.3")).expect("a formula");
    sheet.write_formula(2, 4, Formula::new("=1/0").set_result("#DIV/0!")).expect("a formula");
    sheet.merge_range(4, 0, 6, 0, "same", &Style::new()).expect("a merged range");
    sheet.insert_note(1, 2, &Written::new("looks good").set_author("Kim")).expect("a note");
    workbook.add_worksheet().set_name("_okr").expect("a name").set_hidden(true);
    let book = book(&mut workbook);

    assert_eq!((book.kind, book.dates_from_1904, book.flags.len()), (Kind::Xlsx, false, 0));
    let sheet = book.sheet("plan & CO").expect("the sheet is there");
    let cell = |place| sheet.get(at(place)).expect("the cell is there");
    assert_eq!(cell("C2").text(), Some("Title <&> _x0041_ 👍"));
    assert_eq!(cell("D2").number(), Some(0.65));
    assert_eq!(book.format(cell("D2")).kind, FormatKind::Percent);
    assert!(
        matches!(cell("E2").value, Value::Date(date) if date.to_string() == "2026-03-31T00:00:00")
    );
    assert_eq!(cell("C3").value, Value::Bool(true));
    assert_eq!(cell("D3").number(), Some(1.3));
    assert_eq!(sheet.formula(cell("D3")), Some("D2*2"));
    assert_eq!(cell("E3").value, Value::Error("#DIV/0!".into()));
    assert_eq!(sheet.merged_at(at("A7")).map(|area| area.first), Some(at("A5")));
    assert_eq!(sheet.get(at("A1")), None);
    let notes = sheet.notes.get(&at("C2")).expect("the note is there");
    assert_eq!(notes[..], [Note { author: "Kim".into(), text: "looks good".into() }]);
    assert_eq!(book.sheets[1].visibility, Visibility::Hidden);
}

#[test]
fn what_leaves_the_workbook_is_flagged() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_formula(0, 0, "=HYPERLINK(\"http://example.com\",\"x\")").expect("a formula");
    sheet.write_formula(1, 0, "=WEBSERVICE(\"http://example.com\")").expect("a formula");
    let kinds: Vec<FlagKind> = book(&mut workbook).flags.iter().map(|flag| flag.kind).collect();
    assert_eq!(kinds, [FlagKind::Hyperlink, FlagKind::Fetch]);
}

/// The tracker of `tests/fixtures/foreign` as another program has saved it.
fn tracker(name: &str) -> Book {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign");
    Book::open(&folder.join(name)).expect("the tracker can be read")
}

/// What people see in a sheet, one cell a line; numbers to 15 digits, as programs save them.
fn shown(sheet: &Sheet) -> Vec<String> {
    let value = |cell: &Cell| match &cell.value {
        Value::Number(number) => format!("{number:.12}"),
        value => format!("{value:?}"),
    };
    sheet.cells().iter().map(|cell| format!("{} {}", cell.at, value(cell))).collect()
}

#[test]
fn programs_and_formats_agree() {
    let made = tracker("tracker.xlsx");
    let saved = tracker("saved.xlsx");
    let columns =
        |book: &Book| book.sheets.iter().map(|sheet| sheet.name.clone()).collect::<Vec<_>>();
    for name in ["saved.xlsx", "tracker.ods", "tracker.xls"] {
        let book = tracker(name);
        assert_eq!(columns(&book), ["Read me", "Q1 2026", "lists"], "{name}");
        assert_eq!(book.sheets[2].visibility, Visibility::Hidden, "{name}");
        for (sheet, same) in book.sheets.iter().zip(&saved.sheets) {
            assert_eq!(shown(sheet), shown(same), "{name}");
        }
        let merged = book.sheets[1].merged_at(at("B7")).map(|area| area.first);
        assert_eq!(merged, Some(at("B5")), "{name}");
    }
    // openpyxl leaves the results of formulas out.
    let scores: Vec<&Value> = ["H5", "H6", "H8"]
        .iter()
        .map(|it| &made.sheets[1].get(at(it)).expect("a cell").value)
        .collect();
    assert_eq!(scores, [&Value::Missing; 3]);
    for name in ["tracker.xlsx", "saved.xlsx", "tracker.ods"] {
        let book = tracker(name);
        let notes = book.sheets[1].notes.get(&at("G5")).expect("the note is there");
        assert_eq!(notes[0].text, "measured at the edge", "{name}");
        let percent = book.sheets[1].get(at("E6")).expect("a cell");
        assert_eq!(book.format(percent).kind, FormatKind::Percent, "{name}");
        let euros = book.sheets[1].get(at("F8")).expect("a cell");
        assert!(["€", "EUR"].contains(&book.format(euros).unit.as_deref().unwrap_or("")), "{name}");
    }
}
