//! The named cells of a plan and their recalculation.
//!
//! An [`Engine`] is a plan as of one day: its inputs bound to what is in force then, its computed
//! cells in flat columns, and the order in which they follow from one another. A change of an input
//! recalculates only what it reaches, and gives the same bits as a fresh start.

mod assertion;
mod bind;
mod capacity;
mod check;
mod days;
mod edit;
mod explain;
mod explain_kr;
mod explain_work;
mod formula;
mod function;
mod funding;
mod grade;
mod graph;
mod inputs;
pub mod lanes;
mod late;
mod more;
mod notation;
mod policy;
pub mod portfolio;
mod projection;
mod query;
mod reach;
mod rollup;
mod ruled;
mod scenarios;
mod schedule;
mod sheet;
mod store;
mod straight;
mod sums;
mod time;
mod trial;
mod walk;

pub use assertion::{Outcome, Verdict};
pub use days::Days;
pub use edit::Edited;
pub use explain::Step;
pub use formula::Template;
pub use funding::Funding;
pub use more::Pace;
pub use policy::{Band, Sweet, Thresholds, sweet_of_kind};
pub use projection::{Effect, Effects, Start};
pub use query::State;
pub use reach::{Origin, Reach, Way};
pub use rollup::Mean;
pub use scenarios::Scenarios;
pub use sheet::Lateness;
pub use store::{Value, value_of};
pub use time::{AsOf, AsOfSource, Moment, Options};
pub use trial::Compared;

use crate::diagnostic::Problem;
use crate::plan::Plan;
use crate::plan::model::TalkKind;
use crate::source::Place;
use formula::Templates;
use grade::Stop;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// A plan as of one day, computed.
#[derive(Debug)]
pub struct Engine {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The day, where it came from, and the cycle in force.
    pub moment: Moment,
    /// How the plan is looked at.
    pub options: Options,
    columns: store::Columns,
    krs: Vec<bind::KrState>,
    newest: Vec<u32>,
    objective_status: Vec<Option<TalkKind>>,
    kr_status: FxHashMap<u32, TalkKind>,
    templates: Templates,
    ruled: Arc<ruled::Ruled>,
    graph: graph::Graph,
    members: rollup::Members,
    late: FxHashMap<u32, late::History>,
    earlier: Option<Arc<late::Earlier>>,
    kept: FxHashMap<u32, days::Kept>,
    problems: FxHashMap<u32, Vec<Problem>>,
    binding: Vec<Problem>,
    funding: OnceLock<Funding>,
    effects: OnceLock<Effects>,
    projection: OnceLock<Box<Engine>>,
    is_projection: bool,
    /// The share of the cycle's capacity that counts.
    time_left: f64,
    /// An amount inside a statement that is tried instead of what is written.
    tried: Option<(Place, f64)>,
}

impl Engine {
    /// Binds a plan to a day and computes every cell.
    pub fn new(plan: Arc<Plan>, options: Options) -> Self {
        let moment = Moment::of(&plan, &options);
        Self::at(plan, options, moment)
    }

    /// Binds a plan to a moment that is known.
    pub(crate) fn at(plan: Arc<Plan>, options: Options, moment: Moment) -> Self {
        Self::with_earlier(plan, options, moment, None)
    }

    /// The same, where late key results' grades on earlier days are known.
    fn with_earlier(
        plan: Arc<Plan>,
        options: Options,
        moment: Moment,
        earlier: Option<Arc<late::Earlier>>,
    ) -> Self {
        let mut engine = Self::bind(plan, options, moment);
        engine.earlier = earlier;
        engine.link();
        engine.trace_lateness();
        engine.recalculate();
        engine
    }

    /// Gives the plan away, to be changed in numbers that are then set here, too, and given back.
    /// What keeps a hold of it is computed again when it is asked for.
    pub fn lend_plan(&mut self) -> Arc<Plan> {
        self.projection = OnceLock::new();
        std::mem::take(&mut self.plan)
    }

    /// What went wrong in computing: each at its cause, once.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.binding.clone();
        problems.extend(self.problems.values().flatten().cloned());
        problems.extend(self.checkin_problems());
        problems.extend(self.work_problems());
        crate::diagnostic::in_file_order(&mut problems);
        problems
    }
}
