//! Moments of each estimator against those of exact sampling, of outputs together, not one by one.

use crate::confidence::Estimate;
use crate::estimators::twin;
use crate::parameters::{parameters, spread_out};
use bayes_core::estimator::Estimator;
use bayes_core::layers::modules;
use bayes_core::prelude::*;

/// Enough for covariances.
const DRAWS: u64 = 20_000;

/// Enough for fourth moments, which spread more.
const MANY_DRAWS: u64 = 80_000;

/// `sigma²` of each element of the tensors of a layer, by name, computed from rho alone.
fn variances<M: TensorCollection<f64, Cpu>>(layer: &M, name: &str) -> Vec<f64> {
    let rho = parameters(layer)
        .into_iter()
        .find(|parameter| parameter.name == format!("{name}.rho"))
        .expect("a variational tensor");
    rho.values
        .iter()
        .map(|rho| rho.exp().ln_1p().powi(2))
        .collect()
}

/// What each of `count` draws adds to the mean output.
fn deviations(count: u64, draw: impl Fn(Key) -> Vec<f64>) -> Vec<Vec<f64>> {
    let mean = draw(Key::MEAN);
    let one = |sample| {
        draw(Key::new(11, sample))
            .into_iter()
            .zip(&mean)
            .map(|(y, mean)| y - mean)
            .collect()
    };
    (0..count).map(one).collect()
}

/// The mean over draws of the product of two deviations, each to a power.
fn moment(draws: &[Vec<f64>], (a, power_a): (usize, i32), (b, power_b): (usize, i32)) -> Estimate {
    draws
        .iter()
        .map(|draw| draw[a].powi(power_a) * draw[b].powi(power_b))
        .collect()
}

/// Asserts that deviations have mean 0 and the covariance `exact(i, j)`.
fn assert_covariance(draws: &[Vec<f64>], exact: impl Fn(usize, usize) -> f64, what: &str) {
    for i in 0..draws[0].len() {
        let mean: Estimate = draws.iter().map(|draw| draw[i]).collect();
        mean.assert_is(
            0.0,
            0.2 * exact(i, i).sqrt(),
            &format!("{what}, mean of {i}"),
        );
        for j in 0..=i {
            let effect = 0.2 * (exact(i, i) * exact(j, j)).sqrt();
            let what = format!("{what}, covariance of {i} and {j}");
            moment(draws, (i, 1), (j, 1)).assert_is(exact(i, j), effect, &what);
        }
    }
}

/// Two examples of three features, with each sign in both.
const EXAMPLES: [[f64; 3]; 2] = [[0.9, -0.5, 1.2], [0.7, 0.8, -0.4]];

/// A linear layer under the estimator `S`: deviations in the order (example, output), and the variances of weights
/// and biases.
struct LinearDraws {
    deviations: Vec<Vec<f64>>,
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl LinearDraws {
    fn new<S: Estimator>() -> Self {
        let dev = Cpu::seed_from_u64(0);
        let plain = modules::Linear::<3, 2, f64, Cpu>::build(&dev);
        let mut layer = twin::<S, _, _, _>(&plain);
        spread_out(&mut layer);
        let x = dev.tensor(EXAMPLES);
        let at = |key: Key| layer.eval(&key.into()).forward(x.clone()).as_vec();
        Self {
            deviations: deviations(MANY_DRAWS, at),
            weight: variances(&layer, "weight"),
            bias: variances(&layer, "bias"),
        }
    }

    /// `Cov(y(a), y(b))` of two (example, output) pairs under shared independent weights:
    /// `Σ sigma²·x_a·x_b + sigma_b²` for one output, 0 for two.
    fn shared(&self, a: usize, b: usize) -> f64 {
        if a % 2 != b % 2 {
            return 0.0;
        }
        let (x, z) = (EXAMPLES[a / 2], EXAMPLES[b / 2]);
        let products = (0..3).map(|i| self.weight[a % 2 * 3 + i] * x[i] * z[i]);
        products.sum::<f64>() + self.bias[a % 2]
    }

    /// The same where the noise of two examples is uncorrelated.
    fn apart(&self, a: usize, b: usize) -> f64 {
        if a / 2 == b / 2 {
            self.shared(a, b)
        } else {
            0.0
        }
    }

    /// Asserts that the two outputs of each example are Gaussian and independent, in their fourth moments:
    /// `E d₁⁴ = 3·v₁²` and `E d₁²·d₂² = v₁·v₂`.
    fn assert_gaussian_examples(&self, what: &str) {
        for a in 0..4 {
            let variance = self.shared(a, a);
            let exact = 3.0 * variance * variance;
            moment(&self.deviations, (a, 4), (a, 0)).assert_is(
                exact,
                0.25 * exact,
                &format!("{what}, kurtosis of {a}"),
            );
        }
        for a in [0, 2] {
            let exact = self.shared(a, a) * self.shared(a + 1, a + 1);
            moment(&self.deviations, (a, 2), (a + 1, 2)).assert_is(
                exact,
                0.25 * exact,
                &format!("{what}, squares of {a} and its neighbour"),
            );
        }
    }

    /// Asserts that `E d_a²·d_b²` of an output of both examples is `v_a·v_b` and `more`. Without a shared draw there
    /// is nothing more, with flipped signs [`flipped`](Self::flipped), and the test tells them apart.
    fn assert_squares_of_two_examples(&self, output: usize, more: f64, what: &str) {
        let exact = self.shared(output, output) * self.shared(2 + output, 2 + output) + more;
        let squares = moment(&self.deviations, (output, 2), (2 + output, 2));
        squares.assert_is(exact, self.flipped(output), what);
    }

    /// What two examples that share Δ but not their signs have in common: `2·(Σ sigma⁴·x_a²·x_b² + sigma_b⁴)`, the
    /// squares of single terms, as all other products have a random sign.
    fn flipped(&self, output: usize) -> f64 {
        let [x, z] = EXAMPLES;
        let term = |i: usize| (self.weight[output * 3 + i] * x[i] * z[i]).powi(2);
        2.0 * ((0..3).map(term).sum::<f64>() + self.bias[output].powi(2))
    }
}

#[test]
fn linear_reparameterization_shares_its_weights_among_examples() {
    let draws = LinearDraws::new::<Reparameterization>();
    assert_covariance(
        &draws.deviations,
        |a, b| draws.shared(a, b),
        "reparameterization",
    );
    draws.assert_gaussian_examples("reparameterization");
    for o in 0..2 {
        let more = 2.0 * draws.shared(o, 2 + o).powi(2);
        draws.assert_squares_of_two_examples(o, more, "shared weights");
    }
}

#[test]
fn linear_flipout_is_exact_for_one_example_and_uncorrelated_between_two() {
    let draws = LinearDraws::new::<Flipout>();
    assert_covariance(&draws.deviations, |a, b| draws.apart(a, b), "flipout");
    draws.assert_gaussian_examples("flipout");
    for o in 0..2 {
        // Uncorrelated, but not independent.
        draws.assert_squares_of_two_examples(o, draws.flipped(o), "one draw with two signs");
    }
}

#[test]
fn linear_local_reparameterization_is_exact_for_one_example_and_independent_between_two() {
    let draws = LinearDraws::new::<LocalReparameterization>();
    assert_covariance(&draws.deviations, |a, b| draws.apart(a, b), "local");
    draws.assert_gaussian_examples("local");
    for o in 0..2 {
        draws.assert_squares_of_two_examples(o, 0.0, "independent noise");
    }
}

#[bayesian]
struct Perceptron {
    fc1: Linear<3, 4>,
    act: ReLU,
    fc2: Linear<4, 2>,
}

/// Mean, variance and covariance of the two outputs of one example of a two-layer net.
fn two_layers<S: Estimator>(seed: u64) -> [Estimate; 5] {
    let dev = Cpu::seed_from_u64(0);
    let mut net = twin::<S, _, _, _>(&dev.build_module::<Perceptron, f64>());
    spread_out(&mut net);
    let x = dev.tensor([EXAMPLES[0]]);
    let draws: Vec<Vec<f64>> = (0..DRAWS)
        .map(|sample| net.eval(Key::new(seed, sample)).forward(x.clone()).as_vec())
        .collect();
    [[1, 0], [0, 1], [2, 0], [0, 2], [1, 1]].map(|[a, b]| moment(&draws, (0, a), (1, b)))
}

/// Layer after layer each estimator gives the joint distribution that drawing all weights gives.
#[test]
fn outputs_of_two_layers_have_the_moments_of_drawn_weights() {
    let exact = two_layers::<Reparameterization>(1);
    let others = [
        ("flipout", two_layers::<Flipout>(2)),
        ("local", two_layers::<LocalReparameterization>(3)),
    ];
    let scale = exact[2].mean.max(exact[3].mean);
    for (name, got) in others {
        for (i, (got, exact)) in got.iter().zip(&exact).enumerate() {
            got.assert_same(exact, 0.2 * scale, &format!("{name}, moment {i}"));
        }
    }
}

/// Two images of two channels and 3×3 pixels, far from zero on average, so that positions correlate.
fn images() -> Vec<f64> {
    (0..36).map(|i| 0.6 + (f64::from(i) * 1.7).sin()).collect()
}

/// The pixel that tap `(row, column)` of a 3×3 kernel with padding 1 sees at a position of a 3×3 image.
fn tap(image: &[f64], channel: usize, tap: usize, position: usize) -> f64 {
    let inside = |position: usize, tap: usize| (position + tap).checked_sub(1).filter(|&i| i < 3);
    match (inside(position / 3, tap / 3), inside(position % 3, tap % 3)) {
        (Some(row), Some(column)) => image[channel * 9 + row * 3 + column],
        _ => 0.0,
    }
}

/// A convolution to two channels: deviations in the order (example, channel, position).
struct ConvolutionDraws {
    deviations: Vec<Vec<f64>>,
    variances: Vec<f64>,
}

impl ConvolutionDraws {
    fn new<S: Estimator>() -> Self {
        let dev = Cpu::seed_from_u64(0);
        let mut layer = twin::<S, _, _, _>(&dev.build_module::<Conv2D<2, 2, 3, 1, 1>, f64>());
        spread_out(&mut layer);
        let x: Tensor<Rank4<2, 2, 3, 3>, f64, _> = dev.tensor(images());
        let at = |key: Key| layer.eval(&key.into()).forward(x.clone()).as_vec();
        Self {
            deviations: deviations(DRAWS, at),
            variances: variances(&layer, "weight"),
        }
    }

    /// `Cov` of two (example, channel, position) triples under shared weights: `Σ sigma²·x(a)·x(b)` over the kernel.
    fn shared(&self, a: usize, b: usize) -> f64 {
        let channel = a / 9 % 2;
        if channel != b / 9 % 2 {
            return 0.0;
        }
        let images = images();
        let seen = |i: usize, c: usize, t: usize| tap(&images[i / 18 * 18..][..18], c, t, i % 9);
        let weights = (0..2).flat_map(|c| (0..9).map(move |t| (c, t)));
        weights
            .map(|(c, t)| self.variances[channel * 18 + c * 9 + t] * seen(a, c, t) * seen(b, c, t))
            .sum()
    }

    /// The deviation of the mean over space of a channel of the first example.
    fn spatial_mean(draw: &[f64], channel: usize) -> f64 {
        draw[channel * 9..][..9].iter().sum::<f64>() / 9.0
    }

    /// Asserts that the spatial mean of each channel has the variance of exact sampling: that of nine positions with
    /// one kernel, where a sign for each pixel would make it nine times too small.
    fn assert_spatial_mean(&self, what: &str) {
        for channel in 0..2 {
            let positions = channel * 9..(channel + 1) * 9;
            let exact = positions
                .clone()
                .flat_map(|a| positions.clone().map(move |b| (a, b)))
                .map(|(a, b)| self.shared(a, b))
                .sum::<f64>()
                / 81.0;
            let variance: Estimate = self
                .deviations
                .iter()
                .map(|draw| Self::spatial_mean(draw, channel).powi(2))
                .collect();
            variance.assert_is(
                exact,
                0.1 * exact,
                &format!("{what}, mean of channel {channel}"),
            );
        }
    }
}

#[test]
fn convolution_reparameterization_shares_its_kernel_among_positions_and_examples() {
    let draws = ConvolutionDraws::new::<Reparameterization>();
    assert_covariance(
        &draws.deviations,
        |a, b| draws.shared(a, b),
        "reparameterization",
    );
    draws.assert_spatial_mean("reparameterization");
}

#[test]
fn convolution_flipout_shares_its_kernel_among_the_positions_of_an_example() {
    let draws = ConvolutionDraws::new::<Flipout>();
    let exact = |a: usize, b: usize| {
        if a / 18 == b / 18 {
            draws.shared(a, b)
        } else {
            0.0
        }
    };
    assert_covariance(&draws.deviations, exact, "flipout");
    draws.assert_spatial_mean("flipout");
}

/// Deviations of a bias on two examples of two channels and 2×2 pixels, and the variances of the biases.
fn bias_draws<S: Estimator>() -> (Vec<Vec<f64>>, Vec<f64>) {
    let dev = Cpu::seed_from_u64(0);
    let mut layer = twin::<S, _, _, _>(&modules::Bias2D::<2, f64, Cpu>::build(&dev));
    spread_out(&mut layer);
    let x: Tensor<Rank4<2, 2, 2, 2>, f64, _> = dev.sample_normal();
    let at = |key: Key| layer.eval(&key.into()).forward(x.clone()).as_vec();
    (deviations(DRAWS, at), variances(&layer, "bias"))
}

#[test]
fn bias_is_one_number_for_each_channel_of_an_example() {
    let (shared, variances) = bias_draws::<Reparameterization>();
    let same_channel = |a: usize, b: usize| {
        if a / 4 % 2 == b / 4 % 2 {
            variances[a / 4 % 2]
        } else {
            0.0
        }
    };
    assert_covariance(&shared, same_channel, "reparameterization");
    let (flipped, _) = bias_draws::<Flipout>();
    let same_example = |a: usize, b: usize| {
        if a / 8 == b / 8 {
            same_channel(a, b)
        } else {
            0.0
        }
    };
    assert_covariance(&flipped, same_example, "flipout");
}
