//! One call of a command: its arguments, its plan and where its output goes.

use crate::diagnostic::{self, Problem, Severity, clean};
use crate::engine::{AsOf, AsOfSource, Engine, Options};
use crate::plan::Found;
use crate::plan::cell::Kind;
use crate::report::scorecard::Part;
use crate::report::style::Style;
use crate::session::Session;
use crate::suggest;
use clap::{ArgMatches, Args, ValueEnum};
use jiff::civil::Date;
use std::io::{self, IsTerminal, Write};

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

fn parse_as_of(text: &str) -> Result<AsOf, String> {
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

impl Common {
    /// Reads the options of a command that has them.
    pub fn from(matches: &ArgMatches) -> Self {
        let has = |name: &str| matches.try_contains_id(name).is_ok();
        let flag = |name: &str| has(name) && matches.get_flag(name);
        let get = |name: &str| has(name).then(|| matches.get_one::<String>(name)).flatten();
        Self {
            format: has("format")
                .then(|| matches.get_one("format").copied())
                .flatten()
                .unwrap_or_default(),
            as_of: has("as_of").then(|| matches.get_one("as_of").copied()).flatten(),
            cycle: get("cycle").cloned(),
            color: has("color")
                .then(|| matches.get_one("color").copied())
                .flatten()
                .unwrap_or_default(),
            quiet: flag("quiet"),
        }
    }
}

impl Common {
    /// How a plan is to be looked at.
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
        let as_of = self.as_of.unwrap_or_default();
        let mut options = Options { as_of, original, ..Options::default() };
        if let Some(id) = &self.cycle {
            let ids = || plan.cycles.iter().map(|it| plan.source(it.name)).collect::<Vec<_>>();
            let cycle = plan.cycle(id).ok_or_else(|| no_such("cycle", id, &ids()))?;
            options.cycle = Some(cycle as u32);
        }
        if let Some(id) = scenario.filter(|id| *id != "base") {
            let ids = || plan.scenarios.iter().map(|it| plan.source(it.name)).collect::<Vec<_>>();
            let scenario = plan.scenario(id).ok_or_else(|| no_such("scenario", id, &ids()))?;
            options.scenario = Some(scenario as u32);
        }
        Ok(options)
    }
}

/// Where output goes, and how it looks.
pub struct Output {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    out_is_terminal: bool,
    err_is_terminal: bool,
    color: Color,
    /// Results and errors only.
    pub quiet: bool,
}

impl Output {
    /// The process's own streams.
    pub fn standard() -> Self {
        Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            err: Box::new(io::BufWriter::new(io::stderr())),
            out_is_terminal: io::stdout().is_terminal(),
            err_is_terminal: io::stderr().is_terminal(),
            color: Color::Auto,
            quiet: false,
        }
    }

    /// The same streams with a command's own options.
    fn apply(&mut self, common: &Common) {
        self.color = common.color;
        self.quiet = common.quiet;
    }

    /// Takes over a command's options.
    pub fn with(&mut self, common: &Common) -> &mut Self {
        self.apply(common);
        self
    }

    fn colored(&self, is_terminal: bool) -> bool {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
            || std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !plain,
        }
    }

    /// How text for standard output looks.
    pub fn style(&self) -> Style {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || {
            let size = terminal_size::terminal_size().filter(|_| self.out_is_terminal);
            size.map(|(width, _)| usize::from(width.0))
        };
        let width = columns.or_else(terminal).unwrap_or(80);
        let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        Style { color: self.colored(self.out_is_terminal), width, unicode: !dumb }
    }

    /// A result, to standard output. A reader that has gone away is no error.
    pub fn result(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    /// A word to the user, to standard error, unless quiet.
    pub fn note(&mut self, text: &str) {
        if !self.quiet {
            self.message(text);
        }
    }

    /// An error, to standard error.
    pub fn error(&mut self, text: &str) {
        self.message(&format!("okr: {text}"));
    }

    fn message(&mut self, text: &str) {
        let _ = writeln!(self.err, "{}", clean(text)).and_then(|()| self.err.flush());
    }

    /// Problems of a plan, to standard error; notes and, when quiet, warnings are left out.
    pub fn problems(&mut self, session: &Session, problems: &[Problem]) {
        let least = if self.quiet { Severity::Error } else { Severity::Warning };
        let color = self.colored(self.err_is_terminal);
        for problem in problems.iter().filter(|problem| problem.severity >= least) {
            let text = diagnostic::render(problem, &session.plan.sources, color);
            let _ = self.err.write_all(text.as_bytes());
        }
        let _ = self.err.flush();
    }

    /// Problems of a plan as the result itself.
    pub fn problems_as_result(&mut self, session: &Session, problems: &[Problem]) {
        let color = self.colored(self.out_is_terminal);
        let least = if self.quiet { Severity::Error } else { Severity::Note };
        for problem in problems.iter().filter(|problem| problem.severity >= least) {
            let text = diagnostic::render(problem, &session.plan.sources, color);
            self.result(&text);
        }
    }

    /// What clap has to say: help is a result, a mistake is usage.
    pub fn usage(&mut self, error: &clap::Error) -> Status {
        use clap::error::ErrorKind;
        let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
        let text = error.render();
        if help {
            let colored = self.colored(self.out_is_terminal);
            self.result(&if colored { text.ansi().to_string() } else { text.to_string() });
            return Status::Done;
        }
        let colored = self.colored(self.err_is_terminal);
        let text = if colored { text.ansi().to_string() } else { text.to_string() };
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
        Status::Usage
    }
}

/// One call of a command.
pub struct Call<'a> {
    /// Its arguments.
    pub matches: &'a ArgMatches,
    /// The options that it shares with others.
    pub common: Common,
    /// The plan that it works on.
    pub session: Option<Session>,
    /// Where output goes.
    pub output: &'a mut Output,
}

impl Call<'_> {
    /// The command's own arguments.
    pub fn arguments<T: clap::FromArgMatches + Default>(&self) -> T {
        T::from_arg_matches(self.matches).unwrap_or_default()
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
        let problems = session.all_problems(engine);
        self.output.problems(session, &problems);
        if problems.iter().any(Problem::is_error) { Status::Failed } else { Status::Done }
    }
}

fn no_such(kind: &str, id: &str, ids: &[&str]) -> String {
    let help = match suggest::nearest(id, ids.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if ids.is_empty() => format!("the plan has no {kind}"),
        None => format!("there is {}", suggest::one_of(ids)),
    };
    format!("there is no {kind} `{id}`; {help}")
}
