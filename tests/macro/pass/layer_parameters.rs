//! Type parameters that are layers: bounds in both places, with const parameters and defaults, nested, within
//! containers, skipped, and quantized.

use bayes_core::prelude::*;
use std::fmt::Debug;

#[bayesian(input = (8), estimator = Reparameterization)]
struct Block<L>
where
    L: Spec,
{
    inner: L,
    act: ReLU,
    #[bayes(moped = 0.1)]
    fc: Linear<8, 8>,
}

check_shapes!(Block<Linear<8, 8>>, Block<Block<Linear<8, 8>>>);

#[bayesian]
pub struct Wide<L: Spec + Debug = ReLU, const N: usize = 3>
where
    Linear<8, N>: Clone,
{
    pub residual: Residual<(L, Linear<8, 8>)>,
    pub blocks: Repeated<L, 2>,
    #[bayes(value = vec![N])]
    pub widths: Vec<usize>,
    pub head: Linear<8, N>,
    #[bayes(skip)]
    pub last: Linear<N, N>,
}

#[bayesian(crate = ::bayes_core)]
struct Two<A: Spec, B: Spec>(A, #[bayes(skip)] B);

type Row = Tensor<Rank2<5, 8>, f32, Cpu>;

fn names<M: Bayesian<f32, Cpu>>(bayes: &M) -> Vec<String> {
    let kl = kl_per_layer::<f32, Cpu, M>(bayes).unwrap();
    kl.into_iter().map(|kl| kl.name).collect()
}

/// Whether both see the same in the mean, to a twentieth of the largest output.
fn agree(want: &[f32], got: &[f32]) {
    let largest = want.iter().fold(0.0f32, |most, y| most.max(y.abs()));
    for (want, got) in want.iter().zip(got) {
        assert!((want - got).abs() <= 0.05 * largest, "{want} {got}");
    }
}

#[test]
fn a_layer_within_a_layer() {
    type Nested = Block<Block<Linear<8, 8>>>;
    let dev = Cpu::seed_from_u64(1);
    let net: DeviceBlock<Block<Linear<8, 8>>, f32, Cpu> = dev.build_module::<Nested, f32>();
    let mut bayes = BayesBlock::from_pretrained(&net).unwrap();
    assert_eq!(
        names(&bayes)[..3],
        ["inner.inner.weight", "inner.inner.bias", "inner.fc.weight"]
    );

    let x: Row = dev.sample_normal();
    let by_hand = net.fc.forward(net.inner.forward(x.clone()).relu());
    assert_eq!(net.forward(x.clone()).as_vec(), by_hand.as_vec());
    assert_eq!(
        bayes.eval(Key::MEAN).forward(x.clone()).as_vec(),
        by_hand.as_vec()
    );
    assert_eq!(
        bayes.mean().unwrap().forward(x.clone()).as_vec(),
        by_hand.as_vec()
    );
    let y = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    let gradients = (y.square().mean() + bayes.kl::<OwnedTape<f32, Cpu>>()).backward();
    let slope = gradients.get(&bayes.inner.inner.weight.rho).as_vec();
    assert!(slope.iter().any(|g| *g != 0.0));
    assert_eq!(
        bayes.predict(x.clone(), 3, 1).draws().unwrap().values.len(),
        3 * 5 * 8
    );

    let quant: QuantBlock<Block<Linear<8, 8>>> = bayes.quantize([x.clone()]).unwrap();
    let got = quant.eval(Key::MEAN).forward(x).as_vec();
    agree(&by_hand.as_vec(), &got);
}

#[test]
fn copies_and_other_numbers() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Block<Linear<8, 8>>, f32>();
    assert!(format!("{:?}", net.clone()).starts_with("DeviceBlock { inner: Linear"));
    let wide: DeviceBlock<Linear<8, 8>, f64, Cpu> = net.to_dtype::<f64>();
    let bayes = BayesBlock::from_pretrained(&net).unwrap();
    let wide_bayes = BayesBlock::from_pretrained(&wide).unwrap();
    let difference =
        wide_bayes.kl::<NoneTape>().array() - f64::from(bayes.kl::<NoneTape>().array());
    assert!(difference.abs() < 1e-2, "{difference}");
    assert_eq!(
        bayes.clone().to_dtype::<f64>().num_trainable_params(),
        bayes.num_trainable_params()
    );
    assert_eq!(
        bayes.alloc_grads().get(&bayes.inner.weight.rho).as_vec(),
        [0.0; 64]
    );
}

#[test]
fn with_const_parameters_defaults_and_values() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Wide, f32>();
    let x: Row = dev.sample_normal();
    let y: Tensor<Rank2<5, 3>, f32, Cpu> = net.forward(x.clone());
    let bayes = BayesWide::from_pretrained(&net).unwrap();
    assert_eq!(
        bayes.eval(Key::MEAN).forward(x.clone()).as_vec(),
        y.as_vec()
    );
    assert_eq!(bayes.widths, [3]);
    let quant: QuantWide = bayes.quantize([x.clone()]).unwrap();
    assert_eq!(quant.predict(x, 2, 1).classify().unwrap().classes, 3);
}

#[test]
fn a_skipped_layer() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Two<Linear<8, 4>, (ReLU, Linear<4, 2>)>, f32>();
    let bayes = BayesTwo::from_pretrained(&net).unwrap();
    assert_eq!(names(&bayes), ["0.weight", "0.bias"]);
    let sample = bayes.sample(1).unwrap();
    assert_eq!(sample.1.1.weight.as_vec(), net.1.1.weight.as_vec());
    assert!(format!("{sample:?}").starts_with("DeviceTwo(Linear"));
}
