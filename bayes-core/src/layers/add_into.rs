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

use crate::error::Error;
use crate::plan::{Graph, Plans, Structure, Wire, not_whole};
use crate::shape::Rule;
use crate::twin::{Name, Spec};
use dfdx::nn::modules::AddInto;
use dfdx::prelude::{Device, Dtype};

impl<F: Spec> Spec for AddInto<F> {
    type Built<E: Dtype, D: Device<E>> = AddInto<F::Built<E, D>>;
    const RULE: Rule = Rule::Unknown;
}

crate::twin::around_one! {
    [AddInto] with views in [AddInto], integers in [AddInto], rule Rule::Unknown;
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
