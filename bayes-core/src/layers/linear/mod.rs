//! Linear layers: `y = x·Wᵀ + b`, and the same without b.

mod bayes;
mod plain;

pub use bayes::{BayesLinear, BayesUnbiasedLinear};
pub use plain::{Linear, UnbiasedLinear};
