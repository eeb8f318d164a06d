//! Bayesian deep learning on [dfdx](https://docs.rs/dfdx/0.13): the attribute [`bayesian`] and everything that its
//! output calls.
//!
//! ```
//! use bayes_core::prelude::*;
//!
//! #[bayesian(input = (4), moped = 0.2)]
//! struct Net {
//!     fc1: Linear<4, 16>,
//!     act: ReLU,
//!     fc2: Linear<16, 3>,
//! }
//!
//! let dev = Cpu::seed_from_u64(0);
//! let net = dev.build_module::<Net, f32>();
//! let bayes = BayesNet::from_pretrained(&net)?;
//! let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
//! let seen = bayes.predict(x, 32, 7).classify()?;
//! assert_eq!(seen.predicted().len(), 5);
//! # Ok::<(), Error>(())
//! ```
//!
//! | to | see |
//! |---|---|
//! | make a model Bayesian | [`bayesian`] |
//! | name layers, estimators, dfdx | [`prelude`] |
//! | predict, with uncertainty | [`predict::predict`] |
//! | train | [`elbo::elbo_loss`], [`kl`], [`losses`], [`optim`] |
//! | calibrate, give sets and intervals | [`calibration`] |
//! | save and load | [`checkpoint::Checkpoint`] |
//! | predict in 8-bit integers | [`int8`] |
//! | measure | [`metrics`] |
//! | choose a model of a family by its name | [`members`] |
//! | prune | [`prune`] |
//! | write a layer of your own | [`twin::Deterministic`], [`twin::Spec`] |
//! | know what a draw is | [`draw`] |

#![allow(
    clippy::type_complexity,
    reason = "a tensor's type names its shape, number, device and tape"
)]

mod attribute;
pub mod calibration;
mod cast;
pub mod checkpoint;
pub mod device;
pub mod draw;
pub mod elbo;
mod error;
pub mod estimator;
pub mod int8;
pub mod kernels;
pub mod kl;
pub mod layers;
pub mod losses;
pub mod members;
pub mod metrics;
pub mod optim;
pub mod plan;
pub mod posterior;
pub mod predict;
pub mod prelude;
pub mod prior;
pub mod prune;
pub mod shape;
pub mod twin;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use attribute::bayesian;
pub use dfdx;
pub use error::Error;
