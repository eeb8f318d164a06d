//! Tensors that data become and models give: digits, the class probabilities that their labels say, and the two halves of
//! what a regression gives.

use crate::Error;
use crate::data::Digits;
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::prelude::{Const, Cpu, Device, NoneTape, Rank0, Tape, Tensor};

/// A batch of n×1×8×8 images, grey levels in [0, 1].
pub type Images<T = NoneTape, D = Cpu> = Tensor<
    (
        usize,
        Const<1>,
        Const<{ Digits::SIDE }>,
        Const<{ Digits::SIDE }>,
    ),
    f32,
    D,
    T,
>;

/// A batch of n×10 logits, or of the class probabilities that they should give.
pub type Logits<T = NoneTape, D = Cpu> = Tensor<(usize, Const<{ Digits::CLASSES }>), f32, D, T>;

/// What any model gives for a batch: `rows × outputs`.
pub type Outputs<T = NoneTape, D = Cpu> = Tensor<(usize, usize), f32, D, T>;

/// A mean and the logarithm of a variance of each row, on the tape of both.
pub type MeanAndLogVariance<T = NoneTape, D = Cpu> = (Outputs<T, D>, Outputs<T, D>);

/// Means and logarithms of variances from what a regression or a forecast gives, on the tape of both.
///
/// ```
/// use bayes_core::losses::{PredictedVariance, gaussian_nll_loss};
/// use bayes_core::prelude::*;
/// use bayes_models::tensors::{Outputs, gaussian};
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
pub fn gaussian<D: Device<f32>, T: Tape<f32, D>>(
    outputs: Outputs<T, D>,
) -> Result<MeanAndLogVariance<T, D>, Error> {
    let (_, width) = *outputs.shape();
    if width == 0 || !width.is_multiple_of(2) {
        return Err(Error::Halves { outputs: width });
    }
    let log_variance = outputs.retaped::<T>().try_slice((.., width / 2..width));
    let mean = outputs.try_slice((.., 0..width / 2));
    Ok((
        mean.map_err(Error::device)?,
        log_variance.map_err(Error::device)?,
    ))
}

/// The images of a data set, n·64 pixels, as one batch.
///
/// # Errors
/// [`Error::Pixels`] where the last image is not whole; a device that fails.
pub fn images(pixels: &[f32]) -> Result<Images, Error> {
    images_on(&Cpu::default(), pixels)
}

/// As [`images`], on a device.
///
/// # Errors
/// As [`images`].
pub fn images_on<D: Device<f32>>(device: &D, pixels: &[f32]) -> Result<Images<NoneTape, D>, Error> {
    if !pixels.len().is_multiple_of(Digits::PIXELS) {
        return Err(Error::Pixels {
            pixels: pixels.len(),
        });
    }
    let shape = (pixels.len() / Digits::PIXELS, Const, Const, Const);
    let images = device.try_tensor_from_vec(pixels.to_vec(), shape);
    images.map_err(Error::device)
}

/// The value of a loss.
pub(crate) fn value<D: Device<f32>, T>(loss: &Tensor<Rank0, f32, D, T>) -> f64 {
    loss.as_vec().first().copied().map_or(f64::NAN, f64::from)
}

/// Each label's class with probability 1.
pub(crate) fn one_hot<D: Device<f32>>(
    device: &D,
    labels: &[usize],
) -> Result<Logits<NoneTape, D>, Error> {
    let mut rows = vec![0.0; labels.len() * Digits::CLASSES];
    for (position, (&label, row)) in labels
        .iter()
        .zip(rows.chunks_exact_mut(Digits::CLASSES))
        .enumerate()
    {
        *row.get_mut(label).ok_or(Error::Label {
            position,
            label,
            classes: Digits::CLASSES,
        })? = 1.0;
    }
    let rows = device.try_tensor_from_vec(rows, (labels.len(), Const));
    rows.map_err(Error::device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_rows_with_one_in_their_place() {
        let rows = one_hot(&Cpu::default(), &[3, 0]).unwrap().as_vec();
        let ones: Vec<usize> = (0..20).filter(|&i| rows[i] == 1.0).collect();
        assert_eq!(ones, [3, 10]);
        assert_eq!(rows.iter().sum::<f32>(), 2.0);
    }

    #[test]
    fn a_label_that_is_no_class_is_located() {
        match one_hot(&Cpu::default(), &[9, 10]).unwrap_err() {
            Error::Label {
                position, label, ..
            } => assert_eq!((position, label), (1, 10)),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn images_are_whole() {
        assert_eq!(images(&[0.5; 128]).unwrap().as_vec(), [0.5; 128]);
        assert!(matches!(
            images(&[0.5; 127]),
            Err(Error::Pixels { pixels: 127 })
        ));
    }
}
