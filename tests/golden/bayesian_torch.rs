//! State dicts of bayesian-torch load into twins, which at sigma near 0 give its outputs.

use crate::fixture::{Fixture, state_dict};
use crate::tape::upload;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::dfdx::prelude::*;
use bayes_core::prelude::{Key, bayesian};

#[bayesian(estimator = Reparameterization)]
struct Dense {
    fc: Linear<12, 5>,
}

#[bayesian(estimator = Flipout)]
struct DenseByFlipout {
    fc: Linear<12, 5>,
}

#[bayesian(estimator = Reparameterization)]
struct Image {
    conv: bayes_core::prelude::Conv2D<3, 6, 3, 1, 1>,
    bias: Bias2D<6>,
}

#[bayesian(estimator = Flipout)]
struct Strided {
    conv: bayes_core::prelude::Conv2D<3, 6, 3, 2, 1>,
    bias: Bias2D<6>,
}

#[bayesian(estimator = Reparameterization)]
struct Sequence {
    lstm: bayes_core::prelude::LSTM<6, 5>,
    all: bayes_core::prelude::Outputs,
}

macro_rules! check {
    ($test:ident: $name:literal into $Net:ident as $Bayes:ident, $rename:expr, $shape:expr) => {
        #[test]
        fn $test() {
            let dev = Cpu::seed_from_u64(0);
            let net = dev.build_module::<$Net, f32>();
            let mut twin = $Bayes::from_pretrained(&net).expect("a twin");
            let state = state_dict($name);
            let loaded = Checkpoint::load_bayesian_torch(state.path(), &mut twin, $rename)
                .expect("a state dict");
            assert_eq!(loaded.prefix, "state.");
            let file = Fixture::open($name);
            let x = upload::<_, f32>(file.tensor("x"), $shape(&file));
            for key in [Key::MEAN, Key::new(1, 0)] {
                let y = twin.eval(key).forward(x.clone());
                file.compare(&format!("the twin in {key:?}"), "y", &y.as_vec());
            }
            let wrong = Checkpoint::load_bayesian_torch(state.path(), &mut twin, |name| {
                format!("other.{name}")
            });
            let sentence = wrong.expect_err("names that are not there").to_string();
            assert!(sentence.contains("other."), "{sentence}");
        }
    };
}

fn dense(name: &str) -> String {
    format!("fc.{name}")
}

/// The bias of a convolution is a layer of its own.
fn image(name: &str) -> String {
    let layer = if name.starts_with("bias") {
        "bias"
    } else {
        "conv"
    };
    format!("{layer}.{name}")
}

fn sequence(name: &str) -> String {
    format!("lstm.{name}")
}

fn rows(file: &Fixture) -> (usize, Const<12>) {
    let [rows, _] = file.tensor("x").sizes();
    (rows, Const)
}

fn images(file: &Fixture) -> (usize, Const<3>, usize, usize) {
    let [batch, _, height, width] = file.tensor("x").sizes();
    (batch, Const, height, width)
}

fn sequences(file: &Fixture) -> (usize, usize, Const<6>) {
    let [batch, steps, _] = file.tensor("x").sizes();
    (batch, steps, Const)
}

check!(linear: "bayesian_torch_linear_reparameterization" into Dense as BayesDense, dense, rows);
check!(linear_by_flipout: "bayesian_torch_linear_flipout" into DenseByFlipout as BayesDenseByFlipout, dense, rows);
check!(conv2d: "bayesian_torch_conv2d_reparameterization" into Image as BayesImage, image, images);
check!(conv2d_by_flipout: "bayesian_torch_conv2d_flipout" into Strided as BayesStrided, image, images);
check!(lstm: "bayesian_torch_lstm_reparameterization" into Sequence as BayesSequence, sequence, sequences);
