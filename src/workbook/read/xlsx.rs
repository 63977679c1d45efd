//! `.xlsx` and `.xlsm`: the parts of the package, and how they belong together.

use super::super::guard::{MAX_SHEETS, MAX_STYLES, Node, Package, Refusal, at_most};
use super::super::sift::{Returned, Sift};
use super::super::snapshot::Snapshot;
use super::cells::{Sheet, Visibility};
use super::notes::{self, Notes};
use super::sheet::{self, Context};
use super::{Book, Flag, FlagKind, Kind};
use super::{strings, styles};
use rustc_hash::FxHashMap;
use std::fs::File;
use std::sync::Arc;

/// A relation of a part to another one: the last word of its type, and its target.
#[derive(Clone, Debug)]
struct Relation {
    id: String,
    kind: String,
    target: String,
}

/// What the workbook's part says of a sheet.
struct Listed {
    name: String,
    relation: String,
    visibility: Visibility,
}

/// Whether a package is an `.xlsx`, and where its workbook is.
pub(super) fn workbook_part(package: &mut Package<'_>) -> Result<Option<String>, Refusal> {
    let relations = relations(package, "")?;
    let target = relations.into_iter().find(|it| it.kind == "officeDocument").map(|it| it.target);
    Ok(target.or_else(|| package.has("xl/workbook.xml").then(|| "xl/workbook.xml".to_owned())))
}

/// Reads a workbook whose main part has this name.
pub(super) fn read(
    package: &mut Package<'_>,
    part: &str,
    mut context: Context,
    again: Option<File>,
) -> Result<Returned, Refusal> {
    let relations = relations(package, part)?;
    // A part that nobody names has no name and is not there.
    let target = |kind: &str| {
        relations.iter().find(|it| it.kind == kind).map_or("", |it| it.target.as_str())
    };
    let (listed, dates_from_1904) = read_list(package, part)?;
    context.dates_from_1904 = dates_from_1904;
    context.flags = package_flags(package);
    if let Some(xml) = package.xml_if_any(target("styles"))? {
        context.styles = styles::read(xml, &mut context.formats)?;
    }
    if let Some(xml) = package.xml_if_any(target("sharedStrings"))? {
        context.strings = Arc::new(strings::read(xml, &mut context.texts)?);
    }
    let people = match package.xml_if_any(target("person"))? {
        Some(xml) => notes::read_people(xml)?,
        None => FxHashMap::default(),
    };
    let mut wanted = Vec::new();
    for listed in &listed {
        let relation = relations.iter().find(|it| it.id == listed.relation);
        // Sheets that are one chart or one dialogue have no cells.
        let Some(relation) = relation.filter(|it| it.kind == "worksheet") else { continue };
        wanted.push(Wanted { index: wanted.len(), listed, part: &relation.target });
    }
    let other = again.and_then(|file| divide(package, &mut wanted).map(|other| (file, other)));
    let (mut sheets, base) = match other {
        None => read_sheets(package, &wanted, &people, &mut context)?,
        Some((mut file, other)) => {
            let mut second = context.second();
            let (own, other) = std::thread::scope(|scope| {
                let reading = || read_again(&mut file, &other, &people, &mut second);
                let reader = std::thread::Builder::new().spawn_scoped(scope, reading);
                let own = read_sheets(package, &wanted, &people, &mut context);
                let other = reader.map(|reader| {
                    reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                });
                (own, other)
            });
            let (mut own, mut other) = (own?, other.map_err(Refusal::damaged)??);
            context.flags.append(&mut second.flags);
            own.0.append(&mut other.0);
            (own.0, [own.1, other.1].into_iter().flatten().min_by_key(|(_, sheet)| *sheet))
        }
    };
    sheets.sort_by_key(|(index, _)| *index);
    let sheets = sheets.into_iter().map(|(_, sheet)| sheet).collect();
    let Context { formats, flags, .. } = context;
    let formats = formats.into_list();
    let book = Book { kind: Kind::Xlsx, sheets, formats, flags, dates_from_1904 };
    Ok(Returned { book, base })
}

/// A sheet that is to be read.
#[derive(Clone, Copy)]
struct Wanted<'l> {
    /// Its place among the sheets.
    index: usize,
    listed: &'l Listed,
    part: &'l str,
}

/// Sheets with their places, and the base, if it is among them.
type ReadSheets = (Vec<(usize, Sheet)>, Option<(Snapshot, usize)>);

/// From so many bytes of XML on, sheets are read by two threads.
const LARGE: u64 = 16 << 20;

/// Takes half of the work away, for another thread, where there is much of it: the largest sheet stays.
fn divide<'l>(package: &Package<'_>, wanted: &mut Vec<Wanted<'l>>) -> Option<Vec<Wanted<'l>>> {
    let size = |it: &Wanted<'_>| package.size(it.part);
    let largest = wanted.iter().map(|it| (size(it), it.index)).max_by_key(|(size, _)| *size)?;
    let whole: u64 = wanted.iter().map(size).sum();
    if whole < LARGE || wanted.len() < 2 {
        return None;
    }
    let (own, other) = wanted.iter().partition(|it| it.index == largest.1);
    *wanted = own;
    Some(other)
}

fn read_again(
    file: &mut File,
    wanted: &[Wanted<'_>],
    people: &FxHashMap<String, String>,
    context: &mut Context,
) -> Result<ReadSheets, Refusal> {
    read_sheets(&mut Package::open(file)?, wanted, people, context)
}

fn read_sheets(
    package: &mut Package<'_>,
    wanted: &[Wanted<'_>],
    people: &FxHashMap<String, String>,
    context: &mut Context,
) -> Result<ReadSheets, Refusal> {
    let mut sheets = Vec::new();
    for Wanted { index, listed, part } in wanted {
        if let Some(sift) = &mut context.sift {
            sift.begin(*index);
        }
        sheets.push((*index, read_sheet(package, part, listed, people, context)?));
    }
    Ok((sheets, context.sift.take().and_then(Sift::finish)))
}

fn read_sheet(
    package: &mut Package<'_>,
    part: &str,
    listed: &Listed,
    people: &FxHashMap<String, String>,
    context: &mut Context,
) -> Result<Sheet, Refusal> {
    let sheet = Sheet::new(&listed.name, listed.visibility);
    let mut sheet = sheet::read(package.xml(part)?, sheet, context)?;
    let relations = relations(package, part)?;
    let mut notes = Notes::new();
    for relation in relations.iter().filter(|it| it.kind == "comments") {
        if let Some(xml) = package.xml_if_any(&relation.target)? {
            notes::read_classic(xml, &mut notes)?;
        }
    }
    for relation in relations.iter().filter(|it| it.kind == "threadedComment") {
        if let Some(xml) = package.xml_if_any(&relation.target)? {
            notes::read_threads(xml, people, &mut notes)?;
        }
    }
    sheet.notes = notes;
    Ok(sheet)
}

/// The sheets in their order, and whether dates count from 1904.
fn read_list(package: &mut Package<'_>, part: &str) -> Result<(Vec<Listed>, bool), Refusal> {
    let mut xml = package.xml(part)?;
    let (mut listed, mut from_1904) = (Vec::new(), false);
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "workbookPr" => from_1904 = tag.is_set("date1904"),
                "sheet" => {
                    let visibility = match tag.get("state").as_deref() {
                        Some("hidden") => Visibility::Hidden,
                        Some("veryHidden") => Visibility::VeryHidden,
                        _ => Visibility::Visible,
                    };
                    let name = tag.get("name").unwrap_or_default().into_owned();
                    let relation = tag.get("id").unwrap_or_default().into_owned();
                    listed.push(Listed { name, relation, visibility });
                    at_most(listed.len(), MAX_SHEETS, "sheets")?;
                }
                _ => {}
            },
            Node::End => return Ok((listed, from_1904)),
            _ => {}
        }
    }
}

/// The relations of a part; without a name, those of the package.
fn relations(package: &mut Package<'_>, part: &str) -> Result<Vec<Relation>, Refusal> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = format!("{folder}/_rels/{file}.rels");
    let Some(mut xml) = package.xml_if_any(&name)? else { return Ok(Vec::new()) };
    let mut relations = Vec::new();
    loop {
        match xml.node()? {
            Node::Open(tag) if tag.name() == "Relationship" => {
                if tag.get("TargetMode").is_some_and(|mode| mode == "External") {
                    continue;
                }
                let get = |name| tag.get(name).unwrap_or_default().into_owned();
                let kind = get("Type").rsplit('/').next().unwrap_or_default().to_owned();
                let target = resolve(folder, &get("Target"));
                relations.push(Relation { id: get("Id"), kind, target });
                at_most(relations.len(), MAX_STYLES, "relations")?;
            }
            Node::End => return Ok(relations),
            _ => {}
        }
    }
}

/// A relation's target as the name of a part: it counts from the folder of the part, unless it
/// begins with a slash.
fn resolve(folder: &str, target: &str) -> String {
    let mut names: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|name| !name.is_empty()).collect(),
    };
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// What the package brings along that is not looked into.
pub(super) fn package_flags(package: &Package<'_>) -> Vec<Flag> {
    let flag = |name: &&str| {
        let kind = match *name {
            name if name.ends_with("vbaproject.bin") || name.contains("/macrosheets/") => {
                FlagKind::Macro
            }
            name if name.contains("/externallinks/externallink") && !name.contains("_rels") => {
                FlagKind::ExternalLink
            }
            name if name.ends_with("/connections.xml") || name.ends_with("/connections.bin") => {
                FlagKind::Connection
            }
            _ => return None,
        };
        Some(Flag { kind, place: None, text: super::cells::clean(name).into() })
    };
    package.names().iter().filter_map(flag).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn targets_count_from_their_part() {
        assert_eq!(resolve("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl/worksheets", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolve("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolve("xl", "../../../etc/passwd"), "etc/passwd");
    }
}
