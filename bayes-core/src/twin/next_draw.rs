//! The draw in which a plain model with a forward pass of its own trains, and the device of a model.

use super::Draw;
use crate::draw::Key;
use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorRef,
};
use dfdx::prelude::{Device, Dtype, Shape, Tensor};

/// A draw for one training step of a plain model: its seed is the next random number of the model's device, as dfdx's
/// own dropout has it. The mean, which drops nothing, where the model has no tensors and so no device.
pub fn next_draw<E: Dtype, D: Device<E>, M: TensorCollection<E, D>>(model: &M) -> Draw {
    match device_of(model) {
        Some(device) => Key::new(device.random_u64(), 0).into(),
        None => Key::MEAN.into(),
    }
}

/// The device of a model's first tensor; `None` where it has no tensors.
///
/// ```
/// use bayes_core::prelude::*;
/// use bayes_core::twin::device_of;
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Linear<3, 2>, f32>();
/// let again = device_of(&net).expect("a linear layer has weights");
/// let _: Tensor<Rank1<3>, f32, Cpu> = again.zeros();
/// ```
pub fn device_of<E: Dtype, D: Device<E>, M: TensorCollection<E, D>>(model: &M) -> Option<D> {
    let walked = M::iter_tensors(&mut RecursiveWalker {
        m: model,
        f: &mut FindDevice,
    });
    walked.err()
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
