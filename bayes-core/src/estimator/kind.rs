//! The estimators, as types for `#[bayesian(estimator = …)]` and as values.

use std::fmt;

/// An estimator as a type. Its [`KIND`](Estimator::KIND) says which.
pub trait Estimator: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// The estimator as a value.
    const KIND: EstimatorKind;
}

/// An estimator as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum EstimatorKind {
    /// See [`Reparameterization`].
    Reparameterization,
    /// See [`Flipout`].
    Flipout,
    /// See [`LocalReparameterization`].
    LocalReparameterization,
}

impl fmt::Display for EstimatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One weight `w = mu + sigma·epsilon` for the whole batch (Kingma and Welling 2014; Blundell et al. 2015).
///
/// The cheapest in memory; the noise of all examples of a batch is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reparameterization;

/// One noise tensor for the batch, with signs of its own per example and channel (Wen et al. 2018):
/// `y_n = mu·x_n + s_n ∘ (sigma·epsilon)·(r_n ∘ x_n)`.
///
/// Each example sees an exact draw of the posterior, and the draws of two examples are uncorrelated, so gradients
/// vary less. The signs are constant over space and time: the positions of one example share their weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flipout;

/// Noise on the pre-activations in place of the weights (Kingma, Salimans and Welling 2015): with independent
/// Gaussian weights, `y_n ~ N(mu·x_n + mu_b, sigma²·x_n² + sigma_b²)`, drawn anew for each example and output.
///
/// Exact for one example with one input vector, hence for [`Linear`](crate::layers::builders::Linear) only, on
/// inputs of rank 1 and 2. Where joint draws of several examples are asked for, weights are drawn instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LocalReparameterization;

impl Estimator for Reparameterization {
    const KIND: EstimatorKind = EstimatorKind::Reparameterization;
}
impl Estimator for Flipout {
    const KIND: EstimatorKind = EstimatorKind::Flipout;
}
impl Estimator for LocalReparameterization {
    const KIND: EstimatorKind = EstimatorKind::LocalReparameterization;
}
