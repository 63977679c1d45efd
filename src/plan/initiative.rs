//! The fields of initiatives.

use super::cell::{Kind as CellKind, Range};
use super::fields::found_words;
use super::model::*;
use super::names::{Found, Scope};
use super::resolve::{Resolver, Seen};
use super::value::Wanted;
use crate::diagnostic::{Kind, Problem};
use crate::quantity::UnitId;
use crate::source::{FileId, Place, Span};
use crate::syntax::keyword::{self, Keyword};
use crate::syntax::tree::{self, Body, Node};

impl<'t> Resolver<'t> {
    pub(super) fn read_initiatives(&mut self) {
        for index in 0..self.plan.initiatives.len() {
            let stated = &self.declared.initiatives[index];
            let (file, block) = (stated.file, &stated.what.block);
            let mut seen = Seen::default();
            for field in block {
                if self.counts(&mut seen, file, block, field) {
                    self.initiative_field(file, field, index);
                }
            }
            self.own_cycle(index);
        }
    }

    fn initiative_field(&mut self, file: FileId, node: &'t Node, index: usize) {
        match (&node.body, node.keyword) {
            (Body::Name(name), Keyword::Owner) => {
                self.plan.initiatives[index].owner = self.team_ref(file, name.span);
            }
            (Body::Name(name), Keyword::Cycle) => {
                let cycle = self.thing_ref(file, name.span, CellKind::Cycle);
                self.plan.initiatives[index].cycle = cycle;
            }
            (Body::Name(name), _) => {
                if let Some(needed) = self.thing_ref(file, name.span, CellKind::Initiative) {
                    let place = self.place(file, name.span);
                    self.plan.initiatives[index].needs.push((needed, place));
                }
            }
            (Body::Word(span), _) => {
                self.plan.initiatives[index].theme = Some(self.place(file, *span));
            }
            (Body::Text(text), Keyword::Theme) => {
                self.plan.initiatives[index].theme = Some(self.place(file, text.span));
            }
            (Body::Value(value), keyword) => self.initiative_value(file, value, keyword, index),
            (Body::Effect(effect), keyword) => self.effect(file, effect, keyword, index),
            (Body::Pays(choice, points), _) => {
                self.plan.initiatives[index].pays = match keyword::PAYS[choice.index as usize] {
                    "as_funded" => Pays::AsFunded,
                    "when_done" => Pays::WhenDone,
                    _ => self.pays_curve(file, points),
                };
            }
            _ => {
                let mut remarks = std::mem::take(&mut self.plan.initiatives[index].remarks);
                self.remark(file, node, &mut remarks);
                self.plan.initiatives[index].remarks = remarks;
            }
        }
    }

    fn initiative_value(
        &mut self,
        file: FileId,
        value: &tree::Value,
        keyword: Keyword,
        index: usize,
    ) {
        let scope = Scope::default();
        let range = if keyword == Keyword::Priority { Range::Any } else { Range::Share };
        let wanted = Wanted::bare(keyword.word(), range);
        let input = match keyword {
            Keyword::Chance => self.estimate(file, value, wanted, scope).mean,
            _ => self.amount(file, value, wanted, scope),
        };
        let initiative = &mut self.plan.initiatives[index];
        *match keyword {
            Keyword::Chance => &mut initiative.chance,
            Keyword::Priority => &mut initiative.priority,
            _ => &mut initiative.finished,
        } = Some(input);
    }

    fn effect(&mut self, file: FileId, effect: &tree::Effect, keyword: Keyword, index: usize) {
        let span = effect.path.span;
        match keyword {
            Keyword::Draws => {
                let wanted = Wanted::effort("an effort");
                let effort = self.estimate(file, &effect.value, wanted, Scope::default());
                self.check_positive(file, &effort);
                if let Some(draw) = self.draw_from(file, span) {
                    self.plan.initiatives[index].draws.push((effort, draw));
                }
            }
            Keyword::Moves => {
                let kr = self.movable(file, span);
                let Some(kr) = kr else { return };
                let Some(unit) = self.own_unit(CellKind::Kr, kr) else { return };
                let wanted = Wanted::unit("the change", unit);
                let scope = self.kr_scope(kr);
                let change = self.estimate(file, &effect.value, wanted, scope);
                self.plan.initiatives[index].moves.push((kr, change));
            }
            _ => {
                let wanted = Wanted::bare("the share that it closes", Range::Share);
                let share = self.estimate(file, &effect.value, wanted, Scope::default());
                if let Some(kr) = self.closable(file, span) {
                    self.plan.initiatives[index].closes.push((share, kr));
                }
            }
        }
    }

    /// An effort that is a range is positive at both ends: its distribution is lognormal.
    fn check_positive(&mut self, file: FileId, effort: &Estimate) {
        let Some((low, _, _)) = effort.range else { return };
        if let Amount::Number(number) = low.amount
            && number <= 0.0
        {
            let message = "an uncertain effort is positive at both ends";
            let help = "begin the range above 0";
            self.problem(Kind::OutOfRange, file, low.place.span, message, help);
        }
    }

    /// The bucket of a path, or the team without buckets.
    pub(super) fn draw_from(&mut self, file: FileId, span: Span) -> Option<Draw> {
        let path = self.text(file, span);
        match self.plan.find(path, Scope::default()) {
            Ok(Found::Thing(CellKind::Bucket, bucket)) => Some(Draw::Bucket(bucket)),
            Ok(Found::Thing(CellKind::Team, team)) => {
                let buckets = self.plan.teams[team as usize].buckets.clone();
                if buckets.is_empty() {
                    return Some(Draw::Team(team));
                }
                let names: Vec<String> =
                    buckets.map(|bucket| self.plan.bucket_id(bucket as usize)).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let message = format!("`{path}` has buckets: name the one to draw from");
                let help = format!("write {}", crate::suggest::one_of(&names));
                self.problem(Kind::WrongKind, file, span, message, help);
                None
            }
            Ok(Found::Unknown) => None,
            Ok(found) => {
                let what = found_words(found);
                let message = format!("`{path}` is {what}, and a bucket belongs here");
                let help = "a bucket is named `team.bucket`";
                self.problem(Kind::WrongKind, file, span, message, help);
                None
            }
            Err(error) => {
                self.name_problem(file, span, error);
                None
            }
        }
    }

    /// The key result of a path, which a number must grade.
    fn movable(&mut self, file: FileId, span: Span) -> Option<u32> {
        let kr = self.thing_ref(file, span, CellKind::Kr)?;
        let id = self.text(file, span);
        let it = &self.plan.krs[kr as usize];
        let not_applicable = it.actual.filter(|(it, _)| *it == Observation::NotApplicable);
        let declined = self.declined_at(kr);
        let (reason, at) = match it.grading {
            Grading::Done => ("it is graded by `done`", None),
            Grading::Milestones(..) => ("it is graded by milestones", None),
            _ if not_applicable.is_some() => ("it is `n/a`", not_applicable.map(|it| it.1)),
            _ if declined.is_some() => ("it is declined", declined),
            _ => return Some(kr),
        };
        let message = format!("`{id}` cannot be moved: {reason}");
        let help = "an initiative moves a key result that a number grades";
        let problem = Problem::new(Kind::Unmovable, self.place(file, span), message).help(help);
        self.problems.push(match at {
            Some(at) => problem.other(at, "here"),
            None => problem,
        });
        None
    }

    /// Where a key result or its objective is declined, if that is the last word of the talk about it.
    fn declined_at(&self, kr: u32) -> Option<Place> {
        let objective = Subject::Objective(self.plan.krs[kr as usize].objective);
        let last = |subject: Subject| {
            let about = |talk: &&Talk| talk.subject == subject && talk.kind != TalkKind::Feedback;
            self.plan.talk.iter().rfind(about)
        };
        let declines = |talk: &&Talk| talk.kind == TalkKind::Declined;
        let words = [Subject::Kr(kr), objective].into_iter().filter_map(last);
        words.into_iter().find(declines).map(|talk| talk.place)
    }

    fn closable(&mut self, file: FileId, span: Span) -> Option<u32> {
        let kr = self.movable(file, span)?;
        if self.plan.krs[kr as usize].has_target || self.plan.krs[kr as usize].broken {
            return Some(kr);
        }
        let id = self.text(file, span);
        let message = format!("`{id}` has no target, and so no gap to close");
        let help = "give it a `target`, or write `moves … by …`";
        self.problem(Kind::ClosesNoTarget, file, span, message, help);
        None
    }

    fn pays_curve(&mut self, file: FileId, points: &[tree::Point]) -> Pays {
        let mut last: Option<f64> = None;
        let mut sound = true;
        let mut read = Vec::with_capacity(points.len());
        for point in points {
            let point = self.point(file, point, UnitId::BARE, Scope::default());
            if let Amount::Number(at) = point.at.amount {
                // The first point out of order is reported; the others may be so because of it.
                let rises = last.is_none_or(|before| before < at);
                if sound && !(rises && (0.0..=1.0).contains(&at)) {
                    let message = "the funded share rises from point to point, within 0..1";
                    let problem = Problem::new(Kind::PointsOrder, point.at.place, message);
                    self.problems
                        .push(problem.help("write the points in order: `0.5 -> 0.2, 1 -> 1`"));
                    sound = false;
                }
                last = Some(at);
            }
            read.push(point);
        }
        if !sound {
            read.iter_mut().for_each(|point| point.at.amount = Amount::Bad);
        }
        Pays::Curve(read)
    }

    /// An initiative belongs to the cycle that it names, else to that of the key results it moves.
    fn own_cycle(&mut self, index: usize) {
        let initiative = &self.plan.initiatives[index];
        if initiative.cycle.is_some() {
            return;
        }
        let moved = initiative.moves.iter().map(|(kr, _)| *kr);
        let closed = initiative.closes.iter().map(|(_, kr)| *kr);
        let objective = |kr: u32| self.plan.krs[kr as usize].objective as usize;
        let cycle = moved.chain(closed).find_map(|kr| self.plan.objectives[objective(kr)].cycle);
        let only = (self.plan.cycles.len() == 1).then_some(0);
        self.plan.initiatives[index].cycle = cycle.or(only);
    }

    /// What initiatives need makes no ring.
    pub(super) fn check_needs(&mut self) {
        let mut state = vec![0_u8; self.plan.initiatives.len()];
        for start in 0..self.plan.initiatives.len() {
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((at, next)) = path.last().copied() {
                state[at] = state[at].max(1);
                match self.plan.initiatives[at].needs.get(next).copied() {
                    None => {
                        state[at] = 2;
                        path.pop();
                    }
                    Some((needed, _)) => {
                        if let Some(last) = path.last_mut() {
                            last.1 += 1;
                        }
                        match state[needed as usize] {
                            0 => path.push((needed as usize, 0)),
                            1 if path.iter().any(|(it, _)| *it == needed as usize) => {
                                self.ring_of_needs(&path, needed as usize);
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    /// Reported where the first of the ring says what it needs.
    fn ring_of_needs(&mut self, path: &[(usize, usize)], needed: usize) {
        let from = path.iter().position(|(at, _)| *at == needed).unwrap_or(0);
        let (first, next) = path[from];
        let place = self.plan.initiatives[first].needs[next.saturating_sub(1)].1;
        let name = |at: usize| self.plan.source(self.plan.initiatives[at].name).to_owned();
        let names: Vec<String> = path[from..].iter().map(|(at, _)| name(*at)).collect();
        let ring = crate::suggest::ring(&names);
        let message = format!("initiatives need one another in a ring: {ring}");
        self.problems.push(Problem::new(Kind::Ring, place, message).help("take one `needs` out"));
    }
}
