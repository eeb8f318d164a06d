//! On real digits: accuracy, probabilities, and the variance of the logits.

use crate::agreement::variance;
use crate::parameters::change;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::kernels::gaussian::moped_rho;
use bayes_core::kl::priors;
use bayes_core::prelude::*;
use bayes_models::data::Digits;
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet, QuantDigitsNet};
use bayes_models::tensors::{Images, images};
use bayes_models::train::{Training, train_plain};
use std::sync::OnceLock;

/// The twin of a net after a few epochs, with images to test and to calibrate it.
struct Trained {
    twin: BayesDigitsNet<f32, Cpu>,
    test: Images,
    labels: Vec<usize>,
    calibration: Images,
}

fn trained() -> &'static Trained {
    static TRAINED: OnceLock<Trained> = OnceLock::new();
    TRAINED.get_or_init(|| {
        let digits = Digits::embedded().unwrap();
        let mut net = Cpu::seed_from_u64(0).build_module::<DigitsNet, f32>();
        let training = Training {
            epochs: 8,
            learning_rate: 3e-3,
            ..Training::default()
        };
        train_plain(&mut net, &digits.train, &training, |_| {}).unwrap();
        Trained {
            twin: BayesDigitsNet::from_pretrained(&net).unwrap(),
            test: images(&digits.test.images).unwrap(),
            labels: digits.test.labels,
            calibration: images(&digits.train.images[..256 * Digits::PIXELS]).unwrap(),
        }
    })
}

/// How sure the posterior is: one rho for all weights, or sigma in proportion to each.
#[derive(Debug)]
enum Width {
    Rho(f64),
    Delta(f64),
}

fn with(width: &Width) -> BayesDigitsNet<f32, Cpu> {
    let mut twin = trained().twin.clone();
    // The walk meets each mu before its rho.
    let mut mu = Vec::new();
    change(&mut twin, &mut |name, i, old| {
        if name.ends_with("mu") {
            if i == 0 {
                mu.clear();
            }
            mu.push(old);
        }
        match width {
            _ if !name.ends_with("rho") => old,
            Width::Rho(rho) => *rho,
            Width::Delta(delta) => {
                let mut rho = [0.0];
                moped_rho(&mu[i..=i], *delta, 1e-20, &mut rho);
                rho[0]
            }
        }
    });
    twin
}

fn compare(width: &Width) {
    let Trained {
        test,
        labels,
        calibration,
        ..
    } = trained();
    let twin = with(width);
    let quant: QuantDigitsNet = twin.quantize([calibration.clone()]).unwrap();
    let want = twin.predict(test.clone(), 256, 5).draws().unwrap();
    let got = quant.predict(test.clone(), 256, 5).draws().unwrap();
    let ratio = variance(&got) / variance(&want);

    let [want, got] = [
        twin.predict(test.clone(), 32, 6).classify().unwrap(),
        quant.predict(test.clone(), 32, 6).classify().unwrap(),
    ];
    let pairs = want.probabilities.iter().zip(&got.probabilities);
    let difference =
        pairs.map(|(want, got)| (want - got).abs()).sum::<f64>() / want.probabilities.len() as f64;
    let accuracy = |seen: &Classification| {
        let right = seen
            .predicted()
            .iter()
            .zip(labels)
            .filter(|(a, b)| a == b)
            .count();
        right as f64 / labels.len() as f64
    };
    let (was, is) = (accuracy(&want), accuracy(&got));
    println!(
        "{width:?}: variance ratio {ratio:.4}, probabilities differ by {difference:.1e}, accuracy {was:.4} and {is:.4}"
    );
    assert!((0.9..1.1).contains(&ratio), "{width:?}: {ratio}");
    assert!(difference < 0.02, "{width:?}: {difference}");
    assert!((was - is).abs() <= 0.01, "{width:?}: {was} {is}");
}

#[test]
fn small_and_large_rho_keep_their_variance() {
    for rho in [-9.0, -7.0, -5.0, -3.0] {
        compare(&Width::Rho(rho));
    }
}

#[test]
fn small_and_large_delta_keep_their_variance() {
    for delta in [0.001, 0.05, 0.5] {
        compare(&Width::Delta(delta));
    }
}

#[test]
fn the_file_is_less_than_half_of_the_twins() {
    let Trained {
        twin, calibration, ..
    } = trained();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twin");
    Checkpoint::new()
        .with_metadata(priors(twin))
        .save(&path, twin)
        .unwrap();
    // mu and rho alone, without the prior's mean that MOPED saves: what a twin without it takes.
    let whole = path.metadata().unwrap().len() * 2 / 3;
    twin.quantize([calibration.clone()])
        .unwrap()
        .save(&path)
        .unwrap();
    let part = path.metadata().unwrap().len() as f64 / whole as f64;
    println!("int8 file: {part:.3} of mu and rho in f32");
    assert!(part <= 0.45, "{part}");
}
