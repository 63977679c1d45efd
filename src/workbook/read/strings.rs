//! The texts that cells share, and how a workbook writes characters that XML cannot.

use super::super::guard::{MAX_STRINGS, MAX_TEXTS, Node, Part, Refusal, Xml};
use super::cells::clean;
use rustc_hash::FxBuildHasher;
use std::borrow::Cow;
use std::hash::BuildHasher as _;
use std::sync::Arc;

/// The longest text that is looked up among those that came before.
const SHORT: usize = 64;
/// How many texts are remembered for that.
const REMEMBERED: usize = 1 << 10;

/// Counts the bytes of all texts, and keeps a short one that repeats once only.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: usize,
    recent: Vec<Option<Arc<str>>>,
}

impl Texts {
    /// A text as a cell keeps it.
    ///
    /// # Errors
    ///
    /// If there are too many bytes of texts by now.
    pub(super) fn keep(&mut self, text: &str) -> Result<Arc<str>, Refusal> {
        if text.len() > SHORT {
            return self.keep_new(text);
        }
        let slot = FxBuildHasher.hash_one(text) as usize % REMEMBERED;
        if let Some(Some(known)) = self.recent.get(slot)
            && known.as_ref() == text
        {
            return Ok(Arc::clone(known));
        }
        let kept = self.keep_new(text)?;
        if self.recent.is_empty() {
            self.recent.resize(REMEMBERED, None);
        }
        self.recent[slot] = Some(Arc::clone(&kept));
        Ok(kept)
    }

    fn keep_new(&mut self, text: &str) -> Result<Arc<str>, Refusal> {
        self.bytes += text.len() + 16;
        if self.bytes > MAX_TEXTS {
            let what = format!("the workbook has more than {} MB of texts", MAX_TEXTS >> 20);
            return Err(Refusal::too_much(what));
        }
        Ok(clean(text).into())
    }

    /// The same for a text of an Office workbook, with its `_x000D_` read.
    pub(super) fn keep_escaped(&mut self, text: &str) -> Result<Arc<str>, Refusal> {
        self.keep(&unescape(text))
    }
}

/// Reads `sharedStrings.xml`.
pub(super) fn read(mut xml: Xml<Part<'_>>, texts: &mut Texts) -> Result<Vec<Arc<str>>, Refusal> {
    let mut strings = Vec::new();
    let mut text = String::new();
    loop {
        match xml.node()? {
            Node::Open(tag) if tag.name() == "sst" => {
                let count = tag.number::<u64>("uniqueCount").unwrap_or(0);
                if count > MAX_STRINGS {
                    let what = format!("the workbook announces {count} shared texts");
                    return Err(Refusal::too_much(what));
                }
            }
            Node::Open(tag) if tag.name() == "si" => {
                text.clear();
                rich_text(&mut xml, &mut text)?;
                strings.push(texts.keep_escaped(&text)?);
                if strings.len() as u64 > MAX_STRINGS {
                    return Err(Refusal::too_much("the workbook has too many shared texts"));
                }
            }
            Node::End => return Ok(strings),
            _ => {}
        }
    }
}

/// The text of the element that has just begun: of its `t` and of those of its runs, not of what
/// tells how to pronounce it.
pub(super) fn rich_text(xml: &mut Xml<Part<'_>>, text: &mut String) -> Result<(), Refusal> {
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "t" => xml.text_into(text, |_| true)?,
                "r" => rich_text(xml, text)?,
                _ => xml.skip()?,
            },
            Node::Close(_) | Node::End => return Ok(()),
            _ => {}
        }
    }
}

/// `_x000D_` is the character of that number; a real `_x000D_` is written `_x005F_x000D_`.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(2..6).filter(|code| {
            code.bytes().all(|it| it.is_ascii_hexdigit()) && rest.as_bytes().get(6) == Some(&b'_')
        });
        let number = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        match number.and_then(char::from_u32) {
            Some(character) => {
                plain.push(character);
                rest = &rest[7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[2..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escaped_characters_are_read() {
        assert_eq!(unescape("a_x000D_b"), "a\rb");
        assert_eq!(unescape("_x005F_x0041_"), "_x0041_");
        assert_eq!(unescape("_x0041_"), "A");
        assert_eq!(unescape("_x41_ _xZZZZ_ _x"), "_x41_ _xZZZZ_ _x");
        assert_eq!(unescape("_xé€€_"), "_xé€€_");
        assert_eq!(unescape("_xD83D_"), "_xD83D_");
    }
}
