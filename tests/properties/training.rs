//! Training a twin: dfdx's loops and optimisers and ours, batch normalisation, dropout.

use crate::parameters::parameters;
use bayes_core::dfdx::optim as theirs;
use bayes_core::optim as ours;
use bayes_core::prelude::*;

const ROWS: usize = 48;

#[bayesian(posterior = MeanField(rho = -4.0))]
struct Net {
    fc1: Linear<2, 16>,
    act: Tanh,
    fc2: Linear<16, 1>,
}

type Trained = BayesNet<f32, Cpu>;
type Recorded = OwnedTape<f32, Cpu>;
type Inputs = Tensor<Rank2<ROWS, 2>, f32, Cpu>;
type Targets = Tensor<Rank2<ROWS, 1>, f32, Cpu>;

/// A smooth function of two numbers.
fn data() -> (Inputs, Targets) {
    let dev = Cpu::seed_from_u64(40);
    let x: Inputs = dev.sample_uniform();
    let f = |row: &[f32]| (3.0 * row[0]).sin() - row[1];
    let y: Vec<f32> = x.as_vec().chunks_exact(2).map(f).collect();
    (x, dev.tensor_from_vec(y, (Const, Const)))
}

/// The forward pass of a training loop that knows dfdx's trait alone.
fn data_loss<X, M>(model: &mut M, x: X, targets: &Targets) -> Tensor<Rank0, f32, Cpu, Recorded>
where
    M: ModuleMut<X, Output = Tensor<Rank2<ROWS, 1>, f32, Cpu, Recorded>>,
{
    let y = model.forward_mut(x);
    (y - targets.clone()).square().mean()
}

/// The mean squared error of the posterior mean.
fn error_of_the_mean(bayes: &Trained) -> f32 {
    let (x, targets) = data();
    let y = bayes.eval(Key::MEAN).forward(x);
    (y - targets).square().mean::<Rank0, _>().array()
}

/// Trains a twin for 300 steps; gives the mean's error before and after.
fn train(mut update: impl FnMut(&mut Trained, &Gradients<f32, Cpu>)) -> (f32, f32) {
    let dev = Cpu::seed_from_u64(41);
    let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).expect("a twin");
    let before = error_of_the_mean(&bayes);
    let (x, targets) = data();
    for sample in 0..300 {
        let grads = bayes.alloc_grads();
        let mut view = bayes.train(Key::new(42, sample));
        let data = data_loss(&mut view, x.trace(grads), &targets);
        let loss = elbo_loss(data, bayes.kl(), 10_000, 1.0).expect("a loss");
        update(&mut bayes, &loss.backward());
    }
    (before, error_of_the_mean(&bayes))
}

fn assert_learned((before, after): (f32, f32), what: &str) {
    assert!(before > 0.2, "{what} starts at {before}: nothing to learn");
    assert!(after < 0.25 * before, "{what}: {before} to {after}");
}

/// An update by dfdx's trait, with an optimiser made for the model at the first step.
fn by_trait<O: Optimizer<Trained, Cpu, f32>>(
    make: impl Fn(&Trained) -> O,
) -> impl FnMut(&mut Trained, &Gradients<f32, Cpu>) {
    let mut optimizer = None;
    move |bayes, gradients| {
        let optimizer = optimizer.get_or_insert_with(|| make(bayes));
        optimizer.update(bayes, gradients).expect("an update");
    }
}

#[test]
fn dfdx_optimisers_train_a_twin() {
    let config = theirs::AdamConfig {
        lr: 0.01,
        ..Default::default()
    };
    assert_learned(
        train(by_trait(|bayes| theirs::Adam::new(bayes, config))),
        "dfdx Adam",
    );
    let config = theirs::SgdConfig {
        lr: 0.1,
        momentum: Some(Momentum::Classic(0.9)),
        weight_decay: None,
    };
    assert_learned(
        train(by_trait(|bayes| theirs::Sgd::new(bayes, config))),
        "dfdx SGD",
    );
}

#[test]
fn our_optimisers_train_a_twin() {
    let config = ours::AdamConfig {
        lr: 0.01,
        ..Default::default()
    };
    let mut adam = ours::Adam::new(config).expect("a setting");
    assert_learned(
        train(|bayes, g| adam.update(bayes, g).expect("an update")),
        "Adam",
    );
    let config = ours::SgdConfig {
        lr: 0.1,
        momentum: 0.9,
        ..Default::default()
    };
    let mut sgd = ours::Sgd::new(config).expect("a setting");
    assert_learned(
        train(|bayes, g| sgd.update(bayes, g).expect("an update")),
        "SGD",
    );
}

/// Two optimisers that compute the same give the same path: dfdx's Adam and ours, by dfdx's trait.
#[test]
fn our_adam_walks_as_dfdx_does() {
    let config = theirs::AdamConfig {
        lr: 0.01,
        ..Default::default()
    };
    let (_, dfdx) = train(by_trait(|bayes| theirs::Adam::new(bayes, config)));
    let config = ours::AdamConfig {
        lr: 0.01,
        ..Default::default()
    };
    let (_, own) = train(by_trait(|_| ours::Adam::new(config).expect("a setting")));
    assert!((dfdx - own).abs() <= 0.02 * dfdx, "{own} instead of {dfdx}");
}

#[test]
fn the_plain_net_trains_in_the_same_loop() {
    let dev = Cpu::seed_from_u64(43);
    let mut plain = dev.build_module::<Net, f32>();
    let (x, targets) = data();
    let config = theirs::AdamConfig {
        lr: 0.01,
        ..Default::default()
    };
    let mut adam = theirs::Adam::new(&plain, config);
    let mut losses = Vec::new();
    for _ in 0..300 {
        let grads = plain.alloc_grads();
        let loss = data_loss(&mut plain, x.trace(grads), &targets);
        losses.push(loss.array());
        adam.update(&mut plain, &loss.backward())
            .expect("an update");
    }
    assert!(
        losses[299] < 0.1 * losses[0],
        "{} to {}",
        losses[0],
        losses[299]
    );
}

#[bayesian(input = (2, 3, 3))]
struct Normed {
    norm: BatchNorm2D<2>,
    conv: Conv2D<2, 1, 3>,
}

/// Running mean and variance of `norm`.
fn statistics(bayes: &BayesNormed<f64, Cpu>) -> [Vec<f64>; 2] {
    [
        bayes.norm.running_mean.as_vec(),
        bayes.norm.running_var.as_vec(),
    ]
}

#[test]
fn running_statistics_move_in_train_views_only() {
    let dev = Cpu::seed_from_u64(44);
    let mut bayes =
        BayesNormed::from_pretrained(&dev.build_module::<Normed, f64>()).expect("a twin");
    let x: Tensor<Rank4<4, 2, 3, 3>, f64, _> = dev.sample_normal();
    let fresh = statistics(&bayes);
    assert_eq!(fresh, [vec![0.0; 2], vec![1.0; 2]]);
    let _ = bayes.eval(Key::new(1, 0)).forward(x.clone());
    let _ = bayes.eval(Key::new(1, 0)).forward(x.leaky_trace());
    let _ = bayes.predict(x.clone(), 2, 1).draws().expect("draws");
    assert_eq!(statistics(&bayes), fresh, "eval views");
    let _ = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    let values = x.as_vec();
    for (channel, (mean, variance)) in statistics(&bayes)[0]
        .iter()
        .zip(&statistics(&bayes)[1])
        .enumerate()
    {
        let seen: Vec<f64> = (0..4)
            .flat_map(|n| values[(n * 2 + channel) * 9..][..9].to_vec())
            .collect();
        let batch_mean = seen.iter().sum::<f64>() / 36.0;
        let squares: f64 = seen.iter().map(|x| (x - batch_mean).powi(2)).sum();
        assert!((mean - 0.1 * batch_mean).abs() <= 1e-14, "mean {mean}");
        let want = 0.9 + 0.1 * squares / 35.0;
        assert!(
            (variance - want).abs() <= 1e-14,
            "variance {variance} instead of {want}"
        );
    }
}

#[test]
fn one_value_for_each_channel_cannot_be_normalised() {
    let dev = Cpu::seed_from_u64(45);
    let mut bayes =
        BayesNormed::from_pretrained(&dev.build_module::<Normed, f64>()).expect("a twin");
    let one: Tensor<Rank4<1, 2, 1, 1>, f64, _> = dev.sample_normal();
    let before = statistics(&bayes);
    let view = bayes.train(Key::new(1, 0));
    assert!(view.norm.try_forward(one.leaky_trace()).is_err());
    drop(view);
    assert_eq!(statistics(&bayes), before);
}

#[bayesian]
struct Dropped {
    half: Dropout,
    quarter: DropoutOneIn<4>,
    fc: Linear<64, 2>,
}

type Ones = Tensor<Rank2<64, 64>, f32, Cpu>;

fn dropped() -> (BayesDropped<f32, Cpu>, Ones) {
    let dev = Cpu::seed_from_u64(46);
    let bayes = BayesDropped::from_pretrained(&dev.build_module::<Dropped, f32>()).expect("a twin");
    (bayes, dev.ones())
}

/// Asserts that a mask holds zeros with probability `p`, within 5 standard errors, and else 1/(1 − p).
fn assert_mask(mask: &[f32], p: f64) {
    let kept = (1.0 / (1.0 - p)) as f32;
    assert!(mask.iter().all(|&m| m == 0.0 || (m - kept).abs() < 1e-6));
    let zeros = mask.iter().filter(|&&m| m == 0.0).count() as f64 / mask.len() as f64;
    let bound = 5.0 * (p * (1.0 - p) / mask.len() as f64).sqrt();
    assert!(
        (zeros - p).abs() <= bound,
        "{zeros} instead of {p} ± {bound}"
    );
}

#[test]
fn dropout_takes_its_noise_from_the_key() {
    let (mut bayes, ones) = dropped();
    let mut half = |key: Key| bayes.train(key).half.forward(ones.clone()).as_vec();
    let mask = half(Key::new(1, 0));
    assert_mask(&mask, 0.5);
    assert_eq!(mask, half(Key::new(1, 0)));
    assert_ne!(mask, half(Key::new(1, 1)));
    assert_ne!(mask, half(Key::new(2, 0)));
    // Each example keeps its mask in another batch.
    assert_eq!(
        mask[10 * 64..],
        half(Key::new(1, 0).at_example(10))[..54 * 64]
    );
    let quarter = bayes
        .train(Key::new(1, 0))
        .quarter
        .forward(ones.clone())
        .as_vec();
    assert_mask(&quarter, 0.25);
    let dropped = |mask: &[f32]| mask.iter().map(|&m| m == 0.0).collect::<Vec<_>>();
    assert_ne!(
        dropped(&mask),
        dropped(&quarter),
        "two layers with one noise"
    );
}

#[test]
fn dropout_passes_the_gradient_of_what_it_keeps() {
    let (mut bayes, ones) = dropped();
    let y = bayes.train(Key::new(1, 0)).half.forward(ones.leaky_trace());
    let mask = y.as_vec();
    assert_eq!(y.sum::<Rank0, _>().backward().get(&ones).as_vec(), mask);
}

#[test]
fn dropout_drops_nothing_in_an_eval_view() {
    let (bayes, ones) = dropped();
    let view = bayes.eval(Key::new(1, 0));
    assert_eq!(view.half.forward(ones.clone()).as_vec(), ones.as_vec());
    assert_eq!(view.quarter.forward(ones.clone()).as_vec(), ones.as_vec());
}

/// A step changes every trained tensor, rho included.
#[test]
fn one_step_reaches_every_parameter() {
    let dev = Cpu::seed_from_u64(47);
    let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).expect("a twin");
    let before = parameters(&bayes);
    let (x, targets) = data();
    let grads = bayes.alloc_grads();
    let data = data_loss(&mut bayes.train(Key::new(1, 0)), x.trace(grads), &targets);
    let loss = elbo_loss(data, bayes.kl(), 100, 1.0).expect("a loss");
    let mut adam = ours::Adam::new(ours::AdamConfig::default()).expect("a setting");
    adam.update(&mut bayes, &loss.backward())
        .expect("an update");
    for (before, after) in before.iter().zip(parameters(&bayes)) {
        assert_ne!(before.values, after.values, "{}", before.name);
    }
}
