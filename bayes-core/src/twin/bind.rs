//! A model in one draw: views that carry the key.

use super::{Draw, Name, StandIns};
use crate::shape::Rule;
use dfdx::nn::{Module, NonMutableModule};
use std::cell::{RefCell, RefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// A layer or model that can be looked at in a draw.
///
/// A view has the model's field names, and each field's view knows the draw's key for it, so a call of a layer means
/// the right thing in every twin and mode. A layer used twice in one view gives the same draw both times.
pub trait Bind {
    /// What this does to the size of its input.
    const RULE: Rule = Rule::Unknown;

    /// Whether a prediction may cut a batch so small that its tensors stay in the cache: the parts then share the weights
    /// that a draw has made.
    const IN_SMALL_PARTS: bool = true;

    /// The view for prediction: running statistics are used, nothing is dropped.
    type Eval<'a>
    where
        Self: 'a;

    /// The view for training: batch statistics are used and recorded, dropout drops.
    type Train<'a>
    where
        Self: 'a;

    /// The view in 8-bit integers, for a forward pass that runs its layers one by one: a [`StandIn`](super::StandIn) where
    /// this is a layer, its parts' views where it is made of parts.
    type Int8<'a>;

    /// This in `draw`, for prediction.
    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a>;

    /// This in `draw`, for training.
    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a>;

    /// The view in 8-bit integers of the part `name` of a model. Of a layer it is `stand_ins.layer(name)`.
    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a>;
}

/// View of a layer that neither draws nor changes: it runs as it is.
#[derive(Clone, Copy, Debug)]
pub struct LayerView<'a, L>(pub &'a L);

impl<X, L: Module<X>> Module<X> for LayerView<'_, L> {
    type Output = L::Output;
    type Error = L::Error;

    fn try_forward(&self, x: X) -> Result<Self::Output, Self::Error> {
        self.0.try_forward(x)
    }
}

impl<L> NonMutableModule for LayerView<'_, L> {}

/// View of a layer that draws.
#[derive(Debug)]
pub struct DrawnView<'a, L> {
    /// The layer.
    pub layer: &'a L,
    /// Its draw.
    pub draw: Draw,
    used: AtomicBool,
}

impl<'a, L> DrawnView<'a, L> {
    /// The layer in `draw`.
    pub fn new(layer: &'a L, draw: &Draw) -> Self {
        Self {
            layer,
            draw: draw.clone(),
            used: AtomicBool::new(false),
        }
    }

    /// Whether this is the first time that this is called on the view.
    pub(crate) fn first_use(&self) -> bool {
        !self.used.swap(true, Ordering::Relaxed)
    }
}

impl<L> NonMutableModule for DrawnView<'_, L> {}

/// View of a layer that changes while it trains. It works on `&self`, so that it fits between layers that do not.
#[derive(Debug)]
pub struct TrainView<'a, L> {
    layer: RefCell<&'a mut L>,
}

impl<'a, L> TrainView<'a, L> {
    /// The layer, to be changed by its forward pass.
    pub fn new(layer: &'a mut L) -> Self {
        Self {
            layer: RefCell::new(layer),
        }
    }

    pub(crate) fn layer(&self) -> RefMut<'_, &'a mut L> {
        self.layer.borrow_mut()
    }
}

impl<L> NonMutableModule for TrainView<'_, L> {}
