//! A plan at work: the lines of a script, of a pipe and of the prompt are taken here, one at a time.

use super::apart::Errand;
use super::lines::{Piece, pieces};
use super::{Common, Entry, Lines, Output, Stand, Status, Taken, Then, effect, entry, load};
use crate::session::{AddFailure, Session};
use crate::suggest;
use crate::syntax::keyword::{self, Context};

/// Opens the REPL on a desk.
pub type Prompt = fn(&mut Desk<'_>) -> Status;

/// How deep `:source` may go.
const DEEPEST: usize = 50;

/// A loaded plan, and where what its lines say goes.
pub struct Desk<'a> {
    /// The plan.
    pub session: Session,
    /// Where output goes.
    pub output: &'a mut Output,
    /// What the lines do not say themselves: the form of reports, colours.
    pub base: Common,
    /// Whether the lines are those of a script.
    pub stand: Stand,
    /// Whether lines go on after one that failed.
    pub keep_going: bool,
    /// Whether somebody has quit.
    pub over: bool,
    depth: usize,
    prompt: Prompt,
}

impl<'a> Desk<'a> {
    /// A desk with a plan.
    pub fn new(session: Session, output: &'a mut Output, base: Common, stand: Stand) -> Self {
        let prompt: Prompt = |_| Status::Usage;
        let (keep_going, over, depth) = (false, false, 0);
        Self { session, output, base, stand, keep_going, over, depth, prompt }
    }

    /// Takes what was typed: statements, a formula, a command, or several of them.
    pub fn take(&mut self, text: &str) -> Status {
        let mut worst = Status::Done;
        for piece in pieces(text) {
            let status = match piece {
                Piece::Command(line) => self.line(&line),
                Piece::Formula(text) => self.formula(&text),
                Piece::Statements(text) => self.add(&text),
            };
            worst = worst.max(status);
            if self.over || (worst != Status::Done && !self.keep_going) {
                break;
            }
        }
        worst
    }

    /// Takes lines one after the other; stops at the first that fails, unless it is to keep going.
    /// `name` is for messages.
    pub fn take_lines(
        &mut self,
        name: &str,
        text: impl IntoIterator<Item = Result<String, String>>,
    ) -> Status {
        let mut lines = Lines::default();
        let mut worst = Status::Done;
        let mut number = 0;
        for line in text.into_iter().map(Some).chain([None]) {
            let taken = match line {
                Some(Ok(line)) => {
                    number += 1;
                    lines.push(&line, false)
                }
                Some(Err(reason)) => {
                    self.output.error(&format!("{name}: line {}: {reason}", number + 1));
                    return Status::Refused;
                }
                None => lines.end(),
            };
            for taken in taken {
                let status = self.taken(taken);
                worst = worst.max(status);
                if self.over {
                    return worst;
                }
                if status != Status::Done && !self.keep_going {
                    self.output.note(&format!("{name}: stopped at line {number}"));
                    return worst;
                }
            }
        }
        worst
    }

    /// Takes what a reader of lines gives.
    pub fn taken(&mut self, taken: Taken) -> Status {
        match taken {
            Taken::Whole(text) => self.take(&text),
            Taken::Left(text) => self.left(&text),
        }
    }

    /// What the plan has, in one line.
    pub fn summary(&self) -> String {
        load::summary(&self.session)
    }

    /// Tells of a block that was left open.
    fn left(&mut self, text: &str) -> Status {
        let first = text.lines().next().unwrap_or_default().trim();
        let message = format!("`{first}` was left open, so nothing was added");
        self.output.error(&message);
        Status::Failed
    }

    /// Adds statements to the plan.
    fn add(&mut self, text: &str) -> Status {
        if let Some(help) = self.meant_otherwise(text) {
            self.output.error(&help);
            return Status::Failed;
        }
        self.output.begin("reading");
        let added = self.session.add(text);
        self.output.done();
        match added {
            Ok(effect) => {
                effect::show(self.output, &self.session, &effect);
                Status::Done
            }
            Err(AddFailure::Syntax(sources, problems)) => {
                self.output.problems_in(&sources, &problems);
                Status::Failed
            }
            Err(AddFailure::Edit(failure)) => {
                effect::refused(self.output, &failure, "nothing was added")
            }
        }
    }

    fn formula(&mut self, text: &str) -> Status {
        if let Some(help) = self.meant_otherwise(text) {
            self.output.error(&help);
            return Status::Failed;
        }
        match self.session.answer(text) {
            Ok(answer) => {
                self.output.result(&format!("{}\n", answer.text));
                Status::Done
            }
            Err(no) => {
                self.output.problems_in(&no.sources, &no.problems);
                Status::Failed
            }
        }
    }

    /// What somebody seems to have meant who typed this as a formula.
    fn meant_otherwise(&self, text: &str) -> Option<String> {
        let word = text.split_whitespace().next()?;
        if let Some((path, value)) = text.split_once('=')
            && !value.starts_with('=')
            && !path.ends_with(['<', '>', '!', '='])
            && self.session.find(path.trim()).is_ok()
        {
            let (path, value) = (path.trim(), value.trim());
            return Some(format!("to change the plan, write `:set {path} {value}`"));
        }
        // A word of the language, or a name of the plan, is none of a command's.
        let is_name =
            self.session.find(word).is_ok() || keyword::lookup(Context::Plan, word).is_some();
        let found = entry(word).filter(|_| !is_name);
        let alias = [("exit", "quit"), ("q", "quit"), ("?", "help"), ("ls", "show")];
        let alias = alias.iter().find(|(other, _)| *other == word && !is_name);
        let name = found.map(|entry| entry.name).or(alias.map(|(_, name)| *name))?;
        Some(format!("commands begin with a colon: `:{name}`"))
    }

    /// Runs a `:` line, without its colon.
    pub fn line(&mut self, line: &str) -> Status {
        let Some(words) = shlex::split(line) else {
            self.output.error("a quote is not closed");
            return Status::Usage;
        };
        self.words(&words)
    }

    /// Runs the words of a `:` line.
    pub fn words(&mut self, words: &[String]) -> Status {
        let Some((name, arguments)) = words.split_first() else {
            self.output.error("a command follows the `:`; `:help` lists them");
            return Status::Usage;
        };
        let entry = match entry(name).filter(|entry| entry.stands.at(self.stand)) {
            Some(entry) => entry,
            None => {
                let message = self.no_such(name);
                self.output.error(&message);
                return Status::Usage;
            }
        };
        let matches = match entry.line().try_get_matches_from(arguments) {
            Ok(matches) => matches,
            Err(error) => return self.output.usage(&error),
        };
        if !entry.keeps_text() {
            self.session.settle();
        }
        let common = Common::over(&self.base, &matches);
        let quiet = self.output.quiet;
        let output = self.output.with(&common);
        output.begin(entry.name);
        let (stand, prompt) = (self.stand, self.prompt);
        let errand = Errand { entry, matches, common, stand, prompt };
        let (status, then) = match output.asks && entry.may_take_long() {
            true => errand.apart(&mut self.session, output),
            false => errand.here(&mut self.session, output),
        };
        self.output.done();
        self.output.with(&self.base).quiet = quiet;
        match then {
            Then::GoOn => status,
            Then::Quit => {
                self.over = true;
                status
            }
            Then::Source(name, text) => self.source(&name, &text),
        }
    }

    fn source(&mut self, name: &str, text: &str) -> Status {
        if self.depth >= DEEPEST {
            self.output.error(&format!("{name}: `:source` goes more than {DEEPEST} files deep"));
            return Status::Failed;
        }
        self.depth += 1;
        let status = self.take_lines(name, text.lines().map(|line| Ok(line.to_owned())));
        self.depth -= 1;
        status
    }

    /// Why a word is no command here, and what to do.
    fn no_such(&self, name: &str) -> String {
        if let Some(entry) = entry(name) {
            let usage = entry.name;
            return match (self.stand, entry.stands.command_line) {
                (Stand::Script, true) => {
                    format!("`:{name}` does not stand in a script; run `okr {usage}` beside it")
                }
                (Stand::Script, false) => {
                    format!("`:{name}` stands at the prompt alone (`okr repl`)")
                }
                _ => {
                    format!("`:{name}` does not stand at the prompt; run `okr {usage}` in a shell")
                }
            };
        }
        let names = super::entries(self.stand).map(|entry| entry.name);
        let help = match suggest::nearest(name, names) {
            Some(nearest) => format!("did you mean `:{nearest}`?"),
            None => "`:help` lists them".into(),
        };
        format!("there is no command `:{name}`; {help}")
    }
}

impl Entry {
    /// Whether the command works while the plan's text is behind its numbers.
    fn keeps_text(&self) -> bool {
        ["set", "undo", "redo", "help", "quit"].contains(&self.name)
    }

    /// Whether somebody may want to stop the command: those of the command line compute, those of
    /// the prompt alone look after the plan.
    fn may_take_long(&self) -> bool {
        self.stands.command_line
    }
}
