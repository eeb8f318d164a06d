//! A model behind one type, whatever its own is: what the program does with models is compiled once for each of them,
//! here, and the rest of the program once.

mod example;
mod forms;
mod integers;
mod optimizer;
mod plain;
mod shared;
mod twin;

pub use example::Example;
pub use forms::Model;
pub use optimizer::{Algorithm, Optimizer};

use crate::Error;
use crate::report::LayerPosterior;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::int8::Inspection;
use bayes_core::kl::TensorKl;
use bayes_core::prelude::{Cpu, Draws, Key, OwnedTape, Rank0, Tensor};
use std::collections::BTreeMap;
use std::path::Path;

/// The tape of a training step.
pub type Tape = OwnedTape<f32, Cpu>;

/// What a model gives for a batch: rows × outputs, on a tape.
pub type Outputs = Tensor<(usize, usize), f32, Cpu, Tape>;

/// A loss on its tape.
pub type Scalar = Tensor<Rank0, f32, Cpu, Tape>;

/// The loss of a batch's outputs: its mean over the examples.
pub type LossFn<'a> = dyn FnMut(Outputs) -> Result<Scalar, Error> + 'a;

/// One pass of training: which draw, and what is added to its loss.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The draw of weights and dropout.
    pub key: Key,
    /// What the KL is multiplied with: beta/n for n training examples.
    pub kl_weight: f64,
    /// What the sum is multiplied with: 1/S for S passes before an update.
    pub scale: f64,
}

/// What a pass of training found.
#[derive(Debug, Clone, Copy)]
pub struct StepLoss {
    /// The loss of the outputs.
    pub data: f64,
    /// The KL of all weights; 0 of a plain model, and where its weight is 0.
    pub kl: f64,
}

/// How a prediction draws.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Number of draws.
    pub samples: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether dropout drops.
    pub mc_dropout: bool,
    /// The number of the first row among all that are predicted.
    pub first: usize,
}

/// Something that predicts: rows of examples in, the outputs of every draw out.
pub trait Predictor {
    /// Joint draws of the outputs.
    ///
    /// # Errors
    /// Numbers that are not whole examples; no rows or draws.
    fn draws(&self, values: Vec<f32>, sampling: Sampling) -> Result<Draws<f32>, Error>;
}

/// A plain model or a Bayesian twin: it predicts, trains, and is saved.
pub trait Network: Predictor {
    /// Runs a batch as in training, and adds the gradients of `step.scale·(loss + step.kl_weight·KL)` to those since the
    /// last [`update`](Self::update).
    ///
    /// # Errors
    /// Numbers that are not whole examples; what the loss fails with.
    fn gradients(
        &mut self,
        values: Vec<f32>,
        step: &Step,
        loss: &mut LossFn<'_>,
    ) -> Result<StepLoss, Error>;

    /// The KL of each tensor; nothing of a plain model.
    ///
    /// # Errors
    /// A device that fails.
    fn kl_per_layer(&self) -> Result<Vec<TensorKl>, Error>;

    /// mu and sigma of each tensor; nothing of a plain model.
    fn posteriors(&self) -> Vec<LayerPosterior>;

    /// One step of an optimiser along the gradients so far, which start from 0 again.
    ///
    /// # Errors
    /// Gradients that are missing or not finite.
    fn update(&mut self, optimizer: &mut Optimizer) -> Result<(), Error>;

    /// Writes the model with its priors and `notes`, and perhaps the optimiser's state.
    ///
    /// # Errors
    /// As [`Checkpoint::save`].
    fn save(
        &self,
        path: &Path,
        notes: Checkpoint,
        optimizer: Option<&Optimizer>,
    ) -> Result<(), Error>;

    /// Reads what [`save`](Self::save) wrote, and gives the notes back.
    ///
    /// # Errors
    /// As [`Checkpoint::load`].
    fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Error>;

    /// Writes the plain model, of a twin that of its means, as a state dict of PyTorch under our names.
    ///
    /// # Errors
    /// As [`Checkpoint::save_torch`].
    fn save_torch(&self, path: &Path) -> Result<(), Error>;

    /// Writes the plain model, of a twin that of its means, as a checkpoint.
    ///
    /// # Errors
    /// As [`Checkpoint::save`].
    fn save_plain(&self, path: &Path) -> Result<(), Error>;

    /// The model in 8-bit integers, calibrated on these examples.
    ///
    /// # Errors
    /// No examples; weights or values that are not finite.
    fn quantize(&self, values: Vec<f32>, seed: u64) -> Result<Box<dyn Integers>, Error>;
}

/// A model in 8-bit integers.
pub trait Integers: Predictor {
    /// What became of each layer.
    fn inspection(&self) -> Inspection;

    /// Writes the int8 file.
    ///
    /// # Errors
    /// What the operating system refuses.
    fn save(&self, path: &Path) -> Result<(), Error>;
}
