//! How many inputs each output of a tensor sums over: it scales initial weights and fan-in priors.

use std::fmt;

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

/// The fan-in `I/G·K²` of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct ConvolutionFan<const I: usize, const K: usize, const G: usize>;

impl<const I: usize, const K: usize, const G: usize> FanIn for ConvolutionFan<I, K, G> {
    const FAN_IN: Option<usize> = Some(I / if G == 0 { 1 } else { G } * K * K);
}

/// A tensor that is added to its input: it starts at 0.
#[derive(Clone, Copy, Debug)]
pub struct NoFan;

impl FanIn for NoFan {
    const FAN_IN: Option<usize> = None;
}
