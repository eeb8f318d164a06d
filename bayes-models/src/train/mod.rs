//! Training: the loop that a plain classifier, its Bayesian twin and a Bayesian regression share, with its settings.
//!
//! All descend by Adam over shuffled batches; they differ in the loss of a batch only:
//!
//! - [`train_plain`]: the mean cross entropy;
//! - [`train_twin`]: the negative ELBO per example, each step with one draw of the weights;
//! - [`train_regression`]: the same of a twin that gives a mean and a variance.
//!
//! A model trains on the device that its weights are on.

mod descent;
mod device;
mod plain;
mod rate;
mod regression;
mod settings;
mod twin;

pub use descent::Taped;
pub use device::TrainingDevice;
pub use plain::train_plain;
pub use rate::LearningRate;
pub use regression::train_regression;
pub use settings::{Epoch, Schedule, Training};
pub use twin::train_twin;
