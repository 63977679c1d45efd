//! A root file and what it includes, read and parsed.
//!
//! An included file must lie below the root file's folder after links are resolved; the same file
//! twice is loaded once; a file that includes itself is shown as a chain.

use crate::diagnostic::{Kind, Problem};
use crate::source::{FileId, MAX_FILE_BYTES, Place, Source, SourceMap, Span};
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{Body, Text, Tree};
use crate::syntax::{self};
use rustc_hash::FxHashMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many files a plan may have, and how deep they may include one another.
pub const MAX_INCLUDES: usize = 1_000;

/// Other names of standard input.
const STANDARD_INPUT: [&str; 2] = ["/dev/stdin", "/dev/fd/0"];

/// A plan's files, parsed.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files, the root first.
    pub sources: SourceMap,
    /// Their trees, by file.
    pub trees: Vec<Tree>,
    /// The statements of all files in the order in which they count, an included file's where it is
    /// included: runs of statements of one file.
    pub order: Vec<(FileId, std::ops::Range<usize>)>,
    /// What is wrong with the text and the includes.
    pub problems: Vec<Problem>,
}

/// Why the root file could not be read.
#[derive(Debug)]
pub struct LoadError {
    /// The file as the user gave it.
    pub file: String,
    /// What went wrong.
    pub reason: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.file, self.reason)
    }
}

impl std::error::Error for LoadError {}

/// Reads a plan from a file, or from standard input if it is `-`.
///
/// # Errors
///
/// If the root file cannot be read, is no file, or is over 64 MB. What is wrong with an included
/// file is a problem of the plan.
pub fn load(file: &str) -> Result<Loaded, LoadError> {
    let failed = |reason: String| LoadError { file: file.to_owned(), reason };
    if file == "-" {
        let bytes = read_stdin().map_err(failed)?;
        return Ok(load_source(Source::from_bytes("-", None, bytes), Path::new(".")));
    }
    let path = Path::new(file);
    let bytes = if STANDARD_INPUT.contains(&file) { read_stdin() } else { read_file(path) };
    let bytes = bytes.map_err(failed)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(load_source(Source::from_bytes(file, Some(path.to_owned()), bytes), folder))
}

/// Takes a plan from text; includes are read from `folder`.
pub fn load_text(name: &str, text: impl Into<String>, folder: &Path) -> Loaded {
    load_source(Source::from_text(name, text), folder)
}

/// Loads a plan again with one of its files edited, all from memory where it has been read before.
///
/// # Errors
///
/// If the edited text is over 64 MB.
pub fn load_edited(sources: &SourceMap, file: FileId, text: &str) -> Result<Loaded, LoadError> {
    load_again(sources, vec![(file, text.to_owned())])
}

/// The same with any number of files edited.
///
/// # Errors
///
/// If an edited text is over 64 MB.
pub fn load_again(sources: &SourceMap, edited: Vec<(FileId, String)>) -> Result<Loaded, LoadError> {
    if let Some((file, _)) = edited.iter().find(|(_, text)| text.len() > MAX_FILE_BYTES) {
        let file = sources.get(*file).name().to_owned();
        return Err(LoadError { file, reason: "it would be larger than 64 MB".into() });
    }
    let mut edited: FxHashMap<FileId, String> = edited.into_iter().collect();
    let mut text_of = |id: FileId, source: &Source| {
        edited.remove(&id).unwrap_or_else(|| source.text().to_owned())
    };
    let root = sources.get(FileId(0));
    let path = root.path().map(Path::to_owned);
    let folder = path.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let source = Source::from_bytes(root.name(), path, text_of(FileId(0), root).into_bytes());
    let included = sources.iter().skip(1);
    let known = included
        .filter_map(|(id, source)| Some((source.path()?.canonicalize().ok()?, text_of(id, source))))
        .collect();
    Ok(load_known(source, &folder, known))
}

/// Loads a plan again from memory, with statements after its own that stand in no file.
///
/// # Errors
///
/// If the plan is over 64 MB.
pub fn load_with(sources: &SourceMap, name: &str, text: &str) -> Result<Loaded, LoadError> {
    let root = FileId(0);
    let mut loaded = load_edited(sources, root, sources.get(root).text())?;
    let file = loaded.sources.add(Source::from_text(name, text));
    let parse = syntax::parse(file, loaded.sources.get(file));
    loaded.order.push((file, 0..parse.tree.statements.len()));
    loaded.trees.push(parse.tree);
    loaded.problems.extend(parse.problems);
    Ok(loaded)
}

/// Takes a plan from a source; includes are read from `folder`.
pub fn load_source(root: Source, folder: &Path) -> Loaded {
    load_known(root, folder, FxHashMap::default())
}

fn load_known(root: Source, folder: &Path, known: FxHashMap<PathBuf, String>) -> Loaded {
    let mut loader = Loader {
        known,
        loaded: Loaded::default(),
        root_folder: folder.canonicalize().unwrap_or_else(|_| folder.to_owned()),
        by_path: FxHashMap::default(),
        open: Vec::new(),
    };
    let path = root.path().and_then(|path| path.canonicalize().ok());
    loader.add(root, path, folder.to_owned());
    loader.run();
    loader.loaded
}

/// Reads a regular file of at most 64 MB.
///
/// # Errors
///
/// The reason in words, without the file's name.
pub fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    // Looked at before it is opened: to open a pipe waits for its other end.
    let meta = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if meta.is_dir() {
        return Err("it is a folder, not a file".into());
    }
    if !meta.is_file() {
        return Err("it is a device or a pipe, not a file".into());
    }
    let file = std::fs::File::open(path).map_err(|error| reason(&error))?;
    let length = meta.len();
    read_limited(file, length.min(MAX_FILE_BYTES as u64) as usize)
}

/// Reads standard input, at most 64 MB.
///
/// # Errors
///
/// The reason in words.
pub fn read_stdin() -> Result<Vec<u8>, String> {
    read_limited(std::io::stdin().lock(), 0)
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "there is no permission to read it".into(),
        _ => error.to_string(),
    }
}

/// Reads all there is; `length` is how much that will be, as far as is known.
fn read_limited(from: impl Read, length: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(length + 1);
    let limit = MAX_FILE_BYTES as u64 + 1;
    from.take(limit).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err("it is larger than 64 MB, the limit of a plan's file".into());
    }
    Ok(bytes)
}

/// A file that is being walked: its statements up to `next` have been taken.
struct Open {
    file: FileId,
    path: Option<PathBuf>,
    folder: PathBuf,
    next: usize,
}

struct Loader {
    /// Texts that are taken instead of reading the file.
    known: FxHashMap<PathBuf, String>,
    loaded: Loaded,
    root_folder: PathBuf,
    by_path: FxHashMap<PathBuf, FileId>,
    open: Vec<Open>,
}

impl Loader {
    fn add(&mut self, source: Source, path: Option<PathBuf>, folder: PathBuf) {
        let file = self.loaded.sources.add(source);
        let parse = syntax::parse(file, self.loaded.sources.get(file));
        self.loaded.trees.push(parse.tree);
        self.loaded.problems.extend(parse.problems);
        if let Some(path) = &path {
            self.by_path.insert(path.clone(), file);
        }
        self.open.push(Open { file, path, folder, next: 0 });
    }

    /// Walks the open files, the innermost first, without recursion.
    fn run(&mut self) {
        while let Some(open) = self.open.last() {
            let (file, from) = (open.file, open.next);
            let statements = &self.loaded.trees[file.0 as usize].statements;
            let is_include = |node: &crate::syntax::tree::Node| {
                node.keyword == Keyword::Include && matches!(node.body, Body::Text(_))
            };
            let include = statements[from..].iter().position(is_include).map(|at| from + at);
            let end = include.unwrap_or(statements.len());
            if from < end {
                self.loaded.order.push((file, from..end));
            }
            match include {
                None => drop(self.open.pop()),
                Some(at) => {
                    if let Some(open) = self.open.last_mut() {
                        open.next = at + 1;
                    }
                    self.include(file, at);
                }
            }
        }
    }

    fn include(&mut self, from: FileId, statement: usize) {
        let Body::Text(text) = self.loaded.trees[from.0 as usize].statements[statement].body else {
            return;
        };
        let place = Place { file: from, span: text.span };
        let name = text.decode(self.loaded.sources.get(from).text());
        match self.open_include(&name, place) {
            Ok(Some((source, path, folder))) => self.add(source, Some(path), folder),
            Ok(None) => {}
            Err(problem) if !self.is_misplaced(from, statement) => {
                self.loaded.problems.push(*problem);
            }
            Err(_) => {}
        }
    }

    /// Whether an include stands in a block, which has been said; it is read for its names, so that
    /// no other problem follows, and nothing more is said about it.
    fn is_misplaced(&self, file: FileId, statement: usize) -> bool {
        let span = self.loaded.trees[file.0 as usize].statements[statement].word;
        let said = |it: &Problem| {
            it.kind == Kind::MisplacedStatement && it.place == (Place { file, span })
        };
        self.loaded.problems.iter().any(said)
    }

    #[allow(clippy::type_complexity)]
    fn open_include(
        &mut self,
        name: &str,
        place: Place,
    ) -> Result<Option<(Source, PathBuf, PathBuf)>, Box<Problem>> {
        let problem = |kind, message: String, help: &str| {
            Box::new(Problem::new(kind, place, message).help(help))
        };
        let folder = self.open.last().map_or(self.root_folder.as_path(), |open| &open.folder);
        let path = folder.join(name);
        let unreadable = |reason: String| {
            let message = format!("`{name}` cannot be included: {reason}");
            let help = format!("the path is relative to {}", shown_folder(folder));
            Box::new(Problem::new(Kind::IncludeUnreadable, place, message).help(help))
        };
        let outside = || {
            let message = format!("`{name}` lies outside the folder of the root file");
            let help = "move the file below that folder; links are followed before it is judged";
            Box::new(Problem::new(Kind::IncludeOutside, place, message).help(help))
        };
        let resolved = match path.canonicalize() {
            Ok(resolved) => resolved,
            Err(_) if self.leaves_root(&path) => return Err(outside()),
            Err(error) => return Err(unreadable(reason(&error))),
        };
        if !resolved.starts_with(&self.root_folder) {
            return Err(outside());
        }
        if let Some(at) = self.open.iter().position(|open| open.path.as_ref() == Some(&resolved)) {
            return Err(Box::new(self.cycle(at, name, place)));
        }
        if self.by_path.contains_key(&resolved) {
            return Ok(None);
        }
        if self.loaded.trees.len() >= MAX_INCLUDES {
            let message = format!("the plan has more than {MAX_INCLUDES} files");
            return Err(problem(Kind::IncludeLimit, message, "join some of them"));
        }
        if resolved.metadata().is_ok_and(|it| it.is_file() && it.len() > MAX_FILE_BYTES as u64) {
            let message = format!("`{name}` is larger than 64 MB, the limit of a plan's file");
            return Err(problem(Kind::IncludeLimit, message, "split it"));
        }
        let bytes = match self.known.remove(&resolved) {
            Some(text) => text.into_bytes(),
            None => read_file(&resolved).map_err(unreadable)?,
        };
        let shown = path.to_string_lossy().into_owned();
        let shown = shown.strip_prefix("./").map_or(shown.clone(), str::to_owned);
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Some((Source::from_bytes(shown, Some(path), bytes), resolved, folder)))
    }

    /// Whether a path that leads to no file would leave the root folder, were it there.
    fn leaves_root(&self, path: &Path) -> bool {
        let mut parent = path.to_owned();
        while parent.pop() {
            if let Ok(resolved) = parent.canonicalize() {
                return !resolved.starts_with(&self.root_folder);
            }
        }
        false
    }

    fn cycle(&self, first: usize, name: &str, place: Place) -> Problem {
        let chain: Vec<&str> = self.open[first..]
            .iter()
            .map(|open| self.loaded.sources.get(open.file).name())
            .collect();
        let message = format!("`{name}` includes itself: {} → {}", chain.join(" → "), chain[0]);
        Problem::new(Kind::IncludeCycle, place, message).help("take one include out of the chain")
    }
}

fn shown_folder(folder: &Path) -> String {
    match folder.to_str() {
        None | Some("" | ".") => "the working folder".into(),
        Some(folder) => format!("`{folder}`"),
    }
}

impl Loaded {
    /// Whether any problem is an error.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// A string's meaning.
    pub fn decode(&self, file: FileId, text: Text) -> String {
        text.decode(self.sources.get(file).text())
    }

    /// The text of a span.
    pub fn text(&self, file: FileId, span: Span) -> &str {
        span.of(self.sources.get(file).text())
    }
}
