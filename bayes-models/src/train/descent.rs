//! The descent that all training runs share: Adam over all batches of all epochs.

use super::{Epoch, Training, TrainingDevice};
use crate::Error;
use crate::data::{Batches, Labelled};
use crate::tensors::{Images, Logits, images_on, one_hot, value};
use bayes_core::optim::AdamConfig;
use bayes_core::prelude::{
    Backward, Constant, Cpu, Device, Gradients, NoneTape, OwnedTape, Rank0, Tensor,
    TensorCollection, Trace, ZeroGrads,
};
use bayes_core::twin::device_of;

/// The tape of a training step.
pub type Taped<D = Cpu> = OwnedTape<f32, D>;

/// One batch of a run.
pub(super) struct Batch<'a, D: Device<f32>> {
    /// Which examples.
    pub indices: &'a [usize],
    /// What the tape of the inputs records to.
    pub gradients: Gradients<f32, D>,
    /// The number of batches before this one, over all epochs.
    pub step: usize,
    /// Where the model is.
    pub device: &'a D,
}

/// Images on a tape, and one-hot rows.
type Shown<D> = (Images<Taped<D>, D>, Logits<NoneTape, D>);

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
    pub(super) fn of<D: Device<f32>>(&mut self, batch: Batch<'_, D>) -> Result<Shown<D>, Error> {
        self.data.gather(batch.indices, &mut self.batch)?;
        let images = images_on(batch.device, &self.batch.images)?
            .constant()
            .traced(batch.gradients);
        Ok((images, one_hot(batch.device, &self.batch.labels)?))
    }
}

/// Adam on the `loss` of each batch of `examples`, reporting each epoch.
pub(super) fn descend<M: TensorCollection<f32, D>, D: TrainingDevice>(
    model: &mut M,
    examples: usize,
    training: &Training,
    mut loss: impl FnMut(&mut M, Batch<'_, D>) -> Result<Tensor<Rank0, f32, D, Taped<D>>, Error>,
    mut on_epoch: impl FnMut(Epoch),
) -> Result<(), Error> {
    let device = device_of(model).ok_or(Error::NoWeights)?;
    let mut config = AdamConfig::default();
    let mut adam = D::adam(config)?;
    let mut batches = Batches::new(examples, training.batch_size, training.seed)?;
    let steps = training.epochs * batches.per_epoch();
    let mut gradients = model.try_alloc_grads().map_err(Error::device)?;
    let mut step = 0;
    for number in 1..=training.epochs {
        let mut sum = 0.0;
        for indices in batches.epoch(number as u64) {
            config.lr = training.learning_rate * training.schedule.factor(step, steps);
            let batch = Batch {
                indices,
                gradients,
                step,
                device: &device,
            };
            let loss = loss(model, batch)?;
            sum += value(&loss) * indices.len() as f64;
            gradients = loss.try_backward().map_err(Error::device)?;
            D::update(&mut adam, config, model, &mut gradients)?;
            let zeroed = model.try_zero_grads(&mut gradients);
            zeroed.map_err(Error::device)?;
            step += 1;
        }
        let loss = sum / examples as f64;
        on_epoch(Epoch { number, loss }.checked()?);
    }
    Ok(())
}
