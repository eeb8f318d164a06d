//! Linear layers: `y = x·Wᵀ + b`.

mod bayes;
mod plain;

pub use bayes::BayesLinear;
pub use plain::Linear;
