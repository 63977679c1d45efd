//! XML as a workbook may have it: no document type, no entities of its own, and not too deep.

use super::package::{LONG_NODE, Part, TOO_LONG};
use super::{MAX_DEPTH, MAX_TEXT, Refusal};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader};
use std::borrow::Cow;

/// A part that is read node by node.
pub struct Xml<R> {
    name: String,
    reader: Reader<R>,
    buffer: Vec<u8>,
    depth: usize,
}

/// A piece of XML.
#[derive(Debug)]
pub enum Node<'a> {
    /// An element begins; one without content begins and ends.
    Open(Tag<'a>),
    /// An element ends.
    Close(Name<'a>),
    /// Text, with its entities resolved.
    Text(Cow<'a, str>),
    /// The part ends.
    End,
    /// What means nothing: comments, instructions.
    Other,
}

/// The closing tag of an element.
#[derive(Debug)]
pub struct Name<'a>(BytesEnd<'a>);

impl Name<'_> {
    /// The element's name, without prefix.
    pub fn name(&self) -> &str {
        local(self.0.name().0)
    }
}

/// The opening tag of an element.
#[derive(Debug)]
pub struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The element's name, without prefix.
    pub fn name(&self) -> &str {
        local(self.0.name().0)
    }

    /// The value of an attribute, by its name without prefix, with its entities resolved.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut attributes = self.0.attributes();
        let found = attributes.with_checks(false).flatten().find(|it| local(it.key.0) == name)?;
        match found.value {
            Cow::Borrowed(plain) if !plain.contains('&') => Some(Cow::Borrowed(plain)),
            _ => Some(Cow::Owned(found.normalized_value(XmlVersion::default()).ok()?.into_owned())),
        }
    }

    /// The values of some attributes as they stand, in one pass.
    pub fn raw<const N: usize>(&self, names: [&str; N]) -> [Option<&str>; N] {
        let mut values = [None; N];
        for attribute in self.0.attributes().with_checks(false).flatten() {
            let Cow::Borrowed(value) = attribute.value else { continue };
            if let Some(at) = names.iter().position(|name| *name == attribute.key.0) {
                values[at] = Some(value);
            }
        }
        values
    }

    /// A number that an attribute gives.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }

    /// Whether an attribute says yes.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(value.as_ref(), "1" | "true" | "on"))
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

impl<'p> Xml<Part<'p>> {
    /// A part's XML, from its beginning.
    pub fn new(name: &str, part: Part<'p>) -> Self {
        let mut reader = Reader::from_reader(part);
        reader.config_mut().expand_empty_elements = true;
        Self { name: name.to_owned(), reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next node.
    ///
    /// # Errors
    ///
    /// If the XML is not well formed, has a document type or entities of its own, or is over a
    /// limit.
    pub fn node(&mut self) -> Result<Node<'_>, Refusal> {
        self.buffer.clear();
        self.reader.get_mut().next_node();
        let event = self.reader.read_event_into(&mut self.buffer);
        Ok(match event.map_err(|error| broken(&self.name, &error))? {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(too_deep(&self.name));
                }
                Node::Open(Tag(tag))
            }
            // Empty elements are expanded by the reader.
            Event::Empty(tag) => Node::Open(Tag(tag)),
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                Node::Close(Name(tag))
            }
            Event::Text(text) => Node::Text(text.xml10_content()),
            Event::CData(text) => Node::Text(text.xml10_content()),
            Event::GeneralRef(entity) => Node::Text(resolve(&self.name, &entity)?),
            Event::DocType(_) => return Err(document_type(&self.name)),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => Node::Other,
            Event::Eof if self.depth > 0 => return Err(cut_short(&self.name)),
            Event::Eof => Node::End,
        })
    }

    /// The text up to the end of the element whose opening tag was the last node. Text in elements
    /// below it counts if `counts` says so of their names.
    ///
    /// # Errors
    ///
    /// As for [`Xml::node`], and if the text is too long.
    pub fn text(&mut self, counts: impl Fn(&str) -> bool) -> Result<String, Refusal> {
        let mut text = String::new();
        self.text_into(&mut text, counts)?;
        Ok(text)
    }

    /// The same, added to a text.
    ///
    /// # Errors
    ///
    /// As for [`Xml::text`].
    pub fn text_into(
        &mut self,
        text: &mut String,
        counts: impl Fn(&str) -> bool,
    ) -> Result<(), Refusal> {
        let mut depth = 0_usize;
        // The depth from which on nothing counts.
        let mut silent: Option<usize> = None;
        loop {
            match self.node()? {
                Node::Open(tag) => {
                    depth += 1;
                    if silent.is_none() && !counts(tag.name()) {
                        silent = Some(depth);
                    }
                }
                Node::Close(_) => {
                    if silent == Some(depth) {
                        silent = None;
                    }
                    let Some(above) = depth.checked_sub(1) else { return Ok(()) };
                    depth = above;
                }
                Node::Text(piece) if silent.is_none() => {
                    text.push_str(&piece);
                    if text.len() > MAX_TEXT {
                        return Err(long_text(&self.name));
                    }
                }
                Node::End => return Ok(()),
                _ => {}
            }
        }
    }

    /// Passes over the rest of the element whose opening tag was the last node.
    ///
    /// # Errors
    ///
    /// As for [`Xml::node`].
    pub fn skip(&mut self) -> Result<(), Refusal> {
        let mut depth = 1;
        while depth > 0 {
            match self.node()? {
                Node::Open(_) => depth += 1,
                Node::Close(_) => depth -= 1,
                Node::End => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The five entities of XML and the characters by number; no others can be defined, as there is no
/// document type.
fn resolve<'a>(part: &str, entity: &BytesRef<'_>) -> Result<Cow<'a, str>, Refusal> {
    let character = match entity.xml10_content().as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => match entity.resolve_char_ref() {
            Ok(Some(character)) => character,
            _ => {
                let what = format!("its part `{part}` has an entity that XML does not know");
                return Err(Refusal::damaged(what));
            }
        },
    };
    Ok(Cow::Owned(character.to_string()))
}

fn broken(part: &str, error: &Error) -> Refusal {
    match error {
        Error::Io(error) => match error.to_string() {
            limit if limit == TOO_LONG || limit == LONG_NODE => {
                Refusal::too_much(format!("the workbook's part `{part}` {limit}"))
            }
            other => Refusal::damaged(format!("its part `{part}` cannot be unpacked ({other})")),
        },
        error => Refusal::damaged(format!("its part `{part}` is no sound XML ({error})")),
    }
}

fn document_type(part: &str) -> Refusal {
    Refusal::too_much(format!(
        "the workbook's part `{part}` has a document type, which could define entities without end \
         or read other files; workbooks have none"
    ))
}

fn too_deep(part: &str) -> Refusal {
    Refusal::too_much(format!("the workbook's part `{part}` is nested over {MAX_DEPTH} deep"))
}

fn cut_short(part: &str) -> Refusal {
    Refusal::damaged(format!("its part `{part}` ends in the middle"))
}

fn long_text(part: &str) -> Refusal {
    Refusal::too_much(format!(
        "the workbook's part `{part}` has a text of more than {} KB",
        MAX_TEXT >> 10
    ))
}
