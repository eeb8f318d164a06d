//! The way of weights from a plain net into its twin and back, and that of drawn ones into predictions.

use super::examples::{BayesPictures, BayesSequences, Pictures, Sequences};
use super::*;
use crate::parameters::{change, parameters, spread_out};
use bayes_core::estimator::EstimatorKind;
use bayes_core::prelude::*;
use proptest::collection::vec;
use proptest::num::f32::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};

#[bayesian(moped = 0.3)]
struct Pretrained {
    fc1: Linear<3, 5>,
    act: Tanh,
    fc2: Linear<5, 2>,
}

/// Dotted names and bits of a model's numbers.
fn bits<M: TensorCollection<f32, Cpu>>(model: &M) -> Vec<(String, Vec<u64>)> {
    let of = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect();
    let all = parameters(model).into_iter();
    all.map(|tensor| (tensor.name, of(tensor.values))).collect()
}

/// Sets the numbers of a model to `values`, over and over.
fn fill<M: TensorCollection<f32, Cpu>>(model: &mut M, values: &[f32]) {
    let mut values = values.iter().cycle();
    change(model, &mut |_, _, old| {
        values.next().map_or(old, |&value| value.into())
    });
}

/// Zeros of both signs, subnormal numbers and the largest ones come back as they went in.
#[test]
fn the_mean_of_a_fresh_twin_is_the_plain_net_bit_for_bit() {
    let numbers = vec(POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, 1..60);
    let dev = Cpu::seed_from_u64(62);
    macro_rules! check {
        ($($Net:ident $Bayes:ident),*) => {$(
            let net = dev.build_module::<$Net, f32>();
            for_all(32, &numbers, |values| {
                let mut net = net.clone();
                fill(&mut net, &values);
                let twin = $Bayes::from_pretrained(&net).expect("a twin");
                let mean = twin.mean().expect("the mean");
                prop_assert_eq!(bits(&mean), bits(&net));
                Ok(())
            });
        )*};
    }
    check!(Pretrained BayesPretrained, Pictures BayesPictures, Sequences BayesSequences);
}

#[test]
fn a_sample_is_member_0_of_its_prediction() {
    let by = EstimatorKind::Reparameterization;
    let dev = Cpu::seed_from_u64(63);
    macro_rules! check {
        ($Net:ident $Bayes:ident, |$rows:ident, $a:ident, $b:ident| $shape:expr) => {
            let mut twin =
                $Bayes::from_pretrained(&dev.build_module::<$Net, f32>()).expect("a twin");
            spread_out(&mut twin);
            for_all(
                16,
                (any::<u64>(), 1usize..=20, 1usize..=8, 1usize..=8),
                |(seed, $rows, $a, $b)| {
                    let x = Cpu::seed_from_u64(seed).sample_normal_like(&$shape);
                    let members = twin.predict(x.clone(), 2, seed).estimator(by).draws();
                    let members = members.expect("draws");
                    let sampled = twin.sample(seed).expect("a sample");
                    let alone = predict(&sampled, x, 1, !seed).draws().expect("draws");
                    let same = |member| alone.values == members.member(member);
                    prop_assert!(same(0) && !same(1), "{:?} and {:?}", alone, members);
                    Ok(())
                },
            );
        };
    }
    check!(Pictures BayesPictures, |rows, a, b| (rows, Const::<2>, a, b));
    check!(Sequences BayesSequences, |rows, a, _b| (rows, a, Const::<3>));
}
