//! What an attribute says of the layers below it, as a type.

use crate::estimator::{Estimator, Flipout};
use crate::posterior::{Family, Init, Rho};
use crate::prior::{Gaussian, Prior, Std};
use std::fmt;

/// Estimator, prior, posterior and MOPED of a twin's layers.
///
/// `#[bayesian]` writes one type per struct (and per field with keys of its own) that states what the attribute
/// states and inherits the rest from the configuration around it.
pub trait Config: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// How noise enters a layer's output.
    type Estimator: Estimator;
    /// The kind of the prior.
    type Prior: Prior;
    /// What is believed of a weight before the data.
    const PRIOR: Self::Prior;
    /// The family of the posterior, and where it starts.
    const POSTERIOR: Family;
    /// MOPED's delta: posterior and prior are set from pretrained weights where it is there.
    const MOPED: Option<f64>;
    /// How the tensors start where no pretrained weights are given.
    const INIT: Init;
}

/// What holds where no attribute says otherwise: `N(0, 1)` prior, Flipout, a mean-field posterior with sigma and mu by
/// the fan-in, no MOPED.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults;

impl Config for Defaults {
    type Estimator = Flipout;
    type Prior = Gaussian;
    const PRIOR: Gaussian = Gaussian::new(0.0, Std::Value(1.0));
    const POSTERIOR: Family = Family::mean_field(Rho::FanIn);
    const MOPED: Option<f64> = None;
    const INIT: Init = Init::FanIn;
}
