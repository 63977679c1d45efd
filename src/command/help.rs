//! `:help`: the commands, one command, or a word of the language.

use super::{Call, Entry, Stand, Stands, Status, Subject, entries, entry};
use crate::plan::cell::CELLS;
use crate::suggest;
use crate::syntax::keyword::{self, FUNCTIONS};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "help",
    about: "The commands; or what a command, a keyword, a function or a cell means",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// A command, or a word of the language: `grade`, `kr`, `clamp`, `pace`
    #[arg(value_name = "COMMAND")]
    word: Option<String>,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let word = arguments.word.as_deref().map(|word| word.trim_start_matches(':'));
    let text = match word {
        None => Some(overview(call.stand)),
        Some(word) => explained(word, call.stand),
    };
    let Some(text) = text else {
        let word = word.unwrap_or_default();
        let names = entries(call.stand).map(|entry| entry.name);
        let words = names.chain(keyword::TABLE.iter().map(|entry| entry.word));
        let help = match suggest::nearest(word, words) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`:help` lists the commands".into(),
        };
        call.output.error(&format!("there is no help on `{word}`; {help}"));
        return Status::Failed;
    };
    call.output.result(&text);
    Status::Done
}

fn overview(stand: Stand) -> String {
    let mut text = String::from(
        "Type a statement to add it to the plan, a formula to see its value, or a command:\n\n",
    );
    let rows: Vec<_> = entries(stand).map(|entry| (entry.usage(), entry.about)).collect();
    let width = rows.iter().map(|(usage, _)| usage.chars().count()).max().unwrap_or(0).min(28);
    for (usage, about) in rows {
        text.push_str(&format!("  {usage:width$}  {about}\n"));
    }
    text.push_str("\n`:help COMMAND` says more; `:help kr` and the like tell what a word means.\n");
    text
}

/// What a word means, as a command and in the language.
fn explained(word: &str, stand: Stand) -> Option<String> {
    let mut text = String::new();
    if let Some(entry) = entry(word).filter(|entry| entry.stands.at(stand)) {
        text.push_str(&entry.line().render_long_help().to_string());
    }
    for entry in keyword::TABLE.iter().filter(|entry| entry.word == word) {
        let contexts: Vec<&str> = entry.contexts.iter().map(|context| context.words()).collect();
        let within = contexts.join(", ");
        text.push_str(&format!("{}\n    in {within}: {}\n", entry.usage, entry.doc));
    }
    for entry in FUNCTIONS.iter().filter(|entry| entry.word == word) {
        text.push_str(&format!("{}\n    a function: {}\n", entry.usage, entry.doc));
    }
    for entry in CELLS.iter().filter(|entry| entry.word == word) {
        text.push_str(&format!(".{}\n    of {}: {}\n", entry.word, entry.kind.words(), entry.doc));
    }
    (!text.is_empty()).then_some(text)
}
