//! The forms that every variational layer shares: how an estimator's noise enters a product.

use crate::device::{Kernels, SignSize};
use crate::draw::Noise as Kind;
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::twin::{Draw, Noise};
use dfdx::prelude::{Dtype, Shape, Tape, Tensor};

/// A layer that is a sum of products with its weights: linear in them, and zero where they are zero.
pub(crate) trait Product<E: Dtype, D: Kernels<E>, X: Shape, T: Tape<E, D>> {
    /// The shape of the output.
    type Output: Shape;
    /// Whether one weight meets one vector of each example: local reparameterisation is for those layers alone.
    const ONCE: bool = false;

    /// The layer with its weights in `draw`, the mean included.
    fn with_weights(
        &self,
        draw: &Draw,
        x: Tensor<X, E, D, T>,
    ) -> Result<Tensor<Self::Output, E, D, T>, D::Err>;

    /// The layer by Flipout, with the signs of its input, if it has any, and of its output.
    fn flipped(
        &self,
        draw: &Draw,
        x: Tensor<X, E, D, T>,
        input: Option<(Noise, SignSize)>,
        output: (Noise, SignSize),
    ) -> Result<Tensor<Self::Output, E, D, T>, D::Err>;

    /// The signs' size for the input, where it is multiplied with the weights, and for the output.
    fn signs(&self, x: &X) -> (Option<SignSize>, SignSize);
}

/// `layer(x)` by reparameterization or Flipout.
///
/// Flipout: `y_n = mu·x_n + s_n ∘ (Δ·(r_n ∘ x_n))`, with one draw Δ for the batch and signs per example and channel.
pub(crate) fn estimate<E: Dtype, D: Kernels<E>, X: Shape, T: Tape<E, D>, L: Product<E, D, X, T>>(
    layer: &L,
    kind: EstimatorKind,
    draw: &Draw,
    x: Tensor<X, E, D, T>,
) -> Result<Tensor<L::Output, E, D, T>, D::Err> {
    let kind = draw.estimator_or(kind);
    let (size_in, size_out) = layer.signs(&super::shape_of(&x));
    let flip_in = size_in.and_then(|size| {
        let signs = draw.example_noise(Kind::SignIn, size.examples)?;
        Some((signs, size))
    });
    if kind == EstimatorKind::LocalReparameterization && !L::ONCE {
        draw.report(Error::Estimator {
            estimator: kind,
            because: "a layer uses one weight at several positions",
        });
        return Err(D::misfit());
    }
    match (kind, draw.example_noise(Kind::SignOut, size_out.examples)) {
        (EstimatorKind::Flipout, Some(signs_out)) => {
            layer.flipped(draw, x, flip_in, (signs_out, size_out))
        }
        _ => layer.with_weights(draw, x),
    }
}

/// Flipout by a product with the mean, which is that of all draws, and one with the deviation.
pub(crate) fn two_products<X: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    draw: &Draw,
    x: Tensor<X, E, D, T>,
    input: Option<(Noise, SignSize)>,
    output: (Noise, SignSize),
    with_mean: impl FnOnce(Tensor<X, E, D, T>) -> Result<Tensor<Y, E, D, T>, D::Err>,
    with_deviation: impl FnOnce(Tensor<X, E, D, T>) -> Result<Tensor<Y, E, D, T>, D::Err>,
) -> Result<Tensor<Y, E, D, T>, D::Err> {
    let mean = draw.of_input("mean", x.retaped::<T>(), with_mean)?;
    let flipped = match input {
        Some((signs, size)) => D::flip_signs(x, signs, size)?,
        None => x,
    };
    let deviation = with_deviation(flipped)?;
    D::flip_onto(mean, deviation, output.0, output.1)
}
