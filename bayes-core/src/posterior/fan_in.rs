//! How many inputs each output of a tensor sums over: it scales initial weights and fan-in priors.

use crate::shape::Space;
use std::fmt;
use std::marker::PhantomData;

/// The fan-in of a tensor, as a type.
pub trait FanIn: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// Inputs that each output sums over; `None` where the tensor is added to its input.
    const FAN_IN: Option<usize>;
}

/// The fan-in `I` of a linear layer.
#[derive(Clone, Copy, Debug)]
pub struct LinearFan<const I: usize>;

impl<const I: usize> FanIn for LinearFan<I> {
    const FAN_IN: Option<usize> = Some(I);
}

/// The fan-in of a convolution over the space `N`: `C/G` kernels with `K` taps along each side.
#[derive(Clone, Copy, Debug)]
pub struct ConvolutionFan<N, const C: usize, const K: usize, const G: usize>(PhantomData<N>);

impl<N: Space, const C: usize, const K: usize, const G: usize> FanIn
    for ConvolutionFan<N, C, K, G>
{
    const FAN_IN: Option<usize> = Some(C / if G == 0 { 1 } else { G } * K.pow(N::SIDES as u32));
}

/// All weights of a recurrent layer with `H` hidden numbers, as PyTorch starts them.
#[derive(Clone, Copy, Debug)]
pub struct RecurrentFan<const H: usize>;

impl<const H: usize> FanIn for RecurrentFan<H> {
    const FAN_IN: Option<usize> = Some(H);
}

/// A tensor that is added to its input: it starts at 0.
#[derive(Clone, Copy, Debug)]
pub struct NoFan;

impl FanIn for NoFan {
    const FAN_IN: Option<usize> = None;
}
