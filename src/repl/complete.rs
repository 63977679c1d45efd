//! What may be typed next: commands with their options and values, keywords, closed lists, paths,
//! functions, the names of teams and scenarios.

use crate::command::{self, BASE, Entry, Stand};
use crate::plan::Found;
use crate::plan::cell::{self, Kind};
use crate::plan::model::{Grading, Plan};
use crate::session::Session;
use crate::syntax::keyword::{self, Context, FUNCTIONS, Keyword, Shape, TEAM_KINDS};
use crate::syntax::lexical;
use crate::syntax::open::Open;
use clap::Arg;

/// What may follow the text up to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The length, in bytes, of the word before the cursor that a candidate replaces.
    pub replaces: usize,
    /// The candidates, in order.
    pub words: Vec<String>,
    /// Whether the name of a file may stand there.
    pub files: bool,
    /// Whether a space follows a word: after commands, options and keywords.
    pub spaced: bool,
}

/// What may follow `before`, which ends at the cursor and begins where the statement does.
pub fn offer(session: &Session, before: &str) -> Offer {
    let line = before.rsplit('\n').next().unwrap_or(before);
    let mut offer = match line.trim_start().strip_prefix(':') {
        Some(command) => on_command(session, command),
        None => on_statement(session, before),
    };
    offer.words.sort();
    offer.words.dedup();
    offer
}

/// The length of the path at the end of a text.
pub fn word_at_end(text: &str) -> usize {
    let part_of = |character: char| lexical::is_word(character) || character == '.';
    text.len() - text.trim_end_matches(part_of).len()
}

fn starting(typed: &str, words: impl IntoIterator<Item = impl Into<String>>) -> Offer {
    let fits = |word: &String| word.starts_with(typed);
    let words = words.into_iter().map(Into::into).filter(fits).collect();
    Offer { replaces: typed.len(), words, ..Offer::default() }
}

/// Words that something follows.
fn spaced(offer: Offer) -> Offer {
    Offer { spaced: true, ..offer }
}

fn files(typed: &str) -> Offer {
    Offer { replaces: typed.len(), files: true, ..Offer::default() }
}

// ---- Commands ---------------------------------------------------------------------------------

fn on_command(session: &Session, line: &str) -> Offer {
    let typed = &line[line.rfind([' ', '\t']).map_or(0, |at| at + 1)..];
    let before = &line[..line.len() - typed.len()];
    let words: Vec<String> = shlex::split(before).unwrap_or_default();
    let Some((name, arguments)) = words.split_first() else {
        return spaced(starting(typed, command::entries(Stand::Prompt).map(|entry| entry.name)));
    };
    let Some(entry) = command::entry(name).filter(|entry| entry.stands.prompt) else {
        return Offer::default();
    };
    arguments_of(session, entry, arguments, typed)
}

fn arguments_of(session: &Session, entry: &Entry, before: &[String], typed: &str) -> Offer {
    let line = entry.line();
    let option = |word: &str| {
        let name = word.strip_prefix("--")?;
        line.get_opts().find(|option| option.get_long() == Some(name))
    };
    if let Some(option) = before.last().and_then(|word| option(word)) {
        return values(session, option, typed);
    }
    if let Some((name, value)) = typed.split_once('=')
        && let Some(option) = option(name)
    {
        return values(session, option, value);
    }
    if typed.starts_with('-') {
        let longs = line.get_arguments().filter_map(Arg::get_long).map(|name| format!("--{name}"));
        return spaced(starting(typed, longs.chain(["--help".to_owned()])));
    }
    let mut place = 0;
    let mut skip = false;
    for word in before {
        match (skip, word.starts_with("--")) {
            (true, _) => skip = false,
            (_, true) => skip = option(word).is_some(),
            _ => place += 1,
        }
    }
    let all: Vec<&Arg> = line.get_positionals().collect();
    // The last one may take several values.
    let Some(argument) = all.get(place).or(all.last()) else { return Offer::default() };
    if place >= 1 && argument.get_id() == "value" {
        let path = before.iter().find(|word| !word.starts_with('-'));
        return set_value(session, path.map_or("", String::as_str), typed);
    }
    if place >= all.len() && argument.get_num_args().is_none_or(|count| !count.takes_values()) {
        return Offer::default();
    }
    values(session, argument, typed)
}

/// The values of an argument, by its closed list or by the name of what it wants.
fn values(session: &Session, argument: &Arg, typed: &str) -> Offer {
    let listed: Vec<String> =
        argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !listed.is_empty() {
        return starting(typed, listed);
    }
    let plan = &session.plan;
    let named = argument.get_value_names().and_then(|names| names.first());
    let named = named.map_or("", |name| name.as_str());
    let id = argument.get_id().as_str();
    match (named, id) {
        (_, "scenario") | ("SCENARIO" | "SCENARIOS", _) => {
            let ids = plan.scenarios.iter().map(|it| plan.source(it.name).to_owned());
            starting(typed, ids.chain([BASE.to_owned()]))
        }
        (_, "cycle") => starting(typed, names(plan, Kind::Cycle)),
        ("TEAM", _) => starting(typed, names(plan, Kind::Team)),
        ("BUCKET", _) => starting(typed, names(plan, Kind::Bucket)),
        ("DATE", _) => starting(typed, ["today", "default"]),
        ("COMMAND", _) => {
            let commands = command::entries(Stand::Prompt).map(|entry| entry.name);
            let words = keyword::TABLE.iter().map(|entry| entry.word);
            starting(typed, commands.chain(words))
        }
        _ if named.contains("PATH") || named.contains("CELL") => paths(session, typed),
        _ if named.contains("FILE") || named.contains("BOOK") => files(typed),
        _ => Offer::default(),
    }
}

/// What may stand as the value of a path that is to be set.
fn set_value(session: &Session, path: &str, typed: &str) -> Offer {
    let plan = &session.plan;
    let kr = path.strip_suffix(".actual").or(Some(path)).and_then(|kr| session.find(kr).ok());
    if let Some(Found::Thing(Kind::Kr, index)) = kr {
        match plan.krs[index as usize].grading {
            Grading::Done => return starting(typed, ["done", "open", "n/a"]),
            Grading::Milestones(start, count) => {
                let all = &plan.milestones[start as usize..(start + count) as usize];
                let quoted = |name: String| format!("'{name}'");
                return starting(typed, all.iter().map(|it| quoted(plan.text(it.name))));
            }
            _ => {}
        }
    }
    if let Some((thing, word)) = path.rsplit_once('.')
        && let Ok(Found::Thing(kind, _)) = session.find(thing)
        && let Some(context) = context(kind)
        && let Some(entry) = keyword::lookup(context, word)
    {
        return of_shape(session, entry, "", typed);
    }
    formula(session, Context::Plan, typed)
}

// ---- Statements -------------------------------------------------------------------------------

fn on_statement(session: &Session, before: &str) -> Offer {
    let open = Open::at_end_of(before);
    let field = &before[open.start..];
    if open.in_text {
        let include = field.trim_start().starts_with(Keyword::Include.word());
        return match (include, field.rfind('"')) {
            (true, Some(quote)) => files(&field[quote + 1..]),
            _ => Offer::default(),
        };
    }
    let Some(context) = open.context() else { return Offer::default() };
    let typed = &field[field.len() - word_at_end(field)..];
    let head = field[..field.len() - typed.len()].trim_start();
    let (head, context) = match (context, lexical::date(head)) {
        (Context::Plan, Ok((rest, _))) => (rest.trim_start(), Context::Dated),
        _ => (head, context),
    };
    if head.trim().is_empty() {
        let mut offer = spaced(starting(typed, keyword::words(context)));
        if context == Context::Plan {
            let words = formula(session, context, typed).words;
            offer.spaced = words.is_empty();
            offer.words.extend(words);
        }
        return offer;
    }
    let word = lexical::word(head).map_or("", |(_, word)| word);
    match keyword::lookup(context, word) {
        Some(entry) => of_shape(session, entry, &head[word.len()..], typed),
        None => formula(session, context, typed),
    }
}

/// What may stand behind a keyword, after what has been typed of it.
fn of_shape(session: &Session, entry: &keyword::Entry, done: &str, typed: &str) -> Offer {
    let plan = &session.plan;
    let last = done.split_whitespace().next_back().unwrap_or_default();
    let first = done.trim().is_empty();
    let context = entry.contexts.first().copied().unwrap_or(Context::Plan);
    match (entry.shape, last) {
        (Shape::Choice(list), _) => starting(typed, list.iter().copied()),
        (Shape::Policy, _) => starting(typed, TEAM_KINDS.iter().copied()),
        (Shape::Grading, _) if first => starting(typed, keyword::GRADINGS.iter().copied()),
        (Shape::Grading, "linear") => starting(typed, ["uncapped"]),
        (Shape::Pays, _) if first => starting(typed, keyword::PAYS.iter().copied()),
        (Shape::Name, _) => starting(typed, names(plan, named_by(entry.keyword))),
        (Shape::Draws | Shape::Move, "from" | "to") => starting(typed, names(plan, Kind::Bucket)),
        (Shape::Closes, "of") => starting(typed, names(plan, Kind::Kr)),
        (Shape::Moves, _) if first => starting(typed, names(plan, Kind::Kr)),
        (Shape::Talk | Shape::Feedback, "by") => {
            starting(typed, names(plan, Kind::Team).chain(["leadership".to_owned()]))
        }
        (Shape::Checkin | Shape::Amended | Shape::Talk | Shape::Feedback | Shape::Path, _)
            if first =>
        {
            paths(session, typed)
        }
        (Shape::Talk | Shape::Feedback, _) => starting(typed, ["by"]),
        (Shape::Checkin, _) => {
            let mut offer = formula(session, context, typed);
            let words = ["expecting", "confidence", "done", "open"];
            offer.words.extend(starting(typed, words).words);
            offer
        }
        (Shape::Scenario, "extends") => {
            starting(typed, plan.scenarios.iter().map(|it| plan.source(it.name)))
        }
        (Shape::Scenario, _) => starting(typed, ["extends"]),
        (Shape::Add, _) if first => starting(typed, [Keyword::Initiative.word()]),
        (Shape::Set, _) if first => paths(session, typed),
        (
            Shape::Value
            | Shape::Range
            | Shape::Grading
            | Shape::Keep
            | Shape::Draws
            | Shape::Moves
            | Shape::Closes
            | Shape::Pays
            | Shape::Set
            | Shape::Move
            | Shape::Assert
            | Shape::Metric
            | Shape::Bucket
            | Shape::Amended,
            _,
        ) => formula(session, context, typed),
        _ => Offer::default(),
    }
}

/// The kind of thing that a field names.
fn named_by(keyword: Keyword) -> Kind {
    match keyword {
        Keyword::Cycle => Kind::Cycle,
        Keyword::Needs | Keyword::Drop => Kind::Initiative,
        _ => Kind::Team,
    }
}

/// The block in which the fields of a kind stand.
fn context(kind: Kind) -> Option<Context> {
    match kind {
        Kind::Team => Some(Context::Team),
        Kind::Bucket => Some(Context::Bucket),
        Kind::Objective => Some(Context::Objective),
        Kind::Kr => Some(Context::Kr),
        Kind::Initiative => Some(Context::Initiative),
        Kind::Cycle | Kind::Metric => None,
    }
}

// ---- Names ------------------------------------------------------------------------------------

/// Every thing of a kind, by its path.
fn names(plan: &Plan, kind: Kind) -> impl Iterator<Item = String> + '_ {
    let count = match kind {
        Kind::Cycle => plan.cycles.len(),
        Kind::Team => plan.teams.len(),
        Kind::Bucket => plan.buckets.len(),
        Kind::Metric => plan.metrics.len(),
        Kind::Objective => plan.objectives.len(),
        Kind::Kr => plan.krs.len(),
        Kind::Initiative => plan.initiatives.len(),
    };
    (0..count as u32).map(move |index| plan.thing_name(kind, index))
}

/// What may stand in a formula: paths, functions, and in a key result its own cells.
fn formula(session: &Session, context: Context, typed: &str) -> Offer {
    let mut offer = paths(session, typed);
    let calls = FUNCTIONS.iter().map(|entry| format!("{}(", entry.word));
    let joining = ["and", "or", "not"].map(str::to_owned);
    offer.words.extend(starting(typed, calls.chain(joining)).words);
    if context == Context::Kr {
        let own = cell::fields(Kind::Kr).map(|entry| entry.word);
        offer.words.extend(starting(typed, own).words);
    }
    offer
}

/// The names of the plan that begin like the path, or what is below its last dot.
fn paths(session: &Session, typed: &str) -> Offer {
    let plan = &session.plan;
    let Some((above, _)) = typed.rsplit_once('.') else {
        return starting(typed, plan.names.globals().map(|(name, _)| name));
    };
    let Ok(Found::Thing(kind, index)) = session.find(above) else {
        return starting(typed, [""; 0]);
    };
    let cells = cell::fields(kind)
        .filter(|entry| !entry.word.is_empty())
        .map(|entry| entry.word.to_owned());
    let children: Vec<String> = match kind {
        Kind::Objective => {
            let krs = plan.objectives[index as usize].krs.clone();
            krs.map(|kr| plan.source(plan.krs[kr as usize].name).to_owned()).collect()
        }
        Kind::Team => {
            let buckets = plan.teams[index as usize].buckets.clone();
            buckets.map(|it| plan.source(plan.buckets[it as usize].name).to_owned()).collect()
        }
        _ => Vec::new(),
    };
    starting(typed, children.into_iter().chain(cells).map(|name| format!("{above}.{name}")))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::plan::load_text;
    use std::path::Path;

    const PLAN: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
metric arr \"Revenue\" 4.2M EUR
team web \"Web\" { people 4; bucket run 40%; bucket build rest }
objective speed \"Fast\" {
  owner web
  kr latency \"p95\" { baseline 900 ms; target 400 ms; actual 600 ms }
  kr live \"Live\" { grading done }
  kr beta \"Beta\" { grading milestones \"alpha\" -> 0.3, \"beta two\" -> 1 }
}
initiative cache \"Cache\" { draws 8 pw from web.build }
scenario easy \"Easier\" { set speed.latency.target = 500 ms }
";

    pub fn session() -> Session {
        let mut session = Session::of("", load_text("plan", PLAN, Path::new(".")));
        session.computed();
        session
    }

    #[track_caller]
    fn offers(before: &str, words: &[&str]) {
        let offer = offer(&session(), before);
        for word in words {
            assert!(offer.words.iter().any(|it| it == word), "{word} wanted in {offer:?}");
        }
        let typed = &before[before.len() - offer.replaces..];
        assert!(offer.words.iter().all(|word| word.starts_with(typed)), "{offer:?}");
    }

    #[track_caller]
    fn offers_only(before: &str, words: &[&str]) {
        assert_eq!(offer(&session(), before).words, words, "{before}");
    }

    #[test]
    fn commands_with_options_and_values() {
        offers_only(":gra", &["grade"]);
        offers(":", &["grade", "set", "undo", "quit", "whatif"]);
        offers_only(":grade --form", &["--format"]);
        offers_only(":grade --format ", &["csv", "json", "md", "text"]);
        offers_only(":grade --format=c", &["csv"]);
        offers_only(":grade --scenario ", &["base", "easy"]);
        offers_only(":scenario ea", &["easy"]);
        offers_only(":grade --cycle ", &["q1"]);
        offers_only(":grade speed.la", &["speed.latency"]);
        offers_only(":as-of ", &["default", "today"]);
        offers_only(":feasible ", &["web"]);
        offers(":set speed.latency.", &["speed.latency.target", "speed.latency.baseline"]);
        offers_only(":set speed.live.actual ", &["done", "n/a", "open"]);
        offers_only(":set speed.beta.actual ", &["'alpha'", "'beta two'"]);
        offers_only(":set speed.owner ", &["web"]);
        offers(":set speed.latency.target ", &["arr", "max("]);
        offers(":help cl", &["closes"]);
        assert!(offer(&session(), ":load x").files);
        assert!(offer(&session(), ":source ").files);
        assert!(offer(&session(), "include \"sub/").files);
        offers_only(":nothing ", &[]);
    }

    #[test]
    fn keywords_of_the_block() {
        offers("obj", &["objective"]);
        offers("", &["objective", "speed", "max("]);
        offers_only("objective x \"X\" {\n  own", &["owner"]);
        offers("objective x \"X\" {\n  kr a \"A\" { t", &["target", "tag"]);
        offers_only("objective x \"X\" {\n  kr a \"A\" { grading mil", &["milestones"]);
        offers_only("objective x \"X\" { kind ", &["aspirational", "committed"]);
        offers_only("objective x \"X\" { owner ", &["web"]);
        offers_only("2026-01-01 ch", &["checkin"]);
        offers_only("2026-01-01 checkin speed.la", &["speed.latency"]);
        offers_only("2026-01-01 agreed speed by ", &["leadership", "web"]);
        offers_only("scenario x \"X\" { move 10% from ", &["web.build", "web.run"]);
        offers_only("scenario x \"X\" { drop ", &["cache"]);
        offers_only("scenario x \"X\" extends ", &["easy"]);
        offers_only("initiative x \"X\" { moves speed.la", &["speed.latency"]);
        offers_only("note \"sp", &[]);
        offers_only("1 # sp", &[]);
    }

    #[test]
    fn paths_and_functions_in_formulas() {
        offers_only("1 + speed.la", &["speed.latency"]);
        offers_only(
            "web.",
            &[
                "web.aspirational_grade",
                "web.build",
                "web.capacity",
                "web.committed_grade",
                "web.focus",
                "web.grade",
                "web.leave",
                "web.people",
                "web.projected_grade",
                "web.run",
            ],
        );
        offers("max(speed.latency.actual, cl", &["clamp("]);
        offers("objective x \"X\" { kr a \"A\" { target base", &["baseline"]);
    }
}
