//! Gaussian negative log-likelihood with a predicted variance.

use super::Result;
use super::input::{checked, checked_on_tape, number};
use crate::error::Error;
use crate::metrics::{Demand, finite};
use dfdx::prelude::{Device, Dtype, Rank0, Shape, SumTo, Tape, Tensor, TryAdd, TryMul, TrySub};
use dfdx::shapes::HasShape;
use dfdx::tensor::{NoneTape, PutTape, SplitTape};

/// The largest `|ln variance|` that the losses take. Beyond it a standard deviation is below 1e-17 or above 1e17, and
/// gradients leave single precision.
pub const LOG_VARIANCE_LIMIT: f64 = 80.0;

const LN_TWO_PI: f64 = 1.837_877_066_409_345_3;

/// The variances that a model predicts, one for each mean.
#[derive(Debug, Clone)]
pub enum PredictedVariance<S: Shape, E: Dtype, D: Device<E>, T> {
    /// The variance itself, above 0: a softplus, for example.
    Value(Tensor<S, E, D, T>),
    /// Its natural logarithm, of any sign: the output of a linear layer, for example.
    Log(Tensor<S, E, D, T>),
}

/// Gaussian negative log-likelihood in nats: `1/N Σ_n Σ_o ½[ln 2πv + (y − mu)²/v]` over N rows and their outputs
/// (Nix & Weigend 1994).
///
/// `mean`, `variance` and `target` have one shape, whose first dimension is the rows: (N), (N, 1) or (N, O). Outputs
/// are summed, so that it is the likelihood of a row, which [`elbo_loss`](crate::elbo::elbo_loss) takes.
///
/// # Errors
/// No rows; shapes known at run time that differ; a mean or target that is not finite; a variance that is NaN, not
/// above 0 or beyond [`LOG_VARIANCE_LIMIT`]; a device that fails.
///
/// ```
/// use bayes_core::losses::{PredictedVariance, gaussian_nll_loss};
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// let (mean, ln_variance) = (dev.tensor([0.0, 1.0]), dev.tensor([0.0, 4.0_f64.ln()]));
/// let variance = PredictedVariance::Log(ln_variance.leaky_trace());
/// let loss = gaussian_nll_loss(mean.leaky_trace(), variance, dev.tensor([0.0, 3.0]))?;
/// let want = 0.5 * (2.0 * std::f64::consts::PI).ln() + 0.25 * (4.0_f64.ln() + 1.0);
/// assert!((loss.array() - want).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
pub fn gaussian_nll_loss<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    mean: Tensor<S, E, D, T>,
    variance: PredictedVariance<S, E, D, T>,
    target: Tensor<S, E, D>,
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    beta_nll_loss(mean, variance, target, 0.0)
}

/// Gaussian negative log-likelihood in which each term is weighted by `⌊v^beta⌋`, a constant for the gradient:
/// `1/N Σ_n Σ_o ⌊v^beta⌋·½[ln 2πv + (y − mu)²/v]` (Seitzer et al. 2022).
///
/// A plain likelihood divides the gradient of the mean by the variance, and so neglects what it fits badly. `beta = 0`
/// is [`gaussian_nll_loss`], `beta = 1` gives the mean the gradient of the squared error, and the authors recommend
/// 0.5. The value is a likelihood for beta = 0 only.
///
/// # Errors
/// As [`gaussian_nll_loss`]; a beta that is not between 0 and 1.
pub fn beta_nll_loss<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    mean: Tensor<S, E, D, T>,
    variance: PredictedVariance<S, E, D, T>,
    target: Tensor<S, E, D>,
    beta: f64,
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    if !(0.0..=1.0).contains(&beta) {
        return Err(Error::Number {
            name: "beta",
            must: "between 0 and 1",
            found: beta,
        });
    }
    let mean = checked_on_tape("means", mean, target.shape(), finite())?.tensor;
    let variance = variance.checked(target.shape())?;
    checked("targets", &target, finite())?;
    on_tape(mean, variance, target, beta).map_err(Error::device)
}

fn on_tape<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    mean: Tensor<S, E, D, T>,
    variance: PredictedVariance<S, E, D, T>,
    target: Tensor<S, E, D>,
    beta: f64,
) -> Result<Rank0, E, D, T> {
    let rows = target.shape().concrete().into_iter().next().unwrap_or(1);
    let (ln_variance, tape) = variance.try_ln()?.split_tape();
    let weight: Tensor<S, E, D, NoneTape> =
        ln_variance.clone().try_mul(number::<E>(beta))?.try_exp()?;
    let ln_variance = ln_variance.put_tape(tape);
    // The error in standard deviations: squared after the division, so that small variances stay in range.
    let precision = ln_variance
        .retaped::<T>()
        .try_mul(number::<E>(-0.5))?
        .try_exp()?;
    let squares = mean.try_sub(target)?.try_mul(precision)?.try_square()?;
    let doubled = squares
        .try_add(ln_variance)?
        .try_add(number::<E>(LN_TWO_PI))?;
    let sum = doubled.try_mul(weight)?.try_sum::<Rank0, S::AllAxes>()?;
    sum.try_mul(number::<E>(0.5 / rows as f64))
}

impl<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>> PredictedVariance<S, E, D, T> {
    fn checked(self, shape: &S) -> std::result::Result<Self, Error> {
        // The logarithm of what is below 0 is NaN, which is in no range.
        let value: Demand = ("between exp(−80) and exp(80)", |variance| {
            variance.ln().abs() <= LOG_VARIANCE_LIMIT
        });
        let log: Demand = ("between −80 and 80", |ln| ln.abs() <= LOG_VARIANCE_LIMIT);
        Ok(match self {
            Self::Value(variance) => {
                Self::Value(checked_on_tape("variances", variance, shape, value)?.tensor)
            }
            Self::Log(ln) => Self::Log(checked_on_tape("log variances", ln, shape, log)?.tensor),
        })
    }

    fn try_ln(self) -> Result<S, E, D, T> {
        match self {
            Self::Value(variance) => variance.try_ln(),
            Self::Log(ln) => Ok(ln),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_slopes, normals, tensor, traced};
    use super::*;
    use crate::metrics::{MetricError, nll_moment_matched};
    use dfdx::prelude::{Backward, Cpu};
    use dfdx::tensor::{AsArray, TensorFrom, Trace};

    const SHAPE: (usize, usize) = (6, 1);

    /// Means, log variances and targets of six rows.
    fn rows() -> [Vec<f64>; 3] {
        [1, 2, 3].map(|seed| normals(seed, 6))
    }

    #[test]
    fn it_is_the_nll_of_the_gaussians_in_either_form() {
        let [mean, ln_variance, y] = rows();
        let variance: Vec<f64> = ln_variance.iter().map(|s| s.exp()).collect();
        let want = nll_moment_matched(&mean, &variance, &y).unwrap();
        let forms = [
            PredictedVariance::Value(tensor(&variance, SHAPE)),
            PredictedVariance::Log(tensor(&ln_variance, SHAPE)),
        ];
        for form in forms {
            let got = gaussian_nll_loss(tensor(&mean, SHAPE), form, tensor(&y, SHAPE)).unwrap();
            assert!((got.array() - want).abs() < 1e-14);
        }
    }

    #[test]
    fn outputs_are_summed_and_rows_averaged() {
        let [mean, ln_variance, y] = rows();
        let of = |shape: (usize, usize)| {
            let variance = PredictedVariance::Log(tensor(&ln_variance, shape));
            let loss = gaussian_nll_loss(tensor(&mean, shape), variance, tensor(&y, shape));
            loss.unwrap().array()
        };
        assert!((of((2, 3)) - 3.0 * of((6, 1))).abs() < 1e-14);
        assert!((of((1, 6)) - 6.0 * of((6, 1))).abs() < 1e-14);
    }

    #[test]
    fn gradients_are_slopes() {
        let [mean, ln_variance, y] = rows();
        let variance: Vec<f64> = ln_variance.iter().map(|s| s.exp()).collect();
        for (shape, len) in [(SHAPE, 6), ((1, 1), 1), ((2, 3), 6)] {
            let [mean, ln_variance, variance] =
                [&mean[..len], &ln_variance[..len], &variance[..len]];
            let (mu, y) = (tensor(mean, shape), tensor(&y[..len], shape));
            let s = tensor(ln_variance, shape);
            assert_slopes(mean, |x| {
                traced(x, shape, |mu| {
                    gaussian_nll_loss(mu, PredictedVariance::Log(s.retaped()), y.clone())
                })
            });
            assert_slopes(ln_variance, |x| {
                traced(x, shape, |s| {
                    gaussian_nll_loss(mu.retaped(), PredictedVariance::Log(s), y.clone())
                })
            });
            assert_slopes(variance, |x| {
                traced(x, shape, |v| {
                    gaussian_nll_loss(mu.retaped(), PredictedVariance::Value(v), y.clone())
                })
            });
        }
    }

    #[test]
    fn beta_weighs_each_gradient_by_a_power_of_its_variance() {
        let [mean, ln_variance, y] = rows();
        let (mean, s) = (tensor(&mean, SHAPE), tensor(&ln_variance, SHAPE));
        let gradients = |beta| {
            let variance = PredictedVariance::Log(s.leaky_trace());
            let loss = beta_nll_loss(mean.leaky_trace(), variance, tensor(&y, SHAPE), beta);
            let gradients = loss.unwrap().backward();
            [gradients.get(&mean).as_vec(), gradients.get(&s).as_vec()]
        };
        let plain = gradients(0.0);
        for beta in [0.5, 1.0] {
            for (plain, weighted) in plain.iter().zip(gradients(beta)) {
                for (i, got) in weighted.into_iter().enumerate() {
                    let want = plain[i] * (beta * ln_variance[i]).exp();
                    assert!((got - want).abs() < 1e-14, "beta {beta}, row {i}");
                }
            }
        }
        // beta = 1: half the squared error, averaged.
        for (i, got) in gradients(1.0)[0].iter().enumerate() {
            let want = (mean.as_vec()[i] - y[i]) / 6.0;
            assert!((got - want).abs() < 1e-14, "row {i}");
        }
    }

    #[test]
    fn variances_at_the_limits_have_gradients_in_single_precision() {
        let dev = Cpu::default();
        for s in [-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT] {
            let mean = dev.tensor([0.0_f32, 1.0]);
            let variance = dev.tensor([s as f32; 2]);
            let target = dev.tensor([0.0_f32, 0.5]);
            let form = PredictedVariance::Log(variance.leaky_trace());
            let loss = gaussian_nll_loss(mean.leaky_trace(), form, target).unwrap();
            assert!(loss.array().is_finite(), "{s}");
            let gradients = loss.backward();
            let all = [
                gradients.get(&mean).array(),
                gradients.get(&variance).array(),
            ];
            assert!(all.iter().flatten().all(|g| g.is_finite()), "{s}: {all:?}");
        }
    }

    #[test]
    fn bad_input_is_an_error() {
        let of = |mean: f64, variance: f64, target: f64, beta| {
            let [mean, variance, target] = [mean, variance, target].map(|x| tensor(&[x], (1,)));
            beta_nll_loss(mean, PredictedVariance::Value(variance), target, beta).map(|_| ())
        };
        of(0.0, 1.0, 0.0, 0.5).unwrap();
        for (mean, variance, target) in [
            (f64::NAN, 1.0, 0.0),
            (0.0, f64::NAN, 0.0),
            (0.0, 0.0, 0.0),
            (0.0, -1.0, 0.0),
            (0.0, f64::INFINITY, 0.0),
            (0.0, 1.0, f64::INFINITY),
        ] {
            let error = of(mean, variance, target, 0.0).unwrap_err();
            assert!(matches!(
                error,
                Error::Metric(MetricError::Number { position: 0, .. })
            ));
        }
        for beta in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(
                of(0.0, 1.0, 0.0, beta),
                Err(Error::Number { name: "beta", .. })
            ));
        }
        let none = tensor(&[], (0, 2));
        let variance = PredictedVariance::Log(none.clone());
        assert!(gaussian_nll_loss(none.clone(), variance, none).is_err());
        let variance = PredictedVariance::Log(tensor(&[0.0; 2], (2,)));
        let differ = gaussian_nll_loss(tensor(&[0.0; 2], (2,)), variance, tensor(&[0.0; 3], (3,)));
        assert!(matches!(
            differ,
            Err(Error::Metric(MetricError::Length { .. }))
        ));
    }
}
