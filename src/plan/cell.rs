//! The cells of a plan: what can be named in a formula, and what of it can be set.
//!
//! One table says for each kind of thing which cells it has, in which unit, and which values they
//! may take; resolver, engine, messages and documentation read it.

use crate::quantity::UnitId;

/// The kinds of things that have cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A cycle.
    Cycle,
    /// A team.
    Team,
    /// A team's bucket.
    Bucket,
    /// A metric; its only cell has no name of its own.
    Metric,
    /// An objective.
    Objective,
    /// A key result.
    Kr,
    /// An initiative.
    Initiative,
}

impl Kind {
    /// The kind in words, for messages.
    pub const fn words(self) -> &'static str {
        match self {
            Kind::Cycle => "a cycle",
            Kind::Team => "a team",
            Kind::Bucket => "a bucket",
            Kind::Metric => "a metric",
            Kind::Objective => "an objective",
            Kind::Kr => "a key result",
            Kind::Initiative => "an initiative",
        }
    }
}

/// How a cell comes by its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Written in the plan; can be set.
    Input,
    /// Follows from others; cannot be set.
    Computed,
}

/// The unit of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellUnit {
    /// A bare number.
    Bare,
    /// The unit of its key result or metric.
    Own,
    /// Person-weeks.
    Effort,
}

/// The values that a cell may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Any number.
    Any,
    /// 0 and above.
    NotNegative,
    /// 0..1, ends included.
    Share,
}

/// A cell's name within its thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)] // the table below describes each
pub enum Field {
    KrBaseline,
    KrTarget,
    KrActual,
    KrWeight,
    KrProgress,
    KrGrade,
    KrConfidence,
    KrPace,
    KrForecast,
    KrForecastGrade,
    KrProjected,
    KrProjectedGrade,
    ObjectiveWeight,
    ObjectiveGrade,
    ObjectiveCommittedGrade,
    ObjectiveAspirationalGrade,
    ObjectiveProjectedGrade,
    TeamPeople,
    TeamLeave,
    TeamFocus,
    TeamCapacity,
    TeamGrade,
    TeamCommittedGrade,
    TeamAspirationalGrade,
    TeamProjectedGrade,
    BucketShare,
    BucketFloor,
    BucketCeiling,
    BucketCapacity,
    BucketDemand,
    BucketLoad,
    CycleGrade,
    CycleCommittedGrade,
    CycleAspirationalGrade,
    CycleElapsed,
    CycleProjectedGrade,
    MetricValue,
    InitiativeChance,
    InitiativePriority,
    InitiativeFinished,
    InitiativeFunded,
    InitiativePaid,
}

/// A row of the table of cells.
#[derive(Debug)]
pub struct FieldEntry {
    /// The cell.
    pub field: Field,
    /// What has it.
    pub kind: Kind,
    /// Its word in a path; empty for a metric.
    pub word: &'static str,
    /// How it comes by its value.
    pub access: Access,
    /// Its unit.
    pub unit: CellUnit,
    /// The values that it may take.
    pub range: Range,
    /// What it says.
    pub doc: &'static str,
}

macro_rules! cells {
    ($($field:ident $kind:ident $word:literal $access:ident $unit:ident $range:ident $doc:literal)*) => {
        /// Every cell, in the order of [`Field`].
        pub const CELLS: &[FieldEntry] = &[$(FieldEntry {
            field: Field::$field,
            kind: Kind::$kind,
            word: $word,
            access: Access::$access,
            unit: CellUnit::$unit,
            range: Range::$range,
            doc: $doc,
        }),*];
    };
}

cells! {
    KrBaseline Kr "baseline" Input Own Any "where it starts"
    KrTarget Kr "target" Input Own Any "where it is to go"
    KrActual Kr "actual" Input Own Any "where it is: the newest observation"
    KrWeight Kr "weight" Input Bare NotNegative "how much it counts in its objective"
    KrProgress Kr "progress" Computed Bare Any "(actual - baseline) / (target - baseline), unclamped"
    KrGrade Kr "grade" Computed Bare Any "its grade"
    KrConfidence Kr "confidence" Computed Bare Share "the newest confidence of its check-ins"
    KrPace Kr "pace" Computed Bare Any "grade / elapsed"
    KrForecast Kr "forecast" Computed Own Any "where it is expected at the end of the cycle"
    KrForecastGrade Kr "forecast_grade" Computed Bare Any "the grade of the forecast"
    KrProjected Kr "projected" Computed Own Any "where the funded initiatives bring it"
    KrProjectedGrade Kr "projected_grade" Computed Bare Any "the grade of the projection"
    ObjectiveWeight Objective "weight" Input Bare NotNegative "how much it counts above"
    ObjectiveGrade Objective "grade" Computed Bare Any "the weighted mean of its key results"
    ObjectiveCommittedGrade Objective "committed_grade" Computed Bare Any "the mean of the committed ones alone"
    ObjectiveAspirationalGrade Objective "aspirational_grade" Computed Bare Any "the mean of the aspirational ones alone"
    ObjectiveProjectedGrade Objective "projected_grade" Computed Bare Any "the mean of the projected grades"
    TeamPeople Team "people" Input Bare NotNegative "how many people"
    TeamLeave Team "leave" Input Effort NotNegative "effort lost to leave"
    TeamFocus Team "focus" Input Bare NotNegative "share of time for planned work"
    TeamCapacity Team "capacity" Computed Effort NotNegative "(people * weeks of the cycle - leave) * focus, or as written"
    TeamGrade Team "grade" Computed Bare Any "the mean of its objectives and child teams"
    TeamCommittedGrade Team "committed_grade" Computed Bare Any "the mean of the committed key results alone"
    TeamAspirationalGrade Team "aspirational_grade" Computed Bare Any "the mean of the aspirational key results alone"
    TeamProjectedGrade Team "projected_grade" Computed Bare Any "the mean of the projected grades"
    BucketShare Bucket "share" Input Bare NotNegative "its share of the team's capacity"
    BucketFloor Bucket "floor" Input Bare Share "the least share"
    BucketCeiling Bucket "ceiling" Input Bare Share "the greatest share"
    BucketCapacity Bucket "capacity" Computed Effort NotNegative "share * the team's capacity"
    BucketDemand Bucket "demand" Computed Effort NotNegative "what the initiatives draw"
    BucketLoad Bucket "load" Computed Bare NotNegative "demand / capacity"
    CycleGrade Cycle "grade" Computed Bare Any "the mean of its objectives"
    CycleCommittedGrade Cycle "committed_grade" Computed Bare Any "the mean of the committed key results alone"
    CycleAspirationalGrade Cycle "aspirational_grade" Computed Bare Any "the mean of the aspirational key results alone"
    CycleElapsed Cycle "elapsed" Computed Bare Share "the share of its days up to the as-of date"
    CycleProjectedGrade Cycle "projected_grade" Computed Bare Any "the mean of the projected grades"
    MetricValue Metric "" Input Own Any "its newest check-in, or as written"
    InitiativeChance Initiative "chance" Input Bare Share "the probability that it works"
    InitiativePriority Initiative "priority" Input Bare Any "lower is funded first"
    InitiativeFinished Initiative "finished" Input Bare Share "the share already done"
    InitiativeFunded Initiative "funded" Computed Bare Share "the share that is funded"
    InitiativePaid Initiative "paid" Computed Bare Share "the share of the effect that it pays"
}

/// The cells that say where the funded work brings the plan.
pub const PROJECTED: &[Field] = &[
    Field::KrProjected,
    Field::KrProjectedGrade,
    Field::ObjectiveProjectedGrade,
    Field::TeamProjectedGrade,
    Field::CycleProjectedGrade,
];

/// The cells that say what of the work is funded.
pub const FUNDING: &[Field] =
    &[Field::BucketDemand, Field::BucketLoad, Field::InitiativeFunded, Field::InitiativePaid];

impl Field {
    /// Whether it says what is funded, or where that brings the plan.
    pub fn is_future(self) -> bool {
        self.is_projected() || FUNDING.contains(&self)
    }

    /// Whether it is one of [`PROJECTED`].
    pub fn is_projected(self) -> bool {
        PROJECTED.contains(&self)
    }

    /// The cell's row.
    pub fn entry(self) -> &'static FieldEntry {
        &CELLS[self as usize]
    }

    /// The cell of a word.
    pub fn of(kind: Kind, word: &str) -> Option<Field> {
        fields(kind).find(|entry| entry.word == word).map(|entry| entry.field)
    }
}

/// Where the cells of each kind stand in the table: together.
const PLACES: [(usize, usize); 7] = {
    let mut places = [(0, 0); 7];
    let mut at = 0;
    while at < CELLS.len() {
        let kind = CELLS[at].kind as usize;
        if places[kind].1 == 0 {
            places[kind] = (at, at);
        }
        places[kind].1 += 1;
        at += 1;
    }
    places
};

/// The cells of a kind.
pub fn fields(kind: Kind) -> impl Iterator<Item = &'static FieldEntry> {
    let (start, end) = PLACES[kind as usize];
    CELLS[start..end].iter()
}

/// One cell: a field of the thing with the given index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Which of the thing's cells.
    pub field: Field,
    /// The index of the thing among those of its kind.
    pub index: u32,
}

impl Cell {
    /// The cell of a field.
    pub fn new(field: Field, index: usize) -> Self {
        Self { field, index: index as u32 }
    }

    /// What kind of thing has it.
    pub fn kind(self) -> Kind {
        self.field.entry().kind
    }
}

/// The fixed unit of a cell that does not take its key result's or metric's.
pub fn fixed_unit(unit: CellUnit) -> Option<UnitId> {
    match unit {
        CellUnit::Bare => Some(UnitId::BARE),
        CellUnit::Effort => Some(UnitId::PERSON_WEEKS),
        CellUnit::Own => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum() {
        for (index, entry) in CELLS.iter().enumerate() {
            assert_eq!(entry.field as usize, index);
            assert!(fields(entry.kind).any(|it| it.field == entry.field));
            assert!(fields(entry.kind).all(|it| it.kind == entry.kind));
        }
    }
}
