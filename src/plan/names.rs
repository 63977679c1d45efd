//! Where names lead: one scope for the plan, one for each objective's key results and each team's
//! buckets.

use super::cell::{self, Cell, Field, Kind};
use super::model::{Grading, Plan};
use crate::quantity::UnitId;
use crate::source::Place;
use crate::suggest;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a name of the plan's scope stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    /// Something with cells.
    Thing(Kind, u32),
    /// A scenario.
    Scenario(u32),
    /// Something that a broken statement defines: known, but nothing more.
    Unknown,
}

/// The names of a plan.
#[derive(Debug, Default)]
pub struct Names {
    globals: FxHashMap<Box<str>, (Global, Place)>,
    /// Names in broken statements below a thing, and those of large scopes.
    inner: FxHashMap<(Kind, u32), FxHashMap<Box<str>, u32>>,
    broken: FxHashSet<(Kind, u32, Box<str>)>,
    /// Whether a statement that defines a name has none.
    unnamed: bool,
    suggested: AtomicU32,
}

/// How many wrong names are compared with all others, and how many comparisons that may be: many
/// wrong names in a large plan would take time without end.
const MAX_SUGGESTED: usize = 200;
const MAX_COMPARED: usize = 2_000_000;

/// The scope in which a formula or a path stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    /// The key result whose own cells come first.
    pub kr: Option<u32>,
    /// The objective whose key results come next.
    pub objective: Option<u32>,
    /// The team whose own cells come first.
    pub team: Option<u32>,
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// To a cell.
    Cell(Cell),
    /// To a thing itself.
    Thing(Kind, u32),
    /// To a scenario.
    Scenario(u32),
    /// Below a broken statement: it may be there, so nothing is said about it.
    Unknown,
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    /// The first byte, within the path, of the part that is wrong.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// The nearest name, or what there is.
    pub help: String,
}

/// From how many names on a scope is looked up by hashing.
const LARGE_SCOPE: usize = 16;

impl Names {
    /// Notes a name of the plan's scope; gives the first definition if there is one.
    pub fn define(&mut self, name: &str, global: Global, place: Place) -> Option<Place> {
        match self.globals.get(name) {
            Some((Global::Unknown, first)) | Some((_, first)) => Some(*first),
            None => {
                self.globals.insert(name.into(), (global, place));
                None
            }
        }
    }

    /// Makes room for so many names.
    pub fn reserve(&mut self, count: usize) {
        self.globals.reserve(count);
    }

    /// What a name of the plan's scope stands for.
    pub fn global(&self, name: &str) -> Option<Global> {
        self.globals.get(name).map(|(global, _)| *global)
    }

    /// Where a name of the plan's scope is defined.
    pub fn place(&self, name: &str) -> Option<Place> {
        self.globals.get(name).map(|(_, place)| *place)
    }

    /// An id like another one that the plan's scope does not have: itself, else with a number.
    pub fn free(&self, like: &str) -> String {
        let numbered = (2..).map(|number| format!("{like}_{number}"));
        let mut ids = std::iter::once(like.to_owned()).chain(numbered);
        ids.find(|id| self.global(id).is_none()).unwrap_or_default()
    }

    /// All names of the plan's scope.
    pub fn globals(&self) -> impl Iterator<Item = (&str, Global)> {
        self.globals.iter().map(|(name, (global, _))| (&**name, *global))
    }

    /// Notes the names of a large scope, the key results of an objective or the buckets of a team.
    pub fn index(&mut self, kind: Kind, of: u32, names: FxHashMap<Box<str>, u32>) {
        if names.len() >= LARGE_SCOPE {
            self.inner.insert((kind, of), names);
        }
    }

    /// Notes a name that a broken statement defines inside a thing.
    pub fn define_broken(&mut self, kind: Kind, of: u32, name: &str) {
        self.broken.insert((kind, of, name.into()));
    }

    /// Notes that a statement lacks the name that it should define: an unknown one may be that.
    pub fn miss_one(&mut self) {
        self.unnamed = true;
    }

    fn is_broken(&self, kind: Kind, of: u32, name: &str) -> bool {
        !self.broken.is_empty() && self.broken.contains(&(kind, of, name.into()))
    }
}

impl Plan {
    /// The key result of an objective by name.
    pub fn kr_named(&self, objective: u32, name: &str) -> Option<u32> {
        if let Some(names) = self.names.inner.get(&(Kind::Objective, objective)) {
            return names.get(name).copied();
        }
        let krs = self.objectives[objective as usize].krs.clone();
        krs.into_iter().find(|&kr| self.is_at(self.krs[kr as usize].name, name))
    }

    /// Whether a name stands at a place.
    fn is_at(&self, place: Place, name: &str) -> bool {
        place.span.len() == name.len() && self.source(place) == name
    }

    /// The bucket of a team by name.
    pub fn bucket_named(&self, team: u32, name: &str) -> Option<u32> {
        if let Some(names) = self.names.inner.get(&(Kind::Team, team)) {
            return names.get(name).copied();
        }
        let buckets = self.teams[team as usize].buckets.clone();
        buckets.into_iter().find(|&bucket| self.is_at(self.buckets[bucket as usize].name, name))
    }

    /// Where a path leads from a scope, inside out.
    ///
    /// # Errors
    ///
    /// Tells the part of the path that leads nowhere, and the nearest name.
    pub fn find(&self, path: &str, scope: Scope) -> Result<Found, NameError> {
        if let Some(found) = self.find_inside(path, scope) {
            return Ok(found);
        }
        let (first, rest) = split(path);
        match self.names.global(first) {
            Some(Global::Unknown) => Ok(Found::Unknown),
            Some(Global::Scenario(index)) if rest.is_empty() => Ok(Found::Scenario(index)),
            Some(Global::Scenario(_)) => Err(NameError {
                at: first.len() + 1,
                message: format!("`{first}` is a scenario and has no cells"),
                help: "choose a scenario with `--scenario`".into(),
            }),
            Some(Global::Thing(kind, index)) => self.find_below(path, first.len(), kind, index),
            None if self.names.unnamed => Ok(Found::Unknown),
            None => Err(self.unknown(first, scope)),
        }
    }

    /// A key result's own cells, then its objective's key results; a team's likewise.
    fn find_inside(&self, path: &str, scope: Scope) -> Option<Found> {
        let (first, rest) = split(path);
        if let (Some(kr), true) = (scope.kr, rest.is_empty())
            && let Some(field) = Field::of(Kind::Kr, first)
        {
            return self.kr_cell(kr, field).map(Found::Cell);
        }
        if let Some(objective) = scope.objective {
            if self.names.is_broken(Kind::Objective, objective, first) {
                return Some(Found::Unknown);
            }
            if let Some(kr) = self.kr_named(objective, first) {
                let found = self.find_below(path, first.len(), Kind::Kr, kr).ok();
                if found.is_some() || self.names.global(first).is_none() {
                    return found;
                }
            }
        }
        let team = scope.team?;
        if rest.is_empty()
            && let Some(field) = Field::of(Kind::Team, first)
        {
            return Some(Found::Cell(Cell::new(field, team as usize)));
        }
        let bucket = self.bucket_named(team, first)?;
        self.find_below(path, first.len(), Kind::Bucket, bucket).ok()
    }

    /// The rest of a path, after the first `done` bytes led to a thing.
    fn find_below(
        &self,
        path: &str,
        done: usize,
        kind: Kind,
        index: u32,
    ) -> Result<Found, NameError> {
        let Some(rest) = path[done..].strip_prefix('.') else {
            return Ok(match kind {
                Kind::Metric => Found::Cell(Cell::new(Field::MetricValue, index as usize)),
                _ => Found::Thing(kind, index),
            });
        };
        let at = done + 1;
        let (name, after) = split(rest);
        if let Some(found) = self.child(kind, index, name) {
            return match found {
                Found::Thing(kind, index) => self.find_below(path, at + name.len(), kind, index),
                found => Ok(found),
            };
        }
        if let (Some(field), true) = (Field::of(kind, name), kind != Kind::Metric) {
            if !after.is_empty() {
                return Err(too_long(path, at + name.len()));
            }
            if kind != Kind::Kr {
                return Ok(Found::Cell(Cell::new(field, index as usize)));
            }
            return match self.kr_cell(index, field) {
                Some(cell) => Ok(Found::Cell(cell)),
                None => Err(self.no_such_kr_cell(index, name, at)),
            };
        }
        if self.is_broken(kind, index) {
            return Ok(Found::Unknown);
        }
        Err(self.unknown_below(path, at, name, kind, index))
    }

    /// A key result of an objective, or a bucket of a team.
    fn child(&self, kind: Kind, index: u32, name: &str) -> Option<Found> {
        if self.names.is_broken(kind, index, name) {
            return Some(Found::Unknown);
        }
        match kind {
            Kind::Objective => self.kr_named(index, name).map(|kr| Found::Thing(Kind::Kr, kr)),
            Kind::Team => self.bucket_named(index, name).map(|it| Found::Thing(Kind::Bucket, it)),
            _ => None,
        }
    }

    fn is_broken(&self, kind: Kind, index: u32) -> bool {
        match kind {
            Kind::Objective => {
                self.objectives[index as usize].broken || self.names.is_broken(kind, index, "")
            }
            Kind::Kr => self.krs[index as usize].broken,
            _ => self.names.is_broken(kind, index, ""),
        }
    }

    /// A cell of a key result, if its grading has one.
    fn kr_cell(&self, kr: u32, field: Field) -> Option<Cell> {
        let it = &self.krs[kr as usize];
        let has = it.broken
            || match field {
                Field::KrTarget => it.has_target,
                Field::KrBaseline => !matches!(it.grading, Grading::Keep { .. }),
                Field::KrActual => it.grading.is_numeric(),
                _ => true,
            };
        has.then(|| Cell::new(field, kr as usize))
    }

    fn no_such_kr_cell(&self, kr: u32, name: &str, at: usize) -> NameError {
        let id = self.kr_id(kr as usize);
        let grading = self.krs[kr as usize].grading.word();
        NameError {
            at,
            message: format!("`{id}` has no {name} that is a number"),
            help: format!("it is graded by `{grading}`; read `{id}.grade`"),
        }
    }

    /// Whether one more wrong name may be compared with all others.
    pub(super) fn may_suggest(&self) -> bool {
        let names = self.names.globals.len() + self.krs.len() + self.buckets.len();
        let most = (MAX_COMPARED / names.max(1)).clamp(10, MAX_SUGGESTED);
        (self.names.suggested.fetch_add(1, Ordering::Relaxed) as usize) < most
    }

    fn unknown(&self, first: &str, scope: Scope) -> NameError {
        let message = format!("nothing is named `{first}`");
        if !self.may_suggest() {
            return NameError { at: 0, message, help: "check its spelling".into() };
        }
        let mut names: Vec<&str> = Vec::new();
        if scope.kr.is_some() {
            names.extend(cell::fields(Kind::Kr).map(|entry| entry.word));
        }
        if let Some(objective) = scope.objective {
            let krs = self.objectives[objective as usize].krs.clone();
            names.extend(krs.map(|kr| self.source(self.krs[kr as usize].name)));
        }
        let mut globals: Vec<&str> = self.names.globals().map(|(name, _)| name).collect();
        globals.sort_unstable();
        names.extend(globals);
        let help = match suggest::nearest(first, names) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "nothing in the plan has a name like it".into(),
        };
        let help = match self.inner_paths(first) {
            paths if paths.is_empty() => help,
            paths => {
                let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
                format!("did you mean {}?", suggest::one_of(&paths))
            }
        };
        NameError { at: 0, message, help }
    }

    /// The paths of a few key results and buckets with a name.
    fn inner_paths(&self, name: &str) -> Vec<String> {
        const FEW: usize = 4;
        let krs = (0..self.krs.len()).filter(|&kr| self.is_at(self.krs[kr].name, name));
        let buckets = (0..self.buckets.len()).filter(|&it| self.is_at(self.buckets[it].name, name));
        let krs = krs.map(|kr| self.kr_id(kr));
        krs.chain(buckets.map(|bucket| self.bucket_id(bucket))).take(FEW).collect()
    }

    fn unknown_below(&self, path: &str, at: usize, name: &str, kind: Kind, of: u32) -> NameError {
        let message = format!("`{}` has no `{name}`", &path[..at - 1]);
        if !self.may_suggest() {
            return NameError { at, message, help: "check its spelling".into() };
        }
        let mut names: Vec<&str> = cell::fields(kind)
            .filter(|entry| !entry.word.is_empty())
            .map(|entry| entry.word)
            .collect();
        match kind {
            Kind::Objective => {
                let krs = self.objectives[of as usize].krs.clone();
                names.extend(krs.map(|kr| self.source(self.krs[kr as usize].name)));
            }
            Kind::Team => {
                let buckets = self.teams[of as usize].buckets.clone();
                names.extend(buckets.map(|it| self.source(self.buckets[it as usize].name)));
            }
            _ => {}
        }
        let help = match suggest::nearest(name, names.iter().copied()) {
            Some(nearest) => format!("did you mean `{}.{nearest}`?", &path[..at - 1]),
            None if names.is_empty() => format!("write `{}` alone", &path[..at - 1]),
            None => format!("it has {}", suggest::one_of(&names[..names.len().min(12)])),
        };
        NameError { at, message, help }
    }
}

impl Plan {
    /// The path of a cell, `speed.latency.target`.
    pub fn cell_name(&self, cell: Cell) -> String {
        let thing = self.thing_name(cell.kind(), cell.index);
        match cell.field {
            Field::MetricValue => thing,
            field => format!("{thing}.{}", field.entry().word),
        }
    }

    /// The path of a thing, `speed.latency`.
    pub fn thing_name(&self, kind: Kind, index: u32) -> String {
        let index = index as usize;
        match kind {
            Kind::Kr => self.kr_id(index),
            Kind::Bucket => self.bucket_id(index),
            Kind::Cycle => self.source(self.cycles[index].name).to_owned(),
            Kind::Team => self.source(self.teams[index].name).to_owned(),
            Kind::Metric => self.source(self.metrics[index].name).to_owned(),
            Kind::Objective => self.source(self.objectives[index].name).to_owned(),
            Kind::Initiative => self.source(self.initiatives[index].name).to_owned(),
        }
    }

    /// The unit of a cell.
    pub fn unit_of(&self, cell: Cell) -> UnitId {
        cell::fixed_unit(cell.field.entry().unit).unwrap_or_else(|| match cell.kind() {
            Kind::Metric => self.metrics[cell.index as usize].unit,
            _ => self.krs[cell.index as usize].unit,
        })
    }
}

fn split(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or((path, ""))
}

fn too_long(path: &str, end: usize) -> NameError {
    NameError {
        at: end + 1,
        message: format!("`{}` is a cell, with nothing below it", &path[..end]),
        help: format!("write `{}`", &path[..end]),
    }
}
