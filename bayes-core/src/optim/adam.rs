//! Adam, and AdamW with decoupled weight decay.

use super::rule::{by_pieces, check, check_not_negative, coefficient};
use super::{Error, GradientDescent, Moments, Rule};
use crate::kernels::isa::{Isa, Kernel};
use dfdx::dtypes::Dtype;

/// Adam; see [`AdamConfig`] for the formula.
///
/// ```
/// use bayes_core::optim::{Adam, AdamConfig};
///
/// let mut adam: Adam<f32> = Adam::new(AdamConfig::default())?;
/// adam.config.lr *= 0.5; // a learning rate schedule writes to the field
/// # Ok::<(), bayes_core::optim::Error>(())
/// ```
pub type Adam<E> = GradientDescent<AdamConfig, E>;

/// Adam with decoupled weight decay; see [`AdamWConfig`].
///
/// ```
/// use bayes_core::optim::{AdamW, AdamWConfig};
///
/// let config = AdamWConfig { weight_decay: 0.05, ..AdamWConfig::default() };
/// let adamw: AdamW<f64> = AdamW::new(config)?;
/// # let _ = adamw;
/// # Ok::<(), bayes_core::optim::Error>(())
/// ```
pub type AdamW<E> = GradientDescent<AdamWConfig, E>;

/// Hyperparameters of [`Adam`]; the defaults are PyTorch's.
///
/// With learning rate η, weight decay λ, gradient g, parameter p, moments m and v (zero at the
/// start) and t the number of this update of the tensor, from 1:
///
/// ```text
/// g ← g + λ p
/// m ← β₁ m + (1 − β₁) g
/// v ← β₂ v + (1 − β₂) g²
/// p ← p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
/// ```
///
/// Kingma and Ba, *Adam: A Method for Stochastic Optimization* (2015).
///
/// ```
/// use bayes_core::optim::AdamConfig;
///
/// assert_eq!(AdamConfig::default().betas, [0.9, 0.999]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamConfig {
    /// Learning rate η, finite and at least 0. Default 1e-3.
    pub lr: f64,
    /// Decay rates β₁ and β₂ of the moments, in [0, 1). Default `[0.9, 0.999]`.
    pub betas: [f64; 2],
    /// ε, finite and above 0. Default 1e-8.
    pub eps: f64,
    /// Weight decay λ, added to the gradient (L2); finite and at least 0. Default 0.
    pub weight_decay: f64,
}

impl Default for AdamConfig {
    fn default() -> Self {
        AdamConfig {
            lr: 1e-3,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl Rule for AdamConfig {
    const NAME: &'static str = "adam";
    const MAX_MOMENTS: usize = 2;

    fn moments(&self) -> usize {
        2
    }

    fn validate(&self) -> Result<(), Error> {
        check_not_negative("lr", self.lr)?;
        check_rates(self.betas, self.eps)?;
        check_not_negative("weight_decay", self.weight_decay)
    }

    fn update<E: Dtype>(&self, param: &mut [E], gradient: &[E], moments: &mut Moments<E>) {
        let step = Step::new(self.lr, self.betas, self.eps, moments.step);
        step.apply(
            Decay {
                l2: self.weight_decay,
                shrink: 1.0,
            },
            param,
            gradient,
            moments,
        );
    }
}

/// Hyperparameters of [`AdamW`]; the defaults are PyTorch's.
///
/// The formula is [`AdamConfig`]'s with λ = 0, after `p ← p (1 − η λ)`.
/// Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019).
///
/// ```
/// use bayes_core::optim::AdamWConfig;
///
/// assert_eq!(AdamWConfig::default().weight_decay, 1e-2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWConfig {
    /// Learning rate η, finite and at least 0. Default 1e-3.
    pub lr: f64,
    /// Decay rates β₁ and β₂ of the moments, in [0, 1). Default `[0.9, 0.999]`.
    pub betas: [f64; 2],
    /// ε, finite and above 0. Default 1e-8.
    pub eps: f64,
    /// Decoupled weight decay λ, finite and at least 0. Default 1e-2.
    pub weight_decay: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        AdamWConfig {
            lr: 1e-3,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 1e-2,
        }
    }
}

impl Rule for AdamWConfig {
    const NAME: &'static str = "adamw";
    const MAX_MOMENTS: usize = 2;

    fn moments(&self) -> usize {
        2
    }

    fn validate(&self) -> Result<(), Error> {
        check_not_negative("lr", self.lr)?;
        check_rates(self.betas, self.eps)?;
        check_not_negative("weight_decay", self.weight_decay)
    }

    fn update<E: Dtype>(&self, param: &mut [E], gradient: &[E], moments: &mut Moments<E>) {
        let step = Step::new(self.lr, self.betas, self.eps, moments.step);
        let shrink = 1.0 - self.lr * self.weight_decay;
        step.apply(Decay { l2: 0.0, shrink }, param, gradient, moments);
    }
}

fn check_rates(betas: [f64; 2], eps: f64) -> Result<(), Error> {
    for (name, beta) in ["betas[0]", "betas[1]"].into_iter().zip(betas) {
        check(name, "in [0, 1)", beta, (0.0..1.0).contains(&beta))?;
    }
    check(
        "eps",
        "finite and above 0",
        eps,
        eps.is_finite() && eps > 0.0,
    )
}

/// How weight decay enters: λ for the gradient, and the factor for the parameter.
struct Decay {
    l2: f64,
    shrink: f64,
}

/// The coefficients of one update, worked out once in f64.
struct Step {
    betas: [f64; 2],
    /// η / (1 − β₁ᵗ).
    rate: f64,
    /// 1 / √(1 − β₂ᵗ).
    root: f64,
    eps: f64,
}

impl Step {
    fn new(lr: f64, betas: [f64; 2], eps: f64, t: u64) -> Self {
        let [correction1, correction2] = betas.map(|beta| 1.0 - beta.powf(t as f64));
        Step {
            betas,
            rate: lr / correction1,
            root: correction2.sqrt().recip(),
            eps,
        }
    }

    fn apply<E: Dtype>(
        &self,
        decay: Decay,
        param: &mut [E],
        gradient: &[E],
        moments: &mut Moments<E>,
    ) {
        let isa = Isa::active();
        by_pieces(
            param,
            gradient,
            moments,
            |param, gradient, [first, second]| {
                isa.run(Elements {
                    betas: self.betas.map(coefficient),
                    rests: self.betas.map(|beta| coefficient(1.0 - beta)),
                    rate: coefficient(self.rate),
                    root: coefficient(self.root),
                    eps: coefficient(self.eps),
                    l2: coefficient(decay.l2),
                    shrink: coefficient(decay.shrink),
                    param,
                    gradient,
                    first,
                    second,
                });
            },
        );
    }
}

/// The elementwise loop, all in `E`: the same bits on every instruction set.
struct Elements<'a, E> {
    betas: [E; 2],
    /// 1 − β.
    rests: [E; 2],
    rate: E,
    root: E,
    eps: E,
    l2: E,
    shrink: E,
    param: &'a mut [E],
    gradient: &'a [E],
    first: &'a mut [E],
    second: &'a mut [E],
}

impl<E: Dtype> Kernel for Elements<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ([beta1, beta2], [rest1, rest2]) = (self.betas, self.rests);
        let params = self.param.iter_mut().zip(self.gradient);
        let moments = self.first.iter_mut().zip(self.second);
        for ((p, &g), (m, v)) in params.zip(moments) {
            let g = g + self.l2 * *p;
            *m = beta1 * *m + rest1 * g;
            *v = beta2 * *v + rest2 * (g * g);
            *p = *p * self.shrink - self.rate * *m / (square_root(*v) * self.root + self.eps);
        }
    }
}

/// √x, through whichever of f32 and f64 holds all values of `E`; for those two that is no
/// conversion.
#[inline(always)]
fn square_root<E: Dtype>(x: E) -> E {
    match size_of::<E>() <= size_of::<f32>() {
        true => E::from_f32(x.to_f32().unwrap_or(f32::NAN).sqrt()).unwrap_or_default(),
        false => coefficient(x.to_f64().unwrap_or(f64::NAN).sqrt()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PyTorch's `_single_tensor_adam` in its own order of operations, one element at a time.
    fn reference(adam: &AdamConfig, decoupled: bool, start: f64, gradients: &[f64]) -> f64 {
        let [beta1, beta2] = adam.betas;
        let (mut p, mut m, mut v) = (start, 0.0, 0.0);
        for (t, &gradient) in (1..).zip(gradients) {
            let mut g = gradient;
            if decoupled {
                p *= 1.0 - adam.lr * adam.weight_decay;
            } else {
                g += adam.weight_decay * p;
            }
            m += (g - m) * (1.0 - beta1);
            v = v * beta2 + (1.0 - beta2) * g * g;
            let step_size = adam.lr / (1.0 - beta1.powi(t));
            let denominator = v.sqrt() / (1.0 - beta2.powi(t)).sqrt() + adam.eps;
            p -= step_size * (m / denominator);
        }
        p
    }

    #[test]
    fn adam_and_adamw_follow_the_pytorch_formula() {
        let starts = [0.7, -1.3, 0.0, 2.5];
        let gradients: Vec<Vec<f64>> = (0..40)
            .map(|t| (0..4).map(|i| (f64::from(t * 4 + i) * 0.7).sin()).collect())
            .collect();
        for (betas, weight_decay) in [([0.9, 0.999], 0.0), ([0.9, 0.999], 0.1), ([0.0, 0.5], 0.1)] {
            let adam = AdamConfig {
                lr: 0.02,
                betas,
                eps: 1e-8,
                weight_decay,
            };
            let adamw = AdamWConfig {
                lr: 0.02,
                betas,
                eps: 1e-8,
                weight_decay,
            };
            let (mut coupled, mut decoupled) = (starts, starts);
            let (mut state, mut state_w) = (Moments::zeros(2, 4), Moments::zeros(2, 4));
            for gradient in &gradients {
                state.step += 1;
                state_w.step += 1;
                adam.update(&mut coupled, gradient, &mut state);
                adamw.update(&mut decoupled, gradient, &mut state_w);
            }
            for (i, &start) in starts.iter().enumerate() {
                let column: Vec<f64> = gradients.iter().map(|g| g[i]).collect();
                let want = reference(&adam, false, start, &column);
                assert!((coupled[i] - want).abs() < 1e-12, "{} {want}", coupled[i]);
                let want = reference(&adam, true, start, &column);
                assert!(
                    (decoupled[i] - want).abs() < 1e-12,
                    "{} {want}",
                    decoupled[i]
                );
            }
        }
    }

    #[test]
    fn the_first_step_is_the_learning_rate_whatever_the_gradient() {
        let adam = AdamConfig::default();
        let mut param = [1.0f64; 3];
        let mut moments = Moments {
            step: 1,
            ..Moments::zeros(2, 3)
        };
        adam.update(&mut param, &[1e-3, -5.0, 40.0], &mut moments);
        for (p, sign) in param.iter().zip([1.0, -1.0, 1.0]) {
            assert!((p - (1.0 - sign * 1e-3)).abs() < 1e-7, "{p}");
        }
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let good = AdamConfig::default();
        let bad = [
            ("lr", AdamConfig { lr: -1.0, ..good }),
            (
                "lr",
                AdamConfig {
                    lr: f64::NAN,
                    ..good
                },
            ),
            (
                "betas[0]",
                AdamConfig {
                    betas: [1.0, 0.9],
                    ..good
                },
            ),
            (
                "betas[1]",
                AdamConfig {
                    betas: [0.9, -0.1],
                    ..good
                },
            ),
            (
                "betas[1]",
                AdamConfig {
                    betas: [0.9, f64::NAN],
                    ..good
                },
            ),
            ("eps", AdamConfig { eps: 0.0, ..good }),
            (
                "weight_decay",
                AdamConfig {
                    weight_decay: f64::INFINITY,
                    ..good
                },
            ),
        ];
        assert!(Adam::<f32>::new(good).is_ok());
        for (field, config) in bad {
            match Adam::<f32>::new(config) {
                Err(Error::Setting { name, .. }) => assert_eq!(name, field),
                other => panic!("{config:?}: {other:?}"),
            }
            let AdamConfig {
                lr,
                betas,
                eps,
                weight_decay,
            } = config;
            match AdamW::<f32>::new(AdamWConfig {
                lr,
                betas,
                eps,
                weight_decay,
            }) {
                Err(Error::Setting { name, .. }) => assert_eq!(name, field),
                other => panic!("{config:?}: {other:?}"),
            }
        }
    }
}
