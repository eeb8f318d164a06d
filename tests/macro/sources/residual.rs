//! Containers and a const parameter, with nothing stated but the input.

use bayes_core::prelude::*;

#[bayesian(input = (C, 6, 6))]
pub(crate) struct Residual2<const C: usize> {
    pub(crate) block: Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
    pub(crate) flatten: Flatten,
    pub(crate) fc: Linear<72, 3>,
}
