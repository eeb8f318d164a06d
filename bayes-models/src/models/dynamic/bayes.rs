//! Bayesian twins.

use super::flat::Flat;
use super::model::{Bayes, Learning, Model, Plain};
use super::net::{Net, Taken};
use super::{BayesModel, Error, PlainModel, Scalar};
use crate::report::{LayerPosterior, posteriors};
use bayes_core::checkpoint::{self, Checkpoint, Loaded};
use bayes_core::kl::{TensorKl, kl_in, kl_per_layer, priors};
use bayes_core::predict::Batch;
use bayes_core::prelude::{Cpu, Draw, FromPretrained, Key};
use bayes_core::prune::{Prune, Pruned, prune};
use std::collections::BTreeMap;
use std::path::Path;

impl<N: Net> Learning<N> for Bayes {
    fn kl(model: &N::Bayes, draw: &Draw) -> Result<Option<Scalar>, bayes_core::Error> {
        Ok(Some(kl_in(model, draw)?))
    }

    fn priors(model: &N::Bayes) -> BTreeMap<String, String> {
        priors(model)
    }

    fn load_weights(
        flat: &mut Flat,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<Loaded, checkpoint::Error> {
        Checkpoint::load_bayesian_torch(path, flat, rename)
    }

    fn export(
        flat: &Flat,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<(), checkpoint::Error> {
        Checkpoint::save_bayesian_torch(path, flat, rename)
    }
}

impl<N: Net> BayesModel for Model<N, Bayes>
where
    Taken<N>: Batch<f32, Cpu, Part = Taken<N>>,
{
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

impl<N: Net> Model<N, Bayes>
where
    Taken<N>: Batch<f32, Cpu, Part = Taken<N>>,
{
    fn plain_in(&self, key: Key) -> Result<Box<dyn PlainModel>, Error> {
        let plain = self.model.plain_in(&key.into())?;
        Ok(Box::new(Model::<N, Plain>::new(plain)))
    }
}
