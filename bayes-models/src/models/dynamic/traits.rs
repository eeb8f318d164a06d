//! What a program can ask of a model, whatever its type.

use super::{Drawing, Error, Examples, Form, Optimizer, Start, Step, StepLoss, TensorInfo};
use crate::models::Architecture;
use crate::report::LayerPosterior;
use crate::tensors::Outputs;
use bayes_core::checkpoint::{Checkpoint, Loaded};
use bayes_core::int8::{Calibration, Inspection};
use bayes_core::kl::TensorKl;
use bayes_core::metrics::GaussianMixture;
use bayes_core::predict::{Classification, Draws, Regression};
use bayes_core::prelude::{Cpu, Key, OwnedTape, Rank0, Tensor};
use bayes_core::prune::{Prune, Pruned};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// A loss on its tape. It is on the CPU whatever the model's device: outputs are few.
pub type Scalar = Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>>;

/// The loss of a batch's outputs: its mean over the examples.
pub type LossFn<'a> = dyn FnMut(Outputs<OwnedTape<f32, Cpu>>) -> Result<Scalar, Error> + 'a;

/// A model that predicts.
///
/// One on a GPU belongs to the thread that made it, so these are not for several threads at once;
/// [`on_cpu`](Trainable::on_cpu) and [`QuantModel`] are.
pub trait Predictor: fmt::Debug {
    /// Which model.
    fn architecture(&self) -> Architecture;

    /// Which of its forms.
    fn form(&self) -> Form;

    /// What the model gives for each example in one draw, `rows × outputs`: logits, or means and log variances.
    /// [`Key::MEAN`] is the posterior's mean; a plain model gives the same for every key.
    ///
    /// # Errors
    /// Examples that do not fit the model.
    fn outputs(&self, examples: Examples<'_>, key: Key) -> Result<Vec<f32>, Error>;

    /// What the draws of a classifier say of each example.
    ///
    /// # Errors
    /// Examples that do not fit, no draws, an estimator that is none for this model, logits that are not finite; a model
    /// that is no classifier.
    fn classify(&self, examples: Examples<'_>, how: &Drawing) -> Result<Classification, Error>;

    /// What the draws of a regression or a forecast say of each example.
    ///
    /// # Errors
    /// As [`classify`](Self::classify); a model that is a classifier.
    fn regress(&self, examples: Examples<'_>, how: &Drawing) -> Result<Regression, Error>;

    /// The predictive distribution of a regression or a forecast, with every draw.
    ///
    /// # Errors
    /// As [`regress`](Self::regress).
    fn mixture(&self, examples: Examples<'_>, how: &Drawing) -> Result<GaussianMixture, Error>;

    /// Every draw's outputs.
    ///
    /// # Errors
    /// As [`classify`](Self::classify), for every model.
    fn draws(&self, examples: Examples<'_>, how: &Drawing) -> Result<Draws<f32>, Error>;
}

/// A model that learns, and whose weights go into files.
pub trait Trainable: Predictor {
    /// The tensors, in the model's order.
    ///
    /// # Errors
    /// A device that fails.
    fn tensors(&self) -> Result<Vec<TensorInfo>, Error>;

    /// Runs a batch as in training, and adds the gradients of `step.scale·(loss + step.kl_weight·KL)` to those since the
    /// last [`update`](Self::update).
    ///
    /// # Errors
    /// Examples that do not fit; an estimator that is none for this model; what the loss fails with; a single example
    /// where batch normalisation needs several. Gradients so far are then dropped.
    fn gradients(
        &mut self,
        examples: Examples<'_>,
        step: &Step,
        loss: &mut LossFn<'_>,
    ) -> Result<StepLoss, Error>;

    /// One step of the optimiser along the gradients so far, which start from 0 again.
    ///
    /// # Errors
    /// No gradients; on the CPU gradients that are not finite; a setting that is out of range. The model is then unchanged.
    fn update(&mut self, optimizer: &mut Optimizer) -> Result<(), Error>;

    /// Loads a state dict saved as safetensors: PyTorch's into a plain model, bayesian-torch's into a twin, whose priors
    /// stay as they are. Names are PyTorch's; see [`weights`](crate::weights).
    ///
    /// # Errors
    /// A file that cannot be read or is none; every missing, extra and misshapen tensor, in one error. The model is then
    /// unchanged.
    fn load_weights(&mut self, path: &Path) -> Result<Loaded, Error>;

    /// Writes such a state dict, replacing the file at `path` in one step.
    ///
    /// # Errors
    /// What the operating system refuses.
    fn export(&self, path: &Path) -> Result<(), Error>;

    /// Writes a checkpoint: the model, its priors, the notes, and the optimiser's state where one is given. It also says
    /// which model and form it is.
    ///
    /// # Errors
    /// What the operating system refuses; a note with a reserved key.
    fn save(
        &self,
        path: &Path,
        notes: &Checkpoint,
        optimizer: Option<&Optimizer>,
    ) -> Result<(), Error>;

    /// Loads a checkpoint, and the optimiser's state into the one given; gives the notes.
    ///
    /// # Errors
    /// A file that cannot be read or is none; every difference, in one error. Model and optimiser are then unchanged.
    fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Error>;

    /// The int8 form, on the CPU, with the ranges that values have on the batches.
    ///
    /// # Errors
    /// No batches, or one that does not fit; weights or values that are not finite; fewer than two draws.
    fn quantize(
        &self,
        calibration: &Calibration,
        batches: &[Examples<'_>],
    ) -> Result<Box<dyn QuantModel>, Error>;

    /// A copy on the CPU, which several threads may ask at once.
    ///
    /// ```
    /// use bayes_core::prelude::Key;
    /// use bayes_models::models::{Architecture, Examples};
    ///
    /// let net = Architecture::MlpDigits.plain(0)?;
    /// let shared = net.on_cpu()?;
    /// let pixels = [0.5; 64];
    /// let examples = Examples::new(1, &pixels)?;
    /// let there = std::thread::scope(|scope| {
    ///     let asked = scope.spawn(|| shared.outputs(examples, Key::MEAN));
    ///     asked.join().expect("it does not panic")
    /// })?;
    /// assert_eq!(there, net.outputs(examples, Key::MEAN)?);
    /// # Ok::<(), bayes_models::models::Error>(())
    /// ```
    ///
    /// # Errors
    /// A device that fails.
    fn on_cpu(&self) -> Result<Box<dyn Trainable + Send + Sync>, Error>;
}

/// A plain model.
pub trait PlainModel: Trainable {
    /// Its Bayesian twin around these weights.
    ///
    /// # Errors
    /// A weight that is not finite; a delta that is not positive and finite; both a delta and a rho.
    fn bayes(&self, start: &Start) -> Result<Box<dyn BayesModel>, Error>;
}

/// A Bayesian twin.
pub trait BayesModel: Trainable {
    /// The KL of each tensor, in nats.
    ///
    /// # Errors
    /// A device that fails.
    fn kl_per_layer(&self) -> Result<Vec<TensorKl>, Error>;

    /// mu, sigma and KL of each tensor.
    ///
    /// # Errors
    /// A device that fails.
    fn posteriors(&self) -> Result<Vec<LayerPosterior>, Error>;

    /// The plain model with the posterior means.
    ///
    /// # Errors
    /// A device that fails.
    fn mean(&self) -> Result<Box<dyn PlainModel>, Error>;

    /// A plain model with weights drawn from the posterior: those of draw 0 of a prediction with this seed.
    ///
    /// # Errors
    /// A device that fails.
    fn sample(&self, seed: u64) -> Result<Box<dyn PlainModel>, Error>;

    /// Sets weights to 0 whose noise is large beside their mean; see [`prune`](bayes_core::prune).
    ///
    /// # Errors
    /// A fraction or threshold that is none.
    fn prune(&mut self, which: Prune) -> Result<Pruned, Error>;
}

/// A model in 8-bit integers, on the CPU.
pub trait QuantModel: Predictor + Send + Sync {
    /// Writes the model, replacing the file at `path` in one step; [`Architecture::load_int8`] reads it.
    ///
    /// # Errors
    /// What the operating system refuses.
    fn save(&self, path: &Path) -> Result<(), Error>;

    /// What each layer stores and costs.
    fn inspect(&self) -> Inspection;
}
