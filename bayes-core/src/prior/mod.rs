//! Priors: what is believed of a weight before the data.

mod gaussian;

pub use gaussian::{Gaussian, Std};
