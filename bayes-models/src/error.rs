//! The error of the crate: data, training and evaluation.

use crate::data;
use bayes_core::dfdx::tensor::CpuError;

/// Why a model was not trained or evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The training set, or the size of its batches.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// The twin, its loss or its predictions.
    #[error(transparent)]
    Twin(#[from] bayes_core::Error),
    /// A setting of Adam, or gradients that are not finite.
    #[error(transparent)]
    Optimizer(#[from] bayes_core::optim::Error),
    /// Probabilities or labels that a metric cannot take.
    #[error(transparent)]
    Metric(#[from] bayes_core::metrics::MetricError),
    /// A label that is no class.
    #[error("label {label} at position {position}: expected a class below {classes}")]
    Label {
        /// Which label of the batch.
        position: usize,
        /// The label.
        label: usize,
        /// The number of classes.
        classes: usize,
    },
    /// Pixels that are not whole images.
    #[error(
        "expected whole images of 64 pixels, found {pixels} pixels; cut the buffer at an image"
    )]
    Pixels {
        /// The number of pixels.
        pixels: usize,
    },
    /// Outputs that are not means and as many variances.
    #[error(
        "expected as many log variances as means, found {outputs} outputs: classifiers have neither"
    )]
    Halves {
        /// The outputs of an example.
        outputs: usize,
    },
    /// A loss that is not a finite number.
    #[error("the loss of epoch {epoch} is {loss}: the run diverged; lower the learning rate")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// Its loss.
        loss: f64,
    },
    /// The device failed, for example for lack of memory.
    #[error("the device failed: {0}")]
    Device(String),
    /// A model without weights to train.
    #[error("expected a model with weights to train, found none")]
    NoWeights,
}

impl Error {
    /// Wraps an error of a dfdx device.
    pub fn device(error: impl std::fmt::Display) -> Self {
        Self::Device(error.to_string())
    }
}

impl From<CpuError> for Error {
    fn from(error: CpuError) -> Self {
        Self::device(error)
    }
}

#[cfg(feature = "cuda")]
impl From<bayes_core::dfdx::tensor::CudaError> for Error {
    fn from(error: bayes_core::dfdx::tensor::CudaError) -> Self {
        Self::device(error)
    }
}
