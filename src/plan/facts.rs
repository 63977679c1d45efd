//! What a key result's block says at a glance, and key results that are read at a glance.
//!
//! Most key results have no formulas but numbers: nothing that they say depends on other statements.
//! They are read when they are declared, while their fields are at hand, so that a large plan is not
//! gone through again and again.

use super::infer::field_exprs;
use super::model::{Grading, Kr};
use super::resolve::{Resolver, Stated};
use crate::quantity::UnitId;
use crate::source::FileId;
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{self, Body, Expr, Node};

/// What a block says.
pub(super) struct Facts<'t> {
    /// The kind of grading; its details are read later.
    pub grading: Grading,
    /// Whether there is a target, sound or not.
    pub target: bool,
    /// Whether what grades the key result may stand in a field that could not be read.
    pub unreadable: bool,
    unit: Option<&'t Node>,
    /// The first of each field that shows the unit, in the order in which they count.
    shows: [Option<&'t Node>; 4],
}

impl<'t> Facts<'t> {
    pub fn of(block: &'t [Node]) -> Self {
        let (mut grading, mut unit, mut shows) = (None, None, [None; 4]);
        let (mut broken, mut grades) = (false, false);
        for node in block {
            broken |= matches!(node.body, Body::Broken(_));
            grading = grading.or_else(|| stated_grading(&node.body));
            let slot = match node.keyword {
                Keyword::Unit => &mut unit,
                Keyword::Baseline => &mut shows[0],
                Keyword::Target => &mut shows[1],
                Keyword::Keep => &mut shows[2],
                Keyword::Actual => &mut shows[3],
                Keyword::Grading => {
                    grades = true;
                    continue;
                }
                _ => continue,
            };
            slot.get_or_insert(node);
        }
        let target = shows[1].is_some();
        grades |= target || shows[2].is_some();
        let grading = grading.unwrap_or(Grading::Linear { uncapped: false });
        Self { grading, target, unreadable: broken && !grades, unit, shows }
    }

    /// The formulas that show the unit, in the order in which they count.
    pub fn exprs(&self) -> impl Iterator<Item = Expr> {
        self.shows.into_iter().flatten().flat_map(field_exprs).flatten()
    }
}

/// The kind of grading that a field states.
fn stated_grading(body: &Body) -> Option<Grading> {
    match body {
        Body::Keep(_) => Some(Grading::Keep(0)),
        Body::Grading(grading) => match **grading {
            tree::Grading::Done => Some(Grading::Done),
            tree::Grading::Score => Some(Grading::Score),
            tree::Grading::Milestones(_) => Some(Grading::Milestones(0, 0)),
            _ => None,
        },
        _ => None,
    }
}

impl<'t> Resolver<'t> {
    /// The `unit` field, or the unit of the first number of a block that stands alone with one.
    pub(super) fn unit_of_fields(&mut self, file: FileId, facts: &Facts<'t>) -> Option<UnitId> {
        if let Some(Body::Word(span)) = facts.unit.map(|node| &node.body) {
            let word = self.text(file, *span);
            return Some(self.plan.units.intern(word));
        }
        facts.exprs().find_map(|expr| {
            let unit = self.literal(file, expr)?.unit;
            (unit != UnitId::BARE).then_some(unit)
        })
    }

    /// Reads the newest key result, if nothing in it depends on what has not been declared yet and
    /// nothing in it is wrong; else it is left as it is.
    pub(super) fn read_at_a_glance(&mut self) {
        let index = self.plan.krs.len() - 1;
        let (problems, points) = (self.problems.len(), self.plan.points.len());
        let (milestones, bounds) = (self.plan.milestones.len(), self.plan.bounds.len());
        self.read_kr(index);
        self.krs_read.push(true);
        if self.problems.len() > problems {
            self.problems.truncate(problems);
            self.plan.points.truncate(points);
            self.plan.milestones.truncate(milestones);
            self.plan.bounds.truncate(bounds);
            self.unread(index);
        }
    }

    /// Leaves a key result to be read later.
    pub(super) fn unread(&mut self, index: usize) {
        let Stated { file, what: entity } = self.declared.krs[index];
        let (unit, objective) = (self.plan.krs[index].unit, self.plan.krs[index].objective);
        let kr = self.new_kr(file, objective, entity, &Facts::of(&entity.block));
        self.plan.krs[index] = Kr { unit, ..kr };
        self.krs_read[index] = false;
    }
}
