//! What one optimiser is: the arithmetic of one update of one tensor.

use super::{Error, Moments};
use crate::kernels::parallel::{for_each, is_large};
use dfdx::dtypes::Dtype;

/// The arithmetic of an optimiser on one tensor, with its hyperparameters.
///
/// [`GradientDescent`](super::GradientDescent) does everything else: it walks the model, reads the
/// gradients, keeps the [state](super::State) and skips frozen tensors. Implementing this trait for
/// a struct of hyperparameters makes a new optimiser.
///
/// ```
/// use bayes_core::optim::{Error, GradientDescent, Moments, Rule};
/// use dfdx::dtypes::Dtype;
///
/// /// Moves every element by one fixed amount against the sign of its gradient.
/// struct SignDescent(f64);
///
/// impl Rule for SignDescent {
///     const NAME: &'static str = "sign";
///     const MAX_MOMENTS: usize = 0;
///     fn moments(&self) -> usize {
///         0
///     }
///     fn validate(&self) -> Result<(), Error> {
///         Ok(())
///     }
///     fn update<E: Dtype>(&self, param: &mut [E], gradient: &[E], _: &mut Moments<E>) {
///         let Some(step) = E::from_f64(self.0) else { return };
///         for (p, &g) in param.iter_mut().zip(gradient) {
///             if g > E::default() { *p -= step } else { *p += step }
///         }
///     }
/// }
///
/// let descent: GradientDescent<SignDescent, f32> = GradientDescent::new(SignDescent(0.1))?;
/// # let _ = descent;
/// # Ok::<(), Error>(())
/// ```
pub trait Rule {
    /// The name under which a checkpoint stores the state.
    const NAME: &'static str;

    /// The largest number of [`Moments`] that this kind of optimiser keeps for a tensor, 0 to 2:
    /// the moments that a checkpoint expects for each tensor that it holds a state of.
    const MAX_MOMENTS: usize;

    /// The number of moments kept with these hyperparameters, at most [`Self::MAX_MOMENTS`].
    fn moments(&self) -> usize;

    /// Checks the hyperparameters; called on construction and before every update.
    ///
    /// # Errors
    /// [`Error::Setting`] for the first that is out of range.
    fn validate(&self) -> Result<(), Error>;

    /// Updates one tensor in place.
    ///
    /// `param` and `gradient` have the same length, and so have the first [`Self::moments`] of
    /// `moments`; `moments.step` is the number of this update, from 1.
    fn update<E: Dtype>(&self, param: &mut [E], gradient: &[E], moments: &mut Moments<E>);
}

/// Calls `update` with a piece of the parameter, the gradient and the moments after the other: by all threads where they are
/// long. Moments that are not kept are empty.
pub(super) fn by_pieces<E: Dtype>(
    param: &mut [E],
    gradient: &[E],
    moments: &mut Moments<E>,
    update: impl Fn(&mut [E], &[E], [&mut [E]; 2]) + Sync + Send,
) {
    let parallel = is_large(OPERATIONS * param.len());
    let [mut first, mut second] =
        [&mut moments.first, &mut moments.second].map(|m| m.chunks_mut(PIECE));
    let pieces = param.chunks_mut(PIECE).zip(gradient.chunks(PIECE));
    let pieces = pieces.map(|(param, gradient)| {
        let moments = [&mut first, &mut second].map(|m| m.next().unwrap_or_default());
        (param, gradient, moments)
    });
    for_each(
        pieces.collect(),
        parallel,
        |_, (param, gradient, moments)| {
            update(param, gradient, moments);
        },
    );
}

/// Parameters that one thread updates at a time.
const PIECE: usize = 1 << 14;

/// Floating-point operations of a product that take as long as the update of a parameter, roughly, to judge whether it is worth
/// sharing.
const OPERATIONS: usize = 96;

/// `value` when `allowed`, an [`Error::Setting`] otherwise.
pub(super) fn check(
    name: &'static str,
    must: &'static str,
    found: f64,
    allowed: bool,
) -> Result<(), Error> {
    match allowed {
        true => Ok(()),
        false => Err(Error::Setting { name, must, found }),
    }
}

/// Checks a value that must be finite and not negative.
pub(super) fn check_not_negative(name: &'static str, found: f64) -> Result<(), Error> {
    let allowed = found.is_finite() && found >= 0.0;
    check(name, "finite and at least 0", found, allowed)
}

/// A coefficient in the tensor's type.
///
/// Every type that a dfdx device computes in is a float, and a float has a value (perhaps rounded
/// or infinite) for every `f64`; the default is never taken.
pub(super) fn coefficient<E: Dtype>(value: f64) -> E {
    E::from_f64(value).unwrap_or_default()
}
