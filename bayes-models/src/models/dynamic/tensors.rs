//! The tensors of a model, by name.

use super::TensorInfo;
use bayes_core::dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorName, ViewTensorRef,
};
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::prelude::{Cpu, Shape, Tensor};
use std::convert::Infallible;

/// Names and shapes of all tensors, in the model's order.
pub(super) fn tensors<M: TensorCollection<f32, Cpu>>(model: &M) -> Vec<TensorInfo> {
    let mut seen = Seen(Vec::new());
    let walked = M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut seen,
    });
    let Ok(_) = walked;
    seen.0
}

struct Seen(Vec<TensorInfo>);

impl TensorVisitor<f32, Cpu> for Seen {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = Infallible;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        (tensor, name): (&Tensor<S, f32, Cpu>, String),
    ) -> Result<Option<Tensor<S, f32, Cpu>>, Infallible> {
        self.0.push(TensorInfo {
            name,
            shape: tensor.shape().concrete().into(),
            trained: options.do_gradient_update,
        });
        Ok(None)
    }
}
