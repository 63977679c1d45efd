//! The one table of commands: the command line, `:` lines of scripts and the REPL read it.
//!
//! A command is one file: its arguments (clap), and its run, which makes a report and says how it
//! went. Commands on a plan take its file first; on a `:` line the plan is the loaded one.

mod call;
mod check;
mod checkin;
mod compare;
mod completions;
mod explain;
mod feasible;
mod fmt;
mod grade;
mod new;
mod optimize;
mod progress;
mod run;
mod seek;
mod trend;
mod whatif;

pub use call::{Call, Common, Format, Output, Status};

use crate::session::Session;
use clap::{Arg, ArgMatches, Command};

/// What a command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One plan, whose file comes first on the command line.
    Plan,
    /// Files that it reads itself, or none.
    Own,
}

/// A row of the table.
pub struct Entry {
    /// The command's word.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// What it works on.
    pub subject: Subject,
    /// Whether it may stand on a `:` line.
    pub in_scripts: bool,
    /// Adds its arguments.
    pub augment: fn(Command) -> Command,
    /// Does it.
    pub run: fn(&mut Call<'_>) -> Status,
}

/// Every command, in the order in which help lists them.
pub const TABLE: &[Entry] = &[
    new::ENTRY,
    check::ENTRY,
    grade::ENTRY,
    explain::ENTRY,
    trend::ENTRY,
    compare::ENTRY,
    whatif::ENTRY,
    seek::ENTRY,
    optimize::ENTRY,
    feasible::ENTRY,
    checkin::ENTRY,
    fmt::ENTRY,
    run::ENTRY,
    completions::ENTRY,
];

const FILE: &str = "FILE";

/// The whole command line.
pub fn cli() -> Command {
    let commands = TABLE.iter().map(|entry| {
        let command = Command::new(entry.name);
        let command = match entry.subject {
            Subject::Plan => command.arg(file_argument()),
            Subject::Own => command,
        };
        // The arguments bring a text of their own, so what the command does comes last.
        (entry.augment)(command).about(entry.about)
    });
    Command::new("okr")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Plain-text OKRs: grades a plan like a spreadsheet whose cells have names")
        .after_help(
            "Start with `okr new q1.okr`, look at it with `okr grade q1.okr`.\n\
             `okr COMMAND --help` says more about each command.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(commands)
}

fn file_argument() -> Arg {
    Arg::new(FILE).required(true).help("The plan's root file; `-` is standard input")
}

/// The commands of a `:` line, on the plan that is loaded.
fn line() -> Command {
    let commands = TABLE
        .iter()
        .filter(|entry| entry.in_scripts)
        .map(|entry| (entry.augment)(Command::new(entry.name)).about(entry.about));
    Command::new(":")
        .no_binary_name(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommands(commands)
}

fn entry(name: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.name == name)
}

/// Runs the command line; gives the exit status.
pub fn main(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    output: &mut Output,
) -> Status {
    let matches = match cli().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return output.usage(&error),
    };
    let Some((name, matches)) = matches.subcommand() else { return Status::Usage };
    let Some(entry) = entry(name) else { return Status::Usage };
    run_entry(entry, matches, output)
}

fn run_entry(entry: &Entry, matches: &ArgMatches, output: &mut Output) -> Status {
    let common = Common::from(matches);
    let output = output.with(&common);
    let session = match entry.subject {
        Subject::Own => None,
        Subject::Plan => {
            let file = matches.get_one::<String>(FILE).map_or("-", String::as_str);
            match Session::load(file) {
                Ok(session) => Some(session),
                Err(error) => {
                    output.error(&error.to_string());
                    return Status::Refused;
                }
            }
        }
    };
    let mut call = Call { matches, common, session, output };
    (entry.run)(&mut call)
}

/// Runs the words of a `:` line on a loaded plan; gives the plan back.
pub fn run_line(words: &[String], session: Session, output: &mut Output) -> (Session, Status) {
    let matches = match line().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => return (session, output.usage(&error)),
    };
    let found = matches.subcommand().and_then(|(name, matches)| Some((entry(name)?, matches)));
    let Some((entry, matches)) = found else { return (session, Status::Usage) };
    let common = Common::from(matches);
    let output = output.with(&common);
    let mut call = Call { matches, common, session: Some(session), output };
    let status = (entry.run)(&mut call);
    match call.session {
        Some(session) => (session, status),
        None => unreachable_session(status),
    }
}

/// A command on a plan gives its session back; one that does not would end a script.
fn unreachable_session(_: Status) -> (Session, Status) {
    (Session::of("-", crate::plan::Loaded::default()), Status::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::keyword::COMMANDS;

    #[test]
    fn the_language_knows_every_command() {
        for entry in TABLE {
            assert!(COMMANDS.contains(&entry.name), "{} is missing", entry.name);
        }
    }
}
