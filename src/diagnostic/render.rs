//! A problem as text with the source line that it points at, drawn by codespan-reporting.
//!
//! The drawer sees an excerpt only: the lines with labels, without control characters, and a window
//! of a line that is too long to read.

use super::{Finding, Problem, Severity};
use crate::source::{Place, SourceMap, Span};
use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Drawn};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config, StylesWriter, termcolor::Buffer};
use std::borrow::Cow;
use std::ops::Range;

/// The widest source line that is shown whole, in bytes.
const WIDEST_LINE: usize = 200;

/// Text that is safe on a terminal: control and bidirectional characters become `?` or a
/// replacement character of as many bytes, so that offsets stay true.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let safe = |character: char| match character {
        _ if !is_unsafe(character) => character,
        _ if character.len_utf8() == 1 => '?',
        _ if character.len_utf8() == 2 => '¿',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(safe).collect())
}

fn is_unsafe(character: char) -> bool {
    let bidirectional = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{061c}' | '\u{2028}' | '\u{2029}');
    (character.is_control() && character != '\n' && character != '\t') || bidirectional
}

/// The problem with its source line, its remarks and its help, in colour if wanted.
pub fn render(problem: &Problem, sources: &SourceMap, color: bool) -> String {
    render_finding(&problem.finding(), sources, color)
}

/// The same of a problem or a piece of advice.
pub fn render_finding(problem: &Finding<'_>, sources: &SourceMap, color: bool) -> String {
    let mut excerpt = Excerpt::default();
    let primary = excerpt.add(problem.place, sources);
    let mut labels = vec![Label::primary(primary.0, primary.1)];
    for (place, remark) in problem.others {
        let (file, range) = excerpt.add(*place, sources);
        labels.push(Label::secondary(file, range).with_message(clean(remark)));
    }
    let severity = match problem.severity {
        Severity::Error => Drawn::Error,
        Severity::Warning => Drawn::Warning,
        Severity::Note => Drawn::Note,
        Severity::Advice => Drawn::Help,
    };
    let mut diagnostic = Diagnostic::new(severity)
        .with_code(problem.id)
        .with_message(clean(problem.message))
        .with_labels(labels);
    if !problem.help.is_empty() {
        diagnostic = diagnostic.with_notes(vec![format!("help: {}", clean(problem.help))]);
    }
    let mut buffer = if color { Buffer::ansi() } else { Buffer::no_color() };
    let config = Config { tab_width: 2, ..Config::default() };
    let styles = term::Styles::default();
    let mut writer = StylesWriter::new(&mut buffer, &styles);
    match term::emit_to_write_style(&mut writer, &config, &excerpt, &diagnostic) {
        Ok(()) => String::from_utf8_lossy(buffer.as_slice()).into_owned(),
        Err(_) => plain(problem, sources),
    }
}

/// The problem on one line, should the drawer fail.
fn plain(problem: &Finding<'_>, sources: &SourceMap) -> String {
    let place = sources.line_of(problem.place);
    format!("{place}: {}: {}\n", problem.id, clean(problem.message))
}

/// The lines of the files that a problem points at.
#[derive(Default)]
struct Excerpt {
    files: Vec<ExcerptFile>,
}

struct ExcerptFile {
    file: crate::source::FileId,
    name: String,
    text: String,
    lines: Vec<Line>,
}

/// A line of an excerpt: where it begins in the excerpt, and what it shows of the file.
struct Line {
    start: usize,
    number: usize,
    index: usize,
    shown: Span,
    cut_characters: usize,
}

impl Excerpt {
    /// Adds the line of a place; gives the file's index and the place in the excerpt.
    fn add(&mut self, place: Place, sources: &SourceMap) -> (usize, Range<usize>) {
        let file = self.file_of(place, sources);
        let range = self.files[file].range_of(place.span, sources);
        (file, range)
    }

    fn file_of(&mut self, place: Place, sources: &SourceMap) -> usize {
        if let Some(index) = self.files.iter().position(|file| file.file == place.file) {
            return index;
        }
        let name = clean(sources.get(place.file).name()).into_owned();
        self.files.push(ExcerptFile {
            file: place.file,
            name,
            text: String::new(),
            lines: Vec::new(),
        });
        self.files.len() - 1
    }
}

impl ExcerptFile {
    fn range_of(&mut self, span: Span, sources: &SourceMap) -> Range<usize> {
        let source = sources.get(self.file);
        let index = source.line_index(span.start.min(source.text().len() as u32));
        let line = match self.lines.iter().position(|line| line.index == index) {
            Some(line) => line,
            None => self.push_line(index, span, sources),
        };
        let line = &self.lines[line];
        let inside = |offset: u32| offset.clamp(line.shown.start, line.shown.end);
        let at = |offset: u32| line.start + (inside(offset) - line.shown.start) as usize;
        at(span.start)..at(span.end)
    }

    fn push_line(&mut self, index: usize, span: Span, sources: &SourceMap) -> usize {
        let source = sources.get(self.file);
        let line = source.line_span(index);
        let shown = window(source.text(), line, span);
        if !self.lines.is_empty() {
            self.text.push_str("\n\n\n"); // a gap, so that the drawer does not join distant lines
        }
        let start = self.text.len();
        self.text.push_str(&clean(shown.of(source.text())));
        self.text.push('\n');
        let cut_characters = source.position(shown.start).column - 1;
        self.lines.push(Line { start, number: index + 1, index, shown, cut_characters });
        self.lines.len() - 1
    }

    fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1))
    }

    fn line_at(&self, index: usize) -> Option<&Line> {
        let start = self.starts().nth(index)?;
        self.lines.iter().find(|line| line.start == start)
    }
}

/// What is shown of a line: all of it, or, if it is too long, what surrounds the span. A byte order
/// mark is left out.
fn window(text: &str, line: Span, span: Span) -> Span {
    let bom = line.start == 0 && text.starts_with('\u{feff}');
    let line = Span { start: line.start + if bom { 3 } else { 0 }, end: line.end };
    if line.len() <= WIDEST_LINE {
        return line;
    }
    let mut start = (span.start as usize).saturating_sub(60).max(line.start as usize);
    let mut end = (start + WIDEST_LINE).min(line.end as usize);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(start, end)
}

impl<'a> Files<'a> for Excerpt {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|file| file.name.as_str()).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|file| file.text.as_str()).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        Ok(file.starts().take_while(|&start| start <= byte).count() - 1)
    }

    fn line_number(&'a self, id: usize, index: usize) -> Result<usize, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        Ok(file.line_at(index).map_or(index + 1, |line| line.number))
    }

    fn column_number(&'a self, id: usize, index: usize, byte: usize) -> Result<usize, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let Some(line) = file.line_at(index) else { return Ok(1) };
        let before = file.text.get(line.start..byte).unwrap_or_default();
        Ok(line.cut_characters + before.chars().count() + 1)
    }

    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let start = file.starts().nth(index).unwrap_or(file.text.len());
        let end = file.starts().nth(index + 1).unwrap_or(file.text.len());
        Ok(start..end)
    }
}
