//! Models, written with `#[bayesian]`: each has a plain form, a Bayesian twin and an int8 form.
//!
//! | models | module |
//! |---|---|
//! | multilayer perceptrons for classes and for numbers | [`mlp`] |
//! | LeNet-5, bayesian-torch's simple CNN, a small CNN for 8×8 digits | [`lenet`], [`scnn`], [`digits`] |
//! | CIFAR ResNet-20, 32, 44, 56 and 110 | [`resnet_cifar`] |
//! | torchvision's ResNet-18, 34, 50, 101 and 152 | [`resnet`] |
//! | a recurrent forecaster | [`lstm`] |
//! | a small transformer | [`transformer`] |
//!
//! As types they are structs like any other. Residual nets by name are of the feature `deep`: the compiler takes minutes for
//! all that a program may ask of them. By name, [`Architecture`] knows all of them, and builds one behind a trait
//! object, so that a program names no types:
//!
//! ```
//! use bayes_models::models::{Architecture, Drawing, Examples, Start};
//!
//! let architecture: Architecture = "mlp-digits".parse()?;
//! let net = architecture.plain(0)?;
//! let twin = net.bayes(&Start::default())?;
//! let pixels = [0.5; 2 * 64];
//! let seen = twin.classify(Examples::new(2, &pixels)?, &Drawing::default())?;
//! assert_eq!((seen.classes, seen.predicted().len()), (10, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod architecture;
pub mod digits;
mod dynamic;
pub mod lenet;
pub mod lstm;
pub mod mlp;
pub mod resnet;
pub mod resnet_cifar;
pub mod scnn;
mod task;
pub mod transformer;

pub use architecture::{Architecture, UnknownArchitecture};
pub use dynamic::{
    BayesModel, Drawing, Error, Examples, Form, LossFn, Optimizer, Outputs, PlainModel, Posterior,
    Predictor, QuantModel, Saved, Scalar, Start, Step, StepLoss, TensorInfo, Trainable, gaussian,
};
pub use task::{Input, Task};
