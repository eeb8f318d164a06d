//! A posterior's tensors in a row each. Divergences are computed of them, and so are compiled for one shape, whatever shapes
//! a model's weights have. A row shares its tensor's memory and id, so gradients are the tensor's.

use crate::posterior::{Family, FanIn, PriorMean, Variational};
use crate::twin::Config;
use dfdx::prelude::{ConstShape, Device, Dtype, Rank0, ReshapeTo, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::NoneTape;

/// As many numbers as a tensor has.
pub(super) type Row<E, D, T = NoneTape> = Tensor<(usize,), E, D, T>;

/// What a divergence is a function of.
pub(super) struct Rows<E: Dtype, D: Device<E>> {
    pub(super) mu: Row<E, D>,
    pub(super) rho: Row<E, D>,
    pub(super) family: Family,
    /// One for each weight, or the value of all.
    prior_mean: Result<Row<E, D>, f64>,
    /// `ln(std − floor)` of a learned prior.
    pub(super) prior_log_std: Option<Tensor<Rank0, E, D>>,
    /// Weights × directions of a low-rank posterior.
    pub(super) factor: Option<Tensor<(usize, usize), E, D>>,
}

impl<E: Dtype, D: Device<E>> Rows<E, D> {
    /// Those of `weights`.
    ///
    /// # Errors
    /// A device that fails.
    pub(super) fn of<S: ConstShape, C: Config, F: FanIn>(
        weights: &Variational<S, E, D, C, F>,
    ) -> Result<Self, D::Err> {
        let row = |tensor: &Tensor<S, E, D>| tensor.clone().try_reshape_like(&(S::NUMEL,));
        let size = (S::NUMEL, C::POSTERIOR.rank());
        let factor = weights.factor().cloned();
        Ok(Self {
            mu: row(&weights.mu)?,
            rho: row(&weights.rho)?,
            family: C::POSTERIOR,
            prior_mean: match weights.prior_mean() {
                PriorMean::Value(mean) => Err(mean),
                PriorMean::Tensor(mean) => Ok(row(mean)?),
            },
            prior_log_std: weights.prior_log_std().cloned(),
            factor: factor
                .map(|factor| factor.try_reshape_like(&size))
                .transpose()?,
        })
    }

    /// The number of weights.
    pub(super) fn len(&self) -> usize {
        self.mu.shape().0
    }

    /// The mean of the prior.
    pub(super) fn prior_mean(&self) -> PriorMean<'_, (usize,), E, D> {
        match &self.prior_mean {
            Ok(means) => PriorMean::Tensor(means),
            Err(mean) => PriorMean::Value(*mean),
        }
    }
}
