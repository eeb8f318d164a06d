//! The estimators with the noise of a file: reparameterization, Flipout and local reparameterization.

mod by_kernels;
mod local;
mod on_tape;

use crate::conv;
use crate::fixture::Fixture;
use crate::linear;
use bayes_core::device::LinearSize;
use bayes_core::kernels::conv::ConvGeometry;

#[test]
fn golden_reparameterization_linear() {
    reparameterization("reparameterization_linear", Product::linear);
}

#[test]
fn golden_reparameterization_conv2d() {
    reparameterization("reparameterization_conv2d", Product::conv2d);
}

#[test]
fn golden_flipout_linear() {
    flipout("flipout_linear", Product::linear);
}

#[test]
fn golden_flipout_conv2d() {
    flipout("flipout_conv2d", Product::conv2d);
}

fn reparameterization(name: &str, product: impl Fn(&Fixture) -> Product) {
    let file = Fixture::open(name);
    let product = product(&file);
    by_kernels::reparameterization::<f32>(&file, product);
    by_kernels::reparameterization::<f64>(&file, product);
    on_tape::reparameterization::<f32>(&file, product);
    on_tape::reparameterization::<f64>(&file, product);
}

fn flipout(name: &str, product: impl Fn(&Fixture) -> Product) {
    let file = Fixture::open(name);
    let product = product(&file);
    by_kernels::flipout::<f32>(&file, product);
    by_kernels::flipout::<f64>(&file, product);
    on_tape::flipout::<f32>(&file, product);
    on_tape::flipout::<f64>(&file, product);
}

/// The product of inputs and weights that a layer is, with its sizes.
#[derive(Clone, Copy, Debug)]
enum Product {
    Linear(LinearSize),
    Conv2d(ConvGeometry),
}

impl Product {
    fn linear(file: &Fixture) -> Self {
        Self::Linear(linear::size(file, "mu"))
    }

    fn conv2d(file: &Fixture) -> Self {
        Self::Conv2d(conv::geometry(file, "mu"))
    }
}
