//! Bayesian twins.

use super::flat::Flat;
use super::model::{Bayes, Learning, Model, Plain};
use super::net::{Net, Number};
use super::{BayesModel, Error, PlainModel, Trainable};
use crate::report::{LayerPosterior, posteriors};
use bayes_core::checkpoint::{self, Checkpoint, Loaded};
use bayes_core::kl::{TensorKl, kl_in, kl_per_layer, priors};
use bayes_core::prelude::{BuildModule, Cpu, Draw, FromPretrained, Key};
use bayes_core::prune::{Prune, Pruned, prune};
use std::collections::BTreeMap;
use std::path::Path;

impl<N: Net> Learning<N> for Bayes {
    fn kl(model: &N::Bayes, draw: &Draw) -> Result<Option<Number<N::D>>, bayes_core::Error> {
        Ok(Some(kl_in(model, draw)?))
    }

    fn on_cpu(flat: &Flat<N::D>) -> Result<Box<dyn Trainable + Send + Sync>, Error> {
        let device = Cpu::default();
        let plain = <N::Host as Net>::Plain::try_build(&device)?;
        let mut twin = <N::Host as Net>::Bayes::from_pretrained(&plain)?;
        flat.moved(&device)?.give(&mut twin)?;
        Ok(Box::new(Model::<N::Host, Self>::new(twin, device)))
    }

    fn priors(model: &N::Bayes) -> BTreeMap<String, String> {
        priors(model)
    }

    fn load_weights(
        flat: &mut Flat<N::D>,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<Loaded, checkpoint::Error> {
        Checkpoint::load_bayesian_torch(path, flat, rename)
    }

    fn export(
        flat: &Flat<N::D>,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<(), checkpoint::Error> {
        Checkpoint::save_bayesian_torch(path, flat, rename)
    }
}

impl<N: Net> BayesModel for Model<N, Bayes> {
    fn kl_per_layer(&self) -> Result<Vec<TensorKl>, Error> {
        Ok(kl_per_layer(&self.model)?)
    }

    fn posteriors(&self) -> Result<Vec<LayerPosterior>, Error> {
        Ok(posteriors(&self.model)?)
    }

    fn mean(&self) -> Result<Box<dyn PlainModel>, Error> {
        self.plain_in(Key::MEAN)
    }

    fn sample(&self, seed: u64) -> Result<Box<dyn PlainModel>, Error> {
        self.plain_in(Key::new(seed, 0))
    }

    fn prune(&mut self, which: Prune) -> Result<Pruned, Error> {
        Ok(prune(&mut self.model, which)?)
    }
}

impl<N: Net> Model<N, Bayes> {
    fn plain_in(&self, key: Key) -> Result<Box<dyn PlainModel>, Error> {
        let plain = self.model.plain_in(&key.into())?;
        Ok(Box::new(Model::<N, Plain>::new(plain, self.device.clone())))
    }
}
