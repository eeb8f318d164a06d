//! Models, written with `#[bayesian]`: each has a plain form, a Bayesian twin and an int8 form.
//!
//! | models | module |
//! |---|---|
//! | multilayer perceptrons for classes and for numbers | [`mlp`] |
//! | LeNet-5, bayesian-torch's simple CNN, a small CNN for 8×8 digits and the same with dropout | [`lenet`], [`scnn`], [`digits`], [`digits_dropout`] |
//! | CIFAR ResNet-20, 32, 44, 56 and 110 | [`resnet_cifar`] |
//! | torchvision's ResNet-18, 34, 50, 101 and 152 | [`resnet`] |
//! | a recurrent forecaster | [`lstm`] |
//! | a small transformer | [`transformer`] |
//!
//! They are structs like any other. With the feature `program` all of them are known by name, too.

#[cfg(feature = "program")]
mod architecture;
pub mod digits;
pub mod digits_dropout;
#[cfg(feature = "program")]
mod dynamic;
pub mod lenet;
pub mod lstm;
pub mod mlp;
pub(crate) mod names;
pub mod resnet;
pub mod resnet_cifar;
pub mod scnn;
#[cfg(feature = "program")]
mod task;
pub mod transformer;

#[cfg(feature = "program")]
pub use architecture::{Architecture, UnknownArchitecture};
#[cfg(feature = "program")]
pub use dynamic::{
    BayesModel, Drawing, Error, Examples, Form, LossFn, Optimizer, PlainModel, Predictor,
    QuantModel, Saved, Scalar, Start, Step, StepLoss, TensorInfo, Trainable,
};
#[cfg(feature = "program")]
pub use task::{Input, Task};
