//! Plain models.

use super::flat::Flat;
use super::model::{Bayes, Learning, Model, Plain};
use super::net::{Net, Taken};
use super::start::begin;
use super::{BayesModel, Error, PlainModel, Scalar, Start};
use bayes_core::checkpoint::{self, Checkpoint, Loaded};
use bayes_core::predict::Batch;
use bayes_core::prelude::{Cpu, Draw, FromPretrained};
use std::collections::BTreeMap;
use std::path::Path;

impl<N: Net> Learning<N> for Plain {
    fn kl(_: &N::Plain, _: &Draw) -> Result<Option<Scalar>, bayes_core::Error> {
        Ok(None)
    }

    fn priors(_: &N::Plain) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn load_weights(
        flat: &mut Flat,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<Loaded, checkpoint::Error> {
        Checkpoint::load_torch(path, flat, rename)
    }

    fn export(
        flat: &Flat,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<(), checkpoint::Error> {
        Checkpoint::save_torch(path, flat, rename)
    }
}

impl<N: Net> PlainModel for Model<N, Plain>
where
    Taken<N>: Batch<f32, Cpu, Part = Taken<N>>,
{
    fn bayes(&self, start: &Start) -> Result<Box<dyn BayesModel>, Error> {
        let mut twin = N::Bayes::from_pretrained(&self.model)?;
        begin(&mut twin, start)?;
        Ok(Box::new(Model::<N, Bayes>::new(twin)))
    }
}
