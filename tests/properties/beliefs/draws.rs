//! Draws of each posterior by each estimator that it takes: joint moments of outputs, and the choice at run time.

use super::*;
use crate::confidence::Estimate;
use crate::parameters::{change, parameters, spread_out};
use bayes_core::estimator::EstimatorKind;

/// Two examples of three features, with each sign in both.
const EXAMPLES: [[f64; 3]; 2] = [[0.9, -0.5, 1.2], [0.7, 0.8, -0.4]];

const DRAWS: u64 = 60_000;

#[bayesian(estimator = Flipout, posterior = Radial(rho = -1.0))]
struct RadialFlipoutNet {
    fc: Linear<3, 2>,
}

/// What draws add to the mean output, in the order (example, output), and the covariance of the tensors' weights.
struct Seen {
    deviations: Vec<[f64; 4]>,
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Seen {
    /// `Cov(y(a), y(b))` of two (example, output) pairs that share their weights.
    fn shared(&self, a: usize, b: usize) -> f64 {
        let (x, z) = (EXAMPLES[a / 2], EXAMPLES[b / 2]);
        let (row, column) = (a % 2, b % 2);
        let mut sum = self.bias[row * 2 + column];
        for (i, j) in (0..9).map(|at| (at / 3, at % 3)) {
            sum += self.weight[(row * 3 + i) * 6 + column * 3 + j] * x[i] * z[j];
        }
        sum
    }

    fn assert_covariance(&self, exact: impl Fn(usize, usize) -> f64, what: &str) {
        for a in 0..4 {
            let mean: Estimate = self.deviations.iter().map(|d| d[a]).collect();
            mean.assert_is(
                0.0,
                0.1 * exact(a, a).sqrt(),
                &format!("{what}, mean of {a}"),
            );
            for b in 0..=a {
                let product: Estimate = self.deviations.iter().map(|d| d[a] * d[b]).collect();
                let effect = 0.2 * (exact(a, a) * exact(b, b)).sqrt();
                product.assert_is(
                    exact(a, b),
                    effect,
                    &format!("{what}, covariance of {a} and {b}"),
                );
            }
        }
    }
}

macro_rules! seen {
    ($Net:ident, $Bayes:ident, $covariance:expr) => {{
        let dev = Cpu::seed_from_u64(3);
        let mut bayes = $Bayes::from_pretrained(&dev.build_module::<$Net, f64>()).expect("a twin");
        spread_out(&mut bayes);
        change(
            &mut bayes,
            &mut |name, i, old| match name.ends_with("factor") {
                true => 0.3 * (1.0 + i as f64).sin(),
                false => old,
            },
        );
        let x = dev.tensor(EXAMPLES);
        let at = |key: Key| bayes.eval(key).forward(x.clone()).as_vec();
        let mean = at(Key::MEAN);
        let one = |i| {
            let y = at(Key::new(11, i));
            std::array::from_fn(|a| y[a] - mean[a])
        };
        let all = parameters(&bayes);
        let covariance = |tensor: &str| {
            let of = |end: &str| {
                let name = format!("fc.{tensor}.{end}");
                let found = all.iter().find(|parameter| parameter.name == name);
                found
                    .map(|parameter| parameter.values.clone())
                    .unwrap_or_default()
            };
            let sigma: Vec<f64> = of("rho").into_iter().map(|rho| rho.exp().ln_1p()).collect();
            $covariance(&sigma, &of("factor"))
        };
        Seen {
            deviations: (0..DRAWS).map(one).collect(),
            weight: covariance("weight"),
            bias: covariance("bias"),
        }
    }};
}

/// `sigma²/n` for each weight: the directions are uniform, and the square of the length is 1 in the mean.
fn radial(sigma: &[f64], _: &[f64]) -> Vec<f64> {
    let n = sigma.len();
    let entry = |i: usize, j: usize| {
        if i == j {
            sigma[i] * sigma[i] / n as f64
        } else {
            0.0
        }
    };
    (0..n * n).map(|at| entry(at / n, at % n)).collect()
}

fn low_rank(sigma: &[f64], factor: &[f64]) -> Vec<f64> {
    let n = sigma.len();
    let entry = |i: usize, j: usize| {
        let diagonal = if i == j { sigma[i] * sigma[i] } else { 0.0 };
        diagonal
            + (0..2)
                .map(|k| factor[2 * i + k] * factor[2 * j + k])
                .sum::<f64>()
    };
    (0..n * n).map(|at| entry(at / n, at % n)).collect()
}

#[test]
fn radial_draws_by_reparameterization_share_their_weights() {
    let seen = seen!(RadialNet, BayesRadialNet, radial);
    seen.assert_covariance(|a, b| seen.shared(a, b), "radial");
}

/// A radial draw is one normal number long: `E |z|⁴ = 3`, where a Gaussian of 6 dimensions has 48.
#[test]
fn a_radial_draw_is_as_long_as_one_normal_number() {
    let bayes = {
        let dev = Cpu::seed_from_u64(3);
        BayesRadialNet::from_pretrained(&dev.build_module::<RadialNet, f64>()).expect("a twin")
    };
    let sigma = (-1f64).exp().ln_1p();
    let weights = |key: Key| {
        let draw = Draw::from(key).field("fc");
        bayes
            .fc
            .weight
            .drawn(&draw, "weight")
            .expect("weights")
            .as_vec()
    };
    let mean = weights(Key::MEAN);
    let square = |i: u64| -> f64 {
        let z = weights(Key::new(2, i)).into_iter().zip(&mean);
        z.map(|(w, mu)| ((w - mu) / sigma).powi(2)).sum()
    };
    let fourth: Estimate = (0..DRAWS).map(|i| square(i).powi(2)).collect();
    fourth.assert_is(3.0, 1.0, "fourth power of the length");
}

#[test]
fn radial_draws_by_flipout_are_uncorrelated_between_examples() {
    let seen = seen!(RadialFlipoutNet, BayesRadialFlipoutNet, radial);
    let apart = |a: usize, b: usize| {
        if a / 2 == b / 2 {
            seen.shared(a, b)
        } else {
            0.0
        }
    };
    seen.assert_covariance(apart, "radial by flipout");
}

#[test]
fn low_rank_weights_move_together() {
    let seen = seen!(LowRankNet, BayesLowRankNet, low_rank);
    let across = (0..4).flat_map(|a| (0..a).map(move |b| (a, b)));
    assert!(
        across
            .filter(|(a, b)| a % 2 != b % 2)
            .any(|(a, b)| seen.shared(a, b).abs() > 0.01),
        "outputs are to be correlated through the factor"
    );
    seen.assert_covariance(|a, b| seen.shared(a, b), "low-rank");
}

#[bayesian(estimator = Flipout)]
struct ByFlipout {
    fc1: Linear<3, 8>,
    act: ReLU,
    fc2: Linear<8, 2>,
}

#[bayesian(estimator = Reparameterization)]
struct ByReparameterization {
    fc1: Linear<3, 8>,
    act: ReLU,
    fc2: Linear<8, 2>,
}

#[bayesian(estimator = Flipout)]
struct Image {
    conv: Conv2D<1, 2, 3>,
}

/// An estimator named for a prediction gives the numbers of a model of that type.
#[test]
fn the_estimator_can_be_chosen_at_run_time() {
    let dev = Cpu::seed_from_u64(6);
    let one =
        BayesByFlipout::from_pretrained(&dev.build_module::<ByFlipout, f32>()).expect("a twin");
    let mut other = BayesByReparameterization::from_pretrained(
        &dev.build_module::<ByReparameterization, f32>(),
    )
    .expect("a twin");
    let all = parameters(&one);
    change(&mut other, &mut |name, i, _| {
        all.iter()
            .find(|parameter| parameter.name == name)
            .expect("the same names")
            .values[i]
    });
    let x: Tensor<Rank2<5, 3>, f32, _> = dev.sample_normal();
    let by = |kind| {
        one.predict(x.clone(), 4, 7)
            .estimator(kind)
            .draws()
            .expect("draws")
            .values
    };
    let own = one.predict(x.clone(), 4, 7).draws().expect("draws").values;
    let want = other
        .predict(x.clone(), 4, 7)
        .draws()
        .expect("draws")
        .values;
    assert_eq!(by(EstimatorKind::Reparameterization), want);
    assert_eq!(by(EstimatorKind::Flipout), own);
    assert_ne!(own, want);
}

#[test]
fn an_estimator_that_cannot_draw_a_layer_is_refused() {
    let dev = Cpu::seed_from_u64(6);
    let image = BayesImage::from_pretrained(&dev.build_module::<Image, f32>()).expect("a twin");
    let x: Tensor<Rank4<2, 1, 4, 4>, f32, _> = dev.sample_normal();
    let local = image
        .predict(x, 2, 0)
        .estimator(EstimatorKind::LocalReparameterization)
        .draws();
    assert_eq!(
        local.expect_err("shared weights").to_string(),
        "LocalReparameterization cannot draw this model, because a layer uses one weight at several positions: \
         ask for Reparameterization"
    );
    let low =
        BayesLowRankNet::from_pretrained(&dev.build_module::<LowRankNet, f32>()).expect("a twin");
    let x: Tensor<Rank2<2, 3>, f32, _> = dev.sample_normal();
    let flipout = low
        .predict(x, 2, 0)
        .estimator(EstimatorKind::Flipout)
        .draws();
    let sentence = flipout.expect_err("a low-rank posterior").to_string();
    assert!(
        sentence.contains("Flipout") && sentence.contains("low-rank"),
        "{sentence}"
    );
}

#[bayesian]
struct Dropped {
    drop: DropoutOneIn<4>,
    fc: Linear<3, 2>,
}

/// Dropout keeps the mean of a linear net and adds `x²·p/(1 − p)` to the variance of each input.
#[test]
fn monte_carlo_dropout_draws_subnetworks() {
    let dev = Cpu::seed_from_u64(8);
    let net = dev.build_module::<Dropped, f64>();
    let x = dev.tensor(EXAMPLES);
    let kept = predict(&net, x.clone(), 1, 0)
        .draws()
        .expect("draws")
        .values;
    let all = predict(&net, x.clone(), DRAWS as usize, 3)
        .mc_dropout()
        .draws()
        .expect("draws")
        .values;
    let weight = net.fc.weight.as_vec();
    for (a, kept) in kept.iter().enumerate() {
        let mean: Estimate = all.iter().skip(a).step_by(4).copied().collect();
        mean.assert_is(*kept, 0.05, &format!("mean of output {a}"));
        let inputs = (0..3).map(|i| (weight[a % 2 * 3 + i] * EXAMPLES[a / 2][i]).powi(2) / 3.0);
        let exact: f64 = inputs.sum();
        let square: Estimate = all
            .iter()
            .skip(a)
            .step_by(4)
            .map(|y| (y - kept).powi(2))
            .collect();
        square.assert_is(exact, 0.2 * exact, &format!("variance of output {a}"));
    }
}
