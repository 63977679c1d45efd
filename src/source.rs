//! Files, byte spans, lines and columns.
//!
//! A [`Span`] is a half-open range of bytes, always. Lines and columns exist only at the edge, where
//! a person reads them: both count from 1, columns in Unicode characters.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The largest file that is read, in bytes (`quality.md`).
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// A half-open range of bytes within one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span from `start` up to, but without, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The text that the span covers.
    pub fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span, so many bytes nearer to the beginning.
    pub fn back(self, by: u32) -> Span {
        Span { start: self.start.saturating_sub(by), end: self.end.saturating_sub(by) }
    }

    /// The empty span before the first byte.
    pub fn head(self) -> Span {
        Span { start: self.start, end: self.start }
    }

    /// Its length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A span in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// Where a byte stands, for people: line and column count from 1, the column in Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// One file's text and name.
#[derive(Debug)]
pub struct Source {
    name: String,
    path: Option<PathBuf>,
    text: String,
    bad_utf8: Option<usize>,
    line_starts: OnceLock<Vec<u32>>,
    counts: OnceLock<Vec<u32>>,
}

/// Characters are counted up to every so many bytes, so that a column of a very long line is found
/// without counting them all.
const STRIDE: usize = 1 << 10;

impl Source {
    /// Takes any bytes. Those that are not UTF-8 are replaced one for one, so that every offset
    /// stays true; [`Source::bad_utf8`] tells the first of them.
    pub fn from_bytes(name: impl Into<String>, path: Option<PathBuf>, bytes: Vec<u8>) -> Self {
        let (text, bad_utf8) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (replace_bad_bytes(error.into_bytes()), Some(at))
            }
        };
        Self {
            name: name.into(),
            path,
            text,
            bad_utf8,
            line_starts: OnceLock::new(),
            counts: OnceLock::new(),
        }
    }

    /// A source from text, for tests and the REPL.
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::from_bytes(name, None, text.into().into_bytes())
    }

    /// The name shown in messages: as the user gave it, `-` for standard input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it was read from; `None` for standard input and for text made in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The offset of the first byte that was not UTF-8.
    pub fn bad_utf8(&self) -> Option<usize> {
        self.bad_utf8
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(ends.map(|end| end as u32 + 1)).collect()
        })
    }

    /// The index, from 0, of the line that holds the byte.
    pub fn line_index(&self, offset: u32) -> usize {
        self.line_starts().partition_point(|&start| start <= offset) - 1
    }

    /// The bytes of a line (index from 0), without its line end.
    pub fn line_span(&self, index: usize) -> Span {
        let starts = self.line_starts();
        let start = starts.get(index).map_or(self.text.len(), |&start| start as usize);
        let end = starts.get(index + 1).map_or(self.text.len(), |&next| next as usize - 1);
        let end = end.max(start);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        Span::new(start, end)
    }

    /// How many characters begin before a byte.
    fn characters_until(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let counts = self.counts.get_or_init(|| {
            let mut sum = 0;
            let strides = bytes.chunks(STRIDE).map(|stride| {
                sum += characters(stride) as u32;
                sum
            });
            std::iter::once(0).chain(strides).collect()
        });
        let stride = offset / STRIDE;
        counts[stride] as usize + characters(&bytes[stride * STRIDE..offset])
    }

    /// The line and column of a byte. A byte order mark is no column.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let index = self.line_index(offset);
        let start = self.line_starts()[index] as usize;
        let end = offset as usize;
        let characters = match end - start > 2 * STRIDE {
            true => self.characters_until(end) - self.characters_until(start),
            false => characters(&self.text.as_bytes()[start..end]),
        };
        let bom = usize::from(index == 0 && self.text.starts_with('\u{feff}') && offset >= 3);
        Position { line: index + 1, column: characters - bom + 1 }
    }
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

/// Replaces each byte that is no part of valid UTF-8 by `?`, keeping every offset.
fn replace_bad_bytes(mut bytes: Vec<u8>) -> String {
    let mut from = 0;
    while let Err(error) = std::str::from_utf8(&bytes[from..]) {
        let bad = from + error.valid_up_to();
        let length = error.error_len().unwrap_or(bytes.len() - bad);
        bytes[bad..bad + length].fill(b'?');
        from = bad + length;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// All files of a plan.
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, source: Source) -> FileId {
        self.sources.push(source);
        FileId(self.sources.len() as u32 - 1)
    }

    /// The file of an id.
    pub fn get(&self, file: FileId) -> &Source {
        &self.sources[file.0 as usize]
    }

    /// All files in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.sources.iter().enumerate().map(|(index, source)| (FileId(index as u32), source))
    }

    /// The text at a place.
    pub fn text(&self, place: Place) -> &str {
        place.span.of(self.get(place.file).text())
    }

    /// `file:line`, as reports show where something stands.
    pub fn line_of(&self, place: Place) -> String {
        let source = self.get(place.file);
        format!("{}:{}", source.name(), source.position(place.span.start).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::from_text("a", "\u{feff}äb\r\nc€d");
        assert_eq!(source.position(3), Position { line: 1, column: 1 });
        assert_eq!(source.position(5), Position { line: 1, column: 2 });
        let second = source.text().find('d').unwrap_or_default() as u32;
        assert_eq!(source.position(second), Position { line: 2, column: 3 });
        assert_eq!(source.line_span(0).of(source.text()), "\u{feff}äb");
    }

    #[test]
    fn columns_of_long_lines_are_the_same() {
        let line = "aä€b".repeat(3 * STRIDE);
        let source = Source::from_text("a", format!("x\n{line}\ny"));
        for (at, (offset, _)) in line.char_indices().enumerate() {
            let position = source.position(2 + offset as u32);
            assert_eq!(position, Position { line: 2, column: at + 1 });
        }
        assert_eq!(source.position(u32::MAX), Position { line: 3, column: 2 });
    }

    #[test]
    fn bad_bytes_keep_offsets() {
        let source = Source::from_bytes("a", None, b"ab\xff\xfecd\xe2\x82".to_vec());
        assert_eq!(source.text(), "ab??cd??");
        assert_eq!(source.bad_utf8(), Some(2));
    }
}
