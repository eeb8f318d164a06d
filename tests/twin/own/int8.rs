//! The same forward passes in 8-bit integers: every layer takes and gives f32, and nothing is left out.

use super::heads::{BayesHeads, BayesRegressor, Heads, QuantHeads, QuantRegressor, Regressor};
use super::residual::{BayesBlock, BayesNet, Block, Net, QuantNet};
use super::sequence::{BayesTranslator, QuantTranslator, Translator};
use super::siamese::{BayesSiamese, QuantSiamese, Siamese};
use super::transformer::{BayesClassifier, Classifier, QuantClassifier, words};
use super::u_net::{BayesUNet, QuantUNet, UNet};
use bayes_core::int8::{Calibration, inspect, quantize};
use bayes_core::kernels::isa::Isa;
use bayes_core::predict::{Draws, Tokens};
use bayes_core::prelude::*;

/// How two predictions compare: signal to noise of the means in dB, and the ratio of the variances.
fn compared(want: &Draws<f32>, got: &Draws<f32>) -> (f64, f64) {
    let moments = |draws: &Draws<f32>| -> Vec<[f64; 2]> {
        let of = |i: usize| {
            let numbers = (0..draws.samples).map(|sample| f64::from(draws.member(sample)[i]));
            let mean = numbers.clone().sum::<f64>() / draws.samples as f64;
            let squares: f64 = numbers.map(|x| (x - mean).powi(2)).sum();
            [mean, squares / (draws.samples - 1) as f64]
        };
        (0..draws.rows * draws.outputs).map(of).collect()
    };
    let (want, got) = (moments(want), moments(got));
    let sum = |of: &dyn Fn(&[f64; 2], &[f64; 2]) -> f64| -> f64 {
        want.iter().zip(&got).map(|(want, got)| of(want, got)).sum()
    };
    let signal = sum(&|want, _| want[0].powi(2));
    let error = sum(&|want, got| (want[0] - got[0]).powi(2));
    let variances = [sum(&|want, _| want[1]), sum(&|_, got| got[1])];
    (10.0 * (signal / error).log10(), variances[1] / variances[0])
}

/// Compares an int8 model with its twin on `x`, by 64 draws, and with itself from its file and on other instruction sets.
macro_rules! agrees {
    ($Quant:ty, $bayes:expr, $quant:expr, $x:expr) => {{
        let (bayes, quant) = (&$bayes, &$quant);
        let want = bayes.predict($x, 64, 7).draws().expect("draws");
        let got = quant.predict($x, 64, 7).draws().expect("draws in int8");
        let (decibel, ratio) = compared(&want, &got);
        println!(
            "{}: {decibel:.1} dB, variance {ratio:.3}",
            stringify!($quant)
        );
        assert!(decibel > 25.0, "{decibel} dB");
        assert!((ratio - 1.0).abs() < 0.03, "variance {ratio}");

        let bytes = quant.to_bytes().expect("a file");
        let read = <$Quant>::from_bytes(&bytes).expect("the same");
        let same = |other: &$Quant| {
            let other = other.predict($x, 64, 7).draws().expect("draws");
            assert_eq!(other, got);
        };
        same(&read);
        same(&read.on(Isa::Portable));
        assert_eq!(inspect(&read), inspect(quant));
        assert_eq!(read.to_bytes().expect("a file"), bytes);
    }};
}

#[test]
fn a_residual_block_in_a_net() {
    let dev = Cpu::seed_from_u64(2);
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).expect("a twin");
    let x: Tensor<Rank4<40, 2, 6, 6>, f32, _> = dev.sample_normal();
    let quant: QuantNet = bayes.quantize([x.clone()]).expect("int8");
    agrees!(QuantNet, bayes, quant, x.clone());
    let inspection = inspect(&quant);
    let names: Vec<&str> = inspection.layers.iter().map(|layer| &*layer.name).collect();
    let of_block =
        |i: usize| ["bn1", "conv1", "bn2", "conv2"].map(|layer| format!("blocks.{i}.{layer}"));
    let mut want = vec!["stem".to_owned()];
    want.extend(of_block(0));
    want.extend(of_block(1));
    want.extend(["pool".to_owned(), "fc".to_owned()]);
    assert_eq!(names, want);
    assert_eq!(inspection.dequantized(), names.len());
    assert!(
        inspection
            .to_string()
            .ends_with("dequantized between layers: 11")
    );
}

#[test]
fn a_u_net_of_any_size() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesUNet::from_pretrained(&dev.build_module::<UNet, f32>()).expect("a twin");
    let x: Tensor<Rank4<24, 1, 6, 8>, f32, _> = dev.sample_normal();
    let quant: QuantUNet = bayes.quantize([x.clone()]).expect("int8");
    agrees!(QuantUNet, bayes, quant, x.clone());
    let other: Tensor<Rank4<2, 1, 4, 4>, f32, _> = dev.sample_normal();
    let y = quant.eval(Key::new(7, 0)).forward(other.clone());
    assert_eq!(y.shape().concrete(), [2, 2, 4, 4]);
    let y: Tensor<Rank4<2, 2, 4, 4>, f32, _> = y;
    let want = bayes.eval(Key::new(7, 0)).forward(other);
    let apart = (y - want.clone()).square().sum::<Rank0, _>().array();
    assert!(apart < 1e-3 * want.square().sum::<Rank0, _>().array());
}

#[test]
fn an_encoder_that_is_called_twice() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesSiamese::from_pretrained(&dev.build_module::<Siamese, f32>()).expect("a twin");
    let [left, right]: [Tensor<Rank4<30, 1, 5, 5>, f32, _>; 2] =
        [dev.sample_normal(), dev.sample_normal()];
    let pair = (left.clone(), right);
    let quant: QuantSiamese = bayes.quantize([pair.clone()]).expect("int8");
    agrees!(QuantSiamese, bayes, quant, pair.clone());
    // Both calls see one draw: an image is not apart from itself, and the head's bias is left.
    let view = quant.eval(Key::new(3, 1));
    let same = view.forward((left.clone(), left)).as_vec();
    assert_eq!(same[..2], same[2..4]);
    // All its layers, and the encoder's.
    let inspection = inspect(&quant);
    let names = inspection.layers.iter().map(|layer| layer.name.clone());
    let want = ["encoder.conv", "encoder.act", "encoder.pool", "fc", "head"];
    assert_eq!(names.collect::<Vec<_>>(), want);
}

#[test]
fn states_are_handed_over() {
    let dev = Cpu::seed_from_u64(1);
    let bayes =
        BayesTranslator::from_pretrained(&dev.build_module::<Translator, f32>()).expect("a twin");
    let source: Tensor<Rank3<30, 6, 3>, f32, _> = dev.sample_normal();
    let target: Tensor<Rank3<30, 3, 2>, f32, _> = dev.sample_normal();
    let pair = (source.clone(), target.clone());
    let quant: QuantTranslator = bayes.quantize([pair.clone()]).expect("int8");
    agrees!(QuantTranslator, bayes, quant, pair.clone());
    // What is read changes what is said.
    let view = quant.eval(Key::MEAN);
    let read = view.forward(pair).as_vec();
    assert_ne!(view.forward((source * 2.0, target)).as_vec(), read);
}

#[test]
fn words_and_blocks_in_a_loop() {
    let dev = Cpu::seed_from_u64(1);
    let bayes =
        BayesClassifier::from_pretrained(&dev.build_module::<Classifier, f32>()).expect("a twin");
    let quant: QuantClassifier = bayes.quantize([Tokens(words(&dev))]).expect("int8");
    agrees!(QuantClassifier, bayes, quant, Tokens(words(&dev)));
}

#[test]
fn two_outputs() {
    let dev = Cpu::seed_from_u64(1);
    let x: Tensor<Rank2<50, 4>, f32, _> = dev.sample_normal();
    let bayes =
        BayesRegressor::from_pretrained(&dev.build_module::<Regressor, f32>()).expect("a twin");
    let quant = bayes.quantize([x.clone()]).expect("int8");
    agrees!(QuantRegressor, bayes, quant, x.clone());

    let bayes = BayesHeads::from_pretrained(&dev.build_module::<Heads, f32>()).expect("a twin");
    let quant: QuantHeads = bayes.quantize([x.clone()]).expect("int8");
    let (mean, log_variance) = quant.eval(Key::MEAN).forward(x.clone());
    let (want, want_log_variance) = bayes.eval(Key::MEAN).forward(x);
    for (got, want) in [(mean, want), (log_variance, want_log_variance)] {
        let apart = (got - want.clone()).square().sum::<Rank0, _>().array();
        assert!(apart < 1e-3 * want.square().sum::<Rank0, _>().array());
    }
}

#[test]
fn a_plain_model_too() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Block<4>, f32>();
    let x: Tensor<Rank4<30, 4, 5, 6>, f32, _> = dev.sample_normal();
    let quant = quantize(&plain, &Calibration::default(), [x.clone()]).expect("int8");
    let quant: super::residual::QuantBlock<4> = quant;
    let (got, want) = (quant.eval(Key::MEAN).forward(x.clone()), plain.forward(x));
    let apart = (got - want.clone()).square().sum::<Rank0, _>().array();
    assert!(apart < 1e-3 * want.square().sum::<Rank0, _>().array());
}

/// A layer that some inputs alone reach.
#[bayesian(forward)]
pub struct Branches {
    often: Linear<3, 3>,
    seldom: Linear<3, 3>,
}

#[bayesian(forward)]
impl Branches {
    fn forward<E: Dtype, D: Device<E>, B: Dim>(
        &self,
        x: Tensor<(B, Const<3>), E, D>,
    ) -> Result<Tensor<(B, Const<3>), E, D>, D::Err> {
        let largest = x
            .as_vec()
            .into_iter()
            .fold(E::default(), |a, b| if a > b { a } else { b });
        let x = self.often.try_forward(x)?;
        if largest > E::from_f64(100.0).unwrap_or_default() {
            self.seldom.try_forward(x)
        } else {
            Ok(x)
        }
    }
}

#[test]
fn a_layer_that_calibration_misses_is_named() {
    let dev = Cpu::seed_from_u64(1);
    let bayes =
        BayesBranches::from_pretrained(&dev.build_module::<Branches, f32>()).expect("a twin");
    let x: Tensor<Rank2<5, 3>, f32, _> = dev.sample_normal();
    let error = bayes.quantize([x.clone()]).map(drop).expect_err("seldom");
    let error = error.to_string();
    assert!(
        error.contains("`seldom`") && error.contains("every branch"),
        "{error}"
    );
    assert!(bayes.quantize([x.clone(), x * 1000.0]).is_ok());
}

#[test]
fn a_file_of_another_model_or_with_a_layer_less_is_refused() {
    let dev = Cpu::seed_from_u64(2);
    let block = BayesBlock::from_pretrained(&dev.build_module::<Block<4>, f32>()).expect("a twin");
    let x: Tensor<Rank4<5, 4, 6, 6>, f32, _> = dev.sample_normal();
    let bytes = block
        .quantize([x])
        .expect("int8")
        .to_bytes()
        .expect("a file");
    let error = QuantNet::from_bytes(&bytes).map(drop).expect_err("another");
    assert!(
        error.to_string().starts_with("expected an int8 form of"),
        "{error}"
    );
}

/// Fields in order, of which the first gives two values and the second takes them.
#[bayesian(estimator = Reparameterization)]
pub struct TwoWays {
    split: SplitInto<((Linear<4, 6>, Tanh), Linear<4, 6>)>,
    sum: AddInto<(Linear<6, 3>, (ReLU, Linear<6, 3>))>,
    head: Linear<3, 2>,
}

#[test]
fn ways_that_part_and_meet() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesTwoWays::from_pretrained(&dev.build_module::<TwoWays, f32>()).expect("a twin");
    let x: Tensor<Rank2<60, 4>, f32, _> = dev.sample_normal();
    let quant = bayes.quantize([x.clone()]).expect("int8");
    agrees!(QuantTwoWays, bayes, quant, x.clone());
    let names = inspect(&quant).layers.into_iter().map(|layer| layer.name);
    let want = [
        "split.0.0.0",
        "split.0.0.1",
        "split.0.1",
        "sum.0.0",
        "sum.0.1.0",
        "sum.0.1.1",
        "head",
    ];
    assert_eq!(names.collect::<Vec<_>>(), want);
}

/// A layer that runs twice, whose outputs are drawn by themselves where nobody asks for joint draws.
#[bayesian(forward, estimator = LocalReparameterization)]
pub struct Twice {
    fc: Linear<3, 3>,
}

#[bayesian(forward)]
impl Twice {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<3>), E, D, T>,
    ) -> Result<Tensor<(B, Const<3>), E, D, T>, D::Err> {
        self.fc.try_forward(self.fc.try_forward(x)?.try_relu()?)
    }
}

#[test]
fn a_second_use_by_local_reparameterization_is_an_error() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesTwice::from_pretrained(&dev.build_module::<Twice, f32>()).expect("a twin");
    let x: Tensor<Rank2<9, 3>, f32, _> = dev.sample_normal();
    let quant = bayes.quantize([x.clone()]).expect("int8");
    let want = bayes
        .predict(x.clone(), 4, 7)
        .classify()
        .expect_err("twice");
    let got = quant
        .predict(x.clone(), 4, 7)
        .classify()
        .expect_err("twice");
    assert_eq!(got.to_string(), want.to_string());
    agrees!(QuantTwice, bayes, quant, x.clone());
}

/// A forward pass that reads a number.
#[bayesian(forward)]
pub struct Scaled {
    fc: Linear<3, 3>,
    #[bayes(value = 2.0)]
    scale: f64,
}

#[bayesian(forward)]
impl Scaled {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<3>), E, D, T>,
    ) -> Result<Tensor<(B, Const<3>), E, D, T>, D::Err> {
        self.fc
            .try_forward(x)?
            .try_mul(E::from_f64(self.scale).unwrap_or_default())
    }
}

#[test]
fn a_value_is_the_attributes() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesScaled::from_pretrained(&dev.build_module::<Scaled, f32>()).expect("a twin");
    let x: Tensor<Rank2<40, 3>, f32, _> = dev.sample_normal();
    let quant = bayes.quantize([x.clone()]).expect("int8");
    agrees!(QuantScaled, bayes, quant, x.clone());
    let mut other = bayes;
    other.scale = 3.0;
    let error = other.quantize([x]).map(drop).expect_err("another value");
    assert_eq!(
        error.to_string(),
        "`scale`: it is 3.0 in this model, but its int8 form would run with what the attribute states, 2.0"
    );
}
