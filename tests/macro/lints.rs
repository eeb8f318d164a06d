//! What a crate may deny does not fire in generated code: that this compiles is the test. It is part of a library,
//! since some lints look at what a library shows.

#![deny(
    warnings,
    clippy::all,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    let_underscore_drop,
    meta_variable_misuse,
    missing_debug_implementations,
    missing_docs,
    noop_method_call,
    redundant_lifetimes,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use bayes_core::prelude::*;

/// Builder types.
#[bayesian(input = (4), moped = 0.5)]
#[derive(Debug)]
pub struct Net {
    /// Features.
    #[bayes(prior = Gaussian(0.0, FanIn))]
    pub fc1: Linear<4, 8>,
    /// Its activation.
    pub act: ReLU,
    /// Logits.
    #[bayes(skip)]
    pub fc2: Linear<8, 3>,
    /// A temperature.
    #[bayes(value = 1.0)]
    pub temperature: f32,
    #[cfg(any())]
    gone: ReLU,
}

/// Modules on a device.
#[bayesian]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Written<E: Dtype, D: Device<E>> {
    /// Features.
    #[deprecated(note = "read `fc2`")]
    pub fc1: modules::Linear<4, 8, E, D>,
    /// Logits.
    pub fc2: modules::Linear<8, 3, E, D>,
}

/// A layer around a layer.
#[bayesian]
#[derive(Debug)]
pub struct Around<L: Spec, const N: usize>(
    /// The layer.
    pub L,
    /// Behind it.
    pub Linear<N, N>,
);

/// A forward pass of its own.
#[bayesian(forward)]
#[deprecated]
#[derive(Debug)]
pub struct Block {
    /// Its convolution.
    pub conv: Conv2D<2, 2, 3, 1, 1>,
}

/// How it runs.
#[bayesian(forward)]
#[allow(deprecated)]
impl Block {
    /// A number.
    pub const SCALE: f64 = 1.0;

    /// A function.
    pub fn scale() -> f64 {
        Self::SCALE
    }

    fn forward<E: Dtype, D: Device<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<2>, H, W), E, D, T>,
    ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
        self.conv.try_forward(x)
    }
}

mod private {
    use bayes_core::prelude::*;

    #[bayesian]
    struct Hidden {
        fc: Linear<4, 3>,
    }

    #[bayesian(forward)]
    struct HiddenBlock {
        fc: Linear<4, 3>,
    }

    #[bayesian(forward)]
    impl HiddenBlock {
        fn forward<E: Dtype, D: Device<E>>(
            &self,
            x: Tensor<Rank1<4>, E, D>,
        ) -> Result<Tensor<Rank1<3>, E, D>, D::Err> {
            self.fc.try_forward(x)
        }
    }
}
