//! Model families, data sets and training for Bayesian deep learning on [dfdx](https://docs.rs/dfdx/0.13).
//!
//! [`data`] holds a small real problem that needs no download: handwritten digits, and natural image patches that
//! a model trained on digits should be unsure about.
//!
//! ```
//! use bayes_models::data::Digits;
//!
//! let digits = Digits::embedded()?;
//! assert_eq!((digits.train.len(), digits.test.len()), (1437, 360));
//! # Ok::<(), bayes_models::data::Error>(())
//! ```
//!
//! [`guide`] goes from a dfdx model to an int8 file, step by step.
//!
//! [`report`] puts several models side by side, in a table or on a page with plots.
//!
//! The embedded images have licences of their own, CC BY 4.0 (digits) and CC BY 2.0 (patches): see `data/README.md`
//! in this crate for the attribution that goes with every copy.

pub mod data;
mod error;
pub mod evaluate;
pub mod guide;
pub mod models;
pub mod npy;
#[cfg(feature = "program")]
pub mod program;
pub mod report;
pub mod tensors;
pub mod train;
#[cfg(feature = "program")]
pub mod weights;

pub use error::Error;
