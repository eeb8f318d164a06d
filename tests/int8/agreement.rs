//! With the same keys the int8 model gives what the f32 model gives, and as much variance.

use crate::models::{Dense, Vectors, dense, images};
use bayes_core::estimator::Estimator;
use bayes_core::int8::{self, Calibration, Int8};
use bayes_core::prelude::*;

/// Variance of the draws, summed over rows and outputs.
pub fn variance(draws: &Draws<f32>) -> f64 {
    let width = draws.rows * draws.outputs;
    let of = |i: usize| {
        let values = || (0..draws.samples).map(|s| f64::from(draws.values[s * width + i]));
        let mean = values().sum::<f64>() / draws.samples as f64;
        values().map(|x| (x - mean).powi(2)).sum::<f64>() / (draws.samples - 1) as f64
    };
    (0..width).map(of).sum()
}

/// Power of the outputs over that of their difference, in dB.
fn decibel(want: &[f32], got: &[f32]) -> f64 {
    assert_eq!(want.len(), got.len());
    let power =
        |values: &mut dyn Iterator<Item = f32>| values.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let error = power(&mut want.iter().zip(got).map(|(want, got)| want - got));
    10.0 * (power(&mut want.iter().copied()) / error).log10()
}

#[track_caller]
pub fn check(what: &str, want: &Draws<f32>, got: &Draws<f32>) {
    let (ratio, snr) = (
        variance(got) / variance(want),
        decibel(&want.values, &got.values),
    );
    println!("{what}: variance ratio {ratio:.4}, {snr:.1} dB");
    assert!((0.95..1.05).contains(&ratio), "{what}: {ratio}");
    assert!(snr > 25.0, "{what}: {snr} dB");
}

#[test]
fn images_agree_for_small_and_large_sigma() {
    for rho in [-9.0, -7.0, -5.0, -3.0] {
        let (twin, x) = images(rho, 40);
        let quant = twin.quantize([x.clone()]).unwrap();
        let want = twin.predict(x.clone(), 128, 1).draws().unwrap();
        let got = quant.predict(x.clone(), 128, 1).draws().unwrap();
        check(&format!("images, rho {rho}"), &want, &got);
        let mean = [
            twin.eval(Key::MEAN).forward(x.clone()),
            quant.eval(Key::MEAN).forward(x),
        ];
        let [want, got] = mean.map(|y| y.as_vec());
        assert!(decibel(&want, &got) > 30.0, "{} dB", decibel(&want, &got));
    }
}

fn vectors_agree<Est: Estimator>() {
    for rho in [-9.0, -5.0, -3.0] {
        let (twin, x) = dense::<Est>(rho, 60);
        let quant = twin.quantize([x.clone()]).unwrap();
        let what = format!("{:?}, rho {rho}", Est::KIND);
        // Joint draws, as `draws` gives them, and draws of each row by itself where the estimator makes them.
        let want = twin.predict(x.clone(), 128, 1).draws().unwrap();
        check(
            &what,
            &want,
            &quant.predict(x.clone(), 128, 1).draws().unwrap(),
        );
        let one_by_one = |y: &dyn Fn(Key) -> Vec<f32>| Draws {
            samples: 128,
            rows: 60,
            outputs: 5,
            values: (0..128).flat_map(|sample| y(Key::new(2, sample))).collect(),
        };
        let want = one_by_one(&|key| twin.eval(key).forward(x.clone()).as_vec());
        let got = one_by_one(&|key| quant.eval(key).forward(x.clone()).as_vec());
        check(&format!("{what}, row by row"), &want, &got);
    }
}

#[test]
fn vectors_agree_by_reparameterization() {
    vectors_agree::<Reparameterization>();
}

#[test]
fn vectors_agree_by_flipout() {
    vectors_agree::<Flipout>();
}

#[test]
fn vectors_agree_by_local_reparameterization() {
    vectors_agree::<LocalReparameterization>();
}

#[test]
fn sequences_share_their_weights_over_steps() {
    for draw in [
        dense::<Flipout>(-4.0, 1).0.quantize_sequences(),
        dense::<LocalReparameterization>(-4.0, 1)
            .0
            .quantize_sequences(),
    ] {
        let (want, got) = draw;
        check("sequences", &want, &got);
    }
}

/// Quantizes on sequences and predicts them, in f32 and int8.
trait QuantizeSequences {
    fn quantize_sequences(&self) -> (Draws<f32>, Draws<f32>);
}

impl<C: Config> QuantizeSequences for crate::models::BayesDense<f32, Cpu, C> {
    fn quantize_sequences(&self) -> (Draws<f32>, Draws<f32>) {
        let x: Tensor<(usize, Const<7>, Const<20>), f32, _> =
            Cpu::seed_from_u64(5).sample_normal_like(&(12, Const, Const));
        let quant = self.quantize([x.clone()]).unwrap();
        let want = self.predict(x.clone(), 128, 1).draws().unwrap();
        (want, quant.predict(x, 128, 1).draws().unwrap())
    }
}

#[test]
fn plain_models_and_other_number_types_are_quantized_too() {
    let dev = Cpu::seed_from_u64(6);
    let net = dev.build_module::<Dense, f32>();
    let x: Vectors = dev.sample_normal_like(&(60, Const));
    let quant: Int8<crate::models::DeviceDense<f32, Cpu>> =
        int8::quantize(&net, &Calibration::default(), [x.clone()]).unwrap();
    let want = net.forward(x.clone()).as_vec();
    assert!(decibel(&want, &quant.eval(Key::MEAN).forward(x.clone()).as_vec()) > 30.0);

    let wide: crate::models::BayesDense<f64, Cpu> = dense::<Flipout>(-4.0, 1).0.to_dtype_of();
    let quant = wide.quantize([x.clone().to_dtype::<f64>()]).unwrap();
    let want = wide
        .predict(x.clone().to_dtype::<f64>(), 128, 3)
        .draws()
        .unwrap();
    let want = Draws {
        samples: want.samples,
        rows: want.rows,
        outputs: want.outputs,
        values: want.values.iter().map(|&y| y as f32).collect(),
    };
    check("f64", &want, &quant.predict(x, 128, 3).draws().unwrap());
}

/// The perceptron's twin in f64, with the configuration that its struct states.
trait ToDtypeOf {
    fn to_dtype_of(&self) -> crate::models::BayesDense<f64, Cpu>;
}

impl<C: Config> ToDtypeOf for crate::models::BayesDense<f32, Cpu, C> {
    fn to_dtype_of(&self) -> crate::models::BayesDense<f64, Cpu> {
        let plain = Cpu::seed_from_u64(4).build_module::<Dense, f64>();
        let mut twin = crate::models::BayesDense::from_pretrained(&plain).unwrap();
        crate::parameters::change(&mut twin, &mut |name, _, old| {
            if name.ends_with("rho") { -4.0 } else { old }
        });
        twin
    }
}
