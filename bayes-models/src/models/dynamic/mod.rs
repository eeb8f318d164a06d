//! Models whose types are known at run time only: trait objects over the plain models, their twins and their int8 forms.
//!
//! A program that takes the model's name from its user calls these; each model's code is compiled once, here.

mod bayes;
mod dispatch;
mod error;
mod examples;
mod flat;
mod model;
mod net;
mod open;
mod optimizer;
mod plain;
mod predictions;
mod quant;
mod settings;
mod start;
mod trainable;
mod traits;

pub(super) use dispatch::{bayes_parameters, load_int8, parameters, plain};
pub use error::Error;
pub use examples::Examples;
pub use open::Saved;
pub use optimizer::Optimizer;
pub use settings::{Drawing, Form, Start, Step, StepLoss, TensorInfo};
pub use traits::{BayesModel, LossFn, PlainModel, Predictor, QuantModel, Scalar, Trainable};
