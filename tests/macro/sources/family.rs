//! A family of three: one parameter, and a key whose values are named in a list.

use bayes_core::prelude::*;

/// A classifier of four measurements.
#[bayesian(input = (4), members(
    /// Enough for most.
    Small = <4>,
    Wide = <16>(moped = [Sure: 0.01, Unsure: 0.5]),
))]
pub struct Family<const H: usize> {
    pub fc1: Linear<4, H>,
    pub act: ReLU,
    pub fc2: Linear<H, 3>,
}
