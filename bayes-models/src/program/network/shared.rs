//! What plain models and twins do alike.

use super::example::tensor;
use super::{Example, LossFn, Optimizer, Sampling, Scalar, Step, StepLoss, Tape};
use crate::Error;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::predict::Batch;
use bayes_core::prelude::{
    AsArray, Backward, Bind, Const, Cpu, Draw, Draws, Gradients, HasErr, Module, ReshapeTo, Tensor,
    TensorCollection, Trace, TryAdd, TryMul, ZeroGrads, predict,
};
use std::collections::BTreeMap;
use std::path::Path;

/// Every draw's outputs.
pub(super) fn draws<M, X, const K: usize>(
    model: &M,
    values: Vec<f32>,
    sampling: Sampling,
) -> Result<Draws<f32>, Error>
where
    M: Bind + Sync,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> M::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    let x = tensor::<X>(values)?;
    let mut predictive =
        predict(model, x, sampling.samples, sampling.seed).from_example(sampling.first);
    if sampling.mc_dropout {
        predictive = predictive.mc_dropout();
    }
    Ok(predictive.draws()?)
}

/// Runs the loss in a training view, with the KL in the same draw, and keeps the gradients.
pub(super) fn gradients<M, X, const K: usize>(
    model: &mut M,
    kept: &mut Option<Gradients<f32, Cpu>>,
    values: Vec<f32>,
    step: &Step,
    loss: &mut LossFn<'_>,
    kl: impl FnOnce(&M, &Draw) -> Result<Option<Scalar>, Error>,
) -> Result<StepLoss, Error>
where
    M: Bind + TensorCollection<f32, Cpu>,
    X: Example,
    for<'a> M::Train<'a>: Module<
            Tensor<X, f32, Cpu, Tape>,
            Output = Tensor<(usize, Const<K>), f32, Cpu, Tape>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    let gradients = match kept.take() {
        Some(gradients) => gradients,
        None => model.try_alloc_grads()?,
    };
    let draw = Draw::from(step.key);
    let x = tensor::<X>(values)?.trace(gradients);
    let outputs = model.train(&draw).try_forward(x)?;
    let shape = (outputs.shape().0, K);
    let mut total = loss(outputs.try_reshape_like(&shape)?)?;
    let data = f64::from(total.array());
    let mut found = 0.0;
    if step.kl_weight != 0.0
        && let Some(kl) = kl(model, &draw)?
    {
        found = f64::from(kl.array());
        total = total.try_add(kl.try_mul(step.kl_weight as f32)?)?;
    }
    *kept = Some(total.try_mul(step.scale as f32)?.try_backward()?);
    Ok(StepLoss { data, kl: found })
}

/// Updates by the kept gradients.
pub(super) fn update<M: TensorCollection<f32, Cpu>>(
    model: &mut M,
    kept: &mut Option<Gradients<f32, Cpu>>,
    optimizer: &mut Optimizer,
) -> Result<(), Error> {
    if let Some(gradients) = kept {
        optimizer.update(model, gradients)?;
        model.try_zero_grads(gradients)?;
    }
    Ok(())
}

pub(super) fn save<M: TensorCollection<f32, Cpu>>(
    model: &M,
    path: &Path,
    checkpoint: &Checkpoint,
    optimizer: Option<&Optimizer>,
) -> Result<(), Error> {
    match optimizer {
        Some(optimizer) => checkpoint.save_with_optimizer(path, model, optimizer)?,
        None => checkpoint.save(path, model)?,
    }
    Ok(())
}

pub(super) fn load<M: TensorCollection<f32, Cpu>>(
    model: &mut M,
    path: &Path,
    checkpoint: &Checkpoint,
    optimizer: Option<&mut Optimizer>,
) -> Result<BTreeMap<String, String>, Error> {
    let of_file = |source| Error::Checkpoint {
        file: path.to_owned(),
        source,
    };
    match optimizer {
        Some(optimizer) => checkpoint.load_with_optimizer(path, model, optimizer),
        None => checkpoint.load(path, model),
    }
    .map_err(of_file)
}
