//! Tensors by which no gradient is wanted: a training step's inputs.

use crate::optim::gradient::id;
use dfdx::dtypes::Dtype;
use dfdx::prelude::Tensor;
use dfdx::shapes::Shape;
use dfdx::tensor::UniqueId;
use dfdx::tensor_ops::Device;
use std::cell::RefCell;
use std::collections::VecDeque;

/// So many constants are remembered by each thread: a step has few, and its tape is short-lived.
const REMEMBERED: usize = 64;

thread_local! {
    static CONSTANTS: RefCell<VecDeque<UniqueId>> = const { RefCell::new(VecDeque::new()) };
}

/// Says that no gradient by a tensor is wanted.
///
/// A tape cannot tell a model's input from the output of a layer before it, so by default the first layer works out a
/// gradient by the input too: for a perceptron on images that is a fifth of a training step.
pub trait Constant {
    /// The tensor, by which the products of this crate's layers (linear, convolution) that get it on this thread work out no
    /// gradient on the CPU.
    ///
    /// The gradients of all other tensors are what they are without it. Asking for that of the tensor itself, or of a clone, which
    /// to a tape is the same, panics in dfdx afterwards, or gives what other operations added to it.
    ///
    /// ```
    /// use bayes_core::device::kernel_calls;
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(estimator = Flipout)]
    /// struct Net {
    ///     conv: Conv2D<2, 3, 3>,
    ///     flatten: Flatten,
    ///     fc: Linear<48, 2>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let mut twin = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
    /// let mut step = |x: Tensor<Rank4<5, 2, 6, 6>, f32, Cpu>| {
    ///     let x = x.trace(twin.alloc_grads());
    ///     let grads = twin.train(Key::new(0, 0)).forward(x).square().mean().backward();
    ///     [&twin.conv.weight.mu, &twin.conv.weight.rho].map(|weight| grads.get(weight).as_vec())
    /// };
    /// let x = dev.sample_normal();
    /// let (gradients, calls) = kernel_calls(|| step(x.clone()));
    /// assert!(calls.contains(&"flipout_backward_input"));
    /// let (same, calls) = kernel_calls(|| step(x.constant()));
    /// assert_eq!(same, gradients);
    /// assert!(!calls.contains(&"flipout_backward_input"));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use = "the tensor is given back"]
    fn constant(self) -> Self;
}

impl<S: Shape, E: Dtype, D: Device<E>> Constant for Tensor<S, E, D> {
    fn constant(self) -> Self {
        remember(&self);
        self
    }
}

/// From now on, no gradient by this tensor is wanted.
pub(super) fn remember<S: Shape, E: Dtype, D: Device<E>>(tensor: &Tensor<S, E, D>) {
    let Some(id) = id(tensor) else { return };
    CONSTANTS.with_borrow_mut(|constants| {
        if constants.contains(&id) {
            return;
        }
        if constants.len() == REMEMBERED {
            constants.pop_front();
        }
        constants.push_back(id);
    });
}

/// Whether no gradient by this tensor is wanted.
pub(super) fn is_constant<S: Shape, E: Dtype, D: Device<E>>(tensor: &Tensor<S, E, D>) -> bool {
    let nothing = CONSTANTS.with_borrow(VecDeque::is_empty);
    !nothing && id(tensor).is_some_and(|id| CONSTANTS.with_borrow(|all| all.contains(&id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn the_last_ones_are_remembered() {
        let device = Cpu::seed_from_u64(0);
        let one: Tensor<Rank1<3>, f32, _> = device.sample_normal();
        let other: Tensor<Rank1<3>, f32, _> = device.sample_normal();
        assert!(!is_constant(&one));
        let one = one.constant().constant();
        assert!(is_constant(&one));
        assert!(!is_constant(&other));
        for _ in 1..REMEMBERED {
            let _: Tensor<Rank1<1>, f64, _> = device.zeros().constant();
        }
        assert!(is_constant(&one));
        let _ = other.constant();
        assert!(!is_constant(&one));
    }
}
