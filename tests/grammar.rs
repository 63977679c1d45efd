//! `grammar/` against the parser, both ways: what the one takes, the other takes.

use std::collections::BTreeSet;

use okr::source::{FileId, Source};
use okr::syntax::keyword::{self, Context, Entry, FUNCTIONS, RESERVED, Shape, TABLE};
use okr::syntax::{parse, textmate};

use crate::harness;
use crate::support::ebnf::Grammar;

fn grammar() -> Grammar {
    let text = harness::read(harness::root().join("grammar/okr.ebnf"));
    Grammar::read(&text).unwrap_or_else(|error| panic!("grammar/okr.ebnf: {error}"))
}

/// What the parser has to say about a text, a problem a line.
fn problems(text: &str) -> Vec<String> {
    let source = Source::from_text("test.okr", text);
    let problem = |it: &okr::diagnostic::Problem| {
        format!("{}: {} at {:?}", it.kind.id(), it.message, it.place.span.of(text))
    };
    parse(FileId(0), &source).problems.iter().map(problem).collect()
}

/// A small generator of random numbers (SplitMix64).
fn random(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

// ---- Texts that people wrote -----------------------------------------------------------------

#[test]
fn every_sample_and_template_derives_and_parses() {
    let grammar = grammar();
    let mut plans = harness::plans("samples");
    plans.retain(|path| !path.starts_with(harness::root().join("samples/errors")));
    plans.extend(harness::plans("src/command/templates"));
    for path in plans {
        let text = harness::read(&path);
        let derives = grammar.derives("file", &text).map_err(|at| &text[at..]);
        assert_eq!(derives, Ok(()), "{}", path.display());
        assert_eq!(problems(&text), [""; 0], "{}", path.display());
    }
}

/// Where a text stands, and the text; `⏎` is a line break, `¶` a whole file.
const RIGHT: &str = r##"
¶
¶ ;;⏎;
¶ okr 1
¶ ⏎# only a comment
¶ okr 1;include "a.okr"  # both on a line
¶ ; okr 1
¶ team a "A" { people 3 }; team b "B"
¶ team a "A" {⏎  # nothing⏎⏎}⏎
¶ team a "A" {;; people 3;; }
¶ objective o "O" { kr a "A" { target 3 }; kr b "B" }
¶ policy
¶ policy bau { yellow 0.8; green 0.9; sweet 0.9 .. 1 }
¶ :grade # a comment
¶ :whatif 'move 10% from a.b to a.c; set x.y = 1' --format json
¶ :x "a ; b" c\ d;e
¶ assert a.grade >= 0.4 "low"
¶ 2026-01-31 assert a.grade >= 0.4
¶ 2026-01-31 checkin a.b n/a
¶ 2026-01-31 checkin a.b done "finally"
¶ 2026-01-31 checkin a.b "Beta" "two weeks late"
¶ 2026-01-31 checkin a.b 5 people expecting 6 people confidence 50% "note"
¶ 2026-01-31 amended a.b.target 500 ms "why"
¶ 2026-01-31 declined a.b by c
¶ 2026-01-31 checkin a.b "a" expecting 3 confidence 2 "b"
¶ 2026-01-31 checkin a.b 3; 2026-01-31 checkin a.c 4
¶ team a "A"{people(3)}
¶ team a "A" {}; :grade
¶ :grade 'a'"b"\ c
¶ :grade a#b "c" # d
¶ metric a "A" 3 .. 5 .. 9 MEUR
¶ metric a "A" $4.2M
¶ metric a "A" -€3
¶ scenario s "S" extends t { add initiative i "I" { draws 3 pw from a }; drop b }
¶ scenario s "S" { set a.b = 3 .. 4; set a.c = done; assert a > 1 "no" }
team: bucket a 50%
team: bucket a "A" rest { floor 10%; ceiling 40% }
team: allow all-or-nothing "we mean it"
team: allow not-owned-by-team "small"
kr: grading linear uncapped
kr: grading steps 1 -> 0.1, # first⏎⏎  2 -> 0.5,⏎ 3 -> 1
kr: grading milestones "Alpha" -> 0.3, "Beta" -> 1
kr: grading formula clamp(⏎  actual / target, # the share⏎ 0, 1⏎) ^ 2
kr: keep >= 99.9%
kr: keep 2 .. 4
kr: keep <= a.b.target
kr: due 2026-03-15
kr: due 2026-03-15 late zero
kr: due 2026-03-15 late 10%
kr: unit %
kr: unit B
kr: unit Bewertungen
kr: tag a, "b c",⏎ d
initiative: theme "less waiting"
initiative: theme Öl
initiative: chance 1 .. 2 .. 3
kr: tag developer-experience, Öl, C_9
kr: grading steps 1-> 0.1,⏎⏎# x⏎ 2->1
kr: actual n / a
initiative: pays curve 0.5 -> 0.2, 1 -> 1
formula: 1_000.5e-3
formula: 2 ^ 3 ^ -2
formula: -2 ^ 2
formula: not not a < b and c or d
formula: if (a < b, 1, 0)
formula: min
formula: min + max(1)
formula: a.min
formula: a.confidence
formula: round(a) + round(a, 2)
formula: 3 people
formula: 3 kind
formula: 5MB + 3kg - 1EUR
formula: 1e5
formula: 1e
formula: 5 mètres
formula: 3--3
formula: a-b
formula: 2^--2
formula: not(a < b)
formula: not1
formula: (3)and 4
formula: x.by
formula: 5 日本
formula: min (⏎1⏎,⏎2⏎)
formula: (min⏎(1))
formula: (1 # c⏎)
formula: -¥1
formula: a2026 - 01
formula: (1⏎+⏎2)
range: 8..16 pw
range: a..b
string: "a \" \\ \n \t \u{1F3AF} # ; }"
string: "\u{D7FF}\u{00D7ff}\u{10FFFF}\u{0}"
"##;

const WRONG: &str = r##"
¶ team a "A"; okr 1 2
¶ include teams.okr
¶ cycle q1 2026-01-01 .. 2026-03-31
¶ cycle q1 "Q1" 2026-01-01
¶ cycle q1 "Q1" 2026-01-01 ..⏎2026-03-31
¶ team a
¶ team "A"
¶ team Checkout "A"
¶ team rest "A"
¶ team late "A"
¶ team 3a "A"
¶ team é "A"
¶ team a.b "A"
¶ teama "A"
¶ team a "A" {
¶ team a "A" }
¶ team a "A"⏎{ people 3 }
¶ team a "A" { people 3 leave 4 }
¶ team a "A" { people 3 } team b "B"
¶ team a "A" { kind aspirational }
¶ team a "A" { :grade }
¶ team a "A" { # people 3 }
¶ metric a "A"
¶ metric a 3
¶ objective o "O" { kr a { target 3 } }
¶ objective o "O" { target 3 }
¶ kr a "A"
¶ bucket a 3
¶ policy marketing { yellow 3 }
¶ policy { sweet 0.6 }
¶ policy { missing one }
¶ scenario s "S" extends
¶ scenario s "S" { set a.b 3 }
¶ scenario s "S" { set a.b == 3 }
¶ scenario s "S" { move 3 from a }
¶ scenario s "S" { drop a.b }
¶ scenario s "S" { add team a "A" }
¶ 2026-1-31 checkin a.b 3
¶ 2026/01/31 checkin a.b 3
¶ 2026-01-31
¶ 2026-01-31 checkin a.b
¶ 2026-01-31 checkin a.b 3 confidence 0.5 expecting 4
¶ 2026-01-31 checkin a.b 2026-01-31
¶ 2026-01-31 checkin a.b rest
¶ 2026-01-31 agreed a.b "why"
¶ 2026-01-31 feedback a.b by c
¶ 2026-01-31 team a "A"
¶ assert a = 3
¶ :grade 'a
¶ :grade "a\
¶ :grade "a"#b "c
¶ :-x
¶ team a "A" :grade
¶ okr 1x
¶ okr 1 ms
¶ policy {}}
¶ 2026-01-31 checkin a.b 3 "b" "c"
¶ 2026-01-31 agreed a.b by c.d
¶ 2026-01-31 agreed late by c
¶ scenario s "S" { 2026-01-31 assert 1 < 2 }
¶ metric a "A" 1 .. 2 .. 3 .. 4
¶ :
¶ # a⏎"b"
¶ team a "A⏎"
team: bucket a
team: bucket a { floor 3 }
team: allow kpi
team: allow kpi-"reason"
team: allow kpi - bau "reason"
kr: grading
kr: grading steps
kr: grading steps 1 -> 0.1,
kr: grading steps 1 -> 0.1 2 -> 0.2
kr: grading steps 1 - > 0.1
kr: grading steps 1 ->⏎0.1
kr: grading linear capped
kr: grading milestones Alpha -> 1
kr: keep > 3
kr: keep 3
kr: due 2026-03-15 late
kr: due 3
kr: tag
kr: tag a,
kr: tag a b
kr: tag a⏎, b
kr: tag a-
kr: keep >= 1 .. 2
kr: keep 1 .. 2 .. 3
kr: grading score 3
kr: grading steps 1->0.1,;2->1
kr: unit rest
initiative: theme done
formula:
formula: 1 +
formula: 1 +⏎2
formula: + 1
formula: 1 2
formula: a b
formula: a < b < c
formula: a == b == c
formula: a = b
formula: a < not b
formula: 5 %
formula: 5 k
formula: 5 M
formula: 5 B
formula: 5% EUR
formula: 3kg people
formula: $5 EUR
formula: $ 5
formula: 5 €
formula: 5€
formula: 3or 4
formula: 3 or
formula: 3 from
formula: 1.
formula: .5
formula: 1.5.2
formula: 1,000
formula: 1_
formula: 1__0
formula: 1e+
formula: (1
formula: (1))
formula: ()
formula: min()
formula: min(1,)
formula: min⏎(1)
formula: mod(1)
formula: clamp(1, 2)
formula: if(1, 2, 3, 4)
formula: sin(1)
formula: a.
formula: a..b
formula: a .b
formula: done
formula: "a"
formula: 7 // 2
formula: 7 % 2
formula: a && b
formula: !a
formula: 2026-01-31
formula: 2026-01-31x
formula: a-2026-01-31
formula: -not a
formula: 2^not a
formula: a -> b
formula: a.min(1)
formula: done(1)
formula: (1 ; 2)
formula: (1⏎"a")
formula: 50%%
formula: 5..5
formula: 5people people
formula: 1 + 2026-01-31
formula: min(2026-01-31)
formula: Latency
formula: latencyP95
formula: latency%
range: 1
range: 1 ... 2
string: "a
string: "a\x"
string: "\u{D800}"
string: "\u{110000}"
string: "\u{}"
string: "\u{1234567}"
string: 'a'
"##;

/// The files that the lines of a table stand for.
fn files(table: &str) -> impl Iterator<Item = String> {
    table.lines().filter(|line| !line.is_empty()).map(|line| {
        let (place, text) = match line.strip_prefix('¶') {
            Some(text) => ("¶", text),
            None => line.split_once(':').expect("`PLACE: text`"),
        };
        let text = text.strip_prefix(' ').unwrap_or(text).replace('⏎', "\n");
        match place {
            "¶" => text,
            "team" => within(Context::Team, &text),
            "kr" => within(Context::Kr, &text),
            "initiative" => within(Context::Initiative, &text),
            "formula" => format!("assert {text}"),
            "range" => within(Context::Policy, &format!("sweet {text}")),
            "string" => format!("include {text}"),
            _ => panic!("no place `{place}`"),
        }
    })
}

/// A file with this statement or field in a context.
fn within(context: Context, field: &str) -> String {
    match context {
        Context::Plan => field.to_owned(),
        Context::Dated => format!("2026-01-31 {field}"),
        Context::Policy => format!("policy {{\n{field}\n}}"),
        Context::Team => format!("team t \"T\" {{\n{field}\n}}"),
        Context::Bucket => within(Context::Team, &format!("bucket b 10% {{\n{field}\n}}")),
        Context::Objective => format!("objective o \"O\" {{\n{field}\n}}"),
        Context::Kr => within(Context::Objective, &format!("kr k \"K\" {{\n{field}\n}}")),
        Context::Initiative => format!("initiative i \"I\" {{\n{field}\n}}"),
        Context::Scenario => format!("scenario s \"S\" {{\n{field}\n}}"),
    }
}

#[test]
fn right_texts_derive_and_parse() {
    let grammar = grammar();
    for text in files(RIGHT) {
        assert_eq!(grammar.derives("file", &text), Ok(()), "{text:?}");
        assert_eq!(problems(&text), [""; 0], "{text:?}");
    }
}

#[test]
fn wrong_texts_neither_derive_nor_parse() {
    let grammar = grammar();
    let derived: Vec<_> =
        files(WRONG).filter(|text| grammar.derives("file", text).is_ok()).collect();
    let parsed: Vec<_> = files(WRONG).filter(|text| problems(text).is_empty()).collect();
    assert!(derived.is_empty() && parsed.is_empty(), "derived {derived:#?}\nparsed {parsed:#?}");
}

#[test]
fn byte_order_marks_and_crlf_are_accepted() {
    let grammar = grammar();
    let text = "\u{FEFF}okr 1\r\nteam a \"A\" { # x\r\n people 3\r\n}\r\n";
    assert_eq!(grammar.derives("file", text), Ok(()));
    assert_eq!(problems(text), [""; 0]);
    for wrong in ["okr 1\rteam a \"A\"", "okr 1\n\u{FEFF}"] {
        assert!(grammar.derives("file", wrong).is_err(), "{wrong:?}");
        assert_ne!(problems(wrong), [""; 0], "{wrong:?}");
    }
}

#[test]
fn parentheses_nest_200_deep() {
    let nested = |depth| format!("assert {}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(grammar().derives("file", &nested(200)), Ok(()));
    assert_eq!(problems(&nested(200)), [""; 0]);
    assert_ne!(problems(&nested(201)), [""; 0]);
}

// ---- Texts that nobody wrote -----------------------------------------------------------------

/// Pages, and statements of which each has a page's worth of chances to go wrong.
#[test]
fn sentences_of_the_grammar_parse() {
    let grammar = grammar();
    for seed in 0..400 {
        let depth = [12, 20, 28, 40][seed % 4];
        let sentence = grammar.sentence("file", &mut random(seed as u64), depth);
        let problems = problems(&sentence);
        assert!(problems.is_empty(), "seed {seed}: {problems:#?}\n{sentence}");
    }
}

/// Some of the damaged sentences are wrong, others only different, and the two have to agree. What
/// derives must parse. Of what does not derive, a few may parse: the parser leaves some of it to the
/// resolver (a range where none may stand, `okr 9`), and takes a lone return for a blank.
#[test]
fn damaged_sentences_derive_where_they_parse() {
    const ROUNDS: usize = 600;
    let grammar = grammar();
    let mut rng = random(7);
    let mut lenient = vec![];
    for round in 0..ROUNDS {
        let sentence = grammar.sentence("file", &mut rng, 24);
        let damaged = damage(&sentence, &mut rng);
        match (grammar.derives("file", &damaged), problems(&damaged)) {
            (Ok(()), problems) => {
                let unsaid = |it: &String| it.starts_with("bad-date") || it.contains("U+FEFF");
                assert!(problems.iter().all(unsaid), "round {round}: {problems:#?}\n{damaged}");
            }
            (Err(at), problems) if problems.is_empty() => {
                lenient.push(format!("round {round}: {:?}", &damaged[at..]));
            }
            _ => {}
        }
    }
    assert!(lenient.len() * 50 <= ROUNDS, "more than one in fifty: {lenient:#?}");
}

/// One character taken out, or put in, or changed.
fn damage(text: &str, rng: &mut impl FnMut() -> u64) -> String {
    const SIGNS: &[char] =
        &['"', '#', '(', ')', '{', '}', ';', ',', '.', '-', ' ', '\n', '=', '9', 'x', '%', ':'];
    let mut chars: Vec<char> = text.chars().collect();
    let mut pick = |count: usize| (rng() >> 32) as usize % count.max(1);
    let (at, sign) = (pick(chars.len()), SIGNS[pick(SIGNS.len())]);
    match pick(3) {
        0 if !chars.is_empty() => drop(chars.remove(at)),
        1 if !chars.is_empty() => chars[at] = sign,
        _ => chars.insert(at, sign),
    }
    chars.into_iter().collect()
}

// ---- Words -----------------------------------------------------------------------------------

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

const LISTS: [&[&str]; 7] = [
    keyword::TEAM_KINDS,
    keyword::OBJECTIVE_KINDS,
    keyword::KR_KINDS,
    keyword::MISSING,
    keyword::WHEN_SHORT,
    keyword::GRADINGS,
    keyword::PAYS,
];

#[test]
fn the_words_of_the_grammar_are_those_of_the_table() {
    let fields = TABLE.iter().map(|entry| entry.word);
    let functions = FUNCTIONS.iter().map(|entry| entry.word);
    let listed = LISTS.into_iter().flatten().chain(RESERVED).copied();
    let table = set(fields.chain(functions).chain(listed).chain(textmate::small_words()));
    assert_eq!(grammar().words(), table);
}

#[test]
fn reserved_words_and_functions_are_those_of_the_table() {
    let grammar = grammar();
    assert_eq!(grammar.words_of("RESERVED"), set(RESERVED.iter().copied()));
    assert_eq!(grammar.words_of("call"), set(FUNCTIONS.iter().map(|entry| entry.word)));
}

#[test]
fn every_rule_is_needed() {
    assert_eq!(grammar().unused("file"), set([]));
}

/// Every keyword in every context: grammar and parser take it where the table says.
#[test]
fn fields_stand_where_the_table_says() {
    let grammar = grammar();
    for entry in TABLE.iter().filter(|entry| entry.shape != Shape::Edition) {
        for context in Context::ALL {
            let text = within(context, &example(entry));
            let wanted = TABLE.iter().any(|other| stands_for(other, entry, context));
            assert_eq!(grammar.derives("file", &text).is_ok(), wanted, "{text}");
            assert_eq!(problems(&text).is_empty(), wanted, "{text}");
        }
    }
}

/// Whether the example of `entry` is right in the context because of `other`.
fn stands_for(other: &Entry, entry: &Entry, context: Context) -> bool {
    let same = match (other.shape, entry.shape) {
        (Shape::Choice(other), Shape::Choice(list)) => other.contains(&list[list.len() - 1]),
        (other, shape) => other == shape,
    };
    same && other.word == entry.word && other.contexts.contains(&context)
}

/// The keyword with what must follow it.
fn example(entry: &Entry) -> String {
    let rest = match entry.shape {
        Shape::Edition => "1",
        Shape::Include | Shape::Text => r#""x""#,
        Shape::Period => r#"q1 "Q1" 2026-01-01 .. 2026-03-31"#,
        Shape::Policy => "",
        Shape::Entity(_) | Shape::Scenario => r#"x "X""#,
        Shape::Bucket => "x 10%",
        Shape::Metric => r#"x "X" 3"#,
        Shape::Value if entry.word == "sweet" => "0.5 .. 1",
        Shape::Range => "0.6 .. 0.7",
        Shape::Value => "3",
        Shape::Choice(words) => words[words.len() - 1],
        Shape::Name | Shape::Label | Shape::Tags => "x",
        Shape::Path => "x.y",
        Shape::Unit => "ms",
        Shape::Grading => "score",
        Shape::Keep => ">= 3",
        Shape::Due => "2026-03-15",
        Shape::Draws => "3 pw from x.y",
        Shape::Moves => "x.y by 3",
        Shape::Closes => "3% of x.y",
        Shape::Pays => "when_done",
        Shape::Allow => r#"kpi "why""#,
        Shape::Set => "x.y = 3",
        Shape::Move => "3% from x.y to x.z",
        Shape::Add => r#"initiative x "X""#,
        Shape::Assert => "x.grade > 0.5",
        Shape::Checkin | Shape::Amended => "x.y.target 3",
        Shape::Talk => "x.y by z",
        Shape::Feedback => r#"x.y by z "no""#,
    };
    format!("{} {rest}", entry.word)
}

// ---- The grammar for editors -----------------------------------------------------------------

#[test]
fn the_textmate_grammar_is_up_to_date() {
    let file = harness::read(harness::root().join("grammar/okr.tmLanguage.json"));
    let update = "cargo run --example textmate > grammar/okr.tmLanguage.json";
    assert!(
        file == textmate::text(),
        "the keyword table has changed; update the grammar:\n  {update}"
    );
}
