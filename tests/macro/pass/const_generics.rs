//! Sizes as const parameters, in the fields and in the input, and members proven by name.

use bayes_core::prelude::*;

#[bayesian(input = (C, 8, 8), estimator = Reparameterization)]
struct Net<const C: usize, const H: usize> {
    conv: Conv2D<C, 4, 3>,
    act: ReLU,
    flatten: Flatten,
    fc1: Linear<144, H>,
    act2: ReLU,
    fc2: Linear<H, 10>,
}

check_shapes!(Net<1, 32>, Net<3, 64>);

#[bayesian(moped = 0.1)]
struct Ensemble<const H: usize>
where
    Linear<4, H>: Clone,
{
    fc1: Linear<4, H>,
    act: ReLU,
    fc2: Linear<H, 2>,
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Net<3, 16>, f32>();
    let x: Tensor<Rank4<2, 3, 8, 8>, f32, Cpu> = dev.sample_normal();
    let bayes = BayesNet::from_pretrained(&net)?;
    assert_eq!(bayes.predict(x, 3, 1).draws()?.values.len(), 3 * 2 * 10);
    let small = BayesEnsemble::from_pretrained(&dev.build_module::<Ensemble<5>, f64>())?;
    assert!(small.kl::<NoneTape>().array().is_finite());
    Ok(())
}
