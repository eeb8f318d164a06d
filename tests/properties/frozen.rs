//! Freezing: what an optimiser leaves alone keeps every bit, whatever momentum and weight decay say.

use crate::parameters::{Parameter, parameters};
use bayes_core::optim::{
    Adam, AdamConfig, AdamW, AdamWConfig, GradientDescent, Rule, Sgd, SgdConfig,
};
use bayes_core::prelude::*;

#[bayesian(input = (1, 6, 6))]
struct Net {
    conv1: (Conv2D<1, 3, 3, 1, 1>, Bias2D<3>),
    norm: BatchNorm2D<3>,
    act: ReLU,
    conv2: Conv2D<3, 4, 3>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 2>,
}

type Trained = BayesNet<f32, Cpu>;

fn net() -> Trained {
    let plain = Cpu::seed_from_u64(1).build_module::<Net, f32>();
    BayesNet::from_pretrained(&plain).expect("a twin")
}

/// Ten steps, of which each moves the running statistics.
fn train<R: Rule>(model: &mut Trained, optimizer: &mut GradientDescent<R, f32>) {
    for step in 0..10 {
        let x: Tensor<Rank4<5, 1, 6, 6>, f32, _> = Cpu::seed_from_u64(step).sample_normal();
        let grads = model.alloc_grads();
        let y = model.train(Key::new(2, step)).forward(x.trace(grads));
        let loss = elbo_loss((y - 1.0).square().mean(), model.kl(), 50, 1.0).expect("a loss");
        optimizer
            .update(model, &loss.backward())
            .expect("an update");
    }
}

/// Asserts that of all tensors exactly those that `trained` names have changed, and the running statistics.
fn assert_changed(before: &[Parameter], model: &Trained, trained: impl Fn(&str) -> bool) {
    for (before, after) in before.iter().zip(parameters(model)) {
        let name = before.name.as_str();
        let bits = |p: &Parameter| p.values.iter().map(|v| v.to_bits()).collect::<Vec<u64>>();
        let changed = bits(before) != bits(&after);
        let want = name.contains("running") || before.trains && trained(name);
        assert_eq!(changed, want, "{name}");
    }
}

/// By freezing, by naming what alone is trained, and by both.
fn check<R: Rule + Copy>(new: impl Fn() -> GradientDescent<R, f32>) {
    let mut model = net();
    let before = parameters(&model);
    let mut optimizer = new();
    optimizer.freeze("conv1");
    optimizer.freeze("norm");
    optimizer.freeze("fc.bias.rho");
    train(&mut model, &mut optimizer);
    assert_changed(&before, &model, |name| {
        name.starts_with("conv2") || name.starts_with("fc") && name != "fc.bias.rho"
    });

    let mut model = net();
    let mut optimizer = new();
    optimizer.only("fc");
    optimizer.only("norm.scale");
    optimizer.freeze("fc.bias");
    train(&mut model, &mut optimizer);
    assert_changed(&before, &model, |name| {
        name.starts_with("fc.weight") || name == "norm.scale"
    });
}

#[test]
fn sgd_with_momentum_and_weight_decay_leaves_frozen_tensors_alone() {
    check(|| {
        let config = SgdConfig {
            lr: 0.05,
            momentum: 0.9,
            weight_decay: 0.01,
            ..SgdConfig::default()
        };
        Sgd::new(config).expect("a setting")
    });
}

#[test]
fn adam_with_weight_decay_leaves_frozen_tensors_alone() {
    check(|| {
        let config = AdamConfig {
            lr: 0.01,
            weight_decay: 0.01,
            ..AdamConfig::default()
        };
        Adam::new(config).expect("a setting")
    });
}

#[test]
fn adamw_leaves_frozen_tensors_alone() {
    check(|| {
        let config = AdamWConfig {
            lr: 0.01,
            weight_decay: 0.1,
            ..AdamWConfig::default()
        };
        AdamW::new(config).expect("a setting")
    });
}

/// The running statistics are the forward pass's: one of prediction, on a tape, leaves them as they are.
#[test]
fn training_in_a_view_of_prediction_keeps_running_statistics() {
    let mut model = net();
    let before = model.norm.clone();
    let mut sgd = Sgd::new(SgdConfig::default()).expect("a setting");
    sgd.only("fc");
    let x: Tensor<Rank4<5, 1, 6, 6>, f32, _> = Cpu::seed_from_u64(0).sample_normal();
    let y = model
        .eval(Key::new(2, 0))
        .forward(x.trace(model.alloc_grads()));
    let loss = elbo_loss(y.square().mean(), model.kl(), 50, 1.0).expect("a loss");
    let weights = model.fc.weight.mu.as_vec();
    sgd.update(&mut model, &loss.backward()).expect("an update");
    assert_ne!(model.fc.weight.mu.as_vec(), weights);
    let after = &model.norm;
    assert_eq!(after.running_mean.as_vec(), before.running_mean.as_vec());
    assert_eq!(after.running_var.as_vec(), before.running_var.as_vec());
}
