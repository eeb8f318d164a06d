//! Closed divergences are at least 0, and 0 only where posterior and prior are equal, over many orders of magnitude.

use super::*;
use crate::beliefs::{
    BayesLaplaceNet, BayesLowRankNet, BayesNormalNet, LaplaceNet, LowRankNet, NormalNet,
};
use crate::parameters::change;
use bayes_core::device::{Kernels, composed};
use bayes_core::dfdx::tensor::NoneTape;
use bayes_core::kernels::real::Real;
use bayes_core::posterior::{MeanField, PriorMean};
use bayes_core::prelude::*;
use bayes_core::prior::{Laplace, Prior};
use proptest::collection::vec;
use proptest::sample::Index;
use std::f64::consts::{LN_2, PI};

/// A number type of tensors and of kernels.
trait Number: Dtype + Real {}

impl<E: Dtype + Real> Number for E {}

/// A weight's mean and standard deviation.
type Weight = (f64, f64);

/// Weights as far apart as `1e-6` and `1e3`.
fn weights(
    count: impl Into<proptest::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Weight>> {
    vec((signed(-6.0, 3.0), magnitudes(-6.0, 3.0)), count)
}

fn prior() -> impl Strategy<Value = (f64, f64)> {
    (signed(-6.0, 3.0), magnitudes(-4.0, 3.0))
}

/// mu and rho of weights, rounded to `E`.
fn parameters<E: Real>(weights: &[Weight]) -> (Vec<E>, Vec<E>) {
    let mu = weights.iter().map(|weight| E::narrow(weight.0));
    let rho = weights
        .iter()
        .map(|weight| E::narrow(weight.1.inverse_softplus()));
    (mu.collect(), rho.collect())
}

/// The divergence of Gaussian weights from Gaussian priors, fused and composed.
fn gaussian<E: Number>(mu: &[E], rho: &[E], means: &[E], std: E) -> [f64; 2]
where
    Cpu: Kernels<E>,
{
    let upload = |values: &[E]| Cpu::default().tensor_from_vec(values.to_vec(), (values.len(),));
    let (mu, rho, means) = (upload(mu), upload(rho), upload(means));
    let beliefs = || MeanField {
        mu: &mu,
        rho: &rho,
        prior_mean: PriorMean::Tensor(&means),
        prior_std: std.widen(),
    };
    let fused: Result<Tensor<Rank0, E, Cpu>, _> = Cpu::gaussian_kl(beliefs());
    let composed: Result<Tensor<Rank0, E, Cpu>, _> = composed::gaussian_kl(beliefs());
    [fused, composed].map(|kl| kl.expect("a divergence").array().widen())
}

/// What the divergence of one weight is, in double precision, and how far a rounded one may be from it.
struct Exact {
    kl: f64,
    rounding: f64,
}

impl Exact {
    /// `½(r² − 1 + d²) − ln r`, with r the ratio of the standard deviations and d the distance in those of the prior.
    ///
    /// Each of the terms is rounded a few times, and a sum of n numbers n times.
    fn of<E: Real>(mu: E, rho: E, mean: E, std: E, n: usize) -> Self {
        let ln_sigma = rho.widen().softplus_parts().ln_value;
        let ln_std = std.widen().ln();
        let (log_ratio, shift) = (ln_sigma - ln_std, (mu.widen() - mean.widen()) / std.widen());
        let squares = (2.0 * log_ratio).exp() + shift * shift;
        let terms = 1.0 + ln_sigma.abs() + ln_std.abs() + squares;
        Self {
            kl: 0.5 * ((2.0 * log_ratio).exp_m1() + shift * shift) - log_ratio,
            rounding: (8 + n) as f64 * E::epsilon().widen() * terms,
        }
    }

    fn sum<E: Real>(mu: &[E], rho: &[E], means: &[E], std: E) -> Self {
        let one = |i: usize| Self::of(mu[i], rho[i], means[i], std, mu.len());
        let all = || (0..mu.len()).map(one);
        Self {
            kl: all().map(|one| one.kl).sum(),
            rounding: all().map(|one| one.rounding).sum(),
        }
    }
}

fn is_the_formula<E: Number>(
    weights: &[Weight],
    (mean, std): (f64, f64),
) -> Result<(), TestCaseError>
where
    Cpu: Kernels<E>,
{
    let (mu, rho) = parameters::<E>(weights);
    let (means, std) = (vec![E::narrow(mean); mu.len()], E::narrow(std));
    let exact = Exact::sum(&mu, &rho, &means, std);
    prop_assert!(exact.kl >= 0.0);
    for kl in gaussian(&mu, &rho, &means, std) {
        let error = (kl - exact.kl).abs();
        prop_assert!(error <= exact.rounding, "{} instead of {}", kl, exact.kl);
    }
    Ok(())
}

/// Where each weight's prior is its posterior, and where one of them then moves by 5 to 50 % of its width.
fn is_zero_there_only<E: Number>(
    weights: &[Weight],
    sigma: f64,
    (moved, by, spreads): (Index, f64, bool),
) -> Result<(), TestCaseError>
where
    Cpu: Kernels<E>,
{
    let weights: Vec<Weight> = weights.iter().map(|weight| (weight.0, sigma)).collect();
    let (mut mu, mut rho) = parameters::<E>(&weights);
    let (means, std) = (mu.clone(), E::narrow(rho[0].widen().softplus()));
    let rounding = Exact::sum(&mu, &rho, &means, std).rounding;
    for kl in gaussian(&mu, &rho, &means, std) {
        prop_assert!(kl.abs() <= rounding, "{} at equality", kl);
    }
    let moved = moved.index(mu.len());
    if spreads {
        rho[moved] = E::narrow((sigma * (1.0 + by)).inverse_softplus());
    } else {
        mu[moved] = E::narrow(mu[moved].widen() + by * sigma);
    }
    for kl in gaussian(&mu, &rho, &means, std) {
        // by²/2 of a mean, and ½(r² − 1) − ln r, at least 0.8·by², of a spread that is r = 1 + by times as wide.
        prop_assert!(kl >= 0.4 * by * by, "{} after {}", kl, by);
    }
    Ok(())
}

#[test]
fn gaussian_divergences_are_never_negative() {
    for_all(96, (weights(1..12), prior()), |(weights, prior)| {
        is_the_formula::<f32>(&weights, prior)?;
        is_the_formula::<f64>(&weights, prior)
    });
}

#[test]
fn gaussian_divergences_are_0_at_the_prior_and_only_there() {
    // A mean has digits enough to move by a part of sigma where it is not 1e4 times as large.
    let weights = vec((signed(-3.0, 0.0), Just(0.0)), 1..12);
    let moves = (any::<Index>(), signed(-1.3, -0.3), any::<bool>());
    for_all(
        96,
        (weights, magnitudes(-2.0, 3.0), moves),
        |(weights, sigma, moves)| {
            is_zero_there_only::<f32>(&weights, sigma, moves)?;
            is_zero_there_only::<f64>(&weights, sigma, moves)
        },
    );
}

/// The smallest divergence of a Gaussian from a Laplace distribution, at its mean and `sigma = scale·√(π/2)`.
const LEAST_TO_LAPLACE: f64 = LN_2 + 0.5 - 1.144_729_885_849_400_2;

/// `−H − E ln p` of Gaussian weights under a Laplace prior, with the entropy in double precision.
fn laplace<E: Number>(weights: &[Weight], prior: Laplace) -> f64
where
    Cpu: Kernels<E>,
{
    let upload = |values: Vec<E>| Cpu::default().tensor_from_vec(values, (weights.len(),));
    let distances = weights
        .iter()
        .map(|weight| E::narrow(weight.0 - prior.mean));
    let stds: Vec<E> = weights.iter().map(|weight| E::narrow(weight.1)).collect();
    let entropy: f64 = stds
        .iter()
        .map(|std| std.widen().ln() + 0.5 * (2.0 * PI).ln() + 0.5)
        .sum();
    let cross = prior.cross_entropy(upload(distances.collect()), upload(stds));
    cross
        .expect("a closed form")
        .expect("a cross entropy")
        .array()
        .widen()
        - entropy
}

fn is_above_the_least<E: Number>(weights: &[Weight], prior: Laplace) -> Result<(), TestCaseError>
where
    Cpu: Kernels<E>,
{
    let least = LEAST_TO_LAPLACE * weights.len() as f64;
    // Of the rounding of a weight's terms, a few 1e-7 of each in `f32`, this is far more where they are small; where
    // they are not, so is the divergence.
    let kl = laplace::<E>(weights, prior);
    prop_assert!(kl >= 0.99 * least, "{} below {}", kl, least);
    let nearest = vec![(prior.mean, prior.scale * (PI / 2.0).sqrt()); weights.len()];
    let kl = laplace::<E>(&nearest, prior);
    prop_assert!(
        (kl - least).abs() <= 0.01 * least,
        "{} instead of {}",
        kl,
        least
    );
    Ok(())
}

#[test]
fn laplace_divergences_are_above_their_least_value() {
    assert!((PI.ln() - 1.144_729_885_849_400_2).abs() <= f64::EPSILON);
    for_all(96, (weights(1..12), prior()), |(weights, (mean, scale))| {
        let prior = Laplace::new(mean, scale);
        is_above_the_least::<f32>(&weights, prior)?;
        is_above_the_least::<f64>(&weights, prior)
    });
}

/// Sets mu and rho of a net to those of `weights`, and its factor to a multiple of sigma.
macro_rules! set {
    ($net:ident, $weights:ident, $factors:expr) => {{
        let factors: &[f64] = $factors;
        change(&mut $net, &mut |name, i, old| {
            let bias = if name.contains("bias") { 6 } else { 0 };
            match name.rsplit('.').next() {
                Some("mu") => $weights[bias + i].0,
                Some("rho") => $weights[bias + i].1.inverse_softplus(),
                Some("factor") => factors[2 * bias + i] * $weights[bias + i / 2].1,
                _ => old,
            }
        });
    }};
}

/// The nets of `beliefs` have 6 weights and 2 biases.
macro_rules! net {
    ($Net:ident, $Bayes:ident, $E:ty) => {
        $Bayes::from_pretrained(&Cpu::seed_from_u64(0).build_module::<$Net, $E>()).expect("a twin")
    };
}

#[test]
fn laplace_divergences_of_models_are_above_their_least_value() {
    macro_rules! check {
        ($E:ty) => {
            for_all(48, weights(8), |weights| {
                let mut net = net!(LaplaceNet, BayesLaplaceNet, $E);
                set!(net, weights, &[]);
                let kl = f64::from(net.kl::<NoneTape>().array());
                prop_assert!(kl >= 8.0 * 0.99 * LEAST_TO_LAPLACE, "{}", kl);
                Ok(())
            });
        };
    }
    check!(f32);
    check!(f64);
}

/// Without its factor a low-rank posterior is mean-field; with one, its divergence is still above 0.
#[test]
fn low_rank_divergences_without_a_factor_are_those_of_the_mean_field() {
    macro_rules! check {
        ($E:ty) => {
            for_all(
                48,
                (weights(8), vec(-3.0..3.0, 16)),
                |(weights, factors)| {
                    let mut mean_field = net!(NormalNet, BayesNormalNet, $E);
                    set!(mean_field, weights, &[]);
                    let want = f64::from(mean_field.kl::<NoneTape>().array());
                    let (mu, rho) = parameters::<$E>(&weights);
                    let rounding = Exact::sum(&mu, &rho, &[0.1; 8], 0.7).rounding;

                    let mut low_rank = net!(LowRankNet, BayesLowRankNet, $E);
                    set!(low_rank, weights, &[0.0; 16]);
                    let got = f64::from(low_rank.kl::<NoneTape>().array());
                    prop_assert!(
                        (got - want).abs() <= 2.0 * rounding,
                        "{} instead of {}",
                        got,
                        want
                    );

                    set!(low_rank, weights, &factors);
                    let kl = f64::from(low_rank.kl::<NoneTape>().array());
                    prop_assert!(kl > 0.0, "{}", kl);
                    Ok(())
                },
            );
        };
    }
    check!(f32);
    check!(f64);
}
