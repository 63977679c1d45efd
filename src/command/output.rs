//! Where output goes: results to standard output, everything else to standard error.

use super::progress::{self, Progress};
use super::{Color, Common, Status};
use crate::diagnostic::{self, Finding, Problem, Severity, clean};
use crate::engine::Engine;
use crate::report::style::{Style, width_of, wrap};
use crate::session::Session;
use crate::source::SourceMap;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where output goes, and how it looks.
pub struct Output {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    out_is_terminal: bool,
    err_is_terminal: bool,
    color: Color,
    /// Results and errors only.
    pub quiet: bool,
    /// Whether there is somebody to ask.
    pub asks: bool,
    /// Whether nobody wants to hear any more; shared with what has been handed over.
    silent: Arc<AtomicBool>,
    /// The sign of life of what goes on.
    progress: Option<Progress>,
    /// Why a result could not be written.
    failed: Option<io::Error>,
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
            asks: false,
            silent: Arc::default(),
            progress: None,
            failed: None,
        }
    }

    /// Streams that nobody reads.
    pub fn to_nobody() -> Self {
        let (out_is_terminal, err_is_terminal) = (false, false);
        let (out, err) = (Box::new(io::sink()), Box::new(io::sink()));
        Self { out, err, out_is_terminal, err_is_terminal, ..Self::standard() }
    }

    /// The same streams for another thread; what is left here can say that it goes on without it.
    pub(super) fn hand_over(&mut self) -> Output {
        let silent = Arc::new(AtomicBool::new(false));
        let mut here = Output { silent: Arc::clone(&silent), ..Self::standard() };
        (here.color, here.quiet, here.asks) = (self.color, self.quiet, self.asks);
        let mut other = std::mem::replace(self, here);
        other.silent = silent;
        self.silent = Arc::clone(&other.silent);
        other
    }

    /// Takes back what was handed over.
    pub(super) fn take_back(&mut self, other: Output) {
        *self = other;
    }

    /// Goes on without what was handed over, of which nothing is heard any more.
    pub(super) fn silence_the_other(&mut self) {
        self.silent.store(true, Ordering::Relaxed);
        self.silent = Arc::default();
    }

    fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
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
        let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty()) || is_dumb();
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
        Style { color: self.colored(self.out_is_terminal), width, unicode: !is_dumb() }
    }

    /// A result, to standard output. That it cannot be written [is told](Self::finish) at the end.
    pub fn result(&mut self, text: &str) {
        self.progress = None;
        if self.is_silent() {
            return;
        }
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    /// The status of the whole run: refused if a result could not be written. A reader that has
    /// gone away, as `head` does, is no error.
    pub fn finish(&mut self, status: Status) -> Status {
        match self.failed.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.error(&format!("the result could not be written: {error}"));
                status.max(Status::Refused)
            }
            _ => status,
        }
    }

    /// Asks a question that is answered with yes or no; `None` if there is nobody to ask.
    pub fn confirm(&mut self, question: &str) -> Option<bool> {
        if !self.asks {
            return None;
        }
        self.progress = None;
        let _ = write!(self.err, "{} [y/N] ", clean(question)).and_then(|()| self.err.flush());
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).unwrap_or(0);
        if read == 0 {
            let _ = writeln!(self.err);
        }
        Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Whether there is somebody to ask: at the prompt, and where a terminal calls the program.
    pub fn can_ask(&self) -> bool {
        self.asks || (self.err_is_terminal && io::stdin().is_terminal())
    }

    /// Asks a question until the answer can be read; `None` if there is nobody to ask, or no answer.
    pub fn ask<T>(&mut self, question: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        if !self.can_ask() {
            return None;
        }
        self.progress = None;
        loop {
            let _ = write!(self.err, "{} ", clean(question)).and_then(|()| self.err.flush());
            let mut line = String::new();
            if io::stdin().read_line(&mut line).unwrap_or(0) == 0 {
                let _ = writeln!(self.err);
                return None;
            }
            let answer = read(line.trim());
            if answer.is_some() {
                return answer;
            }
            let _ = writeln!(self.err, "`{}` is none of the answers", clean(line.trim()));
        }
    }

    /// Shows a sign of life on a terminal if what begins now takes longer than half a second. It
    /// goes with the next output.
    pub fn begin(&mut self, what: &str) {
        let shown = self.err_is_terminal && !self.quiet && !is_dumb();
        self.progress = shown.then(|| progress::after_a_while(what));
    }

    /// What has begun is done.
    pub fn done(&mut self) {
        self.progress = None;
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
        self.progress = None;
        if self.is_silent() {
            return;
        }
        let text = clean(text);
        let lines: Vec<String> = match self.err_is_terminal {
            true => text.lines().flat_map(|line| self.in_words(line)).collect(),
            false => vec![text.into_owned()],
        };
        let _ = writeln!(self.err, "{}", lines.join("\n")).and_then(|()| self.err.flush());
    }

    /// A line for a terminal, broken between words where it is too long for one line.
    fn in_words(&self, line: &str) -> Vec<String> {
        let width = self.style().width;
        match line.starts_with(' ') || width_of(line) <= width {
            true => vec![line.to_owned()],
            false => wrap(line, width),
        }
    }

    /// Problems of a plan, to standard error; notes and, when quiet, warnings are left out.
    pub fn problems(&mut self, session: &Session, problems: &[Problem]) {
        self.problems_in(&session.plan.sources, problems);
    }

    /// The same with the files that the problems point into.
    pub fn problems_in(&mut self, sources: &SourceMap, problems: &[Problem]) {
        let least = if self.quiet { Severity::Error } else { Severity::Warning };
        self.progress = None;
        if self.is_silent() {
            return;
        }
        let color = self.colored(self.err_is_terminal);
        for problem in problems.iter().filter(|problem| problem.severity >= least) {
            let text = diagnostic::render(problem, sources, color);
            let _ = self.err.write_all(text.as_bytes());
        }
        let _ = self.err.flush();
    }

    /// Every problem of a plan that is computed; tells how that leaves the command.
    pub fn plan_problems(&mut self, session: &Session, engine: &Engine) -> Status {
        let problems = session.all_problems(engine);
        self.problems(session, &problems);
        if problems.iter().any(Problem::is_error) { Status::Failed } else { Status::Done }
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

    /// Findings of a plan as the result itself.
    pub fn findings_as_result<'f>(
        &mut self,
        session: &Session,
        findings: impl Iterator<Item = Finding<'f>>,
    ) {
        let color = self.colored(self.out_is_terminal);
        for finding in findings {
            let text = diagnostic::render_finding(&finding, &session.plan.sources, color);
            self.result(&text);
        }
    }

    /// What clap has to say: help is a result, a mistake is usage.
    pub fn usage(&mut self, error: &clap::Error) -> Status {
        use clap::error::ErrorKind;
        self.progress = None;
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

/// Whether the terminal can do nothing but print.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|it| it == "dumb")
}
