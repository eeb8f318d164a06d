//! Divergence KL(N(mu, sigma²) ‖ N(prior mean, prior std²)), summed over all weights.

use super::softplus::{BLOCK, Steps};
use super::{CHUNK, OPERATIONS};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::parallel::{for_each_chunk_pair, is_large, map_ordered};
use crate::kernels::real::Real;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// A Gaussian prior with the same standard deviation for every weight.
#[derive(Clone, Copy, Debug)]
pub struct GaussianPrior<'a, E> {
    /// Mean.
    pub mean: PriorMean<'a, E>,
    /// Standard deviation, above 0.
    pub std: E,
}

/// The mean of a prior.
#[derive(Clone, Copy, Debug)]
pub enum PriorMean<'a, E> {
    /// One for all weights.
    Scalar(E),
    /// One per weight, as MOPED sets it.
    Slice(&'a [E]),
}

/// Σ ln(σp/σq) + (σq² + (mu − μp)²) / (2·σp²) − ½ with σq = softplus(rho).
///
/// Stable for |mu| and |rho| up to 1e4: ln σq is computed without σq, which may underflow, and the
/// squares are taken in f64. Summed in f64 in an order that depends on the length only.
///
/// # Panics
///
/// If the slices differ in length.
pub fn kl<E: Real>(mu: &[E], rho: &[E], prior: &GaussianPrior<'_, E>) -> f64 {
    kl_on(Isa::active(), mu, rho, prior)
}

/// [`kl`] on a given instruction set; all give the same bits.
pub fn kl_on<E: Real>(isa: Isa, mu: &[E], rho: &[E], prior: &GaussianPrior<'_, E>) -> f64 {
    check(mu, rho, prior);
    sum_of_chunks(mu.len(), |_, range| {
        isa.run(Kl {
            mu: &mu[range.clone()],
            rho: &rho[range.clone()],
            prior: prior.from(range.start),
            slope: None,
        })
    })
}

/// The sum of what `term` gives for each chunk of so many weights, in the chunks' order.
fn sum_of_chunks(weights: usize, term: impl Fn(usize, Range<usize>) -> f64 + Sync + Send) -> f64 {
    let sum_of = |chunk: usize| {
        let first = chunk * CHUNK;
        term(chunk, first..weights.min(first + CHUNK))
    };
    let chunks = weights.div_ceil(CHUNK);
    let sums = map_ordered(chunks, is_large(OPERATIONS * weights), sum_of);
    sums.into_iter().sum()
}

/// [`kl`], and its slope by each rho: `slope = σq·sigmoid(rho)/σp² − sigmoid(rho)/σq`, whose last term tends to 1 for very
/// negative rho and stays finite. Where rho is clamped, it is the slope at the clamped value.
///
/// # Panics
///
/// If the slices differ in length.
pub fn kl_with_slope<E: Real>(
    mu: &[E],
    rho: &[E],
    prior: &GaussianPrior<'_, E>,
    slope: &mut [E],
) -> f64 {
    kl_with_slope_on(Isa::active(), mu, rho, prior, slope)
}

/// [`kl_with_slope`] on a given instruction set; all give the same bits.
pub fn kl_with_slope_on<E: Real>(
    isa: Isa,
    mu: &[E],
    rho: &[E],
    prior: &GaussianPrior<'_, E>,
    slope: &mut [E],
) -> f64 {
    check(mu, rho, prior);
    assert_eq!(slope.len(), mu.len(), "gaussian: length of the slope");
    // Each chunk of slopes is written by whoever sums the chunk.
    let chunks: Vec<Mutex<&mut [E]>> = slope.chunks_mut(CHUNK).map(Mutex::new).collect();
    sum_of_chunks(mu.len(), |chunk, range| {
        let mut slope = chunks[chunk].lock().unwrap_or_else(PoisonError::into_inner);
        isa.run(Kl {
            mu: &mu[range.clone()],
            rho: &rho[range.clone()],
            prior: prior.from(range.start),
            slope: Some(&mut slope),
        })
    })
}

/// Gradients of [`kl`] times `upstream`, by the slope of [`kl_with_slope`].
///
/// d_mu += upstream·(mu − μp)/σp²; d_rho += upstream·slope.
///
/// # Panics
///
/// If the slices differ in length.
pub fn kl_gradients<E: Real>(
    mu: &[E],
    slope: &[E],
    prior: &GaussianPrior<'_, E>,
    upstream: E,
    d_mu: &mut [E],
    d_rho: &mut [E],
) {
    kl_gradients_on(Isa::active(), mu, slope, prior, upstream, d_mu, d_rho);
}

/// [`kl_gradients`] on a given instruction set; all give the same bits.
pub fn kl_gradients_on<E: Real>(
    isa: Isa,
    mu: &[E],
    slope: &[E],
    prior: &GaussianPrior<'_, E>,
    upstream: E,
    d_mu: &mut [E],
    d_rho: &mut [E],
) {
    check(mu, slope, prior);
    assert_eq!(d_mu.len(), mu.len(), "gaussian: length of d_mu");
    assert_eq!(d_rho.len(), mu.len(), "gaussian: length of d_rho");
    let parallel = is_large(OPERATIONS * mu.len());
    for_each_chunk_pair(d_mu, d_rho, CHUNK, parallel, |chunk, d_mu, d_rho| {
        let first = chunk * CHUNK;
        let range = first..first + d_mu.len();
        let prior = prior.from(first);
        let (mu, slope) = (&mu[range.clone()], &slope[range]);
        isa.run(KlBackward {
            mu,
            slope,
            prior,
            upstream,
            d_mu,
            d_rho,
        });
    });
}

fn check<E>(mu: &[E], rho: &[E], prior: &GaussianPrior<'_, E>) {
    assert_eq!(rho.len(), mu.len(), "gaussian: length of rho");
    if let PriorMean::Slice(mean) = prior.mean {
        assert_eq!(mean.len(), mu.len(), "gaussian: length of the prior's mean");
    }
}

impl<E: Real> GaussianPrior<'_, E> {
    /// The prior from weight `first` on.
    fn from(&self, first: usize) -> Self {
        Self {
            mean: self.mean.from(first),
            ..*self
        }
    }
}

impl<E: Real> PriorMean<'_, E> {
    /// The means from weight `first` on.
    #[inline(always)]
    fn from(self, first: usize) -> Self {
        match self {
            Self::Scalar(mean) => Self::Scalar(mean),
            Self::Slice(means) => Self::Slice(&means[first..]),
        }
    }
}

/// Terms that are summed side by side.
const LANES: usize = 16;

struct Kl<'a, E> {
    mu: &'a [E],
    rho: &'a [E],
    prior: GaussianPrior<'a, E>,
    /// Where the slope by each rho goes, if it is wanted.
    slope: Option<&'a mut [E]>,
}

impl<E: Real> Kernel for Kl<'_, E> {
    type Output = f64;

    #[inline(always)]
    fn run(mut self) -> f64 {
        // A loop that computed the terms in their own type and summed them in f64 would run at half the vector width.
        let ln_prior_std = E::narrow(self.prior.std.widen().ln());
        let precision_root = E::one() / self.prior.std;
        let [mut spreads, mut ln_ratios, mut shifts] = [[E::zero(); BLOCK]; 3];
        let (mut steps, mut lns) = (Steps::new(), [E::zero(); BLOCK]);
        let mut sums = [0.0; LANES];
        for (i, (mu, rho)) in self
            .mu
            .chunks(BLOCK)
            .zip(self.rho.chunks(BLOCK))
            .enumerate()
        {
            steps.take(rho);
            let Steps { us, ratios } = &steps;
            for (((ln, &ratio), &u), &rho) in lns.iter_mut().zip(ratios).zip(us).zip(rho) {
                *ln = rho.of_logarithm(u, ratio).ln_from_two_thirds();
            }
            let parts = us.iter().zip(ratios).zip(&lns).zip(rho);
            let targets = spreads.iter_mut().zip(&mut ln_ratios).zip(parts);
            match &mut self.slope {
                None => {
                    for ((spread, ln_ratio), (((&u, &ratio), &ln), rho)) in targets {
                        let posterior = rho.parts(u, ratio, ln);
                        *spread = posterior.value * precision_root;
                        *ln_ratio = ln_prior_std - posterior.ln_value;
                    }
                }
                Some(slope) => {
                    let slope = &mut slope[i * BLOCK..];
                    for (((spread, ln_ratio), (((&u, &ratio), &ln), rho)), slope) in
                        targets.zip(slope)
                    {
                        let posterior = rho.parts(u, ratio, ln);
                        *spread = posterior.value * precision_root;
                        *ln_ratio = ln_prior_std - posterior.ln_value;
                        *slope = *spread * (posterior.slope * precision_root) - posterior.ln_slope;
                    }
                }
            }
            let targets = shifts.iter_mut().zip(mu);
            let shift = |mu: E, mean: E| (mu - mean) * precision_root;
            match self.prior.mean.from(i * BLOCK) {
                PriorMean::Scalar(mean) => targets.for_each(|(s, &mu)| *s = shift(mu, mean)),
                PriorMean::Slice(means) => {
                    targets
                        .zip(means)
                        .for_each(|((s, &mu), &mean)| *s = shift(mu, mean));
                }
            }
            let block = 0..mu.len();
            add_terms(
                &mut sums,
                &spreads[block.clone()],
                &shifts[block.clone()],
                &ln_ratios[block],
            );
        }
        sums.iter().sum()
    }
}

/// Adds ln(σp/σq) + ½·(spread² + shift² − 1) of every weight to the sum of its lane.
#[inline(always)]
fn add_terms<E: Real>(sums: &mut [f64; LANES], spreads: &[E], shifts: &[E], ln_ratios: &[E]) {
    let chunks = spreads
        .chunks(LANES)
        .zip(shifts.chunks(LANES))
        .zip(ln_ratios.chunks(LANES));
    for ((spreads, shifts), ln_ratios) in chunks {
        let lanes = sums.iter_mut().zip(spreads).zip(shifts).zip(ln_ratios);
        for (((sum, spread), shift), ln_ratio) in lanes {
            let (spread, shift) = (spread.widen(), shift.widen());
            *sum += ln_ratio.widen() + 0.5 * (spread * spread + shift * shift - 1.0);
        }
    }
}

struct KlBackward<'a, E> {
    mu: &'a [E],
    slope: &'a [E],
    prior: GaussianPrior<'a, E>,
    upstream: E,
    d_mu: &'a mut [E],
    d_rho: &'a mut [E],
}

impl<E: Real> Kernel for KlBackward<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            mu,
            slope,
            prior,
            upstream,
            d_mu,
            d_rho,
        } = self;
        let precision_root = E::one() / prior.std;
        for (d_rho, &slope) in d_rho.iter_mut().zip(slope) {
            *d_rho += upstream * slope;
        }
        let d_mu = d_mu.iter_mut().zip(mu);
        let slope = |mu: E, mean: E| upstream * ((mu - mean) * precision_root * precision_root);
        match prior.mean {
            PriorMean::Scalar(mean) => d_mu.for_each(|(d_mu, &mu)| *d_mu += slope(mu, mean)),
            PriorMean::Slice(means) => {
                d_mu.zip(means)
                    .for_each(|((d_mu, &mu), &mean)| *d_mu += slope(mu, mean));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, numeric_slope, with_one_and_two_threads,
    };

    /// The textbook formula, one weight after another, in f64.
    fn reference<E: Real>(mu: &[E], rho: &[E], means: &[E], std: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..mu.len() {
            let sigma = rho[i].widen().exp().ln_1p();
            let shift = mu[i].widen() - means[i].widen();
            sum += (std / sigma).ln() + (sigma * sigma + shift * shift) / (2.0 * std * std) - 0.5;
        }
        sum
    }

    fn rho<E: Real>(length: usize) -> Vec<E> {
        numbers::<E>(2, length)
            .iter()
            .map(|r| E::narrow(r.widen() * 6.0 - 2.0))
            .collect()
    }

    /// Adds the gradients to both targets; the value that comes along is that of [`kl_on`].
    fn gradients<E: Real>(
        isa: Isa,
        [mu, rho]: [&[E]; 2],
        prior: &GaussianPrior<'_, E>,
        upstream: E,
        [d_mu, d_rho]: [&mut [E]; 2],
    ) {
        let mut slope = vec![E::zero(); rho.len()];
        let value = kl_with_slope_on(isa, mu, rho, prior, &mut slope);
        assert_eq!(value.to_bits(), kl_on(isa, mu, rho, prior).to_bits());
        kl_gradients_on(isa, mu, &slope, prior, upstream, d_mu, d_rho);
    }

    fn check<E: Real>(length: usize) {
        let (mu, rho, means) = (
            numbers::<E>(1, length),
            rho::<E>(length),
            numbers::<E>(3, length),
        );
        let std = 0.3;
        for mean in [PriorMean::Scalar(E::narrow(0.25)), PriorMean::Slice(&means)] {
            let prior = GaussianPrior {
                mean,
                std: E::narrow(std),
            };
            let means = match mean {
                PriorMean::Scalar(mean) => vec![mean; length],
                PriorMean::Slice(means) => means.to_vec(),
            };
            let want = reference(&mu, &rho, &means, prior.std.widen());
            let portable = kl_on(Isa::Portable, &mu, &rho, &prior);
            let bound = 20.0 * E::epsilon().widen() * (want.abs() + 1.0);
            assert!(
                (portable - want).abs() <= bound,
                "{portable} instead of {want}"
            );
            let mut want = [vec![E::one(); length], vec![E::one(); length]];
            let [d_mu, d_rho] = &mut want;
            gradients(
                Isa::Portable,
                [&mu, &rho],
                &prior,
                E::narrow(0.7),
                [d_mu, d_rho],
            );
            for isa in Isa::available() {
                assert_eq!(kl_on(isa, &mu, &rho, &prior), portable, "{isa}");
                let mut got = [vec![E::one(); length], vec![E::one(); length]];
                let [d_mu, d_rho] = &mut got;
                gradients(isa, [&mu, &rho], &prior, E::narrow(0.7), [d_mu, d_rho]);
                assert_same_bits(&got[0], &want[0], "d_mu");
                assert_same_bits(&got[1], &want[1], "d_rho");
            }
        }
    }

    #[test]
    fn agrees_with_the_textbook_formula_and_among_instruction_sets() {
        for length in [0, 1, 15, 16, 17, 31, 100] {
            check::<f32>(length);
            check::<f64>(length);
        }
    }

    #[test]
    fn gradients_are_slopes_times_upstream() {
        let (mu, rho) = (numbers::<f64>(1, 19), rho::<f64>(19));
        let means = numbers::<f64>(3, 19);
        let prior = GaussianPrior {
            mean: PriorMean::Slice(&means),
            std: 0.4,
        };
        let (mut d_mu, mut d_rho) = (vec![1.0; 19], vec![1.0; 19]);
        gradients(
            Isa::active(),
            [&mu, &rho],
            &prior,
            2.5,
            [&mut d_mu, &mut d_rho],
        );
        let slope = |i| 1.0 + 2.5 * numeric_slope(&mu, i, |mu| kl(mu, &rho, &prior));
        assert_all_close(&d_mu, &(0..19).map(slope).collect::<Vec<_>>(), 1e8, "d_mu");
        let slope = |i| 1.0 + 2.5 * numeric_slope(&rho, i, |rho| kl(&mu, rho, &prior));
        assert_all_close(
            &d_rho,
            &(0..19).map(slope).collect::<Vec<_>>(),
            1e8,
            "d_rho",
        );
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let length = 5 * CHUNK + 3;
        let (mu, rho) = (numbers::<f32>(1, length), rho::<f32>(length));
        let prior = GaussianPrior {
            mean: PriorMean::Scalar(0.0),
            std: 1.0,
        };
        let [one, two] = with_one_and_two_threads(|| kl(&mu, &rho, &prior));
        assert_eq!(one.to_bits(), two.to_bits());
    }

    #[test]
    fn extreme_parameters_give_finite_values_and_slopes() {
        let (mu, rho) = ([1e4_f32, -1e4, 0.0, 0.0], [1e4_f32, -1e4, -1e4, -200.0]);
        let prior = GaussianPrior {
            mean: PriorMean::Scalar(0.0),
            std: 1.0,
        };
        let (mut d_mu, mut d_rho) = ([0.0; 4], [0.0; 4]);
        gradients(
            Isa::active(),
            [&mu, &rho],
            &prior,
            1.0,
            [&mut d_mu, &mut d_rho],
        );
        assert_eq!(d_mu, [1e4, -1e4, 0.0, 0.0]);
        assert_eq!(d_rho, [1e4 - 1e-4, -1.0, -1.0, -1.0]);
        // ln σq = rho where σq underflows.
        assert_eq!(kl(&[0.0_f32], &[-1e4], &prior), 1e4 - 0.5);
        assert!(kl(&mu, &rho, &prior).is_finite());
    }
}
