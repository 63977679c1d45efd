//! `:scenario`: goes into a scenario, or back to the base.

use super::call::no_such;
use super::{BASE, Call, Entry, Looks, Stands, Status, Subject};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "scenario",
    about: "Looks at the plan, and edits it, in a scenario from now on; `base` leaves it",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The scenario, or `base`; without it, all are listed
    #[arg(value_name = "SCENARIO")]
    id: Option<String>,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let plan = &session.plan;
    let ids = || plan.scenarios.iter().map(|it| plan.source(it.name));
    match arguments.id.as_deref() {
        None => {
            let mut text = String::new();
            let here = session.view.scenario.as_deref().unwrap_or(BASE);
            let titles = plan.scenarios.iter().map(|it| plan.text(it.title));
            let all = ids().zip(titles);
            for (id, title) in [(BASE, "the plan as it is".to_owned())].into_iter().chain(all) {
                let mark = if id == here { "*" } else { " " };
                text.push_str(&format!(
                    "{mark} {id}  {}\n",
                    crate::report::style::one_line(&title)
                ));
            }
            call.output.result(&text);
        }
        Some(BASE) => session.view.scenario = None,
        Some(id) if plan.scenario(id).is_some() => session.view.scenario = Some(id.to_owned()),
        Some(id) => {
            call.output.error(&no_such("scenario", id, &ids().collect::<Vec<_>>()));
            return Status::Failed;
        }
    }
    Status::Done
}
