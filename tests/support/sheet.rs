//! Small changes of a workbook's cells, as somebody at a spreadsheet makes them; everything else stays.

use super::office::changed;
use std::io::{Cursor, Read};

/// What is typed into a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    Number(f64),
    Text(String),
    /// A formula with its cached result.
    Formula(String, Option<f64>),
    Bool(bool),
    Error(&'static str),
    Empty,
}

impl From<f64> for Put {
    fn from(number: f64) -> Self {
        Put::Number(number)
    }
}

impl From<&str> for Put {
    fn from(text: &str) -> Self {
        Put::Text(text.to_owned())
    }
}

/// A workbook whose cells are changed.
pub struct Sheets(pub Vec<u8>);

impl Sheets {
    /// Types something into a cell, `Key results!I2`.
    pub fn put(self, cell: &str, put: impl Into<Put>) -> Self {
        let put = put.into();
        let (sheet, cell) = cell.split_once('!').expect("SHEET!CELL");
        self.part(sheet, |xml| set(&xml, cell, &put))
    }

    /// Clears a row.
    pub fn clear_row(self, sheet: &str, row: u32) -> Self {
        self.part(sheet, |xml| {
            let (start, end) = row_span(&xml, row).expect("the row is there");
            format!("{}{}", &xml[..start], &xml[end..])
        })
    }

    /// Copies a row below the last.
    pub fn copy_row(self, sheet: &str, row: u32, to: u32) -> Self {
        self.part(sheet, |xml| {
            let (start, end) = row_span(&xml, row).expect("the row is there");
            let mut copy =
                xml[start..end].replace(&format!("<row r=\"{row}\""), &format!("<row r=\"{to}\""));
            for letter in 'A'..='Z' {
                copy =
                    copy.replace(&format!("r=\"{letter}{row}\""), &format!("r=\"{letter}{to}\""));
            }
            let at = xml.find("</sheetData>").expect("a sheet has data");
            format!("{}{copy}{}", &xml[..at], &xml[at..])
        })
    }

    /// Renames a sheet.
    pub fn rename(self, from: &str, to: &str) -> Self {
        let (from, to) = (format!("name=\"{from}\""), format!("name=\"{to}\""));
        Self(changed(&self.0, |name, text| match name {
            "xl/workbook.xml" => text.replace(&from, &to),
            _ => text,
        }))
    }

    /// Takes the cells of a sheet away.
    pub fn empty_sheet(self, sheet: &str) -> Self {
        self.part(sheet, |xml| {
            let start = xml.find("<sheetData>").expect("a sheet has data") + "<sheetData>".len();
            let end = xml.find("</sheetData>").expect("a sheet has data");
            format!("{}{}", &xml[..start], &xml[end..])
        })
    }

    fn part(self, sheet: &str, change: impl Fn(String) -> String) -> Self {
        let part = part_of(&self.0, sheet);
        Self(changed(&self.0, |name, text| if name == part { change(text) } else { text }))
    }
}

/// The part that holds a sheet; they stand in order.
fn part_of(book: &[u8], sheet: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook is a zip");
    let mut text = String::new();
    let mut part = zip.by_name("xl/workbook.xml").expect("it has a list of sheets");
    part.read_to_string(&mut text).expect("it is text");
    let names: Vec<&str> = text
        .split("<sheet name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or_default())
        .collect();
    let at = names.iter().position(|name| *name == sheet);
    format!("xl/worksheets/sheet{}.xml", at.unwrap_or_else(|| panic!("no sheet {sheet}")) + 1)
}

fn row_span(xml: &str, row: u32) -> Option<(usize, usize)> {
    let start = xml.find(&format!("<row r=\"{row}\""))?;
    let open = start + xml[start..].find('>')?;
    if xml[..open].ends_with('/') {
        return Some((start, open + 1));
    }
    Some((start, start + xml[start..].find("</row>")? + "</row>".len()))
}

fn column(cell: &str) -> u32 {
    let letters = cell.chars().take_while(char::is_ascii_uppercase);
    letters.fold(0, |column, letter| column * 26 + letter as u32 - 'A' as u32 + 1)
}

fn set(xml: &str, cell: &str, put: &Put) -> String {
    let at = xml.find(&format!("<c r=\"{cell}\""));
    let span = at.map(|start| {
        let open = start + xml[start..].find('>').expect("a tag ends");
        let end = match xml[..open].ends_with('/') {
            true => open + 1,
            false => start + xml[start..].find("</c>").expect("a cell ends") + "</c>".len(),
        };
        (start, end)
    });
    let style = span.and_then(|(start, end)| {
        let rest = &xml[start..end][..xml[start..end].find('>')?];
        let at = rest.find(" s=\"")?;
        Some(format!(" s=\"{}\"", rest[at + 4..].split('"').next()?))
    });
    let new = element(cell, &style.unwrap_or_default(), put);
    if let Some((start, end)) = span {
        return format!("{}{new}{}", &xml[..start], &xml[end..]);
    }
    let row: u32 =
        cell.trim_start_matches(|c: char| c.is_ascii_uppercase()).parse().expect("a row");
    let place = match row_span(xml, row) {
        Some((start, end)) if xml[start..end].ends_with("</row>") => {
            let inner = &xml[start..end];
            let later = inner.match_indices("<c r=\"").find(|(at, sign)| {
                let name = inner[at + sign.len()..].split('"').next().unwrap_or_default();
                column(name) > column(cell)
            });
            start + later.map_or(inner.len() - "</row>".len(), |(at, _)| at)
        }
        _ => {
            let end = xml.find("</sheetData>").expect("a sheet has data");
            let row = format!("<row r=\"{row}\">{new}</row>");
            return format!("{}{row}{}", &xml[..end], &xml[end..]);
        }
    };
    format!("{}{new}{}", &xml[..place], &xml[place..])
}

fn element(cell: &str, style: &str, put: &Put) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    match put {
        Put::Number(number) => format!("<c r=\"{cell}\"{style}><v>{number}</v></c>"),
        Put::Text(text) => format!(
            "<c r=\"{cell}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
            escaped(text)
        ),
        Put::Formula(formula, result) => {
            let result = result.map(|it| format!("<v>{it}</v>")).unwrap_or_default();
            format!("<c r=\"{cell}\"{style}><f>{}</f>{result}</c>", escaped(formula))
        }
        Put::Bool(truth) => {
            format!("<c r=\"{cell}\"{style} t=\"b\"><v>{}</v></c>", u8::from(*truth))
        }
        Put::Error(error) => format!("<c r=\"{cell}\"{style} t=\"e\"><v>{error}</v></c>"),
        Put::Empty => String::new(),
    }
}
