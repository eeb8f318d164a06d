//! What an example of a model is: the shape of its batches, from numbers of the host.

use crate::Error;
use bayes_core::prelude::{Const, Cpu, Shape, Tensor, TensorFromVec};

/// The shape of a batch of examples whose size the type knows: `(usize, Const<F>)`, `(usize, Const<S>, Const<F>)` or
/// `(usize, Const<C>, Const<H>, Const<W>)`.
pub trait Example: Shape {
    /// The size of one example.
    const SIZE: &'static [usize];

    /// So many examples.
    fn rows(rows: usize) -> Self;
}

impl<const F: usize> Example for (usize, Const<F>) {
    const SIZE: &'static [usize] = &[F];

    fn rows(rows: usize) -> Self {
        (rows, Const)
    }
}

impl<const S: usize, const F: usize> Example for (usize, Const<S>, Const<F>) {
    const SIZE: &'static [usize] = &[S, F];

    fn rows(rows: usize) -> Self {
        (rows, Const, Const)
    }
}

impl<const C: usize, const H: usize, const W: usize> Example
    for (usize, Const<C>, Const<H>, Const<W>)
{
    const SIZE: &'static [usize] = &[C, H, W];

    fn rows(rows: usize) -> Self {
        (rows, Const, Const, Const)
    }
}

/// Whole examples as a tensor.
///
/// # Errors
/// [`Error::Numbers`] where the last example is not whole; a device that fails.
pub(super) fn tensor<X: Example>(values: Vec<f32>) -> Result<Tensor<X, f32, Cpu>, Error> {
    let example: usize = X::SIZE.iter().product();
    if example == 0 || !values.len().is_multiple_of(example) {
        return Err(Error::Numbers {
            example,
            found: values.len(),
        });
    }
    let shape = X::rows(values.len() / example);
    Ok(Cpu::default().try_tensor_from_vec(values, shape)?)
}
