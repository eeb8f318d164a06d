//! Training of a Bayesian twin that predicts a number and how sure it is.

use super::descent::{Taped, descend};
use super::{Epoch, Training, TrainingDevice};
use crate::Error;
use crate::tensors::gaussian;
use bayes_core::kl::kl_in;
use bayes_core::losses::{PredictedVariance, gaussian_nll_loss};
use bayes_core::prelude::{
    Constant, Dim, Key, Module, RealizeTo, Shape, Tensor, TensorCollection, Trace, elbo_loss,
};
use bayes_core::twin::{Bayesian, Bind, Draw};

/// Descends `mean NLL + beta·KL/n` of `model`, which gives a mean and the logarithm of a variance for each of the n
/// examples; `on_epoch` is told of each epoch.
///
/// `inputs` makes a batch of the examples at some indices, on the model's device, and `targets` are the n numbers. Step t
/// sees the draw `Key::new(seed, t)`, as in [`train_twin`](super::train_twin).
///
/// ```
/// use bayes_core::prelude::*;
/// use bayes_models::train::{Training, train_regression};
///
/// #[bayesian(input = (1))]
/// struct Line {
///     fc: Linear<1, 2>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let mut twin = BayesLine::from_pretrained(&dev.build_module::<Line, f32>())?;
/// let x: Vec<f32> = (0..64).map(|i| i as f32 / 32.0 - 1.0).collect();
/// let y: Vec<f32> = x.iter().map(|x| 3.0 * x + 1.0).collect();
/// let inputs = |indices: &[usize]| {
///     let x = indices.iter().map(|&i| x[i]).collect();
///     Ok(dev.try_tensor_from_vec(x, (indices.len(), Const::<1>))?)
/// };
/// let training = Training { epochs: 100, learning_rate: 0.02, ..Training::default() };
/// let mut losses = Vec::new();
/// train_regression(&mut twin, inputs, &y, &training, 0.01, |epoch| losses.push(epoch.loss))?;
/// assert!(losses[99] < losses[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`train_twin`](super::train_twin); those of `inputs`; a target that is not finite.
pub fn train_regression<M, S, K, D: TrainingDevice>(
    model: &mut M,
    inputs: impl Fn(&[usize]) -> Result<Tensor<S, f32, D>, Error>,
    targets: &[f32],
    training: &Training,
    beta: f64,
    on_epoch: impl FnMut(Epoch),
) -> Result<(), Error>
where
    S: Shape,
    K: Dim,
    M: TensorCollection<f32, D> + Bayesian<f32, D>,
    for<'a> <M as Bind>::Train<'a>: Module<
            Tensor<S, f32, D, Taped<D>>,
            Output = Tensor<(usize, K), f32, D, Taped<D>>,
            Error = D::Err,
        >,
{
    descend(
        model,
        targets.len(),
        training,
        |model, batch| {
            let draw = Draw::from(Key::new(training.seed, batch.step as u64));
            let numbers = batch.indices.iter().map(|&i| targets[i]).collect();
            let column = (batch.indices.len(), 1);
            let numbers = batch.device.try_tensor_from_vec(numbers, column);
            let numbers = numbers.map_err(Error::device)?;
            let x = inputs(batch.indices)?.constant().traced(batch.gradients);
            let outputs = model.train(&draw).try_forward(x).map_err(Error::device)?;
            let (mean, log_variance) = gaussian(outputs.realize::<(usize, usize)>())?;
            let variance = PredictedVariance::Log(log_variance);
            let nll = gaussian_nll_loss(mean, variance, numbers)?;
            Ok(elbo_loss(nll, kl_in(model, &draw)?, targets.len(), beta)?)
        },
        on_epoch,
    )
}
