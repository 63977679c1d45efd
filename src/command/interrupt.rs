//! Ctrl-C while a command runs at the prompt.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether somebody has pressed Ctrl-C. The prompt sets it, and takes it back with the next line.
pub fn interrupted() -> &'static AtomicBool {
    &INTERRUPTED
}

/// Whether long work goes on: nobody has pressed Ctrl-C.
pub(super) fn goes_on() -> bool {
    !INTERRUPTED.load(Ordering::Relaxed)
}

/// The same for work that tells how far it is.
pub(super) fn watched<N>(_done: N, _of: N) -> ControlFlow<()> {
    if goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}
