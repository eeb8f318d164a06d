//! Twins in 8-bit integers: quantized after training, drawn and multiplied as integers.
//!
//! `quantize` of a Bayesian (or plain) model runs it on calibration batches, chooses how each weight and value is
//! stored, and gives an [`Int8`] model with the same `predict` and the same noise for the same keys:
//!
//! ```
//! use bayes_core::int8::inspect;
//! use bayes_core::prelude::*;
//!
//! #[bayesian(input = (4), estimator = Reparameterization)]
//! struct Net {
//!     fc1: Linear<4, 16>,
//!     act: ReLU,
//!     fc2: Linear<16, 3>,
//! }
//!
//! let dev = Cpu::seed_from_u64(0);
//! let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
//! let x: Tensor<Rank2<64, 4>, f32, _> = dev.sample_normal();
//! let quant: QuantNet = bayes.quantize([x.clone()])?;
//! let seen = quant.predict(x, 32, 7).classify()?;
//! assert_eq!(seen.predicted().len(), 64);
//! println!("{}", inspect(&quant));
//!
//! let file = std::env::temp_dir().join(format!("net-{}.int8", std::process::id()));
//! quant.save(&file)?;
//! let same = QuantNet::load(&file)?;
//! # std::fs::remove_file(&file)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is stored how
//!
//! - mu: i8, with a step for each output; sigma: u8, with a step for each output; biases: f32.
//! - Values between steps: u8 with a step and a zero point. Batch normalisation, bias, residual and activation are
//!   folded into the step before them, so that integers go from layer to layer.
//! - **Small noise.** Where an output's sigma is less than two steps of its mean, the noise is not rounded together
//!   with the mean: it has a step and a product of its own ([`Noise::InItsOwnProduct`]). Where the draws of a value differ
//!   by less than two steps of 8 bits, it is stored in 16 ([`Storage::Wide`]) and takes two products. Rounding so adds
//!   at most some percent to the variance of what the model predicts.
//! - A model draws by the estimator that it is quantized for: the layers' own, or
//!   [another one](Calibration::estimator). `Reparameterization` takes one product where sigma is large, the others two.
//! - Flipout's signs turn each example's input at half its resolution; local reparameterisation draws the outputs
//!   around `mu·x` with the variance `sigma²·x²`, both sums of integers.
//! - Recurrent layers store their hidden state like any other value; their gates, and softmax, attention, layer and group
//!   normalisation compute in f32. Embeddings look up rows of a table in integers.
//!
//! # One plan, or one for each layer
//!
//! A plan has one input and one output. A model with a [forward pass of its own](crate::bayesian), `SplitInto` or `AddInto` in
//! it has a plan for each layer instead: the forward pass runs as it is written, its layers take and give f32, and
//! [`inspect`] counts each of them as a dequantization. Layers without products keep 16 bits there. A recurrent layer
//! hands its states over; no gradient passes.
//!
//! Posteriors must be mean-field: their weights are drawn one by one. `quantize` says so where they are not.
//!
//! Sums are integers and f32 is multiplied, added and rounded in one order, so one file gives the same numbers on every
//! processor.

mod block;
mod byte;
mod calibration;
mod file;
mod fused;
mod histogram;
mod inspect;
mod machine;
mod measure;
mod model;
mod observe;
mod one_by_one;
mod operations;
mod product;
mod program;
mod quantize;
mod record;
mod recurrence;
mod scale;
mod signature;
mod whole;

pub use byte::{Byte, Noise, Pieces, Sigma, Weights};
pub use calibration::{Calibration, Range};
pub use file::{FileError, VERSION, is_int8};
pub use inspect::{Inspection, LayerInspection, ValueInspection, WeightInspection, inspect};
pub use model::{Int8, Int8View, Untrainable, quantize};
pub use scale::{Scale, Storage};
pub use whole::{NoPlan, Whole, quantize_whole};
