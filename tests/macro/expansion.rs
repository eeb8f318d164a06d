//! What the attribute writes, as files: `expansions/` holds the expansion of each model in `sources/`.
//!
//! Here both are compiled and must behave alike. That the files are what the macro writes is tested in
//! `bayes-macros`, where `BLESS=1 cargo test -p bayes-macros expansion` writes them anew.

mod sources {
    pub mod block;
    pub mod family;
    pub mod residual;
    pub mod small;
}

#[expect(clippy::all, reason = "generated code, as the compiler sees it")]
mod expansions {
    pub mod block;
    pub mod family;
    pub mod residual;
    pub mod small;
}

use bayes_core::prelude::*;

type Batch<const N: usize> = Tensor<Rank2<5, N>, f32, Cpu>;

/// What a model gives in a draw: outputs, the KL, and the means of many draws.
#[derive(Debug, PartialEq)]
struct Seen {
    outputs: Vec<f32>,
    kl: f32,
    draws: Vec<f32>,
    sampled: Vec<f32>,
}

macro_rules! see {
    ($spec:ty, $bayes:ident, $x:expr) => {{
        see!($spec, $bayes, $x, Rank2<5, 3>)
    }};
    ($spec:ty, $bayes:ident, $x:expr, $y:ty) => {{
        let dev = Cpu::seed_from_u64(11);
        let net = dev.build_module::<$spec, f32>();
        let bayes = $bayes::from_pretrained(&net).unwrap();
        let outputs: Tensor<$y, f32, Cpu> = bayes.eval(Key::new(3, 1)).forward($x.clone());
        Seen {
            outputs: outputs.as_vec(),
            kl: bayes.kl::<NoneTape>().array(),
            draws: bayes.predict($x.clone(), 4, 9).draws().unwrap().values,
            sampled: bayes.sample(9).unwrap().forward($x.clone()).as_vec(),
        }
    }};
}

#[test]
fn a_small_net_behaves_as_its_written_expansion() {
    let x: Batch<4> = Cpu::seed_from_u64(2).sample_normal();
    let source = {
        use sources::small::{BayesSmall, Small};
        see!(Small, BayesSmall, x)
    };
    let expansion = {
        use expansions::small::{BayesSmall, Small};
        see!(Small, BayesSmall, x)
    };
    assert_eq!(source, expansion);
    assert!(source.outputs.iter().all(|y| y.is_finite()) && source.kl > 0.0);
}

#[test]
fn a_residual_net_behaves_as_its_written_expansion() {
    let x: Tensor<Rank4<5, 2, 6, 6>, f32, Cpu> = Cpu::seed_from_u64(2).sample_normal();
    let source = {
        use sources::residual::{BayesResidual2, Residual2};
        see!(Residual2<2>, BayesResidual2, x)
    };
    let expansion = {
        use expansions::residual::{BayesResidual2, Residual2};
        see!(Residual2<2>, BayesResidual2, x)
    };
    assert_eq!(source, expansion);
    assert!(source.outputs.iter().all(|y| y.is_finite()) && source.kl > 0.0);
}

#[test]
fn a_forward_pass_of_its_own_behaves_as_its_written_expansion() {
    let x: Tensor<Rank4<5, 2, 6, 6>, f32, Cpu> = Cpu::seed_from_u64(2).sample_normal();
    let source = {
        use sources::block::{BayesBlock, Block};
        see!(Block, BayesBlock, x, Rank4<5, 2, 6, 6>)
    };
    let expansion = {
        use expansions::block::{BayesBlock, Block};
        see!(Block, BayesBlock, x, Rank4<5, 2, 6, 6>)
    };
    assert_eq!(source, expansion);
    assert!(source.outputs.iter().all(|y| y.is_finite()) && source.kl > 0.0);
}

#[test]
fn a_family_behaves_as_its_written_expansion() {
    let x: Batch<4> = Cpu::seed_from_u64(2).sample_normal();
    let source = {
        use sources::family::{BayesWideUnsure, FamilyMember, WideUnsure, with_family};
        let member: FamilyMember = "Small".parse().unwrap();
        let small = with_family!(member, |Net, Twin| see!(Net, Twin, x));
        (
            small,
            see!(WideUnsure, BayesWideUnsure, x),
            member.parameters(),
        )
    };
    let expansion = {
        use expansions::family::{BayesWideUnsure, FamilyMember, WideUnsure, with_family};
        let member: FamilyMember = "Small".parse().unwrap();
        let small = with_family!(member, |Net, Twin| see!(Net, Twin, x));
        (
            small,
            see!(WideUnsure, BayesWideUnsure, x),
            member.parameters(),
        )
    };
    assert_eq!(source, expansion);
    assert!(source.0.kl > 0.0 && source.1.kl > 0.0 && source.0 != source.1);
}
