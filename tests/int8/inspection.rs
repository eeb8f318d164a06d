//! What `inspect` says.

use bayes_core::int8::inspect;
use bayes_core::prelude::*;

/// A basic block of ResNet-20 with stride 1 (He et al. 2016).
#[bayesian(input = (16, 8, 8), estimator = Reparameterization, posterior = MeanField(rho = -3.0))]
pub struct Block {
    branch: Residual<(
        Conv2D<16, 16, 3, 1, 1>,
        BatchNorm2D<16>,
        ReLU,
        Conv2D<16, 16, 3, 1, 1>,
        BatchNorm2D<16>,
    )>,
    act: ReLU,
}

#[bayesian(input = (4))]
pub struct Attending {
    fc1: Linear<4, 6>,
    weights: Softmax,
    fc2: Linear<6, 2>,
}

#[test]
fn a_basic_block_is_two_steps_of_integers() {
    let dev = Cpu::seed_from_u64(0);
    let twin = BayesBlock::from_pretrained(&dev.build_module::<Block, f32>()).unwrap();
    let x: Tensor<Rank4<6, 16, 8, 8>, f32, _> = dev.sample_normal();
    let inspection = inspect(&twin.quantize([x]).unwrap());
    assert_eq!(inspection.dequantized(), 0);
    let fused: Vec<_> = inspection
        .layers
        .iter()
        .map(|layer| (layer.name.as_str(), layer.fused.join(" + ")))
        .collect();
    assert_eq!(
        fused,
        [
            ("branch.0.0", "batch norm + ReLU".to_owned()),
            ("branch.0.3", "batch norm + residual + ReLU".to_owned())
        ]
    );
    for layer in &inspection.layers {
        let weights = layer.weights.as_ref().unwrap();
        // One sigma for all weights is stored exactly; the means leave room for it, three times, in their range.
        assert_eq!(weights.sigma_snr, None);
        assert!(weights.mean_snr.unwrap() > 35.0, "{weights:?}");
        assert!((0.3..0.5).contains(&weights.range_used), "{weights:?}");
    }
    assert!(inspection.layers[1].output_snr.unwrap() > 30.0);
    let table = inspection.to_string();
    for part in [
        "layer",
        "conv 16→16 3×3/1",
        "i8 of",
        "dB",
        "% used",
        "dequantized between layers: 0",
    ] {
        assert!(table.contains(part), "no `{part}` in\n{table}");
    }
}

#[test]
fn a_softmax_between_layers_is_a_dequantization() {
    let dev = Cpu::seed_from_u64(0);
    let twin = BayesAttending::from_pretrained(&dev.build_module::<Attending, f32>()).unwrap();
    let x: Tensor<Rank2<30, 4>, f32, _> = dev.sample_normal();
    let quant = twin.quantize([x.clone()]).unwrap();
    assert_eq!(inspect(&quant).dequantized(), 1);
    let [want, got] = [
        twin.eval(Key::MEAN).forward(x.clone()),
        quant.eval(Key::MEAN).forward(x),
    ]
    .map(|y| y.as_vec());
    for (want, got) in want.iter().zip(&got) {
        assert!((want - got).abs() < 0.01, "{want} {got}");
    }
}
