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
