//! The int8 model, and how it is made.

use super::calibration::Calibration;
use super::inspect::LayerInspection;
use super::machine::Machine;
use super::one_by_one::{self, OneByOne, Watch};
use super::{measure, observe, quantize as quantizer};
use crate::device::Kernels;
use crate::error::{self, Error};
use crate::kernels::isa::Isa;
use crate::plan::{Graph, Plans, Structure, Takes, Values, Wire};
use crate::predict::{Batch, Predictive, predict};
use crate::shape::{Rule, check_example};
use crate::twin::{Bind, Call, Draw, FromArrays, Name, StandIns, ToArrays, stand_in};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::Dtype;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// The model `M` in 8-bit integers, on the CPU: `QuantX` for an annotated struct `X`.
///
/// It takes and gives the tensors that `M` does, in f32, so shapes are proven as they are for `M`. Cloning shares the
/// weights.
pub struct Int8<M> {
    pub(super) form: Arc<Integers>,
    pub(super) layers: Arc<[LayerInspection]>,
    model: PhantomData<fn() -> M>,
}

/// How a model runs in integers.
#[derive(Clone, Debug)]
pub(super) enum Integers {
    /// As one plan.
    Whole(Box<Machine>),
    /// Its forward pass is its own, and its layers have a plan each.
    OneByOne(OneByOne<Machine>),
}

impl Integers {
    fn machines(&mut self) -> Vec<&mut Machine> {
        match self {
            Self::Whole(machine) => vec![machine],
            Self::OneByOne(layers) => layers.0.iter_mut().map(|(_, layer)| layer).collect(),
        }
    }
}

// Derived, these would ask for a model that is `Clone` and `Debug`.
impl<M> Clone for Int8<M> {
    fn clone(&self) -> Self {
        Self::new(self.form.clone(), self.layers.clone())
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
    pub(super) fn new(form: Arc<Integers>, layers: Arc<[LayerInspection]>) -> Self {
        Self {
            form,
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
        let mut form = Integers::clone(&self.form);
        for machine in form.machines() {
            machine.isa = isa;
        }
        Self::new(Arc::new(form), self.layers.clone())
    }

    /// The model in a draw.
    pub fn eval(&self, draw: impl Into<Draw>) -> Int8View<'_, M> {
        Int8View {
            form: &self.form,
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
/// draws; a percentile that is none; a layer of a forward pass of one's own that no batch reaches.
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
    for<'a> B::Int8<'a>: Module<X::Part>,
{
    calibration.check()?;
    let (form, layers) = if B::WHOLE {
        let (machine, layers) = as_a_whole(model, calibration, batches)?;
        (Integers::Whole(Box::new(machine)), layers)
    } else {
        let (machines, layers) = one_by_one(model, calibration, batches)?;
        (Integers::OneByOne(machines), layers)
    };
    Ok(Int8::new(Arc::new(form), layers.into()))
}

pub(super) fn as_a_whole<B, E, D, X>(
    model: &B,
    calibration: &Calibration,
    batches: impl IntoIterator<Item = X>,
) -> Result<(Machine, Vec<LayerInspection>), Error>
where
    E: Dtype,
    D: Kernels<E>,
    B: Structure<E> + Bind,
    X: Batch<E, D>,
{
    let mut inputs = Vec::new();
    for batch in batches {
        inputs.push(values(&B::RULE, &batch)?);
    }
    if inputs.iter().all(|input| input.values.is_empty()) {
        return Err(Error::Empty { what: "row" });
    }
    let mut graph = Graph::default();
    let output = model.trace(&Name::ROOT, &mut graph, Wire::INPUT)?;
    let plan = graph.fuse(output).estimated_by(calibration.estimator);
    let seen = observe::observe(&plan, &inputs, calibration)?;
    let machine = Machine::new(quantizer::quantize(&plan, &seen, calibration)?)?;
    let layers = measure::measure(&plan, &machine, &inputs)?;
    Ok((machine, layers))
}

/// The forward pass runs with the plan of each layer in f32 in the layer's place, which sees what it takes and gives.
fn one_by_one<B, E, D, X>(
    model: &B,
    calibration: &Calibration,
    batches: impl IntoIterator<Item = X>,
) -> Result<(OneByOne<Machine>, Vec<LayerInspection>), Error>
where
    E: Dtype,
    D: Kernels<E>,
    B: Structure<E> + Bind,
    X: Batch<E, D>,
    for<'a> B::Int8<'a>: Module<X::Part>,
{
    let mut parts = Vec::new();
    for batch in batches {
        check_example(&B::RULE, error::extent(&batch.example()))?;
        parts.extend(batch.parts(observe::ROWS)?);
    }
    if parts.is_empty() {
        return Err(Error::Empty { what: "row" });
    }
    let mut plans = Plans::default();
    model.layers(&Name::ROOT, &mut plans)?;
    Watch::of(plans, calibration.estimator).quantize(
        calibration,
        &parts,
        |layers, key, part: &X::Part| {
            Draw::from(key).reported(
                |draw| {
                    let view = B::int8(&StandIns::new(layers, draw), &Name::ROOT);
                    view.try_forward(part.clone()).map(drop)
                },
                |error| Error::Device(format!("{error:?}")),
            )
        },
    )
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
    // It draws its weights for each batch that it gets, and cuts that itself.
    const IN_SMALL_PARTS: bool = false;
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

    type Int8<'a> = M::Int8<'a>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> M::Int8<'a> {
        M::int8(stand_ins, name)
    }
}

/// What a training view of integers is: no module. Train the Bayesian model and quantize it again.
#[derive(Clone, Copy, Debug)]
pub struct Untrainable;

/// An int8 model in one draw.
pub struct Int8View<'a, M> {
    form: &'a Integers,
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

impl<'v, M, X, Y> Module<X> for Int8View<'v, M>
where
    M: Bind,
    X: ToArrays,
    Y: FromArrays<X>,
    M::Int8<'v>: Module<X, Output = Y, Error = Y::Err>,
{
    type Output = Y;
    type Error = Y::Err;

    fn try_forward(&self, x: X) -> Result<Y, Y::Err> {
        match self.form {
            Integers::Whole(machine) => stand_in::run(x, &self.draw, |inputs| {
                let call = Call {
                    name: "",
                    rule: &M::RULE,
                    draw: &self.draw,
                    again: false,
                    inputs,
                };
                one_by_one::run(&**machine, call)
            }),
            Integers::OneByOne(layers) => {
                let stand_ins = StandIns::new(layers, &self.draw);
                M::int8(&stand_ins, &Name::ROOT).try_forward(x)
            }
        }
    }
}
