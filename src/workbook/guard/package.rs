//! A zip package: looked over before anything of it is unpacked, and unpacked by measure.

use super::{
    ALWAYS_FINE, MAX_NODE, MAX_PART, MAX_PARTS, MAX_RATIO, MAX_UNPACKED, Refusal, Xml, spaced,
};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// Where the bytes of a workbook come from.
pub trait Data: Read + Seek {}

impl<T: Read + Seek> Data for T {}

/// A package whose parts are within the limits, as far as the file says.
pub struct Package<'d> {
    archive: ZipArchive<&'d mut dyn Data>,
    /// The parts by their names: their place, and what they say they unpack to.
    parts: FxHashMap<String, (usize, u64)>,
    left: Cell<u64>,
}

/// The signature of a part in the directory of a zip file.
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";

impl<'d> Package<'d> {
    /// Looks a package over.
    ///
    /// # Errors
    ///
    /// If it is no sound zip file, or would unpack to more than the limits.
    pub fn open(data: &'d mut dyn Data) -> Result<Self, Refusal> {
        count_entries(data)?;
        let mut archive = ZipArchive::new(data).map_err(|error| unreadable(&error))?;
        let parts = look_over(&mut archive)?;
        Ok(Self { archive, parts, left: Cell::new(MAX_UNPACKED) })
    }

    /// Whether there is a part of this name; letters' case does not matter.
    pub fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&key(name))
    }

    /// What a part says it unpacks to, in bytes; 0 without such a part.
    pub fn size(&self, name: &str) -> u64 {
        self.parts.get(&key(name)).map_or(0, |(_, size)| *size)
    }

    /// The names of all parts, in small letters, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.parts.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// A part as XML.
    ///
    /// # Errors
    ///
    /// If there is no such part, or it cannot be unpacked.
    pub fn xml(&mut self, name: &str) -> Result<Xml<Part<'_>>, Refusal> {
        Ok(Xml::new(name, self.part(name)?))
    }

    /// A part as XML, if there is one.
    ///
    /// # Errors
    ///
    /// If it cannot be unpacked.
    pub fn xml_if_any(&mut self, name: &str) -> Result<Option<Xml<Part<'_>>>, Refusal> {
        if self.has(name) { self.xml(name).map(Some) } else { Ok(None) }
    }

    fn part(&mut self, name: &str) -> Result<Part<'_>, Refusal> {
        let Some(&(index, _)) = self.parts.get(&key(name)) else {
            return Err(Refusal::damaged(format!("its part `{name}` is missing")));
        };
        let file = self.archive.by_index(index).map_err(|error| unreadable(&error))?;
        let limit = fine_size(file.compressed_size());
        Ok(Part {
            inner: BufReader::with_capacity(32 << 10, Box::new(file)),
            left: limit,
            all_left: &self.left,
            node_left: MAX_NODE,
        })
    }
}

/// Names of parts are compared without regard to case, and without the slash of the root.
fn key(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_ascii_lowercase()
}

/// What a part of so many packed bytes may unpack to.
fn fine_size(packed: u64) -> u64 {
    packed.saturating_mul(MAX_RATIO).saturating_add(ALWAYS_FINE).min(MAX_PART)
}

/// Counts the entries of the directory by their signature, before a list is made of them.
fn count_entries(data: &mut dyn Data) -> Result<(), Refusal> {
    let failed = |error: io::Error| Refusal::damaged(error);
    data.seek(SeekFrom::Start(0)).map_err(failed)?;
    let finder = memchr::memmem::Finder::new(DIRECTORY_ENTRY);
    let mut buffer = vec![0; 64 << 10];
    let (mut kept, mut found) = (0, 0);
    loop {
        let read = data.read(&mut buffer[kept..]).map_err(failed)?;
        if read == 0 {
            break;
        }
        let end = kept + read;
        found += finder.find_iter(&buffer[..end]).count();
        // A signature that straddles two reads is seen in the second.
        let tail = end.min(DIRECTORY_ENTRY.len() - 1);
        buffer.copy_within(end - tail..end, 0);
        kept = tail;
    }
    super::at_most(found, MAX_PARTS, "parts")?;
    data.seek(SeekFrom::Start(0)).map(drop).map_err(failed)
}

fn look_over(
    archive: &mut ZipArchive<&mut dyn Data>,
) -> Result<FxHashMap<String, (usize, u64)>, Refusal> {
    super::at_most(archive.len(), MAX_PARTS, "parts")?;
    let mut parts = FxHashMap::default();
    let mut sum = 0_u64;
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|error| unreadable(&error))?;
        let name = file.name().map_err(|error| unreadable(&error))?.into_owned();
        if file.encrypted() {
            let what = format!("the workbook's part `{name}` is encrypted");
            return Err(Refusal::new(what, "save it again without a password"));
        }
        let (size, packed) = (file.size(), file.compressed_size());
        sum = sum.saturating_add(size);
        if is_read(&name) && size > fine_size(packed) {
            return Err(too_large(&name, size, packed));
        }
        if parts.insert(key(&name), (index, size)).is_some() {
            return Err(Refusal::damaged(format!("its part `{name}` is there twice")));
        }
    }
    if sum > MAX_UNPACKED {
        let what = format!("the workbook would unpack to {} MB", spaced((sum >> 20) as usize));
        return Err(Refusal::too_much(what));
    }
    Ok(parts)
}

/// Pictures and the like are never unpacked, so their ratio does not matter.
fn is_read(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".xml", ".rels", ".bin", ".vml"].iter().any(|end| name.ends_with(end))
        && !name.contains("/media/")
}

fn too_large(name: &str, size: u64, packed: u64) -> Refusal {
    let size = spaced((size >> 20) as usize);
    Refusal::too_much(format!(
        "the workbook's part `{name}` unpacks from {} KB to {size} MB",
        spaced((packed >> 10) as usize)
    ))
}

fn unreadable(error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(what) => {
            Refusal::damaged(format!("its package cannot be unpacked ({what})"))
        }
        error => Refusal::damaged(format!("its package cannot be unpacked ({error})")),
    }
}

/// A part as it is unpacked, counted.
pub struct Part<'p> {
    inner: BufReader<Box<dyn Read + 'p>>,
    left: u64,
    all_left: &'p Cell<u64>,
    node_left: usize,
}

/// What is said when a part is longer than the file says.
pub(super) const TOO_LONG: &str = "unpacks to more than a sheet of OKRs ever needs";
/// What is said when a single piece of XML is too long.
pub(super) const LONG_NODE: &str = "has a tag or a text of more than 1 MB";

impl<'p> Part<'p> {
    /// Bytes that are in memory, or come from no package, as a part.
    pub fn of(data: impl Read + 'p, all_left: &'p Cell<u64>) -> Self {
        let inner: Box<dyn Read + 'p> = Box::new(data);
        Self { inner: BufReader::new(inner), left: MAX_PART, all_left, node_left: MAX_NODE }
    }

    /// A new piece of XML begins.
    pub(super) fn next_node(&mut self) {
        self.node_left = MAX_NODE;
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = {
            let available = self.fill_buf()?;
            let length = available.len().min(buffer.len());
            buffer[..length].copy_from_slice(&available[..length]);
            length
        };
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Part<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 || self.all_left.get() == 0 {
            return Err(io::Error::other(TOO_LONG));
        }
        if self.node_left == 0 {
            return Err(io::Error::other(LONG_NODE));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.all_left.set(self.all_left.get().saturating_sub(amount as u64));
        self.node_left = self.node_left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}
