//! The words that rules look for in titles: one table, matched by whole words and their simple
//! inflections.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A word or phrase that a rule looks for.
#[derive(Debug)]
pub struct Word {
    /// The rule's id, or a topic that a rule asks for.
    pub topic: &'static str,
    /// Small letters; the first word may be inflected.
    pub phrase: &'static str,
    /// Whether it counts only at the beginning of a title.
    pub first: bool,
    /// Words that, anywhere in the title, show that something else is meant.
    pub unless: &'static [&'static str],
}

const fn word(topic: &'static str, phrase: &'static str) -> Word {
    Word { topic, phrase, first: false, unless: &[] }
}

const fn unless(
    topic: &'static str,
    phrase: &'static str,
    unless: &'static [&'static str],
) -> Word {
    Word { topic, phrase, first: false, unless }
}

const fn first(topic: &'static str, phrase: &'static str) -> Word {
    Word { topic, phrase, first: true, unless: &[] }
}

/// Titles that reward speed; a topic of `single-guardrail-risk`.
pub const SPEED: &str = "speed";
/// Titles that reward growth, where the target is above the baseline; likewise.
pub const GROWTH: &str = "growth";

/// Ratings that users give, not bosses.
const BY_USERS: &[&str] = &[
    "app",
    "store",
    "customer",
    "user",
    "rider",
    "reader",
    "guest",
    "patient",
    "student",
    "visitor",
    "product",
    "satisfaction",
    "star",
    "review",
    "answer",
    "content",
    "quality",
    "support",
    "play",
    "credit",
    "energy",
    "age",
    "nps",
    "csat",
    "onboarding",
    "lesson",
    "course",
    "learner",
    "talk",
    "attendee",
    "participant",
    "interview",
    "candidate",
    "hotel",
    "portal",
    "survey",
    "workshop",
    "session",
    "event",
    "training",
    "article",
];
/// Bonuses that are no pay.
const FOR_CUSTOMERS: &[&str] =
    &["welcome", "customer", "user", "referral", "sign", "signup", "loyalty", "player", "points"];

/// What is new is not usual.
const NEW: &[&str] = &["new", "grow", "growth", "first", "launch"];

/// Every word.
pub const WORDS: &[Word] = &[
    word("kpi", "maintain"),
    word("kpi", "sustain"),
    word("kpi", "monitor"),
    word("kpi", "preserve"),
    word("kpi", "retain the level"),
    word("kpi", "hold steady"),
    first("kpi", "keep"),
    word("kpi", "stay above"),
    word("kpi", "stay below"),
    word("kpi", "stay at"),
    word("kpi", "remain above"),
    word("kpi", "remain below"),
    word("kpi", "remain at"),
    unless("performance-review", "bonus", FOR_CUSTOMERS),
    unless("performance-review", "bonuses", FOR_CUSTOMERS),
    word("performance-review", "appraisal"),
    unless("performance-review", "rating", BY_USERS),
    word("performance-review", "performance review"),
    word("performance-review", "salary"),
    word("performance-review", "salaries"),
    word("performance-review", "pay rise"),
    word("performance-review", "pay raise"),
    word("performance-review", "promoted to"),
    word("performance-review", "underperformer"),
    word("performance-review", "individual performance"),
    first("bau", "continue"),
    word("bau", "continue to"),
    word("bau", "keep the lights on"),
    unless("bau", "regular", &["expression", "customer", "guest", "visitor", "user"]),
    unless("bau", "regularly", &["customers", "users", "guests", "visitors", "readers"]),
    word("bau", "routine"),
    word("bau", "ongoing"),
    word("bau", "business as usual"),
    word("bau", "as usual"),
    word("bau", "day to day"),
    word("bau", "run the service"),
    word("bau", "keep running"),
    Word { topic: "bau", phrase: "support", first: true, unless: NEW },
    unless("bau", "support the", NEW),
    word("bau", "provide support"),
    word("bau", "give support"),
    word("prescriptive", "launch"),
    word("prescriptive", "ship"),
    word("prescriptive", "build"),
    word("prescriptive", "implement"),
    word("prescriptive", "migrate"),
    word("prescriptive", "rewrite"),
    word("prescriptive", "deliver"),
    word("prescriptive", "deploy"),
    unless("prescriptive", "release", &["note"]),
    word("prescriptive", "refactor"),
    word("prescriptive", "redesign"),
    word("prescriptive", "roll out"),
    word("prescriptive", "develop"),
    word("prescriptive", "introduce"),
    word("prescriptive", "install"),
    word("prescriptive", "create"),
    word("prescriptive", "set up"),
    word(SPEED, "fast"),
    word(SPEED, "faster"),
    word(SPEED, "fastest"),
    word(SPEED, "quick"),
    word(SPEED, "quicker"),
    word(SPEED, "speed"),
    word(SPEED, "latency"),
    word(SPEED, "throughput"),
    word(SPEED, "velocity"),
    word(SPEED, "lead time"),
    word(SPEED, "response time"),
    word(SPEED, "time to"),
    word(GROWTH, "grow"),
    word(GROWTH, "growth"),
    word(GROWTH, "revenue"),
    word(GROWTH, "sale"),
    word(GROWTH, "sell"),
    word(GROWTH, "sign up"),
    word(GROWTH, "signup"),
    word(GROWTH, "subscriber"),
    word(GROWTH, "subscription"),
    word(GROWTH, "download"),
    word(GROWTH, "conversion"),
    word(GROWTH, "adoption"),
    word(GROWTH, "traffic"),
    word(GROWTH, "visit"),
    word(GROWTH, "visitor"),
    word(GROWTH, "order"),
    word(GROWTH, "booking"),
    word(GROWTH, "pipeline"),
    word(GROWTH, "market share"),
    word(GROWTH, "active user"),
    word(GROWTH, "new customer"),
    word(GROWTH, "mrr"),
    word(GROWTH, "arr"),
    word(GROWTH, "acv"),
];

/// Forms that no rule of spelling gives.
const IRREGULAR: &[(&str, &[&str])] = &[
    ("build", &["built", "rebuild", "rebuilt"]),
    ("rewrite", &["rewrote", "rewritten"]),
    ("keep", &["kept"]),
    ("hold", &["held"]),
    ("grow", &["grew", "grown"]),
    ("sell", &["sold"]),
    ("run", &["ran"]),
    ("give", &["gave", "given"]),
];

/// The words of a title, in small letters.
pub fn tokens(title: &str) -> Vec<String> {
    let words = title.split(|it: char| !it.is_alphanumeric() && it != '\'' && it != '’');
    let words = words.map(|word| word.trim_matches(['\'', '’']).to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

/// A word or phrase, and its words.
type Phrase = (&'static Word, Vec<&'static str>);

/// The topics, each with its phrases, and with the first letters that their first words may
/// have.
static TOPICS: LazyLock<FxHashMap<&'static str, (Vec<Phrase>, Starts)>> = LazyLock::new(|| {
    let mut topics: FxHashMap<&'static str, (Vec<Phrase>, Starts)> = FxHashMap::default();
    for word in WORDS {
        let (phrases, starts) = topics.entry(word.topic).or_default();
        let words: Vec<&str> = word.phrase.split(' ').collect();
        let base = words[0];
        phrases.push((word, words));
        let irregular = IRREGULAR.iter().filter(|it| it.0 == base).flat_map(|it| it.1);
        [base].iter().chain(irregular).for_each(|form| starts.add(form));
    }
    topics
});

/// The first three letters of words: a row for each pair, and in it a bit for each third letter, and
/// one for what is no letter.
struct Starts([u32; 26 * 26]);

impl Default for Starts {
    fn default() -> Self {
        Self([0; 26 * 26])
    }
}

impl Starts {
    fn row(first: u8, second: u8) -> usize {
        usize::from(first - b'a') * 26 + usize::from(second - b'a')
    }

    fn add(&mut self, form: &str) {
        if let [first @ b'a'..=b'z', second @ b'a'..=b'z', rest @ ..] = form.as_bytes() {
            self.0[Self::row(*first, *second)] |= match rest {
                [third @ b'a'..=b'z', ..] => 1 << (third - b'a'),
                _ => u32::MAX,
            };
        }
    }

    /// Whether a word begins like one of these; what is not ASCII is not looked at closely.
    fn may_begin(&self, word: &[u8]) -> bool {
        let letter = |at: usize| word.get(at).map_or(b' ', u8::to_ascii_lowercase);
        match (letter(0), letter(1), letter(2)) {
            (first @ b'a'..=b'z', second @ b'a'..=b'z', third) => {
                let row = self.0[Self::row(first, second)];
                match third {
                    b'a'..=b'z' => row & (1 << (third - b'a')) != 0,
                    _ if third.is_ascii() => row & (1 << 26) != 0,
                    _ => row != 0,
                }
            }
            (first, second, _) => !first.is_ascii() || !second.is_ascii(),
        }
    }
}

/// Whether a title may hold a word of a topic. Quick, and right whenever it says no; the title may be
/// as the plan has it, in quotes and with escapes.
pub fn may_hold(topic: &str, title: &str) -> bool {
    let Some((_, starts)) = TOPICS.get(topic) else { return false };
    let bytes = title.as_bytes();
    let mut inside = false;
    bytes.iter().enumerate().any(|(at, byte)| {
        let begins = !std::mem::replace(&mut inside, byte.is_ascii_alphanumeric());
        let is_word = byte.is_ascii_alphabetic() || !byte.is_ascii();
        *byte == b'\\' || (begins && is_word && starts.may_begin(&bytes[at..]))
    })
}

/// The first word or phrase of a topic in a title, as the title has it.
pub fn found(topic: &str, title: &str) -> Option<String> {
    if !may_hold(topic, title) {
        return None;
    }
    let tokens = tokens(title);
    let (phrases, _) = TOPICS.get(topic)?;
    phrases.iter().find_map(|phrase| within(phrase, &tokens))
}

/// First words of phrases that say how something is, not what to do.
const ADJECTIVES: &[&str] =
    &["regular", "regularly", "routine", "ongoing", "business", "as", "day"];

/// Whether a title begins with a phrase of a topic that says what to do: `Maintain …`.
pub fn commands(topic: &str, title: &str) -> bool {
    let tokens = tokens(title);
    let Some((phrases, _)) = TOPICS.get(topic) else { return false };
    phrases.iter().any(|(_, phrase)| {
        let doing = |token: &String| token.ends_with("ing") && is_form(phrase[0], token);
        !ADJECTIVES.contains(&phrase[0])
            && tokens.len() >= phrase.len()
            && (phrase[0] == tokens[0] || doing(&tokens[0]))
            && phrase[1..].iter().zip(&tokens[1..]).all(|(base, token)| base == token)
    })
}

fn within((word, phrase): &Phrase, tokens: &[String]) -> Option<String> {
    let last = tokens.len().checked_sub(phrase.len())?;
    let starts = if word.first { 0..1 } else { 0..last + 1 };
    let fits = |at: &usize| {
        let mut pairs = phrase.iter().zip(&tokens[*at..]);
        pairs.next().is_some_and(|(base, token)| is_form(base, token))
            && pairs.all(|(base, token)| base == token)
    };
    let at = starts.filter(|at| *at <= last).find(fits)?;
    let meant = |other: &&str| tokens.iter().any(|token| is_form(other, token));
    if word.unless.iter().any(meant) {
        return None;
    }
    Some(tokens[at..at + phrase.len()].join(" "))
}

/// Whether a word is a simple inflection of another: `ships`, `shipped`, `shipping` of `ship`.
fn is_form(base: &str, word: &str) -> bool {
    if let Some(rest) = word.strip_prefix(base) {
        let doubled = base.chars().next_back();
        let ending = match rest.chars().next() {
            Some(first) if Some(first) == doubled => &rest[first.len_utf8()..],
            _ => rest,
        };
        return matches!(rest, "" | "s" | "es" | "d" | "ed" | "ing")
            || matches!(ending, "ed" | "ing");
    }
    let stem = |end: char| base.strip_suffix(end).and_then(|stem| word.strip_prefix(stem));
    stem('e') == Some("ing")
        || matches!(stem('y'), Some("ies" | "ied"))
        || IRREGULAR.iter().any(|(it, forms)| *it == base && forms.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_and_simple_inflections_match() {
        for form in ["ship", "ships", "shipped", "shipping"] {
            assert!(is_form("ship", form), "{form}");
        }
        for (base, form) in
            [("migrate", "migrating"), ("migrate", "migrated"), ("launch", "launches")]
        {
            assert!(is_form(base, form), "{form}");
        }
        for (base, form) in [("build", "built"), ("rewrite", "rewritten"), ("deploy", "deployed")] {
            assert!(is_form(base, form), "{form}");
        }
        for (base, other) in [("ship", "shipment"), ("build", "building's"), ("sale", "salesman")] {
            assert!(!is_form(base, other), "{other}");
        }
    }

    #[test]
    fn a_phrase_is_found_as_it_stands() {
        let found = |topic, title| found(topic, title).unwrap_or_default();
        assert_eq!(found("bau", "Kept the lights on, again"), "kept the lights on");
        assert_eq!(found("prescriptive", "Rolling out to Asia"), "rolling out");
        assert_eq!(found("prescriptive", "Relationship with the press"), "");
        assert_eq!(found("performance-review", "Rating of the app in the store"), "");
        assert_eq!(found("performance-review", "Every rating at least 4"), "rating");
        assert_eq!(found("bau", "Support for the sales team"), "support");
        assert_eq!(found("bau", "Tickets that customer support solves at once"), "");
        assert_eq!(found("bau", ""), "");
    }

    #[test]
    fn no_title_is_passed_over() {
        let found = |topic: &str, title: &str| found(topic, title).is_some();
        assert!(found("prescriptive", "(re)Built, at last"));
        assert!(found("prescriptive", "'launching' it"));
        assert!(found("kpi", "\u{212a}eep it up")); // the sign of the kelvin, a capital K
        assert!(may_hold("kpi", "\"\\u{6b}eep\""));
        assert!(!may_hold("kpi", "\"Orders a day\""));
        for word in WORDS {
            let title = format!("{} and so on", word.phrase.to_uppercase());
            assert!(found(word.topic, &title), "{title}");
        }
        // What an inflection may take away lies behind the first two letters.
        assert!(WORDS.iter().all(|it| {
            it.phrase.split(' ').next().is_some_and(|it| it.len() > 2 || !it.ends_with(['e', 'y']))
        }));
    }

    #[test]
    fn what_a_title_tells_to_do_stands_at_its_beginning() {
        assert!(commands("kpi", "Maintain the uptime") && commands("bau", "Support the shops"));
        assert!(commands("kpi", "Sustaining the quality of answers"));
        assert!(!commands("kpi", "Teams that monitor their own services"));
        assert!(!commands("kpi", "Sustained throughput") && !commands("bau", "Regular visitors"));
    }

    #[test]
    fn phrases_are_tokens() {
        for word in WORDS {
            assert_eq!(tokens(word.phrase).join(" "), word.phrase);
        }
    }
}
