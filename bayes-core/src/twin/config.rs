//! What an attribute says of the layers below it, as a type.

use crate::estimator::{Estimator, Flipout};
use crate::posterior::MeanField;
use crate::prior::{Gaussian, Std};
use std::fmt;

/// Estimator, prior, posterior and MOPED of a twin's layers.
///
/// `#[bayesian]` writes one type per struct (and per field with keys of its own) that states what the attribute
/// states and inherits the rest from the configuration around it.
pub trait Config: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// How noise enters a layer's output.
    type Estimator: Estimator;
    /// What is believed of a weight before the data.
    const PRIOR: Gaussian;
    /// Where the posterior starts.
    const POSTERIOR: MeanField;
    /// MOPED's delta: posterior and prior are set from pretrained weights where it is there.
    const MOPED: Option<f64>;
}

/// What holds where no attribute says otherwise: `N(0, 1)` prior, Flipout, rho = −3, no MOPED.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults;

impl Config for Defaults {
    type Estimator = Flipout;
    const PRIOR: Gaussian = Gaussian::new(0.0, Std::Value(1.0));
    const POSTERIOR: MeanField = MeanField::new(-3.0);
    const MOPED: Option<f64> = None;
}
