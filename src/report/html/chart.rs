//! Pictures of numbers, drawn in the page.

use super::data::KrTrend;
use crate::report::words;
use crate::whatif::simulate::Histogram;
use std::fmt::Write;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 64.0;
const EDGE: f64 = 4.0;

fn x(share: f64) -> f64 {
    tenth(EDGE + share.clamp(0.0, 1.0) * (WIDTH - 2.0 * EDGE))
}

fn y(grade: f64) -> f64 {
    tenth(HEIGHT - EDGE - grade.clamp(0.0, 1.0) * (HEIGHT - 2.0 * EDGE))
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// The grades of a key result over its cycle, beside the line on which it would be on pace.
pub(super) fn trend(trend: &KrTrend) -> String {
    let (Some(first), Some(last)) = (trend.points.first(), trend.points.last()) else {
        return String::new();
    };
    let label = format!(
        "Grade {} on {}, {} on {}; on pace it would be {}",
        words::grade(first.1),
        first.2,
        words::grade(last.1),
        last.2,
        words::grade(trend.elapsed)
    );
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\
         <rect class=\"frame\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\"/>",
        WIDTH - 1.0,
        HEIGHT - 1.0
    );
    let mut line = |class: &str, from: (f64, f64), to: (f64, f64)| {
        let _ = write!(
            svg,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            x(from.0),
            y(from.1),
            x(to.0),
            y(to.1)
        );
    };
    line("mark", (0.0, trend.yellow), (1.0, trend.yellow));
    line("mark", (0.0, trend.green), (1.0, trend.green));
    line("pace", (0.0, 0.0), (1.0, 1.0));
    if trend.elapsed < 1.0 {
        line("now", (trend.elapsed, 0.0), (trend.elapsed, 1.0));
    }
    let points: Vec<String> =
        trend.points.iter().map(|(at, grade, _)| format!("{},{}", x(*at), y(*grade))).collect();
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", points.join(" "));
    let _ = write!(
        svg,
        "<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"3\"/></svg>",
        x(last.0),
        y(last.1)
    );
    svg
}

/// How many futures lie where: a bar each, the tallest as high as the picture.
pub(super) fn histogram(histogram: &Histogram, label: &str) -> String {
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let wide = (WIDTH - 2.0 * EDGE) / histogram.counts.len().max(1) as f64;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{label}\">\
         <rect class=\"frame\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\"/>",
        HEIGHT + 12.0,
        WIDTH - 1.0,
        HEIGHT - 1.0
    );
    for (at, count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let high = tenth((*count as f64 / most * (HEIGHT - 2.0 * EDGE)).max(0.5));
        let _ = write!(
            svg,
            "<rect class=\"hist\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{high}\"/>",
            tenth(EDGE + at as f64 * wide),
            tenth(HEIGHT - EDGE - high),
            tenth(wide * 0.9)
        );
    }
    let end = |value: f64| crate::quantity::readable((value * 1000.0).round() / 1000.0);
    let _ = write!(
        svg,
        "<text x=\"{EDGE}\" y=\"{y}\">{}</text><text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text></svg>",
        end(histogram.from),
        WIDTH - EDGE,
        end(histogram.to),
        y = HEIGHT + 10.0
    );
    svg
}
