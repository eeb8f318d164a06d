//! Reading a parameter's gradient without the risk of a panic.
//!
//! `Gradients::get` panics when a tensor has no gradient, and the checked look-up is private to
//! dfdx. So the gradients are copied, and in the copy a missing one is allocated, as zeros. Only
//! when it reads as zeros is the original asked, through dfdx's own SGD, which reports a parameter
//! without gradient as unused.

use crate::device::{self, slices::of_memory};
use dfdx::dtypes::Dtype;
use dfdx::optim::{Optimizer, OptimizerUpdateError, Sgd, SgdConfig, UnusedTensors};
use dfdx::shapes::{ConstDim, Dim, HasShape, Shape};
use dfdx::tensor::{Gradients, Tensor, UniqueId};
use dfdx::tensor_ops::{Device, ReshapeTo};

/// A run-time length that passes for a constant one.
///
/// dfdx takes a bare tensor as a model only if its shape is constant. The constant serves to
/// *build* tensors, which is never done with this type; here only [`Dim::size`] is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Len(usize);

impl Dim for Len {
    fn size(&self) -> usize {
        self.0
    }
    fn from_size(size: usize) -> Option<Self> {
        Some(Len(size))
    }
}

impl ConstDim for Len {
    const SIZE: usize = 0;
}

/// A parameter as a vector.
pub(crate) type Flat<E, D> = Tensor<(Len,), E, D>;

/// The key under which gradients of `tensor` are filed.
pub(crate) fn id<S: Shape, E: Dtype, D: Device<E>>(tensor: &Tensor<S, E, D>) -> Option<UniqueId> {
    let mut ids = UnusedTensors::default();
    ids.add(tensor);
    ids.ids.pop()
}

/// `tensor` as a vector that shares its memory and id; `None` if it is a permuted or broadcast
/// view, whose memory is not its elements in order.
pub(crate) fn flat<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &Tensor<S, E, D>,
) -> Result<Option<Flat<E, D>>, D::Err> {
    let length = Len(tensor.shape().num_elements());
    let flat = tensor.clone().try_reshape_like(&(length,))?;
    // A reshape that had to move data made a new tensor, with an id of its own.
    Ok((id(&flat) == id(tensor)).then_some(flat))
}

/// What [`Reader::read`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A gradient.
    Gradient,
    /// No gradient.
    Nothing,
    /// A parameter that is not contiguous.
    View,
}

/// Reads the gradients of many parameters.
pub(super) struct Reader<'a, E: Dtype, D: Device<E>> {
    original: &'a Gradients<E, D>,
    copy: Gradients<E, D>,
}

impl<'a, E: Dtype, D: Device<E>> Reader<'a, E, D> {
    /// A reader of `gradients`.
    ///
    /// Copies all of them: those of `alloc_grads` are the parameters' alone, but leaky ones
    /// include every intermediate result.
    pub(super) fn new(gradients: &'a Gradients<E, D>) -> Self {
        Reader {
            original: gradients,
            copy: gradients.clone(),
        }
    }

    /// Finds the gradient of `tensor`, and shows it to `see`, row-major.
    pub(super) fn read<S: Shape, R>(
        &mut self,
        tensor: &Tensor<S, E, D>,
        see: impl FnOnce(&[E]) -> R,
    ) -> Result<(Found, Option<R>), D::Err> {
        let Some(mut probe) = flat(tensor)? else {
            return Ok((Found::View, None));
        };
        let look = |gradient: &[E]| (gradient.iter().all(|&x| x == E::default()), see(gradient));
        let (zeros, seen) = match of_memory::<E, D>(self.copy.get_or_alloc_mut(tensor)?) {
            Some(gradient) => look(gradient),
            None => look(&device::read(&self.copy.get(tensor))?),
        };
        if !zeros {
            return Ok((Found::Gradient, Some(seen)));
        }
        // The probe shares the parameter's memory until it is written to; then it gets its own.
        let step = SgdConfig {
            lr: 0.0,
            momentum: None,
            weight_decay: None,
        };
        match Sgd::new(&probe, step).update(&mut probe, self.original) {
            Ok(()) => Ok((Found::Gradient, Some(seen))),
            Err(OptimizerUpdateError::UnusedParams(_)) => Ok((Found::Nothing, None)),
            Err(OptimizerUpdateError::DeviceError(error)) => Err(error),
        }
    }

    /// The copy, in which the gradients that were read are.
    pub(super) fn gradients(self) -> Gradients<E, D> {
        self.copy
    }
}

/// Whether all values are finite: 0 · x is 0 for those and NaN for all others.
pub(super) fn all_finite<E: Dtype>(values: &[E]) -> bool {
    values.iter().fold(true, |finite, &x| {
        finite & (x * E::default() == E::default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dfdx::prelude::*;

    #[test]
    fn a_gradient_is_read_exactly_and_the_parameter_is_not_touched() {
        let device = Cpu::seed_from_u64(1);
        let tensor: Tensor<Rank2<3, 5>, f32, _> = device.sample_normal();
        let before = tensor.array();
        let gradients = tensor.leaky_trace().exp().sum().backward();
        let found = Reader::new(&gradients).read(&tensor, |gradient| gradient.to_vec());
        let (found, gradient) = found.unwrap();
        assert_eq!(found, Found::Gradient);
        assert_eq!(gradient, Some(gradients.get(&tensor).as_vec()));
        assert_eq!(tensor.array(), before);
    }

    #[test]
    fn a_gradient_of_zeros_is_not_taken_for_none() {
        let device = Cpu::seed_from_u64(1);
        let mut tensor: Tensor<Rank2<3, 5>, f64, _> = device.sample_normal();
        tensor.copy_from(&[-0.0; 15]);
        let none = Gradients::leaky();
        let found = Reader::new(&none).read(&tensor, |_| ());
        assert_eq!(found.unwrap(), (Found::Nothing, None));
        let zeros = (tensor.leaky_trace() * 0.0).sum().backward();
        let found = Reader::new(&zeros).read(&tensor, |gradient| gradient.to_vec());
        assert_eq!(found.unwrap(), (Found::Gradient, Some(vec![0.0; 15])));
        assert!(tensor.as_vec().iter().all(|x| x.is_sign_negative()));
    }

    #[test]
    fn a_permuted_view_is_found_out() {
        let tensor: Tensor<Rank2<3, 5>, f64, _> = Cpu::default().sample_normal();
        let view: Tensor<Rank2<5, 3>, f64, _> = tensor.permute();
        let gradients = view.leaky_trace().sum().backward();
        let found = Reader::new(&gradients).read(&view, |_| ());
        assert_eq!(found.unwrap(), (Found::View, None));
    }

    #[test]
    fn finiteness_is_seen_at_every_position() {
        assert!(all_finite(&[0.0f32, -0.0, f32::MAX, f32::MIN_POSITIVE]));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for position in 0..37 {
                let mut values = vec![1.0; 37];
                values[position] = bad;
                assert!(!all_finite(&values));
            }
        }
    }
}
