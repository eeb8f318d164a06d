//! A Bayesian twin as a network.

use super::{
    Example, Integers, LossFn, Network, Optimizer, Predictor, Sampling, Step, StepLoss, Tape,
};
use super::{integers, shared};
use crate::Error;
use crate::report::{LayerPosterior, posteriors};
use bayes_core::checkpoint::Checkpoint;
use bayes_core::int8::Int8;
use bayes_core::kl::{TensorKl, kl_in, kl_per_layer, priors};
use bayes_core::plan::Structure;
use bayes_core::predict::Batch;
use bayes_core::prelude::{
    Bind, Const, Cpu, Draws, FromPretrained, Gradients, HasErr, Key, Module, Tensor,
    TensorCollection,
};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::Path;

/// A twin `B` on batches `X`, with `K` outputs.
pub(super) struct Twin<B, X, const K: usize> {
    pub(super) model: B,
    pub(super) gradients: Option<Gradients<f32, Cpu>>,
    pub(super) batch: PhantomData<fn(X)>,
}

impl<B, X, const K: usize> Predictor for Twin<B, X, K>
where
    B: Bind + Sync + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> B::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    fn draws(&self, values: Vec<f32>, sampling: Sampling) -> Result<Draws<f32>, Error> {
        shared::draws::<B, X, K>(&self.model, values, sampling)
    }
}

impl<B, X, const K: usize> Network for Twin<B, X, K>
where
    B: FromPretrained<f32, Cpu> + Structure<f32> + TensorCollection<f32, Cpu> + Sync + 'static,
    B::Plain: Bind + TensorCollection<f32, Cpu> + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> <B as Bind>::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
    for<'a> <B as Bind>::Train<'a>: Module<
            Tensor<X, f32, Cpu, Tape>,
            Output = Tensor<(usize, Const<K>), f32, Cpu, Tape>,
            Error = <Cpu as HasErr>::Err,
        >,
    for<'a> <B as Bind>::Int8<'a>: Module<Tensor<X, f32, Cpu>>,
    for<'a> <Int8<B::Plain> as Bind>::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    fn gradients(
        &mut self,
        values: Vec<f32>,
        step: &Step,
        loss: &mut LossFn<'_>,
    ) -> Result<StepLoss, Error> {
        let (model, kept) = (&mut self.model, &mut self.gradients);
        shared::gradients::<B, X, K>(model, kept, values, step, loss, |model, draw| {
            Ok(Some(kl_in(model, draw)?))
        })
    }

    fn kl_per_layer(&self) -> Result<Vec<TensorKl>, Error> {
        Ok(kl_per_layer(&self.model)?)
    }

    fn posteriors(&self) -> Vec<LayerPosterior> {
        posteriors(&self.model)
    }

    fn update(&mut self, optimizer: &mut Optimizer) -> Result<(), Error> {
        shared::update(&mut self.model, &mut self.gradients, optimizer)
    }

    fn save(
        &self,
        path: &Path,
        notes: Checkpoint,
        optimizer: Option<&Optimizer>,
    ) -> Result<(), Error> {
        let checkpoint = notes.with_metadata(priors(&self.model));
        shared::save(&self.model, path, &checkpoint, optimizer)
    }

    fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let checkpoint = Checkpoint::new().with_metadata(priors(&self.model));
        shared::load(&mut self.model, path, &checkpoint, optimizer)
    }

    fn save_torch(&self, path: &Path) -> Result<(), Error> {
        let plain = self.model.plain_in(&Key::MEAN.into())?;
        Ok(Checkpoint::save_torch(path, &plain, str::to_owned)?)
    }

    fn save_plain(&self, path: &Path) -> Result<(), Error> {
        let plain = self.model.plain_in(&Key::MEAN.into())?;
        shared::save(&plain, path, &Checkpoint::new(), None)
    }

    fn quantize(&self, values: Vec<f32>, seed: u64) -> Result<Box<dyn Integers>, Error> {
        integers::quantize::<B::Plain, B, X, K>(&self.model, values, seed)
    }
}
