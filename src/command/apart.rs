//! A command that Ctrl-C can stop: it runs on a thread of its own, with the plan, and is left alone
//! when somebody does not want to wait for it any more. The prompt then goes on with the plan as it
//! was before.

use super::{Call, Entry, Output, Status, Then, interrupted};
use crate::session::Session;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::Duration;

/// How often Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(20);

/// The stack of the thread, in bytes: as much as the main thread has, and more.
const STACK: usize = 16 << 20;

/// What a command needs on its way.
pub(super) struct Errand {
    pub entry: &'static Entry,
    pub matches: clap::ArgMatches,
    pub common: super::Common,
    pub stand: super::Stand,
    pub prompt: super::Prompt,
}

impl Errand {
    /// Does it here.
    pub fn here(&self, session: &mut Session, output: &mut Output) -> (Status, Then) {
        let mut call = Call {
            matches: &self.matches,
            common: self.common.clone(),
            session: Some(session),
            output,
            stand: self.stand,
            then: Then::GoOn,
            prompt: self.prompt,
        };
        let status = (self.entry.run)(&mut call);
        (status, call.then)
    }

    /// Does it on a thread of its own.
    pub fn apart(self, session: &mut Session, output: &mut Output) -> (Status, Then) {
        let spare = session.spare();
        let mut plan = std::mem::replace(session, spare);
        let mut streams = output.hand_over();
        let (done, waits) = channel();
        let work = move || {
            let (status, then) = self.here(&mut plan, &mut streams);
            // Nobody listens any more if somebody has pressed Ctrl-C.
            let _ = done.send((status, then, plan, streams));
        };
        if let Err(error) = Builder::new().stack_size(STACK).spawn(work) {
            output.error(&format!("the command cannot be started: {error}"));
            return (Status::Refused, Then::GoOn);
        }
        loop {
            match waits.recv_timeout(TICK) {
                Ok((status, then, plan, streams)) => {
                    *session = plan;
                    output.take_back(streams);
                    return (status, then);
                }
                Err(RecvTimeoutError::Timeout) if !interrupted().load(Ordering::Relaxed) => {}
                Err(RecvTimeoutError::Timeout) => {
                    output.silence_the_other();
                    output.note("stopped");
                    return (Status::Failed, Then::GoOn);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    output.error("the command broke down; the plan is as it was before");
                    return (Status::Failed, Then::GoOn);
                }
            }
        }
    }
}
