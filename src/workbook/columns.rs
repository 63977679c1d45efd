//! The one table of the workbook's sheets and columns; export, import and the documentation read it.

/// A sheet of the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sheet {
    /// One page to print.
    Scorecard,
    /// One row a key result.
    KeyResults,
    /// One row a metric.
    Metrics,
    /// Teams, buckets, and what initiatives draw.
    Capacity,
    /// The history.
    CheckIns,
    /// Scenarios side by side.
    Scenarios,
    /// What may be edited.
    HowTo,
    /// The hidden base.
    Base,
}

impl Sheet {
    /// Every sheet, in the workbook's order.
    pub const ALL: [Sheet; 8] = [
        Sheet::Scorecard,
        Sheet::KeyResults,
        Sheet::Metrics,
        Sheet::Capacity,
        Sheet::CheckIns,
        Sheet::Scenarios,
        Sheet::HowTo,
        Sheet::Base,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Sheet::Scorecard => "Scorecard",
            Sheet::KeyResults => "Key results",
            Sheet::Metrics => "Metrics",
            Sheet::Capacity => "Capacity",
            Sheet::CheckIns => "Check-ins",
            Sheet::Scenarios => "Scenarios",
            Sheet::HowTo => "How to",
            Sheet::Base => "_okr",
        }
    }

    /// Its name in front of a cell in a formula.
    pub const fn prefix(self) -> &'static str {
        match self {
            Sheet::Scorecard => "Scorecard!",
            Sheet::KeyResults => "'Key results'!",
            Sheet::Metrics => "Metrics!",
            Sheet::Capacity => "Capacity!",
            Sheet::CheckIns => "'Check-ins'!",
            Sheet::Scenarios => "Scenarios!",
            Sheet::HowTo => "'How to'!",
            Sheet::Base => "_okr!",
        }
    }
}

/// A table with a header row and a key column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Key results.
    KeyResults,
    /// Metrics.
    Metrics,
    /// Teams with their people.
    Teams,
    /// Buckets with their shares.
    Buckets,
    /// What each initiative draws from a bucket.
    Draws,
    /// Check-ins.
    CheckIns,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 6] = [
        Table::KeyResults,
        Table::Metrics,
        Table::Teams,
        Table::Buckets,
        Table::Draws,
        Table::CheckIns,
    ];

    /// The sheet that it stands on.
    pub const fn sheet(self) -> Sheet {
        match self {
            Table::KeyResults => Sheet::KeyResults,
            Table::Metrics => Sheet::Metrics,
            Table::Teams | Table::Buckets | Table::Draws => Sheet::Capacity,
            Table::CheckIns => Sheet::CheckIns,
        }
    }

    /// What one of its rows is, in words.
    pub const fn row_words(self) -> &'static str {
        match self {
            Table::KeyResults => "key result",
            Table::Metrics => "metric",
            Table::Teams => "team",
            Table::Buckets => "bucket",
            Table::Draws => "draw",
            Table::CheckIns => "check-in",
        }
    }

    /// Its columns, from the left.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Table::KeyResults => KEY_RESULTS,
            Table::Metrics => METRICS,
            Table::Teams => TEAMS,
            Table::Buckets => BUCKETS,
            Table::Draws => DRAWS,
            Table::CheckIns => CHECK_INS,
        }
    }

    /// The place of a column from the left; the first one's where the table has no such column.
    pub fn position(self, field: Field) -> u16 {
        let at = self.columns().iter().position(|column| column.field == field);
        at.unwrap_or_default() as u16
    }

    /// The column of a field, if the table has it.
    pub fn column(self, field: Field) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.field == field)
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // their headers in the table below say what they are
pub enum Field {
    Key,
    Objective,
    Owner,
    Unit,
    Title,
    Weight,
    Baseline,
    Target,
    Actual,
    Confidence,
    Note,
    Progress,
    Grade,
    Band,
    Kind,
    Rule,
    Counts,
    Points,
    Broken,
    ByRule,
    Value,
    People,
    Leave,
    Focus,
    Weeks,
    Capacity,
    Shares,
    Check,
    Team,
    Share,
    Demand,
    Load,
    From,
    Draw,
    Finished,
    Priority,
    Chance,
    Funded,
    Date,
    Expecting,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The path that says which row this is.
    Key,
    /// Grey: read in new rows only.
    Reference,
    /// May be edited, and is merged.
    Input,
    /// Follows from the others; never read.
    Computed,
    /// The same, in a hidden column.
    Hidden,
}

/// A row of the table of columns.
#[derive(Debug)]
pub struct Column {
    /// What it holds.
    pub field: Field,
    /// Its header.
    pub header: &'static str,
    /// Its width in characters.
    pub width: f64,
    /// What it is for.
    pub role: Role,
    /// What it says, for the documentation.
    pub doc: &'static str,
}

macro_rules! columns {
    ($name:ident: $($field:ident $header:literal $width:literal $role:ident $doc:literal)*) => {
        const $name: &[Column] = &[$(Column {
            field: Field::$field,
            header: $header,
            width: $width as f64,
            role: Role::$role,
            doc: $doc,
        }),*];
    };
}

columns! { KEY_RESULTS:
    Key "key" 22 Key "the path of the key result; empty in a new row"
    Objective "objective" 13 Reference "the objective's id; in a new row its id or its title"
    Owner "owner" 11 Reference "the team that owns the objective"
    Unit "unit" 10 Reference "what the numbers of the row count"
    Title "title" 44 Input "what is to be reached"
    Weight "weight" 8 Input "how much it counts in its objective"
    Baseline "baseline" 12 Input "where it started"
    Target "target" 12 Input "where it is to go"
    Actual "actual" 14 Input "where it is: a number, `done` or `open`, a milestone, or `n/a`"
    Confidence "confidence" 11 Input "how sure the team is, 0 to 1"
    Note "note" 34 Input "remarks of the plan, one a line"
    Progress "progress" 10 Computed "the way from baseline to target, unclamped"
    Grade "grade" 9 Computed "0 to 1, by the key result's rule"
    Band "band" 10 Computed "red, yellow or green, of a guardrail holds or broken; else why there is no grade"
    Kind "kind" 13 Computed "aspirational, committed or guardrail"
    Rule "graded by" 60 Computed "the rule in words"
    Counts "counts" 9 Hidden "the weight with which the row counts now"
    Points "points" 9 Hidden "that weight times the grade"
    Broken "broken" 9 Hidden "1 where a guardrail is broken"
    ByRule "by rule" 9 Hidden "the grade before lateness, where there is a due date"
}

columns! { METRICS:
    Key "key" 22 Key "the metric's id"
    Title "title" 48 Input "what it is"
    Value "value" 16 Input "the number that formulas read"
    Unit "unit" 12 Reference "what it counts"
}

columns! { TEAMS:
    Key "key" 30 Key "the team's id"
    Title "team" 34 Input "its title"
    People "people" 10 Input "how many people"
    Leave "leave" 10 Input "effort lost to leave, in person-weeks"
    Focus "focus" 10 Input "the share of time for planned work"
    Weeks "weeks" 10 Computed "working weeks of the cycle"
    Capacity "capacity" 12 Computed "(people × weeks − leave) × focus, in person-weeks"
    Shares "shares" 10 Computed "the sum of the buckets' shares"
    Check "check" 22 Computed "whether the shares fit"
}

columns! { BUCKETS:
    Key "key" 30 Key "the bucket's path"
    Title "bucket" 34 Input "its title"
    Team "of team" 10 Reference "its team"
    Share "share" 10 Input "its share of the team's capacity"
    Capacity "capacity" 10 Computed "share × the team's capacity, in person-weeks"
    Demand "demand" 10 Computed "what the initiatives draw, in person-weeks"
    Load "load" 12 Computed "demand ÷ capacity"
}

columns! { DRAWS:
    Key "key" 30 Key "`INITIATIVE.draws.BUCKET`"
    Title "initiative" 34 Reference "the initiative's title"
    Draw "draws" 10 Input "the effort that it draws, in person-weeks; an input where it is one number"
    From "from" 18 Reference "the bucket that it draws from"
    Finished "done" 10 Reference "the share that is finished already"
    Priority "priority" 12 Reference "lower is funded first"
    Chance "chance" 10 Reference "the probability that it works"
    Funded "funded" 12 Computed "the share that is funded, as the program computed it"
}

columns! { CHECK_INS:
    Date "date" 12 Computed "the day"
    Key "key" 24 Key "what was observed"
    Title "title" 44 Computed "its title"
    Value "value" 14 Computed "what was observed"
    Unit "unit" 10 Computed "what it counts"
    Expecting "expecting" 12 Computed "what was expected for the end of the cycle"
    Confidence "confidence" 11 Computed "how sure the team was"
    Note "note" 48 Computed "the remark"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_fields_are_unambiguous() {
        for table in Table::ALL {
            let columns = table.columns();
            for (at, column) in columns.iter().enumerate() {
                assert!(columns[..at].iter().all(|it| it.header != column.header), "{table:?}");
                assert_eq!(usize::from(table.position(column.field)), at);
            }
            assert!(columns.iter().any(|column| column.role == Role::Key));
        }
    }
}
