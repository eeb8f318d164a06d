//! Evaluation: how good a classifier's probabilities are, and what its posterior costs.

mod classifier;
mod elbo;

pub use classifier::{Evaluation, Sampling, evaluate};
pub use elbo::Elbo;
