//! A small convolutional classifier of 8×8 digits.

use crate::models::names::{biases_from_torch, biases_to_torch};
use bayes_core::prelude::*;

/// Two convolutions of 3×3 with biases, one pooling and two linear layers: 38 282 weights.
///
/// The twin is [`BayesDigitsNet`]. Around a trained net it starts as MOPED says (Krishnan et al. 2020).
#[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
pub struct DigitsNet {
    /// 16 channels of 8×8.
    pub conv1: (Conv2D<1, 16, 3, 1, 1>, Bias2D<16>),
    /// Non-linearity.
    pub act1: ReLU,
    /// 32 channels of 8×8.
    pub conv2: (Conv2D<16, 32, 3, 1, 1>, Bias2D<32>),
    /// Non-linearity.
    pub act2: ReLU,
    /// 32 channels of 4×4.
    pub pool: MaxPool2D<2, 2>,
    /// 512 features.
    pub flatten: Flatten,
    /// 64 features.
    pub fc1: Linear<512, 64>,
    /// Non-linearity.
    pub act3: ReLU,
    /// 10 logits.
    pub fc2: Linear<64, 10>,
}

/// The layers that are a convolution and its bias.
const CONVOLUTIONS: [&str; 2] = ["conv1", "conv2"];

/// Our name of a tensor that the same net in PyTorch names `name`; a twin's `conv1.weight.mu` likewise.
pub fn from_torch(name: &str) -> String {
    biases_from_torch(&CONVOLUTIONS, name)
}

/// The name in PyTorch of our tensor `name`.
pub fn to_torch(name: &str) -> String {
    biases_to_torch(&CONVOLUTIONS, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Digits;
    use crate::tensors::images;
    use bayes_core::checkpoint::Checkpoint;

    /// What `data/digits_net.py` wrote says of the first eight test digits what PyTorch said.
    #[test]
    fn weights_from_pytorch_give_its_logits() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits_net.safetensors");
        let mut net = Cpu::seed_from_u64(0).build_module::<DigitsNet, f32>();
        Checkpoint::load_torch(file, &mut net, from_torch).unwrap();
        let metadata = Checkpoint::read_metadata(file).unwrap();
        let wanted: Vec<Vec<f32>> = serde_json::from_str(&metadata["logits"]).unwrap();
        let wanted = wanted.concat();
        let digits = Digits::embedded().unwrap().test;
        let found = net.forward(images(&digits.images[..8 * Digits::PIXELS]).unwrap());
        let largest = wanted.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        assert_eq!(wanted.len(), 80);
        for (found, wanted) in found.as_vec().iter().zip(&wanted) {
            assert!(
                (found - wanted).abs() <= 1e-5 * largest,
                "{found}, not {wanted}"
            );
        }
    }
}
