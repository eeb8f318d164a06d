//! The program `bayes`: see `bayes --help`.

use bayes_core::prelude::{Const, Cpu};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
use bayes_models::program::network::Model;
use std::process::ExitCode;

/// A batch of images.
type Images<const C: usize, const H: usize, const W: usize> = (usize, Const<C>, Const<H>, Const<W>);

fn main() -> ExitCode {
    bayes_models::program::run(&[Model::of::<
        DigitsNet,
        BayesDigitsNet<f32, Cpu>,
        Images<1, 8, 8>,
        10,
    >(
        "digits",
        "two convolutions and two linear layers for 8×8 images in 10 classes",
    )])
}
