//! How funding and projections came about, for `explain`.

use super::Engine;
use super::explain::{Depth, Step};
use super::portfolio::Payment;
use super::projection::{Effect, unprojected};
use super::store::Value;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Draw, Input};
use crate::quantity::{UnitId, readable};

impl Engine {
    /// Explains a cell of funding or projection; `false` if it is another.
    pub(super) fn explain_work(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) -> bool {
        let index = cell.index as usize;
        match cell.field {
            Field::BucketDemand => self.explain_demand(index, step),
            Field::BucketLoad => self.explain_load(cell, step, depth),
            Field::InitiativeFunded => self.explain_funded(index, step, depth),
            Field::InitiativePaid => self.explain_paid(cell, step, depth),
            Field::KrProjected => self.explain_projected(cell, step, depth),
            _ => return self.explain_projected_grade(cell, step),
        }
        true
    }

    fn explain_demand(&self, pot: usize, step: &mut Step) {
        step.place = Some(self.plan.line_of(self.plan.buckets[pot].name));
        let drawing = self.draws_on(pot);
        step.how = match drawing.is_empty() {
            true => "nothing draws on it".into(),
            false => "what its initiatives draw, funded or not".into(),
        };
        step.from.extend(drawing);
    }

    /// What each initiative that takes part draws on a pot.
    fn draws_on(&self, pot: usize) -> Vec<Step> {
        let funding = self.funding();
        let mut steps = Vec::new();
        for work in &funding.portfolio.works {
            let initiative = &self.plan.initiatives[work.initiative as usize];
            let effort = work.draws.iter().find(|(other, _)| *other as usize == pot);
            let Some((_, effort)) = effort else { continue };
            let of_pot = |(_, draw): &&(_, Draw)| self.pot(*draw) == pot;
            let inputs = initiative.draws.iter().filter(of_pot).map(|(estimate, _)| estimate.mean);
            let inputs: Vec<Input> = inputs.collect();
            let written: Vec<&str> = inputs.iter().map(|it| self.plan.source(it.place)).collect();
            let ranged = written.iter().any(|text| text.contains(".."));
            let what = if ranged { "the mean of " } else { "" };
            let left = match work.left < 1.0 {
                true => format!(" × {} not finished", readable(work.left)),
                false => String::new(),
            };
            steps.push(Step {
                name: self.plan.source(initiative.name).to_owned(),
                value: self.plan.units.show(*effort, UnitId::PERSON_WEEKS),
                number: Some(*effort),
                how: format!("draws {what}{}{left}", written.join(" + ")),
                place: inputs.first().map(|input| self.plan.line_of(input.place)),
                from: Vec::new(),
            });
        }
        steps
    }

    fn explain_load(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let bucket = &self.plan.buckets[cell.index as usize];
        step.place = Some(self.plan.line_of(bucket.name));
        let [demand, capacity] =
            [Field::BucketDemand, Field::BucketCapacity].map(|field| Cell { field, ..cell });
        step.how = match self.read(demand) {
            Value::Number(0.0) => "0 without demand".into(),
            _ if self.read(capacity) == Value::Number(0.0) => {
                "no capacity, so demand over capacity has no value".into()
            }
            _ => "demand / capacity".into(),
        };
        self.children(step, [demand, capacity], depth);
    }

    fn explain_funded(&self, index: usize, step: &mut Step, depth: Depth<'_>) {
        let initiative = &self.plan.initiatives[index];
        step.place = Some(self.plan.line_of(initiative.name));
        let funding = self.funding();
        let Some(place) = funding.places[index] else {
            step.how = match self.is_there(index) {
                true => "it belongs to another cycle, so it takes no part".into(),
                false => "it is not part of the plan as it is looked at".into(),
            };
            return;
        };
        let work = &funding.portfolio.works[place as usize];
        step.how = match funding.funded.limits[place as usize] {
            Some(pot) => format!("{} leaves it no more", self.pot_name(pot as usize)),
            None if work.draws.is_empty() => "it draws nothing, so nothing is missing".into(),
            None => "all that it draws is there".into(),
        };
        let buckets =
            work.draws.iter().filter(|(pot, _)| (*pot as usize) < self.plan.buckets.len());
        let cells: Vec<Cell> = buckets
            .flat_map(|(pot, _)| {
                [Field::BucketDemand, Field::BucketCapacity]
                    .map(|field| Cell { field, index: *pot })
            })
            .collect();
        self.children(step, cells, depth);
    }

    /// The name of a pot: its bucket's path, or its team's id.
    pub fn pot_name(&self, pot: usize) -> String {
        match pot.checked_sub(self.plan.buckets.len()) {
            None => self.plan.bucket_id(pot),
            Some(team) => self.plan.source(self.plan.teams[team].name).to_owned(),
        }
    }

    fn explain_paid(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let index = cell.index as usize;
        let initiative = &self.plan.initiatives[index];
        step.place = Some(self.plan.line_of(initiative.name));
        let funding = self.funding();
        let place = funding.places[index];
        let work = place.map(|place| &funding.portfolio.works[place as usize]);
        let unmet = initiative
            .needs
            .iter()
            .find(|(needed, _)| self.funded(*needed as usize) != Value::Number(1.0));
        step.how = match (work.map(|work| &work.payment), unmet) {
            (None, _) => "it takes no part".into(),
            (_, Some((needed, _))) => {
                let needed = self.plan.source(self.plan.initiatives[*needed as usize].name);
                format!("`{needed}`, which it needs, is not wholly funded, so it pays nothing")
            }
            (Some(Payment::AsFunded), _) => "as funded".into(),
            (Some(Payment::WhenDone), _) => "all when wholly funded, else nothing".into(),
            (Some(Payment::Curve(_)), _) => "by its curve of what is funded".into(),
        };
        self.children(step, [Cell { field: Field::InitiativeFunded, ..cell }], depth);
    }

    fn explain_projected(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let kr = cell.index;
        step.place = Some(self.plan.line_of(self.plan.krs[kr as usize].name));
        if self.stays(kr as usize) {
            step.how = "no number grades it, so it keeps its grade".into();
            return;
        }
        let effects = self.effects();
        let on = effects.on(kr);
        let actual = Cell { field: Field::KrActual, ..cell };
        let start = match self.read(actual) {
            Value::NoData => Cell { field: Field::KrBaseline, ..cell },
            _ => actual,
        };
        step.how = match on.is_empty() {
            true => "nothing moves it, so it keeps its actual".into(),
            false => "where it is, and what each initiative adds: chance × paid × effect".into(),
        };
        self.children(step, [start], depth);
        for effect in on {
            step.from.push(self.explain_effect(effect, depth.below()));
        }
    }

    fn explain_effect(&self, effect: &Effect, depth: Depth<'_>) -> Step {
        let work = &self.funding().portfolio.works[effect.work as usize];
        let index = work.initiative as usize;
        let initiative = &self.plan.initiatives[index];
        let input = match effect.closes {
            true => initiative.closes[effect.line as usize].0.mean,
            false => initiative.moves[effect.line as usize].1.mean,
        };
        let unit = match effect.closes {
            true => UnitId::PERCENT,
            false => self.plan.krs[effect.kr as usize].unit,
        };
        let chance = self.read(Cell::new(Field::InitiativeChance, index));
        let paid = self.paid(index);
        let sure = match (chance, paid) {
            (Value::Number(chance), Value::Number(paid)) => {
                Some(chance * paid * work.left * effect.amount)
            }
            _ => None,
        };
        let shown = |value: Value| value.number().map_or("?".into(), readable);
        let left = match work.left < 1.0 {
            true => format!(" × {} not finished", readable(work.left)),
            false => String::new(),
        };
        let amount = self.plan.units.show(effect.amount, unit);
        let what = if effect.closes { "of the gap that remains" } else { "" };
        let mut step = Step {
            name: self.plan.source(initiative.name).to_owned(),
            value: sure.map_or("no data".into(), |sure| self.plan.units.show(sure, unit)),
            number: sure,
            how: format!("{} × {} × {amount}{left} {what}", shown(chance), shown(paid))
                .trim_end()
                .to_owned(),
            place: Some(self.plan.line_of(input.place)),
            from: Vec::new(),
        };
        self.children(&mut step, [Cell::new(Field::InitiativePaid, index)], depth);
        step
    }

    /// A projected grade is explained in the projected plan.
    fn explain_projected_grade(&self, cell: Cell, step: &mut Step) -> bool {
        let Some(plain) = unprojected(cell) else { return false };
        let world = if self.is_projection() { self } else { self.projected() };
        let inner = world.explain(plain);
        step.how = format!("with every actual as projected: {}", inner.how);
        step.place = inner.place;
        step.from = inner.from;
        if cell.field == Field::KrProjectedGrade && !self.is_projection() {
            let actual = self.plan.cell_name(Cell { field: Field::KrActual, ..cell });
            step.from.retain(|it| it.name != actual);
            step.from.insert(0, self.explain(Cell { field: Field::KrProjected, ..cell }));
        }
        true
    }
}
