//! A plan to simulate: so many key results, each with an initiative of its own.

use std::fmt::Write;

/// A plan with so many key results, four an objective, two teams with two buckets each. Every
/// initiative draws an uncertain effort, works with a chance and moves its key result; if wanted,
/// every other one by an uncertain amount.
pub fn plan(krs: usize, uncertain_moves: bool) -> String {
    let mut text = String::from(
        "okr 1\ncycle q1 \"Q1\" 2026-01-01 .. 2026-03-31\n\
         team checkout \"Checkout\" { people 6; focus 80%; bucket roadmap 60%; bucket run rest }\n\
         team search \"Search\" { people 8; focus 70%; bucket roadmap 70%; bucket run rest }\n",
    );
    // Writing to a text cannot fail.
    for objective in 0..krs.div_ceil(4) {
        let owner = if objective % 2 == 0 { "checkout" } else { "search" };
        let _ = writeln!(text, "objective o{objective} \"O{objective}\" {{\n  owner {owner}");
        for kr in objective * 4..(objective * 4 + 4).min(krs) {
            let _ = writeln!(
                text,
                "  kr k{kr} \"K{kr}\" {{ baseline 0; target {}; actual {} }}",
                100 + kr,
                10 + kr % 7
            );
        }
        text.push_str("}\n");
    }
    for kr in 0..krs {
        let (objective, owner) = (kr / 4, if kr / 4 % 2 == 0 { "checkout" } else { "search" });
        let bucket = if kr % 3 == 0 { "run" } else { "roadmap" };
        let high = 4 + kr % 5;
        let amount = match uncertain_moves && kr % 2 == 1 {
            false => format!("{}", 60 + kr),
            true => format!("{} .. {}", 40 + kr, 90 + kr),
        };
        let _ = writeln!(
            text,
            "initiative i{kr} \"I{kr}\" {{ draws 2 .. {high} pw from {owner}.{bucket}; \
             moves o{objective}.k{kr} by {amount}; chance {}% }}",
            60 + kr % 30
        );
    }
    text
}
