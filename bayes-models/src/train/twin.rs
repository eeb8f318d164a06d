//! Training of a Bayesian twin: variational inference.

use super::descent::{Pictures, Taped, descend};
use super::{Epoch, Training, TrainingDevice};
use crate::Error;
use crate::data::Labelled;
use crate::tensors::{Images, Logits};
use bayes_core::kl::kl_in;
use bayes_core::prelude::{
    Key, Module, TensorCollection, cross_entropy_with_logits_loss, elbo_loss,
};
use bayes_core::twin::{Bayesian, Bind, Draw};

/// Descends `mean NLL + beta·KL/n` of `model` on the n examples of `data`; `on_epoch` is told of each epoch.
///
/// Step t sees the draw `Key::new(seed, t)`: one draw per step, another one at each step. `beta = 1` descends the
/// negative ELBO; a smaller beta trusts the data more than the prior does, a tempered posterior (Wenzel et al. 2020).
///
/// # Errors
/// As [`train_plain`](super::train_plain), and a beta that is negative or not finite.
pub fn train_twin<M, D: TrainingDevice>(
    model: &mut M,
    data: &Labelled,
    training: &Training,
    beta: f64,
    on_epoch: impl FnMut(Epoch),
) -> Result<(), Error>
where
    M: TensorCollection<f32, D> + Bayesian<f32, D>,
    for<'a> <M as Bind>::Train<'a>:
        Module<Images<Taped<D>, D>, Output = Logits<Taped<D>, D>, Error = D::Err>,
{
    let mut pictures = Pictures::new(data);
    descend(
        model,
        data.len(),
        training,
        |model, batch| {
            let draw = Draw::from(Key::new(training.seed, batch.step as u64));
            let (images, targets) = pictures.of(batch)?;
            let logits = model.train(&draw).try_forward(images);
            let nll = cross_entropy_with_logits_loss(logits.map_err(Error::device)?, targets);
            Ok(elbo_loss(nll, kl_in(model, &draw)?, data.len(), beta)?)
        },
        on_epoch,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Digits;
    use crate::models::digits::{BayesDigitsNet, DigitsNet};
    use bayes_core::prelude::{Cpu, DeviceBuildExt, kl_per_layer};

    fn some(n: usize) -> Labelled {
        let train = Digits::embedded().unwrap().train;
        let (_, tail) = train.split_tail(n).unwrap();
        tail
    }

    fn untrained() -> BayesDigitsNet<f32, Cpu> {
        let net = Cpu::seed_from_u64(1).build_module::<DigitsNet, f32>();
        BayesDigitsNet::from_pretrained(&net).unwrap()
    }

    fn total_kl(twin: &BayesDigitsNet<f32, Cpu>) -> f64 {
        let tensors = kl_per_layer(twin).unwrap();
        tensors.iter().map(|tensor| tensor.kl).sum()
    }

    fn trained(data: &Labelled, beta: f64, seed: u64) -> (BayesDigitsNet<f32, Cpu>, Vec<f64>) {
        let mut twin = untrained();
        let training = Training {
            epochs: 6,
            learning_rate: 5e-3,
            seed,
            ..Training::default()
        };
        let mut losses = Vec::new();
        train_twin(&mut twin, data, &training, beta, |epoch| {
            losses.push(epoch.loss)
        })
        .unwrap();
        (twin, losses)
    }

    #[test]
    fn the_first_loss_is_the_nll_and_the_kl_per_example() {
        let (data, beta) = (some(40), 0.5);
        let training = Training {
            epochs: 1,
            ..Training::default()
        };
        let mut twin = untrained();
        let kl_per_example = total_kl(&twin) / 40.0;
        assert!(kl_per_example > 10.0);
        let mut loss = 0.0;
        train_twin(&mut twin, &data, &training, beta, |epoch| loss = epoch.loss).unwrap();
        // 40 examples are one batch; an untrained net's NLL is near ln 10.
        let nll = loss - beta * kl_per_example;
        assert!((nll - 10f64.ln()).abs() < 0.5, "{nll}");
    }

    #[test]
    fn the_loss_falls_and_the_seed_decides_everything() {
        let data = some(100);
        let (twin, losses) = trained(&data, 0.1, 3);
        assert!(losses[5] < losses[0], "{losses:?}");
        let (again, same) = trained(&data, 0.1, 3);
        assert_eq!(losses, same);
        assert_eq!(twin.fc1.weight.rho.as_vec(), again.fc1.weight.rho.as_vec());
        assert_ne!(losses, trained(&data, 0.1, 4).1);
    }

    #[test]
    fn a_larger_beta_stays_nearer_to_the_prior() {
        let data = some(100);
        let [free, bound] = [0.0, 10.0].map(|beta| total_kl(&trained(&data, beta, 0).0));
        assert!(bound < free, "{bound} {free}");
    }

    #[test]
    fn a_beta_below_0_is_an_error() {
        let run = train_twin(
            &mut untrained(),
            &some(4),
            &Training::default(),
            -0.1,
            |_| {},
        );
        assert!(matches!(run, Err(Error::Twin(_))));
    }
}
