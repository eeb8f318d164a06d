//! Training losses: likelihoods, and losses that reward uncertainty for being where the errors are.
//!
//! | model gives | likelihood | with uncertainty that knows the errors |
//! |---|---|---|
//! | logits | [`cross_entropy_loss`] | [`avuc_loss`], [`auavu_loss`] |
//! | a mean and a variance | [`gaussian_nll_loss`], [`beta_nll_loss`] | [`eau_loss`], [`eac_loss`] |
//!
//! Each is made of dfdx operations and so trains on every device. A likelihood is the mean over the rows of a batch,
//! in nats, as [`elbo_loss`](crate::elbo::elbo_loss) takes it; the others are added to it. Inputs are checked before
//! anything goes on the tape, which on a GPU copies them to the host; a bad one is an [`Error`](crate::Error), never
//! a NaN.
//!
//! ```
//! use bayes_core::losses::{avuc_loss, cross_entropy_loss};
//! use bayes_core::prelude::*;
//!
//! let dev = Cpu::seed_from_u64(0);
//! let logits: Tensor<Rank2<4, 3>, f32, _> = dev.sample_normal();
//! let labels = [0, 2, 1, 1];
//! let nll = cross_entropy_loss(logits.leaky_trace(), &labels)?;
//! // Uncertain where wrong, certain where right: weight 3, threshold 1 nat.
//! let loss = nll + avuc_loss(logits.leaky_trace(), &labels, 1.0, 3.0)?;
//! assert!(loss.array() > 0.0);
//! let gradients = loss.backward();
//! assert_eq!(gradients.get(&logits).shape(), logits.shape());
//! # Ok::<(), Error>(())
//! ```

mod agreement;
mod avu;
mod cross_entropy;
mod error_aligned;
mod gaussian;
mod input;
#[cfg(test)]
mod testing;

pub use avu::{auavu_loss, avuc_loss, avuc_threshold};
pub use cross_entropy::cross_entropy_loss;
pub use error_aligned::{EacThresholds, EauThresholds, eac_loss, eau_loss};
pub use gaussian::{LOG_VARIANCE_LIMIT, PredictedVariance, beta_nll_loss, gaussian_nll_loss};

type Result<S, E, D, T> =
    std::result::Result<dfdx::tensor::Tensor<S, E, D, T>, <D as dfdx::tensor::HasErr>::Err>;
