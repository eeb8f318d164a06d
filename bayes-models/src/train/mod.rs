//! Training: the loop that a plain classifier and its Bayesian twin share, with its settings.
//!
//! Both descend by Adam over shuffled batches; they differ in the loss of a batch only:
//!
//! - [`train_plain`]: the mean cross entropy;
//! - [`train_twin`]: the negative ELBO per example, each step with one draw of the weights.

mod descent;
mod plain;
mod rate;
mod settings;
mod twin;

pub use descent::Taped;
pub use plain::train_plain;
pub use rate::LearningRate;
pub use settings::{Epoch, Schedule, Training};
pub use twin::train_twin;
