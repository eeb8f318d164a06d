//! The evidence lower bound of a twin on its training set.

use super::Sampling;
use crate::Error;
use crate::data::{Digits, Labelled};
use crate::tensors::{Images, Logits, images};
use bayes_core::metrics::MetricError;
use bayes_core::prelude::{Bind, Cpu, HasErr, Module, kl_per_layer, predict};
use bayes_core::twin::Bayesian;

/// The two parts of the evidence lower bound, per training example and in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elbo {
    /// `−E_q[log p(y | x, w)]`: the mean over draws and examples of the negative log-likelihood.
    pub expected_nll: f64,
    /// `KL(q ‖ p)/n`: the KL summed over all weights, divided by the number of examples.
    pub kl_per_example: f64,
}

impl Elbo {
    /// The bound of `model` on the examples of `data`; the likelihood is estimated from draws.
    ///
    /// # Errors
    /// No examples or draws; a label that is no class; a set whose images and labels do not fit together.
    pub fn of<M>(model: &M, data: &Labelled, sampling: Sampling) -> Result<Self, Error>
    where
        M: Bayesian<f32, Cpu> + Sync,
        for<'a> <M as Bind>::Eval<'a>:
            Module<Images, Output = Logits, Error = <Cpu as HasErr>::Err>,
    {
        let Sampling { samples, seed } = sampling;
        let draws = predict(model, images(&data.images)?, samples, seed).draws()?;
        let kl: f64 = kl_per_layer(model)?.iter().map(|tensor| tensor.kl).sum();
        Ok(Self {
            expected_nll: expected_nll(&draws.values, &data.labels)?,
            kl_per_example: kl / data.len() as f64,
        })
    }

    /// `log p(D | w)` in expectation less the KL, per example: what the evidence per example is at least.
    pub fn bound(&self) -> f64 {
        -(self.expected_nll + self.kl_per_example)
    }
}

/// The mean of `ln Σ_c exp(z_c) − z_y` over S·N rows of logits z, whose N labels y repeat.
fn expected_nll(logits: &[f32], labels: &[usize]) -> Result<f64, Error> {
    let row = labels.len() * Digits::CLASSES;
    if row == 0 || !logits.len().is_multiple_of(row) {
        return Err(MetricError::Length {
            what: "labels",
            expected: logits.len() / Digits::CLASSES,
            found: labels.len(),
        }
        .into());
    }
    let mut sum = 0.0;
    let rows = logits.chunks_exact(Digits::CLASSES);
    let count = rows.len();
    for (i, (row, &label)) in rows.zip(labels.iter().cycle()).enumerate() {
        let own = *row.get(label).ok_or(Error::Label {
            position: i % labels.len(),
            label,
            classes: Digits::CLASSES,
        })?;
        sum += log_sum_exp(row) - f64::from(own);
    }
    Ok(sum / count as f64)
}

fn log_sum_exp(row: &[f32]) -> f64 {
    let largest = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let sum: f64 = row.iter().map(|&z| (f64::from(z) - largest).exp()).sum();
    largest + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::digits::{BayesDigitsNet, DigitsNet};
    use bayes_core::prelude::DeviceBuildExt;

    #[test]
    fn the_nll_of_known_logits() {
        let mut logits = [0.0; 20];
        (logits[2], logits[15]) = (3.0, 1e4);
        // Row 0: ln(e³ + 9) − 3; row 1: certain and right, with no overflow.
        let want = ((3f64.exp() + 9.0).ln() - 3.0) / 2.0;
        let got = expected_nll(&logits, &[2, 5]).unwrap();
        assert!((got - want).abs() < 1e-12, "{got} {want}");
    }

    #[test]
    fn labels_repeat_over_the_draws() {
        let draws: Vec<f32> = (0..40).map(|i| ((i * 7) % 10) as f32 * 0.3).collect();
        let all = expected_nll(&draws, &[1, 8]).unwrap();
        let each = [0, 20].map(|at| expected_nll(&draws[at..at + 20], &[1, 8]).unwrap());
        assert!((all - (each[0] + each[1]) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn bad_labels_are_errors() {
        assert!(matches!(
            expected_nll(&[0.0; 20], &[3, 10]),
            Err(Error::Label { position: 1, .. })
        ));
        assert!(matches!(
            expected_nll(&[0.0; 20], &[]),
            Err(Error::Metric(_))
        ));
        assert!(matches!(
            expected_nll(&[0.0; 20], &[1; 3]),
            Err(Error::Metric(_))
        ));
    }

    #[test]
    fn the_bound_has_the_kl_of_all_tensors() {
        let net = Cpu::seed_from_u64(0).build_module::<DigitsNet, f32>();
        let twin = BayesDigitsNet::from_pretrained(&net).unwrap();
        let (_, data) = Digits::embedded().unwrap().train.split_tail(20).unwrap();
        let sampling = Sampling {
            samples: 3,
            seed: 1,
        };
        let elbo = Elbo::of(&twin, &data, sampling).unwrap();
        let kl: f64 = twin
            .kl_per_layer()
            .unwrap()
            .iter()
            .map(|tensor| tensor.kl)
            .sum();
        assert!((elbo.kl_per_example * 20.0 - kl).abs() < 1e-9 * kl);
        assert!((elbo.expected_nll - 10f64.ln()).abs() < 0.5);
        assert_eq!(elbo.bound(), -elbo.expected_nll - elbo.kl_per_example);
    }
}
