//! `.ods`: the content part of an OpenDocument spreadsheet.

use super::super::guard::{
    MAX_COLUMNS, MAX_MERGED, MAX_ROWS, MAX_SHEETS, MAX_STYLES, MAX_TEXT, Node, Package, Part,
    Refusal, Tag, Xml, at_most,
};
use super::cells::{Area, At, Cell, Sheet, Value, Visibility};
use super::format::{Format, FormatKind};
use super::notes;
use super::sheet::{Context, iso_date};
use super::{Book, Kind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Whether a package is an OpenDocument file.
pub(super) fn is_one(package: &Package<'_>) -> bool {
    package.has("content.xml") && package.has("META-INF/manifest.xml")
}

/// Reads a spreadsheet.
pub(super) fn read(package: &mut Package<'_>, context: Context) -> Result<Book, Refusal> {
    refuse_password(package)?;
    let mut reader =
        Reader { xml: package.xml("content.xml")?, context, styles: Styles::default() };
    let sheets = reader.sheets()?;
    let Context { formats, flags, .. } = reader.context;
    let formats = formats.into_list();
    Ok(Book { kind: Kind::Ods, sheets, formats, flags, dates_from_1904: false })
}

fn refuse_password(package: &mut Package<'_>) -> Result<(), Refusal> {
    let mut xml = package.xml("META-INF/manifest.xml")?;
    loop {
        match xml.node()? {
            Node::Open(tag) if tag.name() == "encryption-data" => {
                let what = "the workbook is protected by a password";
                return Err(Refusal::new(what, "save it again without a password"));
            }
            Node::End => return Ok(()),
            _ => {}
        }
    }
}

/// What the automatic styles say.
#[derive(Default)]
struct Styles {
    /// Number formats by the name of their style.
    data: FxHashMap<String, Format>,
    /// Number formats by the name of the cells' style.
    cells: FxHashMap<String, Format>,
    /// Styles of tables that are not shown.
    hidden: FxHashSet<String>,
}

struct Reader<'p> {
    xml: Xml<Part<'p>>,
    context: Context,
    styles: Styles,
}

/// A cell as the file has it, which may be repeated.
struct Raw {
    columns: u64,
    span: (u32, u32),
    value: Option<Value>,
    formula: Option<Arc<str>>,
    format: u32,
    notes: Vec<(String, String)>,
}

impl Reader<'_> {
    fn sheets(&mut self) -> Result<Vec<Sheet>, Refusal> {
        let mut sheets = Vec::new();
        let mut is_spreadsheet = false;
        loop {
            match self.xml.node()? {
                Node::Open(tag) => match tag.name() {
                    "automatic-styles" => self.automatic_styles()?,
                    "spreadsheet" => is_spreadsheet = true,
                    // These hold cells that are no longer there.
                    "tracked-changes" | "shapes" | "dde-links" => self.xml.skip()?,
                    "table" => {
                        let name = tag.get("name").unwrap_or_default().into_owned();
                        let style = tag.get("style-name").unwrap_or_default();
                        let visibility = match self.styles.hidden.contains(style.as_ref()) {
                            true => Visibility::Hidden,
                            false => Visibility::Visible,
                        };
                        sheets.push(self.sheet(&name, visibility)?);
                        at_most(sheets.len(), MAX_SHEETS, "sheets")?;
                    }
                    _ => {}
                },
                Node::End if is_spreadsheet => return Ok(sheets),
                Node::End => {
                    let what = "the file is an OpenDocument file, but no spreadsheet";
                    return Err(Refusal::new(what, "give a spreadsheet"));
                }
                _ => {}
            }
        }
    }

    /// Reads the automatic styles up to their end.
    fn automatic_styles(&mut self) -> Result<(), Refusal> {
        let (mut data, mut style) = (None::<(String, Format)>, String::new());
        loop {
            match self.xml.node()? {
                Node::Open(tag) => match tag.name() {
                    kind @ ("number-style" | "percentage-style" | "currency-style"
                    | "date-style" | "time-style" | "text-style" | "boolean-style") => {
                        let name = tag.get("name").unwrap_or_default().into_owned();
                        data = Some((name, Format::of(kind_of_style(kind))));
                    }
                    "text" | "currency-symbol" if data.is_some() => {
                        let text = self.xml.text(|_| true)?;
                        if let Some((_, format)) = &mut data {
                            add_unit(format, &text);
                        }
                    }
                    "style" => {
                        style = tag.get("name").unwrap_or_default().into_owned();
                        let data = tag.get("data-style-name").unwrap_or_default();
                        if let Some(format) = self.styles.data.get(data.as_ref()) {
                            self.styles.cells.insert(style.clone(), format.clone());
                        }
                    }
                    "table-properties" if tag.get("display").is_some_and(|it| it == "false") => {
                        self.styles.hidden.insert(style.clone());
                    }
                    _ => {}
                },
                Node::Close(name) if name.name() == "automatic-styles" => return Ok(()),
                Node::Close(name) if name.name().ends_with("-style") => {
                    self.styles.data.extend(data.take());
                }
                Node::End => return Ok(()),
                _ => {}
            }
            let count = self.styles.data.len() + self.styles.cells.len() + self.styles.hidden.len();
            at_most(count, MAX_STYLES, "cell styles")?;
        }
    }

    /// Reads a table up to its end.
    fn sheet(&mut self, name: &str, visibility: Visibility) -> Result<Sheet, Refusal> {
        let mut sheet = Sheet::new(name, visibility);
        let (mut row, mut depth) = (0_u64, 0);
        loop {
            match self.xml.node()? {
                Node::Open(tag) => match tag.name() {
                    "table-row" => {
                        let times = repeats(&tag, "number-rows-repeated", &sheet.name)?;
                        self.row(&mut sheet, row, times)?;
                        row += times;
                        on_grid(row <= u64::from(MAX_ROWS), &sheet.name)?;
                    }
                    // Groups, headers and the like hold rows; the rest does not.
                    "table-row-group" | "table-header-rows" | "table-rows" => depth += 1,
                    _ => self.xml.skip()?,
                },
                Node::Close(_) if depth == 0 => break,
                Node::Close(_) => depth -= 1,
                Node::End => break,
                _ => {}
            }
        }
        sheet.finish()?;
        Ok(sheet)
    }

    /// Reads a row up to its end; it stands in the sheet so many times.
    fn row(&mut self, sheet: &mut Sheet, row: u64, times: u64) -> Result<(), Refusal> {
        let mut column = 0_u64;
        let mut cells = Vec::new();
        loop {
            let raw = match self.xml.node()? {
                Node::Open(tag) if matches!(tag.name(), "table-cell" | "covered-table-cell") => {
                    let raw = Raw::begin(&tag, &self.styles, &mut self.context, &sheet.name)?;
                    let typed = Typed::of(&tag);
                    self.cell(raw, typed)?
                }
                Node::Open(_) => {
                    self.xml.skip()?;
                    continue;
                }
                Node::Close(_) | Node::End => break,
                _ => continue,
            };
            let columns = raw.columns;
            if raw.value.is_some() || raw.formula.is_some() || raw.span != (1, 1) {
                cells.push((column, raw));
            }
            column += columns;
            on_grid(column <= u64::from(MAX_COLUMNS), &sheet.name)?;
        }
        if cells.is_empty() {
            return Ok(());
        }
        on_grid(row + times <= u64::from(MAX_ROWS), &sheet.name)?;
        for row in row..row + times {
            for (column, raw) in &cells {
                for column in *column..column + raw.columns {
                    raw.add(At::new(row as u32, column as u32), sheet, &mut self.context)?;
                }
            }
        }
        Ok(())
    }

    /// Reads what is in a cell up to its end.
    fn cell(&mut self, mut raw: Raw, typed: Typed) -> Result<Raw, Refusal> {
        let mut text: Option<String> = None;
        loop {
            match self.xml.node()? {
                Node::Open(tag) => match tag.name() {
                    "p" => {
                        let text = match &mut text {
                            Some(text) => {
                                text.push('\n');
                                text
                            }
                            None => text.insert(String::new()),
                        };
                        paragraph(&mut self.xml, text)?;
                    }
                    "annotation" => raw.notes.push(annotation(&mut self.xml)?),
                    _ => self.xml.skip()?,
                },
                Node::Close(_) | Node::End => break,
                _ => {}
            }
        }
        raw.value = typed.value(text, raw.formula.is_some(), &mut self.context)?;
        Ok(raw)
    }
}

fn kind_of_style(style: &str) -> FormatKind {
    match style {
        "percentage-style" => FormatKind::Percent,
        "date-style" => FormatKind::Date,
        "time-style" => FormatKind::Time,
        "text-style" => FormatKind::Text,
        _ => FormatKind::Number,
    }
}

/// A word beside the digits of a number format is its unit.
fn add_unit(format: &mut Format, text: &str) {
    let quoted = format!("0\"{}\"", text.replace('"', ""));
    if format.kind == FormatKind::Number && format.unit.is_none() {
        format.unit = Format::of_code(&quoted).unit;
    }
}

/// How often a cell or a row stands there.
fn repeats(tag: &Tag<'_>, name: &str, sheet: &str) -> Result<u64, Refusal> {
    let Some(text) = tag.get(name) else { return Ok(1) };
    let times = text.trim().parse::<u64>().ok().filter(|&it| it <= u64::from(MAX_ROWS));
    on_grid(times.is_some(), sheet)?;
    Ok(times.unwrap_or(1).max(1))
}

fn on_grid(is_on: bool, sheet: &str) -> Result<(), Refusal> {
    if is_on {
        return Ok(());
    }
    let what = format!("{sheet} repeats cells beyond 1,048,576 rows or 16,384 columns");
    Err(Refusal::too_much(what))
}

impl Raw {
    fn begin(
        tag: &Tag<'_>,
        styles: &Styles,
        context: &mut Context,
        sheet: &str,
    ) -> Result<Self, Refusal> {
        let span = |name: &str, most: u32| tag.number::<u32>(name).unwrap_or(1).clamp(1, most);
        let formula = match tag.get("formula") {
            Some(formula) => {
                let plain = formula.split_once(":=").map_or(formula.as_ref(), |(_, plain)| plain);
                Some(context.texts.keep(plain.trim_start_matches('='))?)
            }
            None => None,
        };
        let format = match tag.get("value-type").as_deref() {
            Some("percentage") => Format::of(FormatKind::Percent),
            Some("date") => Format::of(FormatKind::Date),
            Some("time") => Format::of(FormatKind::Time),
            Some("currency") => {
                let unit = tag.get("currency").map(|unit| context.texts.keep(&unit)).transpose()?;
                Format { kind: FormatKind::Number, unit }
            }
            _ => {
                let style = tag.get("style-name").unwrap_or_default();
                styles.cells.get(style.as_ref()).cloned().unwrap_or_default()
            }
        };
        Ok(Self {
            columns: repeats(tag, "number-columns-repeated", sheet)?,
            span: (
                span("number-rows-spanned", MAX_ROWS),
                span("number-columns-spanned", MAX_COLUMNS),
            ),
            value: None,
            formula,
            format: context.formats.intern(format),
            notes: Vec::new(),
        })
    }

    fn add(&self, at: At, sheet: &mut Sheet, context: &mut Context) -> Result<(), Refusal> {
        if self.span != (1, 1) {
            let last = (at.row + self.span.0 - 1).min(MAX_ROWS - 1);
            let last = At::new(last, (at.column + self.span.1 - 1).min(MAX_COLUMNS - 1));
            at_most(sheet.merged.len() + 1, MAX_MERGED, "merged ranges on a sheet")?;
            sheet.merged.push(Area { first: at, last });
        }
        for (author, text) in &self.notes {
            notes::add(&mut sheet.notes, at, author, text)?;
        }
        if let Some(formula) = &self.formula {
            context.look_at_formula(&sheet.name, at, formula);
        }
        if let Some(value) = &self.value {
            context.count_cell()?;
            sheet.push(Cell::new(at, value.clone(), self.format), self.formula.clone());
        }
        Ok(())
    }
}

/// The type that a cell's attributes give, and its value as they give it.
struct Typed {
    kind: String,
    value: Option<String>,
}

impl Typed {
    fn of(tag: &Tag<'_>) -> Self {
        // An error is text with a type of its own.
        let is_error = tag.get("value-type").is_some() && {
            let [extended] = tag.raw(["calcext:value-type"]);
            extended == Some("error")
        };
        let kind = match is_error {
            true => "error".to_owned(),
            false => tag.get("value-type").unwrap_or_default().into_owned(),
        };
        let name = match kind.as_str() {
            "boolean" => "boolean-value",
            "date" => "date-value",
            "time" => "time-value",
            "string" => "string-value",
            _ => "value",
        };
        let value = tag.get(name).map(std::borrow::Cow::into_owned);
        Self { kind, value }
    }

    fn value(
        self,
        text: Option<String>,
        is_formula: bool,
        context: &mut Context,
    ) -> Result<Option<Value>, Refusal> {
        let shown = text.unwrap_or_default();
        let given = self.value.unwrap_or_default();
        let text = |context: &mut Context, text: &str| context.texts.keep(text).map(Value::Text);
        Ok(Some(match self.kind.as_str() {
            "error" => Value::Error(context.texts.keep(&shown)?),
            "float" | "percentage" | "currency" => match given.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Number(number),
                _ => Value::Error(context.texts.keep(&given)?),
            },
            "boolean" => Value::Bool(given == "true"),
            "date" => match iso_date(&given) {
                Some(date) => Value::Date(date),
                None => text(context, &shown)?,
            },
            "time" => match given.parse::<jiff::SignedDuration>() {
                Ok(duration) => Value::Number(duration.as_secs_f64() / 86_400.0),
                Err(_) => text(context, &shown)?,
            },
            "string" if given.is_empty() => text(context, &shown)?,
            "string" => text(context, &given)?,
            // An error in older files: a formula with a type that says nothing.
            _ if shown.starts_with('#') && is_formula => Value::Error(context.texts.keep(&shown)?),
            _ if !shown.is_empty() => text(context, &shown)?,
            _ if is_formula => Value::Missing,
            _ => return Ok(None),
        }))
    }
}

/// The text of a paragraph, with its spaces, tabs and line breaks.
fn paragraph(xml: &mut Xml<Part<'_>>, text: &mut String) -> Result<(), Refusal> {
    let mut depth = 0;
    loop {
        match xml.node()? {
            Node::Open(tag) => {
                depth += 1;
                match tag.name() {
                    "s" => {
                        let count = tag.number::<usize>("c").unwrap_or(1).min(MAX_TEXT + 1);
                        text.extend(std::iter::repeat_n(' ', count));
                    }
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    _ => {}
                }
            }
            Node::Close(_) if depth == 0 => return Ok(()),
            Node::Close(_) => depth -= 1,
            Node::Text(piece) => text.push_str(&piece),
            Node::End => return Ok(()),
            _ => {}
        }
        if text.len() > MAX_TEXT {
            let what = format!("the workbook has a text of more than {} KB", MAX_TEXT >> 10);
            return Err(Refusal::too_much(what));
        }
    }
}

/// A note: its author and its text.
fn annotation(xml: &mut Xml<Part<'_>>) -> Result<(String, String), Refusal> {
    let (mut author, mut text) = (String::new(), String::new());
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "creator" => xml.text_into(&mut author, |_| true)?,
                "p" => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    paragraph(xml, &mut text)?;
                }
                _ => xml.skip()?,
            },
            Node::Close(_) | Node::End => return Ok((author, text)),
            _ => {}
        }
    }
}
