//! What a program with a Bayesian model names: dfdx's prelude, our layers in builder form, the attribute and the
//! functions around it.

pub use crate::attribute::bayesian;
pub use crate::check_shapes;
pub use crate::device::{Constant, Kernels};
pub use crate::draw::Key;
pub use crate::elbo::{KlSchedule, elbo_loss};
pub use crate::error::Error;
pub use crate::estimator::{Flipout, LocalReparameterization, Reparameterization};
pub use crate::kl::{kl, kl_in, kl_per_layer};
pub use crate::layers::builders::{
    AdaptiveAvgPool1D, AdaptiveAvgPool2D, AdaptiveAvgPool3D, AdaptiveMaxPool1D, AdaptiveMaxPool2D,
    AdaptiveMaxPool3D, AvgPool1D, AvgPool2D, AvgPool3D, BatchNorm3D, Bias1D, Bias3D, Concat,
    Conv1D, Conv2D, Conv3D, ConvTrans1D, ConvTrans2D, ConvTrans3D, Flatten, Flatten1D, Flatten3D,
    GRU, GroupNorm, GroupNorm1D, GroupNorm2D, GroupNorm3D, LSTM, LastOutput, MaxPool1D, MaxPool2D,
    MaxPool3D, MeanSteps, Outputs, PadChannels, PositionalEncoding, Subsample, Unflatten,
    Unflatten1D, Unflatten3D,
};
pub use crate::layers::{FitTo, join};
pub use crate::predict::{Classification, Draws, GaussianOutputs, Regression, predict};
pub use crate::shape::Rule;
pub use crate::twin::{Bayesian, Bind, Config, Draw, FromPretrained, Spec, Twin};
pub use dfdx::prelude::*;
