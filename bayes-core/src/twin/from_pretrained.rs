//! Both ways between a plain model and its twin, whatever the twin's configuration.

use super::{Bayesian, Draw, Name};
use crate::device::Kernels;
use crate::error::Error;
use dfdx::prelude::{Device, Dtype};

/// A Bayesian model that is made around the weights of a plain one.
///
/// [`Twin`](super::Twin) goes from a plain model to the twin that its attribute states. This goes from any twin to its
/// plain model, so that several twins of one model, which differ in prior, estimator or MOPED, are each made by name:
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(members(Sure(moped = 0.01), Unsure(moped = 0.5)))]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
///
/// let net = Cpu::seed_from_u64(0).build_module::<Net, f32>();
/// let (sure, unsure) = (BayesSure::from_pretrained(&net)?, BayesUnsure::from_pretrained(&net)?);
/// assert_eq!(sure.fc.weight.mu.as_vec(), unsure.fc.weight.mu.as_vec());
/// assert_ne!(sure.fc.weight.rho.as_vec(), unsure.fc.weight.rho.as_vec());
/// # Ok::<(), Error>(())
/// ```
///
/// `#[bayesian]` implements it.
pub trait FromPretrained<E: Dtype, D: Device<E>>: Bayesian<E, D> + Sized {
    /// The plain model.
    type Plain;

    /// The twin around the weights of `plain`, whose place in a larger model is `name`.
    ///
    /// # Errors
    /// A weight that is not finite, by its name; a device that fails.
    fn around(plain: &Self::Plain, name: &Name<'_>) -> Result<Self, Error>;

    /// The plain model with the weights of this in `draw`: their mean, or one draw of them.
    ///
    /// # Errors
    /// A device that fails.
    fn plain_in(&self, draw: &Draw) -> Result<Self::Plain, Error>
    where
        D: Kernels<E>;

    /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
    ///
    /// # Errors
    /// A weight that is not finite, by its name; a device that fails.
    fn from_pretrained(plain: &Self::Plain) -> Result<Self, Error> {
        Self::around(plain, &Name::ROOT)
    }
}
