//! The cells of a workbook: read into memory once, written by rust_xlsxwriter alone, streamed by
//! calamine alone.

use std::path::Path;

use calamine::{DataRef, Reader as _, Xlsx, open_workbook};
use quick_xml::Reader;
use quick_xml::events::Event;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet};
use std::io::{BufReader, Read};

/// What a cell holds.
pub enum Value {
    Empty,
    Number(f64),
    Text(String),
    /// The formula, and its result.
    Formula(String, String),
}

/// A cell: its row, its column, its style and what it holds.
pub struct Cell {
    row: u32,
    column: u16,
    style: usize,
    value: Value,
}

/// The sheets of a workbook.
pub struct Book {
    sheets: Vec<Vec<Cell>>,
}

impl Book {
    /// How many cells there are.
    pub fn count(&self) -> usize {
        self.sheets.iter().map(Vec::len).sum()
    }
}

/// Rows above which sheets are written in constant memory.
const LONG: usize = 10_000;

/// Reads the cells of a workbook.
pub fn read(book: &Path) -> Book {
    let file = std::fs::File::open(book).expect("there is a workbook");
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).expect("it is a package");
    let names: Vec<String> = (1..)
        .map(|number| format!("xl/worksheets/sheet{number}.xml"))
        .take_while(|name| archive.index_for_name(name).is_some())
        .collect();
    let mut strings = Vec::new();
    if let Ok(part) = archive.by_name("xl/sharedStrings.xml") {
        strings = shared(part);
    }
    let sheets = names
        .iter()
        .map(|name| sheet(archive.by_name(name).expect("it is listed"), &strings))
        .collect();
    Book { sheets }
}

fn shared(part: impl Read) -> Vec<String> {
    let mut reader = Reader::from_reader(BufReader::new(part));
    let (mut strings, mut text, mut buffer) = (Vec::new(), String::new(), Vec::new());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).expect("it is sound") {
            Event::Start(tag) if tag.name().as_ref() == "si" => text.clear(),
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::End(tag) if tag.name().as_ref() == "si" => strings.push(text.clone()),
            Event::Eof => return strings,
            _ => {}
        }
    }
}

fn sheet(part: impl Read, strings: &[String]) -> Vec<Cell> {
    let mut reader = Reader::from_reader(BufReader::new(part));
    let (mut cells, mut buffer) = (Vec::new(), Vec::new());
    let mut at: Option<(u32, u16, usize, String)> = None;
    let (mut text, mut formula) = (String::new(), None);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).expect("it is sound") {
            Event::Start(tag) if tag.name().as_ref() == "c" => at = Some(place(&tag)),
            Event::Empty(tag) if tag.name().as_ref() == "c" => {
                let (row, column, style, _) = place(&tag);
                cells.push(Cell { row, column, style, value: Value::Empty });
            }
            Event::Start(tag) if matches!(tag.name().as_ref(), "f" | "v" | "t") => text.clear(),
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => text.push(match name.xml10_content().as_ref() {
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                _ => '&',
            }),
            Event::End(tag) if tag.name().as_ref() == "f" => formula = Some(text.clone()),
            Event::End(tag) if tag.name().as_ref() == "c" => {
                let Some((row, column, style, kind)) = at.take() else { continue };
                let value = match (formula.take(), kind.as_str()) {
                    (Some(formula), _) => Value::Formula(formula, text.clone()),
                    (None, "s") => {
                        let shared = text.parse().ok().and_then(|at: usize| strings.get(at));
                        Value::Text(shared.cloned().unwrap_or_default())
                    }
                    (None, "inlineStr") => Value::Text(text.clone()),
                    (None, _) => text.parse().map_or(Value::Empty, Value::Number),
                };
                text.clear();
                cells.push(Cell { row, column, style, value });
            }
            Event::Eof => return cells,
            _ => {}
        }
    }
}

fn place(tag: &quick_xml::events::BytesStart<'_>) -> (u32, u16, usize, String) {
    let mut found = (0, 0, 0, String::new());
    for attribute in tag.attributes().flatten() {
        match attribute.key.as_ref() {
            "r" => {
                for byte in attribute.value.bytes() {
                    match byte {
                        b'A'..=b'Z' => found.1 = found.1 * 26 + u16::from(byte - b'A') + 1,
                        _ => found.0 = found.0 * 10 + u32::from(byte - b'0'),
                    }
                }
            }
            "s" => found.2 = attribute.value.parse().unwrap_or(0),
            "t" => found.3 = attribute.value.to_string(),
            _ => {}
        }
    }
    (found.0 - 1, found.1 - 1, found.2, found.3)
}

/// Writes the cells, as many different formats and the level of packing as the program has them.
pub fn write(book: &Book, to: &Path) {
    let mut workbook = Workbook::new();
    if book.count() > 10 * LONG {
        workbook.set_zip_compression_level(LEVEL);
    }
    let formats: Vec<Format> = (0..64).map(format).collect();
    for cells in &book.sheets {
        let long = cells.len() > LONG;
        let sheet = match long {
            true => workbook.add_worksheet_with_constant_memory().expect("it can be made"),
            false => workbook.add_worksheet(),
        };
        for cell in cells {
            put(sheet, cell, &formats);
        }
    }
    workbook.save(to).expect("it can be written");
}

/// The level of packing of large workbooks.
const LEVEL: u8 = 1;

fn format(style: usize) -> Format {
    Format::new()
        .set_border(FormatBorder::Thin)
        .set_align(if style.is_multiple_of(2) { FormatAlign::Left } else { FormatAlign::Right })
        .set_background_color(0xFF_F9_E3)
        .set_num_format(format!("0.{}", "0".repeat(style % 20 + 1)))
}

fn put(sheet: &mut Worksheet, cell: &Cell, formats: &[Format]) {
    let (row, column) = (cell.row, cell.column);
    let format = formats.get(cell.style).filter(|_| cell.style > 0);
    let done = match (&cell.value, format) {
        (Value::Empty, Some(format)) => sheet.write_blank(row, column, format),
        (Value::Empty, None) => Ok(sheet),
        (Value::Number(number), Some(format)) => {
            sheet.write_number_with_format(row, column, *number, format)
        }
        (Value::Number(number), None) => sheet.write_number(row, column, *number),
        (Value::Text(text), Some(format)) => {
            sheet.write_string_with_format(row, column, text, format)
        }
        (Value::Text(text), None) => sheet.write_string(row, column, text),
        (Value::Formula(formula, result), format) => {
            let formula = Formula::new(formula).set_result(result);
            match format {
                Some(format) => sheet.write_formula_with_format(row, column, formula, format),
                None => sheet.write_formula(row, column, formula),
            }
        }
    };
    done.expect("it fits");
}

/// Streams every cell of every sheet; gives how many there are.
pub fn stream(book: &Path) -> usize {
    let mut workbook: Xlsx<_> = open_workbook(book).expect("it can be read");
    let mut count = 0;
    for name in workbook.sheet_names() {
        let mut reader = workbook.worksheet_cells_reader(&name).expect("it has cells");
        while let Some(cell) = reader.next_cell().expect("it is sound") {
            count += usize::from(!matches!(cell.get_value(), DataRef::Empty));
        }
    }
    count
}
