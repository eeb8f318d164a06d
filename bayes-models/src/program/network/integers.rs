//! A model in 8-bit integers behind one type.

use super::example::tensor;
use super::{Example, Integers, Predictor, Sampling, shared};
use crate::Error;
use bayes_core::int8::{Calibration, Inspection, Int8, inspect, quantize as in_integers};
use bayes_core::plan::Structure;
use bayes_core::predict::Batch;
use bayes_core::prelude::{Bind, Const, Cpu, Draws, HasErr, Module, Tensor};
use std::marker::PhantomData;
use std::path::Path;

/// The int8 form of a plain model `M` or its twin, on batches `X`, with `K` outputs.
pub(super) struct Quantized<M, X, const K: usize> {
    model: Int8<M>,
    batch: PhantomData<fn(X)>,
}

impl<M, X, const K: usize> Predictor for Quantized<M, X, K>
where
    M: Bind + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> <Int8<M> as Bind>::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    fn draws(&self, values: Vec<f32>, sampling: Sampling) -> Result<Draws<f32>, Error> {
        shared::draws::<Int8<M>, X, K>(&self.model, values, sampling)
    }
}

impl<M, X, const K: usize> Integers for Quantized<M, X, K>
where
    M: Bind + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> <Int8<M> as Bind>::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    fn inspection(&self) -> Inspection {
        inspect(&self.model)
    }

    fn save(&self, path: &Path) -> Result<(), Error> {
        Ok(self.model.save(path)?)
    }
}

/// The int8 form of `model`, whose plain model is an `M`.
pub(super) fn quantize<M, B, X, const K: usize>(
    model: &B,
    values: Vec<f32>,
    seed: u64,
) -> Result<Box<dyn Integers>, Error>
where
    M: Bind + 'static,
    B: Bind + Structure<f32>,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> B::Int8<'a>: Module<Tensor<X, f32, Cpu>>,
    for<'a> <Int8<M> as Bind>::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    let calibration = Calibration {
        seed,
        ..Calibration::default()
    };
    let model: Int8<M> = in_integers(model, &calibration, [tensor::<X>(values)?])?;
    Ok(Box::new(Quantized::<M, X, K> {
        model,
        batch: PhantomData,
    }))
}

/// The model of an int8 file.
pub(super) fn load<M, X, const K: usize>(path: &Path) -> Result<Box<dyn Integers>, Error>
where
    M: Bind + 'static,
    X: Example,
    Tensor<X, f32, Cpu>: Batch<f32, Cpu, Part = Tensor<X, f32, Cpu>>,
    for<'a> <Int8<M> as Bind>::Eval<'a>: Module<
            Tensor<X, f32, Cpu>,
            Output = Tensor<(usize, Const<K>), f32, Cpu>,
            Error = <Cpu as HasErr>::Err,
        >,
{
    Ok(Box::new(Quantized::<M, X, K> {
        model: Int8::load(path)?,
        batch: PhantomData,
    }))
}
