//! The one table of words: statements, fields, closed lists, functions and readable cells.
//!
//! Parser, resolver, formatter, highlighting, completion, messages and documentation read it; no
//! other place lists a word of the language.

mod function;

pub use function::{FUNCTIONS, Function, FunctionEntry};

use std::sync::LazyLock;

/// Where a statement or field may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// At the top level, without a date.
    Plan,
    /// At the top level, after a date.
    Dated,
    /// In a `policy` block.
    Policy,
    /// In a `team` block.
    Team,
    /// In a `bucket` block.
    Bucket,
    /// In an `objective` block.
    Objective,
    /// In a `kr` block.
    Kr,
    /// In an `initiative` block.
    Initiative,
    /// In a `scenario` block.
    Scenario,
}

impl Context {
    /// Every context, in the order of the enum.
    pub const ALL: [Context; 9] = [
        Context::Plan,
        Context::Dated,
        Context::Policy,
        Context::Team,
        Context::Bucket,
        Context::Objective,
        Context::Kr,
        Context::Initiative,
        Context::Scenario,
    ];

    const fn index(self) -> usize {
        self as usize
    }

    /// The context in words, for messages: "an objective".
    pub const fn words(self) -> &'static str {
        match self {
            Context::Plan => "the top level",
            Context::Dated => "a dated line",
            Context::Policy => "a policy",
            Context::Team => "a team",
            Context::Bucket => "a bucket",
            Context::Objective => "an objective",
            Context::Kr => "a key result",
            Context::Initiative => "an initiative",
            Context::Scenario => "a scenario",
        }
    }
}

/// What follows a keyword; the parser has one function for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole number: the edition.
    Edition,
    /// A string: a path.
    Include,
    /// `ID "Title" DATE .. DATE`
    Period,
    /// `[KIND] { … }`
    Policy,
    /// `ID "Title"` and a block of the context.
    Entity(Context),
    /// `ID ["Title"] SHARE` and a block.
    Bucket,
    /// `ID "Title" VALUE`
    Metric,
    /// `ID "Title" [extends ID]` and a block.
    Scenario,
    /// A value.
    Value,
    /// A range of values, `LOW .. HIGH`.
    Range,
    /// One word of a closed list.
    Choice(&'static [&'static str]),
    /// The id of a statement.
    Name,
    /// A path.
    Path,
    /// Words or strings, separated by commas.
    Tags,
    /// A word or a string.
    Label,
    /// A string.
    Text,
    /// A unit's word.
    Unit,
    /// How a key result is graded.
    Grading,
    /// A bound to keep.
    Keep,
    /// `DATE [late zero | late SHARE]`
    Due,
    /// `VALUE from BUCKET`
    Draws,
    /// `KR by VALUE`
    Moves,
    /// `VALUE of KR`
    Closes,
    /// `as_funded`, `when_done` or a curve.
    Pays,
    /// `RULE "reason"`
    Allow,
    /// `PATH = VALUE`
    Set,
    /// `VALUE from BUCKET to BUCKET`
    Move,
    /// `initiative …`
    Add,
    /// `FORMULA ["message"]`
    Assert,
    /// `PATH VALUE [expecting VALUE] [confidence VALUE] ["note"]`
    Checkin,
    /// `PATH.FIELD VALUE ["why"]`
    Amended,
    /// `PATH by TEAM ["why"]`
    Talk,
    /// `PATH by TEAM "text"`
    Feedback,
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// The keyword.
    pub keyword: Keyword,
    /// Its word.
    pub word: &'static str,
    /// Where it may stand.
    pub contexts: &'static [Context],
    /// What follows it.
    pub shape: Shape,
    /// Whether it may stand more than once in a block.
    pub repeats: bool,
    /// How it is written.
    pub usage: &'static str,
    /// What it says.
    pub doc: &'static str,
}

macro_rules! keywords {
    (enum { $($name:ident $word:literal)* }
     table { $($keyword:ident [$($context:ident)*] $shape:expr, $repeats:literal, $usage:literal, $doc:literal;)* }) => {
        /// A word that begins a statement or a field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Keyword {
            $(#[doc = concat!("`", $word, "`")] $name,)*
            /// A `:` line.
            Command,
        }

        impl Keyword {
            /// The word itself.
            pub const fn word(self) -> &'static str {
                match self { $(Keyword::$name => $word,)* Keyword::Command => ":" }
            }
        }

        /// Every statement and field of the language.
        pub const TABLE: &[Entry] = &[$(Entry {
            keyword: Keyword::$keyword,
            word: Keyword::$keyword.word(),
            contexts: &[$(Context::$context),*],
            shape: $shape,
            repeats: $repeats,
            usage: $usage,
            doc: $doc,
        }),*];
    };
}

/// Kinds of teams, and of the policies that go with them.
pub const TEAM_KINDS: &[&str] = &["delivery", "platform", "innovation", "bau", "leadership"];
/// Kinds of objectives.
pub const OBJECTIVE_KINDS: &[&str] = &["aspirational", "committed"];
/// Kinds of key results.
pub const KR_KINDS: &[&str] = &["aspirational", "committed", "guardrail"];
/// What a key result without data counts as.
pub const MISSING: &[&str] = &["zero", "skip"];
/// Who gives way when a bucket is short.
pub const WHEN_SHORT: &[&str] = &["priority", "prorata"];
/// How a key result is graded.
pub const GRADINGS: &[&str] =
    &["linear", "steps", "curve", "done", "milestones", "score", "formula"];
/// How an initiative's effect follows from its funding.
pub const PAYS: &[&str] = &["as_funded", "when_done", "curve"];

keywords! {
    enum {
        Okr "okr" Include "include" Cycle "cycle" Policy "policy" Team "team" Bucket "bucket"
        Metric "metric" Objective "objective" Kr "kr" Initiative "initiative" Scenario "scenario"
        Allow "allow" Yellow "yellow" Green "green" Sweet "sweet" Missing "missing"
        OnTrack "on_track" Behind "behind" EffortCorrelation "effort_correlation" Kind "kind"
        Parent "parent" People "people" Leave "leave" Focus "focus" Capacity "capacity"
        WhenShort "when_short" Floor "floor" Ceiling "ceiling" Owner "owner" Weight "weight"
        Supports "supports" Tag "tag" Note "note" Lead "lead" Baseline "baseline"
        Target "target" Actual "actual" Grading "grading" Keep "keep" Due "due" Unit "unit"
        Theme "theme" Draws "draws" Moves "moves" Closes "closes" Chance "chance" Pays "pays"
        Priority "priority" Needs "needs" Finished "finished" Set "set" Move "move" Drop "drop"
        Add "add" Assert "assert" Checkin "checkin" Amended "amended" Proposed "proposed"
        Agreed "agreed" Declined "declined" Feedback "feedback"
    }
    table {
        Okr [Plan] Shape::Edition, true, "okr 1", "the edition of the language; first in a root file";
        Include [Plan] Shape::Include, true, "include \"PATH\"", "reads another file, relative to this one";
        Cycle [Plan] Shape::Period, true, "cycle ID \"Title\" DATE .. DATE", "a period, both days included";
        Policy [Plan] Shape::Policy, true, "policy [KIND] { … }", "thresholds, for all or for one kind of team";
        Team [Plan] Shape::Entity(Context::Team), true, "team ID \"Title\" { … }", "a team with its people and buckets";
        Metric [Plan] Shape::Metric, true, "metric ID \"Title\" VALUE", "a named number that formulas may use";
        Objective [Plan] Shape::Entity(Context::Objective), true, "objective ID \"Title\" { … }", "what is to be achieved";
        Initiative [Plan] Shape::Entity(Context::Initiative), true, "initiative ID \"Title\" { … }", "work that draws capacity and moves key results";
        Scenario [Plan] Shape::Scenario, true, "scenario ID \"Title\" [extends ID] { … }", "a sparse overlay of the plan";
        Assert [Plan Dated Scenario] Shape::Assert, true, "assert FORMULA [\"message\"]", "must hold at the end of its day";
        Checkin [Dated] Shape::Checkin, true, "DATE checkin PATH VALUE [expecting VALUE] [confidence VALUE] [\"note\"]", "an observation of a key result or metric";
        Amended [Dated] Shape::Amended, true, "DATE amended PATH.FIELD VALUE [\"why\"]", "a baseline, target or weight changed mid-flight";
        Proposed [Dated] Shape::Talk, true, "DATE proposed PATH by TEAM [\"why\"]", "leadership proposes";
        Agreed [Dated] Shape::Talk, true, "DATE agreed PATH by TEAM [\"why\"]", "the team agrees";
        Declined [Dated] Shape::Talk, true, "DATE declined PATH by TEAM [\"why\"]", "the team opts out: shown, not graded";
        Feedback [Dated] Shape::Feedback, true, "DATE feedback PATH by TEAM \"text\"", "the team's answer";
        Yellow [Policy] Shape::Value, false, "yellow GRADE", "red below it; 0.4 by default";
        Green [Policy] Shape::Value, false, "green GRADE", "green from it on; 0.7 by default";
        Sweet [Policy] Shape::Range, false, "sweet LOW .. HIGH", "where an aspirational mean is meant to land; 0.6 .. 0.7 by default";
        Missing [Policy] Shape::Choice(MISSING), false, "missing zero|skip", "what a key result without data counts as; zero by default";
        OnTrack [Policy] Shape::Value, false, "on_track PACE", "on track from this pace on; 0.95 by default";
        Behind [Policy] Shape::Value, false, "behind PACE", "behind from this pace on, at risk below; 0.75 by default";
        EffortCorrelation [Policy] Shape::Value, false, "effort_correlation SHARE", "how much a team's efforts vary together; 0.3 by default";
        Kind [Team] Shape::Choice(TEAM_KINDS), false, "kind delivery|platform|innovation|bau|leadership", "what kind of team";
        Kind [Objective] Shape::Choice(OBJECTIVE_KINDS), false, "kind aspirational|committed", "what its key results expect; aspirational by default";
        Kind [Kr] Shape::Choice(KR_KINDS), false, "kind aspirational|committed|guardrail", "as the objective's by default";
        Parent [Team] Shape::Name, false, "parent TEAM", "the team whose mean this one counts in";
        People [Team] Shape::Value, false, "people NUMBER", "how many people";
        Leave [Team] Shape::Value, false, "leave EFFORT", "effort lost to leave in the cycle; 0 by default";
        Focus [Team] Shape::Value, false, "focus SHARE", "share of working time left for planned work; 100% by default";
        Capacity [Team] Shape::Value, false, "capacity EFFORT", "the capacity outright, instead of people, leave and focus";
        WhenShort [Team] Shape::Choice(WHEN_SHORT), false, "when_short priority|prorata", "who gives way in a short bucket; priority by default";
        Bucket [Team] Shape::Bucket, true, "bucket ID [\"Title\"] SHARE|rest [{ … }]", "a share of the team's capacity";
        Floor [Bucket] Shape::Value, false, "floor SHARE", "the least share";
        Ceiling [Bucket] Shape::Value, false, "ceiling SHARE", "the greatest share";
        Owner [Objective Initiative] Shape::Name, false, "owner TEAM", "the team that owns it";
        Cycle [Objective Initiative] Shape::Name, false, "cycle ID", "the cycle it belongs to, where there are several";
        Weight [Objective Kr] Shape::Value, false, "weight NUMBER", "how much it counts; 1 by default";
        Supports [Objective] Shape::Path, false, "supports PATH", "the goal above that it serves; shown only";
        Kr [Objective] Shape::Entity(Context::Kr), true, "kr ID \"Title\" { … }", "a key result, graded by a number";
        Tag [Objective Kr] Shape::Tags, false, "tag a, b", "labels; shown only";
        Lead [Objective Kr] Shape::Text, false, "lead \"NAME\"", "who speaks for it; shown only";
        Note [Objective Kr Initiative] Shape::Text, true, "note \"TEXT\"", "a remark; shown only";
        Baseline [Kr] Shape::Value, false, "baseline VALUE", "where it starts; 0 by default";
        Target [Kr] Shape::Value, false, "target VALUE", "where it is to go";
        Actual [Kr] Shape::Value, false, "actual VALUE", "where it is, on every date; instead of check-ins";
        Grading [Kr] Shape::Grading, false, "grading linear [uncapped] | steps V -> G, … | curve V -> G, … | done | milestones \"NAME\" -> G, … | score | formula F", "how it is graded; linear by default";
        Keep [Kr] Shape::Keep, false, "keep >= V | <= V | LOW .. HIGH", "a bound to hold, instead of baseline and target";
        Due [Kr] Shape::Due, false, "due DATE [late zero | late SHARE]", "the day it is due, and what lateness costs";
        Unit [Kr] Shape::Unit, false, "unit WORD", "the unit of its numbers";
        Theme [Initiative] Shape::Label, false, "theme WORD", "what it belongs to; shown only";
        Draws [Initiative] Shape::Draws, true, "draws EFFORT from BUCKET", "the capacity that it takes";
        Moves [Initiative] Shape::Moves, true, "moves KR by VALUE", "its effect when fully funded";
        Closes [Initiative] Shape::Closes, true, "closes SHARE of KR", "the part of the remaining gap that it closes";
        Chance [Initiative] Shape::Value, false, "chance SHARE", "the probability that it works; 100% by default";
        Pays [Initiative] Shape::Pays, false, "pays as_funded | when_done | curve F -> G, …", "how the effect follows from funding; as_funded by default";
        Priority [Initiative] Shape::Value, false, "priority NUMBER", "lower is funded first; 0 by default";
        Needs [Initiative] Shape::Name, true, "needs INITIATIVE", "what must be funded before";
        Finished [Initiative] Shape::Value, false, "finished SHARE", "the share already done; 0% by default";
        Allow [Team Objective Kr Initiative] Shape::Allow, true, "allow RULE \"reason\"", "silences a rule of the coach here";
        Set [Scenario] Shape::Set, true, "set PATH = VALUE", "replaces the value in force";
        Move [Scenario] Shape::Move, true, "move VALUE from BUCKET to BUCKET", "moves capacity";
        Drop [Scenario] Shape::Name, true, "drop INITIATIVE", "leaves an initiative out";
        Add [Scenario] Shape::Add, true, "add initiative …", "puts an initiative in";
    }
}

/// Words that belong to the language everywhere: never an id, never a unit.
pub const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "of",
    "from",
    "to",
    "by",
    "expecting",
    "confidence",
    "late",
    "done",
    "open",
    "rest",
];

/// The first letters of the reserved words of each length, as bits: nearly every id is told from
/// them at a glance.
const RESERVED_LETTERS: [u32; 16] = {
    let mut letters = [0; 16];
    let mut at = 0;
    while at < RESERVED.len() {
        let word = RESERVED[at].as_bytes();
        letters[word.len()] |= 1 << (word[0] - b'a');
        at += 1;
    }
    letters
};

/// Whether the word is reserved.
pub fn is_reserved(word: &str) -> bool {
    let letter = word.bytes().next().unwrap_or_default().wrapping_sub(b'a');
    let letters = RESERVED_LETTERS.get(word.len()).copied().unwrap_or_default();
    letter < 26 && letters & (1 << letter) != 0 && RESERVED.contains(&word)
}

static BY_CONTEXT: LazyLock<[Vec<&'static Entry>; 9]> = LazyLock::new(|| {
    Context::ALL
        .map(|context| TABLE.iter().filter(|entry| entry.contexts.contains(&context)).collect())
});

/// The entries that may stand in a context.
pub fn entries(context: Context) -> &'static [&'static Entry] {
    &BY_CONTEXT[context.index()]
}

/// The entries of each context by the length of their words, as bits of their places in the table.
const BY_LENGTH: [[u128; 20]; 9] = {
    let mut rows = [[0; 20]; 9];
    let mut at = 0;
    while at < TABLE.len() {
        let mut context = 0;
        while context < TABLE[at].contexts.len() {
            rows[TABLE[at].contexts[context].index()][TABLE[at].word.len()] |= 1 << at;
            context += 1;
        }
        at += 1;
    }
    rows
};

/// The entry of a word in a context.
pub fn lookup(context: Context, word: &str) -> Option<&'static Entry> {
    let mut left = *BY_LENGTH[context.index()].get(word.len())?;
    let first = word.as_bytes().first();
    while left != 0 {
        let entry = &TABLE[left.trailing_zeros() as usize];
        if entry.word.as_bytes().first() == first && entry.word == word {
            return Some(entry);
        }
        left &= left - 1;
    }
    None
}

/// The commands of `:` lines and of the prompt, those included that only a newer program or only the
/// prompt may know. The table of commands is held to it by a test.
pub const COMMANDS: &[&str] = &[
    // of the command line
    "repl",
    "new",
    "check",
    "grade",
    "explain",
    "trend",
    "coach",
    "compare",
    "whatif",
    "simulate",
    "seek",
    "sensitivity",
    "optimize",
    "feasible",
    "commit",
    "checkin",
    "export",
    "import",
    "report",
    "roll",
    "retro",
    "fmt",
    "run",
    "lsp",
    "completions",
    // of the prompt alone
    "help",
    "undo",
    "redo",
    "set",
    "show",
    "diff",
    "save",
    "reload",
    "watch",
    "scenario",
    "as-of",
    "load",
    "source",
    "quit",
];

/// The words that may stand in a context.
pub fn words(context: Context) -> impl Iterator<Item = &'static str> {
    entries(context).iter().map(|entry| entry.word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_stand_in_the_order_of_the_enum() {
        for entry in FUNCTIONS {
            assert_eq!(entry.function.entry().word, entry.word);
        }
    }

    #[test]
    fn no_context_lists_a_word_twice() {
        for context in Context::ALL {
            let mut seen: Vec<_> = words(context).collect();
            let count = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), count, "{context:?}");
        }
    }
}
