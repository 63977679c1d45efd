//! How cells look: one style for what may be edited, one for what only refers, one for what is
//! computed.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};
use rustc_hash::FxHashMap;

/// What a cell is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// The sheet's title.
    Title,
    /// A line below the title.
    Subtitle,
    /// A heading above a table.
    Heading,
    /// A header of a table.
    Header,
    /// A header over numbers.
    HeaderRight,
    /// May be edited.
    Input,
    /// May be edited; a text that wraps.
    InputText,
    /// May be edited; a word in the place of a number.
    InputWord,
    /// Grey: which row this is.
    Reference,
    /// Grey, on one line.
    ReferenceLine,
    /// Grey number.
    ReferenceNumber,
    /// Computed number.
    Computed,
    /// Computed number that differs from the plan as it is.
    Changed,
    /// Computed text.
    Text,
    /// A text in a column of numbers.
    TextRight,
    /// Computed word in the middle.
    Word,
    /// Wrapped running text.
    Prose,
    /// Small grey remark.
    Remark,
}

const DARK: u32 = 0x1F_2A_44;
const LINE: u32 = 0xD9_DD_E5;
const PAPER: u32 = 0xFF_F9_E3;
const INK: u32 = 0x1F_4E_8C;
const GREY: u32 = 0x6B_72_80;

/// The colours of a band: its fill and its letters.
pub const BANDS: [(&str, u32, u32); 3] = [
    ("green", 0xD5_EF_D8, 0x1B_5E_20),
    ("yellow", 0xFF_F0_B8, 0x7A_4F_00),
    ("red", 0xF9_D3_D3, 0x9B_1C_1C),
];

/// The colour of data bars and of the chart.
pub const BAR: u32 = 0x8F_B3_DE;

/// A number format, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form(u16);

/// The number formats of a workbook, by their codes.
#[derive(Debug, Default)]
pub struct Forms {
    known: FxHashMap<Box<str>, Form>,
    /// The one of no code.
    none: Option<Form>,
}

impl Forms {
    /// The number of a format, and whether it is new.
    pub fn number(&mut self, code: &str) -> (Form, bool) {
        if let (true, Some(none)) = (code.is_empty(), self.none) {
            return (none, false);
        }
        if let Some(known) = self.known.get(code) {
            return (*known, false);
        }
        let form = Form(self.known.len() as u16);
        self.known.insert(code.into(), form);
        if code.is_empty() {
            self.none = Some(form);
        }
        (form, true)
    }
}

/// Formats of cells, each made once.
#[derive(Default)]
pub struct Styles {
    /// The codes of number formats, by their numbers.
    codes: Vec<Box<str>>,
    /// The formats of each look, by the numbers of the number formats.
    made: FxHashMap<Look, Vec<Option<Format>>>,
}

impl Styles {
    /// Takes the next number format.
    pub fn add(&mut self, code: Box<str>) {
        self.codes.push(code);
    }

    /// The format of a look, with a number format if it has one.
    pub fn get(&mut self, look: Look, form: Form) -> &Format {
        let at = usize::from(form.0);
        let made = self.made.entry(look).or_default();
        if made.len() <= at {
            made.resize(at + 1, None);
        }
        let code = self.codes.get(at).map_or("", |code| code);
        made[at].get_or_insert_with(|| {
            let format = plain(look);
            if code.is_empty() { format } else { format.set_num_format(code) }
        })
    }
}

fn ruled() -> Format {
    Format::new()
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(LINE))
        .set_align(FormatAlign::Top)
}

fn left(format: Format) -> Format {
    format.set_align(FormatAlign::Left).set_indent(1)
}

fn plain(look: Look) -> Format {
    let input = || {
        ruled()
            .set_background_color(Color::RGB(PAPER))
            .set_font_color(Color::RGB(INK))
            .set_unlocked()
    };
    let header = || {
        Format::new()
            .set_bold()
            .set_font_color(Color::White)
            .set_background_color(Color::RGB(DARK))
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(DARK))
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap()
    };
    match look {
        Look::Title => Format::new().set_bold().set_font_size(18).set_font_color(Color::RGB(DARK)),
        Look::Subtitle => Format::new().set_font_color(Color::RGB(GREY)),
        Look::Heading => {
            Format::new().set_bold().set_font_size(13).set_font_color(Color::RGB(DARK))
        }
        Look::Header => left(header()),
        Look::HeaderRight => header().set_align(FormatAlign::Right),
        Look::Input => input().set_align(FormatAlign::Right),
        Look::InputText => left(input()).set_text_wrap(),
        Look::InputWord => input().set_text_wrap().set_align(FormatAlign::Right),
        Look::Reference => left(ruled()).set_font_color(Color::RGB(GREY)).set_text_wrap(),
        Look::ReferenceLine => left(ruled()).set_font_color(Color::RGB(GREY)),
        Look::ReferenceNumber => {
            ruled().set_font_color(Color::RGB(GREY)).set_align(FormatAlign::Right)
        }
        Look::Computed => ruled().set_align(FormatAlign::Right),
        Look::Changed => ruled()
            .set_align(FormatAlign::Right)
            .set_bold()
            .set_background_color(Color::RGB(0xE8_F0_FA)),
        Look::Text => left(ruled()).set_text_wrap(),
        Look::TextRight => ruled().set_text_wrap().set_align(FormatAlign::Right),
        Look::Word => ruled().set_align(FormatAlign::Center).set_text_wrap(),
        Look::Prose => Format::new().set_text_wrap().set_align(FormatAlign::Top),
        Look::Remark => Format::new()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_font_size(9)
            .set_font_color(Color::RGB(GREY)),
    }
}

/// How many lines a text takes in a column of so many characters.
pub fn lines(text: &str, width: f64) -> usize {
    // A column's width is counted in digits; letters are a little narrower, but words leave a gap at
    // the end of each line.
    let line = |line: &str| {
        let letters = unicode_width::UnicodeWidthStr::width(line) as f64;
        if letters <= width * 1.12 { 1 } else { (letters / width.max(1.0)).ceil() as usize }
    };
    text.split('\n').map(line).sum()
}

/// How many characters a number takes in a format; 0 where the format makes it fit.
pub fn width_of(number: f64, form: &str) -> f64 {
    if form.is_empty() || form == "General" || form.contains('y') || !number.is_finite() {
        return 0.0;
    }
    let percent = form.ends_with('%');
    let shown = if percent { number.abs() * 100.0 } else { number.abs() };
    let digits = if shown < 1.0 { 1.0 } else { shown.log10().floor() + 1.0 };
    let groups = if form.contains(',') { ((digits - 1.0) / 3.0).floor() } else { 0.0 };
    let decimals =
        form.split_once('.').map_or(0, |(_, after)| after.trim_end_matches('%').len() + 1);
    digits
        + groups
        + decimals as f64
        + f64::from(u8::from(percent))
        + f64::from(u8::from(number < 0.0))
}

/// The number format of a row's numbers: as many decimals as they need, at most four.
pub fn number_format(percent: bool, numbers: impl IntoIterator<Item = f64>) -> String {
    let (mut decimals, mut tiny) = (0, false);
    for number in numbers {
        decimals = decimals.max(self::decimals(number, percent));
        let shown = if percent { number * 100.0 } else { number };
        tiny |= shown != 0.0 && shown.abs() < 0.01 && !(0..=4).any(|count| near(shown, count));
    }
    // What would look like nothing is shown with the digits that it has.
    match (tiny, percent) {
        (true, false) => return "General".into(),
        (true, true) => return "0.000000%".into(),
        _ => {}
    }
    let zeros = "0".repeat(decimals);
    match (percent, decimals) {
        (true, 0) => "0%".into(),
        (true, _) => format!("0.{zeros}%"),
        (false, 0) => "#,##0".into(),
        (false, _) => format!("#,##0.{zeros}"),
    }
}

/// How many decimals a number needs, at most four, or two where it is no short one.
fn decimals(number: f64, percent: bool) -> usize {
    let shown = if percent { number * 100.0 } else { number };
    (0..=4).find(|&count| near(shown, count)).unwrap_or(2)
}

fn near(number: f64, decimals: usize) -> bool {
    let scale = 10_f64.powi(decimals as i32);
    let scaled = number * scale;
    (scaled - scaled.round()).abs() <= scaled.abs() * 1e-12
}

#[cfg(test)]
mod tests {
    use super::{number_format, width_of};

    #[test]
    fn numbers_have_the_decimals_that_they_need() {
        assert_eq!(number_format(true, [0.58, 0.66]), "0%");
        assert_eq!(number_format(true, [0.062, 0.0775]), "0.00%");
        assert_eq!(number_format(false, [900.0, 400.0]), "#,##0");
        assert_eq!(number_format(false, [2.1, 0.9]), "#,##0.0");
        assert_eq!(number_format(false, [1.0 / 3.0]), "#,##0.00");
        assert_eq!(number_format(false, []), "#,##0");
        assert_eq!(number_format(false, [0.000_012, 3.0]), "General");
        assert_eq!(number_format(true, [0.000_000_12]), "0.000000%");
        assert_eq!(number_format(false, [0.0012]), "#,##0.0000");
    }

    #[test]
    fn numbers_take_room() {
        assert_eq!(width_of(12_345_678_901.25, "#,##0.00"), 17.0);
        assert_eq!(width_of(-0.5, "0%"), 4.0);
        assert_eq!(width_of(1e15, "General"), 0.0);
    }
}
