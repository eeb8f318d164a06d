//! What the attribute writes, as files: `expansions/` holds the expansion of each model in `sources/`.
//!
//! Here both are compiled, and they must behave alike and as a twin that is written by hand, bit for bit. That the files
//! are what the macro writes is tested in `bayes-macros`, where `BLESS=1 cargo test -p bayes-macros expansion` writes them
//! anew.

mod by_hand;

mod sources {
    pub mod block;
    pub mod family;
    pub mod forecast;
    pub mod lenet;
    pub mod modules;
    pub mod nested;
    pub mod residual;
    pub mod small;
}

#[expect(clippy::all, reason = "generated code, as the compiler sees it")]
mod expansions {
    pub mod block;
    pub mod family;
    pub mod forecast;
    pub mod lenet;
    pub mod modules;
    pub mod nested;
    pub mod residual;
    pub mod small;
}

use bayes_core::device::kernel_calls;
use bayes_core::prelude::*;

/// What a model gives in a draw: outputs, the KL, and the outputs of many draws.
#[derive(Debug, PartialEq)]
struct Seen {
    outputs: Vec<f32>,
    /// The kernels that these outputs took.
    kernels: Vec<&'static str>,
    kl: f32,
    draws: Vec<f32>,
    sampled: Vec<f32>,
}

/// What the twin of `net` gives for `x`.
macro_rules! see {
    ($Bayes:ty, $net:expr, $x:expr) => {{
        let bayes = <$Bayes>::from_pretrained(&$net).unwrap();
        let view = bayes.eval(Key::new(3, 1));
        let (outputs, kernels) = kernel_calls(|| view.forward($x.clone()).as_vec());
        Seen {
            outputs,
            kernels,
            kl: bayes.kl::<NoneTape>().array(),
            draws: bayes.predict($x.clone(), 4, 9).draws().unwrap().values,
            sampled: {
                let sampled = bayes.sample(9).unwrap();
                let view = Bind::eval(&sampled, &Key::MEAN.into());
                view.forward($x.clone()).as_vec()
            },
        }
    }};
}

/// Compares a model with its written expansion and with the twin by hand: `of` makes the plain net.
macro_rules! alike {
    ($name:ident: $Bayes:ident<$($arg:tt),*>, $x:expr, $of:expr) => {{
        let x = $x;
        let source = {
            use sources::$name::*;
            let net = $of;
            let source = see!($Bayes<$($arg),*>, net, x);
            assert_eq!(by_hand::$name(&net, &x), source, "by hand");
            source
        };
        let expansion = {
            use expansions::$name::*;
            see!($Bayes<$($arg),*>, $of, x)
        };
        assert_eq!(source, expansion);
        assert!(source.outputs.iter().all(|y| y.is_finite()) && source.kl > 0.0);
        assert_ne!(source.outputs, source.sampled);
        assert!(source.kernels.len() > 1);
    }};
}

fn dev() -> Cpu {
    Cpu::seed_from_u64(11)
}

#[test]
fn a_small_net() {
    let x: Tensor<Rank2<5, 4>, f32, Cpu> = dev().sample_normal();
    alike!(small: BayesSmall<f32, Cpu>, x, dev().build_module::<Small, f32>());
}

#[test]
fn a_residual_net() {
    let x: Tensor<Rank4<5, 2, 6, 6>, f32, Cpu> = dev().sample_normal();
    alike!(residual: BayesResidual2<2, f32, Cpu>, x, dev().build_module::<Residual2<2>, f32>());
}

#[test]
fn a_forward_pass_of_its_own() {
    let x: Tensor<Rank4<5, 2, 6, 6>, f32, Cpu> = dev().sample_normal();
    alike!(block: BayesBlock<f32, Cpu>, x, dev().build_module::<Block, f32>());
}

#[test]
fn an_image_classifier() {
    let x: Tensor<Rank4<5, 1, 8, 8>, f32, Cpu> = dev().sample_normal();
    alike!(lenet: BayesLeNet<f32, Cpu>, x, dev().build_module::<LeNet, f32>());
}

#[test]
fn a_recurrent_net() {
    let x: Tensor<Rank3<5, 4, 2>, f32, Cpu> = dev().sample_normal();
    alike!(forecast: BayesForecast<f32, Cpu>, x, dev().build_module::<Forecast, f32>());
}

#[test]
fn a_struct_of_modules() {
    let x: Tensor<Rank2<5, 4>, f32, Cpu> = dev().sample_normal();
    alike!(modules: BayesModules<6, f32, Cpu>, x, {
        let device = dev();
        Modules::<f32, Cpu, 6> {
            fc1: BuildModule::build(&device),
            act: Tanh,
            fc2: BuildModule::build(&device),
        }
    });
}

#[test]
fn a_struct_in_a_struct() {
    let x: Tensor<Rank2<5, 4>, f32, Cpu> = dev().sample_normal();
    alike!(nested: BayesNested<f32, Cpu>, x, dev().build_module::<Nested, f32>());
}

#[test]
fn members_of_a_family() {
    let x: Tensor<Rank2<5, 4>, f32, Cpu> = dev().sample_normal();
    alike!(family: BayesWideUnsure<f32, Cpu>, x.clone(), dev().build_module::<WideUnsure, f32>());
    let seen = |member: &str| {
        use expansions::family::{FamilyMember, with_family};
        let member: FamilyMember = member.parse().unwrap();
        with_family!(member, |Net, Twin| {
            see!(Twin<f32, Cpu>, dev().build_module::<Net, f32>(), x)
        })
    };
    let by_name = |member: &str| {
        use sources::family::{FamilyMember, with_family};
        let member: FamilyMember = member.parse().unwrap();
        with_family!(member, |Net, Twin| {
            see!(Twin<f32, Cpu>, dev().build_module::<Net, f32>(), x)
        })
    };
    for member in ["Small", "WideSure"] {
        assert_eq!(by_name(member), seen(member), "{member}");
    }
    assert_ne!(by_name("WideSure"), by_name("WideUnsure"));
}
