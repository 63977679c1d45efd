//! Numbers before titles: `O1`, `Objective 2:`, `KR1.2`.

use super::super::read::Cell;
use super::words::Column;

/// A title of an objective that stands on a row of its own: `Objective 2: Be fast`, or `Objective`
/// and the title beside it.
pub fn label(cells: &[Cell]) -> Option<String> {
    let texts: Vec<&str> = cells.iter().filter_map(Cell::text).map(str::trim).collect();
    match texts.as_slice() {
        [one] if mark(one) == Some(Mark::Objective) => Some(without_number(one)),
        [word, title, ..] if cells.len() <= 3 => {
            let is_label = Column::of_header(word) == Some(Column::Objective)
                || (mark(word) == Some(Mark::Objective) && without_number(word) == *word);
            (is_label && !title.is_empty()).then(|| without_number(title))
        }
        _ => None,
    }
}

/// What a number before a title marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An objective.
    Objective,
    /// A key result.
    Kr,
}

/// `O1`, `Objective 2:`, `KR1.2`, `Key Result 3 -` before a title; the mark and what follows it.
fn split_mark(text: &str) -> Option<(Mark, &str)> {
    const MARKS: [(&str, Mark); 10] = [
        ("key results", Mark::Kr),
        ("key result", Mark::Kr),
        ("schlüsselergebnis", Mark::Kr),
        ("kr", Mark::Kr),
        ("objectives", Mark::Objective),
        ("objective", Mark::Objective),
        ("objectif", Mark::Objective),
        ("objetivo", Mark::Objective),
        ("ziel", Mark::Objective),
        ("o", Mark::Objective),
    ];
    let text = text.trim();
    for (word, mark) in MARKS {
        let Some(head) = text.get(..word.len()).filter(|head| head.to_lowercase() == word) else {
            continue;
        };
        let rest = text[head.len()..].trim_start_matches([' ', '#', '-', '_']);
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let numbered = number.starts_with(|it: char| it.is_ascii_digit());
        let ends = after.is_empty() || after.starts_with([':', '-', '–', '—', ')', ' ', '|']);
        let colon = number.is_empty() && after.starts_with([':', '–', '—']) && word.len() > 1;
        if (numbered && ends) || colon {
            return Some((
                mark,
                after.trim_start_matches([':', '-', '–', '—', ')', ' ', '|', '.']),
            ));
        }
    }
    None
}

/// What the number before a title marks, if there is one.
pub fn mark(text: &str) -> Option<Mark> {
    split_mark(text).map(|(mark, _)| mark)
}

/// A title without the number before it, unless there is nothing else.
pub fn without_number(title: &str) -> String {
    match split_mark(title) {
        Some((_, rest)) if !rest.trim().is_empty() => rest.trim().to_owned(),
        _ => title.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_before_titles_are_told() {
        for (text, marked, title) in [
            ("O1: Be fast", Some(Mark::Objective), "Be fast"),
            ("Objective 2 - Be fast", Some(Mark::Objective), "Be fast"),
            ("KR1.2 Latency", Some(Mark::Kr), "Latency"),
            ("Key Result 3: Latency", Some(Mark::Kr), "Latency"),
            ("O2", Some(Mark::Objective), "O2"),
            ("Objective: Be fast", Some(Mark::Objective), "Be fast"),
            ("Open 3 shops", None, "Open 3 shops"),
            ("O2 sensors sold", Some(Mark::Objective), "sensors sold"),
            ("Objectives are met", None, "Objectives are met"),
        ] {
            assert_eq!((mark(text), without_number(text).as_str()), (marked, title), "{text}");
        }
    }
}
