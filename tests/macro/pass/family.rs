//! Families in every place: in a function, in a module whose names are not in scope, with a forward pass of their own,
//! under names that generated code uses.

use bayes_core::dfdx::tensor::WithEmptyTape;
use bayes_core::prelude::*;

mod models {
    use bayes_core::prelude::*;

    const TWO: usize = 2;

    /// Wide ones and one that is small.
    #[bayesian(
        input = (4),
        registry = Nets,
        members(
            #[doc = "The smallest."]
            Small = <TWO, false>,
            Wide = <[Two: TWO, 8], true>(moped = DELTA),
        )
    )]
    pub struct Net<const N: usize, const DEEP: bool> {
        pub fc1: Linear<4, N>,
        pub act: ReLU,
        pub fc2: Linear<N, 3>,
    }

    const DELTA: f64 = 0.1;
}

use models::{Nets, with_net};

/// What is in scope here is not what is meant there.
#[expect(dead_code)]
struct Net;

#[test]
fn in_another_module() -> Result<(), Box<dyn std::error::Error>> {
    let net: Nets = "WideTwo".parse()?;
    let kl = with_net!(net, |Plain, Bayes, Quant| {
        let plain = Cpu::seed_from_u64(1).build_module::<Plain, f32>();
        let twin = Bayes::from_pretrained(&plain)?;
        let x: Tensor<Rank2<5, 4>, f32, Cpu> = Cpu::seed_from_u64(2).sample_normal();
        let _quant: Quant = twin.quantize([x])?;
        twin.kl::<NoneTape>().array()
    });
    assert!(kl.is_finite());
    assert_eq!(
        models::BayesSmall::<f64, Cpu>::from_pretrained(
            &Cpu::default().build_module::<models::Small, f64>()
        )?
        .fc1
        .weight
        .mu
        .shape()
        .concrete(),
        [2, 4]
    );
    Ok(())
}

#[test]
fn in_a_function() {
    #[bayesian(members(C = <1>, E(moped = 0.5)))]
    pub struct Member<const D: usize = 3> {
        bayes: Linear<D, 2>,
    }
    let numbers = MemberMember::ALL.iter().map(|&member| {
        let built = with_member!(member, |Spec| {
            Cpu::default()
                .build_module::<Spec, f32>()
                .num_trainable_params()
        });
        (built, member.parameters())
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [(4, 4), (8, 8)]);
}

#[bayesian(forward, members(Narrow = <2>, Broad = <8>(estimator = Reparameterization)))]
struct Block<const H: usize> {
    fc1: Linear<4, H>,
    fc2: Linear<H, 4>,
}

#[bayesian(forward)]
impl<const H: usize> Block<H> {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<Tensor<(B, Const<4>), E, D, T>, D::Err> {
        let y = self.fc1.try_forward(x.with_empty_tape())?.try_relu()?;
        x.try_add(self.fc2.try_forward(y)?)
    }
}

#[test]
fn with_a_forward_pass_of_its_own() -> Result<(), Error> {
    for &member in BlockMember::ALL {
        with_block!(member, |Net, BayesNet| {
            let net = Cpu::seed_from_u64(1).build_module::<Net, f32>();
            let x: Tensor<Rank2<5, 4>, f32, Cpu> = Cpu::seed_from_u64(2).sample_normal();
            let twin = BayesNet::from_pretrained(&net)?;
            assert_eq!(twin.predict(x, 3, 1).classify()?.predicted().len(), 5);
        });
    }
    Ok(())
}

/// A member is a field like any other.
#[bayesian]
struct Outer {
    inner: Broad,
    head: Linear<4, 2>,
}

#[test]
fn as_a_field() -> Result<(), Error> {
    let twin = BayesOuter::from_pretrained(&Cpu::default().build_module::<Outer, f32>())?;
    assert!(twin.kl::<NoneTape>().array().is_finite());
    Ok(())
}
