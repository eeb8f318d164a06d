//! The error of the crate: what was expected, what was found, and what to do.

use crate::estimator::EstimatorKind;
use crate::shape::{Extent, Mismatch};

/// What can go wrong when a twin is made or asked for a prediction.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input does not fit the model.
    #[error("{0}")]
    Shape(Box<Mismatch>),
    /// A tensor that a layer cannot take, met while the layer ran.
    #[error("`{layer}` takes {takes}, but got {got}")]
    Input {
        /// What kind of layer.
        layer: &'static str,
        /// What it takes.
        takes: String,
        /// What it got.
        got: String,
    },
    /// A structure that cannot be planned, or a plan that cannot run.
    #[error("`{layer}`: {problem}")]
    Structure {
        /// The layer's dotted name.
        layer: String,
        /// What is wrong.
        problem: String,
    },
    /// Local reparameterisation was asked for a second use of one layer in one forward pass.
    #[error(
        "a layer with LocalReparameterization was used twice in one forward pass: its noise would not be shared; \
         use Reparameterization or Flipout for it, or ask for `draws()`"
    )]
    UsedTwice,
    /// A number that must be positive and finite.
    #[error("{name} must be {must}, not {found}")]
    Number {
        /// Its name.
        name: &'static str,
        /// What is allowed.
        must: &'static str,
        /// What was given.
        found: f64,
    },
    /// A weight that is not a number.
    #[error("`{tensor}` holds {found} at element {element}: a twin is made of finite weights only")]
    NotFinite {
        /// The tensor's dotted name.
        tensor: String,
        /// Which element, row-major.
        element: usize,
        /// What it holds.
        found: f64,
    },
    /// An estimator, named for a prediction, that cannot draw a layer.
    #[error("{estimator} cannot draw this model, because {because}: ask for Reparameterization")]
    Estimator {
        /// The estimator.
        estimator: EstimatorKind,
        /// Why not.
        because: &'static str,
    },
    /// A divergence without a closed form.
    #[error(
        "the KL of `{tensor}` from {prior} has no closed form: sample it with `kl_in(key)`, the key that of the \
         forward pass"
    )]
    SampledKl {
        /// The tensor's dotted name.
        tensor: String,
        /// Its prior.
        prior: String,
    },
    /// The divergence of a model in which nothing is Bayesian.
    #[error("the model has no posterior: every field is skipped or holds no weights")]
    NoPosterior,
    /// A prediction from nothing.
    #[error("a prediction needs at least 1 {what}, not 0")]
    Empty {
        /// Samples or rows.
        what: &'static str,
    },
    /// Outputs, labels or targets that a metric or a loss cannot take, for example because a weight is not a number.
    #[error(transparent)]
    Metric(#[from] crate::metrics::MetricError),
    /// A device that is not there, or whose name is none.
    #[error("{problem}")]
    NoDevice {
        /// The sentence.
        problem: String,
    },
    /// The device failed, for example for lack of memory.
    #[error("the device failed: {0}")]
    Device(String),
}

impl Error {
    /// Wraps an error of a dfdx device.
    pub fn device(error: impl std::fmt::Display) -> Self {
        Self::Device(error.to_string())
    }

    /// A shape that does not fit, with a sentence naming both.
    pub(crate) fn input(
        layer: &'static str,
        takes: impl ToString,
        got: impl std::fmt::Debug,
    ) -> Self {
        Self::Input {
            layer,
            takes: takes.to_string(),
            got: format!("{got:?}"),
        }
    }
}

impl From<Mismatch> for Error {
    fn from(mismatch: Mismatch) -> Self {
        Self::Shape(Box::new(mismatch))
    }
}

/// The size of one example, as [`Extent`] prints it, of a tensor's dimensions without its batch.
pub(crate) fn extent(dims: &[usize]) -> Extent {
    match *dims {
        [features] => Extent::Vector(Some(features)),
        [first, last] => Extent::Pair(Some(first), Some(last)),
        [channels, depth, height, width] => {
            Extent::Volume(Some(channels), Some([depth, height, width]))
        }
        [channels, height, width] => Extent::Image(Some(channels), Some((height, width))),
        _ => Extent::Unknown,
    }
}

/// The number of examples of a shape whose layer does not know what it stands for: the first dimension of two or four,
/// else 1. Images without a batch and sequences with one both have three; these count as one example.
pub(crate) fn batch<S: dfdx::prelude::Shape>(shape: &S) -> usize {
    let dims = shape.concrete();
    if S::NUM_DIMS.is_multiple_of(2) && S::NUM_DIMS > 0 {
        dims[0]
    } else {
        1
    }
}
