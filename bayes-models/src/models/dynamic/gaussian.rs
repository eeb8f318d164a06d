//! The two halves of what a regression gives.

use super::{Error, Outputs};
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::prelude::{Cpu, Tape};

/// Means and logarithms of variances from what a regression or a forecast gives, on the tape of both.
///
/// ```
/// use bayes_core::losses::{PredictedVariance, gaussian_nll_loss};
/// use bayes_core::prelude::*;
/// use bayes_models::models::{Outputs, gaussian};
///
/// let dev = Cpu::seed_from_u64(0);
/// let outputs: Outputs = dev.sample_normal_like(&(5, 2));
/// let targets: Outputs = dev.sample_normal_like(&(5, 1));
/// let (mean, log_variance) = gaussian(outputs.leaky_trace())?;
/// let nll = gaussian_nll_loss(mean, PredictedVariance::Log(log_variance), targets)?;
/// assert!(nll.array().is_finite());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Means and variances that are not equally many.
pub fn gaussian<T: Tape<f32, Cpu>>(outputs: Outputs<T>) -> Result<(Outputs<T>, Outputs<T>), Error> {
    let (_, width) = *outputs.shape();
    if width == 0 || !width.is_multiple_of(2) {
        return Err(Error::Halves { outputs: width });
    }
    let log_variance = outputs.retaped::<T>().try_slice((.., width / 2..width))?;
    Ok((outputs.try_slice((.., 0..width / 2))?, log_variance))
}
