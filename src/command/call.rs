//! One call of a command: its arguments and its plan.

use super::{Output, Prompt, Stand};
use crate::engine::{AsOf, AsOfSource, Engine, Options};
use crate::plan::Found;
use crate::plan::cell::Kind;
use crate::report::scorecard::Part;
use crate::session::Session;
use crate::suggest;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};
use jiff::civil::Date;

/// How a command went; the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Done.
    Done = 0,
    /// The plan has errors, a path does not exist in it, an assertion failed, or the like.
    Failed = 1,
    /// Wrong usage of the command line.
    Usage = 2,
    /// A merge has conflicts that nobody settled.
    Conflict = 3,
    /// A file could not be read or written, or was refused.
    Refused = 4,
}

impl Status {
    /// The process's exit status.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For merge requests.
    Md,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The options that commands share.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// The form of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORM", help_heading = "Common options")]
    pub format: Format,
    /// The day as of which to look: a date, or `today`; by default that of the newest check-in
    #[arg(long, value_name = "DATE", value_parser = parse_as_of, help_heading = "Common options")]
    pub as_of: Option<AsOf>,
    /// The cycle in force, by its id
    #[arg(long, value_name = "ID", help_heading = "Common options")]
    pub cycle: Option<String>,
    /// Whether to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Common options")]
    pub color: Color,
    /// Results and errors only
    #[arg(long, short, help_heading = "Common options")]
    pub quiet: bool,
}

/// The name of what no scenario changes.
pub const BASE: &str = "base";

pub(super) fn parse_as_of(text: &str) -> Result<AsOf, String> {
    if text == "today" {
        return Ok(AsOf::Today(today()));
    }
    parse_date(text).map(AsOf::Date)
}

/// A date as the language writes it.
pub fn parse_date(text: &str) -> Result<Date, String> {
    match crate::syntax::lexical::date(text) {
        Ok(("", date)) => Ok(date),
        _ => Err("a date is a day of the calendar, written YYYY-MM-DD".into()),
    }
}

/// Today's date where the program runs.
pub fn today() -> Date {
    jiff::ZonedDateTime::now().date()
}

/// The options of commands that look at no plan, or only write to one.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Looks {
    /// Whether to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Common options")]
    pub color: Color,
    /// Results and errors only
    #[arg(long, short, help_heading = "Common options")]
    pub quiet: bool,
}

impl Common {
    /// Reads the options of a command that has them.
    pub fn from(matches: &ArgMatches) -> Self {
        Self::over(&Self::default(), matches)
    }

    /// The same over defaults: what the command does not say, they do.
    pub fn over(base: &Self, matches: &ArgMatches) -> Self {
        let said = |name: &str| {
            has(matches, name) && matches.value_source(name) == Some(ValueSource::CommandLine)
        };
        let format = said("format").then(|| option(matches, "format")).flatten();
        let color = said("color").then(|| option(matches, "color")).flatten();
        Self {
            format: format.unwrap_or(base.format),
            as_of: option(matches, "as_of").or(base.as_of),
            cycle: option(matches, "cycle").or_else(|| base.cycle.clone()),
            color: color.unwrap_or(base.color),
            quiet: base.quiet || option(matches, "quiet").unwrap_or(false),
        }
    }
}

/// Whether a command has an option. Only a build for debugging says of an unknown one that it is an
/// error.
fn has(matches: &ArgMatches, name: &str) -> bool {
    matches!(matches.try_contains_id(name), Ok(true))
}

/// The value of an option, if the command has such an option and a value for it.
fn option<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Option<T> {
    matches.try_get_one::<T>(name).ok().flatten().cloned()
}

impl Common {
    /// How a plan is to be looked at; what nobody says is as the session's view has it.
    ///
    /// # Errors
    ///
    /// What is wrong with the cycle or the scenario, and the nearest one.
    pub fn options(
        &self,
        session: &Session,
        scenario: Option<&str>,
        original: bool,
    ) -> Result<Options, String> {
        let plan = &session.plan;
        let view = &session.view;
        let as_of = self.as_of.unwrap_or(view.as_of);
        let mut options = Options { as_of, original, ..Options::default() };
        if let Some(id) = self.cycle.as_ref().or(view.cycle.as_ref()) {
            let ids = || plan.cycles.iter().map(|it| plan.source(it.name)).collect::<Vec<_>>();
            let cycle = plan.cycle(id).ok_or_else(|| no_such("cycle", id, &ids()))?;
            options.cycle = Some(cycle as u32);
        }
        let scenario = scenario.or(view.scenario.as_deref());
        if let Some(id) = scenario.filter(|id| *id != BASE) {
            let ids = || plan.scenarios.iter().map(|it| plan.source(it.name)).collect::<Vec<_>>();
            let scenario = plan.scenario(id).ok_or_else(|| no_such("scenario", id, &ids()))?;
            options.scenario = Some(scenario as u32);
        }
        Ok(options)
    }
}

/// One call of a command.
pub struct Call<'a> {
    /// Its arguments.
    pub matches: &'a ArgMatches,
    /// The options that it shares with others.
    pub common: Common,
    /// The plan that it works on.
    pub session: Option<&'a mut Session>,
    /// Where output goes.
    pub output: &'a mut Output,
    /// Where the command stands.
    pub stand: Stand,
    /// What is to be done once the command has returned.
    pub then: Then,
    /// Opens the prompt.
    pub prompt: Prompt,
}

/// What is to be done after a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// Nothing more.
    #[default]
    GoOn,
    /// The prompt is left.
    Quit,
    /// The lines of a text are taken as if they had been typed; its name, and the text.
    Source(String, String),
}

impl Call<'_> {
    /// The command's own arguments.
    pub fn arguments<T: clap::FromArgMatches + Default>(&self) -> T {
        T::from_arg_matches(self.matches).unwrap_or_default()
    }

    /// The same call on another plan.
    pub fn on<T>(&mut self, session: &mut Session, work: impl FnOnce(&mut Call<'_>) -> T) -> T {
        work(&mut Call {
            matches: self.matches,
            common: self.common.clone(),
            session: Some(session),
            output: self.output,
            stand: self.stand,
            then: Then::GoOn,
            prompt: self.prompt,
        })
    }

    /// How the plan is to be looked at.
    ///
    /// # Errors
    ///
    /// If there is no such cycle or scenario; that has been said then.
    pub fn options(&mut self, scenario: Option<&str>, original: bool) -> Result<Options, Status> {
        let Some(session) = &self.session else { return Err(Status::Usage) };
        self.common.options(session, scenario, original).map_err(|message| {
            self.output.error(&message);
            Status::Failed
        })
    }

    /// The options with only the capacity after the as-of date counted, if that is wanted.
    ///
    /// # Errors
    ///
    /// If no check-in and no `--as-of` says which day that is; that has been said then.
    pub fn remaining(&mut self, options: Options, wanted: bool) -> Result<Options, Status> {
        let Some(session) = &self.session else { return Err(Status::Usage) };
        let source = crate::engine::Moment::of(&session.plan, &options).source;
        let known =
            matches!(source, AsOfSource::Given | AsOfSource::Today | AsOfSource::NewestCheckin);
        if wanted && !known {
            let help = "the plan has no check-in, so say which day it is: `--as-of DATE`";
            self.output.error(&format!("--remaining counts from the as-of date on; {help}"));
            return Err(Status::Usage);
        }
        Ok(Options { remaining: wanted, ..options })
    }

    /// The part of the plan that a path names; without a path all of it.
    ///
    /// # Errors
    ///
    /// If the path leads nowhere, or to what has no grade; that has been said then.
    pub fn part(&mut self, path: Option<&str>) -> Result<Part, Status> {
        let (Some(path), Some(session)) = (path, &self.session) else { return Ok(Part::All) };
        let (kind, index) = match session.find(path) {
            Ok(Found::Thing(kind, index)) => (kind, index),
            Ok(Found::Cell(cell)) => (cell.kind(), cell.index),
            Ok(_) => {
                self.output.error(&format!("`{path}` has no grade"));
                return Err(Status::Failed);
            }
            Err(error) => {
                self.output.error(&format!("{}; {}", error.message, error.help));
                return Err(Status::Failed);
            }
        };
        match kind {
            Kind::Cycle => Ok(Part::Cycle(index)),
            Kind::Team => Ok(Part::Team(index)),
            Kind::Objective => Ok(Part::Objective(index)),
            Kind::Kr => Ok(Part::Kr(index)),
            Kind::Bucket | Kind::Metric | Kind::Initiative => {
                let help = "name a cycle, a team, an objective or a key result";
                self.output
                    .error(&format!("`{path}` is {} and has no grade; {help}", kind.words()));
                Err(Status::Failed)
            }
        }
    }

    /// Prints what is wrong with the plan; tells how that leaves the command.
    pub fn report_problems(&mut self, engine: &Engine) -> Status {
        let Some(session) = &self.session else { return Status::Usage };
        self.output.plan_problems(session, engine)
    }
}

pub(super) fn no_such(kind: &str, id: &str, ids: &[&str]) -> String {
    let help = match suggest::nearest(id, ids.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if ids.is_empty() => format!("the plan has no {kind}"),
        None => format!("there is {}", suggest::one_of(ids)),
    };
    format!("there is no {kind} `{id}`; {help}")
}
