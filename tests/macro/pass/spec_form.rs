//! Builder types, with every key.

use bayes_core::prelude::*;

const STD: f64 = 0.5;

/// A classifier of small images.
#[bayesian(
    input = (1, 8, 8),
    prior = Gaussian(0.0, 1.0),
    posterior = MeanField(rho = -4.0),
    estimator = Flipout,
    moped = 0.5,
    bayes = Uncertain,
    device = Weights,
)]
pub struct Net {
    pub conv: (Conv2D<1, 4, 3, 1, 1>, Bias2D<4>),
    pub act: ReLU,
    pub pool: MaxPool2D<2, 2>,
    pub flatten: Flatten,
    #[bayes(estimator = LocalReparameterization, prior = Gaussian(0, STD), moped = 0.1)]
    pub fc1: Linear<64, 16>,
    pub act2: Tanh,
    #[bayes(skip)]
    pub fc2: Linear<16, 3>,
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net: Weights<f32, Cpu> = dev.build_module::<Net, f32>();
    let bayes: Uncertain<f32, Cpu> = Uncertain::from_pretrained(&net)?;
    let x: Tensor<Rank4<5, 1, 8, 8>, f32, Cpu> = dev.sample_normal();
    let seen = bayes.predict(x.clone(), 4, 7).classify()?;
    assert_eq!(seen.predicted().len(), 5);
    let mean = bayes.mean()?.forward(x.clone()).as_vec();
    let plain: Tensor<Rank2<5, 3>, f32, Cpu> = net.forward(x);
    assert_eq!(mean, plain.as_vec());
    Ok(())
}
