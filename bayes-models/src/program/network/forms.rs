//! A model by its name, and how its forms are made.

use super::plain::Plain;
use super::twin::Twin;
use super::{Example, Integers, Network, Tape, integers};
use crate::Error;
use bayes_core::int8::Int8;
use bayes_core::plan::Structure;
use bayes_core::predict::Batch;
use bayes_core::prelude::{
    Bind, BuildOnDevice, Const, Cpu, DeviceBuildExt, FromPretrained, HasErr, Module, NumParams,
    Tensor, TensorCollection,
};
use std::marker::PhantomData;
use std::path::Path;

/// A model that the program knows by its name.
pub struct Model {
    /// The name, as `--model` takes it.
    pub name: String,
    /// What it is, in a few words.
    pub about: String,
    /// The size of one example.
    pub example: &'static [usize],
    /// The number of outputs.
    pub outputs: usize,
    plain: fn(u64) -> Result<Box<dyn Network>, Error>,
    twin: fn(u64, Option<&Path>) -> Result<Box<dyn Network>, Error>,
    integers: fn(&Path) -> Result<Box<dyn Integers>, Error>,
    parameters: fn() -> Result<[usize; 2], Error>,
}

impl Model {
    /// The model that `Net` builds, with `Bayes` as its twin, on batches `X` with `K` outputs.
    pub fn of<Net, Bayes, X, const K: usize>(
        name: impl Into<String>,
        about: impl Into<String>,
    ) -> Self
    where
        Net: BuildOnDevice<Cpu, f32> + 'static,
        Net::Built: Bind + Structure<f32> + TensorCollection<f32, Cpu> + Sync + 'static,
        Bayes: FromPretrained<f32, Cpu, Plain = Net::Built>
            + Structure<f32>
            + TensorCollection<f32, Cpu>
            + Sync
            + 'static,
        X: Example,
        Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
        for<'a> <Net::Built as Bind>::Eval<'a>: Module<
                Tensor<X, f32, Cpu>,
                Output = Tensor<(usize, Const<K>), f32, Cpu>,
                Error = <Cpu as HasErr>::Err,
            >,
        for<'a> <Net::Built as Bind>::Train<'a>: Module<
                Tensor<X, f32, Cpu, Tape>,
                Output = Tensor<(usize, Const<K>), f32, Cpu, Tape>,
                Error = <Cpu as HasErr>::Err,
            >,
        for<'a> <Net::Built as Bind>::Int8<'a>: Module<Tensor<X, f32, Cpu>>,
        for<'a> <Bayes as Bind>::Eval<'a>: Module<
                Tensor<X, f32, Cpu>,
                Output = Tensor<(usize, Const<K>), f32, Cpu>,
                Error = <Cpu as HasErr>::Err,
            >,
        for<'a> <Bayes as Bind>::Train<'a>: Module<
                Tensor<X, f32, Cpu, Tape>,
                Output = Tensor<(usize, Const<K>), f32, Cpu, Tape>,
                Error = <Cpu as HasErr>::Err,
            >,
        for<'a> <Bayes as Bind>::Int8<'a>: Module<Tensor<X, f32, Cpu>>,
        for<'a> <Int8<Net::Built> as Bind>::Eval<'a>: Module<
                Tensor<X, f32, Cpu>,
                Output = Tensor<(usize, Const<K>), f32, Cpu>,
                Error = <Cpu as HasErr>::Err,
            >,
    {
        Self {
            name: name.into(),
            about: about.into(),
            example: X::SIZE,
            outputs: K,
            plain: |seed| Ok(Box::new(build::<Net, X, K>(seed)?)),
            twin: |seed, around| {
                let mut plain = build::<Net, X, K>(seed)?;
                if let Some(path) = around {
                    plain.load(path, None)?;
                }
                Ok(Box::new(Twin::<Bayes, X, K> {
                    model: Bayes::from_pretrained(&plain.model)?,
                    gradients: None,
                    batch: PhantomData,
                }))
            },
            integers: integers::load::<Net::Built, X, K>,
            parameters: || {
                let plain = build::<Net, X, K>(0)?.model;
                let twin = Bayes::from_pretrained(&plain)?;
                Ok([plain.num_trainable_params(), twin.num_trainable_params()])
            },
        }
    }

    /// The plain model, with weights that the seed decides.
    ///
    /// # Errors
    /// A device that fails.
    pub fn plain(&self, seed: u64) -> Result<Box<dyn Network>, Error> {
        (self.plain)(seed)
    }

    /// The twin around the weights that the seed decides, or those of the checkpoint of a plain model.
    ///
    /// # Errors
    /// A checkpoint that does not fit.
    pub fn twin(&self, seed: u64, around: Option<&Path>) -> Result<Box<dyn Network>, Error> {
        (self.twin)(seed, around)
    }

    /// The int8 form in a file.
    ///
    /// # Errors
    /// A file that is none, or another model's.
    pub fn integers(&self, path: &Path) -> Result<Box<dyn Integers>, Error> {
        (self.integers)(path)
    }

    /// The trained numbers of the plain model and of its twin.
    ///
    /// # Errors
    /// A device that fails.
    pub fn parameters(&self) -> Result<[usize; 2], Error> {
        (self.parameters)()
    }
}

fn build<Net, X, const K: usize>(seed: u64) -> Result<Plain<Net::Built, X, K>, Error>
where
    Net: BuildOnDevice<Cpu, f32>,
{
    Ok(Plain {
        model: Cpu::seed_from_u64(seed).try_build_module::<Net, f32>()?,
        gradients: None,
        batch: PhantomData,
    })
}
