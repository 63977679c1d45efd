//! The TextMate grammar for editors, made from the keyword table.
//!
//! TextMate reads a line at a time and knows nothing of contexts, so this is an approximation: a
//! keyword is one where a field may begin (at the start of a line, after `;` and after `{`), and
//! what a formula is made of is one everywhere. Parentheses are regions of their own, because a line
//! that begins within them begins no field.

use super::keyword::{self, Context, Entry, FUNCTIONS, Shape, TABLE};
use crate::quantity::{CURRENCIES, MAGNITUDES};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where a statement or field begins.
const START: &str = r"(?:^|(?<=[;{]))[ \t]*";
const GAP: &str = r"[ \t]+";
const ID: &str = "[a-z_][a-z0-9_]*";
const LETTERS: &str = r"\p{L}[\p{L}0-9_]*";
const DATE: &str = r"\d{4}-\d{2}-\d{2}(?!\d)";
/// The end of a word; the beginning is `\b` as well, since no word begins with a sign.
const END: &str = r"\b";

/// The text of `grammar/okr.tmLanguage.json`.
pub fn text() -> String {
    format!("{:#}\n", grammar())
}

/// The grammar as JSON.
pub fn grammar() -> Value {
    json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "comment": "Generated from src/syntax/keyword/mod.rs by `cargo run --example textmate`; do not edit.",
        "name": "OKR",
        "scopeName": "source.okr",
        "fileTypes": ["okr"],
        "foldingStartMarker": r"\{[ \t]*(#.*)?$",
        "foldingStopMarker": r"^[ \t]*\}",
        "patterns": [include("comment"), include("command"), include("statement"), include("value")],
        "repository": {
            "comment": comment(),
            "command": command(),
            "statement": { "patterns": statements() },
            "value": { "patterns": values() },
            "parentheses": parentheses(),
            "string": string(),
            "number": number(),
        },
    })
}

/// The words of `usage` texts that are neither keywords nor reserved nor in a closed list, such as
/// `extends`. Placeholders are in capitals, in quotes or of one letter.
pub fn small_words() -> BTreeSet<&'static str> {
    let listed: BTreeSet<&str> =
        TABLE.iter().flat_map(|entry| choices(entry.shape)).copied().collect();
    let known = |word: &str| {
        keyword::is_reserved(word)
            || listed.contains(word)
            || TABLE.iter().any(|entry| entry.word == word)
    };
    TABLE.iter().flat_map(|entry| usage_words(entry.usage)).filter(|word| !known(word)).collect()
}

/// The words in small letters outside of quotes.
fn usage_words(usage: &str) -> impl Iterator<Item = &str> {
    let plain = usage.split('"').step_by(2);
    let words = plain.flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| word.len() > 1 && word.chars().all(|c| c.is_lowercase() || c == '_'))
}

/// The words of which one may follow the keyword.
fn choices(shape: Shape) -> &'static [&'static str] {
    match shape {
        Shape::Choice(words) => words,
        Shape::Policy => keyword::TEAM_KINDS,
        Shape::Grading => keyword::GRADINGS,
        Shape::Pays => keyword::PAYS,
        _ => &[],
    }
}

// ---- Building blocks -------------------------------------------------------------------------

fn include(name: &str) -> Value {
    json!({ "include": format!("#{name}") })
}

/// A pattern with one scope.
fn scoped(scope: &str, pattern: impl Into<String>) -> Value {
    json!({ "name": format!("{scope}.okr"), "match": pattern.into() })
}

/// A pattern with a scope for each of its groups.
fn grouped(pattern: impl Into<String>, scopes: &[&str]) -> Value {
    json!({ "match": pattern.into(), "captures": captures(scopes) })
}

fn captures(scopes: &[&str]) -> Value {
    let scope = |(at, scope): (usize, &&str)| {
        ((at + 1).to_string(), json!({ "name": format!("{scope}.okr") }))
    };
    Value::Object(scopes.iter().enumerate().map(scope).collect())
}

/// One of the words, sorted, none twice.
fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: BTreeSet<&str> = words.into_iter().collect();
    Vec::from_iter(words).join("|")
}

/// The words of the entries that `chosen` says yes to.
fn words_of(chosen: impl Fn(&Entry) -> bool) -> String {
    one_of(TABLE.iter().filter(|entry| chosen(entry)).map(|entry| entry.word))
}

// ---- Statements and fields -------------------------------------------------------------------

/// In the order in which they are tried: what says more about the words that follow comes first.
fn statements() -> Vec<Value> {
    let mut patterns = vec![dated(), added()];
    patterns.extend(TABLE.iter().filter_map(definition));
    patterns.extend(closed_lists());
    patterns.extend([rule_allowed(), unit_named()]);
    patterns
        .push(grouped(format!("{START}({}){END}", words_of(is_statement)), &["keyword.control"]));
    let fields =
        words_of(|entry| !entry.contexts.contains(&Context::Dated) && !is_statement(entry));
    patterns.push(grouped(format!("{START}({fields}){END}"), &["support.type.property-name"]));
    patterns
}

/// Whether the word says what happens, rather than what something is like.
fn is_statement(entry: &Entry) -> bool {
    defines(entry).is_none()
        && entry.contexts.iter().any(|it| matches!(it, Context::Plan | Context::Scenario))
}

/// `DATE checkin …`
fn dated() -> Value {
    let words = words_of(|entry| entry.contexts.contains(&Context::Dated));
    let pattern = format!("{START}({DATE}){GAP}({words}){END}");
    grouped(pattern, &["constant.other.date", "keyword.control.dated"])
}

/// `add initiative ID`
fn added() -> Value {
    let add = words_of(|entry| entry.shape == Shape::Add);
    let added = words_of(|entry| entry.shape == Shape::Entity(Context::Initiative));
    let pattern = format!("{START}({add}){GAP}({added})(?:{GAP}({ID}))?{END}");
    let name = format!("entity.name.type.{added}");
    grouped(pattern, &["keyword.control", "storage.type", &name])
}

/// For a statement that gives an id to something: what must follow the id.
fn defines(entry: &Entry) -> Option<&'static str> {
    match entry.shape {
        Shape::Period | Shape::Entity(_) | Shape::Metric | Shape::Scenario => {
            Some(r#"(?=[ \t]*")"#)
        }
        Shape::Bucket => Some(END),
        _ => None,
    }
}

/// `objective ID "…"`
fn definition(entry: &Entry) -> Option<Value> {
    let pattern = format!("{START}({}){GAP}({ID}){}", entry.word, defines(entry)?);
    Some(grouped(pattern, &["storage.type", &format!("entity.name.type.{}", entry.word)]))
}

/// `kind WORD` and the like; a word that is in several blocks takes the words of all of them.
fn closed_lists() -> Vec<Value> {
    let mut lists: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for entry in TABLE.iter().filter(|entry| !choices(entry.shape).is_empty()) {
        let scope =
            if is_statement(entry) { "keyword.control" } else { "support.type.property-name" };
        lists.entry(entry.word).or_insert((scope, BTreeSet::new())).1.extend(choices(entry.shape));
    }
    let pattern = |(word, (scope, list)): (&str, (&str, BTreeSet<&str>))| {
        let pattern = format!("{START}({word}){GAP}({}){END}", one_of(list));
        grouped(pattern, &[scope, "support.constant"])
    };
    lists.into_iter().map(pattern).collect()
}

/// `allow all-or-nothing "…"`
fn rule_allowed() -> Value {
    let allow = words_of(|entry| entry.shape == Shape::Allow);
    let pattern = format!("{START}({allow}){GAP}([a-z_][a-z0-9_]*(?:-[a-z0-9_]+)*)");
    grouped(pattern, &["support.type.property-name", "support.constant.rule"])
}

/// `unit ms`
fn unit_named() -> Value {
    let unit = words_of(|entry| entry.shape == Shape::Unit);
    let pattern = format!("{START}({unit}){GAP}(%|{LETTERS})");
    grouped(pattern, &["support.type.property-name", "keyword.other.unit"])
}

// ---- Values and formulas ---------------------------------------------------------------------

/// What may stand in a formula, and between the parts of a statement.
fn values() -> Vec<Value> {
    let mut patterns = vec![
        include("comment"),
        include("string"),
        include("parentheses"),
        scoped("constant.other.date", format!(r"\b{DATE}")),
        scoped("constant.language", r"\bn/a\b"),
        include("number"),
        function_call(),
        grouped(r"\b(late)[ \t]+([a-z]+)\b", &["keyword.other", "support.constant"]),
    ];
    patterns.extend(reserved());
    patterns.push(scoped("variable.other.path", format!(r"\b{ID}(?:\.{ID})*")));
    patterns.extend(signs());
    patterns
}

fn function_call() -> Value {
    let words = one_of(FUNCTIONS.iter().map(|entry| entry.word));
    scoped("support.function", format!(r"\b({words})(?=[ \t]*\()"))
}

/// The words of the language that may stand in the midst of a line.
fn reserved() -> Vec<Value> {
    let mut scopes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for word in keyword::RESERVED.iter().copied().chain(small_words()) {
        let scope = match word {
            "and" | "or" | "not" => "keyword.operator.logical",
            "done" | "open" | "rest" => "constant.language",
            _ => "keyword.other",
        };
        scopes.entry(scope).or_default().insert(word);
    }
    let pattern = |(scope, words): (&str, BTreeSet<&str>)| {
        scoped(scope, format!(r"\b(?:{})\b(?!\.[a-z_])", one_of(words)))
    };
    scopes.into_iter().map(pattern).collect()
}

fn signs() -> [Value; 9] {
    [
        scoped("keyword.operator.arrow", "->"),
        scoped("keyword.operator.range", r"\.\."),
        scoped("keyword.operator.comparison", "<=|>=|==|!=|<|>"),
        scoped("keyword.operator.assignment", "="),
        scoped("keyword.operator.arithmetic", r"[-+*/^]"),
        scoped("punctuation.section.block.begin", r"\{"),
        scoped("punctuation.section.block.end", r"\}"),
        scoped("punctuation.separator", ","),
        scoped("punctuation.terminator", ";"),
    ]
}

/// A region that may have many lines.
fn parentheses() -> Value {
    json!({
        "name": "meta.parentheses.okr",
        "begin": r"\(",
        "end": r"\)",
        "beginCaptures": { "0": { "name": "punctuation.section.parentheses.begin.okr" } },
        "endCaptures": { "0": { "name": "punctuation.section.parentheses.end.okr" } },
        "patterns": [include("value")],
    })
}

/// Ends with its line, closed or not.
fn string() -> Value {
    json!({
        "name": "string.quoted.double.okr",
        "begin": "\"",
        "end": "\"|$",
        "beginCaptures": { "0": { "name": "punctuation.definition.string.begin.okr" } },
        "endCaptures": { "0": { "name": "punctuation.definition.string.end.okr" } },
        "patterns": [
            scoped("constant.character.escape", r#"\\(?:["\\nt]|u\{[0-9A-Fa-f]{1,6}\})"#),
            scoped("invalid.illegal.escape", r"\\."),
        ],
    })
}

/// `$4.2M`, `65%`, `3kg`, `1_000 ms`: the sign, the digits, what is glued to them, the unit.
fn number() -> Value {
    let signs: String = CURRENCIES.iter().map(|(sign, _)| *sign).collect();
    let magnitudes: String = MAGNITUDES.iter().map(|(sign, _)| *sign).collect();
    let decimal = r"\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:e[+-]?\d+)?";
    let magnitude = format!(r"[{magnitudes}](?![\p{{L}}0-9_])");
    let reserved = one_of(keyword::RESERVED.iter().copied());
    let unit = format!(r"(?!(?:{reserved})\b)(?!{magnitude}){LETTERS}");
    let glued = format!("(%)|({magnitude})(?:{GAP}({unit}))?|[ \\t]*({unit})");
    grouped(
        format!(r"(?<![\p{{L}}0-9_])([{signs}])?({decimal})(?:{glued})?"),
        &[
            "keyword.other.unit.currency",
            "constant.numeric",
            "keyword.other.unit.percent",
            "constant.numeric.magnitude",
            "keyword.other.unit",
            "keyword.other.unit",
        ],
    )
}

// ---- Comments and commands -------------------------------------------------------------------

fn comment() -> Value {
    json!({
        "name": "comment.line.number-sign.okr",
        "match": "(#).*$",
        "captures": captures(&["punctuation.definition.comment"]),
    })
}

/// A `:` line, its words as in a shell.
fn command() -> Value {
    json!({
        "name": "meta.command.okr",
        "begin": r"(?:^|(?<=;))[ \t]*(:)([a-z][a-z0-9_-]*)",
        "end": "$",
        "beginCaptures": captures(&["punctuation.definition.command", "entity.name.function.command"]),
        "patterns": [
            scoped("comment.line.number-sign", r"(?<=[ \t])#.*$"),
            scoped("string.quoted.single", "'[^']*(?:'|$)"),
            include("string"),
            scoped("variable.parameter.option", r"(?<=[ \t])--?[A-Za-z][A-Za-z0-9-]*"),
            scoped("constant.other.date", format!(r"\b{DATE}")),
            include("number"),
            scoped("variable.other.path", format!(r"\b{ID}(?:\.{ID})*")),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls `see` with every member of every object.
    fn visit(value: &Value, see: &mut impl FnMut(&str, &Value)) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                see(name, member);
                visit(member, see);
            }),
            Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
            _ => {}
        }
    }

    #[test]
    fn every_include_names_a_rule() {
        let grammar = grammar();
        visit(&grammar, &mut |name, value| {
            if let ("include", Some(rule)) = (name, value.as_str()) {
                assert!(grammar["repository"].get(&rule[1..]).is_some(), "{rule}");
            }
        });
    }

    #[test]
    fn every_scope_ends_in_the_name_of_the_language() {
        visit(&grammar()["repository"], &mut |name, value| {
            if let ("name", Some(scope)) = (name, value.as_str()) {
                assert!(scope.ends_with(".okr") && !scope.contains(".."), "{scope}");
            }
        });
    }

    #[test]
    fn no_pattern_has_more_scopes_than_groups() {
        visit(&grammar(), &mut |_, value| {
            if let (Some(pattern), Some(captures)) =
                (value["match"].as_str(), value["captures"].as_object())
            {
                assert_eq!(groups(pattern), captures.len(), "{pattern}");
            }
        });
    }

    /// How many groups of a pattern take part in `captures`.
    fn groups(pattern: &str) -> usize {
        let plain = pattern.replace(r"\(", "");
        plain.matches('(').count() - plain.matches("(?").count()
    }

    #[test]
    fn small_words_are_few() {
        assert_eq!(Vec::from_iter(small_words()), ["extends", "uncapped"]);
    }

    #[test]
    fn every_word_of_the_table_is_there() {
        let text = text();
        let listed = |word: &str| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|it| it == word)
        };
        let words = TABLE.iter().map(|entry| entry.word);
        let words = words.chain(FUNCTIONS.iter().map(|entry| entry.word));
        for word in words.chain(keyword::RESERVED.iter().copied()) {
            assert!(listed(word) || listed(&format!("b{word}")), "{word}");
        }
    }
}
