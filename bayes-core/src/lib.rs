//! Bayesian deep learning on [dfdx](https://docs.rs/dfdx/0.13).

pub mod checkpoint;
pub mod device;
pub mod draw;
pub mod elbo;
mod error;
pub mod estimator;
pub mod kernels;
pub mod kl;
pub mod layers;
pub mod metrics;
pub mod optim;
pub mod posterior;
pub mod predict;
pub mod prelude;
pub mod prior;
pub mod shape;
pub mod twin;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use bayes_macros::bayesian;
pub use dfdx;
pub use error::Error;
