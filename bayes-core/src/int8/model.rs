//! The int8 model, and how it is made.

use super::calibration::Calibration;
use super::inspect::LayerInspection;
use super::machine::Machine;
use super::{measure, observe, quantize as quantizer};
use crate::device::Kernels;
use crate::error::{self, Error};
use crate::kernels::isa::Isa;
use crate::plan::{Graph, Structure, Takes, Values, Wire};
use crate::predict::{Batch, Predictive, predict};
use crate::shape::{Rule, check_example};
use crate::twin::{Bind, Draw, Name};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Cpu, Dtype, Shape, Tensor, TensorFromVec};
use dfdx::shapes::HasShape;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// The model `M` in 8-bit integers, on the CPU: `QuantX` for an annotated struct `X`.
///
/// It takes and gives the tensors that `M` does, in f32, so shapes are proven as they are for `M`. Cloning shares the
/// weights.
pub struct Int8<M> {
    pub(super) machine: Arc<Machine>,
    pub(super) layers: Arc<[LayerInspection]>,
    model: PhantomData<fn() -> M>,
}

// Derived, these would ask for a model that is `Clone` and `Debug`.
impl<M> Clone for Int8<M> {
    fn clone(&self) -> Self {
        Self::new(self.machine.clone(), self.layers.clone())
    }
}

impl<M> fmt::Debug for Int8<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Int8")
            .field("layers", &self.layers)
            .finish_non_exhaustive()
    }
}

impl<M> Int8<M> {
    pub(super) fn new(machine: Arc<Machine>, layers: Arc<[LayerInspection]>) -> Self {
        Self {
            machine,
            layers,
            model: PhantomData,
        }
    }

    /// `samples` draws on the batch `x`; reduce them with `classify` or keep them with `draws`.
    pub fn predict<X>(&self, x: X, samples: usize, seed: u64) -> Predictive<'_, Self, X> {
        predict(self, x, samples, seed)
    }

    /// The same model by the kernels of this instruction set (the portable ones where it is missing). All give the same
    /// numbers.
    #[must_use]
    pub fn on(&self, isa: Isa) -> Self {
        let mut machine = Machine::clone(&self.machine);
        machine.isa = isa;
        Self::new(Arc::new(machine), self.layers.clone())
    }

    /// The model in a draw.
    pub fn eval(&self, draw: impl Into<Draw>) -> Int8View<'_, M> {
        Int8View {
            machine: &self.machine,
            draw: draw.into(),
            model: PhantomData,
        }
    }
}

/// The int8 form of `model` with the ranges that its values have on the batches.
///
/// Twins call it by their method `quantize`.
///
/// # Errors
/// No batches or rows; a batch that does not fit the model; a weight or a value that is not finite; fewer than two
/// draws; a percentile that is none.
pub fn quantize<M, B, E, D, X>(
    model: &B,
    calibration: &Calibration,
    batches: impl IntoIterator<Item = X>,
) -> Result<Int8<M>, Error>
where
    E: Dtype,
    D: Kernels<E>,
    B: Structure<E> + Bind,
    X: Batch<E, D>,
    for<'a> B::Eval<'a>: Module<X::Part>,
{
    if calibration.draws < 2 {
        return Err(Error::Number {
            name: "the number of calibration draws",
            must: "at least 2",
            found: calibration.draws as f64,
        });
    }
    if let Some(found) = calibration.range.problem() {
        return Err(Error::Number {
            name: "a calibration percentile",
            must: "above 50 and at most 100",
            found,
        });
    }
    let mut inputs = Vec::new();
    for batch in batches {
        inputs.push(values(&B::RULE, &batch)?);
    }
    if inputs.iter().all(|input| input.values.is_empty()) {
        return Err(Error::Empty { what: "row" });
    }
    let mut graph = Graph::default();
    let output = model.trace(&Name::ROOT, &mut graph, Wire::INPUT)?;
    let plan = graph.fuse(output);
    let seen = observe::observe(&plan, &inputs, calibration)?;
    let machine = Machine::new(quantizer::quantize(&plan, &seen, calibration)?)?;
    let layers = measure::measure(&plan, &machine, &inputs)?;
    Ok(Int8::new(Arc::new(machine), layers.into()))
}

/// A calibration batch on the host.
fn values<E: Dtype, D: Kernels<E>, X: Batch<E, D>>(
    rule: &Rule,
    batch: &X,
) -> Result<Values, Error> {
    let example = batch.example();
    check_example(rule, error::extent(&example))?;
    let values = batch.values()?.into_iter();
    let values: Vec<f32> = values.map(|x| x.to_f32().unwrap_or(f32::NAN)).collect();
    if let Some(element) = values.iter().position(|x| !x.is_finite()) {
        return Err(Error::NotFinite {
            tensor: "calibration batch".to_owned(),
            element,
            found: values[element].into(),
        });
    }
    let form = Takes::of(rule).example(&example);
    let form = form.ok_or_else(|| Error::input("Int8", "an example of the model", &example))?;
    Ok(Values {
        examples: batch.rows(),
        form,
        values,
    })
}

impl<M: Bind> Bind for Int8<M> {
    const RULE: Rule = M::RULE;
    type Eval<'a>
        = Int8View<'a, M>
    where
        Self: 'a;
    type Train<'a>
        = Untrainable
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        self.eval(draw)
    }

    fn train(&mut self, _: &Draw) -> Untrainable {
        Untrainable
    }
}

/// What a training view of integers is: no module. Train the Bayesian model and quantize it again.
#[derive(Clone, Copy, Debug)]
pub struct Untrainable;

/// An int8 model in one draw.
pub struct Int8View<'a, M> {
    machine: &'a Machine,
    draw: Draw,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for Int8View<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Int8View")
            .field("draw", &self.draw)
            .finish_non_exhaustive()
    }
}

impl<M> NonMutableModule for Int8View<'_, M> {}

impl<'v, M: Bind + 'v> Int8View<'v, M> {
    /// What the model makes of these numbers.
    fn run<Y: Shape>(
        &self,
        dims: &[usize],
        values: Vec<f32>,
        device: &Cpu,
    ) -> Result<Tensor<Y, f32, Cpu>, CpuError> {
        let fail = |error: Error| {
            self.draw.report(error);
            <Cpu as Kernels<f32>>::misfit()
        };
        let misfit = || Error::input("Int8", "an input of the model", dims);
        let batch = Takes::of(&M::RULE).batch(dims);
        let (examples, form, batched) = batch.ok_or_else(|| fail(misfit()))?;
        let input = Values {
            examples,
            form,
            values,
        };
        let output = self
            .machine
            .run(&self.draw, &input, &mut |_, _| {})
            .map_err(fail)?;
        let sizes = batched.then_some(examples).into_iter();
        let sizes = sizes.chain(output.form.dims());
        let mut concrete = Y::Concrete::default();
        let mut count = 0;
        for (i, size) in sizes.enumerate().take(Y::NUM_DIMS) {
            concrete[i] = size;
            count += 1;
        }
        let shape = Y::from_concrete(&concrete)
            .filter(|shape| count == Y::NUM_DIMS && shape.num_elements() == output.values.len())
            .ok_or_else(|| fail(misfit()))?;
        device.try_tensor_from_vec(output.values, shape)
    }
}

type CpuError = <Cpu as dfdx::tensor::HasErr>::Err;

impl<'v, M: Bind + 'v, S: Shape, Y: Shape> Module<Tensor<S, f32, Cpu>> for Int8View<'v, M>
where
    M::Eval<'v>: Module<Tensor<S, f32, Cpu>, Output = Tensor<Y, f32, Cpu>>,
{
    type Output = Tensor<Y, f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<S, f32, Cpu>) -> Result<Self::Output, Self::Error> {
        let dims: Vec<usize> = x.shape().concrete().into_iter().collect();
        self.run(&dims, crate::device::read(&x)?, x.device())
    }
}

/// Numbers of words, of which those up to 2²⁴ are exact in f32.
impl<'v, M: Bind + 'v, S: Shape, Y: Shape> Module<Tensor<S, usize, Cpu>> for Int8View<'v, M>
where
    M::Eval<'v>: Module<Tensor<S, usize, Cpu>, Output = Tensor<Y, f32, Cpu>>,
{
    type Output = Tensor<Y, f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<S, usize, Cpu>) -> Result<Self::Output, Self::Error> {
        let dims: Vec<usize> = x.shape().concrete().into_iter().collect();
        let words = x.as_vec().into_iter().map(|word| word as f32).collect();
        self.run(&dims, words, x.device())
    }
}
