//! Observations, and key results that are new.

use super::super::merge::{New, NewKr, Todo};
use super::super::receipt::NotTaken;
use super::super::spell::respelled;
use super::blocks::{entity, find};
use super::{Observed, Unwritable, Writer};
use crate::plan::model::{Checkin, Observation};
use crate::quantity::{UnitId, Units};
use crate::source::{FileId, Place, Span};
use crate::syntax::edit::{Splice, insert_line, value_splice};
use crate::syntax::keyword::{self, Context, is_reserved};
use crate::syntax::tree::quote;
use rustc_hash::FxHashSet;

impl Writer<'_> {
    /// Writes what was observed: in place, into the check-in of the day, or as a new one.
    pub(super) fn observations(&mut self) -> Result<(), Unwritable> {
        for (kr, observed) in std::mem::take(&mut self.observed) {
            self.observation(kr, &observed)?;
        }
        Ok(())
    }

    fn observation(&mut self, kr: usize, observed: &Observed) -> Result<(), Unwritable> {
        let undated = self.engine.plan.krs[kr].actual;
        match (&observed.actual, undated) {
            (Some((New::Nothing, _)), Some((_, place))) => {
                let name = self.engine.plan.krs[kr].name;
                let tree = self.tree(place.file);
                if let Some(span) = super::blocks::field_at(tree, name.span, place.span) {
                    self.deleted.push(Place { file: place.file, span });
                }
                self.confidence_alone(kr, observed)
            }
            (Some((New::Nothing, _)), None) => {
                let newest = self.engine.newest_checkin(kr).map(|it| it.place);
                self.deleted.extend(newest);
                Ok(())
            }
            (Some((new, line)), Some((_, place))) => {
                let value = self.observation_text(kr, new, Some(place));
                self.replace(place, &value)?;
                self.tell(*line, Some(place), "in place");
                self.confidence_alone(kr, observed)
            }
            (Some((new, line)), None) => self.dated(kr, new, *line, observed),
            (None, _) => self.confidence_alone(kr, observed),
        }
    }

    /// An actual with a date.
    fn dated(
        &mut self,
        kr: usize,
        new: &New,
        line: usize,
        observed: &Observed,
    ) -> Result<(), Unwritable> {
        let newest = self.engine.newest_checkin(kr);
        let like = newest.filter(|it| matches!(it.observation, Observation::Number(_)));
        let value = self.observation_text(kr, new, like.map(|it| it.value));
        if let Some(checkin) = self.checkin(kr) {
            let (place, date) = (checkin.value, checkin.date);
            self.replace(place, &value)?;
            self.tell(line, Some(place), &format!("check-in {date}"));
            return match &observed.confidence {
                Some((New::Number(confidence), line)) => {
                    let at = self.checkin_place(kr);
                    self.tell(*line, at, &format!("check-in {date}"));
                    self.put_confidence(kr, *confidence)
                }
                _ => self.confidence_alone(kr, observed),
            };
        }
        let Some(as_of) = self.as_of else {
            let id = self.engine.plan.kr_id(kr);
            return Err(Unwritable(format!(
                "the plan has no dates, so there is no day on which to check `{id}` in; name one with \
                 `--as-of`"
            )));
        };
        let name = self.engine.plan.krs[kr].name;
        let mut text = format!("{as_of} checkin {} {value}", self.engine.plan.kr_id(kr));
        if let Some((New::Number(confidence), line)) = &observed.confidence {
            text.push_str(&format!(" confidence {confidence}"));
            self.tell(*line, Some(name), &format!("check-in {as_of}"));
        }
        self.dated.entry(name.file).or_default().push(text);
        self.tell(line, Some(name), &format!("check-in {as_of}"));
        Ok(())
    }

    fn checkin_place(&self, kr: usize) -> Option<Place> {
        self.engine.newest_checkin(kr).map(|it| it.place)
    }

    /// A confidence without an actual goes into the check-in that gave it, else into the newest.
    fn confidence_alone(&mut self, kr: usize, observed: &Observed) -> Result<(), Unwritable> {
        let Some((new, line)) = &observed.confidence else { return Ok(()) };
        let given = |checkin: &&Checkin| checkin.confidence.is_some();
        let seen = self.engine.observations(kr);
        let giver = seen.iter().rev().find(given).or(seen.last());
        let Some(giver) = giver else {
            self.untaken(kr, *line, "a confidence stands in a check-in; give an actual with it");
            return Ok(());
        };
        let (date, place) = (giver.date, giver.place);
        let old = giver.confidence.map(|input| input.place);
        self.tell(*line, Some(old.unwrap_or(place)), &format!("check-in {date}"));
        match (new, old) {
            (New::Number(number), Some(old)) => {
                let source = self.engine.plan.source(old).to_owned();
                let units = &self.engine.plan.units;
                let value = respelled(&source, *number, UnitId::BARE, units);
                self.replace(old, &value)
            }
            (New::Number(number), None) => {
                self.add_confidence(giver_end(giver), place.file, *number)
            }
            (_, Some(old)) => {
                self.drop_confidence(old);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes a change back, and lists its cell as not taken.
    fn untaken(&mut self, kr: usize, line: usize, reason: &str) {
        let at = self.engine.plan.line_of(self.engine.plan.krs[kr].name);
        let Some(change) = self.receipt.changes.get_mut(line) else { return };
        change.kind = "";
        let (cell, value) = (change.cell.clone(), change.to.clone().unwrap_or_default());
        let reason = reason.to_owned();
        self.receipt.not_taken.push(NotTaken { cell, value, reason, at: Some(at) });
    }

    /// A confidence in the check-in whose value is changed.
    fn put_confidence(&mut self, kr: usize, number: f64) -> Result<(), Unwritable> {
        let Some(checkin) = self.checkin(kr) else { return Ok(()) };
        let (file, end) = (checkin.place.file, giver_end(checkin));
        match checkin.confidence.map(|input| input.place) {
            Some(old) => {
                let source = self.engine.plan.source(old).to_owned();
                let value = respelled(&source, number, UnitId::BARE, &self.engine.plan.units);
                self.replace(old, &value)
            }
            None => self.add_confidence(end, file, number),
        }
    }

    fn add_confidence(&mut self, end: u32, file: FileId, number: f64) -> Result<(), Unwritable> {
        let span = Span { start: end, end };
        self.splice(file, Splice { span, text: format!(" confidence {number}") });
        Ok(())
    }

    fn drop_confidence(&mut self, old: Place) {
        let before = &self.text(old.file)[..old.span.start as usize];
        let start = before.trim_end().strip_suffix("confidence").map(|it| it.trim_end().len());
        if let Some(start) = start {
            let span = Span { start: start as u32, end: old.span.end };
            self.splice(old.file, Splice { span, text: String::new() });
        }
    }

    /// Key results that are new, and the objectives that are new with them.
    pub(super) fn new_krs(&mut self, todo: &[Todo]) -> Result<(), Unwritable> {
        let new: Vec<&NewKr> = todo
            .iter()
            .filter_map(|todo| match todo {
                Todo::NewKr(new) => Some(&**new),
                _ => None,
            })
            .collect();
        let mut taken: FxHashSet<String> = FxHashSet::default();
        let mut blocks: Vec<(Option<usize>, String, Vec<&NewKr>)> = Vec::new();
        for it in new {
            let title = it.new_objective.as_ref().map_or("", |(title, _)| title.as_str());
            match blocks.iter_mut().find(|(at, of, _)| *at == it.objective && of == title) {
                Some((.., own)) => own.push(it),
                None => blocks.push((it.objective, title.to_owned(), vec![it])),
            }
        }
        for (objective, title, own) in blocks {
            match objective {
                Some(objective) => self.in_objective(objective, &own)?,
                None => self.new_objective(&title, &own, &mut taken)?,
            }
        }
        Ok(())
    }

    fn in_objective(&mut self, objective: usize, new: &[&NewKr]) -> Result<(), Unwritable> {
        let plan = &self.engine.plan;
        let name = plan.objectives[objective].name;
        let id = plan.source(name).to_owned();
        let mut ids: FxHashSet<String> = plan.objectives[objective]
            .krs
            .clone()
            .map(|kr| plan.source(plan.krs[kr as usize].name).to_owned())
            .collect();
        self.tree(name.file);
        let text = self.text(name.file);
        let node = self.trees.get(&name.file).and_then(|tree| find(&tree.statements, name.span));
        let Some(block) = node.and_then(entity) else {
            return Err(Unwritable(format!("the objective `{id}` is not found in its file")));
        };
        let last = block.block.last().map(|it| it.span);
        let (braces, end) = (block.braces, node.map_or(0, |node| node.span.end));
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let lead = last.map_or("  ", |last| {
            let line = text[..last.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let lead = &text[line..last.start as usize];
            if lead.trim().is_empty() { lead } else { "  " }
        });
        let lead = lead.to_owned();
        let mut lines: Vec<String> = Vec::new();
        for it in new {
            let kr = kr_id(&it.title, &mut ids);
            lines.push(self.block(it, &format!("{id}.{kr}"), &kr, &lead, newline, name.file)?);
            self.told(it, &format!("{id}.{kr}"), Some(name));
        }
        let lines = lines.join(newline);
        let text = self.text(name.file);
        let splice = match (last, braces) {
            (Some(last), _) => insert_line(text, Some(last), &lines),
            (None, Some(braces)) => {
                Splice { span: braces, text: format!("{{{newline}{lines}{newline}}}") }
            }
            (None, None) => Splice {
                span: Span { start: end, end },
                text: format!(" {{{newline}{lines}{newline}}}"),
            },
        };
        self.splice(name.file, splice);
        Ok(())
    }

    fn new_objective(
        &mut self,
        title: &str,
        new: &[&NewKr],
        taken: &mut FxHashSet<String>,
    ) -> Result<(), Unwritable> {
        let plan = &self.engine.plan;
        let is_taken = |id: &str| plan.find(id, Default::default()).is_ok();
        let id = numbered(&words(title, "objective"), |id| {
            is_taken(id) || taken.contains(id) || is_reserved(id)
        });
        taken.insert(id.clone());
        let team = new.first().and_then(|it| it.new_objective.as_ref()).map(|it| it.1);
        let owner = team.map(|team| plan.source(plan.teams[team as usize].name).to_owned());
        let cycle = match (plan.cycles.len(), self.engine.moment.cycle) {
            (2.., Some(cycle)) => Some(plan.source(plan.cycles[cycle as usize].name).to_owned()),
            _ => None,
        };
        let file = FileId(0);
        let newline = if self.text(file).contains("\r\n") { "\r\n" } else { "\n" };
        let mut lines = vec![format!("objective {id} {} {{", quote(title))];
        lines.extend(owner.map(|owner| format!("  owner {owner}")));
        lines.extend(cycle.map(|cycle| format!("  cycle {cycle}")));
        let mut ids = FxHashSet::default();
        for it in new {
            let kr = kr_id(&it.title, &mut ids);
            lines.push(self.block(it, &format!("{id}.{kr}"), &kr, "  ", newline, file)?);
            self.told(it, &format!("{id}.{kr}"), None);
        }
        lines.push("}".into());
        // After the last objective of the root file, else at its end.
        let tree = self.tree(file);
        let objectives = tree.statements.iter().filter(|it| it.keyword.word() == "objective");
        let last = objectives.map(|it| it.span).max_by_key(|span| span.start);
        let text = format!("{newline}{}", lines.join(newline));
        let splice = insert_line(self.text(file), last, &text);
        self.splice(file, splice);
        Ok(())
    }

    fn told(&mut self, it: &NewKr, key: &str, objective: Option<Place>) {
        let how = if it.objective.is_some() { "a new block" } else { "in a new objective" };
        self.tell(it.line, objective, how);
        if let Some(change) = self.receipt.changes.get_mut(it.line) {
            change.key = key.to_owned();
        }
    }

    /// The block of a new key result, and its check-in.
    fn block(
        &mut self,
        it: &NewKr,
        path: &str,
        id: &str,
        lead: &str,
        newline: &str,
        file: FileId,
    ) -> Result<String, Unwritable> {
        let mut units = Units::default();
        let unit = if it.unit.is_empty() { UnitId::BARE } else { units.intern(&it.unit) };
        let spell = |number: f64| units.spell(number, unit);
        let mut fields: Vec<String> = Vec::new();
        let words = matches!(&it.actual, Some(New::Text(word)) if word == "done" || word == "open");
        if it.target.is_none() && words {
            fields.push("grading done".into());
        }
        fields.extend(it.baseline.map(|baseline| format!("baseline {}", spell(baseline))));
        fields.extend(it.target.map(|target| format!("target {}", spell(target))));
        fields.extend(it.weight.map(|weight| format!("weight {weight}")));
        fields.extend(it.notes.iter().map(|note| format!("note {}", quote(note))));
        if let Some(actual) = &it.actual {
            let value = match actual {
                New::Number(number) => spell(*number),
                New::Text(word) => word.clone(),
                New::Nothing => String::new(),
            };
            value_splice("", Span::default(), &value)?;
            match self.as_of {
                Some(as_of) => {
                    let confidence = it.confidence.map(|it| format!(" confidence {it}"));
                    let line =
                        format!("{as_of} checkin {path} {value}{}", confidence.unwrap_or_default());
                    self.dated.entry(file).or_default().push(line);
                }
                None => fields.push(format!("actual {value}")),
            }
        }
        let inner = fields.iter().map(|field| format!("{lead}  {field}{newline}"));
        let inner: String = inner.collect();
        Ok(format!("{lead}kr {id} {} {{{newline}{inner}{lead}}}", quote(&it.title)))
    }
}

/// Where something new goes in a check-in: behind its value and what is expected.
fn giver_end(checkin: &Checkin) -> u32 {
    checkin.expecting.map_or(checkin.value.span.end, |input| input.place.span.end)
}

/// The id of a new key result, which is no field's name and not taken.
fn kr_id(title: &str, ids: &mut FxHashSet<String>) -> String {
    let is_field = |id: &str| {
        keyword::lookup(Context::Objective, id).is_some()
            || crate::plan::cell::Field::of(crate::plan::cell::Kind::Objective, id).is_some()
    };
    let id =
        numbered(&words(title, "kr"), |id| ids.contains(id) || is_field(id) || is_reserved(id));
    ids.insert(id.clone());
    id
}

/// The ASCII words of a title, joined by `_`.
fn words(title: &str, otherwise: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric();
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.chars().all(is_part))
        .map(str::to_ascii_lowercase)
        .collect();
    let id = words.join("_");
    match id.chars().next() {
        None => otherwise.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{id}"),
        Some(_) => id,
    }
}

/// An id, with a number if it is taken.
fn numbered(id: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(id) {
        return id.to_owned();
    }
    let mut number = 2_u32;
    loop {
        let numbered = format!("{id}_{number}");
        if !is_taken(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_titles() {
        assert_eq!(words("Fewer late trains!", "kr"), "fewer_late_trains");
        assert_eq!(words("Über 3 Züge", "kr"), "_3");
        assert_eq!(words("Ü", "kr"), "kr");
        let mut ids: FxHashSet<String> = ["a_b".to_owned()].into_iter().collect();
        assert_eq!(kr_id("A b", &mut ids), "a_b_2");
        assert_eq!(kr_id("A b", &mut ids), "a_b_3");
        assert_eq!(kr_id("Weight", &mut ids), "weight_2");
        assert_eq!(kr_id("done", &mut ids), "done_2");
    }
}
