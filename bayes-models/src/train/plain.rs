//! Training of a plain classifier: maximum likelihood.

use super::descent::{Pictures, Taped, descend};
use super::{Epoch, Training, TrainingDevice};
use crate::Error;
use crate::data::Labelled;
use crate::tensors::{Images, Logits};
use bayes_core::prelude::{ModuleMut, TensorCollection, cross_entropy_with_logits_loss};

/// Descends the mean cross entropy of `model` on `data`; `on_epoch` is told of each epoch.
///
/// # Errors
/// No examples or a batch size of 0; a label that is no class; a learning rate that is negative; a loss or, on the CPU,
/// gradients that are not finite; a device that fails.
pub fn train_plain<M, D: TrainingDevice>(
    model: &mut M,
    data: &Labelled,
    training: &Training,
    on_epoch: impl FnMut(Epoch),
) -> Result<(), Error>
where
    M: TensorCollection<f32, D>
        + ModuleMut<Images<Taped<D>, D>, Output = Logits<Taped<D>, D>, Error = D::Err>,
{
    let mut pictures = Pictures::new(data);
    descend(
        model,
        data.len(),
        training,
        |model, batch| {
            let (images, targets) = pictures.of(batch)?;
            let logits = model.try_forward_mut(images).map_err(Error::device)?;
            Ok(cross_entropy_with_logits_loss(logits, targets))
        },
        on_epoch,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Digits;
    use crate::models::digits::DigitsNet;
    use bayes_core::prelude::{Cpu, DeviceBuildExt};

    fn some(n: usize) -> Labelled {
        let train = Digits::embedded().unwrap().train;
        let (_, tail) = train.split_tail(n).unwrap();
        tail
    }

    fn trained(data: &Labelled, training: &Training) -> (Vec<f32>, Vec<f64>) {
        let device = Cpu::seed_from_u64(training.seed);
        let mut net = device.build_module::<DigitsNet, f32>();
        let mut losses = Vec::new();
        train_plain(&mut net, data, training, |epoch| losses.push(epoch.loss)).unwrap();
        (net.fc2.weight.as_vec(), losses)
    }

    #[test]
    fn the_loss_falls_and_the_seed_decides_everything() {
        let (data, training) = (
            some(100),
            Training {
                epochs: 8,
                seed: 3,
                ..Training::default()
            },
        );
        let (weights, losses) = trained(&data, &training);
        assert_eq!(losses.len(), 8);
        assert!((2.0..2.6).contains(&losses[0]), "ln 10 = 2.3: {losses:?}");
        assert!(losses[7] < losses[0] - 0.2, "{losses:?}");
        assert_eq!(trained(&data, &training), (weights.clone(), losses));
        let other = Training {
            seed: 4,
            ..training
        };
        assert_ne!(trained(&data, &other).0, weights);
    }

    #[test]
    fn bad_settings_are_errors() {
        let device = Cpu::seed_from_u64(0);
        let mut net = device.build_module::<DigitsNet, f32>();
        let mut run = |data: &Labelled, training: Training| {
            train_plain(&mut net, data, &training, |_| {}).unwrap_err()
        };
        let good = Training::default();
        let data = some(4);
        let no_batch = Training {
            batch_size: 0,
            ..good
        };
        assert!(matches!(run(&data, no_batch), Error::Data(_)));
        assert!(matches!(run(&Labelled::default(), good), Error::Data(_)));
        let negative = Training {
            learning_rate: -1.0,
            ..good
        };
        assert!(matches!(run(&data, negative), Error::Optimizer(_)));
        let mut wrong = data.clone();
        wrong.labels[2] = 11;
        assert!(matches!(run(&wrong, good), Error::Label { label: 11, .. }));
    }
}
