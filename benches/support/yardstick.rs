//! The yardstick plan: a made-up company's quarter, as large as asked for and always the same.
//!
//! Benches measure on it, `examples/yardstick.rs` writes it to a file. Four key results make an
//! objective, twenty objectives a team, and one team in twenty-five is at the top of the others, so
//! that 100,000 key results give 25,000 objectives, 1,250 teams and about 12 MB of text.
//!
//! Every key result follows from its index alone ([`KeyResult::at`]): a formula can name a cell
//! anywhere in the plan without the generator keeping the plan in memory, and the plan of 1,000 key
//! results begins like the plan of 100,000.

use std::fmt::{self, Display, Write};

/// Key results in an objective.
const KRS_PER_OBJECTIVE: usize = 4;
/// Objectives that a team owns.
const OBJECTIVES_PER_TEAM: usize = 20;
/// Teams for each one that has no parent.
const TEAMS_PER_TOP: usize = 25;
/// Metrics that the formulas of money read.
const METRICS: usize = 20;
/// One key result in this many has a formula as its target.
const FORMULA_EVERY: usize = 10;

/// The text of a plan with `krs` key results.
pub fn plan(krs: usize) -> String {
    let mut out = String::with_capacity(krs * 140 + 4096);
    // Writing to a string does not fail.
    let _ = write_plan(&mut out, krs);
    out
}

/// Head, metrics, teams, then the objectives, each with its check-ins behind it.
fn write_plan(out: &mut String, krs: usize) -> fmt::Result {
    let objectives = krs.div_ceil(KRS_PER_OBJECTIVE);
    let teams = objectives.div_ceil(OBJECTIVES_PER_TEAM);
    writeln!(out, "okr 1\n\n# The yardstick: {krs} key results.\n")?;
    writeln!(out, "cycle q1 \"Q1 2026\" 2026-01-01 .. 2026-03-31\n")?;
    for metric in 0..METRICS {
        write_metric(out, metric)?;
    }
    out.push('\n');
    for team in 0..teams {
        write_team(out, team, teams.div_ceil(TEAMS_PER_TOP))?;
    }
    for objective in 0..objectives {
        write_objective(out, objective, krs)?;
    }
    Ok(())
}

/// The value of a metric, in tenths of a million euros.
fn metric_tenths(metric: usize) -> i64 {
    20 + (metric as i64 * 37) % 80
}

fn write_metric(out: &mut String, metric: usize) -> fmt::Result {
    let value = Fixed::new(metric_tenths(metric), 1);
    let region = pick(REGIONS, metric);
    writeln!(out, "metric arr_{metric} \"Annual recurring revenue, {region}\" {value}M EUR")
}

/// The first `tops` teams stand alone, every other one has one of them as its parent.
fn write_team(out: &mut String, team: usize, tops: usize) -> fmt::Result {
    let (area, region) = (pick(AREAS, team), pick(REGIONS, team / AREAS.len()));
    writeln!(out, "team t{team:04} \"{area} {region}\" {{")?;
    if team < tops {
        writeln!(out, "  kind leadership")?;
    } else {
        writeln!(out, "  kind delivery\n  parent t{:04}", team % tops)?;
    }
    writeln!(out, "  people {}\n  focus 80%\n}}", 4 + team % 6)
}

/// One objective, and below it the check-ins of those of its key results that have no `actual`.
fn write_objective(out: &mut String, objective: usize, krs: usize) -> fmt::Result {
    let first = objective * KRS_PER_OBJECTIVE;
    let last = (first + KRS_PER_OBJECTIVE).min(krs);
    let mut rng = Rng::new(u64::MAX - objective as u64);
    let (area, promise) = (pick(AREAS, rng.below(97)), pick(PROMISES, rng.below(97)));
    writeln!(out, "\nobjective o{objective:05} \"{area} {promise}\" {{")?;
    writeln!(out, "  owner t{:04}", objective / OBJECTIVES_PER_TEAM)?;
    if objective.is_multiple_of(5) {
        writeln!(out, "  kind committed  # promised to the board")?;
    }
    for index in first..last {
        KeyResult::at(index).write(out, index)?;
    }
    out.push_str("}\n");
    for index in first..last {
        KeyResult::at(index).write_checkin(out, index)?;
    }
    Ok(())
}

/// What a key result counts, and in which range such numbers lie.
///
/// Values are whole numbers of the last printed place: 4.5 h is 45 with one decimal.
struct Measure {
    id: &'static str,
    title: &'static str,
    /// As it is written behind the number, its space included.
    unit: &'static str,
    decimals: u32,
    baseline: (i64, i64),
    /// The target as a percentage of the baseline, from .. to; below 100 less is better.
    factor: (i64, i64),
}

/// The ranges are such that a target is at least three last places away from its baseline: the
/// three points of a `steps` or `curve` between them are then distinct.
const MEASURES: &[Measure] = &[
    measure("p95", "p95 latency", " ms", 0, (500, 1500), (40, 80)),
    measure("conv", "Conversion", "%", 1, (20, 90), (115, 160)),
    measure("ord", "Orders", " orders", 0, (800, 5000), (115, 180)),
    measure("churn", "Churn", "%", 1, (30, 90), (40, 85)),
    measure("wait", "Lead time", " h", 1, (20, 90), (40, 85)),
    measure("feat", "Features", "", 0, (8, 20), (150, 300)),
    measure("size", "Download", " MB", 0, (80, 400), (40, 80)),
    measure("cust", "Customers", " users", 0, (100, 900), (120, 250)),
    MONEY,
];

/// The measure of the formulas that read a metric.
const MONEY: Measure = measure("rev", "Revenue", " EUR", 0, (20_000, 90_000), (120, 200));

/// A row of [`MEASURES`].
const fn measure(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    decimals: u32,
    baseline: (i64, i64),
    factor: (i64, i64),
) -> Measure {
    Measure { id, title, unit, decimals, baseline, factor }
}

impl Measure {
    /// A value of this measure as it stands in the file.
    fn show(&self, value: i64) -> String {
        format!("{}{}", Fixed::new(value, self.decimals), self.unit)
    }

    /// Whether a lower value is the better one.
    fn falls(&self) -> bool {
        self.factor.1 < 100
    }
}

/// How a key result is graded; the yardstick leaves out what needs words from people (`score`,
/// `milestones`).
#[derive(Clone, Copy, PartialEq)]
enum Grading {
    Linear,
    Uncapped,
    Steps,
    Curve,
    Keep,
    Done,
}

impl Grading {
    /// Key results without a formula are 70 of 90 linear; with the ten that have one, and are all
    /// linear, that makes 80 of 100.
    fn roll(rng: &mut Rng) -> Self {
        match rng.below(90) {
            0..70 => Grading::Linear,
            70..75 => Grading::Steps,
            75..80 => Grading::Curve,
            80..84 => Grading::Keep,
            84..87 => Grading::Done,
            _ => Grading::Uncapped,
        }
    }

    /// Whether it has a baseline and a target, so that others may read them.
    fn has_target(self) -> bool {
        !matches!(self, Grading::Keep | Grading::Done)
    }
}

/// One key result, all that the writers need to know of it.
struct KeyResult {
    measure: &'static Measure,
    grading: Grading,
    baseline: i64,
    /// The target's value, also where it is written as a formula.
    target: i64,
    formula: Option<String>,
    /// How far it has come from baseline to target, in percent.
    come: i64,
    weight: Option<&'static str>,
    /// Half have an undated `actual`, half a check-in.
    dated: bool,
    rng: Rng,
}

impl KeyResult {
    /// The key result of this index, the same in a plan of every size.
    fn at(index: usize) -> Self {
        let mut rng = Rng::new(index as u64);
        let measure = &MEASURES[rng.below(MEASURES.len())];
        let baseline = rng.between(measure.baseline);
        let target = baseline * rng.between(measure.factor) / 100;
        let mut kr = Self {
            measure,
            grading: Grading::roll(&mut rng),
            baseline,
            target,
            formula: None,
            come: rng.between((0, 115)),
            weight: [Some("2"), None, None, Some("0.5"), None, None][rng.below(6)],
            dated: rng.below(2) == 0,
            rng,
        };
        if has_formula(index) {
            kr.grading = Grading::Linear;
            kr.set_formula(index);
        }
        kr
    }

    /// Gives the target a formula, in one of five shapes; where the shape's other cell does not
    /// exist, the plainest one.
    fn set_formula(&mut self, index: usize) {
        match index / FORMULA_EVERY % 5 {
            0 => self.read_sibling(index),
            1 => self.read_other_objective(index),
            2 => self.read_metric(),
            3 => self.read_best_of(index),
            _ => self.read_own_baseline(),
        }
    }

    /// `baseline * 1.3`
    fn read_own_baseline(&mut self) {
        let percent = self.rng.between(self.measure.factor);
        self.target = self.baseline * percent / 100;
        self.formula = Some(format!("baseline * {}", Fixed::new(percent, 2)));
    }

    /// `p95_0.target`, from the same start.
    fn read_sibling(&mut self, index: usize) {
        let sibling = Self::at(index - 1);
        if !sibling.grading.has_target() {
            return self.read_own_baseline();
        }
        self.measure = sibling.measure;
        self.baseline = sibling.baseline;
        self.target = sibling.target;
        self.formula = Some(format!("{}.target", Id(index - 1, sibling.measure)));
    }

    /// `o00017.p95_2.baseline - 120 ms`, from the same start.
    fn read_other_objective(&mut self, index: usize) {
        let Some((path, other)) = self.elsewhere(index) else {
            return self.read_own_baseline();
        };
        self.measure = other.measure;
        self.baseline = other.baseline;
        self.target = other.target;
        let sign = if self.measure.falls() { '-' } else { '+' };
        let change = self.measure.show((other.target - other.baseline).abs());
        self.formula = Some(format!("{path}.baseline {sign} {change}"));
    }

    /// `arr_3 * 5%`, from nothing.
    fn read_metric(&mut self) {
        let (metric, percent) = (self.rng.below(METRICS), self.rng.between((1, 8)));
        self.measure = &MONEY;
        self.baseline = 0;
        self.target = metric_tenths(metric) * 1_000 * percent;
        self.formula = Some(format!("arr_{metric} * {percent}%"));
    }

    /// `max(baseline * 1.3, o00017.ord_1.baseline, 900 orders)`; `min` where less is better.
    fn read_best_of(&mut self, index: usize) {
        let Some((path, other)) = self.elsewhere(index) else {
            return self.read_own_baseline();
        };
        self.measure = other.measure;
        self.baseline = other.baseline + 1;
        let percent = self.rng.between(self.measure.factor);
        let own = self.baseline * percent / 100;
        let (name, best): (_, fn(i64, i64) -> i64) = match self.measure.falls() {
            true => ("min", i64::min),
            false => ("max", i64::max),
        };
        self.target = best(best(own, other.baseline), other.target);
        let (factor, mark) = (Fixed::new(percent, 2), self.measure.show(other.target));
        self.formula = Some(format!("{name}(baseline * {factor}, {path}.baseline, {mark})"));
    }

    /// A key result of an earlier objective, with a written target, and its path.
    fn elsewhere(&mut self, index: usize) -> Option<(String, Self)> {
        let before = index / KRS_PER_OBJECTIVE * KRS_PER_OBJECTIVE;
        let start = self.rng.below(before);
        (0..before)
            .map(|step| (start + step) % before)
            .filter(|&other| !has_formula(other))
            .map(|other| (other, Self::at(other)))
            .find(|(_, kr)| kr.grading.has_target())
            .map(|(other, kr)| (kr.path(other), kr))
    }

    /// `o00017.p95_2`
    fn path(&self, index: usize) -> String {
        let objective = index / KRS_PER_OBJECTIVE;
        format!("o{objective:05}.{}", Id(index, self.measure))
    }

    /// The value that lies this many percent of the way from baseline to target.
    fn on_the_way(&self, percent: i64) -> i64 {
        self.baseline + (self.target - self.baseline) * percent / 100
    }

    /// The newest observation, as it is written.
    fn observed(&self) -> String {
        match self.grading {
            Grading::Done if self.come >= 60 => "done".into(),
            Grading::Done => "open".into(),
            _ => self.measure.show(self.on_the_way(self.come)),
        }
    }

    /// The `kr` block: two in three on one line, the others with a line for each field.
    fn write(&self, out: &mut String, index: usize) -> fmt::Result {
        let (id, what) = (Id(index, self.measure), self.measure.title);
        let (open, between, close) = match index % 3 {
            0 => ("\n    ", "\n    ", "\n  "),
            _ => (" ", "; ", " "),
        };
        write!(out, "  kr {id} \"{what}")?;
        if index.is_multiple_of(10) {
            write!(out, " {}", pick(CHANNELS, index / 10))?;
        }
        let fields = self.fields().join(between);
        writeln!(out, "\" {{{open}{fields}{close}}}")
    }

    /// The fields of the block, as a person would order them.
    fn fields(&self) -> Vec<String> {
        let mut fields = self.goal();
        if !self.dated {
            fields.push(format!("actual {}", self.observed()));
        }
        fields.extend(self.weight.map(|weight| format!("weight {weight}")));
        fields
    }

    /// What is to be reached and how it is graded.
    fn goal(&self) -> Vec<String> {
        match self.grading {
            Grading::Done => vec!["grading done".into(), "due 2026-03-15".into()],
            Grading::Keep => vec![self.keep()],
            _ => {
                let baseline = self.measure.show(self.baseline);
                let written = || self.measure.show(self.target);
                let target = self.formula.clone().unwrap_or_else(written);
                let mut goal = vec![format!("baseline {baseline}"), format!("target {target}")];
                goal.extend(self.rule());
                goal
            }
        }
    }

    /// The `grading` field of a key result with a target, where it is not the default.
    fn rule(&self) -> Option<String> {
        let (word, last) = match self.grading {
            Grading::Uncapped => return Some("grading linear uncapped".into()),
            Grading::Steps => ("steps", self.measure.show(self.target)),
            Grading::Curve => ("curve", "target".into()),
            _ => return None,
        };
        let near = self.measure.show(self.on_the_way(40));
        let nearer = self.measure.show(self.on_the_way(75));
        Some(format!("grading {word} {near} -> 0.3, {nearer} -> 0.7, {last} -> 1"))
    }

    /// A bound, or for one in four a band.
    fn keep(&self) -> String {
        let show = |value| self.measure.show(value);
        if self.come % 4 == 0 {
            let (low, high) = (self.baseline.min(self.target), self.baseline.max(self.target));
            return format!("keep {} .. {}", show(low), show(high));
        }
        let sign = if self.measure.falls() { "<=" } else { ">=" };
        format!("keep {sign} {}", show(self.target))
    }

    /// The check-in line, if it has one.
    fn write_checkin(&self, out: &mut String, index: usize) -> fmt::Result {
        if !self.dated {
            return Ok(());
        }
        let (month, day) = (1 + index % 3, 1 + index / 3 % 28);
        let (path, observed) = (self.path(index), self.observed());
        write!(out, "2026-{month:02}-{day:02} checkin {path} {observed}")?;
        if self.grading.has_target() && index.is_multiple_of(6) {
            let hope = self.measure.show(self.on_the_way(self.come + 20));
            write!(out, " expecting {hope}")?;
        }
        if index.is_multiple_of(2) {
            write!(out, " confidence 0.{}", 1 + index % 9)?;
        }
        if index.is_multiple_of(8) {
            write!(out, " \"{}\"", pick(REMARKS, index / 8))?;
        }
        out.push('\n');
        Ok(())
    }
}

/// Whether the target of this key result is a formula. Such an index is odd, so it is never the
/// first key result of its objective and has a sibling before it, whose target is no formula.
fn has_formula(index: usize) -> bool {
    index % FORMULA_EVERY == 7
}

/// The id of a key result within its objective: `p95_2`.
struct Id(usize, &'static Measure);

impl Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.1.id, self.0 % KRS_PER_OBJECTIVE)
    }
}

/// A decimal number with a fixed count of places, its thousands grouped from 10,000 on.
struct Fixed {
    whole: i64,
    fraction: i64,
    decimals: u32,
}

impl Fixed {
    /// `Fixed::new(45, 1)` is 4.5. The yardstick has no negative numbers.
    fn new(value: i64, decimals: u32) -> Self {
        let one = 10_i64.pow(decimals);
        Self { whole: value / one, fraction: value % one, decimals }
    }
}

impl Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole {
            0..10_000 => write!(f, "{}", self.whole)?,
            _ => write!(f, "{}_{:03}", self.whole / 1_000, self.whole % 1_000)?,
        }
        match self.decimals {
            0 => Ok(()),
            decimals => write!(f, ".{:0width$}", self.fraction, width = decimals as usize),
        }
    }
}

/// Marsaglia's xorshift, 64 bits: the plan must be the same on every machine and in every year.
struct Rng(u64);

impl Rng {
    /// Neighbouring seeds are spread first; xorshift alone starts them alike.
    fn new(seed: u64) -> Self {
        let mixed = (seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Self((mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from 0 up to, and without, `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    /// A number of a range, both ends included.
    fn between(&mut self, (low, high): (i64, i64)) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }
}

/// The word at an index that may be past the end.
fn pick(words: &'static [&'static str], index: usize) -> &'static str {
    words[index % words.len()]
}

const AREAS: &[&str] = &[
    "Checkout",
    "Search",
    "Billing",
    "Onboarding",
    "Mobile",
    "Data platform",
    "Support",
    "Logistics",
    "Pricing",
    "Payments",
    "Catalogue",
];

const REGIONS: &[&str] = &[
    "Europe",
    "Zürich",
    "Iberia",
    "the Nordics",
    "Japan",
    "Brazil",
    "Île-de-France",
    "Canada",
    "India",
    "Kraków",
    "Austria",
    "Texas",
    "Korea",
];

const PROMISES: &[&str] = &[
    "is the fastest",
    "pays for itself",
    "never sleeps",
    "is a joy to use",
    "needs no manual",
    "carries twice the load",
];

const CHANNELS: &[&str] = &[
    "on the web",
    "in the app",
    "at partners",
    "for new customers",
    "for large accounts",
    "on weekdays",
    "at peak",
    "after release",
    "by self-service",
];

const REMARKS: &[&str] = &[
    "EU region live",
    "one customer away",
    "waits for \\\"legal\\\"",
    "café pilot done; rollout next",
    "slower than hoped # see the review",
];
