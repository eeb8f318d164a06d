//! The descent that both training runs share: Adam over all batches of all epochs.

use super::{Epoch, Training};
use crate::Error;
use crate::data::{Batches, Labelled};
use crate::tensors::{Images, Logits, images, one_hot};
use bayes_core::optim::{Adam, AdamConfig};
use bayes_core::prelude::{
    AsArray, Backward, Cpu, OwnedTape, Rank0, Tensor, TensorCollection, Trace, ZeroGrads,
};

/// The tape of a training step.
pub type Taped = OwnedTape<f32, Cpu>;

/// One batch of a run.
pub(super) struct Batch {
    /// The images, on a tape that records the gradients.
    pub images: Images<Taped>,
    /// What they show: one-hot rows.
    pub targets: Logits,
    /// The number of batches before this one, over all epochs.
    pub step: usize,
}

/// Adam on the `loss` of each batch, reporting each epoch.
pub(super) fn descend<M: TensorCollection<f32, Cpu>>(
    model: &mut M,
    data: &Labelled,
    training: &Training,
    mut loss: impl FnMut(&mut M, Batch) -> Result<Tensor<Rank0, f32, Cpu, Taped>, Error>,
    mut on_epoch: impl FnMut(Epoch),
) -> Result<(), Error> {
    let mut adam = Adam::new(AdamConfig::default())?;
    let mut batches = Batches::new(data.len(), training.batch_size, training.seed)?;
    let steps = training.epochs * batches.per_epoch();
    let mut gradients = model.try_alloc_grads()?;
    let mut batch = Labelled::default();
    let mut step = 0;
    for number in 1..=training.epochs {
        let mut sum = 0.0;
        for indices in batches.epoch(number as u64) {
            data.gather(indices, &mut batch)?;
            adam.config.lr = training.learning_rate * training.schedule.factor(step, steps);
            let loss = loss(
                model,
                Batch {
                    images: images(&batch.images)?.trace(gradients),
                    targets: one_hot(&batch.labels)?,
                    step,
                },
            )?;
            sum += f64::from(loss.array()) * indices.len() as f64;
            gradients = loss.try_backward()?;
            adam.update(model, &gradients)?;
            model.try_zero_grads(&mut gradients)?;
            step += 1;
        }
        let loss = sum / data.len() as f64;
        on_epoch(Epoch { number, loss }.checked()?);
    }
    Ok(())
}
