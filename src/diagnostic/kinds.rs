//! The one table of problem kinds: the stable id, the usual severity and what `okr explain ID` says.

use super::Severity;

macro_rules! kinds {
    ($($name:ident $id:literal $severity:ident $text:literal)*) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $text] $name,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The stable id, as in `unknown-name`.
            pub const fn id(self) -> &'static str {
                match self { $(Kind::$name => $id,)* }
            }

            /// How much this kind usually matters.
            pub const fn severity(self) -> Severity {
                match self { $(Kind::$name => Severity::$severity,)* }
            }

            /// What `okr explain ID` says about it.
            pub const fn explanation(self) -> &'static str {
                match self { $(Kind::$name => $text,)* }
            }
        }
    };
}

kinds! {
    // --- reading the text ---
    NotUtf8 "not-utf8" Error
        "A plan is UTF-8 text. The place is the first byte that is not. Save the file as UTF-8."
    LoneReturn "lone-return" Error
        "A line ends with a newline, or with a return and a newline. A return alone would hide what follows it in some editors."
    UnclosedString "unclosed-string" Error
        "A string begins and ends with `\"` on one line. Close it; a quote inside is written `\\\"`."
    BadEscape "bad-escape" Error
        "Inside a string the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}` with the hexadecimal number of a character."
    BadNumber "bad-number" Error
        "A number has digits on both sides of its point, groups digits with `_`, never with a comma, and has a digit after the `e` of an exponent: `0.5`, `1_000`, `1e6`."
    GlueIt "glue-it" Error
        "The magnitudes `k`, `M`, `B` and the sign `%` stand right after the number, without a space: `4.2M EUR`, `65%`."
    BadDate "bad-date" Error
        "A date is a day of the calendar, written `YYYY-MM-DD`."
    DateInFormula "date-in-formula" Error
        "A date is never arithmetic: formulas compute with numbers. Use a cycle's `.elapsed` for the time that has passed."
    Expected "expected" Error
        "Something else must stand here. The message names what the statement wants at this place."
    UnknownStatement "unknown-statement" Error
        "No statement of a plan begins with this word. `docs/language.md` lists them; a misspelt one is shown with the nearest word."
    UnknownField "unknown-field" Error
        "The block has no field of this name. The message lists the fields that it has, or the nearest one."
    UnknownWord "unknown-word" Error
        "Only the words of a short closed list can stand here. The message lists them."
    MisplacedStatement "misplaced-statement" Error
        "The word is known, but its place is elsewhere: a `kr` stands in an objective, a `bucket` in a team, a dated line at the top level."
    UnclosedBlock "unclosed-block" Error
        "A block that was opened with `{` is never closed. The place is the brace that opened it."
    StrayBrace "stray-brace" Error
        "A `}` closes a block that was never opened."
    ReservedWord "reserved-word" Error
        "`and or not of from to by expecting confidence late done open rest` belong to the language and can be neither an id nor a unit."
    BadId "bad-id" Error
        "An id is made of small letters, digits and `_`, and begins with a letter or `_`. The title is the place for everything else."
    MissingTitle "missing-title" Error
        "The statement wants a title in quotes after its id."
    SingleEquals "single-equals" Error
        "A formula compares with `==`; a single `=` stands only in `set PATH = VALUE`."
    ChainedComparison "chained-comparison" Error
        "Comparisons do not chain: write `a < b and b < c`."
    NoSuchOperator "no-such-operator" Error
        "The operators are `or and not < <= > >= == != + - * / ^`. There is no integer division and no modulo sign: use `floor(a / b)` and `mod(a, b)`."
    OperatorAtLineEnd "operator-at-line-end" Error
        "A formula ends with its line. To go on, put the whole into parentheses: inside them a newline is white space."
    UnclosedParenthesis "unclosed-parenthesis" Error
        "An opening parenthesis is never closed, or a closing one was never opened."
    UnknownFunction "unknown-function" Error
        "The functions are `min max clamp if abs round floor ceil sqrt exp ln log10 mod sum mean median count`."
    WrongArguments "wrong-arguments" Error
        "The function takes another number of arguments. `docs/language.md` shows each with its arguments."
    TooDeep "too-deep" Error
        "Parentheses nest at most 200 deep, 600 together with signs and powers, and a formula has at most 1,000 levels and 10,000 parts. Split it with a `metric`."
    CommandInBlock "command-in-block" Error
        "A `:` line stands at the top level, outside every block."
    BadCommand "bad-command" Error
        "A `:` line begins with the name of a command, and its words are split as in a shell; a quote that is opened must be closed."
    EditionMissing "edition-missing" Warning
        "A root file begins with the edition of the language that it is written in: `okr 1`."
    EditionPlace "edition-place" Error
        "`okr 1` is the first statement of a file and stands there once."
    EditionNewer "edition-newer" Error
        "The file is written for a newer edition of the language than this program knows. Update the program."
    DuplicateField "duplicate-field" Error
        "A field may be given once. The message shows the first."
    // --- files ---
    IncludeUnreadable "include-unreadable" Error
        "The file to include cannot be read. Its path is relative to the file that includes it."
    IncludeOutside "include-outside" Error
        "An included file must lie below the folder of the root file, after links are resolved, so that a plan cannot read the rest of the machine."
    IncludeCycle "include-cycle" Error
        "A file includes itself, by itself or through others. The message shows the chain."
    IncludeLimit "include-limit" Error
        "A plan has at most 1,000 files, at most 1,000 includes deep, each of at most 64 MB."
    // --- names ---
    DuplicateName "duplicate-name" Error
        "Cycles, teams, metrics, objectives, initiatives and scenarios share one scope; key results are scoped by objective, buckets by team. A name is defined once."
    NameClash "name-clash" Error
        "An id may not be the name of a field or computed cell of what contains it, nor `base` for a scenario: the path would have two meanings."
    UnknownName "unknown-name" Error
        "Nothing of this name exists. The message shows the nearest one."
    WrongKind "wrong-kind" Error
        "The name exists, but it is something else than this place wants, such as a team where a key result belongs."
    NotACell "not-a-cell" Error
        "The path ends at something that is no number, such as a key result. Name one of its cells: `.actual`, `.grade`."
    NotSettable "not-settable" Error
        "Only inputs can be set. A computed cell follows from others: set those."
    Ring "ring" Error
        "The cells, or the statements, refer to one another in a ring, so that none can come first. The message shows the ring."
    NoCycle "no-cycle" Warning
        "The plan has no `cycle`, so nothing has a pace or an end. Add `cycle q1 \"Q1 2026\" 2026-01-01 .. 2026-03-31`."
    CycleWanted "cycle-wanted" Error
        "The plan has several cycles, and this does not say which one it belongs to. Add `cycle ID`."
    DatesReversed "dates-reversed" Error
        "A period ends on or after the day on which it begins."
    // --- units and types ---
    UnitMismatch "unit-mismatch" Error
        "Units check like types: only numbers of one unit, or of one family of units, can be added, compared or stand in one key result."
    BareNumber "bare-number" Error
        "Inside a formula a bare number is a pure number: beside a number with a unit it wants that unit, too. Only 0 fits every unit."
    UnitUnwanted "unit-unwanted" Error
        "A bare number belongs here: a share, a weight, a grade, an exponent or the argument of a function that knows no units."
    PercentOverOne "percent-over-one" Error
        "The key result is counted in percent, and a bare number over 1 or under -1 would be more than 100 %. Write `3.4%`. A bare `focus` of 2 or more lacks its sign likewise."
    TruthAsNumber "truth-as-number" Error
        "A comparison gives a truth, not a number. Write `if(…, 1, 0)`."
    NumberAsTruth "number-as-truth" Error
        "A truth is wanted here, such as a comparison: `speed.grade >= 0.4`."
    RangeUnwanted "range-unwanted" Error
        "An uncertain range `low .. high` may stand in `draws`, `moves`, `closes`, `chance`, `people`, `leave` and `metric` only."
    RangeOrder "range-order" Error
        "A range goes from low to high: `8 .. 16 pw`, `2 .. 4 .. 9`. Likewise a floor lies at or below its ceiling, `yellow` at or below `green`, and `behind` at or below `on_track`."
    ValueUnwanted "value-unwanted" Error
        "The word is a value, but not for this field: `done` and `open` belong to `grading done`, a milestone's name to `grading milestones`, `n/a` to an actual."
    WrongObservation "wrong-observation" Error
        "The observation is of another kind than the key result's grading wants: a number for a linear one, `done` or `open` for `grading done`, a milestone's name for `grading milestones`."
    UnknownMilestone "unknown-milestone" Error
        "The key result has no milestone of this name. The message lists those that it has."
    OutOfRange "out-of-range" Error
        "A score, a confidence, a chance or a grade lies within 0..1; people, leave, focus, shares, efforts and weights are not negative."
    // --- the plan ---
    NoTarget "no-target" Error
        "A key result needs a `target`, a `keep`, or a `grading` other than `linear`: without one nothing can grade it."
    KeepAndTarget "keep-and-target" Error
        "`keep` stands instead of `baseline`, `target` and `grading`, not beside them."
    EqualTarget "equal-target" Error
        "Baseline and target are equal, so that there is no way to go and no progress to measure. A baseline that is not written is 0."
    ActualAndCheckins "actual-and-checkins" Error
        "An undated `actual` holds on every date, so check-ins beside it would contradict it. Keep the one or the others."
    DuplicateDated "duplicate-dated" Error
        "A path has one check-in a day, and a field one amendment a day. `okr checkin --replace` changes one that is there."
    ZeroWeights "zero-weights" Error
        "The weights are all zero, so that nothing counts."
    TwoRests "two-rests" Error
        "At most one bucket of a team takes the `rest`."
    SharesOver "shares-over" Error
        "The fixed shares of a team's buckets add up to more than 100 %. Nothing is rescaled silently: lower one."
    ShareBounds "share-bounds" Warning
        "The bucket's share lies outside its own floor or ceiling."
    NoCapacity "no-capacity" Error
        "`capacity` gives a team's capacity outright, so `people`, `leave` and `focus` beside it would contradict it."
    LeaveOverTime "leave-over-time" Error
        "The leave is longer than the time that the team's people have in the cycle."
    PointsOrder "points-order" Error
        "The points of `steps` and `curve` go one way, from the baseline to the target; those of `pays curve` rise from 0 to 1."
    EmptyObjective "empty-objective" Warning
        "An objective without key results has no grade and is left out of every mean above it."
    Unmovable "unmovable" Error
        "An initiative can move only a key result that a number grades: not `done`, `milestones`, `n/a` or a declined one."
    DropNeeded "drop-needed" Error
        "A scenario drops an initiative that another one needs, which could then never be funded. Drop that one as well, or keep both."
    ClosesNoTarget "closes-no-target" Error
        "`closes` takes a part of the gap to the target, so the key result must have a target."
    MoveShare "move-share" Error
        "A share moves between two buckets of one team. Between teams, move person-weeks: `move 3 pw from … to …`."
    // --- computing ---
    NoResult "no-result" Error
        "The formula has no finite result: a division by zero, a root or logarithm of a negative number, or a number too large. What depends on the cell shows `error`."
    TooManyProblems "too-many-problems" Error
        "A plan shows at most 10,000 problems in one run. Mend the first ones and check again."
    AssertionFailed "assertion-failed" Error
        "An assertion does not hold as of its day. The message shows the values that it compared."
    AssertionUnknown "assertion-unknown" Note
        "The assertion reads a cell without data, so it can neither hold nor fail."
}

impl Kind {
    /// The kind with the given id.
    pub fn from_id(id: &str) -> Option<Kind> {
        Self::ALL.iter().copied().find(|kind| kind.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_found_again() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_id(kind.id()), Some(kind));
            assert!(!kind.explanation().is_empty());
        }
    }
}
