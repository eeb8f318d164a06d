//! Residual nets by name, with PyTorch's weights. The program takes minutes to build with them, so this is asked for:
//!
//! ```text
//! cargo test --workspace --features tests/deep --test programs deep
//! ```

use super::*;
use crate::fixture::{Fixture, compare, state_dict, tensors};
use bayes_models::npy::{Array, Values};
use std::collections::BTreeMap;

/// The largest error of a logit, as a fraction of the largest one: twenty layers in `f32` that sum in another order.
const TOLERANCE: f64 = 1e-4;

/// Predicts with the weights of the fixture `name`, and writes them again.
fn goes_through_the_program(name: &str, ways: &[&[&str]], format: &str) {
    let (file, state) = (Fixture::open(name), state_dict(name));
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (input, out, weights) = (
        place("x.npy"),
        place("y.npy"),
        state.path().to_str().unwrap(),
    );
    let x = file.tensor("x");
    let pictures = Array::new(x.shape.clone(), Values::F32(x.to::<f32>())).unwrap();
    pictures.write(&input).unwrap();
    let model = ["--model", "resnet20", "--weights", weights];
    for way in ways {
        let args = [&["predict"][..], &model, &["--input", &input], way];
        said(&[&args.concat()[..], &["--as", "npy", "--out", &out]].concat());
        let (shape, logits) = Array::read(&out).unwrap().into_parts();
        assert_eq!(shape[shape.len() - 2..], [2, 10]);
        let logits = logits.into_f32();
        for draw in logits.chunks_exact(20) {
            compare(
                &format!("{name} {way:?}"),
                file.tensor("y"),
                draw,
                TOLERANCE,
            );
        }
    }
    let again = place("again.safetensors");
    said(
        &[
            &["export"][..],
            &model,
            &["--format", format, "--out", &again],
        ]
        .concat(),
    );
    let written = tensors(Path::new(&again)).into_iter();
    let written = written.map(|(name, tensor)| (format!("state.{name}"), tensor));
    assert!(
        written.collect::<BTreeMap<_, _>>() == tensors(state.path()),
        "saved again"
    );
}

#[test]
fn a_resnet_with_weights_of_pytorch_has_its_logits() {
    let ways: [&[&str]; 2] = [&["--logits"], &["--logits", "--mean"]];
    goes_through_the_program("model_resnet20", &ways, "torch");
}

/// Its sigma is so small that every draw is the mean.
#[test]
fn a_resnet_with_weights_of_bayesian_torch_has_its_logits() {
    let ways: [&[&str]; 2] = [&["--logits", "--mean"], &["--logits", "--samples", "2"]];
    goes_through_the_program("model_bayes_resnet20_reparam", &ways, "bayesian-torch");
}
