//! dfdx's dropout, with noise from the draw's key where a view runs it.

use crate::device::Kernels;
use crate::draw::Noise as Kind;
use crate::error::Error;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Bayesian, Bind, Config, Draw, Name, Spec, Twin, VisitPosteriors};
use dfdx::nn::modules::{Dropout, DropoutOneIn};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};

/// View of dropout: it drops in training, and in prediction where the draw says so.
///
/// dfdx's builders `Dropout` (a half, or what is written to its `p`) and `DropoutOneIn<N>` (Srivastava et al. 2014); in
/// prediction it is Monte Carlo dropout (Gal and Ghahramani 2016):
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: ReLU,
///     drop: DropoutOneIn<4>,
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Net, f32>();
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// let seen = predict(&net, x, 32, 7).mc_dropout().classify()?; // each draw is a subnetwork
/// assert_eq!(seen.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct DropoutView<'a, L> {
    layer: &'a L,
    draw: Draw,
    drops: bool,
}

impl<L> NonMutableModule for DropoutView<'_, L> {}

macro_rules! dropout {
    ([$($generics:tt)*] $Dropout:ty, $p:expr) => {
        impl<$($generics)*> Spec for $Dropout {
            type Built<E: Dtype, D: Device<E>> = $Dropout;
            const RULE: Rule = Rule::Keep;
        }

        impl<$($generics)*> Bind for $Dropout {
            const RULE: Rule = Rule::Keep;
            type Eval<'a> = DropoutView<'a, Self>;
            type Train<'a> = DropoutView<'a, Self>;

            fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
                DropoutView { layer: self, draw: draw.clone(), drops: draw.drops() }
            }

            fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
                DropoutView { layer: self, draw: draw.clone(), drops: true }
            }

            crate::twin::stand_in!();
        }

        impl<E: Dtype, D: Device<E>, $($generics)*> Twin<E, D> for $Dropout {
            type Bayes<C: Config> = Self;

            fn to_bayes<C: Config>(&self, _: &Name<'_>) -> Result<Self, Error> {
                Ok(self.clone())
            }

            fn from_bayes<C: Config>(bayes: &Self, _: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                Ok(bayes.clone())
            }
        }

        impl<E: Dtype, D: Device<E>, $($generics)*> Bayesian<E, D> for $Dropout {
            fn visit_posteriors<V: VisitPosteriors<E, D>>(&self, _: &Name<'_>, _: &mut V) -> Result<(), V::Err> {
                Ok(())
            }
        }

        impl<E: Dtype, $($generics)*> Structure<E> for $Dropout {
            fn trace(&self, _: &Name<'_>, _: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(x)
            }
        }

        impl<S, E, D, T, $($generics)*> Module<Tensor<S, E, D, T>> for DropoutView<'_, $Dropout>
        where
            S: Shape,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<S, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
                if !self.drops {
                    return Ok(x);
                }
                let examples = crate::error::batch(&super::shape_of(&x));
                let p: f32 = ($p)(self.layer);
                match self.draw.example_noise(Kind::Dropout, examples) {
                    Some(noise) => D::dropout(x, p, noise),
                    None => Ok(x),
                }
            }
        }
    };
}

dropout!([] Dropout, |dropout: &Dropout| dropout.p);
dropout!([const N: usize] DropoutOneIn<N>, |_| 1.0 / N as f32);
