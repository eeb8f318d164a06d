//! Estimators: how a layer's noise enters its output.

mod kind;

pub use kind::{Estimator, EstimatorKind, Flipout, LocalReparameterization, Reparameterization};
