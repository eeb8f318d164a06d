//! Tuples, `SplitInto` and `Repeated`: their twins hold their parts' twins.

use super::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use crate::device::Kernels;
use crate::error::Error;
use crate::shape::Rule;
use dfdx::nn::modules::{Repeated, SplitInto};
use dfdx::prelude::{Device, Dtype};

/// Views, twins and posteriors of a container of one part, `$Layer(part)`: those of the part in a `$View`, and in integers in an
/// `$Int8`.
macro_rules! around_one {
    ($([$($Layer:tt)+] with views in [$($View:tt)+], integers in [$($Int8:tt)+], rule $rule:expr;)*) => {$(
        impl<F: $crate::twin::Bind> $crate::twin::Bind for $($Layer)+<F> {
            const RULE: $crate::shape::Rule = $rule;
            type Eval<'a> = $($View)+<F::Eval<'a>> where Self: 'a;
            type Train<'a> = $($View)+<F::Train<'a>> where Self: 'a;

            fn eval<'a>(&'a self, draw: &$crate::twin::Draw) -> Self::Eval<'a> {
                $($View)+(self.0.eval(&draw.index(0)))
            }

            fn train<'a>(&'a mut self, draw: &$crate::twin::Draw) -> Self::Train<'a> {
                $($View)+(self.0.train(&draw.index(0)))
            }

            type Int8<'a> = $($Int8)+<F::Int8<'a>>;

            fn int8<'a>(stand_ins: &$crate::twin::StandIns<'a>, name: &$crate::twin::Name<'_>) -> Self::Int8<'a> {
                $($Int8)+(F::int8(stand_ins, &name.index(0)))
            }
        }

        impl<E: dfdx::prelude::Dtype, D: dfdx::prelude::Device<E>, F: $crate::twin::Twin<E, D>> $crate::twin::Twin<E, D>
            for $($Layer)+<F>
        {
            type Bayes<C: $crate::twin::Config> = $($View)+<F::Bayes<C>>;

            fn to_bayes<C: $crate::twin::Config>(
                &self,
                name: &$crate::twin::Name<'_>,
            ) -> Result<Self::Bayes<C>, $crate::error::Error> {
                Ok($($View)+(F::to_bayes::<C>(&self.0, &name.index(0))?))
            }

            fn from_bayes<C: $crate::twin::Config>(
                bayes: &Self::Bayes<C>,
                draw: &$crate::twin::Draw,
            ) -> Result<Self, $crate::error::Error>
            where
                D: $crate::device::Kernels<E>,
            {
                Ok(Self(F::from_bayes::<C>(&bayes.0, &draw.index(0))?))
            }
        }

        impl<E: dfdx::prelude::Dtype, D: dfdx::prelude::Device<E>, F: $crate::twin::Bayesian<E, D>>
            $crate::twin::Bayesian<E, D> for $($Layer)+<F>
        {
            fn visit_posteriors<V: $crate::twin::VisitPosteriors<E, D>>(
                &self,
                name: &$crate::twin::Name<'_>,
                visitor: &mut V,
            ) -> Result<(), V::Err> {
                self.0.visit_posteriors(&name.index(0), visitor)
            }
        }
    )*};
}

pub(crate) use around_one;

macro_rules! tuples {
    ($($part:ident $i:tt),+) => {
        impl<$($part: Spec),+> Spec for ($($part,)+) {
            type Built<E: Dtype, D: Device<E>> = ($($part::Built<E, D>,)+);
            const RULE: Rule = Rule::Chain { parts: &[$((stringify!($i), $part::RULE)),+] };
        }

        impl<$($part: Bind),+> Bind for ($($part,)+) {
            const RULE: Rule = Rule::Chain { parts: &[$((stringify!($i), $part::RULE)),+] };
            type Eval<'a> = ($($part::Eval<'a>,)+) where Self: 'a;
            type Train<'a> = ($($part::Train<'a>,)+) where Self: 'a;

            fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
                ($(self.$i.eval(&draw.index($i)),)+)
            }

            fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
                ($(self.$i.train(&draw.index($i)),)+)
            }

            type Int8<'a> = ($($part::Int8<'a>,)+);

            fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
                ($($part::int8(stand_ins, &name.index($i)),)+)
            }
        }

        impl<Num: Dtype, Dev: Device<Num>, $($part: Twin<Num, Dev>),+> Twin<Num, Dev> for ($($part,)+) {
            type Bayes<Cfg: Config> = ($($part::Bayes<Cfg>,)+);

            fn to_bayes<Cfg: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<Cfg>, Error> {
                Ok(($($part::to_bayes::<Cfg>(&self.$i, &name.index($i))?,)+))
            }

            fn from_bayes<Cfg: Config>(bayes: &Self::Bayes<Cfg>, draw: &Draw) -> Result<Self, Error>
            where
                Dev: Kernels<Num>,
            {
                Ok(($($part::from_bayes::<Cfg>(&bayes.$i, &draw.index($i))?,)+))
            }
        }

        impl<Num: Dtype, Dev: Device<Num>, $($part: Bayesian<Num, Dev>),+> Bayesian<Num, Dev> for ($($part,)+) {
            fn visit_posteriors<Vis: VisitPosteriors<Num, Dev>>(
                &self,
                name: &Name<'_>,
                visitor: &mut Vis,
            ) -> Result<(), Vis::Err> {
                $($part::visit_posteriors(&self.$i, &name.index($i), visitor)?;)+
                Ok(())
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, F 3);
tuples!(A 0, B 1, C 2, F 3, G 4);
tuples!(A 0, B 1, C 2, F 3, G 4, H 5);

impl<F: Spec, const N: usize> Spec for Repeated<F, N> {
    type Built<E: Dtype, D: Device<E>> = Repeated<F::Built<E, D>, N>;
    const RULE: Rule = Rule::Repeated {
        part: &F::RULE,
        times: N,
    };
}

impl<F: Bind, const N: usize> Bind for Repeated<F, N> {
    const RULE: Rule = Rule::Repeated {
        part: &F::RULE,
        times: N,
    };
    type Eval<'a>
        = Repeated<F::Eval<'a>, N>
    where
        Self: 'a;
    type Train<'a>
        = Repeated<F::Train<'a>, N>
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        let modules = self
            .modules
            .iter()
            .enumerate()
            .map(|(i, module)| module.eval(&draw.index(i)));
        Repeated {
            modules: modules.collect(),
        }
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        let modules = self
            .modules
            .iter_mut()
            .enumerate()
            .map(|(i, module)| module.train(&draw.index(i)));
        Repeated {
            modules: modules.collect(),
        }
    }

    type Int8<'a> = Repeated<F::Int8<'a>, N>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        let modules = (0..N).map(|i| F::int8(stand_ins, &name.index(i)));
        Repeated {
            modules: modules.collect(),
        }
    }
}

impl<E: Dtype, D: Device<E>, F: Twin<E, D>, const N: usize> Twin<E, D> for Repeated<F, N> {
    type Bayes<C: Config> = Repeated<F::Bayes<C>, N>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        let modules = self
            .modules
            .iter()
            .enumerate()
            .map(|(i, module)| F::to_bayes::<C>(module, &name.index(i)));
        Ok(Repeated {
            modules: modules.collect::<Result<_, _>>()?,
        })
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        let modules = bayes
            .modules
            .iter()
            .enumerate()
            .map(|(i, module)| F::from_bayes::<C>(module, &draw.index(i)));
        Ok(Repeated {
            modules: modules.collect::<Result<_, _>>()?,
        })
    }
}

impl<E: Dtype, D: Device<E>, F: Bayesian<E, D>, const N: usize> Bayesian<E, D> for Repeated<F, N> {
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        for (i, module) in self.modules.iter().enumerate() {
            module.visit_posteriors(&name.index(i), visitor)?;
        }
        Ok(())
    }
}

impl<F: Spec> Spec for SplitInto<F> {
    type Built<E: Dtype, D: Device<E>> = SplitInto<F::Built<E, D>>;
    const RULE: Rule = Rule::Unknown;
}

around_one! {
    [SplitInto] with views in [SplitInto], integers in [SplitInto], rule Rule::Unknown;
}
