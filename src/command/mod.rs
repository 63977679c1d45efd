//! The one table of commands: the command line, `:` lines of scripts and the REPL read it.
//!
//! A command is one file: its arguments (clap), and its run, which makes a report and says how it
//! went. Commands on a plan take its file first; on a `:` line the plan is the loaded one.

mod apart;
mod as_of;
mod call;
mod check;
mod checkin;
mod coach;
mod commit;
mod compare;
mod completions;
mod desk;
mod diff;
mod effect;
mod explain;
mod export;
mod feasible;
mod fmt;
mod grade;
mod help;
mod import;
mod import_into;
mod interrupt;
mod lines;
mod load;
mod new;
mod optimize;
mod output;
mod progress;
mod quit;
mod redo;
mod reload;
mod repl;
mod report;
mod retro;
mod roll;
mod run;
mod save;
mod scenario;
mod seek;
mod sensitivity;
mod set;
mod show;
mod simulate;
mod source;
mod trend;
mod undo;
mod watch;
mod whatif;

pub use call::{BASE, Call, Color, Common, Format, Looks, Status, Then};
pub use desk::{Desk, Prompt};
pub use interrupt::interrupted;
pub use lines::{Lines, Taken, is_formula};
pub use output::Output;

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

/// Where a command is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// After `okr`.
    CommandLine,
    /// On a `:` line of a script.
    Script,
    /// On a `:` line at the prompt, or in what is read in its place.
    Prompt,
}

/// Where a command may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// On the command line.
    pub command_line: bool,
    /// In a script.
    pub script: bool,
    /// At the prompt.
    pub prompt: bool,
}

impl Stands {
    /// Everywhere.
    pub const EVERYWHERE: Stands = Stands { command_line: true, script: true, prompt: true };
    /// On the command line alone.
    pub const COMMAND_LINE: Stands = Stands { command_line: true, script: false, prompt: false };
    /// On the command line and at the prompt.
    pub const NOT_SCRIPTS: Stands = Stands { command_line: true, script: false, prompt: true };
    /// On `:` lines, of scripts and at the prompt.
    pub const LINES: Stands = Stands { command_line: false, script: true, prompt: true };
    /// At the prompt alone.
    pub const PROMPT: Stands = Stands { command_line: false, script: false, prompt: true };

    /// Whether a command may stand there.
    pub const fn at(self, stand: Stand) -> bool {
        match stand {
            Stand::CommandLine => self.command_line,
            Stand::Script => self.script,
            Stand::Prompt => self.prompt,
        }
    }
}

/// A row of the table.
pub struct Entry {
    /// The command's word.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// What it works on.
    pub subject: Subject,
    /// Where it may stand.
    pub stands: Stands,
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
    coach::ENTRY,
    report::ENTRY,
    roll::ENTRY,
    retro::ENTRY,
    trend::ENTRY,
    compare::ENTRY,
    whatif::ENTRY,
    simulate::ENTRY,
    sensitivity::ENTRY,
    seek::ENTRY,
    optimize::ENTRY,
    feasible::ENTRY,
    commit::ENTRY,
    checkin::ENTRY,
    export::ENTRY,
    import::ENTRY,
    fmt::ENTRY,
    run::ENTRY,
    repl::ENTRY,
    completions::ENTRY,
    set::ENTRY,
    show::ENTRY,
    undo::ENTRY,
    redo::ENTRY,
    diff::ENTRY,
    save::ENTRY,
    reload::ENTRY,
    watch::ENTRY,
    scenario::ENTRY,
    as_of::ENTRY,
    load::ENTRY,
    source::ENTRY,
    help::ENTRY,
    quit::ENTRY,
];

const FILE: &str = "FILE";

/// The whole command line.
pub fn cli() -> Command {
    let commands = entries(Stand::CommandLine).map(|entry| {
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
             `okr COMMAND --help` says more about each command; `okr` alone opens the prompt.",
        )
        .subcommands(commands)
}

fn file_argument() -> Arg {
    Arg::new(FILE).required(true).help("The plan's root file; `-` is standard input")
}

/// The commands that may stand somewhere.
pub fn entries(stand: Stand) -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().filter(move |entry| entry.stands.at(stand))
}

/// The command of a word.
pub fn entry(name: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.name == name)
}

impl Entry {
    /// The command as it stands on a `:` line.
    pub fn line(&self) -> Command {
        let name = format!(":{}", self.name);
        (self.augment)(Command::new(name.clone()))
            .about(self.about)
            .bin_name(name)
            .no_binary_name(true)
            .mut_args(on_a_line)
    }

    /// How the command is written on a `:` line: `:set PATH VALUE`.
    pub fn usage(&self) -> String {
        let command = self.line();
        let shown = command.get_positionals().filter(|argument| !argument.is_hide_set());
        let wanted = shown.map(|argument| {
            let name = argument.get_value_names().and_then(|names| names.first());
            let name = name.map_or_else(|| argument.get_id().to_string(), ToString::to_string);
            if argument.is_required_set() { format!(" {name}") } else { format!(" [{name}]") }
        });
        format!(":{}{}", self.name, wanted.collect::<String>())
    }
}

/// An argument on a `:` line, where the plan is the loaded one: what names its file falls away.
fn on_a_line(argument: Arg) -> Arg {
    let names = argument.get_value_names().unwrap_or_default();
    match names.first().and_then(|name| name.strip_prefix("FILE ")) {
        Some(rest) => {
            let rest = rest.to_owned();
            argument.value_name(rest).num_args(1)
        }
        None => argument,
    }
}

/// Runs the command line; gives the exit status. `prompt` opens the REPL.
pub fn main(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    output: &mut Output,
    prompt: Prompt,
) -> Status {
    let matches = match cli().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return output.usage(&error),
    };
    let status = match matches.subcommand() {
        Some((name, matches)) => match entry(name) {
            Some(entry) => run_entry(entry, matches, output, prompt),
            None => Status::Usage,
        },
        // `okr` alone.
        None => match repl::ENTRY.line().try_get_matches_from([""; 0]) {
            Ok(matches) => run_entry(&repl::ENTRY, &matches, output, prompt),
            Err(error) => output.usage(&error),
        },
    };
    output.finish(status)
}

fn run_entry(entry: &Entry, matches: &ArgMatches, output: &mut Output, prompt: Prompt) -> Status {
    let common = Common::from(matches);
    let output = output.with(&common);
    output.begin(entry.name);
    let mut loaded = match entry.subject {
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
    let session = loaded.as_mut();
    let (stand, then) = (Stand::CommandLine, Then::GoOn);
    let mut call = Call { matches, common, session, output, stand, then, prompt };
    let status = (entry.run)(&mut call);
    call.output.done();
    // The process ends now: to give a large plan back piece by piece would only take time.
    std::mem::forget(loaded);
    status
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
