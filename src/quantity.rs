//! Numbers with units: families, conversion and printing.
//!
//! A *unit* is a word as written (`ms`, `features`); a *dimension* is what units check by: `ms` and
//! `h` share one. Cells hold numbers in their own unit; a formula computes in base units (the
//! smallest of a family, so that whole numbers stay whole).

use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// A unit as written, interned in [`Units`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(pub u32);

impl UnitId {
    /// No unit: a bare number.
    pub const BARE: UnitId = UnitId(0);
    /// `%`: a bare number, shown times one hundred.
    pub const PERCENT: UnitId = UnitId(1);
    /// Person-weeks, the unit of capacity.
    pub const PERSON_WEEKS: UnitId = UnitId(2);
}

/// A product of base units, interned in [`Units`]; what units check by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dim(pub u32);

impl Dim {
    /// No unit, or units that cancelled.
    pub const BARE: Dim = Dim(0);
    /// Effort, in person-hours.
    pub const EFFORT: Dim = Dim(1);
}

/// A unit of a family: its word, the base unit of its family and its size in base units.
struct Known {
    word: &'static str,
    base: &'static str,
    size: f64,
}

const fn known(word: &'static str, base: &'static str, size: f64) -> Known {
    Known { word, base, size }
}

/// The units that convert (`language.md`, "Lexical rules"): a day is 24 h, effort has 8 h a day and
/// 5 days a week, bytes are decimal.
const KNOWN: &[Known] = &[
    known("pw", "ph", 40.0),
    known("pd", "ph", 8.0),
    known("ph", "ph", 1.0),
    known("ms", "ms", 1.0),
    known("s", "ms", 1e3),
    known("min", "ms", 60e3),
    known("h", "ms", 3_600e3),
    known("d", "ms", 86_400e3),
    known("w", "ms", 604_800e3),
    known("minute", "ms", 60e3),
    known("hour", "ms", 3_600e3),
    known("day", "ms", 86_400e3),
    known("week", "ms", 604_800e3),
    known("B", "B", 1.0),
    known("kB", "B", 1e3),
    known("MB", "B", 1e6),
    known("GB", "B", 1e9),
    known("TB", "B", 1e12),
];

/// Currency signs that stand before a number, and their units.
pub const CURRENCIES: [(char, &str); 4] = [('$', "USD"), ('€', "EUR"), ('£', "GBP"), ('¥', "JPY")];

/// Magnitudes glued to a number, with their power of ten.
pub const MAGNITUDES: [(&str, i32); 3] = [("k", 3), ("M", 6), ("B", 9)];

/// A word without the final `s` that a word of four letters or more may have.
pub fn singular(word: &str) -> &str {
    let mut word = word;
    // `class` is `clas` without its `s`, and that is a word of four letters, too.
    while let Some(stem) = word.strip_suffix('s').filter(|_| word.chars().count() >= 4) {
        word = stem;
    }
    word
}

#[derive(Debug)]
struct Unit {
    word: String,
    dim: Dim,
    size: f64,
}

/// All units and dimensions of a plan.
#[derive(Debug)]
pub struct Units {
    units: Vec<Unit>,
    by_word: FxHashMap<String, UnitId>,
    bases: FxHashMap<String, Dim>,
    dims: Vec<Vec<(u32, i32)>>,
    dim_of: FxHashMap<Vec<(u32, i32)>, Dim>,
    base_words: Vec<String>,
}

impl Default for Units {
    fn default() -> Self {
        let mut units = Self {
            units: Vec::new(),
            by_word: FxHashMap::default(),
            bases: FxHashMap::default(),
            dims: vec![Vec::new()],
            dim_of: FxHashMap::default(),
            base_words: Vec::new(),
        };
        units.dim_of.insert(Vec::new(), Dim::BARE);
        units.units.push(Unit { word: String::new(), dim: Dim::BARE, size: 1.0 });
        units.units.push(Unit { word: "%".into(), dim: Dim::BARE, size: 1.0 });
        units.by_word.insert("%".into(), UnitId::PERCENT);
        for known in KNOWN {
            units.intern(known.word);
        }
        units
    }
}

impl Units {
    /// The unit of a word. Any word that is not known is a unit of its own kind.
    pub fn intern(&mut self, word: &str) -> UnitId {
        if let Some(&unit) = self.by_word.get(word) {
            return unit;
        }
        let stem = singular(word);
        let known = KNOWN.iter().find(|known| known.word == word || known.word == stem);
        let (base, size) = known.map_or((stem, 1.0), |known| (known.base, known.size));
        let dim = self.base_dim(base);
        let unit = UnitId(self.units.len() as u32);
        self.units.push(Unit { word: word.to_owned(), dim, size });
        self.by_word.insert(word.to_owned(), unit);
        unit
    }

    fn base_dim(&mut self, base: &str) -> Dim {
        if let Some(&dim) = self.bases.get(base) {
            return dim;
        }
        self.base_words.push(base.to_owned());
        let dim = self.intern_dim(vec![(self.base_words.len() as u32 - 1, 1)]);
        self.bases.insert(base.to_owned(), dim);
        dim
    }

    fn intern_dim(&mut self, product: Vec<(u32, i32)>) -> Dim {
        if let Some(&dim) = self.dim_of.get(&product) {
            return dim;
        }
        let dim = Dim(self.dims.len() as u32);
        self.dims.push(product.clone());
        self.dim_of.insert(product, dim);
        dim
    }

    /// The word of a unit, as written; empty for bare numbers.
    pub fn word(&self, unit: UnitId) -> &str {
        &self.units[unit.0 as usize].word
    }

    /// What the unit checks by.
    pub fn dim(&self, unit: UnitId) -> Dim {
        self.units[unit.0 as usize].dim
    }

    /// How many base units one of it is.
    pub fn size(&self, unit: UnitId) -> f64 {
        self.units[unit.0 as usize].size
    }

    /// A number of one unit in another of the same family.
    pub fn convert(&self, value: f64, from: UnitId, to: UnitId) -> f64 {
        let (from, to) = (self.size(from), self.size(to));
        match from.partial_cmp(&to) {
            _ if from == to => value,
            Some(std::cmp::Ordering::Greater) => value * (from / to),
            _ => value / (to / from),
        }
    }

    /// The dimension of a product, or with `sign` −1 of a quotient.
    pub fn product(&mut self, left: Dim, right: Dim, sign: i32) -> Dim {
        if right == Dim::BARE {
            return left;
        }
        let mut product = self.dims[left.0 as usize].clone();
        for &(base, power) in &self.dims[right.0 as usize].clone() {
            match product.iter_mut().find(|(other, _)| *other == base) {
                Some((_, sum)) => *sum = sum.saturating_add(sign * power),
                None => product.push((base, sign * power)),
            }
        }
        product.retain(|&(_, power)| power != 0);
        product.sort_unstable();
        self.intern_dim(product)
    }

    /// The dimension raised to a whole power; `None` if the power is absurd.
    pub fn power(&mut self, dim: Dim, exponent: i32) -> Option<Dim> {
        let product: Option<Vec<_>> = self.dims[dim.0 as usize]
            .iter()
            .map(|&(base, power)| Some((base, power.checked_mul(exponent)?)))
            .collect();
        let mut product = product?;
        product.retain(|&(_, power)| power != 0);
        Some(self.intern_dim(product))
    }

    /// The dimension's square root, if it has one.
    pub fn root(&mut self, dim: Dim) -> Option<Dim> {
        let product = &self.dims[dim.0 as usize];
        if product.iter().any(|&(_, power)| power % 2 != 0) {
            return None;
        }
        let halved = product.iter().map(|&(base, power)| (base, power / 2)).collect();
        Some(self.intern_dim(halved))
    }

    /// The dimension in words: `ms`, `EUR/ms`, `ms^2`, or `a bare number`.
    pub fn describe(&self, dim: Dim) -> String {
        if dim == Dim::BARE {
            return "a bare number".into();
        }
        let part = |&(base, power): &(u32, i32)| {
            let word = &self.base_words[base as usize];
            if power.abs() == 1 { word.clone() } else { format!("{word}^{}", power.abs()) }
        };
        let product = &self.dims[dim.0 as usize];
        let above: Vec<_> = product.iter().filter(|part| part.1 > 0).map(part).collect();
        let below: Vec<_> = product.iter().filter(|part| part.1 < 0).map(part).collect();
        let above = if above.is_empty() { "1".into() } else { above.join("*") };
        if below.is_empty() { above } else { format!("{above}/{}", below.join("/")) }
    }

    /// A number in its unit, rounded for reading: `610 ms`, `4.2M EUR`, `3.1%`.
    pub fn show(&self, value: f64, unit: UnitId) -> String {
        match unit {
            UnitId::PERCENT => format!("{}%", readable(value * 100.0)),
            UnitId::BARE => readable(value).into_owned(),
            _ => format!("{} {}", magnitude(value), self.word(unit)),
        }
    }

    /// A number in its unit as the language writes it, exactly.
    pub fn spell(&self, value: f64, unit: UnitId) -> String {
        match unit {
            UnitId::PERCENT => format!("{}%", shift_point(value, 2)),
            UnitId::BARE => format!("{value}"),
            _ => format!("{value} {}", self.word(unit)),
        }
    }
}

/// The short words of the family of a unit, such as `ms`, `s`, `min`, …; empty if it has none.
pub fn family(word: &str) -> Vec<&'static str> {
    let stem = singular(word);
    let Some(known) = KNOWN.iter().find(|it| it.word == word || it.word == stem) else {
        return Vec::new();
    };
    let same = KNOWN.iter().filter(|it| it.base == known.base && it.word.len() <= 3);
    same.map(|it| it.word).filter(|word| *word != "day").collect()
}

/// A number rounded to at most four significant digits, or whole if larger.
pub fn readable(value: f64) -> Cow<'static, str> {
    if value == 0.0 {
        return Cow::Borrowed("0");
    }
    let digits = value.abs().log10().floor() as i32;
    if !(-9..15).contains(&digits) {
        return Cow::Owned(format!("{value:.3e}"));
    }
    let decimals = (3 - digits).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    Cow::Owned(if text == "-0" { "0".into() } else { text })
}

/// A number for reading, with `k`, `M` or `B` from ten thousand on.
fn magnitude(value: f64) -> Cow<'static, str> {
    let fits = |&&(_, power): &&(&str, i32)| value.abs() >= 10f64.powi(power) && value.abs() >= 1e4;
    match MAGNITUDES.iter().rev().find(fits) {
        Some((sign, power)) => {
            Cow::Owned(format!("{}{sign}", readable(value / 10f64.powi(*power))))
        }
        None => readable(value),
    }
}

/// The decimal digits of a number times a power of ten, exactly as many as it needs.
fn shift_point(value: f64, by: i32) -> String {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<i32>().unwrap_or(0) + by;
    let shifted = format!("{mantissa}e{exponent}").parse::<f64>().unwrap_or(value);
    format!("{shifted}")
}

/// A grade with two decimals. It is rounded, but never up to a twentieth that it has not reached:
/// 0.698 reads 0.69, so that no grade looks like a band's threshold from below.
pub fn grade(grade: f64) -> String {
    let hundredths = (grade * 100.0).round();
    let reached = grade * 100.0 >= hundredths - 1e-7;
    let shown = if !reached && hundredths % 5.0 == 0.0 { hundredths - 1.0 } else { hundredths };
    // The sum makes a negative zero positive.
    let shown = shown + 0.0;
    match shown {
        0.0..1_000.0 => format!("{}.{:02}", shown as u32 / 100, shown as u32 % 100),
        1_000.0..10_000.0 => format!("{:.1}", shown / 100.0),
        10_000.0..99_950.0 => format!("{:.0}", shown / 100.0),
        99_950.0.. => ">999".into(),
        _ => format!("{:.1}", shown / 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fall_into_families() {
        let mut units = Units::default();
        let (feature, features) = (units.intern("feature"), units.intern("features"));
        assert_eq!(units.dim(feature), units.dim(features));
        assert_ne!(units.dim(units.by_word["ms"]), units.dim(feature));
        let days = units.intern("days");
        let hours = units.intern("h");
        assert_eq!(units.convert(2.0, days, hours), 48.0);
        assert_eq!(units.dim(UnitId::PERSON_WEEKS), Dim::EFFORT);
        let (rps, rp) = (units.intern("rps"), units.intern("rp"));
        assert_ne!(units.dim(rps), units.dim(rp));
    }

    #[test]
    fn dimensions_multiply_and_cancel() {
        let mut units = Units::default();
        let ms = units.dim(units.by_word["ms"]);
        let eur = units.intern("EUR");
        let eur = units.dim(eur);
        let rate = units.product(eur, ms, -1);
        assert_eq!(units.describe(rate), "EUR/ms");
        assert_eq!(units.product(rate, ms, 1), eur);
        let square = units.power(ms, 2);
        assert_eq!(square.and_then(|square| units.root(square)), Some(ms));
        assert_eq!(units.root(ms), None);
    }

    #[test]
    fn numbers_read_well() {
        let mut units = Units::default();
        let eur = units.intern("EUR");
        assert_eq!(units.show(4_200_000.0, eur), "4.2M EUR");
        assert_eq!(units.show(0.031, UnitId::PERCENT), "3.1%");
        assert_eq!(units.spell(0.031, UnitId::PERCENT), "3.1%");
        assert_eq!(readable(0.333_333), "0.3333");
        assert_eq!(readable(-1234567.0), "-1234567");
        assert_eq!(readable(1e300), "1.000e300");
    }
}
