//! Residual connections: what goes around a branch is added to what comes out of it (He et al. 2016).
//!
//! dfdx's builders of the same names make them. dfdx's own layers give the same values; these add on the CPU in the memory of the
//! branch's output, and on the way back take the output's gradient for the branch's as it is.

use crate::device::Kernels;
use crate::error::Error;
use crate::plan::{Graph, Plans, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
use dfdx::nn::{Module, ModuleMut, modules};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};
use dfdx::tensor::WithEmptyTape;

/// `F(x) + x`; dfdx's builder of the same name makes it.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     block: Residual<(Linear<4, 8>, ReLU, Linear<8, 4>)>,
///     fc: Linear<4, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Net, f32>();
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// let branch = net.block.0.forward(x.clone());
/// assert_eq!(net.block.forward(x.clone()).array(), (branch + x).array());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Residual<F>(
    /// The branch.
    pub F,
);

/// `F(x) + R(x)`; dfdx's builder of the same name makes it.
#[derive(Clone, Debug, Default)]
pub struct GeneralizedResidual<F, R> {
    /// The branch.
    pub f: F,
    /// The way around it.
    pub r: R,
}

impl<E: Dtype, D: Device<E>, F: TensorCollection<E, D>> TensorCollection<E, D> for Residual<F> {
    type To<E2: Dtype, D2: Device<E2>> = Residual<F::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(Self::module("0", |s| &s.0, |s| &mut s.0), Residual)
    }
}

impl<E: Dtype, D: Device<E>, F: TensorCollection<E, D>, R: TensorCollection<E, D>>
    TensorCollection<E, D> for GeneralizedResidual<F, R>
{
    type To<E2: Dtype, D2: Device<E2>> = GeneralizedResidual<F::To<E2, D2>, R::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("f", |s| &s.f, |s| &mut s.f),
                Self::module("r", |s| &s.r, |s| &mut s.r),
            ),
            |(f, r)| GeneralizedResidual { f, r },
        )
    }
}

/// The forward pass by `$Module::$forward`, which both traits have alike.
macro_rules! forward {
    ($Module:ident, $forward:ident, $($mutable:tt)?) => {
        impl<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>, F> $Module<Tensor<S, E, D, T>> for Residual<F>
        where
            F: $Module<Tensor<S, E, D, T>, Output = Tensor<S, E, D, T>, Error = D::Err>,
        {
            type Output = Tensor<S, E, D, T>;
            type Error = D::Err;

            fn $forward(&$($mutable)? self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
                D::sum(self.0.$forward(x.with_empty_tape())?, x)
            }
        }

        impl<X, S, E, D, T, F, R> $Module<X> for GeneralizedResidual<F, R>
        where
            X: WithEmptyTape,
            S: Shape,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
            F: $Module<X, Output = Tensor<S, E, D, T>, Error = D::Err>,
            R: $Module<X, Output = Tensor<S, E, D, T>, Error = D::Err>,
        {
            type Output = Tensor<S, E, D, T>;
            type Error = D::Err;

            fn $forward(&$($mutable)? self, x: X) -> Result<Self::Output, D::Err> {
                D::sum(self.f.$forward(x.with_empty_tape())?, self.r.$forward(x)?)
            }
        }
    };
}

forward!(Module, try_forward,);
forward!(ModuleMut, try_forward_mut, mut);

impl<F: Spec> Spec for modules::Residual<F> {
    type Built<E: Dtype, D: Device<E>> = Residual<F::Built<E, D>>;
    const RULE: Rule = Rule::Residual { branch: &F::RULE };
}

impl<F: Spec, R: Spec> Spec for modules::GeneralizedResidual<F, R> {
    type Built<E: Dtype, D: Device<E>> = GeneralizedResidual<F::Built<E, D>, R::Built<E, D>>;
    const RULE: Rule = Rule::GeneralizedResidual {
        branch: &F::RULE,
        shortcut: &R::RULE,
    };
}

// Views and twins of both dfdx's layer, which a hand-written model has, and ours, are ours.
crate::twin::around_one! {
    [Residual] with views in [Residual], integers in [modules::Residual], rule Rule::Residual { branch: &F::RULE };
    [modules::Residual] with views in [Residual], integers in [modules::Residual], rule Rule::Residual { branch: &F::RULE };
}

macro_rules! traced {
    ($($Residual:ty)*) => {$(
        impl<E: Dtype, F: Structure<E>> Structure<E> for $Residual {
            const WHOLE: bool = F::WHOLE;

            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let branch = self.0.trace(&name.index(0), graph, x)?;
                Ok(graph.add(name, branch, x))
            }

            fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
                self.0.layers(&name.index(0), plans)
            }
        }
    )*};
}

traced!(Residual<F> modules::Residual<F>);

/// As of [`Residual`], of two parts.
macro_rules! generalized {
    ($($Residual:ident of $($module:ident)?;)*) => {$(
        impl<F: Bind, R: Bind> Bind for $($module::)?$Residual<F, R> {
            const RULE: Rule = Rule::GeneralizedResidual {
                branch: &F::RULE,
                shortcut: &R::RULE,
            };
            type Eval<'a> = GeneralizedResidual<F::Eval<'a>, R::Eval<'a>> where Self: 'a;
            type Train<'a> = GeneralizedResidual<F::Train<'a>, R::Train<'a>> where Self: 'a;

            fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
                GeneralizedResidual {
                    f: self.f.eval(&draw.field("f")),
                    r: self.r.eval(&draw.field("r")),
                }
            }

            fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
                GeneralizedResidual {
                    f: self.f.train(&draw.field("f")),
                    r: self.r.train(&draw.field("r")),
                }
            }

            type Int8<'a> = modules::GeneralizedResidual<F::Int8<'a>, R::Int8<'a>>;

            fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
                modules::GeneralizedResidual {
                    f: F::int8(stand_ins, &name.field("f")),
                    r: R::int8(stand_ins, &name.field("r")),
                }
            }
        }

        impl<E: Dtype, D: Device<E>, F: Twin<E, D>, R: Twin<E, D>> Twin<E, D>
            for $($module::)?$Residual<F, R>
        {
            type Bayes<C: Config> = GeneralizedResidual<F::Bayes<C>, R::Bayes<C>>;

            fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
                Ok(GeneralizedResidual {
                    f: F::to_bayes::<C>(&self.f, &name.field("f"))?,
                    r: R::to_bayes::<C>(&self.r, &name.field("r"))?,
                })
            }

            fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                Ok(Self {
                    f: F::from_bayes::<C>(&bayes.f, &draw.field("f"))?,
                    r: R::from_bayes::<C>(&bayes.r, &draw.field("r"))?,
                })
            }
        }

        impl<E: Dtype, F: Structure<E>, R: Structure<E>> Structure<E> for $($module::)?$Residual<F, R> {
            const WHOLE: bool = F::WHOLE && R::WHOLE;

            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let shortcut = self.r.trace(&name.field("r"), graph, x)?;
                let branch = self.f.trace(&name.field("f"), graph, x)?;
                Ok(graph.add(name, branch, shortcut))
            }

            fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
                self.f.layers(&name.field("f"), plans)?;
                self.r.layers(&name.field("r"), plans)
            }
        }
    )*};
}

generalized! {
    GeneralizedResidual of;
    GeneralizedResidual of modules;
}

impl<E: Dtype, D: Device<E>, F: Bayesian<E, D>, R: Bayesian<E, D>> Bayesian<E, D>
    for GeneralizedResidual<F, R>
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        self.f.visit_posteriors(&name.field("f"), visitor)?;
        self.r.visit_posteriors(&name.field("r"), visitor)
    }
}
