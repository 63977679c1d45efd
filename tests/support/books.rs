//! Workbooks made part by part, as no spreadsheet program would.

use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A package of parts.
pub struct Package(ZipWriter<Cursor<Vec<u8>>>);

impl Package {
    /// An empty one.
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Adds a part.
    pub fn with(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.0.start_file(name, SimpleFileOptions::default()).expect("a part can be begun");
        self.0.write_all(content.as_ref()).expect("memory can be written");
        self
    }

    /// Adds a part of very many equal bytes.
    pub fn with_many(mut self, name: &str, head: &str, byte: u8, megabytes: usize) -> Self {
        self.0.start_file(name, SimpleFileOptions::default()).expect("a part can be begun");
        self.0.write_all(head.as_bytes()).expect("memory can be written");
        let block = vec![byte; 1 << 20];
        for _ in 0..megabytes {
            self.0.write_all(&block).expect("memory can be written");
        }
        self
    }

    /// Its bytes.
    pub fn bytes(self) -> Vec<u8> {
        self.0.finish().expect("the package is whole").into_inner()
    }
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// An `.xlsx` whose only sheet has these rows; without shared texts and styles.
pub fn xlsx_without_strings(rows: &str) -> Package {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    xlsx_without_sheet().with("xl/worksheets/sheet1.xml", sheet)
}

/// An `.xlsx` whose sheet is still to be added as `xl/worksheets/sheet1.xml`.
pub fn xlsx_without_sheet() -> Package {
    Package::new()
        .with(
            "_rels/.rels",
            format!("<Relationships><Relationship Id=\"r1\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        )
        .with(
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"OKR\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        )
        .with(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
                 <Relationship Id=\"r2\" Type=\"{RELATIONS}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
            ),
        )
}

/// A cell with a text of its own.
pub fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// A cell with a number.
pub fn number(place: &str, number: &str) -> String {
    format!("<c r=\"{place}\"><v>{number}</v></c>")
}

/// A small tracker's rows, and whatever comes below.
pub fn tracker_rows(more: &str) -> String {
    let head: String =
        [("A1", "Objective"), ("B1", "Key Result"), ("C1", "Target"), ("D1", "Current")]
            .iter()
            .map(|(place, word)| text(place, word))
            .collect();
    let row =
        [text("A2", "Fast"), text("B2", "Latency"), number("C2", "10"), number("D2", "5")].concat();
    format!("<row r=\"1\">{head}</row><row r=\"2\">{row}</row>{more}")
}

/// An `.ods` whose only table has these rows.
pub fn ods(rows: &str) -> Vec<u8> {
    let namespaces = "xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"";
    let content = format!(
        "<office:document-content {namespaces}><office:body><office:spreadsheet>\
         <table:table table:name=\"OKR\">{rows}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    Package::new()
        .with("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        .with("META-INF/manifest.xml", "<manifest/>")
        .with("content.xml", content)
        .bytes()
}

/// An `.ods` cell with a text.
pub fn ods_text(text: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
    )
}

/// A record of an `.xlsb`.
fn record(out: &mut Vec<u8>, kind: u16, content: &[u8]) {
    match kind {
        0..128 => out.push(kind as u8),
        kind => out.extend([(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8]),
    }
    let mut length = content.len();
    loop {
        let byte = (length & 0x7f) as u8;
        length >>= 7;
        out.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            break;
        }
    }
    out.extend(content);
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = (units.len() as u32).to_le_bytes();
    length.into_iter().chain(units.into_iter().flat_map(u16::to_le_bytes)).collect()
}

/// A cell of an `.xlsb`.
pub enum Binary {
    Text(&'static str),
    Number(f64),
}

/// An `.xlsb` with these rows.
pub fn xlsb(rows: &[Vec<Binary>]) -> Vec<u8> {
    let mut book = Vec::new();
    record(&mut book, 131, &[]);
    record(&mut book, 143, &[]);
    let sheet =
        [0_u32.to_le_bytes().to_vec(), 1_u32.to_le_bytes().to_vec(), wide("r1"), wide("OKR")];
    record(&mut book, 156, &sheet.concat());
    record(&mut book, 144, &[]);
    record(&mut book, 132, &[]);
    let mut sheet = Vec::new();
    record(&mut sheet, 129, &[]);
    record(&mut sheet, 148, &[0; 16]);
    record(&mut sheet, 145, &[]);
    for (row, cells) in rows.iter().enumerate() {
        let mut head = (row as u32).to_le_bytes().to_vec();
        head.extend([0; 13]);
        record(&mut sheet, 0, &head);
        for (column, cell) in cells.iter().enumerate() {
            let mut content = (column as u32).to_le_bytes().to_vec();
            content.extend(0_u32.to_le_bytes());
            match cell {
                Binary::Text(text) => {
                    content.extend(wide(text));
                    record(&mut sheet, 6, &content);
                }
                Binary::Number(number) => {
                    content.extend(number.to_le_bytes());
                    record(&mut sheet, 5, &content);
                }
            }
        }
    }
    record(&mut sheet, 146, &[]);
    record(&mut sheet, 130, &[]);
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"r1\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    Package::new()
        .with("_rels/.rels", relation("officeDocument", "xl/workbook.bin"))
        .with("xl/workbook.bin", book)
        .with("xl/_rels/workbook.bin.rels", relation("worksheet", "worksheets/sheet1.bin"))
        .with("xl/worksheets/sheet1.bin", sheet)
        .bytes()
}
