//! The kernels of the two number types of the CPU, compiled once, here.
//!
//! Kernels are generic, and a generic function is compiled in every crate that uses it. The layers of a user's crate
//! call these methods, which are not, so that a model compiles fast and runs what this crate was optimised to.

use crate::kernels::batch_norm::{
    self, Affine, ChannelStatistics, Gradients, RunningStatistics, Sizes, TooFewValues,
};
use crate::kernels::conv::transposed::{self, TransposedGeometry};
use crate::kernels::conv::{self, ConvGeometry, flipout};
use crate::kernels::gaussian::{self, GaussianPrior};
use crate::kernels::linear::{self, LinearGeometry};
use crate::kernels::matmul::Panels;
use crate::kernels::pool_axis::{self, AxisPool};
use crate::kernels::pool2d::adaptive_average::{self, AdaptivePool2dGeometry};
use crate::kernels::pool2d::{Pool2dGeometry, average, max};
use crate::kernels::real::Real;
use crate::kernels::recurrent::{self, HiddenProduct, RecurrentGeometry, Trace};
use crate::kernels::{bias, gelu, group_norm, local_reparameterization, relu, signs, sum};
use dfdx::prelude::Dtype;

/// Declares the trait's methods and implements them for f32 and f64, each by the kernel after the `=`.
macro_rules! host_kernels {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) $(-> $output:ty)? = $kernel:path;)*) => {
        /// A number type of the CPU with its kernels; each method is the kernel of the module that its name begins with.
        pub trait HostKernels: Dtype + Real {$(
            #[doc = concat!("See [`", stringify!($kernel), "`].")]
            fn $name($($arg: $ty),*) $(-> $output)?;
        )*}

        host_kernels!(@for f32 $(fn $name($($arg: $ty),*) $(-> $output)? = $kernel;)*);
        host_kernels!(@for f64 $(fn $name($($arg: $ty),*) $(-> $output)? = $kernel;)*);
    };
    (@for $number:ident $(fn $name:ident($($arg:ident: $ty:ty),*) $(-> $output:ty)? = $kernel:path;)*) => {
        impl HostKernels for $number {$(
            fn $name($($arg: $ty),*) $(-> $output)? {
                super::calls::note(stringify!($name));
                $kernel($($arg),*)
            }
        )*}
    };
}

host_kernels! {
    fn linear_forward(size: &LinearGeometry, x: &[Self], w: &[Self], b: Option<&[Self]>, y: &mut [Self])
        = linear::forward;
    fn linear_pack(size: &LinearGeometry, w: &[Self]) -> Panels<Self> = linear::pack;
    fn linear_forward_packed(
        size: &LinearGeometry,
        x: &[Self],
        w: &Panels<Self>,
        b: Option<&[Self]>,
        y: &mut [Self]
    ) = linear::forward_packed;
    fn linear_backward_input(size: &LinearGeometry, w: &[Self], g: &[Self], dx: &mut [Self])
        = linear::backward_input;
    fn linear_backward_weight(size: &LinearGeometry, x: &[Self], g: &[Self], dw: &mut [Self])
        = linear::backward_weight;
    fn linear_backward_bias(size: &LinearGeometry, g: &[Self], db: &mut [Self]) = linear::backward_bias;
    fn conv_forward(size: &ConvGeometry, x: &[Self], w: &[Self], b: Option<&[Self]>, y: &mut [Self])
        = conv::forward;
    fn conv_backward_input(size: &ConvGeometry, w: &[Self], g: &[Self], dx: &mut [Self])
        = conv::backward_input;
    fn conv_backward_weight(size: &ConvGeometry, x: &[Self], g: &[Self], dw: &mut [Self])
        = conv::backward_weight;
    fn flipout_forward(
        size: &ConvGeometry, x: &[Self], weights: flipout::Weights<'_, Self>, signs: flipout::Signs<'_, Self>,
        y: &mut [Self]
    ) = flipout::forward;
    fn flipout_backward_input(
        size: &ConvGeometry, weights: flipout::Weights<'_, Self>, signs: flipout::Signs<'_, Self>, g: &[Self],
        dx: &mut [Self]
    ) = flipout::backward_input;
    fn flipout_backward_weight(
        size: &ConvGeometry, x: &[Self], signs: flipout::Signs<'_, Self>, g: &[Self], d_mean: &mut [Self],
        d_deviation: &mut [Self]
    ) = flipout::backward_weight;
    fn transposed_forward(size: &TransposedGeometry, x: &[Self], w: &[Self], y: &mut [Self])
        = transposed::forward;
    fn transposed_backward_input(size: &TransposedGeometry, w: &[Self], g: &[Self], dx: &mut [Self])
        = transposed::backward_input;
    fn transposed_backward_weight(size: &TransposedGeometry, x: &[Self], g: &[Self], dw: &mut [Self])
        = transposed::backward_weight;
    fn bias_forward(sizes: Sizes, b: &[Self], y: &mut [Self]) = bias::forward;
    fn bias_forward_flipped(sizes: Sizes, of_draw: [&[Self]; 2], signs: &[Self], y: &mut [Self])
        = bias::forward_flipped;
    fn bias_backward_flipped(sizes: Sizes, signs: &[Self], g: &[Self], gradients: [&mut [Self]; 2])
        = bias::backward_flipped;
    fn bias_backward(sizes: Sizes, g: &[Self], db: &mut [Self]) = bias::backward;
    fn max_pool_forward(size: &Pool2dGeometry, x: &[Self], y: &mut [Self]) = max::forward;
    fn max_pool_backward(size: &Pool2dGeometry, x: &[Self], g: &[Self], dx: &mut [Self]) = max::backward;
    fn average_pool_forward(size: &Pool2dGeometry, x: &[Self], y: &mut [Self]) = average::forward;
    fn average_pool_backward(size: &Pool2dGeometry, g: &[Self], dx: &mut [Self]) = average::backward;
    fn adaptive_pool_forward(size: &AdaptivePool2dGeometry, x: &[Self], y: &mut [Self])
        = adaptive_average::forward;
    fn adaptive_pool_backward(size: &AdaptivePool2dGeometry, g: &[Self], dx: &mut [Self])
        = adaptive_average::backward;
    fn axis_max_forward(pool: &AxisPool, x: &[Self], y: &mut [Self]) = pool_axis::max_forward;
    fn axis_max_backward(pool: &AxisPool, x: &[Self], g: &[Self], dx: &mut [Self]) = pool_axis::max_backward;
    fn axis_mean_forward(pool: &AxisPool, x: &[Self], y: &mut [Self]) = pool_axis::mean_forward;
    fn axis_mean_backward(pool: &AxisPool, g: &[Self], dx: &mut [Self]) = pool_axis::mean_backward;
    fn batch_norm_forward_train(
        sizes: Sizes, x: &[Self], affine: &Affine<'_, Self>, running: RunningStatistics<'_, Self>, y: &mut [Self]
    ) -> Result<Vec<ChannelStatistics>, TooFewValues> = batch_norm::forward_train;
    fn batch_norm_backward_train(
        sizes: Sizes, x: &[Self], affine: &Affine<'_, Self>, statistics: &[ChannelStatistics], g: &[Self],
        gradients: Gradients<'_, Self>
    ) = batch_norm::backward_train;
    fn batch_norm_forward_eval(
        sizes: Sizes, x: &[Self], affine: &Affine<'_, Self>, statistics: [&[Self]; 2], y: &mut [Self]
    ) = batch_norm::forward_eval;
    fn batch_norm_in_place(
        sizes: Sizes, affine: &Affine<'_, Self>, statistics: [&[Self]; 2], x: &mut [Self]
    ) = batch_norm::forward_eval_in_place;
    fn batch_norm_backward_eval(
        sizes: Sizes, x: &[Self], affine: &Affine<'_, Self>, statistics: [&[Self]; 2], g: &[Self],
        gradients: Gradients<'_, Self>
    ) = batch_norm::backward_eval;
    fn group_norm_forward(
        sizes: group_norm::Sizes, x: &[Self], affine: &group_norm::Affine<'_, Self>, y: &mut [Self]
    ) = group_norm::forward;
    fn group_norm_backward(
        sizes: group_norm::Sizes, x: &[Self], affine: &group_norm::Affine<'_, Self>, g: &[Self],
        gradients: group_norm::Gradients<'_, Self>
    ) = group_norm::backward;
    fn gelu_forward(x: &[Self], y: &mut [Self]) = gelu::forward;
    fn gelu_backward(x: &[Self], g: &[Self], dx: &mut [Self]) = gelu::backward;
    fn relu_forward(x: &mut [Self]) = relu::forward;
    fn relu_mask(x: &[Self], g: &mut [Self]) = relu::mask;
    fn relu_backward(x: &[Self], g: &[Self], dx: &mut [Self]) = relu::backward;
    fn recurrent_forward(
        size: &RecurrentGeometry, pre: &[Self], products: &[HiddenProduct<'_, Self>], initial: [&[Self]; 2],
        out: &mut [Self]
    ) -> Trace<Self> = recurrent::forward;
    fn recurrent_forward_alone(
        size: &RecurrentGeometry, pre: &[Self], products: &[HiddenProduct<'_, Self>], initial: [&[Self]; 2],
        out: &mut [Self]
    ) = recurrent::forward_alone;
    fn recurrent_backward(
        size: &RecurrentGeometry, products: &[HiddenProduct<'_, Self>], initial: [&[Self]; 2], out: &[Self],
        trace: &Trace<Self>, g: &[Self]
    ) -> recurrent::Gradients<Self> = recurrent::backward;
    fn recurrent_backward_weights(
        size: &RecurrentGeometry, product: &HiddenProduct<'_, Self>, h: &[Self], out: &[Self], hidden: &[Self],
        gradients: [&mut [Self]; 2]
    ) = recurrent::backward_weights;
    fn gaussian_sample(mu: &[Self], rho: &[Self], epsilon: &[Self], y: &mut [Self]) = gaussian::sample;
    fn gaussian_sample_backward(
        rho: &[Self], epsilon: &[Self], g: &[Self], d_mu: &mut [Self], d_rho: &mut [Self]
    ) = gaussian::sample_backward;
    fn gaussian_delta(rho: &[Self], epsilon: &[Self], y: &mut [Self]) = gaussian::delta;
    fn gaussian_delta_backward(rho: &[Self], epsilon: &[Self], g: &[Self], d_rho: &mut [Self])
        = gaussian::delta_backward;
    fn gaussian_spread(mu: Option<&[Self]>, sigma: &[Self], y: &mut [Self]) = gaussian::spread;
    fn gaussian_variance(rho: &[Self], y: &mut [Self]) = gaussian::variance;
    fn gaussian_variance_backward(rho: &[Self], g: &[Self], d_rho: &mut [Self]) = gaussian::variance_backward;
    fn gaussian_kl_with_slope(
        mu: &[Self], rho: &[Self], prior: &GaussianPrior<'_, Self>, slope: &mut [Self]
    ) -> f64 = gaussian::kl_with_slope;
    fn gaussian_kl(mu: &[Self], rho: &[Self], prior: &GaussianPrior<'_, Self>) -> f64 = gaussian::kl;
    fn gaussian_kl_backward(
        mu: &[Self], slope: &[Self], prior: &GaussianPrior<'_, Self>, upstream: Self, d_mu: &mut [Self],
        d_rho: &mut [Self]
    ) = gaussian::kl_gradients;
    fn local_sample(mean: &[Self], variance: &[Self], epsilon: &[Self], y: &mut [Self])
        = local_reparameterization::sample;
    fn local_backward(
        variance: &[Self], epsilon: &[Self], g: &[Self], d_mean: &mut [Self], d_variance: &mut [Self]
    ) = local_reparameterization::backward;
    fn flip_signs(signs: &[Self], inner: usize, x: &[Self], y: &mut [Self]) = signs::multiply;
    fn add_flipped(signs: &[Self], inner: usize, x: &[Self], sum: &mut [Self]) = signs::add_flipped;
    fn flip_onto(signs: &[Self], inner: usize, mean: &[Self], x: &mut [Self]) = signs::flip_onto;
    fn flip_onto_backward(signs: &[Self], inner: usize, g: &mut [Self], d_mean: &mut [Self])
        = signs::flip_onto_backward;
    fn add_onto(x: &[Self], sum: &mut [Self]) = sum::add;
}
