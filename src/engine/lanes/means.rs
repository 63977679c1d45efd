//! Means of many futures: what is the same in all of them is added up once.

use super::super::Engine;
use super::super::bind::KrState;
use super::super::store::{ERROR, NO_DATA, Value, value_of};
use super::lower::Lowering;
use super::{Bench, ROWS, Source};
use crate::plan::cell::{Cell, Field};
use multiversion::multiversion;

/// The three means of an objective, a team or a cycle.
#[derive(Debug)]
pub(super) struct Means {
    pub of: Of,
    /// The joint mean, that of the committed and of the aspirational key results.
    pub parts: [Part; 3],
    pub cells: [Cell; 3],
    /// What the engine reads for them.
    pub reads: Vec<Cell>,
}

/// Whose means they are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Objective(u32),
    Team(u32),
    Cycle(u32),
}

/// How a mean is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// It is the same in all futures.
    Fixed,
    /// It is the joint mean, as all members are of one kind.
    LikeJoint,
    /// Its members are added up.
    Sum,
}

/// One mean.
#[derive(Debug)]
pub(super) struct Part {
    pub shape: Shape,
    pub out: u32,
    /// Σ weight × grade and Σ weight of the members that are the same in all futures.
    sum: f64,
    weight: f64,
    wrong: bool,
    members: Vec<Member>,
}

/// A member that differs from future to future.
#[derive(Clone, Copy, Debug)]
struct Member {
    grade: Source,
    weight: Source,
    /// Whether it counts 0 without data.
    zero: bool,
}

/// What one member adds.
enum Term {
    Nothing,
    Wrong,
    Adds(f64, f64),
}

fn term(grade: f64, weight: f64, zero: bool) -> Term {
    let grade = match value_of(grade) {
        Value::Number(grade) => grade,
        Value::NoData if zero => 0.0,
        Value::NoData => return Term::Nothing,
        Value::Error => return Term::Wrong,
    };
    match value_of(weight) {
        Value::Number(weight) => Term::Adds(weight * grade, weight),
        Value::NoData => Term::Nothing,
        Value::Error => Term::Wrong,
    }
}

impl Part {
    fn of(members: Vec<Member>) -> Self {
        let mut part = Part {
            shape: Shape::Sum,
            out: 0,
            sum: 0.0,
            weight: 0.0,
            wrong: false,
            members: Vec::new(),
        };
        for member in members {
            match (member.grade, member.weight) {
                (Source::Number(grade), Source::Number(weight)) => {
                    match term(grade, weight, member.zero) {
                        Term::Adds(sum, weight) => {
                            part.sum += sum;
                            part.weight += weight;
                        }
                        Term::Nothing => {}
                        Term::Wrong => part.wrong = true,
                    }
                }
                _ => part.members.push(member),
            }
        }
        if part.members.is_empty() {
            part.shape = Shape::Fixed;
        }
        part
    }
}

/// Adds a weighted column.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
fn add_weighted(weight: f64, grades: &[f64], sums: &mut [f64]) {
    sums.iter_mut().zip(grades).for_each(|(sum, grade)| *sum += weight * grade);
}

fn same(left: Source, right: Source) -> bool {
    match (left, right) {
        (Source::Number(left), Source::Number(right)) => left.to_bits() == right.to_bits(),
        (left, right) => left == right,
    }
}

/// The committed or the aspirational part: the joint one again if they are the same members.
fn apart(joint: &[Member], members: Vec<Member>) -> Part {
    let is = |(one, other): (&Member, &Member)| {
        same(one.grade, other.grade) && same(one.weight, other.weight)
    };
    let like_joint = joint.len() == members.len() && joint.iter().zip(&members).all(is);
    let mut part = Part::of(members);
    if like_joint {
        (part.shape, part.members) = (Shape::LikeJoint, Vec::new());
    }
    part
}

impl Means {
    pub fn of_objective(lowering: &Lowering<'_>, index: u32) -> Self {
        let world = lowering.world;
        let counted: Vec<usize> = world.plan.objectives[index as usize]
            .krs
            .clone()
            .map(|kr| kr as usize)
            .filter(|&kr| !world.krs[kr].is_left_out())
            .collect();
        let member = |kr: &usize| Member {
            grade: lowering.source(Cell::new(Field::KrGrade, *kr)),
            weight: lowering.source(Cell::new(Field::KrWeight, *kr)),
            zero: !world.krs[*kr].is(KrState::SKIP_MISSING),
        };
        let of = |committed: bool| -> Vec<Member> {
            let kind = |kr: &&usize| world.krs[**kr].is(KrState::COMMITTED) == committed;
            counted.iter().filter(kind).map(member).collect()
        };
        let joint: Vec<Member> = counted.iter().map(member).collect();
        let parts = [Part::of(joint.clone()), apart(&joint, of(true)), apart(&joint, of(false))];
        let reads = [Field::KrGrade, Field::KrWeight];
        let reads = counted.iter().flat_map(|kr| reads.map(|field| Cell::new(field, *kr)));
        let cells = OBJECTIVE.map(|field| Cell { field, index });
        Self { of: Of::Objective(index), parts, cells, reads: reads.collect() }
    }

    pub fn of_team(lowering: &Lowering<'_>, index: u32) -> Self {
        let members = &lowering.world.members;
        let objectives = members.team_objectives.get(index as usize);
        let children = members.team_children.get(index as usize);
        let cells = TEAM.map(|field| Cell { field, index });
        Self::above(lowering, Of::Team(index), cells, objectives, children)
    }

    pub fn of_cycle(lowering: &Lowering<'_>, index: u32) -> Self {
        let objectives = lowering.world.members.cycle_objectives.get(index as usize);
        let cells = CYCLE.map(|field| Cell { field, index });
        Self::above(lowering, Of::Cycle(index), cells, objectives, &[])
    }

    fn above(
        lowering: &Lowering<'_>,
        of: Of,
        cells: [Cell; 3],
        objectives: &[u32],
        children: &[u32],
    ) -> Self {
        let source = |field, index: &u32| lowering.source(Cell { field, index: *index });
        let members = |part: usize| -> Vec<Member> {
            let weighed = objectives.iter().map(|it| Member {
                grade: source(OBJECTIVE[part], it),
                weight: source(Field::ObjectiveWeight, it),
                zero: false,
            });
            let plain = children.iter().map(|it| Member {
                grade: source(TEAM[part], it),
                weight: Source::Number(1.0),
                zero: false,
            });
            weighed.chain(plain).collect()
        };
        let joint = members(0);
        let parts = [Part::of(joint.clone()), apart(&joint, members(1)), apart(&joint, members(2))];
        let weight = [Field::ObjectiveWeight];
        let of_objectives = OBJECTIVE.iter().chain(&weight);
        let mut reads: Vec<Cell> = Vec::new();
        for (fields, things) in
            [(of_objectives.collect::<Vec<_>>(), objectives), (TEAM.iter().collect(), children)]
        {
            for &index in things {
                reads.extend(fields.iter().map(|field| Cell { field: **field, index }));
            }
        }
        Self { of, parts, cells, reads }
    }

    /// Computes the means of a block; gives the rows that the engine must look at.
    pub fn run(&self, rows: usize, bench: &mut Bench) -> Vec<usize> {
        let mut again = Vec::new();
        for (at, part) in self.parts.iter().enumerate().filter(|(_, it)| it.shape == Shape::Sum) {
            let (before, after) = bench.columns.split_at_mut(part.out as usize * ROWS);
            let out = &mut after[..rows];
            let clean = part.members.iter().all(|member| match (member.grade, member.weight) {
                (Source::Column(grade), Source::Number(weight)) => {
                    bench.clean[grade as usize] && weight.is_finite()
                }
                _ => false,
            });
            if clean && !part.wrong {
                part.add_up(before, out);
            } else {
                part.row_by_row(before, out);
            }
            if at > 0 && self.parts[0].shape == Shape::Sum {
                let joint = &before[self.parts[0].out as usize * ROWS..][..rows];
                let wrong = |joint: &f64| value_of(*joint) == Value::Error;
                out.iter_mut().zip(joint).filter(|it| wrong(it.1)).for_each(|it| *it.0 = ERROR);
            } else if at == 0 && out.iter().any(|mean| value_of(*mean) == Value::NoData) {
                // Weights that are all zero are an error, which the engine tells apart.
                let empty = |row: &usize| value_of(out[*row]) == Value::NoData;
                again.extend((0..rows).filter(empty));
            }
        }
        again
    }

    /// Computes the means of one future by the engine.
    pub fn of_engine(&self, world: &mut Engine) -> [f64; 3] {
        use super::super::rollup::Changed;
        let (mean, stop) = match self.of {
            Of::Objective(index) => world.objective_mean(index, Changed::All),
            Of::Team(index) => world.team_mean(index, Changed::All),
            Of::Cycle(index) => world.cycle_mean(index, Changed::All),
        };
        drop(stop);
        [mean.grade, mean.committed, mean.aspirational].map(Value::stored)
    }
}

impl Part {
    /// All members are numbers, and their weights the same in all futures.
    fn add_up(&self, before: &[f64], out: &mut [f64]) {
        out.fill(self.sum);
        let mut total = self.weight;
        for member in &self.members {
            let (Source::Column(grade), Source::Number(weight)) = (member.grade, member.weight)
            else {
                continue;
            };
            let grades = &before[grade as usize * ROWS..][..out.len()];
            add_weighted(weight, grades, out);
            total += weight;
        }
        match total > 0.0 {
            true => out.iter_mut().for_each(|sum| *sum /= total),
            false => out.fill(NO_DATA),
        }
    }

    fn row_by_row(&self, before: &[f64], out: &mut [f64]) {
        let at = |source: Source, row: usize| match source {
            Source::Number(number) => number,
            Source::Column(column) => before[column as usize * ROWS + row],
        };
        for (row, out) in out.iter_mut().enumerate() {
            let (mut sum, mut total, mut wrong) = (self.sum, self.weight, self.wrong);
            for member in &self.members {
                match term(at(member.grade, row), at(member.weight, row), member.zero) {
                    Term::Adds(part, weight) => {
                        sum += part;
                        total += weight;
                    }
                    Term::Nothing => {}
                    Term::Wrong => wrong = true,
                }
            }
            *out = match () {
                () if wrong => ERROR,
                () if total > 0.0 => sum / total,
                () => NO_DATA,
            };
        }
    }
}

const OBJECTIVE: [Field; 3] =
    [Field::ObjectiveGrade, Field::ObjectiveCommittedGrade, Field::ObjectiveAspirationalGrade];
const TEAM: [Field; 3] =
    [Field::TeamGrade, Field::TeamCommittedGrade, Field::TeamAspirationalGrade];
const CYCLE: [Field; 3] =
    [Field::CycleGrade, Field::CycleCommittedGrade, Field::CycleAspirationalGrade];
