//! The number formats of a workbook's cell styles.

use super::super::guard::{MAX_STYLES, Node, Part, Refusal, Xml, at_most};
use super::format::Format;
use rustc_hash::FxHashMap;

/// Number formats, each once; the first is the general one.
#[derive(Clone, Debug)]
pub(super) struct Formats {
    list: Vec<Format>,
    index: FxHashMap<Format, u32>,
}

impl Default for Formats {
    fn default() -> Self {
        let mut formats = Self { list: Vec::new(), index: FxHashMap::default() };
        formats.intern(Format::GENERAL);
        formats
    }
}

impl Formats {
    /// The index of a format.
    pub(super) fn intern(&mut self, format: Format) -> u32 {
        if let Some(&index) = self.index.get(&format) {
            return index;
        }
        let index = self.list.len() as u32;
        self.list.push(format.clone());
        self.index.insert(format, index);
        index
    }

    /// The format of an index.
    pub(super) fn get(&self, index: u32) -> &Format {
        self.list.get(index as usize).unwrap_or(&Format::GENERAL)
    }

    /// All of them.
    pub(super) fn into_list(self) -> Vec<Format> {
        self.list
    }
}

/// Reads `styles.xml`: the format of each cell style, as indices of formats.
pub(super) fn read(mut xml: Xml<Part<'_>>, formats: &mut Formats) -> Result<Vec<u32>, Refusal> {
    let mut codes: FxHashMap<u32, Format> = FxHashMap::default();
    let mut styles = Vec::new();
    let mut in_cell_styles = false;
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "numFmt" => {
                    let code = tag.get("formatCode").unwrap_or_default();
                    if let Some(id) = tag.number::<u32>("numFmtId") {
                        codes.insert(id, Format::of_code(&code));
                        at_most(codes.len(), MAX_STYLES, "number formats")?;
                    }
                }
                "cellXfs" => in_cell_styles = true,
                "xf" if in_cell_styles => {
                    let id = tag.number::<u32>("numFmtId").unwrap_or(0);
                    let format = codes.get(&id).cloned().unwrap_or_else(|| Format::built_in(id));
                    styles.push(formats.intern(format));
                    at_most(styles.len(), MAX_STYLES, "cell styles")?;
                }
                _ => {}
            },
            Node::Close(name) if name.name() == "cellXfs" => in_cell_styles = false,
            Node::End => return Ok(styles),
            _ => {}
        }
    }
}
