//! Drawing weights w = mu + softplus(rho)·epsilon, and the gradients of a draw.

use super::softplus::{BLOCK, Steps};
use super::{CHUNK, OPERATIONS};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::parallel::{for_each_chunk, for_each_chunk_pair, is_large};
use crate::kernels::real::Real;

/// out = mu + softplus(rho)·epsilon (Blundell et al., 2015).
///
/// # Panics
///
/// If the slices differ in length; so do all functions of this module.
pub fn sample<E: Real>(mu: &[E], rho: &[E], epsilon: &[E], out: &mut [E]) {
    sample_on(Isa::active(), mu, rho, epsilon, out);
}

/// [`sample`] on a given instruction set.
pub fn sample_on<E: Real>(isa: Isa, mu: &[E], rho: &[E], epsilon: &[E], out: &mut [E]) {
    assert_eq!(mu.len(), out.len(), "gaussian: length of mu");
    check(rho, epsilon, out.len());
    let parallel = is_large(OPERATIONS * out.len());
    for_each_chunk(out, CHUNK, parallel, |chunk, out| {
        let first = chunk * CHUNK;
        isa.run(Sample {
            mu: &mu[first..],
            rho: &rho[first..],
            epsilon: &epsilon[first..],
            out,
        });
    });
}

/// out = softplus(rho)·epsilon, the deviation of a draw from its mean.
pub fn delta<E: Real>(rho: &[E], epsilon: &[E], out: &mut [E]) {
    delta_on(Isa::active(), rho, epsilon, out);
}

/// [`delta`] on a given instruction set.
pub fn delta_on<E: Real>(isa: Isa, rho: &[E], epsilon: &[E], out: &mut [E]) {
    check(rho, epsilon, out.len());
    let parallel = is_large(OPERATIONS * out.len());
    for_each_chunk(out, CHUNK, parallel, |chunk, out| {
        let first = chunk * CHUNK;
        isa.run(Delta {
            rho: &rho[first..],
            epsilon: &epsilon[first..],
            out,
        });
    });
}

/// Gradients of [`sample`]: d_mu += g and d_rho += g·epsilon·sigmoid(rho).
pub fn sample_backward<E: Real>(
    rho: &[E],
    epsilon: &[E],
    g: &[E],
    d_mu: &mut [E],
    d_rho: &mut [E],
) {
    sample_backward_on(Isa::active(), rho, epsilon, g, d_mu, d_rho);
}

/// [`sample_backward`] on a given instruction set.
pub fn sample_backward_on<E: Real>(
    isa: Isa,
    rho: &[E],
    epsilon: &[E],
    g: &[E],
    d_mu: &mut [E],
    d_rho: &mut [E],
) {
    check(rho, epsilon, g.len());
    assert_eq!(d_mu.len(), g.len(), "gaussian: length of d_mu");
    assert_eq!(d_rho.len(), g.len(), "gaussian: length of d_rho");
    let parallel = is_large(OPERATIONS * g.len());
    for_each_chunk_pair(d_mu, d_rho, CHUNK, parallel, |chunk, d_mu, d_rho| {
        let first = chunk * CHUNK;
        let g = &g[first..];
        for (d_mu, &g) in d_mu.iter_mut().zip(g) {
            *d_mu += g;
        }
        isa.run(DeltaBackward {
            rho: &rho[first..],
            epsilon: &epsilon[first..],
            g,
            d_rho,
        });
    });
}

/// Gradient of [`delta`]: d_rho += g·epsilon·sigmoid(rho).
pub fn delta_backward<E: Real>(rho: &[E], epsilon: &[E], g: &[E], d_rho: &mut [E]) {
    delta_backward_on(Isa::active(), rho, epsilon, g, d_rho);
}

/// [`delta_backward`] on a given instruction set.
pub fn delta_backward_on<E: Real>(isa: Isa, rho: &[E], epsilon: &[E], g: &[E], d_rho: &mut [E]) {
    check(rho, epsilon, g.len());
    assert_eq!(d_rho.len(), g.len(), "gaussian: length of d_rho");
    let parallel = is_large(OPERATIONS * g.len());
    for_each_chunk(d_rho, CHUNK, parallel, |chunk, d_rho| {
        let first = chunk * CHUNK;
        let (rho, epsilon, g) = (&rho[first..], &epsilon[first..], &g[first..]);
        isa.run(DeltaBackward {
            rho,
            epsilon,
            g,
            d_rho,
        });
    });
}

/// y = mu + sigma·y, or sigma·y where there is no mu, y holding epsilon before: [`sample`] and [`delta`], bit for bit, where
/// sigma = softplus(rho) is known.
pub fn spread<E: Real>(mu: Option<&[E]>, sigma: &[E], y: &mut [E]) {
    spread_on(Isa::active(), mu, sigma, y);
}

/// [`spread`] on a given instruction set.
pub fn spread_on<E: Real>(isa: Isa, mu: Option<&[E]>, sigma: &[E], y: &mut [E]) {
    assert_eq!(sigma.len(), y.len(), "gaussian: length of sigma");
    if let Some(mu) = mu {
        assert_eq!(mu.len(), y.len(), "gaussian: length of mu");
    }
    isa.run(Spread { mu, sigma, y });
}

/// y = softplus(rho)².
pub fn variance<E: Real>(rho: &[E], y: &mut [E]) {
    variance_on(Isa::active(), rho, y);
}

/// [`variance`] on a given instruction set.
pub fn variance_on<E: Real>(isa: Isa, rho: &[E], y: &mut [E]) {
    assert_eq!(rho.len(), y.len(), "gaussian: length of rho");
    let parallel = is_large(OPERATIONS * y.len());
    for_each_chunk(y, CHUNK, parallel, |chunk, y| {
        let rho = &rho[chunk * CHUNK..];
        isa.run(Variance { rho, y });
    });
}

/// Gradient of [`variance`]: d_rho += g·2·softplus(rho)·sigmoid(rho).
pub fn variance_backward<E: Real>(rho: &[E], g: &[E], d_rho: &mut [E]) {
    variance_backward_on(Isa::active(), rho, g, d_rho);
}

/// [`variance_backward`] on a given instruction set.
pub fn variance_backward_on<E: Real>(isa: Isa, rho: &[E], g: &[E], d_rho: &mut [E]) {
    assert_eq!(rho.len(), g.len(), "gaussian: length of rho");
    assert_eq!(d_rho.len(), g.len(), "gaussian: length of d_rho");
    let parallel = is_large(OPERATIONS * g.len());
    for_each_chunk(d_rho, CHUNK, parallel, |chunk, d_rho| {
        let first = chunk * CHUNK;
        let (rho, g) = (&rho[first..], &g[first..]);
        isa.run(VarianceBackward { rho, g, d_rho });
    });
}

fn check<E>(rho: &[E], epsilon: &[E], length: usize) {
    assert_eq!(rho.len(), length, "gaussian: length of rho");
    assert_eq!(epsilon.len(), length, "gaussian: length of epsilon");
}

struct Sample<'a, E> {
    mu: &'a [E],
    rho: &'a [E],
    epsilon: &'a [E],
    out: &'a mut [E],
}

impl<E: Real> Kernel for Sample<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut steps = Steps::new();
        let blocks = self.mu.chunks(BLOCK).zip(self.rho.chunks(BLOCK));
        let blocks = blocks.zip(self.epsilon.chunks(BLOCK));
        for (out, ((mu, rho), epsilon)) in self.out.chunks_mut(BLOCK).zip(blocks) {
            steps.take(rho);
            let inputs = mu.iter().zip(steps.values(rho)).zip(epsilon);
            for (out, ((&mu, sigma), &epsilon)) in out.iter_mut().zip(inputs) {
                *out = mu + sigma * epsilon;
            }
        }
    }
}

struct Delta<'a, E> {
    rho: &'a [E],
    epsilon: &'a [E],
    out: &'a mut [E],
}

impl<E: Real> Kernel for Delta<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut steps = Steps::new();
        let blocks = self.rho.chunks(BLOCK).zip(self.epsilon.chunks(BLOCK));
        for (out, (rho, epsilon)) in self.out.chunks_mut(BLOCK).zip(blocks) {
            steps.take(rho);
            for (out, (sigma, &epsilon)) in out.iter_mut().zip(steps.values(rho).zip(epsilon)) {
                *out = sigma * epsilon;
            }
        }
    }
}

struct DeltaBackward<'a, E> {
    rho: &'a [E],
    epsilon: &'a [E],
    g: &'a [E],
    d_rho: &'a mut [E],
}

impl<E: Real> Kernel for DeltaBackward<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let inputs = self.rho.iter().zip(self.epsilon).zip(self.g);
        for (d_rho, ((&rho, &epsilon), &g)) in self.d_rho.iter_mut().zip(inputs) {
            *d_rho += g * epsilon * rho.sigmoid();
        }
    }
}

struct Spread<'a, E> {
    mu: Option<&'a [E]>,
    sigma: &'a [E],
    y: &'a mut [E],
}

impl<E: Real> Kernel for Spread<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let spread = self.y.iter_mut().zip(self.sigma);
        match self.mu {
            Some(mu) => {
                for ((y, &sigma), &mu) in spread.zip(mu) {
                    *y = mu + sigma * *y;
                }
            }
            None => spread.for_each(|(y, &sigma)| *y = sigma * *y),
        }
    }
}

struct Variance<'a, E> {
    rho: &'a [E],
    y: &'a mut [E],
}

impl<E: Real> Kernel for Variance<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut steps = Steps::new();
        for (y, rho) in self.y.chunks_mut(BLOCK).zip(self.rho.chunks(BLOCK)) {
            steps.take(rho);
            for (y, sigma) in y.iter_mut().zip(steps.values(rho)) {
                *y = sigma * sigma;
            }
        }
    }
}

struct VarianceBackward<'a, E> {
    rho: &'a [E],
    g: &'a [E],
    d_rho: &'a mut [E],
}

impl<E: Real> Kernel for VarianceBackward<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((d_rho, &rho), &g) in self.d_rho.iter_mut().zip(self.rho).zip(self.g) {
            let parts = rho.softplus_parts();
            *d_rho += g * ((parts.value + parts.value) * parts.slope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, with_one_and_two_threads,
    };

    /// ln(1 + eˣ) from the standard library.
    fn softplus(x: f64) -> f64 {
        x.max(0.0) + (-x.abs()).exp().ln_1p()
    }

    /// The outputs of all passes for parameters around `centre`.
    fn passes<E: Real>(isa: Isa, length: usize, centre: f64) -> [Vec<E>; 9] {
        let [mu, epsilon, g] = [1, 2, 3].map(|seed| numbers::<E>(seed, length));
        let rho = rho::<E>(length, centre);
        let mut out: [Vec<E>; 9] = std::array::from_fn(|_| vec![E::one(); length]);
        let [
            w,
            d,
            d_mu,
            d_rho,
            d_rho_alone,
            v,
            d_rho_of_v,
            again,
            again_alone,
        ] = &mut out;
        sample_on(isa, &mu, &rho, &epsilon, w);
        delta_on(isa, &rho, &epsilon, d);
        sample_backward_on(isa, &rho, &epsilon, &g, d_mu, d_rho);
        delta_backward_on(isa, &rho, &epsilon, &g, d_rho_alone);
        variance_on(isa, &rho, v);
        variance_backward_on(isa, &rho, &g, d_rho_of_v);
        let mut sigma = vec![E::one(); length];
        delta_on(isa, &rho, &vec![E::one(); length], &mut sigma);
        again.copy_from_slice(&epsilon);
        spread_on(isa, Some(&mu), &sigma, again);
        again_alone.copy_from_slice(&epsilon);
        spread_on(isa, None, &sigma, again_alone);
        assert_same_bits(again, w, "sample with a known sigma");
        assert_same_bits(again_alone, d, "delta with a known sigma");
        out
    }

    fn rho<E: Real>(length: usize, centre: f64) -> Vec<E> {
        numbers::<E>(4, length)
            .iter()
            .map(|r| E::narrow(r.widen() * 4.0 + centre))
            .collect()
    }

    fn check<E: Real>(length: usize, centre: f64) {
        let rho = rho::<E>(length, centre);
        let [mu, epsilon, g] = [1, 2, 3].map(|seed| numbers::<E>(seed, length));
        let formula = |f: &dyn Fn(usize, f64) -> f64| -> Vec<E> {
            (0..length)
                .map(|i| E::narrow(f(i, rho[i].widen())))
                .collect()
        };
        let slope = |i: usize, r: f64| g[i].widen() * epsilon[i].widen() / (1.0 + (-r).exp());
        let want = [
            formula(&|i, r| mu[i].widen() + softplus(r) * epsilon[i].widen()),
            formula(&|i, r| softplus(r) * epsilon[i].widen()),
            formula(&|i, _| 1.0 + g[i].widen()),
            formula(&|i, r| 1.0 + slope(i, r)),
            formula(&|i, r| 1.0 + slope(i, r)),
            formula(&|_, r| softplus(r) * softplus(r)),
            formula(&|i, r| 1.0 + g[i].widen() * 2.0 * softplus(r) / (1.0 + (-r).exp())),
            formula(&|i, r| mu[i].widen() + softplus(r) * epsilon[i].widen()),
            formula(&|i, r| softplus(r) * epsilon[i].widen()),
        ];
        let portable = passes::<E>(Isa::Portable, length, centre);
        for (got, want) in portable.iter().zip(&want) {
            assert_all_close(got, want, 8.0, "pass");
        }
        for isa in Isa::available() {
            for (got, portable) in passes::<E>(isa, length, centre).iter().zip(&portable) {
                assert_same_bits(got, portable, isa.name());
            }
        }
    }

    #[test]
    fn passes_agree_with_the_formulas_and_among_instruction_sets() {
        for length in [0, 1, 7, 15, 16, 17, 33, 1000] {
            for centre in [-90.0, -5.0, 0.0, 30.0] {
                check::<f32>(length, centre);
                check::<f64>(length, centre);
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let [one, two] =
            with_one_and_two_threads(|| passes::<f32>(Isa::active(), 5 * CHUNK + 3, -3.0));
        for (one, two) in one.iter().zip(&two) {
            assert_same_bits(two, one, "two threads");
        }
    }

    #[test]
    fn extreme_parameters_stay_finite() {
        let (mu, rho) = ([1e4_f32, -1e4, 0.0], [1e4_f32, -1e4, 2e4]);
        let mut w = [0.0; 3];
        sample(&mu, &rho, &[1.0, 1.0, -1.0], &mut w);
        assert_eq!(w, [2e4, -1e4, -1e4]);
    }
}
