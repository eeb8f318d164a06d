//! A pre-activation residual block (He et al. 2016): normalisation and activation in front of each convolution.

use super::{kl_names, trained};
use bayes_core::dfdx::optim::{Optimizer, Sgd, SgdConfig};
use bayes_core::dfdx::tensor::WithEmptyTape;
use bayes_core::prelude::*;

#[bayesian(forward, estimator = Reparameterization)]
pub struct Block<const C: usize> {
    bn1: BatchNorm2D<C>,
    conv1: Conv2D<C, C, 3, 1, 1>,
    bn2: BatchNorm2D<C>,
    drop: DropoutOneIn<4>,
    conv2: Conv2D<C, C, 3, 1, 1>,
}

#[bayesian(forward)]
impl<const C: usize> Block<C> {
    fn forward<E: Dtype, D: Device<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<C>, H, W), E, D, T>,
    ) -> Result<Tensor<(B, Const<C>, H, W), E, D, T>, D::Err> {
        let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
        let y = self.conv1.try_forward(y)?;
        let y = self.bn2.try_forward(y)?.try_relu()?;
        x.try_add(self.conv2.try_forward(self.drop.try_forward(y)?)?)
    }
}

/// A struct of fields in order around it.
#[bayesian(input = (2, 6, 6), estimator = Flipout)]
pub struct Net {
    stem: Conv2D<2, 4, 3, 1, 1>,
    blocks: Repeated<Block<4>, 2>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 3>,
}

/// The same weights in layers without a struct.
fn by_hand(block: &DeviceBlock<4, f64, Cpu>, x: Tensor<Rank4<2, 4, 5, 6>, f64, Cpu>) -> Vec<f64> {
    let y = block.conv1.forward(block.bn1.forward(x.clone()).relu());
    let y = block.conv2.forward(block.bn2.forward(y).relu());
    (x + y).as_vec()
}

#[test]
fn a_block_is_its_layers() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Block<4>, f64>();
    let x: Tensor<Rank4<2, 4, 5, 6>, f64, _> = dev.sample_normal();
    let want = by_hand(&plain, x.clone());
    let y: Tensor<Rank4<2, 4, 5, 6>, f64, _> = plain.forward(x.clone());
    assert_eq!(y.as_vec(), want);
    let dynamic = x
        .clone()
        .reshape_like(&(2usize, Const::<4>, 5usize, 6usize));
    let y: Tensor<(usize, Const<4>, usize, usize), f64, _> = plain.forward(dynamic.clone());
    assert_eq!(y.as_vec(), want);

    let bayes = BayesBlock::from_pretrained(&plain).expect("a twin");
    assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), want);
    assert_eq!(
        bayes.mean().expect("the mean").forward(x.clone()).as_vec(),
        want
    );
    let drawn = bayes.eval(Key::new(3, 0)).forward(x.clone()).as_vec();
    assert_ne!(drawn, want);
    assert_eq!(bayes.eval(Key::new(3, 0)).forward(dynamic).as_vec(), drawn);
    let sampled = bayes.sample(3).expect("a sample");
    assert_eq!(by_hand(&sampled, x), drawn);
}

#[test]
fn a_block_in_a_net_is_one_of_its_layers() {
    let dev = Cpu::seed_from_u64(2);
    let plain = dev.build_module::<Net, f64>();
    let x: Tensor<Rank4<5, 2, 6, 6>, f64, _> = dev.sample_normal();
    let want = plain.forward(x.clone()).as_vec();
    let mut bayes = BayesNet::from_pretrained(&plain).expect("a twin");
    assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), want);
    let draws = bayes.predict(x.clone(), 3, 7).draws().expect("draws");
    let member = bayes
        .eval(Draw::from(Key::new(7, 1)).joint())
        .forward(x.clone());
    assert_eq!(draws.member(1), member.as_vec());
    assert_ne!(draws.member(0), draws.member(1));
    assert_eq!(
        bayes
            .predict(x.clone(), 4, 7)
            .classify()
            .expect("classes")
            .classes,
        3
    );

    let seen = bayes.blocks.modules[1].bn2.running_mean.as_vec();
    let y = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    let gradients = y.square().sum::<Rank0, _>().backward();
    let names = trained(&bayes, &gradients);
    assert_eq!(
        names,
        [
            "stem.weight",
            "blocks.0.conv1.weight",
            "blocks.0.conv2.weight",
            "blocks.1.conv1.weight",
            "blocks.1.conv2.weight",
            "fc.weight",
            "fc.bias",
        ]
    );
    assert_eq!(kl_names!(bayes), names);
    assert_ne!(bayes.blocks.modules[1].bn2.running_mean.as_vec(), seen);
}

type Traced = Tensor<Rank2<5, 3>, f64, Cpu, OwnedTape<f64, Cpu>>;

/// dfdx's generic training code: `ModuleMut`, gradients, an optimiser.
fn step<M, X>(model: &mut M, sgd: &mut Sgd<M, f64, Cpu>, x: X) -> f64
where
    M: TensorCollection<f64, Cpu>,
    X: Trace<f64, Cpu>,
    M: ModuleMut<X::Traced, Output = Traced, Error = CpuError>,
{
    let y = model.forward_mut(x.trace(model.alloc_grads()));
    let loss = y.square().mean::<Rank0, _>();
    let value = loss.array();
    let gradients = loss.backward();
    sgd.update(model, &gradients).expect("all are used");
    value
}

#[test]
fn a_plain_net_trains_as_dfdx_trains() {
    let dev = Cpu::seed_from_u64(2);
    let mut plain = dev.build_module::<Net, f64>();
    let x: Tensor<Rank4<5, 2, 6, 6>, f64, _> = dev.sample_normal();
    let mut sgd = Sgd::new(
        &plain,
        SgdConfig {
            lr: 0.1,
            ..Default::default()
        },
    );
    let mut losses = Vec::new();
    for _ in 0..20 {
        losses.push(step(&mut plain, &mut sgd, x.clone()));
    }
    assert!(losses[19] < 0.5 * losses[0], "{losses:?}");
    let block = &mut plain.blocks.modules[0];
    assert!(
        block
            .bn1
            .running_mean
            .as_vec()
            .iter()
            .any(|mean| *mean != 0.0)
    );
    // A training step drops by the device's random numbers: two of them are two, as in dfdx.
    let x: Tensor<Rank4<2, 4, 5, 6>, f64, _> = dev.sample_normal();
    let mut forward = || block.forward_mut(x.leaky_trace()).as_vec();
    assert_ne!(forward(), forward());
}
