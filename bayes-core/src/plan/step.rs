//! A plan: steps that each read whole values and write one.

use super::graph::{Function, Sizes, Weights, Wire};
use crate::shape::Sliding;
use std::fmt::Debug;

/// How a plan holds what it computes with.
pub trait Element {
    /// The weights of a product.
    type Product: Debug + Clone;
    /// A function of one number.
    type Function: Debug + Clone;
}

/// f32 weights.
#[derive(Clone, Copy, Debug)]
pub struct Float;

impl Element for Float {
    type Product = Weights;
    type Function = Function;
}

/// What a step does first.
#[derive(Clone, Debug)]
pub enum Operation<P> {
    /// `W·x`.
    Product(Sizes, P),
    /// `scale·x` for each channel; an empty scale stands for 1.
    Scale(Vec<f32>),
    /// Maximum over windows.
    MaxPool(Sliding),
    /// Mean over windows.
    AvgPool(Sliding),
    /// Mean of each channel.
    GlobalAvgPool,
    /// Images to vectors.
    Flatten,
    /// Channels of zeros before and behind those of images.
    PadChannels([usize; 2]),
    /// Softmax over features, or its logarithm.
    Softmax {
        /// The logarithm.
        log: bool,
    },
}

/// What a step does last.
#[derive(Clone, Debug)]
pub enum Activation<F> {
    /// `max(y, 0)`.
    Relu,
    /// A function of each element.
    Map(F),
}

/// A fused region: `activation(operation(input) + biases + offset + add)`.
///
/// Only products and scales have biases, an offset, an addend or an activation.
#[derive(Clone, Debug)]
pub struct Step<E: Element> {
    /// Dotted name of the layer that leads.
    pub name: String,
    /// What it reads.
    pub input: Wire,
    /// What it writes.
    pub output: Wire,
    /// What it does first.
    pub operation: Operation<E::Product>,
    /// Added to each channel, in the draw.
    pub biases: Vec<Weights>,
    /// Added to each channel; empty for nothing.
    pub offset: Vec<f32>,
    /// A value of the same shape that is added.
    pub add: Option<Wire>,
    /// What is done last.
    pub activation: Option<Activation<E::Function>>,
    /// What was folded in behind the operation, by name.
    pub fused: Vec<String>,
}

/// The steps of a model in the order in which they run.
#[derive(Clone, Debug)]
pub struct Plan<E: Element> {
    /// The steps.
    pub steps: Vec<Step<E>>,
    /// The model's output.
    pub output: Wire,
}

impl<E: Element> Plan<E> {
    /// One more than the largest index of a wire.
    pub(crate) fn wires(&self) -> usize {
        let outputs = self.steps.iter().map(|step| step.output.0);
        outputs.chain([self.output.0]).max().unwrap_or(0) + 1
    }

    /// The index of the last step that reads each wire; what is read no more can be dropped.
    pub(crate) fn last_use(&self, wire: Wire) -> Option<usize> {
        let reads = |step: &Step<E>| step.input == wire || step.add == Some(wire);
        self.steps.iter().rposition(reads)
    }
}
