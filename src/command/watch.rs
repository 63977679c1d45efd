//! `:watch`: grades again whenever a file of the plan changes.

use super::interrupt::goes_on;
use super::reload::may_drop;
use super::{Call, Common, Entry, Stands, Status, Subject, effect};
use crate::report::scorecard::{Part, scorecard};
use crate::report::text;
use clap::Args;
use notify::{RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub(super) const ENTRY: Entry = Entry {
    name: "watch",
    about: "Grades again whenever a file of the plan changes; Ctrl-C ends it",
    subject: Subject::Own,
    stands: Stands::PROMPT,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// Drops unsaved changes without asking
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    common: Common,
}

/// How often Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(100);

/// An editor saves in several steps; what comes within this time is one change.
const SETTLING: Duration = Duration::from_millis(60);

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if !call.output.asks {
        call.output
            .error("`:watch` waits for somebody to end it, so it stands at a terminal alone");
        return Status::Usage;
    }
    if !may_drop(call, arguments.force, "watch") {
        return Status::Failed;
    }
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    if !session.has_file() {
        call.output.error("the plan has no file yet; `:save q1.okr` gives it one");
        return Status::Failed;
    }
    let (watcher, changes) = match watch(&session.paths()) {
        Ok(watching) => watching,
        Err(error) => {
            call.output.error(&format!("the files cannot be watched: {error}"));
            return Status::Refused;
        }
    };
    card(call);
    call.output.note("watching; Ctrl-C ends it");
    while goes_on() {
        if changes.recv_timeout(TICK).is_err() {
            continue;
        }
        while changes.recv_timeout(SETTLING).is_ok() {}
        again(call);
    }
    drop(watcher);
    Status::Done
}

/// Watches the folders of the files: an editor may put a new file in the place of the old one.
fn watch(paths: &[PathBuf]) -> notify::Result<(notify::RecommendedWatcher, Receiver<()>)> {
    let (changed, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // Nobody listens any more once the watch has ended.
            let _ = changed.send(());
        }
    })?;
    let folder = |path: &PathBuf| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => Path::new(".").to_owned(),
    };
    for folder in paths.iter().map(folder).collect::<BTreeSet<_>>() {
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    }
    Ok((watcher, changes))
}

/// Reads the files again, if they have changed, and shows what that did.
fn again(call: &mut Call<'_>) {
    let Some(session) = call.session.as_mut() else { return };
    if !session.changed_on_disk() {
        return;
    }
    match session.reload() {
        Ok(done) => {
            card(call);
            if let Some(session) = &call.session {
                effect::show(call.output, session, &done);
            }
        }
        Err(error) => call.output.error(&error.to_string()),
    }
}

fn card(call: &mut Call<'_>) {
    let Some(session) = call.session.as_mut() else { return };
    let style = call.output.style();
    let shown = text::scorecard(&scorecard(session.computed(), Part::All), &style);
    call.output.result(&shown);
}
