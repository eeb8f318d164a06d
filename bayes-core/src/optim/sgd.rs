//! Stochastic gradient descent with momentum, Nesterov's momentum and weight decay.

use super::rule::{by_pieces, check, check_not_negative, coefficient};
use super::{Error, GradientDescent, Moments, Rule};
use dfdx::dtypes::Dtype;

/// Stochastic gradient descent; see [`SgdConfig`] for the formula.
///
/// ```
/// use bayes_core::optim::{Sgd, SgdConfig};
///
/// let config = SgdConfig { lr: 0.1, momentum: 0.9, nesterov: true, ..SgdConfig::default() };
/// let sgd: Sgd<f32> = Sgd::new(config)?;
/// assert_eq!(sgd.config.momentum, 0.9);
/// # Ok::<(), bayes_core::optim::Error>(())
/// ```
pub type Sgd<E> = GradientDescent<SgdConfig, E>;

/// Hyperparameters of [`Sgd`]; the defaults are PyTorch's.
///
/// With learning rate η, momentum μ, weight decay λ, gradient g, parameter p and velocity v
/// (zero at the start):
///
/// ```text
/// p ← p (1 − η λ)              if decoupled_weight_decay
/// g ← g + λ p                  otherwise
/// v ← μ v + g                  if μ > 0, else v is g and nothing is kept
/// p ← p − η v                  or, if nesterov,  p ← p − η (g + μ v)
/// ```
///
/// Momentum after Sutskever et al., *On the importance of initialization and momentum in deep
/// learning* (2013); decoupled decay after Loshchilov and Hutter, *Decoupled Weight Decay
/// Regularization* (2019).
///
/// ```
/// use bayes_core::optim::SgdConfig;
///
/// assert_eq!(SgdConfig::default().lr, 1e-3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdConfig {
    /// Learning rate η, finite and at least 0. Default 1e-3.
    pub lr: f64,
    /// Momentum μ, finite and at least 0. Default 0.
    pub momentum: f64,
    /// Nesterov's momentum; needs a momentum above 0. Default `false`.
    pub nesterov: bool,
    /// Weight decay λ, finite and at least 0. Default 0.
    pub weight_decay: f64,
    /// Shrink the parameter itself instead of adding λ p to the gradient. Default `false`.
    pub decoupled_weight_decay: bool,
}

impl Default for SgdConfig {
    fn default() -> Self {
        SgdConfig {
            lr: 1e-3,
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

impl Rule for SgdConfig {
    const NAME: &'static str = "sgd";
    const MAX_MOMENTS: usize = 1;

    fn moments(&self) -> usize {
        usize::from(self.momentum > 0.0)
    }

    fn validate(&self) -> Result<(), Error> {
        check_not_negative("lr", self.lr)?;
        check_not_negative("momentum", self.momentum)?;
        check_not_negative("weight_decay", self.weight_decay)?;
        let possible = !self.nesterov || self.momentum > 0.0;
        check(
            "momentum",
            "above 0 for `nesterov`",
            self.momentum,
            possible,
        )
    }

    fn update<E: Dtype>(&self, param: &mut [E], gradient: &[E], moments: &mut Moments<E>) {
        let (l2, shrink) = match self.decoupled_weight_decay {
            true => (0.0, 1.0 - self.lr * self.weight_decay),
            false => (self.weight_decay, 1.0),
        };
        let lr: E = coefficient(self.lr);
        let mu: E = coefficient(self.momentum);
        let l2: E = coefficient(l2);
        let shrink: E = coefficient(shrink);
        by_pieces(
            param,
            gradient,
            moments,
            |param, gradient, [velocity, _]| {
                let params = param.iter_mut().zip(gradient);
                if self.momentum == 0.0 {
                    for (p, &g) in params {
                        *p = *p * shrink - lr * (g + l2 * *p);
                    }
                } else if self.nesterov {
                    for ((p, &g), v) in params.zip(velocity) {
                        let g = g + l2 * *p;
                        *v = mu * *v + g;
                        *p = *p * shrink - lr * (g + mu * *v);
                    }
                } else {
                    for ((p, &g), v) in params.zip(velocity) {
                        *v = mu * *v + (g + l2 * *p);
                        *p = *p * shrink - lr * *v;
                    }
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PyTorch's documented algorithm in its own order of operations, one element at a time in f64.
    fn reference(config: &SgdConfig, start: f64, gradients: &[f64]) -> f64 {
        let (mut p, mut velocity) = (start, None);
        for &gradient in gradients {
            let mut g = gradient;
            if config.decoupled_weight_decay {
                p *= 1.0 - config.lr * config.weight_decay;
            } else if config.weight_decay != 0.0 {
                g += config.weight_decay * p;
            }
            if config.momentum != 0.0 {
                let v = match velocity {
                    None => g,
                    Some(v) => config.momentum * v + g,
                };
                velocity = Some(v);
                g = if config.nesterov {
                    g + config.momentum * v
                } else {
                    v
                };
            }
            p -= config.lr * g;
        }
        p
    }

    #[test]
    fn every_combination_follows_the_pytorch_formula() {
        let starts = [0.7, -1.3, 0.0, 2.5];
        let gradients: Vec<Vec<f64>> = (0..20)
            .map(|t| (0..4).map(|i| (f64::from(t * 4 + i) * 0.7).sin()).collect())
            .collect();
        for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
            for (weight_decay, decoupled) in [(0.0, false), (0.1, false), (0.1, true)] {
                let config = SgdConfig {
                    lr: 0.05,
                    momentum,
                    nesterov,
                    weight_decay,
                    decoupled_weight_decay: decoupled,
                };
                let mut param = starts;
                let mut moments = Moments::zeros(config.moments(), 4);
                for gradient in &gradients {
                    config.update(&mut param, gradient, &mut moments);
                }
                for (i, &start) in starts.iter().enumerate() {
                    let column: Vec<f64> = gradients.iter().map(|g| g[i]).collect();
                    let want = reference(&config, start, &column);
                    assert!(
                        (param[i] - want).abs() < 1e-12,
                        "{config:?}: {} {want}",
                        param[i]
                    );
                }
            }
        }
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let good = SgdConfig::default();
        let bad = [
            ("lr", SgdConfig { lr: -1.0, ..good }),
            (
                "lr",
                SgdConfig {
                    lr: f64::NAN,
                    ..good
                },
            ),
            (
                "lr",
                SgdConfig {
                    lr: f64::INFINITY,
                    ..good
                },
            ),
            (
                "momentum",
                SgdConfig {
                    momentum: -0.1,
                    ..good
                },
            ),
            (
                "momentum",
                SgdConfig {
                    nesterov: true,
                    ..good
                },
            ),
            (
                "weight_decay",
                SgdConfig {
                    weight_decay: -1e-9,
                    ..good
                },
            ),
        ];
        assert!(Sgd::<f32>::new(good).is_ok());
        for (field, config) in bad {
            match Sgd::<f32>::new(config) {
                Err(Error::Setting { name, .. }) => assert_eq!(name, field),
                other => panic!("{config:?}: {other:?}"),
            }
        }
    }
}
