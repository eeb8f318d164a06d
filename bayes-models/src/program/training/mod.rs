//! A training run: the loss of a batch, the loop over epochs, what is saved and told.

mod objective;
mod progress;
mod run;

pub use objective::{Objective, Task};
pub use progress::{Progress, Sums};
pub(super) use run::restore;
pub use run::{Ended, EpochReport, Files, Run, Watch};
