//! The prompt at a terminal: rustyline edits a line at a time, and a prompt of its own goes on
//! while a block is open.

use super::helper::Aid;
use super::history::{self, History};
use crate::command::{Desk, Lines, Status, Taken, interrupted};
use crate::diagnostic::clean;
use crate::report::style::{Style, width_of};
use crate::session::Session;
use rustyline::config::{BellStyle, ColorMode, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Behavior, Editor};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A line that comes within this time was not typed but pasted, and a blank one is part of it.
const PASTED: Duration = Duration::from_millis(4);

/// The widest name of a file in the prompt.
const WIDEST_NAME: usize = 24;

/// After so many ends of input in a row there is nobody left to ask.
const MOST_ENDS: usize = 4;

/// Takes lines until somebody quits.
pub fn run(desk: &mut Desk<'_>) -> Status {
    desk.output.asks = true;
    if let Err(error) = ctrlc::set_handler(|| interrupted().store(true, Ordering::Relaxed)) {
        desk.output.note(&format!("Ctrl-C will end the program: {error}"));
    }
    match Terminal::new(desk) {
        Ok(mut terminal) => {
            welcome(desk);
            terminal.run(desk);
            Status::Done
        }
        Err(error) => {
            desk.output.error(&format!("the terminal cannot be used: {error}"));
            Status::Refused
        }
    }
}

/// Three lines for somebody who has never been here.
fn welcome(desk: &mut Desk<'_>) {
    let problems = desk.session.problems.clone();
    desk.output.problems(&desk.session, &problems);
    let version = env!("CARGO_PKG_VERSION");
    let second = match desk.session.file.is_empty() {
        true => "No plan is loaded: `:load q1.okr` opens one, `:new q1.okr` begins one.".to_owned(),
        false => desk.summary(),
    };
    let third = match desk.session.file.is_empty() {
        true => "Or type statements, such as `metric arr \"Revenue\" 4.2M EUR`, and formulas.",
        false => {
            "Try `:grade`, type a formula or a statement, or change a value with `:set PATH VALUE`."
        }
    };
    desk.output.note(&format!(
        "okr {version}; `:help` lists the commands, `:quit` leaves.\n{second}\n{third}"
    ));
}

struct Terminal {
    editor: Editor<Aid, DefaultHistory>,
    history: History,
    lines: Lines,
    ends: usize,
}

impl Terminal {
    fn new(desk: &Desk<'_>) -> rustyline::Result<Self> {
        let color = desk.output.style().color;
        let config = Config::builder()
            .max_history_size(history::MOST)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .color_mode(if color { ColorMode::Forced } else { ColorMode::Disabled })
            .bell_style(BellStyle::None)
            .behavior(Behavior::Stdio)
            .bracketed_paste(true)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Aid::new(color)));
        let history = History::load(&mut editor);
        Ok(Self { editor, history, lines: Lines::default(), ends: 0 })
    }

    fn run(&mut self, desk: &mut Desk<'_>) {
        while !desk.over {
            let began = Instant::now();
            let read = self.read(desk);
            interrupted().store(false, Ordering::Relaxed);
            match read {
                Ok(line) => {
                    self.ends = 0;
                    let pasted = began.elapsed() < PASTED;
                    for taken in self.lines.push(&line, !pasted) {
                        self.take(desk, taken);
                    }
                }
                Err(ReadlineError::Interrupted) => {
                    self.ends = 0;
                    if !self.lines.end().is_empty() {
                        desk.output.note("the open block was dropped");
                    }
                }
                Err(ReadlineError::Eof) => self.end(desk),
                Err(error) => {
                    desk.output.error(&format!("the terminal cannot be read: {error}"));
                    return;
                }
            }
        }
    }

    /// Remembers what was typed, whole, and takes it.
    fn take(&mut self, desk: &mut Desk<'_>, taken: Taken) {
        let (Taken::Whole(text) | Taken::Left(text)) = &taken;
        self.history.add(&mut self.editor, text);
        desk.taken(taken);
    }

    /// Ctrl-D: leaves the open block, else the prompt.
    fn end(&mut self, desk: &mut Desk<'_>) {
        if let Some(taken) = self.lines.end().pop() {
            return self.take(desk, taken);
        }
        self.ends += 1;
        if self.ends >= MOST_ENDS {
            desk.over = true;
        } else {
            desk.line("quit");
        }
    }

    /// Reads a line. The helper has the plan meanwhile. The line editor panics on some lines of
    /// combining marks; then the line is lost and nothing else.
    fn read(&mut self, desk: &mut Desk<'_>) -> rustyline::Result<String> {
        desk.session.computed();
        let prompt = self.prompt(&desk.session, &desk.output.style());
        if let Some(aid) = self.editor.helper_mut() {
            aid.above = match self.lines.open() {
                "" => String::new(),
                open => format!("{open}\n"),
            };
            aid.session = Some(std::mem::replace(&mut desk.session, Session::unnamed()));
        }
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let read = catch_unwind(AssertUnwindSafe(|| self.editor.readline(&prompt)));
        std::panic::set_hook(hook);
        if let Some(session) = self.editor.helper_mut().and_then(|aid| aid.session.take()) {
            desk.session = session;
        }
        read.unwrap_or_else(|_| {
            desk.output.error("the line editor cannot show this line, so it was dropped");
            Ok(String::new())
        })
    }

    /// `okr q1* [freeze]> `, and dots of the same width while a block is open.
    fn prompt(&self, session: &Session, style: &Style) -> String {
        let stem = Path::new(&session.file).file_stem().map(|it| it.to_string_lossy().into_owned());
        let stem = stem.map(|stem| clean(&stem).replace(['\n', '\t'], " "));
        let stem = stem.map(|stem| format!(" {}", style.truncate(&stem, WIDEST_NAME)));
        let unsaved = if session.is_unsaved() { "*" } else { "" };
        let scenario = session.view.scenario.as_ref().map(|id| format!(" [{id}]"));
        let prompt =
            format!("okr{}{unsaved}{}> ", stem.unwrap_or_default(), scenario.unwrap_or_default());
        match self.lines.open().is_empty() {
            true => prompt,
            false => format!("{}> ", ".".repeat(width_of(&prompt) - 2)),
        }
    }
}
