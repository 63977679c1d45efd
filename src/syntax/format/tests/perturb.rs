//! The laws on the samples, their layout perturbed.

use super::super::token::{Kind, Tokens};
use super::{formatted, lawful, outline};
use crate::source::{FileId, Source};
use crate::syntax::parse;
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The texts of all samples without syntax problems.
static SAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut folders: Vec<PathBuf> = vec![root];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the samples") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "okr") {
                texts.push(std::fs::read(path).expect("a sample"));
            }
        }
    }
    texts.sort();
    texts
        .into_iter()
        .filter_map(|text| String::from_utf8(text).ok())
        .filter(|text| sound(text))
        .collect()
});

/// Odd corners that the samples leave out.
const CORNERS: &str = "\
okr 1; metric m \"M\" -2 ^ -x + n/a - (n/a) * abs(-3 kg); :grade 'a  b' ; c # d
objective o \"O\" { allow no-kpi \"x\"; tag a-b, c, \"d\"; kr k \"K\" { unit %; due 2026-01-01 late (10%) }; kr l \"L\" { keep 1 .. 2 } }
2026-01-01 checkin o.k n/a expecting -5 ms confidence 1e-3 \"#\"
assert (1 < 2) and not (max(1, (2), -(3)) == -1e2 - e) \"}\"
scenario s \"{\" extends base { set a = -1; move 3 pw from a.b to c.d; add initiative i \"I\" { pays curve 1 -> 0, 2 -> 1; moves a by -3 } }
";

fn sound(text: &str) -> bool {
    parse(FileId::default(), &Source::from_text("", text)).problems.is_empty()
}

/// A stream of choices from proptest's bytes; zero, the plainest choice, once they run out.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn up_to(&mut self, count: u8) -> u8 {
        self.0.next().map_or(0, |&byte| byte % count)
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.up_to(texts.len() as u8) as usize]
    }
}

/// Rewrites what stands between the tokens. With `lines`, line ends, comments and `;` come in as
/// well; without, only white space within lines changes.
fn perturb(text: &str, bytes: &[u8], lines: bool) -> String {
    let source = Source::from_text("", text);
    let parsed = parse(FileId::default(), &source);
    let tokens: Vec<(Kind, &str)> = Tokens::new(text, &parsed.tree).collect();
    let mut choices = Choices(bytes.iter());
    let mut out = String::new();
    let (mut depth, mut last, mut number) = (0_usize, Kind::Newline, false);
    for (at, &(kind, token)) in tokens.iter().enumerate() {
        // A unit stands on the line of its number.
        let unit = number && kind == Kind::Word;
        number = token.starts_with(|c: char| c.is_ascii_digit() || "$€£¥".contains(c));
        let wide = lines && !unit && (depth > 0 || last == Kind::Comma);
        let at_end =
            matches!(kind, Kind::Newline | Kind::Semicolon | Kind::Comment | Kind::CloseBrace);
        out.push_str(&gap(&mut choices, touching(last, kind), wide && !at_end));
        match kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            _ => {}
        }
        let continued = depth > 0 || last == Kind::Comma;
        match kind {
            Kind::Newline if lines && !continued => {
                out.push_str(end_of_line(&mut choices, at, &tokens))
            }
            Kind::Semicolon if lines => {
                out.push_str(choices.of(&[";", ";;", "\n", "; #c\n", ";\r\n\n"]))
            }
            Kind::Comment if lines => {
                out.push_str(&format!("{token}{}", choices.of(&["", " ", "\t"])))
            }
            _ => out.push_str(token),
        }
        if !(matches!(kind, Kind::Comment | Kind::Newline) && last == Kind::Comma) {
            last = kind;
        }
        if lines && kind == Kind::OpenBrace {
            out.push_str(choices.of(&["", ";", "\n", "\n\n", " # c\n\n", " ; ;"]));
        }
    }
    out
}

/// Whether two tokens may touch without becoming one, or something else.
fn touching(last: Kind, next: Kind) -> bool {
    let apart = |kind| matches!(kind, Kind::Word | Kind::Function);
    let after_command = last == Kind::Command || next == Kind::Command;
    !(apart(last) && apart(next))
        && last != Kind::Operator
        && next != Kind::Operator
        && !(apart(last) && matches!(next, Kind::Sign | Kind::Open))
        || after_command
}

fn gap(choices: &mut Choices, may_touch: bool, wide: bool) -> String {
    let mut gap = String::from(match may_touch {
        true => choices.of(&["", " ", "  ", "\t"]),
        false => choices.of(&[" ", "   ", "\t ", " \t "]),
    });
    if wide {
        gap.push_str(choices.of(&["", "", "", "\n", "\n \n", " # c\n", "\r\n\t", "\n#c \n\n"]));
    }
    gap
}

/// Something in the place of a line end: more of it, or a `;`.
fn end_of_line(choices: &mut Choices, at: usize, tokens: &[(Kind, &str)]) -> &'static str {
    let before = at.checked_sub(1).map(|at| tokens[at].0);
    match before {
        Some(Kind::Comment | Kind::Command) => {
            choices.of(&["\n", "\r\n", "\n\n", "\n;\n", "\n \r\n"])
        }
        _ => choices.of(&["\n", "\r\n", "\n\n", ";", " ; ;\n", " # c\n", "\n;\n\n", "\n  # c\n"]),
    }
}

fn sample() -> impl Strategy<Value = &'static str> {
    (0..=SAMPLES.len()).prop_map(|at| SAMPLES.get(at).map_or(CORNERS, String::as_str))
}

/// Some statements of a sample: whole lines at brace depth 0, so that runs are short.
fn excerpt() -> impl Strategy<Value = String> {
    (sample(), any::<prop::sample::Index>(), 1..12_usize).prop_map(|(text, from, count)| {
        let starts: Vec<usize> = tops(text);
        let first = from.index(starts.len());
        let end = starts.get(first + count).copied().unwrap_or(text.len());
        text[starts[first]..end].to_owned()
    })
}

/// Where lines begin at brace depth 0.
fn tops(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let parsed = parse(FileId::default(), &Source::from_text("", text));
    let mut tokens = Tokens::new(text, &parsed.tree);
    let mut depth = 0;
    while let Some((kind, _)) = tokens.next() {
        match kind {
            Kind::OpenBrace | Kind::Open => depth += 1,
            Kind::CloseBrace | Kind::Close => depth -= 1,
            Kind::Newline if depth == 0 && tokens.at() < text.len() => starts.push(tokens.at()),
            _ => {}
        }
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_layout_keeps_its_meaning(
        text in excerpt(),
        bytes in prop::collection::vec(any::<u8>(), 0..1500),
        bom in any::<bool>(),
    ) {
        prop_assume!(sound(&text));
        let odd = format!("{}{}", if bom { "\u{feff}" } else { "" }, perturb(&text, &bytes, true));
        prop_assert!(sound(&odd), "the test is wrong: {odd:?}");
        prop_assert_eq!(outline::meaning(&odd), outline::meaning(&text));
        lawful(&odd);
    }

    #[test]
    fn white_space_within_lines_makes_no_difference(
        text in excerpt(),
        bytes in prop::collection::vec(any::<u8>(), 0..1500),
    ) {
        prop_assume!(sound(&text));
        prop_assert_eq!(formatted(&perturb(&text, &bytes, false)), formatted(&text));
    }

    /// Anything that parses is formatted lawfully, however it came about.
    #[test]
    fn mutants_that_parse_keep_their_meaning(
        text in excerpt(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..24_usize), 1..4),
    ) {
        const PIECES: [&str; 23] = [" ", "\n", ";", "(", ")", "-", ",", "#", "\r", "\t", "n/a", "..", ".",
            "+", "{", "}", "\\", "\"", ":", "%", "1e", "->", "not "];
        let mut text = text;
        for (at, piece) in edits {
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match PIECES.get(piece) {
                Some(piece) => text.insert_str(at, piece),
                None if at < text.len() => drop(text.remove(at)),
                None => {}
            }
        }
        if sound(&text) {
            lawful(&text);
        }
    }
}

/// How many cases a law is tried on; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

#[test]
fn samples_are_lawful() {
    assert!(SAMPLES.len() > 5);
    for text in SAMPLES.iter().map(String::as_str).chain([CORNERS]) {
        lawful(text);
        lawful(&text.replace('\n', "\r\n"));
    }
}

/// A quadratic formatter would take minutes for these.
#[test]
fn time_is_linear() {
    let many = |piece: &str| piece.repeat(50_000);
    let texts = [
        format!("objective o \"O\" {{ tag {}z }}", many("a,\n")),
        many("\n"),
        many("okr 1;"),
        many("# c\n"),
        many("policy { }\n\n"),
        many("assert ((((1))) < -2)\n"),
        format!(":grade {}", many("\\\\")),
    ];
    for text in texts {
        let source = Source::from_text("", text);
        let parsed = parse(FileId::default(), &source);
        assert!(parsed.problems.is_empty());
        let start = std::time::Instant::now();
        let _ = super::format(&source, &parsed);
        assert!(start.elapsed().as_secs() < 5);
    }
}
