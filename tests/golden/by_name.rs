//! Models by name, with the weights of PyTorch and bayesian-torch: what is loaded computes the file's logits and is exported
//! bit for bit.

use crate::fixture::{Fixture, compare, state_dict, tensors};
use bayes_core::int8::Calibration;
use bayes_core::prelude::Key;
use bayes_models::models::{Architecture, Drawing, Examples, Start, Trainable};
use std::path::Path;

const TOLERANCE: f64 = 1e-4;

fn pictures(file: &Fixture) -> Vec<f32> {
    file.tensor("x").to()
}

/// The names and bytes of the state `name`, without what wraps them.
fn assert_exported(model: &dyn Trainable, name: &str, loaded: &Path) {
    let again = tempfile::NamedTempFile::new().expect("a file");
    model.export(again.path()).expect("a state dict");
    let want = tensors(loaded).into_iter();
    let want = want.map(|(name, tensor)| (name["state.".len()..].to_owned(), tensor));
    assert!(tensors(again.path()) == want.collect(), "{name}, exported");
}

#[test]
fn resnet20_of_pytorch() {
    let (name, state) = ("model_resnet20", state_dict("model_resnet20"));
    let file = Fixture::open(name);
    let mut net = Architecture::ResNet20.plain(0).expect("a net");
    let loaded = net.load_weights(state.path()).expect("its state");
    let text = "97 tensors loaded, `state.` taken off every name";
    assert_eq!(loaded.to_string(), text);
    let x = pictures(&file);
    let x = Examples::new(file.tensor("x").shape[0], &x).expect("pictures");
    let want = file.tensor("y");
    let y = net.outputs(x, Key::MEAN).expect("logits");
    compare("the net by name", want, &y, TOLERANCE);
    assert_exported(&*net, name, state.path());

    let twin = net
        .bayes(&Start {
            moped: Some(0.01),
            rho: None,
        })
        .expect("a twin");
    let y = twin.outputs(x, Key::MEAN).expect("logits");
    compare("the twin's mean", want, &y, TOLERANCE);
    let mean = twin
        .mean()
        .expect("the mean")
        .outputs(x, Key::MEAN)
        .expect("logits");
    compare("the mean", want, &mean, TOLERANCE);
}

#[test]
fn resnet20_of_bayesian_torch() {
    let name = "model_bayes_resnet20_reparam";
    let (file, state) = (Fixture::open(name), state_dict(name));
    let mut twin = Architecture::ResNet20
        .bayes(0, &Start::default())
        .expect("a twin");
    twin.load_weights(state.path()).expect("its state");
    let x = pictures(&file);
    let x = Examples::new(file.tensor("x").shape[0], &x).expect("pictures");
    let want = file.tensor("y");
    compare(
        "the mean",
        want,
        &twin.outputs(x, Key::MEAN).expect("logits"),
        TOLERANCE,
    );
    for &estimator in Architecture::ResNet20.estimators() {
        let how = Drawing {
            samples: 2,
            estimator: Some(estimator),
            ..Drawing::default()
        };
        let draws = twin.draws(x, &how).expect("draws");
        compare(
            &format!("a draw by {estimator}"),
            want,
            draws.member(1),
            TOLERANCE,
        );
    }
    assert_exported(&*twin, name, state.path());
}

/// In 8-bit integers from layer to layer, with the option-A shortcuts among them.
#[test]
fn resnet20_in_integers() {
    let state = state_dict("model_resnet20");
    let file = Fixture::open("model_resnet20");
    let mut net = Architecture::ResNet20.plain(0).expect("a net");
    net.load_weights(state.path()).expect("its state");
    let twin = net.bayes(&Start::default()).expect("a twin");
    let x = pictures(&file);
    let x = Examples::new(file.tensor("x").shape[0], &x).expect("pictures");
    let quant = twin
        .quantize(&Calibration::default(), &[x])
        .expect("integers");
    let inspection = quant.inspect();
    assert_eq!(inspection.dequantized(), 0, "{inspection}");
    let y = quant.outputs(x, Key::MEAN).expect("logits");
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
