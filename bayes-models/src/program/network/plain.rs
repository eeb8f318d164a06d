//! A plain model as a network.

use super::{
    Example, Integers, LossFn, Network, Optimizer, Predictor, Sampling, Step, StepLoss, Tape,
};
use super::{integers, shared};
use crate::Error;
use crate::report::LayerPosterior;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::int8::Int8;
use bayes_core::kl::TensorKl;
use bayes_core::plan::Structure;
use bayes_core::predict::Batch;
use bayes_core::prelude::{
    Bind, Const, Cpu, Draws, Gradients, HasErr, Module, Tensor, TensorCollection,
};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::Path;

/// A plain model `M` on batches `X`, with `K` outputs.
pub(super) struct Plain<M, X, const K: usize> {
    pub(super) model: M,
    pub(super) gradients: Option<Gradients<f32, Cpu>>,
    pub(super) batch: PhantomData<fn(X)>,
}

impl<M, X, const K: usize> Predictor for Plain<M, X, K>
where
    M: Bind + Sync + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> M::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    fn draws(&self, values: Vec<f32>, sampling: Sampling) -> Result<Draws<f32>, Error> {
        shared::draws::<M, X, K>(&self.model, values, sampling)
    }
}

impl<M, X, const K: usize> Network for Plain<M, X, K>
where
    M: Bind + Structure<f32> + TensorCollection<f32, Cpu> + Sync + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> M::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
    for<'a> M::Train<'a>: Module<
            Tensor<X, f32, Cpu, Tape>,
            Output = Tensor<(usize, Const<K>), f32, Cpu, Tape>,
            Error = <Cpu as HasErr>::Err,
        >,
    for<'a> M::Int8<'a>: Module<Tensor<X, f32, Cpu>>,
    for<'a> <Int8<M> as Bind>::Eval<'a>: Module<
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
        shared::gradients::<M, X, K>(model, kept, values, step, loss, |_, _| Ok(None))
    }

    fn kl_per_layer(&self) -> Result<Vec<TensorKl>, Error> {
        Ok(Vec::new())
    }

    fn posteriors(&self) -> Vec<LayerPosterior> {
        Vec::new()
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
        shared::save(&self.model, path, &notes, optimizer)
    }

    fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Error> {
        shared::load(&mut self.model, path, &Checkpoint::new(), optimizer)
    }

    fn save_torch(&self, path: &Path) -> Result<(), Error> {
        Ok(Checkpoint::save_torch(path, &self.model, str::to_owned)?)
    }

    fn save_plain(&self, path: &Path) -> Result<(), Error> {
        shared::save(&self.model, path, &Checkpoint::new(), None)
    }

    fn quantize(&self, values: Vec<f32>, seed: u64) -> Result<Box<dyn Integers>, Error> {
        integers::quantize::<M, M, X, K>(&self.model, values, seed)
    }
}
