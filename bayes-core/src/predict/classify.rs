//! Draws of logits reduced to class probabilities and their uncertainty, without keeping the draws.

use super::{Batch, Job, Predictive};
use crate::device::{Kernels, Workers};
use crate::error::Error;
use crate::metrics::{PredictiveMoments, softmax};
use crate::twin::Bind;
use dfdx::nn::Module;
use dfdx::prelude::{Dim, Dtype, Tensor};

/// What the draws of a classifier say of each row. Entropies are in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// Number of draws.
    pub samples: usize,
    /// Number of classes.
    pub classes: usize,
    /// `p̄ = mean_s softmax(logits_s)`: `rows × classes`.
    pub probabilities: Vec<f64>,
    /// `H[p̄]` of each row: all uncertainty.
    pub predictive_entropy: Vec<f64>,
    /// `mean_s H[p_s]` of each row: what no further data would remove (aleatoric).
    pub expected_entropy: Vec<f64>,
    /// `H[p̄] − mean_s H[p_s]` of each row: what the draws disagree on (epistemic; Houlsby et al. 2011).
    pub mutual_information: Vec<f64>,
}

impl Classification {
    /// The most probable class of each row; of equal ones the first.
    pub fn predicted(&self) -> Vec<usize> {
        let first_largest = |row: &[f64]| {
            let larger = |best: usize, i: usize| if row[i] > row[best] { i } else { best };
            (0..row.len()).fold(0, larger)
        };
        self.probabilities
            .chunks_exact(self.classes)
            .map(first_largest)
            .collect()
    }

    /// The probability of the most probable class of each row.
    pub fn confidence(&self) -> Vec<f64> {
        let largest = |row: &[f64]| row.iter().copied().fold(0.0, f64::max);
        self.probabilities
            .chunks_exact(self.classes)
            .map(largest)
            .collect()
    }
}

impl<'m, M, X> Predictive<'m, M, X> {
    /// Takes the model's outputs as logits and reduces them draw by draw; memory does not grow with the draws.
    ///
    /// Layers with [`LocalReparameterization`](crate::estimator::LocalReparameterization) draw each row's outputs by
    /// themselves here, which is exact for each row.
    ///
    /// # Errors
    /// An input that does not fit the model; no samples or rows; logits that are not finite.
    pub fn classify<E, D, K>(self) -> Result<Classification, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Job<'m, M, X::Part>>,
        K: Dim,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<(usize, K), E, D>, Error = D::Err>,
    {
        let job = self.job(false)?;
        let rows = self.x.rows();
        let mut moments: Option<PredictiveMoments> = None;
        job.for_each_draw::<E, D, (usize, K)>(self.samples, |mut logits| {
            let classes = logits.len() / rows;
            if classes == 0 {
                return Err(Error::Empty { what: "class" });
            }
            softmax(&mut logits, classes);
            let moments = moments.get_or_insert_with(|| PredictiveMoments::new(rows, classes));
            Ok(moments.push(&logits)?)
        })?;
        let uncertainty = moments.ok_or(Error::Empty { what: "sample" })?.finish()?;
        Ok(Classification {
            samples: self.samples,
            classes: uncertainty.mean_probabilities.len() / rows,
            probabilities: uncertainty.mean_probabilities,
            predictive_entropy: uncertainty.predictive_entropy,
            expected_entropy: uncertainty.expected_entropy,
            mutual_information: uncertainty.mutual_information,
        })
    }
}
