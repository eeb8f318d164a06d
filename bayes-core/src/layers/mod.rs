//! Layers: each folder holds the plain layer, its Bayesian twin, and how the builder maps to both.

mod activation;
mod bias2d;
mod conv2d;
mod dropout;
mod flatten;
mod linear;
mod norm;
mod pool;
mod variational_layer;

/// Builder forms: a network's structure without a number type or device.
///
/// `Linear`, `BatchNorm2D`, `Bias2D`, `AvgPoolGlobal`, `Dropout` and the activations are dfdx's own builders.
pub mod builders {
    pub use super::conv2d::builder::Conv2D;
    pub use super::flatten::Flatten;
    pub use super::pool::{AvgPool2D, MaxPool2D};
    pub use dfdx::nn::builders::{
        AvgPoolGlobal, BatchNorm2D, Bias2D, Dropout, DropoutOneIn, Linear,
    };
}

/// Layers on a device, plain and Bayesian.
pub mod modules {
    pub use super::bias2d::{BayesBias2D, Bias2D};
    pub use super::conv2d::{BayesConv2D, Conv2D};
    pub use super::flatten::Flatten;
    pub use super::linear::{BayesLinear, Linear};
    pub use super::norm::BatchNorm2D;
    pub use super::pool::{AvgPool2D, AvgPoolGlobal, MaxPool2D};
}

use dfdx::prelude::{Dtype, Shape, Tensor};
use dfdx::shapes::HasShape;

/// A tensor's shape.
pub(crate) fn shape_of<S: Shape, E: Dtype, D: dfdx::prelude::Device<E>, T>(
    x: &Tensor<S, E, D, T>,
) -> S {
    *x.shape()
}
