//! CIFAR ResNet-20 with PyTorch's weights, plain and Bayesian: `model_resnet20`, `model_bayes_resnet20_reparam`.

use crate::fixture::{Fixture, Golden, compare, state_dict, tensors};
use crate::tape::upload;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::dfdx::prelude::*;
use bayes_core::estimator::EstimatorKind;
use bayes_core::int8::{Calibration, Int8, Whole, inspect, quantize_whole};
use bayes_core::prelude::{Key, predict};
use bayes_models::models::resnet_cifar::{
    BayesResNetCifar, DeviceResNet20, ResNet20, from_torch, to_torch,
};

/// The largest error of a logit, as a fraction of the largest one: twenty layers in `f32` that sum in another order.
const TOLERANCE: f64 = 1e-4;

type Pictures = Tensor<(usize, Const<3>, usize, usize), f32, Cpu>;

fn pictures(file: &Fixture) -> Pictures {
    let [batch, _, height, width] = file.tensor("x").sizes();
    upload(file.tensor("x"), (batch, Const, height, width))
}

fn assert_logits(file: &Fixture, way: &str, logits: &[f32]) {
    compare(way, file.tensor("y"), logits, TOLERANCE);
}

/// The numbers of the file's state that training moves.
fn trained(file: &Fixture) -> usize {
    let states = file.names().filter(|name| name.starts_with("state."));
    states
        .filter(|name| !name.contains("running_"))
        .map(|name| file.tensor(name).values.len())
        .sum()
}

#[test]
fn golden_model_resnet20() {
    let (file, state) = (
        Fixture::open("model_resnet20"),
        state_dict("model_resnet20"),
    );
    let mut net = Cpu::seed_from_u64(0).build_module::<ResNet20, f32>();
    let loaded = Checkpoint::load_torch(state.path(), &mut net, from_torch).expect("its state");
    assert_eq!(
        loaded.to_string(),
        "97 tensors loaded, `state.` taken off every name"
    );
    assert_eq!(net.num_trainable_params(), trained(&file));
    let x = pictures(&file);
    assert_logits(&file, "the plain net", &net.forward(x.clone()).as_vec());
    let draws = predict(&net, x, 1, 0).draws().expect("draws");
    assert_logits(&file, "a prediction of the plain net", &draws.values);

    let again = tempfile::NamedTempFile::new().expect("a file");
    Checkpoint::save_torch(again.path(), &net, |name| {
        format!("state.{}", to_torch(name))
    })
    .expect("a state dict");
    assert!(
        tensors(again.path()) == tensors(state.path()),
        "saved again"
    );
}

/// In 8-bit integers from layer to layer, with the option-A shortcuts among them.
#[test]
fn resnet20_in_integers() {
    let (file, state) = (
        Fixture::open("model_resnet20"),
        state_dict("model_resnet20"),
    );
    let mut net = Cpu::seed_from_u64(0).build_module::<ResNet20, f32>();
    Checkpoint::load_torch(state.path(), &mut net, from_torch).expect("its state");
    let twin = BayesResNetCifar::from_pretrained(&net).expect("a twin");
    let x = pictures(&file);
    // As one plan: the compiler takes half a minute to prove the layers' types in integers.
    let quant: Int8<Whole<DeviceResNet20<f32, Cpu>>> =
        quantize_whole(&twin, &Calibration::default(), [x.clone()]).expect("integers");
    let inspection = inspect(&quant);
    assert_eq!(inspection.dequantized(), 0, "{inspection}");
    let y = quant.eval(Key::MEAN).forward(x).as_vec();
    let pairs = || file.tensor("y").values.iter().zip(&y);
    let signal: f64 = pairs().map(|(want, _)| want.powi(2)).sum();
    let error: f64 = pairs()
        .map(|(want, got)| (want - f64::from(*got)).powi(2))
        .sum();
    let decibel = 10.0 * (signal / error).log10();
    println!("ResNet-20 in integers: {decibel:.1} dB");
    // Each of twenty layers rounds; weights as they start leave no class far ahead.
    assert!(decibel > 20.0, "{decibel} dB");
}

/// Its logits are one draw of bayesian-torch's with a sigma so small that every draw is the mean.
#[test]
fn golden_model_bayes_resnet20_reparam() {
    let name = "model_bayes_resnet20_reparam";
    let (file, state) = (Fixture::open(name), state_dict(name));
    let small = |rho: &Golden| rho.values.iter().all(|&rho| rho < -20.0);
    let mut rhos = file.names().filter(|name| name.contains("rho"));
    assert!(rhos.all(|name| small(file.tensor(name))), "sigma is near 0");

    let net = Cpu::seed_from_u64(0).build_module::<ResNet20, f32>();
    let mut twin = BayesResNetCifar::from_pretrained(&net).expect("a twin");
    let loaded = Checkpoint::load_bayesian_torch(state.path(), &mut twin, from_torch);
    assert_eq!(loaded.expect("its state").prefix, "state.");
    assert_eq!(twin.num_trainable_params(), trained(&file));
    let x = pictures(&file);
    for key in [Key::MEAN, Key::new(1, 0)] {
        let y = twin.eval(key).forward(x.clone());
        assert_logits(&file, &format!("the twin in {key:?}"), &y.as_vec());
    }
    let mean = twin.mean().expect("the mean").forward(x.clone());
    assert_logits(&file, "the mean", &mean.as_vec());
    for estimator in [EstimatorKind::Reparameterization, EstimatorKind::Flipout] {
        let draws = twin.predict(x.clone(), 2, 7).estimator(estimator).draws();
        let draws = draws.expect("draws");
        for sample in 0..2 {
            let way = format!("draw {sample} by {estimator}");
            assert_logits(&file, &way, draws.member(sample));
        }
    }

    let again = tempfile::NamedTempFile::new().expect("a file");
    Checkpoint::save_bayesian_torch(again.path(), &twin, |name| {
        format!("state.{}", to_torch(name))
    })
    .expect("a state dict");
    assert!(
        tensors(again.path()) == tensors(state.path()),
        "saved again"
    );
}
