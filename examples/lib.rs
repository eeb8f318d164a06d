//! Programs of one page; each answers a question that a user has.

use anyhow::Result;
use bayes_models::Error;
use bayes_models::train::{Epoch, Schedule, Training};
use indicatif::{ProgressBar, ProgressStyle};

/// Runs `train` with the settings of the regressions, 32 examples a step at 1e-2 and down along a cosine, and a bar on a
/// terminal.
///
/// # Errors
/// Those of `train`.
pub fn with_a_bar(
    epochs: usize,
    seed: u64,
    train: impl FnOnce(&Training, &mut dyn FnMut(Epoch)) -> Result<(), Error>,
) -> Result<()> {
    let style = "{wide_bar} epoch {pos}/{len}  loss {msg}  {eta} left";
    let bar = ProgressBar::new(epochs as u64).with_style(ProgressStyle::with_template(style)?);
    let training = Training {
        epochs,
        batch_size: 32,
        learning_rate: 1e-2,
        schedule: Schedule::Cosine,
        seed,
    };
    train(&training, &mut |epoch| {
        bar.set_message(format!("{:.3}", epoch.loss));
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    Ok(())
}
