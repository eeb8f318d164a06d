//! Spec form, module form, generics, nesting, aliases, a user's own layer.

use bayes_core::prelude::*;

/// A small net with a residual block.
#[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 1.0), estimator = Flipout, moped = 0.5)]
pub struct Net {
    /// First convolution.
    pub conv1: (Conv2D<1, 4, 3, 1, 1>, Bias2D<4>),
    pub act1: ReLU,
    pub res: Residual<(Conv2D<4, 4, 3, 1, 1>, BatchNorm2D<4>, ReLU)>,
    pub pool: MaxPool2D<2, 2>,
    pub flatten: Flatten,
    #[bayes(estimator = LocalReparameterization)]
    pub fc: Linear<64, 16>,
    pub act2: Tanh,
    #[bayes(skip)]
    pub head: Linear<16, 10>,
}

#[bayesian(moped = 0.2)]
struct Wide<const H: usize> {
    fc1: Linear<4, H>,
    act: ReLU,
    more: Repeated<(Linear<H, H>, ReLU), 2>,
    fc2: Linear<H, 3>,
}

#[bayesian(estimator = Reparameterization)]
struct Outer {
    inner: Wide<5>,
    head: Linear<3, 2>,
}

type Block = (Linear<4, 4>, ReLU);

#[bayesian]
struct Aliased {
    block: Block,
    out: Linear<4, 2>,
}

#[bayesian(prior = Gaussian(0.0, FanIn))]
struct ModuleForm<E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 6, E, D>,
    act: ReLU,
    #[bayes(skip)]
    fc2: modules::Linear<6, 2, E, D>,
}

#[test]
fn all_forms() {
    let dev = Cpu::seed_from_u64(1);
    let mut net = dev.build_module::<Net, f32>();
    let x: Tensor<Rank4<6, 1, 8, 8>, f32, _> = dev.sample_normal();
    let y: Tensor<Rank2<6, 10>, f32, _> = net.forward(x.clone());
    let grads = net.alloc_grads();
    let _ = net.forward_mut(x.trace(grads)).square().mean().backward();
    let mut bayes = BayesNet::from_pretrained(&net).unwrap();
    let _ = bayes.eval(Key::new(3, 0)).forward(x.clone());
    let grads = bayes.alloc_grads();
    let loss = bayes
        .train(Key::new(3, 0))
        .forward(x.trace(grads))
        .square()
        .mean();
    let loss = elbo_loss(loss, bayes.kl(), 100, 1.0).unwrap();
    let g = loss.backward();
    assert!(
        g.get(&bayes.conv1.0.weight.rho)
            .as_vec()
            .iter()
            .any(|g| *g != 0.0)
    );
    println!("{:?}", bayes.kl_per_layer().unwrap());
    let c = bayes.predict(x.clone(), 5, 7).classify().unwrap();
    println!("{:?}", c.mutual_information);
    let mean = bayes.mean().unwrap().forward(x.clone());
    println!("{:?} {:?}", mean.array()[0], y.array()[0]);
    let outer = dev.build_module::<Outer, f64>();
    let b = BayesOuter::from_pretrained(&outer).unwrap();
    println!("{:?}", b.kl_per_layer().unwrap());
    let x: Tensor<Rank2<3, 4>, f64, _> = dev.sample_normal();
    println!("{:?}", b.predict(x.clone(), 3, 1).draws().unwrap());
    println!("{:?}", b.sample(1).unwrap().forward(x).as_vec());
}
