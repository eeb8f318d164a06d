//! A small transformer that classifies sequences (Vaswani et al. 2017).

use bayes_core::prelude::*;

/// Two encoder blocks with four heads over steps of 8 features, and their mean: 10 classes.
///
/// The 8×8 digits are sequences of 8 rows for it. All linear layers of a twin are Bayesian, those of the attention among
/// them; the normalisations are not.
#[bayesian(input = (8, 8), prior = Gaussian(0.0, 1.0), estimator = Flipout)]
pub struct TransformerClassifier {
    /// 32 features for each step.
    pub embed: Linear<8, 32>,
    /// Where each step is.
    pub position: PositionalEncoding,
    /// Attention and two linear layers, twice.
    pub encoder: TransformerEncoder<32, 4, 64, 2>,
    /// The mean over all steps.
    pub mean: MeanSteps,
    /// 10 logits.
    pub head: Linear<32, 10>,
}

/// Our name of a tensor that the same net in PyTorch names `name`: the same.
pub fn from_torch(name: &str) -> String {
    name.to_owned()
}

/// The name in PyTorch of our tensor `name`: the same.
pub fn to_torch(name: &str) -> String {
    name.to_owned()
}
