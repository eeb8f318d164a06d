//! dfdx's dropout, with noise from the draw's key where a view runs it.

use crate::device::Kernels;
use crate::draw::Noise as Kind;
use crate::error::Error;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Bayesian, Bind, Config, Draw, DrawnView, Name, Spec, Twin, VisitPosteriors};
use dfdx::nn::Module;
use dfdx::nn::modules::{Dropout, DropoutOneIn};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};

/// View of dropout for prediction: it does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept;

impl dfdx::nn::NonMutableModule for Kept {}

impl<S: Shape, E: Dtype, D: Device<E>, T> Module<Tensor<S, E, D, T>> for Kept {
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        Ok(x)
    }
}

macro_rules! dropout {
    ([$($generics:tt)*] $Dropout:ty, $p:expr) => {
        impl<$($generics)*> Spec for $Dropout {
            type Built<E: Dtype, D: Device<E>> = $Dropout;
            const RULE: Rule = Rule::Keep;
        }

        impl<$($generics)*> Bind for $Dropout {
            const RULE: Rule = Rule::Keep;
            type Eval<'a> = Kept;
            type Train<'a> = DrawnView<'a, Self>;

            fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
                Kept
            }

            fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
                DrawnView::new(self, draw)
            }
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

        impl<S, E, D, T, $($generics)*> Module<Tensor<S, E, D, T>> for DrawnView<'_, $Dropout>
        where
            S: Shape,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<S, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
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
