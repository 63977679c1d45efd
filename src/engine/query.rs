//! What reports ask of an engine.

use super::bind::{KrState, NO_CHECKIN};
use super::store::Value;
use super::{Engine, Mean};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Checkin, Grading, KrKind, TalkKind};

/// What a key result's grade stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has a grade.
    Graded,
    /// Nothing has been observed.
    NoData,
    /// `n/a`
    NotApplicable,
    /// Opted out.
    Declined,
    /// It, or what it follows from, is wrong.
    Error,
}

impl State {
    /// The state's word in reports.
    pub fn word(self) -> &'static str {
        match self {
            State::Graded => "graded",
            State::NoData => "no data",
            State::NotApplicable => "not applicable",
            State::Declined => "declined",
            State::Error => "error",
        }
    }
}

impl Engine {
    /// The state of a key result.
    pub fn kr_state(&self, index: usize) -> State {
        let state = self.krs[index];
        // What is opted out is not asked about any more, whatever was observed.
        if state.is(KrState::DECLINED) {
            return State::Declined;
        }
        if state.is(KrState::NOT_APPLICABLE) {
            return State::NotApplicable;
        }
        match self.read(Cell::new(Field::KrGrade, index)) {
            Value::Number(_) => State::Graded,
            Value::Error => State::Error,
            Value::NoData => State::NoData,
        }
    }

    /// The status of a key result in the talk.
    pub fn kr_status(&self, index: usize) -> Option<TalkKind> {
        self.kr_status.get(&(index as u32)).copied()
    }

    /// The status of an objective in the talk.
    pub fn objective_status(&self, index: usize) -> Option<TalkKind> {
        self.objective_status[index]
    }

    /// How many counted key results of an objective have data, and how many count.
    pub fn graded_of(&self, objective: usize) -> (usize, usize) {
        let krs = self.plan.objectives[objective].krs.clone();
        let counted = krs.map(|kr| kr as usize).filter(|&kr| !self.krs[kr].is_left_out());
        counted.fold((0, 0), |(graded, of), kr| {
            (graded + usize::from(self.kr_state(kr) == State::Graded), of + 1)
        })
    }

    /// Whether a guardrail is broken: its newest observation violates it, or its grade is below
    /// green. One without data is not.
    pub fn is_broken(&self, index: usize) -> bool {
        let kr = &self.plan.krs[index];
        if kr.kind != KrKind::Guardrail || self.kr_state(index) != State::Graded {
            return false;
        }
        let violated = match kr.grading {
            Grading::Keep(bounds) => {
                let newest = self.read(Cell::new(Field::KrActual, index)).number();
                newest.is_some_and(|newest| !self.keeps(bounds, newest).unwrap_or(true))
            }
            _ => false,
        };
        let grade = self.read(Cell::new(Field::KrGrade, index)).number();
        let green = self.objective_thresholds(kr.objective as usize).green;
        violated || grade.is_some_and(|grade| grade < green - 1e-9)
    }

    /// The three means of an objective.
    pub fn objective(&self, index: usize) -> Mean {
        self.mean(
            index,
            Field::ObjectiveGrade,
            Field::ObjectiveCommittedGrade,
            Field::ObjectiveAspirationalGrade,
        )
    }

    /// The three means of a team.
    pub fn team(&self, index: usize) -> Mean {
        self.mean(index, Field::TeamGrade, Field::TeamCommittedGrade, Field::TeamAspirationalGrade)
    }

    /// The three means of a cycle.
    pub fn cycle(&self, index: usize) -> Mean {
        self.mean(
            index,
            Field::CycleGrade,
            Field::CycleCommittedGrade,
            Field::CycleAspirationalGrade,
        )
    }

    fn mean(&self, index: usize, grade: Field, committed: Field, aspirational: Field) -> Mean {
        Mean {
            grade: self.read(Cell::new(grade, index)),
            committed: self.read(Cell::new(committed, index)),
            aspirational: self.read(Cell::new(aspirational, index)),
        }
    }

    /// The check-in that counts for a key result.
    pub fn newest_checkin(&self, index: usize) -> Option<&Checkin> {
        match self.newest[index] {
            NO_CHECKIN => None,
            newest => self.plan.checkins.get(newest as usize),
        }
    }
}
