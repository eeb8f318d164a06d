//! Int8 forms that have forgotten the types of their layers.

use super::calibration::Calibration;
use super::model::{Int8, Integers, Untrainable, as_a_whole};
use crate::device::Kernels;
use crate::error::Error;
use crate::plan::{Structure, not_whole};
use crate::predict::Batch;
use crate::shape::Rule;
use crate::twin::{Bind, Draw, Name, StandIns};
use dfdx::nn::Module;
use dfdx::prelude::{Cpu, Dtype, Shape, Tensor};
use dfdx::tensor::CpuError;
use std::marker::PhantomData;
use std::sync::Arc;

/// A model of which only the sizes are known: [`Int8<Whole<M>>`](Int8) runs as one plan, with the file of `Int8<M>`.
///
/// It takes tensors of every shape and gives `(batch, outputs)`; what does not fit the plan is an `Err`. The compiler proves
/// nothing of its layers, which for deep models takes it long.
///
/// ```
/// use bayes_core::int8::{Calibration, Int8, Whole, quantize_whole};
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 16>,
///     act: ReLU,
///     fc2: Linear<16, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<(usize, usize), f32, _> = dev.sample_normal_like(&(64, 4));
/// let quant: Int8<Whole<DeviceNet<f32, Cpu>>> = quantize_whole(&bayes, &Calibration::default(), [x.clone()])?;
/// assert_eq!(quant.predict(x, 32, 7).classify()?.predicted().len(), 64);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Whole<M>(PhantomData<fn() -> M>);

/// What runs where a model is no plan: nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoPlan;

impl<M: Bind> Bind for Whole<M> {
    const RULE: Rule = M::RULE;
    type Eval<'a>
        = Untrainable
    where
        Self: 'a;
    type Train<'a>
        = Untrainable
    where
        Self: 'a;
    type Int8<'a> = NoPlan;

    fn eval(&self, _: &Draw) -> Untrainable {
        Untrainable
    }

    fn train(&mut self, _: &Draw) -> Untrainable {
        Untrainable
    }

    fn int8<'a>(_: &StandIns<'a>, _: &Name<'_>) -> NoPlan {
        NoPlan
    }
}

impl<S: Shape> Module<Tensor<S, f32, Cpu>> for NoPlan {
    type Output = Tensor<(usize, usize), f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, _: Tensor<S, f32, Cpu>) -> Result<Self::Output, CpuError> {
        Err(<Cpu as Kernels<f32>>::misfit())
    }
}

/// As [`quantize`](super::quantize), for a model that is one plan.
///
/// # Errors
/// As there, and a model whose forward pass is its own.
pub fn quantize_whole<M, B, E, D, X>(
    model: &B,
    calibration: &Calibration,
    batches: impl IntoIterator<Item = X>,
) -> Result<Int8<Whole<M>>, Error>
where
    E: Dtype,
    D: Kernels<E>,
    B: Structure<E> + Bind,
    X: Batch<E, D>,
{
    calibration.check()?;
    if !B::WHOLE {
        return Err(not_whole(
            &Name::ROOT,
            "its forward pass is its own, or takes or gives several values: quantize it with `quantize`",
        ));
    }
    let (machine, layers) = as_a_whole(model, calibration, batches)?;
    let form = Integers::Whole(Box::new(machine));
    Ok(Int8::new(Arc::new(form), layers.into()))
}
