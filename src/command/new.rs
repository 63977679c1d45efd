//! `okr new`: a commented starter plan.

use super::load::load;
use super::reload::may_drop;
use super::{Call, Entry, Looks, Stands, Status, Subject};
use crate::session::Session;
use crate::syntax::edit::write_new;
use clap::{Args, ValueEnum};
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "new",
    about: "A commented starter plan",
    subject: Subject::Own,
    stands: Stands::NOT_SCRIPTS,
    augment: Arguments::augment_args,
    run,
};

/// A starter plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// A team's quarter, every part explained
    #[default]
    Starter,
    /// The least that has a grade
    Minimal,
    /// A business-as-usual team: bounds to keep, guardrails
    Bau,
    /// An innovation team: milestones and learning
    Innovation,
    /// A platform team: internal users, capacity in buckets
    Platform,
}

impl Template {
    /// The plan's text.
    pub fn text(self) -> &'static str {
        match self {
            Template::Starter => include_str!("templates/starter.okr"),
            Template::Minimal => include_str!("templates/minimal.okr"),
            Template::Bau => include_str!("templates/bau.okr"),
            Template::Innovation => include_str!("templates/innovation.okr"),
            Template::Platform => include_str!("templates/platform.okr"),
        }
    }
}

#[derive(Args, Default)]
struct Arguments {
    /// The file to write, which must not exist yet; without it, standard output or, at the prompt,
    /// a plan without a file
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Which plan to begin with
    #[arg(long, value_enum, default_value_t, value_name = "T")]
    template: Template,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let text = arguments.template.text();
    let file = arguments.file.filter(|file| file != "-");
    if call.session.is_some() && !may_drop(call, false, "") {
        return Status::Failed;
    }
    let Some(file) = file else { return unnamed(call, text) };
    match write_new(Path::new(&file), text.as_bytes(), false) {
        Ok(()) if call.session.is_some() => load(call, &file),
        Ok(()) => {
            call.output.note(&format!("{file}: written; look at it with `okr grade {file}`"));
            Status::Done
        }
        Err(error) => {
            call.output.error(&error.to_string());
            Status::Refused
        }
    }
}

/// Prints the plan, or at the prompt puts it, without a file, in the place of the loaded one.
fn unnamed(call: &mut Call<'_>, text: &str) -> Status {
    let Some(session) = call.session.as_mut() else {
        call.output.result(text);
        return Status::Done;
    };
    session.replace(Session::unnamed());
    match session.add(text) {
        Ok(_) => {
            call.output
                .note("a new plan without a file: `:show` prints it, `:save q1.okr` writes it");
            Status::Done
        }
        Err(_) => Status::Failed,
    }
}
