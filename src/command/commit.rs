//! `okr commit`: a scenario becomes the plan.

use super::{Call, Entry, Looks, Stands, Status, Subject, effect};
use crate::session::CommitFailure;
use crate::suggest;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "commit",
    about: "Writes a scenario's values into the base and removes it",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The scenario
    #[arg(value_name = "SCENARIO", required = true)]
    scenario: Option<String>,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let id = arguments.scenario.unwrap_or_default();
    if session.plan.scenario(&id).is_none() {
        let plan = &session.plan;
        let ids: Vec<&str> = plan.scenarios.iter().map(|it| plan.source(it.name)).collect();
        let help = match suggest::nearest(&id, ids.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if ids.is_empty() => "the plan has none".to_owned(),
            None => format!("there is {}", suggest::one_of(&ids)),
        };
        call.output.error(&format!("there is no scenario `{id}`; {help}"));
        return Status::Failed;
    }
    match session.commit_scenario(&id) {
        Ok(done) => {
            effect::show(call.output, session, &done);
            call.output.note(&format!("scenario {id} is the plan now"));
            Status::Done
        }
        Err(CommitFailure::Words(message)) => {
            call.output.error(&message);
            Status::Failed
        }
        Err(CommitFailure::Edit(failure)) => {
            effect::refused(call.output, &failure, "nothing was changed")
        }
    }
}
