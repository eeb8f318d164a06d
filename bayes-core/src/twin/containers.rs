//! Tuples, `SplitInto` and `Repeated`: their twins hold their parts' twins.

use super::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use crate::device::Kernels;
use crate::error::Error;
use crate::shape::Rule;
use dfdx::nn::modules::{Repeated, SplitInto};
use dfdx::prelude::{Device, Dtype};

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

impl<F: Bind> Bind for SplitInto<F> {
    type Eval<'a>
        = SplitInto<F::Eval<'a>>
    where
        Self: 'a;
    type Train<'a>
        = SplitInto<F::Train<'a>>
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        SplitInto(self.0.eval(&draw.index(0)))
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        SplitInto(self.0.train(&draw.index(0)))
    }

    type Int8<'a> = SplitInto<F::Int8<'a>>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        SplitInto(F::int8(stand_ins, &name.index(0)))
    }
}

impl<E: Dtype, D: Device<E>, F: Twin<E, D>> Twin<E, D> for SplitInto<F> {
    type Bayes<C: Config> = SplitInto<F::Bayes<C>>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        Ok(SplitInto(F::to_bayes::<C>(&self.0, &name.index(0))?))
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(SplitInto(F::from_bayes::<C>(&bayes.0, &draw.index(0))?))
    }
}

impl<E: Dtype, D: Device<E>, F: Bayesian<E, D>> Bayesian<E, D> for SplitInto<F> {
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        self.0.visit_posteriors(&name.index(0), visitor)
    }
}
