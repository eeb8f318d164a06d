//! Tests that cross crates.

/// The README's example, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// Models under every lint that a crate may deny.
#[path = "macro/lints.rs"]
pub mod lints;

use bayes_core::prelude::{Cpu, Module, Shape, Tape, Tensor};

/// `ReLU` of a tensor, as the layer has it: for twins that are written by hand.
pub trait Rectified {
    /// `max(0, x)`.
    fn rectified(self) -> Self;
}

impl<S: Shape, T: Tape<f32, Cpu>> Rectified for Tensor<S, f32, Cpu, T> {
    fn rectified(self) -> Self {
        bayes_core::layers::modules::ReLU.forward(self)
    }
}
