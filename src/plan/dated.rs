//! Dated lines: check-ins, amendments, the talk and assertions.

use super::cell::{Cell, Field, Kind as CellKind, Range};
use super::check::Type;
use super::fields::found_words;
use super::model::*;
use super::names::{Found, Scope};
use super::resolve::{DatedCheckin, Resolver};
use super::value::Wanted;
use crate::diagnostic::{Kind, Problem};
use crate::source::{FileId, Place, Span};
use crate::syntax::keyword::{self, Keyword};
use crate::syntax::tree::{self, Body, Node, Value, ValueKind};

/// Who speaks for those above the teams: a word that needs no team of its own.
const LEADERSHIP: &str = keyword::TEAM_KINDS[4];

impl<'t> Resolver<'t> {
    /// Finds what each check-in is about, and sorts them by subject and date.
    pub(super) fn find_checkins(&mut self) {
        let dated = std::mem::take(&mut self.declared.dated);
        let mut checkins: Vec<DatedCheckin<'t>> = Vec::with_capacity(dated.len());
        for &(file, node) in &dated {
            if let Body::Broken(Some(path)) = &node.body {
                self.broken_checkin(file, path.span);
            }
            let Body::Checkin(what) = &node.body else { continue };
            if let Some(subject) = self.checkin_subject(file, what.path.span) {
                checkins.push(DatedCheckin { subject, date: what.date.date, file, node, what });
            }
        }
        checkins.sort_by_key(|checkin| (checkin.subject, checkin.date));
        for pair in checkins.windows(2) {
            if (pair[0].subject, pair[0].date) == (pair[1].subject, pair[1].date) {
                self.second_on_a_day(&pair[0], &pair[1]);
            }
        }
        let mut start = 0;
        while start < checkins.len() {
            let subject = checkins[start].subject;
            let end = start + checkins[start..].partition_point(|it| it.subject <= subject);
            match subject {
                (CellKind::Metric, index) => {
                    self.plan.metrics[index as usize].checkins = start as u32..end as u32;
                }
                (_, index) => self.plan.krs[index as usize].checkins = start as u32..end as u32,
            }
            start = end;
        }
        self.declared.checkins = checkins;
        self.declared.dated = dated;
    }

    /// A check-in that could not be read makes its key result wrong, so that nothing is said about
    /// what follows from it.
    fn broken_checkin(&mut self, file: FileId, span: Span) {
        let path = self.text(file, span);
        match self.plan.find(path, Scope::default()) {
            Ok(Found::Thing(CellKind::Kr, index)) => {
                self.unread(index as usize);
                self.plan.krs[index as usize].broken = true;
            }
            Ok(Found::Cell(cell)) if cell.field == Field::MetricValue => {
                self.broken_metrics.push(cell.index);
            }
            _ => {}
        }
    }

    fn checkin_subject(&mut self, file: FileId, span: Span) -> Option<(CellKind, u32)> {
        let path = self.text(file, span);
        match self.plan.find(path, Scope::default()) {
            Ok(Found::Thing(CellKind::Kr, index)) => Some((CellKind::Kr, index)),
            Ok(Found::Cell(cell)) if cell.field == Field::MetricValue => {
                Some((CellKind::Metric, cell.index))
            }
            Ok(Found::Unknown) => None,
            Ok(found) => {
                let what = found_words(found);
                let message = format!("`{path}` is {what}; a key result or a metric is checked in");
                let help = match path.strip_suffix(".actual") {
                    Some(kr) => format!("write `{kr}`"),
                    None => "name a key result, `objective.kr`, or a metric".into(),
                };
                self.problem(Kind::WrongKind, file, span, message, help);
                None
            }
            Err(error) => {
                self.name_problem(file, span, error);
                None
            }
        }
    }

    fn second_on_a_day(&mut self, first: &DatedCheckin<'_>, second: &DatedCheckin<'_>) {
        let path = self.text(second.file, second.what.path.span);
        let message = format!("a second check-in of `{path}` on {}", second.date);
        let place = self.place(second.file, second.node.span);
        let first = self.place(first.file, first.node.span);
        let problem = Problem::new(Kind::DuplicateDated, place, message);
        self.problems.push(problem.other(first, "the first").help("keep one of the two"));
    }

    /// Reads the values of check-ins, now that units and gradings are known.
    pub(super) fn read_checkins(&mut self) {
        let declared = std::mem::take(&mut self.declared.checkins);
        self.plan.checkins.reserve_exact(declared.len());
        for checkin in &declared {
            let read = self.read_checkin(checkin);
            self.plan.checkins.push(read);
        }
        for (at, checkin) in declared.iter().enumerate() {
            if checkin.subject.0 == CellKind::Kr {
                self.check_actual(checkin.subject.1 as usize, at as u32);
            }
        }
    }

    fn read_checkin(&mut self, checkin: &DatedCheckin<'t>) -> Checkin {
        let DatedCheckin { subject, date, file, node, what } = *checkin;
        let (observation, scope, unit) = match subject {
            (CellKind::Kr, index) => {
                let observation = self.observation(file, &what.value, index as usize);
                (observation, self.kr_scope(index), self.plan.krs[index as usize].unit)
            }
            (_, index) => {
                let unit = self.plan.metrics[index as usize].unit;
                let wanted = Wanted::unit("the metric", unit);
                let input = self.amount(file, &what.value, wanted, Scope::default());
                (Observation::Number(input), Scope::default(), unit)
            }
        };
        let score = matches!(subject, (CellKind::Kr, index)
            if self.plan.krs[index as usize].grading == Grading::Score);
        let expected = |value: &Value| match value.kind {
            ValueKind::Formula(_) | ValueKind::Range(..) | ValueKind::Pert(_) => true,
            _ => self.is_number_subject(subject),
        };
        let expecting = what.expecting.as_ref().filter(|value| expected(value)).map(|value| {
            let range = if score { Range::Share } else { Range::Any };
            self.amount(file, value, Wanted { unit, range, what: "what is expected" }, scope)
        });
        let confidence = what.confidence.as_ref().map(|value| {
            self.amount(file, value, Wanted::bare("a confidence", Range::Share), scope)
        });
        Checkin {
            date,
            observation,
            value: self.place(file, what.value.span),
            expecting,
            confidence,
            note: what.note.map(|note| self.text_place(file, note)),
            place: self.place(file, node.span),
        }
    }

    fn is_number_subject(&self, subject: (CellKind, u32)) -> bool {
        match subject {
            (CellKind::Kr, index) => self.plan.krs[index as usize].grading.is_numeric(),
            _ => true,
        }
    }

    /// A key result's observation, which must be of the kind that its grading wants.
    pub(super) fn observation(&mut self, file: FileId, value: &Value, kr: usize) -> Observation {
        let grading = self.plan.krs[kr].grading;
        match (&value.kind, grading) {
            (ValueKind::NotApplicable, _) => Observation::NotApplicable,
            _ if self.plan.krs[kr].broken => Observation::Bad,
            (ValueKind::Done, Grading::Done) => Observation::Done,
            (ValueKind::Open, Grading::Done) => Observation::Open,
            (ValueKind::Milestone(name), Grading::Milestones(first, count)) => {
                self.milestone(file, *name, first, count)
            }
            (ValueKind::Formula(_), _) if grading.is_numeric() => {
                let range = if grading == Grading::Score { Range::Share } else { Range::Any };
                let what = if grading == Grading::Score { "a score" } else { "the observation" };
                let wanted = Wanted { unit: self.plan.krs[kr].unit, range, what };
                let scope = self.kr_scope(kr as u32);
                Observation::Number(self.amount(file, value, wanted, scope))
            }
            _ => self.wrong_observation(file, value, grading),
        }
    }

    fn milestone(&mut self, file: FileId, name: tree::Text, first: u32, count: u32) -> Observation {
        let wanted = name.decode(self.sources.get(file).text());
        if let Some(at) = self.milestone_names.get(&(first, wanted.clone())) {
            return Observation::Milestone(at - first);
        }
        let milestones = &self.plan.milestones[first as usize..(first + count) as usize];
        let milestones = milestones.iter().take(20);
        let names: Vec<String> = milestones.map(|it| self.plan.text(it.name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = match crate::suggest::nearest(&wanted, names.iter().copied()) {
            Some(nearest) => format!("did you mean \"{nearest}\"?"),
            None => format!("it has \"{}\"", names.join("\", \"")),
        };
        let message = format!("the key result has no milestone \"{wanted}\"");
        self.problem(Kind::UnknownMilestone, file, name.span, message, help);
        Observation::Bad
    }

    fn wrong_observation(&mut self, file: FileId, value: &Value, grading: Grading) -> Observation {
        let text = self.text(file, value.span);
        let wanted = match grading {
            Grading::Done => "`done` or `open`",
            Grading::Milestones(..) => "a milestone's name in quotes",
            Grading::Score => "a grade within 0..1",
            _ => "a number",
        };
        let message = format!(
            "`{text}` is no observation of a key result with `{}`",
            match grading {
                Grading::Keep { .. } => "keep".to_owned(),
                other => format!("grading {}", other.word()),
            }
        );
        let help = format!("write {wanted}");
        self.problem(Kind::WrongObservation, file, value.span, message, help);
        Observation::Bad
    }

    /// An undated actual and check-ins contradict each other; said at the first check-in.
    fn check_actual(&mut self, index: usize, at: u32) {
        let kr = &self.plan.krs[index];
        let (Some((_, actual)), true) = (kr.actual, kr.checkins.start == at) else { return };
        let checkin = self.plan.checkins[at as usize].place;
        let message = "an undated `actual` stands beside check-ins";
        let help = "an undated actual holds on every date: keep the one or the others";
        let problem = Problem::new(Kind::ActualAndCheckins, actual, message);
        self.problems.push(problem.other(checkin, "a check-in").help(help));
    }

    /// Amendments and the talk.
    pub(super) fn read_dated(&mut self) {
        for (file, node) in std::mem::take(&mut self.declared.dated) {
            match &node.body {
                Body::Amended(what) => self.read_amendment(file, node, what),
                Body::Talk(what) => self.read_talk(file, node, what),
                _ => {}
            }
        }
        self.plan.amendments.sort_by_key(|amendment| (amendment.cell, amendment.date));
        for at in 1..self.plan.amendments.len() {
            let [first, second] = &self.plan.amendments[at - 1..=at] else { continue };
            if (first.cell, first.date) == (second.cell, second.date) {
                let name = self.plan.cell_name(second.cell);
                let message = format!("a second amendment of `{name}` on {}", second.date);
                let problem = Problem::new(Kind::DuplicateDated, second.place, message);
                let problem = problem.other(first.place, "the first").help("keep one of the two");
                self.problems.push(problem);
            }
        }
        self.plan.talk.sort_by_key(|talk| talk.date);
    }

    fn read_amendment(&mut self, file: FileId, node: &'t Node, what: &tree::Amended) {
        let span = what.path.span;
        let Some(cell) = self.find_input(file, span) else { return };
        let amendable =
            [Field::KrBaseline, Field::KrTarget, Field::KrWeight, Field::ObjectiveWeight];
        if !amendable.contains(&cell.field) {
            let path = self.text(file, span);
            let message = format!("`{path}` cannot be amended");
            let help = "a baseline, a target or a weight can";
            return self.problem(Kind::NotSettable, file, span, message, help);
        }
        let value = self.cell_input(file, &what.value, cell);
        self.plan.amendments.push(Amendment {
            cell,
            date: what.date.date,
            value,
            why: what.why.map(|why| self.text_place(file, why)),
            place: self.place(file, node.span),
        });
    }

    /// A value for a cell, in the scope of what has the cell.
    pub(super) fn cell_input(&mut self, file: FileId, value: &Value, cell: Cell) -> Input {
        let entry = cell.field.entry();
        let Some(unit) = self.cell_unit(cell) else {
            return Input { amount: Amount::Bad, place: self.place(file, value.span) };
        };
        let score = cell.field == Field::KrActual
            && self.plan.krs[cell.index as usize].grading == Grading::Score;
        let range = if score { Range::Share } else { entry.range };
        let what = if entry.word.is_empty() { "the metric" } else { entry.word };
        let wanted = Wanted { unit, range, what };
        let scope = match entry.kind {
            CellKind::Kr => self.kr_scope(cell.index),
            CellKind::Objective => Scope { objective: Some(cell.index), ..Scope::default() },
            CellKind::Team => Scope { team: Some(cell.index), ..Scope::default() },
            CellKind::Bucket => {
                let team = self.plan.buckets[cell.index as usize].team;
                Scope { team: Some(team), ..Scope::default() }
            }
            _ => Scope::default(),
        };
        match cell.field {
            Field::TeamPeople | Field::TeamLeave | Field::MetricValue | Field::InitiativeChance => {
                self.estimate(file, value, wanted, scope).mean
            }
            _ => self.amount(file, value, wanted, scope),
        }
    }

    fn read_talk(&mut self, file: FileId, node: &'t Node, what: &tree::Talk) {
        let kind = match node.keyword {
            Keyword::Proposed => TalkKind::Proposed,
            Keyword::Agreed => TalkKind::Agreed,
            Keyword::Declined => TalkKind::Declined,
            _ => TalkKind::Feedback,
        };
        let subject = self.talk_subject(file, what.path.span, kind);
        let by = self.text(file, what.team.span);
        let leadership = by == LEADERSHIP && self.plan.names.global(by).is_none();
        let team = if leadership { None } else { self.team_ref(file, what.team.span) };
        if let (Some(subject), true) = (subject, leadership || team.is_some()) {
            self.plan.talk.push(Talk {
                date: what.date.date,
                kind,
                subject,
                team,
                by: self.place(file, what.team.span),
                text: what.text.map(|text| self.text_place(file, text)),
                place: self.place(file, node.span),
            });
        }
    }

    fn talk_subject(&mut self, file: FileId, span: Span, kind: TalkKind) -> Option<Subject> {
        let path = self.text(file, span);
        let found = match self.plan.find(path, Scope::default()) {
            Ok(found) => found,
            Err(error) => {
                self.name_problem(file, span, error);
                return None;
            }
        };
        match found {
            Found::Thing(CellKind::Objective, index) => Some(Subject::Objective(index)),
            Found::Thing(CellKind::Kr, index) => Some(Subject::Kr(index)),
            Found::Thing(CellKind::Initiative, index) if kind != TalkKind::Declined => {
                Some(Subject::Initiative(index))
            }
            Found::Unknown => None,
            found => {
                let what = found_words(found);
                let message = format!("`{path}` is {what} and cannot be {}", kind.word());
                let help = "name an objective or a key result";
                self.problem(Kind::WrongKind, file, span, message, help);
                None
            }
        }
    }

    pub(super) fn read_assertions(&mut self) {
        for (file, node) in std::mem::take(&mut self.declared.assertions) {
            if let Body::Assert(what) = &node.body {
                let assertion = self.assertion(file, what);
                self.plan.assertions.push(assertion);
            }
        }
    }

    /// An assertion, whose formula must be true or false.
    pub(super) fn assertion(&mut self, file: FileId, what: &tree::Assert) -> Assertion {
        let span = what.formula.text;
        let place = Place { file, span };
        let checked = self.check(file, what.formula, Scope::default());
        let formula = match checked.kind {
            Type::Truth => match self.keep_formula(place, checked.start, 1.0) {
                Amount::Formula(formula) => Some(formula),
                _ => None,
            },
            Type::Unknown => None,
            _ => {
                let message = "an assertion is a comparison, and this is a number";
                self.problem(Kind::NumberAsTruth, file, span, message, "compare it: `… >= 0.4`");
                None
            }
        };
        Assertion {
            date: what.date.map(|date| date.date),
            formula,
            message: what.message.map(|message| self.text_place(file, message)),
            place,
        }
    }
}
