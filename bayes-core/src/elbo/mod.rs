//! The training loss: the negative evidence lower bound per example, and the weight of its KL over time.

mod schedule;

pub use schedule::KlSchedule;

use crate::error::Error;
use dfdx::prelude::{Device, Dtype, Rank0, Tape, Tensor, TryAdd, TryMul};

/// `nll + beta·kl / n_train`: the negative ELBO divided by the number of training examples.
///
/// `nll` is the *mean* negative log-likelihood of a batch and `kl` the *sum* over all weights
/// ([`kl`](crate::kl::kl)), so that over an epoch each weight's KL counts once. With `beta = 1` it is the ELBO; any
/// other value is a tempered posterior (Wenzel et al. 2020), and a report of it should say so.
///
/// # Errors
/// No training examples; a beta that is negative or not finite; a device that fails.
pub fn elbo_loss<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    nll: Tensor<Rank0, E, D, T>,
    kl: Tensor<Rank0, E, D, T>,
    n_train: usize,
    beta: f64,
) -> Result<Tensor<Rank0, E, D, T>, Error> {
    if n_train == 0 {
        return Err(Error::Empty {
            what: "training example",
        });
    }
    if !beta.is_finite() || beta < 0.0 {
        return Err(Error::Number {
            name: "beta",
            must: "finite and at least 0",
            found: beta,
        });
    }
    let weight = E::from_f64(beta / n_train as f64).unwrap_or_default();
    nll.try_add(kl.try_mul(weight).map_err(Error::device)?)
        .map_err(Error::device)
}
