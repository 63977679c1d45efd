//! Examples of layout, and its laws on perturbed samples.

mod outline;
mod perturb;

use super::format;
use crate::source::{FileId, Source};
use crate::syntax::parse;

/// The formatted text; panics where the text is not sound.
fn formatted(text: &str) -> String {
    let source = Source::from_text("plan.okr", text);
    let parsed = parse(FileId::default(), &source);
    assert!(parsed.problems.is_empty(), "{text:?}\n{:#?}", parsed.problems);
    format(&source, &parsed)
}

/// Holds a sound text to the laws, and gives it formatted.
fn lawful(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(formatted(&once), once, "not idempotent: {text:?}");
    assert_eq!(outline::of(&once), outline::of(text), "another meaning: {text:?}\n{once}");
    for line in once.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\r', '\n']);
        assert_eq!(bare.trim_end_matches([' ', '\t']), bare, "white space at the end: {text:?}");
    }
    once
}

#[track_caller]
fn check(text: &str, wanted: &str) {
    assert_eq!(lawful(text), wanted);
}

#[test]
fn spaces_between_tokens() {
    check("okr   1", "okr 1\n");
    check("metric\ta  \"A\"4.2M   EUR", "metric a \"A\" 4.2M EUR\n");
    check("metric a \"A\" 8..16pw", "metric a \"A\" 8 .. 16pw\n");
    check("metric a \"A\" €5..$1_000.50", "metric a \"A\" €5 .. $1_000.50\n");
    check("metric a \"A\" - 5 ms", "metric a \"A\" -5 ms\n");
    check("metric a \"A\" 1e-3-2", "metric a \"A\" 1e-3 - 2\n");
    check("metric a \"A\" 1e -3", "metric a \"A\" 1e - 3\n");
    check("metric a \"A\" - - 2^- x.y", "metric a \"A\" --2 ^ -x.y\n");
}

#[test]
fn formulas() {
    let metric = |before: &str, after: &str| {
        check(&format!("metric a \"A\" {before}"), &format!("metric a \"A\" {after}\n"));
    };
    metric("max ( a.b,-3,  -( c ) )*2", "max(a.b, -3, -(c)) * 2");
    metric("(a-b)- -c", "(a - b) - -c");
    metric("if(a<=b,a^2,b/3)", "if(a <= b, a ^ 2, b / 3)");
    metric("n/a", "n/a");
    metric("(n/a)", "(n / a)");
    metric("n/a.b", "n / a.b");
    check("assert(a<b)and not(c==d)", "assert (a < b) and not (c == d)\n");
    check("assert a.b>=-0.5\"no\"", "assert a.b >= -0.5 \"no\"\n");
}

#[test]
fn fields() {
    check(
        "team a \"A\"{bucket b \"B\"20%{floor(10%);ceiling floor ( 40% )};bucket c rest}",
        "team a \"A\" { bucket b \"B\" 20% { floor (10%); ceiling floor(40%) }; bucket c rest }\n",
    );
    check(
        "objective a \"A\"{tag x-1,y , \"z\" ;allow all-or-nothing\"why\"}",
        "objective a \"A\" { tag x-1, y, \"z\"; allow all-or-nothing \"why\" }\n",
    );
    check(
        "objective a \"A\" { kr b \"B\" { unit %; keep>=-5; due 2026-03-15   late(10%) } }",
        "objective a \"A\" { kr b \"B\" { unit %; keep >= -5; due 2026-03-15 late (10%) } }\n",
    );
    check(
        "objective a \"A\"{kr b\"B\"{grading curve 1->0.5,2->-1+2}}",
        "objective a \"A\" { kr b \"B\" { grading curve 1 -> 0.5, 2 -> -1 + 2 } }\n",
    );
    check("cycle q \"Q\" 2026-01-01..2026-03-31", "cycle q \"Q\" 2026-01-01 .. 2026-03-31\n");
    check(
        "2026-01-31   checkin a.b -5 ms expecting n/a confidence .5"
            .replace(" .5", " 0.5")
            .as_str(),
        "2026-01-31 checkin a.b -5 ms expecting n/a confidence 0.5\n",
    );
    check(
        "scenario s \"S\"{set a.b=-5;move 10%from a to b}",
        "scenario s \"S\" { set a.b = -5; move 10% from a to b }\n",
    );
}

#[test]
fn blocks_keep_their_lines() {
    check("policy{}", "policy { }\n");
    check("policy {   }", "policy { }\n");
    check("policy {\n\n\n}", "policy {\n}\n");
    check("policy {\nyellow 0.4;green 0.7}", "policy {\n  yellow 0.4; green 0.7 }\n");
    check("policy { yellow 0.4\n green 0.7\n  }", "policy { yellow 0.4\n  green 0.7\n}\n");
    check(
        "objective a \"A\" {\nkr b \"B\" {\nbaseline 1\n}\n    kr c \"C\" { baseline 1 }\n}",
        "objective a \"A\" {\n  kr b \"B\" {\n    baseline 1\n  }\n  kr c \"C\" { baseline 1 }\n}\n",
    );
}

#[test]
fn continued_lines_are_indented() {
    check(
        "objective a \"A\" {\nkr b \"B\" {\ngrading formula clamp(\n(a - 1),\n0, 1\n)\n tag a, # one\n\n\n# two\nb\n}\n}",
        "objective a \"A\" {\n  kr b \"B\" {\n    grading formula clamp(\n      (a - 1),\n      0, 1\n    )\n    tag a,  # one\n\n      # two\n      b\n  }\n}\n",
    );
    check("assert max(\n  a\n  , (\n b\n )\n) < 3", "assert max(\n  a\n  , (\n  b\n  )\n) < 3\n");
    check(
        "assert (-\n# why\nmax # well\n(1,2)) < 3",
        "assert (-\n  # why\n  max  # well\n  (1, 2)) < 3\n",
    );
}

#[test]
fn blank_lines() {
    check(
        "\n\n okr 1\n\n \t\n\npolicy {\n\n  yellow 0.4\n\n\n}\n\n\n",
        "okr 1\n\npolicy {\n  yellow 0.4\n}\n",
    );
    check(
        "policy { # why\n\nyellow 0.4\n\n# end\n\n}",
        "policy {  # why\n  yellow 0.4\n\n  # end\n}\n",
    );
    check("okr 1\n\n;\n\npolicy", "okr 1\n\npolicy\n");
    check("okr 1\n;\npolicy", "okr 1\npolicy\n");
    for empty in ["", "\n", " \r\n\n", ";;\n ;"] {
        check(empty, "");
    }
}

#[test]
fn semicolons() {
    check(";okr 1;;;policy;# done\n", "okr 1; policy  # done\n");
    check("policy{;yellow 0.4;;green 0.7;};;\n", "policy { yellow 0.4; green 0.7 }\n");
    check("policy { yellow 0.4; # a\n;green 0.7 ; }", "policy { yellow 0.4  # a\n  green 0.7 }\n");
    check("policy{};policy bau{ };", "policy { }; policy bau { }\n");
}

#[test]
fn comments() {
    check("#a \t\r\n  # b\nokr 1# c\n\n#d", "#a\n# b\nokr 1  # c\n\n#d\n");
    check("policy {\n# a\n}\n   # b", "policy {\n  # a\n}\n# b\n");
    check("okr 1                 # a", "okr 1  # a\n");
    check("metric a \"# none\" 1 # \"one", "metric a \"# none\" 1  # \"one\n");
}

#[test]
fn command_lines() {
    check("  :grade   a;  b  # c  \nokr 1;  :compare", ":grade   a;  b  # c\nokr 1; :compare\n");
    check(":show 'a  b' \\\"  \n", ":show 'a  b' \\\"\n");
}

/// A blank after `\` belongs to the last word.
#[test]
fn command_lines_keep_escaped_blanks() {
    for line in [":show a\\ \n", ":show a\\\t \n"] {
        assert_eq!(formatted(line), line);
    }
    assert_eq!(formatted(":show a\\\\ \r\n"), ":show a\\\\\r\n");
}

#[test]
fn line_ends_and_byte_order_mark() {
    check("\u{feff}okr 1\r\npolicy\r\n\npolicy", "\u{feff}okr 1\r\npolicy\r\n\r\npolicy\r\n");
    check("okr 1\r\npolicy\npolicy\n", "okr 1\npolicy\npolicy\n");
    check("\u{feff}", "\u{feff}");
    check("\u{feff}\n okr\t1", "\u{feff}okr 1\n");
}

#[test]
fn broken_files_stay() {
    let source = Source::from_text("plan.okr", "policy {\n\n\nyelow 3");
    let parsed = parse(FileId::default(), &source);
    assert_eq!(format(&source, &parsed), source.text());
}
