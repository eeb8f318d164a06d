//! Ctrl-C: the first one asks the run to save and end, the second one ends it.

use super::Failure;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// What becomes true when the user, or who ends the process with SIGTERM, asks for an end.
///
/// # Errors
/// A system that takes no handler.
pub fn asked() -> Result<&'static AtomicBool, Failure> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
        tell!("ending after this step; once more ends at once, and loses the running epoch");
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::Failed(format!("Ctrl-C cannot be watched: {error}")))?;
    Ok(&ASKED)
}
