//! Views whose layers run elsewhere, by name: in 8-bit integers, or where calibration watches them.
//!
//! A forward pass of one's own calls its fields. In the int8 form of a model each field is a [`StandIn`]: it has the types of
//! the layer that it stands for, so the same body compiles, and hands its input as numbers to whoever runs the layers.

use super::{Bind, Draw, Name};
use crate::device::Kernels;
use crate::error::Error;
use crate::shape::Rule;
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Dtype, Shape, Tape, Tensor};
use dfdx::shapes::{HasShape, Unit};
use dfdx::tensor::{Merge, PutTape, SplitTape, Storage};
use num_traits::ToPrimitive;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

/// Numbers on the host, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The size of each dimension.
    pub dims: Vec<usize>,
    /// The numbers.
    pub values: Vec<f32>,
}

/// One call of a layer.
#[derive(Debug)]
pub struct Call<'a> {
    /// The layer's dotted name.
    pub name: &'a str,
    /// What it does to sizes.
    pub rule: &'a Rule,
    /// The model's draw.
    pub draw: &'a Draw,
    /// Whether it was called before in the same view.
    pub again: bool,
    /// What it takes.
    pub inputs: Vec<Array>,
}

/// Runs layers by their names.
pub trait RunLayers {
    /// What the layer gives.
    ///
    /// # Errors
    /// An input that does not fit; a layer that is not there.
    fn run(&self, call: Call<'_>) -> Result<Vec<Array>, Error>;

    /// Is told of every layer that a view has.
    fn expect(&self, _name: &str) {}
}

/// What makes the stand-ins of a model in one draw.
#[derive(Clone)]
pub struct StandIns<'a> {
    draw: Draw,
    layers: &'a dyn RunLayers,
}

impl<'a> StandIns<'a> {
    /// Stand-ins for the layers that `layers` runs.
    pub fn new(layers: &'a dyn RunLayers, draw: &Draw) -> Self {
        let draw = draw.clone();
        Self { draw, layers }
    }

    /// The stand-in for the layer `L` of this name.
    pub fn layer<L>(&self, name: &Name<'_>) -> StandIn<'a, L> {
        let name = name.to_string();
        self.layers.expect(&name);
        StandIn {
            name,
            draw: self.draw.clone(),
            layers: self.layers,
            used: AtomicBool::new(false),
            layer: PhantomData,
        }
    }
}

impl fmt::Debug for StandIns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIns")
            .field("draw", &self.draw)
            .finish_non_exhaustive()
    }
}

/// What stands in a view where the layer `L` would: it takes and gives what `L` does. No gradient passes.
pub struct StandIn<'a, L> {
    name: String,
    draw: Draw,
    layers: &'a dyn RunLayers,
    used: AtomicBool,
    layer: PhantomData<fn() -> L>,
}

impl<L> fmt::Debug for StandIn<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn")
            .field("name", &self.name)
            .field("draw", &self.draw)
            .finish_non_exhaustive()
    }
}

impl<L> NonMutableModule for StandIn<'_, L> {}

impl<'v, L, X, Y> Module<X> for StandIn<'v, L>
where
    L: Bind + 'v,
    X: ToArrays,
    Y: FromArrays<X>,
    L::Eval<'v>: Module<X, Output = Y, Error = Y::Err>,
{
    type Output = Y;
    type Error = Y::Err;

    fn try_forward(&self, x: X) -> Result<Y, Y::Err> {
        run(x, &self.draw, |inputs| {
            self.layers.run(Call {
                name: &self.name,
                rule: &L::RULE,
                draw: &self.draw,
                again: self.used.swap(true, Ordering::Relaxed),
                inputs,
            })
        })
    }
}

/// What `layer` makes of the numbers of `x`. Where it fails the draw is told why.
pub(crate) fn run<X: ToArrays, Y: FromArrays<X>>(
    x: X,
    draw: &Draw,
    layer: impl FnOnce(Vec<Array>) -> Result<Vec<Array>, Error>,
) -> Result<Y, Y::Err> {
    let mut inputs = Vec::new();
    let (device, mut tape) = x.to_arrays(&mut inputs);
    match layer(inputs) {
        Ok(arrays) => Y::from_arrays(&mut arrays.into_iter(), &device, &mut tape),
        Err(error) => {
            draw.report(error);
            Err(Y::misfit())
        }
    }
}

/// Tensors, or tuples of them, that a layer takes: of the model's numbers, or numbers of words.
pub trait ToArrays {
    /// Where they are.
    type Device;
    /// What they carry.
    type Tape: Default;

    /// Appends the numbers to `arrays`; gives the device, and the tape of all.
    fn to_arrays(self, arrays: &mut Vec<Array>) -> (Self::Device, Self::Tape);
}

impl<S: Shape, E: Unit + ToPrimitive, D: Storage<E>, T: Default> ToArrays for Tensor<S, E, D, T> {
    type Device = D;
    type Tape = T;

    /// Numbers of words are exact in f32 up to 2²⁴.
    fn to_arrays(self, arrays: &mut Vec<Array>) -> (D, T) {
        let (x, tape) = self.split_tape();
        let numbers = x.as_vec().into_iter();
        arrays.push(Array {
            dims: x.shape().concrete().into_iter().collect(),
            values: numbers.map(|x| x.to_f32().unwrap_or(f32::NAN)).collect(),
        });
        (x.device().clone(), tape)
    }
}

impl<A, B> ToArrays for (A, B)
where
    A: ToArrays,
    B: ToArrays<Device = A::Device, Tape = A::Tape>,
    A::Tape: Merge<A::Tape>,
{
    type Device = A::Device;
    type Tape = A::Tape;

    fn to_arrays(self, arrays: &mut Vec<Array>) -> (A::Device, A::Tape) {
        let (device, tape) = self.0.to_arrays(arrays);
        let (_, more) = self.1.to_arrays(arrays);
        (device, tape.merge(more))
    }
}

impl<A, B, C> ToArrays for (A, B, C)
where
    A: ToArrays,
    B: ToArrays<Device = A::Device, Tape = A::Tape>,
    C: ToArrays<Device = A::Device, Tape = A::Tape>,
    A::Tape: Merge<A::Tape>,
{
    type Device = A::Device;
    type Tape = A::Tape;

    fn to_arrays(self, arrays: &mut Vec<Array>) -> (A::Device, A::Tape) {
        let (a, b, c) = self;
        ((a, b), c).to_arrays(arrays)
    }
}

/// Tensors, or tuples of them, that a layer gives for `X`. The first carries the tape of what was taken.
pub trait FromArrays<X: ToArrays>: Sized {
    /// The device's error.
    type Err: fmt::Debug;

    /// The error of numbers that do not fit.
    fn misfit() -> Self::Err;

    /// Takes as many arrays as it holds tensors.
    ///
    /// # Errors
    /// Numbers that do not fit the shape; a device that fails.
    fn from_arrays(
        arrays: &mut dyn Iterator<Item = Array>,
        device: &X::Device,
        tape: &mut X::Tape,
    ) -> Result<Self, Self::Err>;
}

impl<X, Y, E, D, T> FromArrays<X> for Tensor<Y, E, D, T>
where
    X: ToArrays<Device = D, Tape = T>,
    Y: Shape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Err = D::Err;

    fn misfit() -> D::Err {
        D::misfit()
    }

    fn from_arrays(
        arrays: &mut dyn Iterator<Item = Array>,
        device: &D,
        tape: &mut T,
    ) -> Result<Self, D::Err> {
        let Some(Array { dims, values }) = arrays.next() else {
            return Err(D::misfit());
        };
        let mut concrete = Y::Concrete::default();
        for (i, &size) in dims.iter().enumerate().take(Y::NUM_DIMS) {
            concrete[i] = size;
        }
        let shape = Y::from_concrete(&concrete)
            .filter(|shape| dims.len() == Y::NUM_DIMS && shape.num_elements() == values.len());
        let shape = shape.ok_or_else(D::misfit)?;
        let values = values.into_iter();
        let values = values.map(|x| E::from_f32(x).unwrap_or_default()).collect();
        let y = device.try_tensor_from_vec(values, shape)?;
        Ok(y.put_tape(std::mem::take(tape)))
    }
}

impl<X, A, B> FromArrays<X> for (A, B)
where
    X: ToArrays,
    A: FromArrays<X>,
    B: FromArrays<X, Err = A::Err>,
{
    type Err = A::Err;

    fn misfit() -> A::Err {
        A::misfit()
    }

    fn from_arrays(
        arrays: &mut dyn Iterator<Item = Array>,
        device: &X::Device,
        tape: &mut X::Tape,
    ) -> Result<Self, A::Err> {
        let first = A::from_arrays(arrays, device, tape)?;
        Ok((first, B::from_arrays(arrays, device, tape)?))
    }
}

/// A layer's view in integers, as [`Bind`] asks for it.
macro_rules! stand_in {
    () => {
        $crate::twin::stand_in!(Self);
    };
    ($Layer:ty) => {
        type Int8<'a> = $crate::twin::StandIn<'a, $Layer>;

        fn int8<'a>(
            stand_ins: &$crate::twin::StandIns<'a>,
            name: &$crate::twin::Name<'_>,
        ) -> Self::Int8<'a> {
            stand_ins.layer(name)
        }
    };
}
pub(crate) use stand_in;
