//! Local reparameterisation: a pre-activation drawn from its mean and variance (Kingma, Salimans and
//! Welling, 2015).

use super::isa::{Isa, Kernel};
use super::real::Real;

/// y = mean + √variance · epsilon, element by element.
///
/// A negative variance gives NaN.
///
/// # Panics
///
/// If the slices differ in length.
pub fn sample<E: Real>(mean: &[E], variance: &[E], epsilon: &[E], y: &mut [E]) {
    sample_on(Isa::active(), mean, variance, epsilon, y);
}

/// [`sample`] on a given instruction set; all give the same bits.
pub fn sample_on<E: Real>(isa: Isa, mean: &[E], variance: &[E], epsilon: &[E], y: &mut [E]) {
    let length = y.len();
    assert_eq!(
        mean.len(),
        length,
        "local reparameterization: length of the mean"
    );
    assert_eq!(
        variance.len(),
        length,
        "local reparameterization: length of the variance"
    );
    assert_eq!(
        epsilon.len(),
        length,
        "local reparameterization: length of epsilon"
    );
    isa.run(Sample {
        mean,
        variance,
        epsilon,
        y,
    });
}

/// d_mean += g and d_variance += g·epsilon / (2·√variance), the latter 0 where the variance is 0.
///
/// # Panics
///
/// If the slices differ in length.
pub fn backward<E: Real>(
    variance: &[E],
    epsilon: &[E],
    g: &[E],
    d_mean: &mut [E],
    d_variance: &mut [E],
) {
    backward_on(Isa::active(), variance, epsilon, g, d_mean, d_variance);
}

/// [`backward`] on a given instruction set; all give the same bits.
pub fn backward_on<E: Real>(
    isa: Isa,
    variance: &[E],
    epsilon: &[E],
    g: &[E],
    d_mean: &mut [E],
    d_variance: &mut [E],
) {
    let length = g.len();
    assert_eq!(
        variance.len(),
        length,
        "local reparameterization: length of the variance"
    );
    assert_eq!(
        epsilon.len(),
        length,
        "local reparameterization: length of epsilon"
    );
    assert_eq!(
        d_mean.len(),
        length,
        "local reparameterization: length of d_mean"
    );
    assert_eq!(
        d_variance.len(),
        length,
        "local reparameterization: length of d_variance"
    );
    isa.run(Backward {
        variance,
        epsilon,
        g,
        d_mean,
        d_variance,
    });
}

struct Sample<'a, E> {
    mean: &'a [E],
    variance: &'a [E],
    epsilon: &'a [E],
    y: &'a mut [E],
}

impl<E: Real> Kernel for Sample<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let inputs = self.mean.iter().zip(self.variance).zip(self.epsilon);
        for (y, ((&mean, &variance), &epsilon)) in self.y.iter_mut().zip(inputs) {
            *y = mean + variance.sqrt() * epsilon;
        }
    }
}

struct Backward<'a, E> {
    variance: &'a [E],
    epsilon: &'a [E],
    g: &'a [E],
    d_mean: &'a mut [E],
    d_variance: &'a mut [E],
}

impl<E: Real> Kernel for Backward<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let two = E::one() + E::one();
        let inputs = self.variance.iter().zip(self.epsilon).zip(self.g);
        let gradients = self.d_mean.iter_mut().zip(self.d_variance);
        for ((d_mean, d_variance), ((&variance, &epsilon), &g)) in gradients.zip(inputs) {
            *d_mean += g;
            let slope = g * epsilon / (two * variance.sqrt());
            *d_variance += if variance == E::zero() {
                E::zero()
            } else {
                slope
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers, numeric_slope};

    #[test]
    fn every_isa_gives_the_bits_of_the_formula() {
        for isa in Isa::available() {
            for length in [0, 1, 15, 16, 17, 33] {
                let (mean, epsilon, g) = (
                    numbers::<f32>(1, length),
                    numbers::<f32>(2, length),
                    numbers::<f32>(3, length),
                );
                let variance: Vec<f32> =
                    numbers::<f32>(4, length).iter().map(|v| v.abs()).collect();
                let mut y = vec![9.0; length];
                sample_on(isa, &mean, &variance, &epsilon, &mut y);
                let want: Vec<f32> = (0..length)
                    .map(|i| mean[i] + variance[i].sqrt() * epsilon[i])
                    .collect();
                assert_same_bits(&y, &want, "y");
                let (mut d_mean, mut d_variance) = (vec![1.0; length], vec![1.0; length]);
                backward_on(isa, &variance, &epsilon, &g, &mut d_mean, &mut d_variance);
                for i in 0..length {
                    assert_eq!(d_mean[i], 1.0 + g[i]);
                    assert_eq!(
                        d_variance[i],
                        1.0 + g[i] * epsilon[i] / (2.0 * variance[i].sqrt())
                    );
                }
            }
        }
    }

    #[test]
    fn gradient_is_the_slope_and_0_without_variance() {
        let loss = |v: &[f64]| {
            let mut y = [0.0];
            sample(&[0.3], v, &[-1.7], &mut y);
            2.5 * y[0]
        };
        let (mut d_mean, mut d_variance) = ([0.0, 0.0], [0.0, 0.0]);
        backward(
            &[0.4, 0.0],
            &[-1.7, 1.0],
            &[2.5, 1.0],
            &mut d_mean,
            &mut d_variance,
        );
        assert!((d_variance[0] - numeric_slope(&[0.4], 0, loss)).abs() < 1e-8);
        assert_eq!((d_mean, d_variance[1]), ([2.5, 1.0], 0.0));
    }
}
