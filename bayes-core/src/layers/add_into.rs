//! dfdx's `AddInto`: parts with an input each, whose outputs are added.
//!
//! ```
//! use bayes_core::prelude::*;
//!
//! #[bayesian(input = (4))]
//! struct Net {
//!     heads: SplitInto<(Linear<4, 8>, Linear<4, 6>)>,
//!     sum: AddInto<(ReLU, UnbiasedLinear<6, 8>)>, // one for each head
//!     fc: Linear<8, 3>,
//! }
//!
//! let dev = Cpu::seed_from_u64(0);
//! let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
//! let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
//! assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 5);
//! # Ok::<(), Error>(())
//! ```

use crate::device::Kernels;
use crate::error::Error;
use crate::plan::{Graph, Plans, Structure, Wire, not_whole};
use crate::shape::Rule;
use crate::twin::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use dfdx::nn::modules::AddInto;
use dfdx::prelude::{Device, Dtype};

impl<F: Spec> Spec for AddInto<F> {
    type Built<E: Dtype, D: Device<E>> = AddInto<F::Built<E, D>>;
    const RULE: Rule = Rule::Unknown;
}

impl<F: Bind> Bind for AddInto<F> {
    type Eval<'a>
        = AddInto<F::Eval<'a>>
    where
        Self: 'a;
    type Train<'a>
        = AddInto<F::Train<'a>>
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        AddInto(self.0.eval(&draw.index(0)))
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        AddInto(self.0.train(&draw.index(0)))
    }

    type Int8<'a> = AddInto<F::Int8<'a>>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        AddInto(F::int8(stand_ins, &name.index(0)))
    }
}

impl<E: Dtype, D: Device<E>, F: Twin<E, D>> Twin<E, D> for AddInto<F> {
    type Bayes<C: Config> = AddInto<F::Bayes<C>>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        Ok(AddInto(F::to_bayes::<C>(&self.0, &name.index(0))?))
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(AddInto(F::from_bayes::<C>(&bayes.0, &draw.index(0))?))
    }
}

impl<E: Dtype, D: Device<E>, F: Bayesian<E, D>> Bayesian<E, D> for AddInto<F> {
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        self.0.visit_posteriors(&name.index(0), visitor)
    }
}

impl<E: Dtype, F: Structure<E>> Structure<E> for AddInto<F> {
    const WHOLE: bool = false;

    fn trace(&self, name: &Name<'_>, _: &mut Graph, _: Wire) -> Result<Wire, Error> {
        Err(not_whole(
            name,
            "a plan has one input, and each part of this has its own",
        ))
    }

    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        self.0.layers(&name.index(0), plans)
    }
}
