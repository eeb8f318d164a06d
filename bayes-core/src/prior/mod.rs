//! Priors: what is believed of a weight before the data.
//!
//! | prior | density of a weight w | KL from a Gaussian posterior |
//! |---|---|---|
//! | [`Gaussian`]`(m, std)` | `N(m, std²)`; std a number, from the fan-in, or learned for each layer | closed |
//! | [`Laplace`]`(m, scale)` | `exp(−\|w − m\|/scale)/(2·scale)` | closed |
//! | [`ScaleMixture`]`(pi, std1, std2)` | `pi·N(0, std1²) + (1 − pi)·N(0, std2²)` (Blundell et al. 2015) | sampled |
//! | [`StudentT`]`(dof, scale)` | Student's t, heavier tails the smaller dof | sampled |
//! | a type of your own that is a [`Prior`] | yours | sampled, or closed where you give it |
//!
//! With MOPED a prior's mean is a saved copy of the pretrained weights: what is said below of the distance from the
//! mean holds for the distance from those.

mod gaussian;
mod laplace;
mod scale_mixture;
mod student_t;

pub use gaussian::{Gaussian, Learned, Std};
pub use laplace::Laplace;
pub use scale_mixture::ScaleMixture;
pub use student_t::StudentT;

use dfdx::prelude::{Device, Dtype, Rank0, Shape, Tape, Tensor};
use std::fmt;

/// A prior of independent weights.
///
/// A prior of your own says the logarithm of its density with dfdx's operations, which bring its gradient; its KL is
/// then sampled from the draw's own weights, by [`kl_in`](crate::kl::kl_in):
///
/// ```
/// use bayes_core::prelude::*;
/// use bayes_core::prior::Prior;
///
/// /// The logistic distribution around 0.
/// #[derive(Clone, Copy, Debug)]
/// struct Logistic {
///     scale: f64,
/// }
///
/// impl Prior for Logistic {
///     fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
///         &self,
///         distance: Tensor<S, E, D, T>,
///     ) -> Result<Tensor<S, E, D, T>, D::Err> {
///         // −z − 2·ln(1 + e^−z) − ln scale, of |z| so that nothing overflows
///         let number = |x: f64| E::from_f64(x).unwrap_or_default();
///         let z = distance.try_abs()?.try_div(number(self.scale))?;
///         let tail = z.retaped::<T>().try_negate()?.try_exp()?.try_add(number(1.0))?;
///         let tail = tail.try_ln()?.try_mul(number(-2.0))?;
///         tail.try_sub(z)?.try_sub(number(self.scale.ln()))
///     }
/// }
///
/// #[bayesian(prior = Own(Logistic { scale: 0.1 }))]
/// struct Net {
///     fc: Linear<3, 2>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let key = Key::new(7, 0);
/// let kl: Tensor<Rank0, f32, Cpu> = bayes.kl_in(key);
/// assert!(kl.array().is_finite());
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no prior",
    label = "this type has no density",
    note = "a prior of your own implements `bayes_core::prior::Prior`: `log_prob` is all that it needs"
)]
pub trait Prior: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// The mean of every weight, unless MOPED has set one for each.
    fn mean(&self) -> f64 {
        0.0
    }

    /// This for a tensor whose outputs sum over so many inputs, where that matters.
    #[must_use]
    fn for_fan_in(self, fan_in: usize) -> Self {
        let _ = fan_in;
        self
    }

    /// `ln p(w)` of each weight, given its distance from the prior's mean.
    ///
    /// # Errors
    /// A device that fails.
    fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
    ) -> Result<Tensor<S, E, D, T>, D::Err>;

    /// `−Σ E ln p(w)` with each weight w normal, `distance` its mean from the prior's mean and `std` its standard
    /// deviation, where that has a closed form; it is sampled otherwise.
    fn cross_entropy<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
        std: Tensor<S, E, D, T>,
    ) -> Option<Result<Tensor<Rank0, E, D, T>, D::Err>> {
        let _ = (distance, std);
        None
    }

    /// The prior in words, as a checkpoint keeps it beside the weights, with its mean.
    fn text(&self, mean: Mean) -> String {
        match mean {
            Mean::Value => format!("{self:?}"),
            Mean::Tensor => format!("{self:?} around prior_mean"),
        }
    }

    /// The prior, where it is Gaussian: kernels of its own and learned standard deviations are for those.
    #[doc(hidden)]
    fn as_gaussian(&self) -> Option<Gaussian> {
        None
    }
}

/// Which mean a prior has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mean {
    /// Its own number.
    Value,
    /// A saved number for each weight, by MOPED.
    Tensor,
}

/// `x` as a number of type `E`, for dfdx's operations with a scalar.
pub(crate) fn number<E: Dtype>(x: f64) -> E {
    E::from_f64(x).unwrap_or_default()
}

/// `ln √(2π)`.
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;
