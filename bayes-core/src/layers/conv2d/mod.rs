//! Two-dimensional convolution.

mod bayes;
mod plain;

pub use bayes::BayesConv2D;
pub use plain::{Conv2D, builder};
