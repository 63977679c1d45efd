//! A workbook as bytes, from the process that reads it to the one that asked.
//!
//! Numbers are little-endian, texts have their length before them. What comes in is trusted no more
//! than a file: it was made from one.

use super::super::guard::{MAX_CELLS, MAX_SHEETS, MAX_STYLES, Refusal};
use super::cells::{Area, At, Cell, Sheet, Value, Visibility};
use super::format::{Format, FormatKind};
use super::{Book, Flag, FlagKind, Kind};
use jiff::civil::{Date, DateTime, Time};
use std::io::{self, Read, Write};
use std::sync::Arc;

/// The first bytes of an answer.
const MAGIC: u32 = 0x0072_6b6f;

/// Sends an answer.
pub(super) fn send(answer: &Result<Book, Refusal>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Writer(out);
    out.number(MAGIC)?;
    match answer {
        Ok(book) => {
            out.byte(0)?;
            out.book(book)?;
        }
        Err(refusal) => {
            out.byte(1)?;
            out.text(&refusal.what)?;
            out.text(&refusal.help)?;
        }
    }
    out.number(MAGIC)
}

/// Takes an answer; `kind` is what was asked about.
pub(super) fn receive(kind: Kind, input: &mut dyn Read) -> io::Result<Result<Book, Refusal>> {
    let mut input = Reader(input);
    input.magic()?;
    let answer = match input.byte()? {
        0 => Ok(input.book(kind)?),
        _ => Err(Refusal { what: input.text()?.to_string(), help: input.text()?.to_string() }),
    };
    input.magic()?;
    Ok(answer)
}

const VISIBILITIES: [Visibility; 3] =
    [Visibility::Visible, Visibility::Hidden, Visibility::VeryHidden];
const FLAGS: [FlagKind; 5] = [
    FlagKind::ExternalLink,
    FlagKind::Macro,
    FlagKind::Connection,
    FlagKind::Hyperlink,
    FlagKind::Fetch,
];
const FORMATS: [FormatKind; 5] =
    [FormatKind::Number, FormatKind::Percent, FormatKind::Date, FormatKind::Time, FormatKind::Text];

fn index_of<T: PartialEq>(list: &[T], item: &T) -> u8 {
    list.iter().position(|it| it == item).unwrap_or(0) as u8
}

fn broken() -> io::Error {
    io::Error::other("the answer is broken")
}

struct Writer<'a>(&'a mut dyn Write);

impl Writer<'_> {
    fn byte(&mut self, byte: u8) -> io::Result<()> {
        self.0.write_all(&[byte])
    }

    fn number(&mut self, number: u32) -> io::Result<()> {
        self.0.write_all(&number.to_le_bytes())
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.number(text.len() as u32)?;
        self.0.write_all(text.as_bytes())
    }

    fn at(&mut self, at: At) -> io::Result<()> {
        self.number(at.row)?;
        self.number(at.column)
    }

    fn book(&mut self, book: &Book) -> io::Result<()> {
        self.byte(book.dates_from_1904.into())?;
        self.number(book.formats.len() as u32)?;
        for format in &book.formats {
            self.byte(index_of(&FORMATS, &format.kind))?;
            self.text(format.unit.as_deref().unwrap_or_default())?;
        }
        self.number(book.flags.len() as u32)?;
        for flag in &book.flags {
            self.byte(index_of(&FLAGS, &flag.kind))?;
            self.text(&flag.text)?;
            self.byte(flag.place.is_some().into())?;
            if let Some((sheet, at)) = &flag.place {
                self.text(sheet)?;
                self.at(*at)?;
            }
        }
        self.number(book.sheets.len() as u32)?;
        book.sheets.iter().try_for_each(|sheet| self.sheet(sheet))
    }

    fn sheet(&mut self, sheet: &Sheet) -> io::Result<()> {
        self.text(&sheet.name)?;
        self.byte(index_of(&VISIBILITIES, &sheet.visibility))?;
        self.number(sheet.merged.len() as u32)?;
        for area in &sheet.merged {
            self.at(area.first)?;
            self.at(area.last)?;
        }
        self.number(sheet.cells().len() as u32)?;
        for cell in sheet.cells() {
            self.at(cell.at)?;
            self.number(cell.format)?;
            self.value(&cell.value)?;
            self.byte(cell.is_formula().into())?;
            if let Some(formula) = sheet.formula(cell) {
                self.text(formula)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Value) -> io::Result<()> {
        match value {
            Value::Missing => self.byte(0),
            Value::Number(number) => {
                self.byte(1)?;
                self.0.write_all(&number.to_bits().to_le_bytes())
            }
            Value::Text(text) => {
                self.byte(2)?;
                self.text(text)
            }
            Value::Bool(truth) => {
                self.byte(3)?;
                self.byte((*truth).into())
            }
            Value::Date(date) => {
                self.byte(4)?;
                self.number(date.year() as u16 as u32)?;
                for part in [date.month(), date.day(), date.hour(), date.minute(), date.second()] {
                    self.byte(part as u8)?;
                }
                Ok(())
            }
            Value::Error(text) => {
                self.byte(5)?;
                self.text(text)
            }
        }
    }
}

struct Reader<'a>(&'a mut dyn Read);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> io::Result<u8> {
        Ok(self.bytes::<1>()?[0])
    }

    fn number(&mut self) -> io::Result<u32> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn magic(&mut self) -> io::Result<()> {
        if self.number()? == MAGIC { Ok(()) } else { Err(broken()) }
    }

    fn count(&mut self, most: usize) -> io::Result<usize> {
        let count = self.number()? as usize;
        if count <= most { Ok(count) } else { Err(broken()) }
    }

    fn text(&mut self) -> io::Result<Arc<str>> {
        let length = u64::from(self.number()?);
        let mut text = String::new();
        // Taken as it comes, so that a wrong length sets nothing aside.
        (&mut *self.0).take(length).read_to_string(&mut text)?;
        if text.len() as u64 == length { Ok(text.into()) } else { Err(broken()) }
    }

    fn at(&mut self) -> io::Result<At> {
        Ok(At::new(self.number()?, self.number()?))
    }

    fn book(&mut self, kind: Kind) -> io::Result<Book> {
        let dates_from_1904 = self.byte()? == 1;
        let formats =
            (0..self.count(MAX_STYLES)?).map(|_| self.format()).collect::<Result<_, _>>()?;
        let flags = (0..self.count(MAX_STYLES)?).map(|_| self.flag()).collect::<Result<_, _>>()?;
        let sheets =
            (0..self.count(MAX_SHEETS)?).map(|_| self.sheet()).collect::<Result<_, _>>()?;
        Ok(Book { kind, sheets, formats, flags, dates_from_1904 })
    }

    fn format(&mut self) -> io::Result<Format> {
        let kind = FORMATS.get(usize::from(self.byte()?)).copied().ok_or_else(broken)?;
        let unit = Some(self.text()?).filter(|unit| !unit.is_empty());
        Ok(Format { kind, unit })
    }

    fn flag(&mut self) -> io::Result<Flag> {
        let kind = FLAGS.get(usize::from(self.byte()?)).copied().ok_or_else(broken)?;
        let text = self.text()?;
        let place = match self.byte()? {
            0 => None,
            _ => Some((self.text()?.to_string(), self.at()?)),
        };
        Ok(Flag { kind, place, text })
    }

    fn sheet(&mut self) -> io::Result<Sheet> {
        let name = self.text()?;
        let visibility = VISIBILITIES.get(usize::from(self.byte()?)).copied().ok_or_else(broken)?;
        let mut sheet = Sheet::new(&name, visibility);
        for _ in 0..self.count(MAX_CELLS)? {
            sheet.merged.push(Area { first: self.at()?, last: self.at()? });
        }
        for _ in 0..self.count(MAX_CELLS)? {
            let (at, format) = (self.at()?, self.number()?);
            let value = self.value()?;
            let formula = if self.byte()? == 1 { Some(self.text()?) } else { None };
            sheet.push(Cell::new(at, value, format), formula);
        }
        sheet.finish().map_err(|_| broken())?;
        Ok(sheet)
    }

    fn value(&mut self) -> io::Result<Value> {
        Ok(match self.byte()? {
            0 => Value::Missing,
            1 => Value::Number(f64::from_bits(u64::from_le_bytes(self.bytes()?))),
            2 => Value::Text(self.text()?),
            3 => Value::Bool(self.byte()? == 1),
            4 => {
                let year = self.number()? as u16 as i16;
                let [month, day, hour, minute, second] = self.bytes()?.map(|part: u8| part as i8);
                let date = Date::new(year, month, day).map_err(|_| broken())?;
                let time = Time::new(hour, minute, second, 0).map_err(|_| broken())?;
                Value::Date(DateTime::from_parts(date, time))
            }
            5 => Value::Error(self.text()?),
            _ => return Err(broken()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(answer: &Result<Book, Refusal>) -> (Vec<u8>, Result<Book, Refusal>) {
        let mut bytes = Vec::new();
        send(answer, &mut bytes).expect("memory can be written");
        let received = receive(Kind::Csv, &mut bytes.as_slice()).expect("the answer is whole");
        (bytes, received)
    }

    #[test]
    fn a_workbook_arrives_as_it_was_sent() {
        let text = "a,b\n-1.5,=HYPERLINK(1)\n";
        let mut book = Book::from_bytes(text.into(), "t.csv").expect("text can be read");
        let date = Date::constant(2026, 3, 31).at(12, 30, 1, 0);
        let values =
            [Value::Missing, Value::Date(date), Value::Error("#REF!".into()), Value::Bool(true)];
        for (column, value) in values.into_iter().enumerate() {
            let cell = Cell::new(At::new(9, column as u32), value, 0);
            book.sheets[0].push(cell, (column == 0).then(|| "1/0".into()));
        }
        book.sheets[0].merged.push(Area { first: At::new(0, 0), last: At::new(1, 1) });
        let (bytes, received) = through(&Ok(book.clone()));
        assert_eq!(format!("{received:?}"), format!("{:?}", Ok::<_, Refusal>(book)));
        for length in 0..bytes.len() {
            assert!(receive(Kind::Csv, &mut &bytes[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn a_refusal_arrives_as_it_was_sent() {
        let refusal = Refusal::new("what", "help");
        assert_eq!(through(&Err(refusal.clone())).1.err(), Some(refusal));
    }
}
