//! The KL of every prior and posterior against integrals, dense linear algebra, and its slopes.

use super::*;
use crate::confidence::Estimate;
use crate::finite_differences::assert_slopes;
use crate::parameters::{Parameter, parameters, spread_out};
use bayes_core::dfdx::tensor::NoneTape;

/// A twin of `$Net` with mu, rho and factor spread out.
macro_rules! spread {
    ($Net:ident, $Bayes:ident) => {{
        let dev = Cpu::seed_from_u64(3);
        let mut bayes = $Bayes::from_pretrained(&dev.build_module::<$Net, f64>()).expect("a twin");
        spread_out(&mut bayes);
        bayes
    }};
}

fn values(all: &[Parameter], name: &str) -> Vec<f64> {
    let found = all.iter().find(|parameter| parameter.name == name);
    found
        .map(|parameter| parameter.values.clone())
        .unwrap_or_default()
}

fn softplus(rho: f64) -> f64 {
    rho.exp().ln_1p()
}

/// `∫ N(z; 0, 1)·f(z) dz` by the trapezoidal rule over ±14.
fn normal_mean(f: impl Fn(f64) -> f64) -> f64 {
    const POINTS: i32 = 200_000;
    let step = 28.0 / f64::from(POINTS);
    let term = |i: i32| {
        let z = -14.0 + f64::from(i) * step;
        (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt() * f(z)
    };
    (0..=POINTS).map(term).sum::<f64>() * step
}

/// `ln N(x; 0, std²)`.
fn log_normal(x: f64, std: f64) -> f64 {
    -0.5 * (x / std).powi(2) - std.ln() - 0.5 * std::f64::consts::TAU.ln()
}

fn log_laplace(x: f64) -> f64 {
    -(x - 0.1).abs() / 0.4 - 0.8_f64.ln()
}

fn log_mixture(x: f64) -> f64 {
    (0.3 * log_normal(x, 1.0).exp() + 0.7 * log_normal(x, 0.1).exp()).ln()
}

/// With three degrees of freedom: `2/(π·√3·s)·(1 + x²/(3s²))⁻²`.
fn log_student(x: f64) -> f64 {
    let height = 2.0 / (std::f64::consts::PI * 3f64.sqrt() * 0.3);
    height.ln() - 2.0 * (x * x / (3.0 * 0.09)).ln_1p()
}

fn log_logistic(x: f64) -> f64 {
    let z = x.abs() / 0.25;
    -z - 2.0 * (-z).exp().ln_1p() - 0.25_f64.ln()
}

/// The weights of a mean-field layer: mu and sigma.
fn mean_field(all: &[Parameter]) -> Vec<(f64, f64)> {
    let of = |tensor: &str| {
        let mu = values(all, &format!("fc.{tensor}.mu"));
        let rho = values(all, &format!("fc.{tensor}.rho"));
        mu.into_iter()
            .zip(rho.into_iter().map(softplus))
            .collect::<Vec<_>>()
    };
    [of("weight"), of("bias")].concat()
}

/// `Σ ∫ q·ln(q/p)`.
fn integral(weights: &[(f64, f64)], log_prob: impl Fn(f64) -> f64) -> f64 {
    let of_one = |&(mu, sigma): &(f64, f64)| {
        normal_mean(|z| log_normal(z, 1.0) - sigma.ln() - log_prob(mu + sigma * z))
    };
    weights.iter().map(of_one).sum()
}

#[test]
fn the_laplace_prior_has_a_closed_form() {
    let bayes = spread!(LaplaceNet, BayesLaplaceNet);
    let want = integral(&mean_field(&parameters(&bayes)), log_laplace);
    let got = bayes.kl::<NoneTape>().array();
    // The prior has a corner, at which the trapezoidal rule is good to the square of its step.
    assert!((got - want).abs() <= 1e-7 * want, "{got} instead of {want}");
    assert_eq!(bayes.kl_in::<NoneTape>(Key::new(1, 2)).array(), got);
}

macro_rules! assert_sampled {
    ($Net:ident, $Bayes:ident, $log_prob:expr) => {{
        let bayes = spread!($Net, $Bayes);
        let want = integral(&mean_field(&parameters(&bayes)), $log_prob);
        let draws = (0..20_000).map(|i| bayes.kl_in::<NoneTape>(Key::new(5, i)).array());
        let estimate: Estimate = draws.collect();
        let name = stringify!($Net);
        let bound = 4.0 * estimate.standard_error;
        assert!(
            bound < 0.05 * want,
            "{name}: {estimate:?} sees nothing of {want}"
        );
        assert!(
            (estimate.mean - want).abs() <= bound,
            "{name}: {estimate:?} instead of {want}"
        );

        let layers = bayes.kl_per_layer().expect("the KL of each");
        let sum: f64 = layers.iter().map(|layer| layer.kl).sum();
        let error = layers
            .iter()
            .map(|layer| layer.standard_error)
            .fold(0.0, f64::hypot);
        assert!(
            error > 0.0 && (sum - want).abs() <= 5.0 * error,
            "{name}: {layers:?}"
        );

        let closed = bayes_core::kl::kl::<f64, Cpu, NoneTape, _>(&bayes);
        let sentence = closed.expect_err("no closed form").to_string();
        assert!(
            sentence.contains("`fc.weight`") && sentence.contains("kl_in(key)"),
            "{sentence}"
        );
    }};
}

#[test]
fn sampled_divergences_are_within_4_standard_errors_of_the_integral() {
    assert_sampled!(MixtureNet, BayesMixtureNet, log_mixture);
    assert_sampled!(StudentNet, BayesStudentNet, log_student);
    assert_sampled!(OwnNet, BayesOwnNet, log_logistic);
}

/// The covariance `U·Uᵀ + diag(sigma²)` of a tensor of `n` weights, row-major.
fn covariance(all: &[Parameter], tensor: &str) -> Vec<f64> {
    let sigma: Vec<f64> = values(all, &format!("fc.{tensor}.rho"))
        .into_iter()
        .map(softplus)
        .collect();
    let factor = values(all, &format!("fc.{tensor}.factor"));
    let n = sigma.len();
    assert_eq!(factor.len(), 2 * n);
    let entry = |i: usize, j: usize| {
        let diagonal = if i == j { sigma[i] * sigma[i] } else { 0.0 };
        diagonal
            + (0..2)
                .map(|k| factor[2 * i + k] * factor[2 * j + k])
                .sum::<f64>()
    };
    (0..n * n).map(|at| entry(at / n, at % n)).collect()
}

/// `ln det` by Gaussian elimination.
fn log_det(mut matrix: Vec<f64>, n: usize) -> f64 {
    let mut sum = 0.0;
    for k in 0..n {
        sum += matrix[k * n + k].ln();
        for i in k + 1..n {
            let factor = matrix[i * n + k] / matrix[k * n + k];
            (k..n).for_each(|j| matrix[i * n + j] -= factor * matrix[k * n + j]);
        }
    }
    sum
}

/// `½(tr S/p² + |mu − m|²/p² − n + n·ln p² − ln det S)`.
fn dense_kl(all: &[Parameter], tensor: &str) -> f64 {
    const PRIOR: (f64, f64) = (0.1, 0.7);
    let mu = values(all, &format!("fc.{tensor}.mu"));
    let n = mu.len();
    let covariance = covariance(all, tensor);
    let trace: f64 = (0..n).map(|i| covariance[i * n + i]).sum();
    let squares: f64 = mu.iter().map(|mu| (mu - PRIOR.0).powi(2)).sum();
    let scaled = (trace + squares) / PRIOR.1.powi(2);
    0.5 * (scaled - n as f64 + 2.0 * n as f64 * PRIOR.1.ln() - log_det(covariance, n))
}

#[test]
fn the_low_rank_divergence_is_that_of_the_dense_gaussian() {
    let bayes = spread!(LowRankNet, BayesLowRankNet);
    let all = parameters(&bayes);
    let want = dense_kl(&all, "weight") + dense_kl(&all, "bias");
    let got = bayes.kl::<NoneTape>().array();
    assert!(
        (got - want).abs() <= 1e-12 * want.abs(),
        "{got} instead of {want}"
    );
}

/// Of a low-rank Gaussian a factorised prior sees the marginals only.
#[test]
fn low_rank_and_laplace_meet_in_the_marginals() {
    let bayes = spread!(LowRankLaplaceNet, BayesLowRankLaplaceNet);
    let all = parameters(&bayes);
    let mut want = 0.0;
    for tensor in ["weight", "bias"] {
        let (mu, covariance) = (
            values(&all, &format!("fc.{tensor}.mu")),
            covariance(&all, tensor),
        );
        let n = mu.len();
        for (i, mu) in mu.iter().enumerate() {
            let std = covariance[i * n + i].sqrt();
            want -= normal_mean(|z| log_laplace(mu + std * z));
        }
        let entropy = n as f64 * (std::f64::consts::TAU * std::f64::consts::E).ln();
        want -= 0.5 * (entropy + log_det(covariance, n));
    }
    let got = bayes.kl::<NoneTape>().array();
    assert!((got - want).abs() <= 1e-7 * want, "{got} instead of {want}");
}

/// `E ln q(w)` of n weights in a radial posterior with sigma = 1, as an integral over the length: the density of w at
/// length r is that of r, half-normal, over the area of the sphere with this radius.
fn radial_negative_entropy(n: i32) -> f64 {
    let area = match n {
        2 => 2.0 * std::f64::consts::PI,
        6 => std::f64::consts::PI.powi(3),
        _ => unreachable!("the layer has tensors of 6 and of 2 weights"),
    };
    // The logarithm has a pole at 0 that the rule would step on; a substitution r = t³ smooths it.
    const POINTS: i32 = 2_000_000;
    let step = 2.5 / f64::from(POINTS);
    let term = |i: i32| {
        let t = (f64::from(i) + 0.5) * step;
        let r = t.powi(3);
        let log_half_normal = log_normal(r, 1.0) + 2f64.ln();
        let log_density = log_half_normal - area.ln() - f64::from(n - 1) * r.ln();
        log_half_normal.exp() * log_density * 3.0 * t * t
    };
    (0..POINTS).map(term).sum::<f64>() * step
}

#[test]
fn the_radial_divergence_is_the_integral_over_the_length() {
    let bayes = spread!(RadialNet, BayesRadialNet);
    let all = parameters(&bayes);
    let mut want = 0.0;
    for tensor in ["weight", "bias"] {
        let (mu, rho) = (
            values(&all, &format!("fc.{tensor}.mu")),
            values(&all, &format!("fc.{tensor}.rho")),
        );
        let n = mu.len() as f64;
        want += radial_negative_entropy(mu.len() as i32);
        for (mu, sigma) in mu.iter().zip(rho.into_iter().map(softplus)) {
            // E (w − m)² of a weight is (mu − m)² + sigma²/n.
            let square = (mu - 0.1).powi(2) + sigma * sigma / n;
            want -= sigma.ln() + log_normal(0.0, 0.7) - 0.5 * square / 0.49;
        }
    }
    let got = bayes.kl::<NoneTape>().array();
    assert!((got - want).abs() <= 1e-6 * want, "{got} instead of {want}");
}

/// With a radial posterior a Laplace prior has no closed form; the sampled one agrees between halves of its draws and
/// differs from the mean-field one.
#[test]
fn radial_and_laplace_are_sampled() {
    let bayes = spread!(RadialLaplaceNet, BayesRadialLaplaceNet);
    let part = |range: std::ops::Range<u64>| -> Estimate {
        range
            .map(|i| bayes.kl_in::<NoneTape>(Key::new(5, i)).array())
            .collect()
    };
    part(0..10_000).assert_same(&part(10_000..20_000), 0.2, "halves");
    assert!(bayes_core::kl::kl::<f64, Cpu, NoneTape, _>(&bayes).is_err());
}

#[test]
fn gradients_are_slopes() {
    macro_rules! check {
        ($($Net:ident $Bayes:ident)*) => {$({
            let mut bayes = spread!($Net, $Bayes);
            let x = Cpu::seed_from_u64(1).tensor([0.5]);
            let key = Key::new(9, 4);
            // The divergence and a number of the draw's own, so that mu, rho and factor all have slopes.
            assert_slopes(&mut bayes, &x, |bayes, x: &Tensor<Rank1<1>, f64, Cpu>| {
                let kl = bayes.kl_in::<OwnedTape<f64, Cpu>>(key);
                kl + x.leaky_trace().square().sum::<Rank0, _>()
            });
        })*};
    }
    check!(
        LaplaceNet BayesLaplaceNet
        MixtureNet BayesMixtureNet
        StudentNet BayesStudentNet
        OwnNet BayesOwnNet
        LearnedNet BayesLearnedNet
        RadialNet BayesRadialNet
        RadialLaplaceNet BayesRadialLaplaceNet
        LowRankNet BayesLowRankNet
        LowRankLaplaceNet BayesLowRankLaplaceNet
        LowRankStudentNet BayesLowRankStudentNet
        MopedStudentNet BayesMopedStudentNet
    );
}

#[test]
fn checkpoints_keep_what_a_belief_adds() {
    let names = |all: Vec<Parameter>| -> Vec<String> { all.into_iter().map(|p| p.name).collect() };
    let bayes = spread!(LowRankNet, BayesLowRankNet);
    assert_eq!(
        names(parameters(&bayes))[..3],
        ["fc.weight.mu", "fc.weight.rho", "fc.weight.factor"]
    );
    let bayes = spread!(MopedLearnedNet, BayesMopedLearnedNet);
    assert_eq!(
        names(parameters(&bayes))[..4],
        [
            "fc.weight.mu",
            "fc.weight.rho",
            "fc.weight.prior_mean",
            "fc.weight.prior_log_std"
        ]
    );
    let priors = bayes_core::kl::priors(&bayes);
    assert_eq!(
        priors["fc.weight"],
        "Gaussian(mean prior_mean, std learned from 0.5, floor 0.05)"
    );
    let bayes = spread!(OwnNet, BayesOwnNet);
    assert_eq!(
        bayes_core::kl::priors(&bayes)["fc.bias"],
        "Logistic { scale: 0.25 }"
    );
}
