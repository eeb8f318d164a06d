//! Drawing quantised weights: mu + sigma·epsilon in steps of the mean's scale.

use super::rounding::{limit, round};
use crate::kernels::isa::{Isa, Kernel};

/// out = mu + ratio\[o\]·sigma·epsilon, rounded half to even and limited to ±127.
///
/// Row o of the weight (outputs, taps) has one scale for mu and one for sigma, in steps of which
/// they are stored; `ratio[o]` is the scale of sigma over that of mu. The product is taken from the
/// left, in f32. `epsilon` must be finite.
///
/// # Panics
///
/// If the slices differ in length or are not `ratio.len()` rows.
pub fn weights(isa: Isa, mu: &[i8], sigma: &[u8], ratio: &[f32], epsilon: &[f32], out: &mut [i8]) {
    assert_eq!(mu.len(), out.len(), "int8: length of mu");
    check(sigma, ratio, epsilon, out);
    isa.run(Weights {
        mu,
        sigma,
        ratio,
        epsilon,
        out,
    });
}

/// out = ratio\[o\]·sigma·epsilon, rounded half to even and limited to ±127: a draw's deviation from
/// its mean, in steps of a scale of its own; otherwise as [`weights`].
pub fn deviation(isa: Isa, sigma: &[u8], ratio: &[f32], epsilon: &[f32], out: &mut [i8]) {
    check(sigma, ratio, epsilon, out);
    isa.run(Deviation {
        sigma,
        ratio,
        epsilon,
        out,
    });
}

fn check(sigma: &[u8], ratio: &[f32], epsilon: &[f32], out: &[i8]) {
    assert_eq!(sigma.len(), out.len(), "int8: length of sigma");
    assert_eq!(epsilon.len(), out.len(), "int8: length of epsilon");
    assert!(
        out.is_empty() || !ratio.is_empty() && out.len().is_multiple_of(ratio.len()),
        "int8: {} weights are not {} rows",
        out.len(),
        ratio.len()
    );
}

/// The row of output `o` in a slice of `taps` elements for each.
#[inline(always)]
fn row<T>(slice: &[T], o: usize, taps: usize) -> &[T] {
    &slice[o * taps..(o + 1) * taps]
}

/// The nearest weight.
#[inline(always)]
fn weight(value: f32) -> i8 {
    round(limit(value, -127.0, 127.0)) as i8
}

struct Weights<'a> {
    mu: &'a [i8],
    sigma: &'a [u8],
    ratio: &'a [f32],
    epsilon: &'a [f32],
    out: &'a mut [i8],
}

impl Kernel for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let taps = (self.out.len() / self.ratio.len().max(1)).max(1);
        let rows = self.out.chunks_exact_mut(taps);
        for (o, (out, &ratio)) in rows.zip(self.ratio).enumerate() {
            let (mu, sigma) = (row(self.mu, o, taps), row(self.sigma, o, taps));
            for (((out, &mu), &sigma), &epsilon) in
                out.iter_mut()
                    .zip(mu)
                    .zip(sigma)
                    .zip(row(self.epsilon, o, taps))
            {
                *out = weight(f32::from(mu) + ratio * f32::from(sigma) * epsilon);
            }
        }
    }
}

struct Deviation<'a> {
    sigma: &'a [u8],
    ratio: &'a [f32],
    epsilon: &'a [f32],
    out: &'a mut [i8],
}

impl Kernel for Deviation<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let taps = (self.out.len() / self.ratio.len().max(1)).max(1);
        let rows = self.out.chunks_exact_mut(taps);
        for (o, (out, &ratio)) in rows.zip(self.ratio).enumerate() {
            let (sigma, epsilon) = (row(self.sigma, o, taps), row(self.epsilon, o, taps));
            for ((out, &sigma), &epsilon) in out.iter_mut().zip(sigma).zip(epsilon) {
                *out = weight(ratio * f32::from(sigma) * epsilon);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::{LENGTHS, codes, weights as bytes};
    use crate::kernels::testing::numbers;

    #[test]
    fn agree_with_the_formulas_on_every_isa() {
        let nearest = |value: f32| value.round_ties_even().clamp(-127.0, 127.0) as i8;
        for (outputs, taps) in [0, 1, 3].into_iter().flat_map(|o| LENGTHS.map(|t| (o, t))) {
            let count = outputs * taps;
            let (mu, sigma) = (bytes(1, count), codes(2, count));
            // From a hundredth of a step to draws far outside the range.
            let ratio: Vec<f32> = [0.01, 0.125, 1.0][..outputs].to_vec();
            let epsilon: Vec<f32> = numbers::<f32>(3, count).iter().map(|e| e * 4.0).collect();
            let noise = |i: usize| ratio[i / taps] * f32::from(sigma[i]) * epsilon[i];
            for isa in Isa::available() {
                let mut out = vec![1; count];
                weights(isa, &mu, &sigma, &ratio, &epsilon, &mut out);
                for (i, &out) in out.iter().enumerate() {
                    assert_eq!(out, nearest(f32::from(mu[i]) + noise(i)), "{i} on {isa}");
                }
                deviation(isa, &sigma, &ratio, &epsilon, &mut out);
                for (i, &out) in out.iter().enumerate() {
                    assert_eq!(out, nearest(noise(i)), "{i} on {isa}");
                }
            }
        }
    }
}
