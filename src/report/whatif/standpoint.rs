//! The first lines of a what-if: from where it looks.

use super::super::line::Line;
use super::super::style::{Ink, Style, one_line};
use super::compare::WHOLE_CYCLE;
use crate::whatif::standpoint::Standpoint;

/// The lines before the answer.
pub(super) fn heads(standpoint: &Standpoint) -> Vec<String> {
    let mut heads = Vec::new();
    if standpoint.mid_cycle && !standpoint.remaining {
        heads.push(WHOLE_CYCLE.to_owned());
    }
    if let Some(as_of) = &standpoint.as_of {
        let left = if standpoint.remaining { "; only the capacity after it counts" } else { "" };
        heads.push(format!("as of {as_of} ({}){left}", standpoint.as_of_from));
    }
    heads.extend(standpoint.scenario.as_ref().map(|id| format!("in scenario {id}")));
    heads
}

/// The same for a terminal.
pub(super) fn put_heads(out: &mut String, standpoint: &Standpoint, style: &Style) {
    for head in heads(standpoint) {
        for wrapped in style.wrap(&one_line(&head), style.width, 4) {
            let mut line = Line::new(style);
            line.put(Ink::Dim, &wrapped);
            line.end(out);
        }
    }
}
