//! How a row of a foreign table is to be graded, and its numbers in one unit.

use super::draft::{Actual, Grading, Kr};
use super::quantity::{Bound, Quantity, Said, unit_word};
use crate::quantity::family;

/// The values of a row.
pub struct Row {
    /// Where it starts.
    pub baseline: Said,
    /// Where it is to go.
    pub target: Said,
    /// Where it is.
    pub actual: Said,
    /// The unit that a column, a header or the title gives.
    pub unit: Option<String>,
    /// Whether the table has a column of actuals at all.
    pub has_actuals: bool,
}

/// Remarks on the row's cells: 0 is the baseline, 1 the target, 2 the actual.
pub type Remarks = Vec<(usize, String)>;

/// Fills in how a key result is graded and where it is.
pub fn fill(kr: &mut Kr, mut row: Row) -> Remarks {
    let mut remarks = Remarks::new();
    for (index, said) in [&row.baseline, &row.target, &row.actual].into_iter().enumerate() {
        match said {
            Said::Missing => remarks.push((
                index,
                "the formula's result is not in the file, so nothing was taken; open the workbook in a \
                 spreadsheet program and save it"
                    .into(),
            )),
            Said::Error(error) => remarks.push((index, format!("the cell has the error {error}, so nothing was taken"))),
            _ => {}
        }
    }
    one_unit(&mut row, &mut remarks);
    let grading = grading(kr, &row, &mut remarks);
    kr.grading = grading;
    let number = |said: &Said| match said {
        Said::Number(number) => Some(number.clone()),
        _ => None,
    };
    match grading {
        Grading::Linear => (kr.baseline, kr.target) = (number(&row.baseline), number(&row.target)),
        Grading::KeepMost | Grading::KeepLeast => kr.target = number(&row.target),
        Grading::Done | Grading::Score => keep_words(kr, &row),
    }
    kr.actual = actual(kr, &row, &mut remarks);
    remarks
}

/// What the sheet has instead of numbers stays as a remark of the key result.
fn keep_words(kr: &mut Kr, row: &Row) {
    for (word, said) in [("from", &row.baseline), ("target", &row.target), ("now", &row.actual)] {
        let text = match said {
            // A day that the target names is when it is due.
            Said::Words(text) if kr.due.is_some_and(|due| due.to_string() == *text) => continue,
            Said::Words(text) => text.clone(),
            Said::Number(number) => shown(number),
            _ => continue,
        };
        kr.notes.push(format!("{word}: {text}"));
    }
}

/// A number with its unit, for a note.
pub fn shown(number: &Quantity) -> String {
    let mut units = crate::quantity::Units::default();
    let unit = match (&number.unit, number.percent) {
        (_, true) => crate::quantity::UnitId::PERCENT,
        (Some(unit), _) => units.intern(unit),
        (None, _) => crate::quantity::UnitId::BARE,
    };
    units.spell(number.value, unit)
}

fn grading(kr: &mut Kr, row: &Row, remarks: &mut Remarks) -> Grading {
    let has_claim = kr.claim.is_some();
    match (&row.target, &row.actual) {
        (_, Said::Done(_)) => Grading::Done,
        (Said::Number(target), _) => numeric(kr, row, target, remarks, has_claim),
        (Said::Done(_), _) => Grading::Done,
        (Said::Words(text), _) if text.parse::<jiff::civil::Date>().is_ok() => {
            kr.due = kr.due.or(text.parse().ok());
            if has_claim { Grading::Score } else { Grading::Done }
        }
        _ if has_claim => Grading::Score,
        _ => {
            kr.comments.push("the sheet has no target: give one, or say `done` when it is".into());
            Grading::Done
        }
    }
}

fn numeric(
    kr: &mut Kr,
    row: &Row,
    target: &Quantity,
    remarks: &mut Remarks,
    has_claim: bool,
) -> Grading {
    let baseline = match &row.baseline {
        Said::Number(baseline) => Some(baseline.value),
        _ => None,
    };
    if baseline.unwrap_or(0.0) == target.value {
        let most = target.value == 0.0 || target.bound == Some(Bound::Most);
        let sign = if most { "at most" } else { "at least" };
        kr.comments.push(format!(
            "start and target are the same, so it is taken as a bound to keep: {sign}"
        ));
        remarks.push((1, "start and target are the same: taken as a bound to keep".into()));
        return if most { Grading::KeepMost } else { Grading::KeepLeast };
    }
    match target.bound {
        Some(Bound::Most) if baseline.is_none() => Grading::KeepMost,
        // Without a column of actuals the grade is all there is.
        _ if !row.has_actuals && has_claim => Grading::Score,
        _ => Grading::Linear,
    }
}

fn actual(kr: &mut Kr, row: &Row, remarks: &mut Remarks) -> Actual {
    match (kr.grading, &row.actual) {
        (_, Said::NotApplicable) => Actual::NotApplicable,
        (Grading::Done, Said::Done(done)) => Actual::Done(*done),
        (Grading::Done, _) => match kr.claim.as_ref().map(|claim| claim.raw) {
            Some(claim) if claim == 0.0 || claim == 1.0 => Actual::Done(claim == 1.0),
            _ => Actual::Unknown,
        },
        (Grading::Score, _) => Actual::Unknown,
        (_, Said::Number(number)) => Actual::Number(Quantity { bound: None, ..number.clone() }),
        (_, Said::Words(text)) => {
            remarks.push((2, format!("`{text}` is no number and was left out")));
            kr.comments.push(format!("the sheet says: {text}"));
            Actual::Unknown
        }
        _ => Actual::Unknown,
    }
}

/// Brings the numbers of a row to one unit, or to none.
fn one_unit(row: &mut Row, remarks: &mut Remarks) {
    let unit = row.unit.clone();
    let percent_given = unit.as_deref() == Some("%");
    let mut numbers: Vec<(usize, &mut Quantity)> = Vec::new();
    for (index, said) in
        [&mut row.baseline, &mut row.target, &mut row.actual].into_iter().enumerate()
    {
        if let Said::Number(number) = said {
            numbers.push((index, number));
        }
    }
    let any_percent = numbers.iter().any(|(_, it)| it.percent);
    if any_percent || percent_given {
        return percents(&mut numbers, percent_given && !any_percent, remarks);
    }
    let words: Vec<String> = numbers.iter().filter_map(|(_, it)| it.unit.clone()).collect();
    let Some(first) = words.first().cloned().or_else(|| unit.as_deref().and_then(unit_word)) else {
        return;
    };
    let fits = |word: &String| {
        let stem = crate::quantity::singular;
        stem(word) == stem(&first) || family(&first).contains(&word.as_str())
    };
    if words.iter().all(fits) {
        for (_, number) in &mut numbers {
            number.unit.get_or_insert_with(|| first.clone());
        }
        return;
    }
    for (index, number) in &mut numbers {
        remarks.push((
            *index,
            format!("its unit differs from the row's other numbers: {}", shown(number)),
        ));
        number.unit = None;
    }
}

/// Numbers of a percent row. `of_hundred` where a word says so and no cell does: then all are of a
/// hundred if one of them must be.
fn percents(numbers: &mut [(usize, &mut Quantity)], of_hundred: bool, remarks: &mut Remarks) {
    let large = numbers.iter().any(|(_, it)| !it.percent && it.value.abs() > 1.0);
    for (index, number) in numbers {
        if !number.percent && (number.value.abs() > 1.0 || (of_hundred && large)) {
            number.value = super::quantity::rounded(number.value / 100.0);
            if !of_hundred {
                remarks.push((
                    *index,
                    format!("taken as {} like the rest of the row", shown_percent(number.value)),
                ));
            }
        }
        number.percent = true;
        number.unit = None;
        number.magnitude = 0;
    }
}

fn shown_percent(value: f64) -> String {
    crate::quantity::Units::default().spell(value, crate::quantity::UnitId::PERCENT)
}
