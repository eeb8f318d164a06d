//! The draw in which a plain model with a forward pass of its own trains.

use super::Draw;
use crate::draw::Key;
use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorRef,
};
use dfdx::prelude::{Device, Dtype, Shape, Tensor};

/// A draw for one training step of a plain model: its seed is the next random number of the model's device, as dfdx's
/// own dropout has it. The mean, which drops nothing, where the model has no tensors and so no device.
pub fn next_draw<E: Dtype, D: Device<E>, M: TensorCollection<E, D>>(model: &M) -> Draw {
    let found = M::iter_tensors(&mut RecursiveWalker {
        m: model,
        f: &mut FindDevice,
    });
    match found {
        Err(device) => Key::new(device.random_u64(), 0).into(),
        Ok(_) => Key::MEAN.into(),
    }
}

/// Ends a walk with the device of the first tensor.
struct FindDevice;

impl<E: Dtype, D: Device<E>> TensorVisitor<E, D> for FindDevice {
    type Viewer = ViewTensorRef;
    type Err = D;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, E, D>,
        tensor: &Tensor<S, E, D>,
    ) -> Result<Option<Tensor<S, E, D>>, D> {
        Err(tensor.device().clone())
    }
}
