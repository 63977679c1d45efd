//! A sign of life of what takes longer than half a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long work may take without a sign.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows progress until it is dropped.
pub(super) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

/// Shows a spinner on standard error if what follows takes longer than half a second.
pub(super) fn after_a_while(what: &str) -> Progress {
    let (done, waits) = channel::<()>();
    let what = what.to_owned();
    let spinner = std::thread::Builder::new().spawn(move || {
        if waits.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.set_message(what);
        while waits.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
            bar.tick();
        }
        bar.finish_and_clear();
    });
    Progress(spinner.ok().map(|thread| (done, thread)))
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            drop(done);
            // A spinner that broke is not worth a word.
            let _ = thread.join();
        }
    }
}
