//! Plain models.

use super::flat::Flat;
use super::model::{Bayes, Learning, Model, Plain};
use super::net::{Net, Number};
use super::start::begin;
use super::{BayesModel, Error, PlainModel, Start, Trainable};
use bayes_core::checkpoint::{self, Checkpoint, Loaded};
use bayes_core::prelude::{BuildModule, Cpu, Draw, FromPretrained};
use std::collections::BTreeMap;
use std::path::Path;

impl<N: Net> Learning<N> for Plain {
    fn kl(_: &N::Plain, _: &Draw) -> Result<Option<Number<N::D>>, bayes_core::Error> {
        Ok(None)
    }

    fn on_cpu(flat: &Flat<N::D>) -> Result<Box<dyn Trainable + Send + Sync>, Error> {
        let device = Cpu::default();
        let mut plain = <N::Host as Net>::Plain::try_build(&device)?;
        flat.moved(&device)?.give(&mut plain)?;
        Ok(Box::new(Model::<N::Host, Self>::new(plain, device)))
    }

    fn priors(_: &N::Plain) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn load_weights(
        flat: &mut Flat<N::D>,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<Loaded, checkpoint::Error> {
        Checkpoint::load_torch(path, flat, rename)
    }

    fn export(
        flat: &Flat<N::D>,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<(), checkpoint::Error> {
        Checkpoint::save_torch(path, flat, rename)
    }
}

impl<N: Net> PlainModel for Model<N, Plain> {
    fn bayes(&self, start: &Start) -> Result<Box<dyn BayesModel>, Error> {
        let mut twin = N::Bayes::from_pretrained(&self.model)?;
        begin(&mut twin, start)?;
        Ok(Box::new(Model::<N, Bayes>::new(twin, self.device.clone())))
    }
}
