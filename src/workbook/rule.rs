//! How a key result is graded, in a spreadsheet's words (`grading.md`, "One key result").

use super::columns::Field;
use super::formula::{Inexpressible, Piece, Printer, literal, quoted};
use crate::engine::{Lateness, State, Value};
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::*;
use jiff::civil::Date;

/// What is graded: the cell of the row, or a number of an earlier day.
#[derive(Clone, Debug)]
struct Actual {
    piece: Piece,
}

impl Printer<'_> {
    fn kr(&self, index: usize) -> &Kr {
        &self.engine.plan.krs[index]
    }

    /// `(actual - baseline) / (target - baseline)`; `None` where the rule knows no progress.
    pub fn progress(&self, index: usize) -> Option<Result<Piece, Inexpressible>> {
        let kr = self.kr(index);
        let measured = matches!(
            kr.grading,
            Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..) | Grading::Formula(_)
        );
        if !measured || !kr.has_target || kr.broken {
            return None;
        }
        Some(self.progress_of(index, &self.actual(index)))
    }

    fn actual(&self, index: usize) -> Piece {
        let cell = Cell::new(Of::KrActual, index);
        self.cell(cell, 0).unwrap_or_else(|_| Piece::atom("NA()"))
    }

    fn progress_of(&self, index: usize, actual: &Piece) -> Result<Piece, Inexpressible> {
        let baseline = self.cell(Cell::new(Of::KrBaseline, index), 0)?;
        let target = self.cell(Cell::new(Of::KrTarget, index), 0)?;
        let (a, b, t) = (actual.at(3), baseline.at(5), target.at(3));
        Ok(Piece::over(format!("({a}-{b})/({t}-{b})"), &[actual, &baseline, &target]))
    }

    /// The grade by the rule alone.
    pub fn by_rule(&self, index: usize) -> Result<Piece, Inexpressible> {
        self.rule(index, &Actual { piece: self.actual(index) }, true)
    }

    fn rule(&self, index: usize, actual: &Actual, own: bool) -> Result<Piece, Inexpressible> {
        match self.kr(index).grading {
            Grading::Linear { uncapped } => {
                let progress = match own {
                    true => Piece::reference(self.own(Field::Progress)),
                    false => self.progress_of(index, &actual.piece)?,
                };
                let text = match uncapped {
                    true => format!("MAX(0,{})", progress.text),
                    false => format!("MAX(0,MIN(1,{}))", progress.text),
                };
                // An error in the progress must not look like missing data.
                let empty = own.then(|| format!("IF({0}=\"\",\"\",{text})", progress.text));
                Ok(match empty {
                    Some(text) => Piece::atom(text),
                    None => Piece::over(text, &[&progress]),
                })
            }
            Grading::Steps(first, count) => self.steps(index, first, count, actual),
            Grading::Curve(first, count) => self.curve(index, first, count, actual),
            Grading::Done => {
                let cell = &actual.piece.text;
                Ok(Piece::atom(format!("IF({cell}=\"done\",1,IF({cell}=\"open\",0,\"\"))")))
            }
            Grading::Milestones(first, count) => self.milestones(index, first, count),
            Grading::Score => Ok(actual.piece.clone()),
            Grading::Formula(input) => {
                let piece = self.input(input)?;
                Ok(Piece::over(format!("MAX(0,MIN(1,{}))", piece.text), &[&piece]))
            }
            Grading::Keep(bounds) => self.keep(index, bounds),
        }
    }

    fn points(
        &self,
        index: usize,
        first: u32,
        count: u32,
    ) -> Result<Vec<(Piece, Piece)>, Inexpressible> {
        debug_assert!(index < self.engine.plan.krs.len());
        let points = &self.engine.plan.points[first as usize..(first + count) as usize];
        points.iter().map(|point| Ok((self.input(point.at)?, self.input(point.grade)?))).collect()
    }

    /// The grade of the furthest step reached, from the last one back.
    fn steps(
        &self,
        index: usize,
        first: u32,
        count: u32,
        actual: &Actual,
    ) -> Result<Piece, Inexpressible> {
        let points = self.points(index, first, count)?;
        if points.len() > 40 {
            return Err("it has more steps than a spreadsheet nests".into());
        }
        let sign = if self.engine.rises(index) { ">=" } else { "<=" };
        let a = actual.piece.at(2);
        let mut text = "0".to_owned();
        for (at, grade) in &points {
            text = format!("IF({a}{sign}{},{},{text})", at.at(1), grade.text);
        }
        Ok(with_points(text, &points, &[&actual.piece]))
    }

    /// Straight lines between the points, from the implied `baseline -> 0`.
    fn curve(
        &self,
        index: usize,
        first: u32,
        count: u32,
        actual: &Actual,
    ) -> Result<Piece, Inexpressible> {
        let points = self.points(index, first, count)?;
        if points.len() > 40 {
            return Err("it has more points than a spreadsheet nests".into());
        }
        let rises = self.engine.rises(index);
        let (up_to, beyond) = if rises { ("<=", ">") } else { (">=", "<") };
        let baseline = self.cell(Cell::new(Of::KrBaseline, index), 0)?;
        let a = actual.piece.at(3);
        let Some((_, last)) = points.last() else { return Err("it has no points".into()) };
        let mut text = last.text.clone();
        for pair in points.windows(2).rev() {
            let [(from, low), (to, high)] = pair else { continue };
            let (p, q) = (from.at(3), to.at(3));
            let (g, h) = (low.at(3), high.at(3));
            let line = format!("{}+({h}-{g})*({a}-{p})/({q}-{p})", low.at(2));
            text = format!("IF({a}{up_to}{q},{line},{text})");
        }
        let (at, grade) = &points[0];
        let (b, p) = (baseline.at(5), at.at(3));
        // From the baseline, unless a point says otherwise.
        let way = if rises { format!("MAX(0,{a}-{b})") } else { format!("MIN(0,{a}-{b})") };
        let start = format!("IF({p}{beyond}{b},{}*{way}/({p}-{b}),{})", grade.factor(), grade.text);
        let text = format!("IF({a}{up_to}{p},{start},{text})");
        Ok(with_points(text, &points, &[&actual.piece, &baseline]))
    }

    /// The furthest milestone of the check-ins before the day and of the cell.
    fn milestones(&self, index: usize, first: u32, count: u32) -> Result<Piece, Inexpressible> {
        let all = &self.engine.plan.milestones[first as usize..(first + count) as usize];
        let plan = &self.engine.plan;
        let too_long = || "a milestone's name is too long for a spreadsheet's formula".to_owned();
        let names = all
            .iter()
            .map(|it| quoted(&super::text::cleaned(&plan.text(it.name))).ok_or_else(too_long))
            .collect::<Result<Vec<_>, _>>()?;
        let grades = all.iter().map(|it| self.input(it.grade)).collect::<Result<Vec<_>, _>>()?;
        let cell = self.own(Field::Actual);
        let numbers: Vec<String> = (1..=all.len()).map(|at| at.to_string()).collect();
        let place =
            format!("SUMPRODUCT(EXACT({cell},{{{}}})*{{{}}})", names.join(","), numbers.join(","));
        let before = self.earlier(index).filter_map(|checkin| match checkin.observation {
            Observation::Milestone(at) => Some(at + 1),
            _ => None,
        });
        let reached = match before.max() {
            Some(before) => format!("MAX({before},{place})"),
            None => place,
        };
        let parts: Vec<&Piece> = grades.iter().collect();
        let list: Vec<&str> = grades.iter().map(|grade| grade.text.as_str()).collect();
        let chosen = format!("CHOOSE({reached},{})", list.join(","));
        let text = format!("IF(OR({cell}=\"\",{cell}=\"n/a\"),\"\",{chosen})");
        Ok(Piece::over(text, &parts))
    }

    /// The share of check-ins that hold; the cell is the observation on the as-of date.
    fn keep(&self, index: usize, bounds: u32) -> Result<Piece, Inexpressible> {
        let Bounds { low, high } = self.engine.plan.bounds[bounds as usize];
        let low = low.map(|low| self.input(low)).transpose()?;
        let high = high.map(|high| self.input(high)).transpose()?;
        let actual = self.actual(index);
        let cell = actual.text.clone();
        let holds = holds(&cell, low.as_ref(), high.as_ref());
        let mut values = Vec::new();
        for checkin in self.earlier(index) {
            if let Observation::Number(input) = checkin.observation {
                let value = self.engine.bound(input).ok_or("an earlier check-in has no number")?;
                values.push(value);
            }
        }
        let parts: Vec<&Piece> = [&actual].into_iter().chain(&low).chain(&high).collect();
        if values.is_empty() {
            return Ok(Piece::over(format!("IF({holds},1,0)"), &parts));
        }
        let held = self.held_before(&values, low.as_ref(), high.as_ref());
        let count = values.len();
        let shared = format!("({held}+IF({holds},1,0))/{}", count + 1);
        let text = match self.newest_is_earlier(index) {
            // Unchanged, the cell is the newest of the earlier check-ins, and no further one.
            Some(newest) => format!("IF({cell}={},{held}/{count},{shared})", literal(newest)),
            None => shared,
        };
        Ok(Piece::over(text, &parts))
    }

    /// How many of earlier values hold: counted here where the bounds are numbers.
    fn held_before(&self, values: &[f64], low: Option<&Piece>, high: Option<&Piece>) -> String {
        let number = |piece: Option<&Piece>| match piece {
            None => Some(None),
            Some(piece) => piece.text.parse::<f64>().ok().map(Some),
        };
        if let (Some(low), Some(high)) = (number(low), number(high)) {
            let holds = |value: &&f64| {
                low.is_none_or(|low| **value >= low) && high.is_none_or(|high| **value <= high)
            };
            return values.iter().filter(holds).count().to_string();
        }
        let list: Vec<String> = values.iter().map(|value| literal(*value)).collect();
        let list = format!("{{{}}}", list.join(","));
        let test = |sign: &str, bound: &Piece| format!("({list}{sign}{})", bound.at(1));
        let tests: Vec<String> = low
            .map(|low| test(">=", low))
            .into_iter()
            .chain(high.map(|high| test("<=", high)))
            .collect();
        format!("SUMPRODUCT({}*1)", tests.join("*"))
    }

    /// The check-ins before the as-of date.
    fn earlier(&self, index: usize) -> impl Iterator<Item = &Checkin> {
        let as_of = self.engine.moment.as_of;
        let seen = self.engine.observations(index).iter();
        seen.filter(move |checkin| as_of.is_none_or(|as_of| checkin.date < as_of))
    }

    /// The newest number, if it was observed before the as-of date.
    fn newest_is_earlier(&self, index: usize) -> Option<f64> {
        let newest = self.engine.newest_checkin(index)?;
        if Some(newest.date) == self.engine.moment.as_of {
            return None;
        }
        match newest.observation {
            Observation::Number(input) => self.engine.bound(input),
            _ => None,
        }
    }

    /// Whether a late rule is at work, so that the grade by the rule alone has a cell of its own.
    pub fn is_late(&self, index: usize) -> bool {
        let kr = self.kr(index);
        let Some(due) = kr.due.as_deref() else { return false };
        let past = self.engine.moment.as_of.is_some_and(|as_of| as_of > due.date);
        // An undated actual is never late.
        due.late.is_some() && past && kr.actual.is_none()
    }

    /// The grade with what lateness costs.
    pub fn grade(&self, index: usize) -> Result<Piece, Inexpressible> {
        if !self.is_late(index) {
            return self.by_rule(index);
        }
        let kr = self.kr(index);
        let (Some(due), Some(as_of)) = (kr.due.as_deref(), self.engine.moment.as_of) else {
            return self.by_rule(index);
        };
        let lateness = self.engine.lateness(index);
        let on_due_day = self.on_due_day(index, due, lateness.as_ref())?;
        let raw = self.own(Field::ByRule);
        let text = match due.late {
            Some(Late::Zero) => on_due_day.text.clone(),
            Some(Late::Weekly(cost)) => {
                let cost = self.input(cost)?;
                let weeks = self.weeks_late(index, due.date, as_of, lateness.as_ref(), &raw)?;
                let less = format!("{raw}-{}*{weeks}", cost.factor());
                let floor = &on_due_day.text;
                format!("IF({raw}>{},MAX({floor},{less}),{raw})", on_due_day.at(1))
            }
            None => raw.clone(),
        };
        let text = format!("IF({raw}=\"\",\"\",{text})");
        Ok(Piece::over(text, &[&on_due_day]))
    }

    /// The grade on the due day: by the rule of that day's number where nothing was amended since,
    /// so that it follows baseline and target; else as it was.
    fn on_due_day(
        &self,
        index: usize,
        due: &Due,
        lateness: Option<&Lateness>,
    ) -> Result<Piece, Inexpressible> {
        match lateness.map(|it| it.on_due_day) {
            None | Some(Value::NoData) => Ok(Piece::number(0.0)),
            Some(Value::Number(grade)) => {
                let then = self.observed(index, |date| date <= due.date);
                Ok(self.rule_then(index, then).unwrap_or_else(|| Piece::number(grade)))
            }
            Some(_) => Err("its grade on the due day is wrong in the plan".into()),
        }
    }

    /// The last number observed on a day that counts.
    fn observed(&self, index: usize, counts: impl Fn(Date) -> bool) -> Option<f64> {
        let seen = self.engine.observations(index).iter().rev();
        match seen.filter(|checkin| counts(checkin.date)).map(|it| it.observation).next() {
            Some(Observation::Number(input)) => self.engine.bound(input),
            _ => None,
        }
    }

    /// The rule on a number of an earlier day, where nothing but the row's own cells is in it.
    fn rule_then(&self, index: usize, then: Option<f64>) -> Option<Piece> {
        let kr = self.kr(index);
        let graded =
            matches!(kr.grading, Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..));
        let amended = [Of::KrBaseline, Of::KrTarget]
            .into_iter()
            .any(|field| self.engine.is_amended(Cell::new(field, index)));
        if !graded || amended {
            return None;
        }
        let actual = Actual { piece: Piece::number(then?) };
        let piece = self.rule(index, &actual, false).ok()?;
        let own = [self.own(Field::Baseline), self.own(Field::Target)];
        piece.needs.iter().all(|need| own.contains(need)).then_some(piece)
    }

    /// How many started weeks late the grade in the cell is: until the first check-in of the
    /// unbroken run that holds it. The cell itself is the observation on the as-of date.
    fn weeks_late(
        &self,
        index: usize,
        due: Date,
        as_of: Date,
        lateness: Option<&Lateness>,
        raw: &str,
    ) -> Result<String, Inexpressible> {
        let weeks = |date: Date| (due.until(date).map_or(0, |span| span.get_days()) + 6) / 7;
        // The cell itself is the observation on the as-of date, whatever was observed on it.
        let before = self.earlier(index).filter(|it| it.date > due).map(|it| it.date);
        let live: Option<Vec<(Date, Piece)>> = before
            .map(|date| {
                let then = self.observed(index, |day| day <= date);
                Some((date, self.rule_then(index, then)?))
            })
            .collect();
        let held: Vec<(Date, Piece)> = live.unwrap_or_else(|| {
            let runs = lateness.map_or(&[][..], |it| &it.held).iter();
            let earlier = runs.filter(|(date, _)| *date < as_of);
            earlier.map(|(date, least)| (*date, Piece::number(least.max(-1.0)))).collect()
        });
        if held.len() > 30 {
            return Err("it was late more often than a spreadsheet nests".into());
        }
        // Where a grade was not held, the run that holds it begins after that day.
        let first = held.first().map_or(as_of, |(date, _)| *date);
        let mut text = weeks(first).to_string();
        for (at, (_, least)) in held.iter().enumerate() {
            let next = held.get(at + 1).map_or(as_of, |(next, _)| *next);
            text = format!("IF({raw}-1E-12>{},{},{text})", least.at(2), weeks(next));
        }
        Ok(text)
    }

    /// The band in words, or why there is none; of a guardrail whether it holds.
    pub fn band(&self, index: usize) -> String {
        let thresholds = self.engine.objective_thresholds(self.kr(index).objective as usize);
        let grade = self.own(Field::Grade);
        let actual = self.own(Field::Actual);
        let empty = match self.engine.kr_state(index) {
            State::Declined => "\"declined\"".to_owned(),
            _ => format!("IF({actual}=\"n/a\",\"n/a\",\"no data\")"),
        };
        if self.kr(index).kind == KrKind::Guardrail {
            let broken = self.own(Field::Broken);
            return format!("IF({grade}=\"\",{empty},IF({broken}>0,\"broken\",\"holds\"))");
        }
        band_formula(&grade, &empty, thresholds.yellow, thresholds.green)
    }

    /// The weight with which the row counts now.
    pub fn counts(&self, index: usize) -> String {
        let kr = self.kr(index);
        let declined = self.engine.kr_state(index) == State::Declined || self.is_declined(index);
        if kr.kind == KrKind::Guardrail || declined {
            return "0".into();
        }
        let (actual, weight) = (self.own(Field::Actual), self.own(Field::Weight));
        match self.engine.skips(index) {
            true => format!("IF({}=\"\",0,{weight})", self.own(Field::Grade)),
            false => format!("IF({actual}=\"n/a\",0,{weight})"),
        }
    }

    /// Whether a key result was opted out, also where its observation is n/a.
    pub fn is_declined(&self, index: usize) -> bool {
        let objective = self.kr(index).objective as usize;
        self.engine.kr_status(index) == Some(TalkKind::Declined)
            || self.engine.objective_status(objective) == Some(TalkKind::Declined)
    }

    /// The weight times the grade, as the row counts in its objective.
    pub fn weighed(&self) -> String {
        let (grade, counts) = (self.own(Field::Grade), self.own(Field::Counts));
        format!("IF({counts}=0,0,IF({grade}=\"\",0,{counts}*{grade}))")
    }

    /// 1 where a guardrail is broken; `None` for what is no guardrail.
    pub fn broken(&self, index: usize) -> Option<Result<String, Inexpressible>> {
        let kr = self.kr(index);
        if kr.kind != KrKind::Guardrail {
            return None;
        }
        let grade = self.own(Field::Grade);
        let thresholds = self.engine.objective_thresholds(kr.objective as usize);
        let below = format!("{grade}<{}-1E-9", literal(thresholds.green));
        let Grading::Keep(bounds) = kr.grading else {
            return Some(Ok(format!("IF({grade}=\"\",0,IF({below},1,0))")));
        };
        let Bounds { low, high } = self.engine.plan.bounds[bounds as usize];
        let bounds = (
            low.map(|low| self.input(low)).transpose(),
            high.map(|high| self.input(high)).transpose(),
        );
        let (low, high) = match bounds {
            (Ok(low), Ok(high)) => (low, high),
            (Err(why), _) | (_, Err(why)) => return Some(Err(why)),
        };
        let holds = holds(&self.own(Field::Actual), low.as_ref(), high.as_ref());
        Some(Ok(format!("IF({grade}=\"\",0,IF({holds},IF({below},1,0),1))")))
    }
}

/// A grade's band in words.
pub fn band_formula(grade: &str, empty: &str, yellow: f64, green: f64) -> String {
    let (yellow, green) = (literal(yellow), literal(green));
    format!(
        "IF({grade}=\"\",{empty},IF({grade}>={green}-1E-9,\"green\",\
         IF({grade}>={yellow}-1E-9,\"yellow\",\"red\")))"
    )
}

/// Whether a cell lies within bounds, ends included, as a condition.
fn holds(cell: &str, low: Option<&Piece>, high: Option<&Piece>) -> String {
    let low = low.map(|low| format!("{cell}>={}", low.at(1)));
    let high = high.map(|high| format!("{cell}<={}", high.at(1)));
    match (low, high) {
        (Some(low), Some(high)) => format!("AND({low},{high})"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => "TRUE".into(),
    }
}

fn with_points(text: String, points: &[(Piece, Piece)], others: &[&Piece]) -> Piece {
    let parts: Vec<&Piece> =
        points.iter().flat_map(|(at, grade)| [at, grade]).chain(others.iter().copied()).collect();
    Piece::over(text, &parts)
}
