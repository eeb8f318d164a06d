//! Reading a parameter's gradient without the risk of a panic.
//!
//! `Gradients::get` panics when a tensor has no gradient, and the checked look-up is private to
//! dfdx. So it is called on a copy of the gradients in which the missing one has been allocated,
//! as zeros. Only when it reads as zeros is the original asked, through dfdx's own SGD, which
//! reports a parameter without gradient as unused.

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
pub(super) fn id<S: Shape, E: Dtype, D: Device<E>>(tensor: &Tensor<S, E, D>) -> Option<UniqueId> {
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
    /// The gradient, now in the buffer.
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

    /// Copies the gradient of `tensor` into `buffer`, row-major.
    pub(super) fn read<S: Shape>(
        &mut self,
        tensor: &Tensor<S, E, D>,
        buffer: &mut Vec<E>,
    ) -> Result<Found, D::Err> {
        let Some(mut probe) = flat(tensor)? else {
            return Ok(Found::View);
        };
        self.copy.try_alloc_for(tensor)?;
        buffer.resize(tensor.shape().num_elements(), E::default());
        self.copy.get(tensor).copy_into(buffer);
        if buffer.iter().any(|&x| x != E::default()) {
            return Ok(Found::Gradient);
        }
        // The probe shares the parameter's memory until it is written to; then it gets its own.
        let step = SgdConfig {
            lr: 0.0,
            momentum: None,
            weight_decay: None,
        };
        match Sgd::new(&probe, step).update(&mut probe, self.original) {
            Ok(()) => Ok(Found::Gradient),
            Err(OptimizerUpdateError::UnusedParams(_)) => Ok(Found::Nothing),
            Err(OptimizerUpdateError::DeviceError(error)) => Err(error),
        }
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
        let mut buffer = vec![7.0; 2];
        let found = Reader::new(&gradients).read(&tensor, &mut buffer);
        assert_eq!(found.unwrap(), Found::Gradient);
        assert_eq!(buffer, gradients.get(&tensor).as_vec());
        assert_eq!(tensor.array(), before);
    }

    #[test]
    fn a_gradient_of_zeros_is_not_taken_for_none() {
        let device = Cpu::seed_from_u64(1);
        let mut tensor: Tensor<Rank2<3, 5>, f64, _> = device.sample_normal();
        tensor.copy_from(&[-0.0; 15]);
        let mut buffer = Vec::new();
        let none = Gradients::leaky();
        let found = Reader::new(&none).read(&tensor, &mut buffer);
        assert_eq!(found.unwrap(), Found::Nothing);
        let zeros = (tensor.leaky_trace() * 0.0).sum().backward();
        let found = Reader::new(&zeros).read(&tensor, &mut buffer);
        assert_eq!(found.unwrap(), Found::Gradient);
        assert_eq!(buffer, [0.0; 15]);
        assert!(tensor.as_vec().iter().all(|x| x.is_sign_negative()));
    }

    #[test]
    fn a_permuted_view_is_found_out() {
        let tensor: Tensor<Rank2<3, 5>, f64, _> = Cpu::default().sample_normal();
        let view: Tensor<Rank2<5, 3>, f64, _> = tensor.permute();
        let gradients = view.leaky_trace().sum().backward();
        let found = Reader::new(&gradients).read(&view, &mut Vec::new());
        assert_eq!(found.unwrap(), Found::View);
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
