//! One sheet of an `.xlsx`, cell by cell.

use super::super::guard::{
    MAX_COLUMNS, MAX_MERGED, MAX_ROWS, Node, Part, Refusal, Tag, Xml, at_most,
};
use super::super::sift::Sift;
use super::cells::{Area, At, Cell, Sheet, Value};
use super::format::FormatKind;
use super::strings::{Texts, rich_text};
use super::styles::Formats;
use super::{Flag, FlagKind};
use jiff::civil::{Date, DateTime, Time};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What cells of a workbook refer to.
pub(super) struct Context {
    pub(super) strings: Arc<Vec<Arc<str>>>,
    pub(super) styles: Vec<u32>,
    pub(super) formats: Formats,
    pub(super) dates_from_1904: bool,
    pub(super) texts: Texts,
    pub(super) flags: Vec<Flag>,
    /// How many cells may still come.
    pub(super) cells_left: usize,
    /// What is kept of the cells; without it, all.
    pub(super) sift: Option<Sift>,
}

/// The most flags that are kept: enough to tell.
const MAX_FLAGS: usize = 1_000;

impl Context {
    /// Nothing yet; so many cells may come.
    pub(super) fn new(cells: usize) -> Self {
        Self {
            strings: Arc::default(),
            styles: Vec::new(),
            formats: Formats::default(),
            dates_from_1904: false,
            texts: Texts::default(),
            flags: Vec::new(),
            cells_left: cells,
            sift: None,
        }
    }

    /// The same for a second thread, which has limits of its own.
    pub(super) fn second(&self) -> Self {
        Self {
            strings: Arc::clone(&self.strings),
            styles: self.styles.clone(),
            formats: self.formats.clone(),
            dates_from_1904: self.dates_from_1904,
            texts: Texts::default(),
            flags: Vec::new(),
            cells_left: self.cells_left,
            sift: self.sift.as_ref().map(|_| Sift::default()),
        }
    }

    /// Takes a cell into account.
    pub(super) fn count_cell(&mut self) -> Result<(), Refusal> {
        self.count_cells(1)
    }

    /// The same for several.
    fn count_cells(&mut self, count: usize) -> Result<(), Refusal> {
        match self.cells_left.checked_sub(count) {
            Some(left) => {
                self.cells_left = left;
                Ok(())
            }
            None => Err(Refusal::too_much("the workbook has far more cells than OKRs need")),
        }
    }

    /// Flags a formula that would leave the workbook.
    pub(super) fn look_at_formula(&mut self, sheet: &str, at: At, formula: &str) {
        if self.flags.len() < MAX_FLAGS
            && let Some(kind) = leaves_the_book(formula)
        {
            let place = Some((sheet.to_owned(), at));
            self.flags.push(Flag { kind, place, text: super::cells::clean(formula).into() });
        }
    }
}

/// Functions that fetch what is not in the workbook.
const FETCHING: [&str; 8] = [
    "WEBSERVICE",
    "IMPORTDATA",
    "IMPORTXML",
    "IMPORTHTML",
    "IMPORTRANGE",
    "IMPORTFEED",
    "RTD",
    "DDE",
];

/// Whether a formula would leave its workbook, and how.
pub(super) fn leaves_the_book(formula: &str) -> Option<FlagKind> {
    let bytes = formula.as_bytes();
    let has = |byte: u8| memchr::memchr(byte, bytes).is_some();
    let calls = |name: &str| {
        memchr::memchr_iter(b'(', bytes).any(|at| {
            let start = at.checked_sub(name.len());
            start.is_some_and(|start| bytes[start..at].eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    // Most formulas call no function whose name ends like one of those.
    let ends = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_some_and(|byte| b"EALDK".contains(&byte.to_ascii_uppercase()))
    };
    if !has(b'|') && !has(b'[') && !has(b'/') && !memchr::memchr_iter(b'(', bytes).any(ends) {
        return None;
    }
    if FETCHING.iter().any(|name| calls(name)) || (has(b'|') && has(b'!')) {
        return Some(FlagKind::Fetch);
    }
    if calls("HYPERLINK") {
        return Some(FlagKind::Hyperlink);
    }
    let numbered = |at: usize| bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    let external = memchr::memchr_iter(b'[', bytes).any(|at| {
        numbered(at) && formula[at..].find(']').is_some_and(|end| formula[at + end..].contains('!'))
    });
    let local = memchr::memmem::find(bytes, b"///").is_some()
        && formula.to_ascii_uppercase().contains("FILE:///");
    (external || local).then_some(FlagKind::ExternalLink)
}

/// A cell with its formula, where that is kept.
type Kept = (Cell, Option<Arc<str>>);

/// A shared formula's text, by its number.
type Shared = FxHashMap<u32, Arc<str>>;

/// Reads the cells and merged ranges of a sheet.
pub(super) fn read(
    mut xml: Xml<Part<'_>>,
    mut sheet: Sheet,
    context: &mut Context,
) -> Result<Sheet, Refusal> {
    let mut shared = Shared::default();
    let mut cell = Raw::default();
    // The cells of the row at hand, where rows are sifted.
    let mut cells = Vec::new();
    // Where a cell without an address stands: right of the one before.
    let (mut next, mut row) = (At::default(), 0);
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "c" => {
                    let at = cell.begin(&tag, next, &sheet.name)?;
                    cell.read(&mut xml)?;
                    let read = cell.cell(at, &sheet, &mut shared, context)?;
                    match (read, &mut context.sift) {
                        (Some((cell, _)), Some(_)) => cells.push(cell),
                        (Some((cell, formula)), None) => sheet.push(cell, formula),
                        (None, _) => {}
                    }
                    next = At::new(at.row, at.column + 1);
                }
                "row" => {
                    sift_row(&mut cells, &mut sheet, context)?;
                    row = row_number(&tag, row, &sheet.name)?;
                    next = At::new(row, 0);
                    row += 1;
                }
                "mergeCell" => {
                    at_most(sheet.merged.len() + 1, MAX_MERGED, "merged ranges on a sheet")?;
                    let area = tag.get("ref").unwrap_or_default();
                    let area = Area::parse(&area).ok_or_else(|| off_grid(&sheet.name, &area))?;
                    sheet.merged.push(area);
                }
                _ => {}
            },
            Node::End => break,
            _ => {}
        }
    }
    sift_row(&mut cells, &mut sheet, context)?;
    sheet.finish()?;
    Ok(sheet)
}

/// A row is whole: what is to be kept of it goes to the sheet.
fn sift_row(
    cells: &mut Vec<Cell>,
    sheet: &mut Sheet,
    context: &mut Context,
) -> Result<(), Refusal> {
    if let (Some(first), Some(sift)) = (cells.first(), &mut context.sift) {
        let before = sift.records();
        sift.row(first.at.row, cells)?;
        let added = sift.records() - before;
        cells.drain(..).for_each(|cell| sheet.push(cell, None));
        // A cell of a packed base holds many records, each of which takes room.
        context.count_cells(added)?;
    }
    Ok(())
}

/// The row that a tag names, else the one after the last.
fn row_number(tag: &Tag<'_>, next: u32, sheet: &str) -> Result<u32, Refusal> {
    let row = match tag.get("r") {
        None => next,
        Some(text) => {
            let row = text.trim().parse::<u32>().ok().and_then(|row| row.checked_sub(1));
            row.ok_or_else(|| off_grid(sheet, &text))?
        }
    };
    if row < MAX_ROWS { Ok(row) } else { Err(off_grid(sheet, &(u64::from(row) + 1).to_string())) }
}

fn off_grid(sheet: &str, place: &str) -> Refusal {
    let place: String = place.chars().take(40).collect();
    Refusal::damaged(format!(
        "{sheet}: `{place}` is no place on a sheet of 1,048,576 rows and 16,384 columns"
    ))
}

/// A cell as the file has it.
#[derive(Default)]
struct Raw {
    style: usize,
    kind: Kind,
    value: String,
    has_value: bool,
    formula: String,
    has_formula: bool,
    shared: Option<u32>,
}

/// The types of cells.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Text,
    Inline,
    Bool,
    Error,
    Date,
}

impl Raw {
    /// Takes the cell's tag; gives its place.
    fn begin(&mut self, tag: &Tag<'_>, next: At, sheet: &str) -> Result<At, Refusal> {
        let [place, style, kind] = tag.raw(["r", "s", "t"]);
        self.style = style.and_then(|style| style.parse().ok()).unwrap_or(0);
        self.kind = match kind {
            Some("s") => Kind::Shared,
            Some("str") => Kind::Text,
            Some("inlineStr" | "is") => Kind::Inline,
            Some("b") => Kind::Bool,
            Some("e") => Kind::Error,
            Some("d") => Kind::Date,
            _ => Kind::Number,
        };
        self.value.clear();
        self.formula.clear();
        (self.has_value, self.has_formula, self.shared) = (false, false, None);
        match place {
            Some(place) => At::parse(place).ok_or_else(|| off_grid(sheet, place)),
            None if next.row < MAX_ROWS && next.column < MAX_COLUMNS => Ok(next),
            None => Err(off_grid(sheet, &next.to_string())),
        }
    }

    /// Takes what is in the cell.
    fn read(&mut self, xml: &mut Xml<Part<'_>>) -> Result<(), Refusal> {
        loop {
            match xml.node()? {
                Node::Open(tag) => match tag.name() {
                    "v" if self.kind != Kind::Inline => {
                        self.has_value = true;
                        xml.text_into(&mut self.value, |_| true)?;
                    }
                    "is" => {
                        self.kind = Kind::Inline;
                        self.has_value = true;
                        self.value.clear();
                        rich_text(xml, &mut self.value)?;
                    }
                    "f" => {
                        self.has_formula = true;
                        let is_shared = tag.get("t").is_some_and(|kind| kind == "shared");
                        self.shared = tag.number("si").filter(|_| is_shared);
                        xml.text_into(&mut self.formula, |_| true)?;
                    }
                    _ => xml.skip()?,
                },
                Node::Close(_) | Node::End => return Ok(()),
                _ => {}
            }
        }
    }

    /// The cell with its formula, if it holds something that is kept.
    fn cell(
        &self,
        at: At,
        sheet: &Sheet,
        shared: &mut Shared,
        context: &mut Context,
    ) -> Result<Option<Kept>, Refusal> {
        if !self.has_formula
            && (!self.has_value || (self.value.is_empty() && self.kind != Kind::Inline))
        {
            return Ok(None);
        }
        let format = context.styles.get(self.style).copied().unwrap_or(0);
        if let Some(sift) = &context.sift
            && self.has_formula
        {
            // Of a formula nothing is kept but that there is one.
            let keeps = sift.keeps_formula(at.column);
            context.look_at_formula(&sheet.name, at, &self.formula);
            if !keeps {
                return Ok(None);
            }
            context.count_cell()?;
            let value = self.value(at, sheet, context, format)?;
            return Ok(Some((Cell::computed(at, value, format), None)));
        }
        context.count_cell()?;
        let value = self.value(at, sheet, context, format)?;
        let formula = self.formula(shared, context)?;
        if let Some(formula) = &formula {
            context.look_at_formula(&sheet.name, at, formula);
        }
        Ok(Some((Cell::new(at, value, format), formula)))
    }

    fn formula(
        &self,
        shared: &mut Shared,
        context: &mut Context,
    ) -> Result<Option<Arc<str>>, Refusal> {
        if !self.has_formula {
            return Ok(None);
        }
        if let Some(known) = self.shared.and_then(|number| shared.get(&number))
            && self.formula.is_empty()
        {
            return Ok(Some(Arc::clone(known)));
        }
        let formula = context.texts.keep(self.formula.trim_start_matches('='))?;
        if let Some(number) = self.shared {
            shared.insert(number, Arc::clone(&formula));
        }
        Ok(Some(formula))
    }

    fn value(
        &self,
        at: At,
        sheet: &Sheet,
        context: &mut Context,
        format: u32,
    ) -> Result<Value, Refusal> {
        let text = self.value.as_str();
        if self.has_formula && (!self.has_value || (text.is_empty() && self.kind != Kind::Text)) {
            return Ok(Value::Missing);
        }
        Ok(match self.kind {
            Kind::Shared => {
                let string = text.trim().parse().ok().and_then(|at: usize| context.strings.get(at));
                let string = string.ok_or_else(|| {
                    Refusal::damaged(format!(
                        "{}!{at} names a shared text that is not there",
                        sheet.name
                    ))
                })?;
                Value::Text(Arc::clone(string))
            }
            Kind::Text | Kind::Inline => Value::Text(context.texts.keep_escaped(text)?),
            Kind::Bool => Value::Bool(matches!(text.trim(), "1" | "true" | "TRUE")),
            Kind::Error => Value::Error(context.texts.keep(text)?),
            Kind::Date => match iso_date(text) {
                Some(date) => Value::Date(date),
                None => Value::Text(context.texts.keep(text)?),
            },
            Kind::Number => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => number_value(number, context, format),
                Ok(_) => Value::Error(context.texts.keep(text)?),
                Err(_) => Value::Text(context.texts.keep_escaped(text)?),
            },
        })
    }
}

/// A number is a day where its format says so.
pub(super) fn number_value(number: f64, context: &Context, format: u32) -> Value {
    if context.formats.get(format).kind == FormatKind::Date
        && let Some(date) = date_of_serial(number, context.dates_from_1904)
    {
        return Value::Date(date);
    }
    Value::Number(number)
}

/// The day of a serial number; in the 1900 system the 29th of February of that year is counted,
/// though there was none.
pub(super) fn date_of_serial(serial: f64, from_1904: bool) -> Option<DateTime> {
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let epoch = match from_1904 {
        true => Date::constant(1904, 1, 1),
        false if serial < 60.0 => Date::constant(1899, 12, 31),
        false => Date::constant(1899, 12, 30),
    };
    let seconds = (serial * 86_400.0).round() as i64;
    let span = jiff::Span::new().try_seconds(seconds).ok()?;
    epoch.to_datetime(Time::midnight()).checked_add(span).ok()
}

/// `2026-03-31`, `2026-03-31T12:00:00`, also with fractions of a second.
pub(super) fn iso_date(text: &str) -> Option<DateTime> {
    let text = text.trim().trim_end_matches('Z');
    let date = text.parse::<DateTime>().ok();
    date.or_else(|| text.parse::<Date>().ok().map(|date| date.to_datetime(Time::midnight())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_days() {
        let day = |serial, from_1904| date_of_serial(serial, from_1904).map(|it| it.to_string());
        assert_eq!(day(46_112.0, false).as_deref(), Some("2026-03-31T00:00:00"));
        assert_eq!(day(46_112.5, false).as_deref(), Some("2026-03-31T12:00:00"));
        assert_eq!(day(44_650.0, true).as_deref(), Some("2026-03-31T00:00:00"));
        assert_eq!(day(1.0, false).as_deref(), Some("1900-01-01T00:00:00"));
        assert_eq!(day(61.0, false).as_deref(), Some("1900-03-01T00:00:00"));
        assert_eq!(day(-1.0, false), None);
        assert_eq!(day(3e6, false), None);
        assert_eq!(day(f64::NAN, false), None);
    }

    #[test]
    fn formulas_that_leave_are_told() {
        for (formula, kind) in [
            ("SUM(A1:A9)", None),
            ("IF(OR(A1=\"[1]\",B2<3),1,0)", None),
            ("Table1[[#This Row],[Score]]", None),
            ("WebService(\"http://example.com\")", Some(FlagKind::Fetch)),
            ("_xlfn.WEBSERVICE(A1)", Some(FlagKind::Fetch)),
            ("cmd|'/C calc'!A0", Some(FlagKind::Fetch)),
            ("HYPERLINK(\"http://example.com\")", Some(FlagKind::Hyperlink)),
            ("[1]Sheet1!A1", Some(FlagKind::ExternalLink)),
            ("'file:///tmp/a.ods'#$Sheet1.A1", Some(FlagKind::ExternalLink)),
        ] {
            assert_eq!(leaves_the_book(formula), kind, "{formula}");
        }
    }
}
