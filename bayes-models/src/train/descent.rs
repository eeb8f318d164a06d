//! The descent that all training runs share: Adam over all batches of all epochs.

use super::{Epoch, Training};
use crate::Error;
use crate::data::{Batches, Labelled};
use crate::tensors::{Images, Logits, images, one_hot};
use bayes_core::optim::{Adam, AdamConfig};
use bayes_core::prelude::{
    AsArray, Backward, Cpu, Gradients, OwnedTape, Rank0, Tensor, TensorCollection, Trace, ZeroGrads,
};

/// The tape of a training step.
pub type Taped = OwnedTape<f32, Cpu>;

/// One batch of a run.
pub(super) struct Batch<'a> {
    /// Which examples.
    pub indices: &'a [usize],
    /// What the tape of the inputs records to.
    pub gradients: Gradients<f32, Cpu>,
    /// The number of batches before this one, over all epochs.
    pub step: usize,
}

/// The images of a batch, and what they show.
pub(super) struct Pictures<'a> {
    data: &'a Labelled,
    batch: Labelled,
}

impl<'a> Pictures<'a> {
    pub(super) fn new(data: &'a Labelled) -> Self {
        Self {
            data,
            batch: Labelled::default(),
        }
    }

    /// The images, on a tape, and one-hot rows.
    pub(super) fn of(&mut self, batch: Batch<'_>) -> Result<(Images<Taped>, Logits), Error> {
        self.data.gather(batch.indices, &mut self.batch)?;
        let images = images(&self.batch.images)?.trace(batch.gradients);
        Ok((images, one_hot(&self.batch.labels)?))
    }
}

/// Adam on the `loss` of each batch of `examples`, reporting each epoch.
pub(super) fn descend<M: TensorCollection<f32, Cpu>>(
    model: &mut M,
    examples: usize,
    training: &Training,
    mut loss: impl FnMut(&mut M, Batch<'_>) -> Result<Tensor<Rank0, f32, Cpu, Taped>, Error>,
    mut on_epoch: impl FnMut(Epoch),
) -> Result<(), Error> {
    let mut adam = Adam::new(AdamConfig::default())?;
    let mut batches = Batches::new(examples, training.batch_size, training.seed)?;
    let steps = training.epochs * batches.per_epoch();
    let mut gradients = model.try_alloc_grads()?;
    let mut step = 0;
    for number in 1..=training.epochs {
        let mut sum = 0.0;
        for indices in batches.epoch(number as u64) {
            adam.config.lr = training.learning_rate * training.schedule.factor(step, steps);
            let batch = Batch {
                indices,
                gradients,
                step,
            };
            let loss = loss(model, batch)?;
            sum += f64::from(loss.array()) * indices.len() as f64;
            gradients = loss.try_backward()?;
            adam.update(model, &gradients)?;
            model.try_zero_grads(&mut gradients)?;
            step += 1;
        }
        let loss = sum / examples as f64;
        on_epoch(Epoch { number, loss }.checked()?);
    }
    Ok(())
}
