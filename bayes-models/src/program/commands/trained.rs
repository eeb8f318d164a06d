//! The trained model of a run, as most sub-commands open it.

use super::super::committee::Committee;
use super::super::network::Network;
use super::super::run_folder::{Calibration, Meaning, RunFolder, on_cpu, spare};
use super::super::sets::{Parts, alike, in_a_row, size, squeezed};
use super::super::settings::{Method, Settings, at_most_samples};
use super::super::training::Task;
use super::super::{Failure, find};
use crate::data::Set;
use crate::models::{self, Architecture, Drawing, Predictor};
use bayes_core::device::DeviceName;
use bayes_core::int8::is_int8;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Which model: that of a run, or one by its name with the weights of a file.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// The folder of the run: the `--out` of `bayes train`
    #[arg(value_name = "RUN", required_unless_present = "model")]
    pub run: Option<PathBuf>,
    /// A model by its name, with `--weights`, instead of a run
    #[arg(long, value_name = "NAME", requires = "weights")]
    pub model: Option<String>,
    /// State dict of PyTorch or bayesian-torch, saved as safetensors, or what `bayes export` or `quantize` wrote
    #[arg(long, value_name = "FILE", requires = "model")]
    pub weights: Option<PathBuf>,
}

/// What [`Which`] names.
pub enum Named<'a> {
    /// A run.
    Run(RunFolder),
    /// A model with weights.
    File(Architecture, &'a Path),
}

impl Which {
    /// What it names.
    pub fn named(&self) -> Result<Named<'_>, Failure> {
        match (&self.run, &self.model, &self.weights) {
            (Some(run), None, _) => Ok(Named::Run(RunFolder::new(run))),
            (None, Some(model), Some(weights)) => Ok(Named::File(find(model)?, weights)),
            _ => Err(Failure::usage(
                "expected the folder of a run, or `--model` with `--weights`, found both or neither; give one of them",
            )),
        }
    }
}

/// Which model predicts, and how.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// The model.
    #[command(flatten)]
    pub which: Which,
    /// Predict with the int8 model that `bayes quantize` made
    #[arg(long)]
    pub int8: bool,
    /// Draws of a prediction [default: those of the run's settings]
    #[arg(long, value_name = "N")]
    pub samples: Option<NonZeroUsize>,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
}

/// A trained model with all that a prediction needs.
pub struct Trained {
    /// The folder of its run, if it has one.
    pub folder: Option<RunFolder>,
    /// Else the file of its weights.
    weights: Option<PathBuf>,
    pub settings: Settings,
    pub meaning: Meaning,
    pub calibration: Calibration,
    pub architecture: Architecture,
    pub predictors: Vec<Box<dyn Predictor>>,
    pub how: Drawing,
    /// Whether it is the int8 model that predicts.
    pub int8: bool,
}

impl Source {
    /// Opens the run, or the model with its weights, on a device.
    pub fn open(&self, device: DeviceName) -> Result<Trained, Failure> {
        if let Some(samples) = self.samples {
            at_most_samples(samples)?;
        }
        match self.which.named()? {
            Named::Run(folder) => self.of_run(folder, device),
            Named::File(_, weights) if self.int8 && !is_int8(weights) => {
                Err(Failure::usage(format!(
                    "expected the folder of a run, or an int8 file for `--weights`, with `--int8`, found `{}`; make one with \
                     `bayes quantize`",
                    weights.display()
                )))
            }
            Named::File(architecture, weights) => self.of_file(architecture, device, weights),
        }
    }

    /// A model that takes its inputs as they are, in the form of its weights.
    fn of_file(
        &self,
        architecture: Architecture,
        device: DeviceName,
        weights: &Path,
    ) -> Result<Trained, Failure> {
        let int8 = is_int8(weights);
        let (predictor, draws) = if int8 {
            on_cpu(device)?;
            let integers = architecture.load_int8(weights);
            let integers = integers.map_err(Failure::of_file(weights))?;
            let layers = integers.inspect().layers.into_iter();
            let mut weights = layers.filter_map(|layer| layer.weights);
            let draws = weights.any(|weights| weights.noise.is_some());
            (integers as Box<dyn Predictor>, draws)
        } else {
            let network = Network::read(architecture, device, weights)?;
            let draws = network.twin().is_some();
            (network.predictor(), draws)
        };
        let method = match draws {
            true => Method::Bayesian,
            false => Method::Deterministic,
        };
        let settings = Settings {
            model: architecture.to_string(),
            method,
            ..Settings::default()
        };
        let task = match architecture.task() {
            models::Task::Classification { .. } => Task::Classification,
            _ => Task::Regression,
        };
        if task == Task::Regression {
            tell!(
                "note: weights say no scale: inputs are taken, and answers given, in the units in which `{architecture}` was \
                 trained; the folder of a run knows them"
            );
        }
        let samples = match method {
            Method::Bayesian => self.samples.unwrap_or(settings.samples).get(),
            _ => 1,
        };
        Ok(Trained {
            folder: None,
            weights: Some(weights.to_owned()),
            meaning: Meaning {
                task,
                example: Vec::new(),
                columns: None,
                inputs: None,
                target: None,
                classes: None,
            },
            calibration: Calibration::default(),
            settings,
            architecture,
            predictors: vec![predictor],
            how: Drawing {
                samples,
                seed: self.seed,
                ..Drawing::default()
            },
            int8,
        })
    }

    fn of_run(&self, folder: RunFolder, device: DeviceName) -> Result<Trained, Failure> {
        let settings = folder.settings()?;
        let architecture = find(&settings.model)?;
        let predictors = folder.predictor(&settings, architecture, device, self.int8)?;
        let asked = self.samples.unwrap_or(settings.samples).get();
        let how = Drawing {
            samples: match settings.method {
                Method::Deterministic | Method::Ensemble => 1,
                Method::Bayesian | Method::McDropout => asked,
            },
            seed: self.seed,
            mc_dropout: settings.drops(),
            ..Drawing::default()
        };
        Ok(Trained {
            meaning: folder.meaning()?,
            calibration: folder.calibration(self.int8)?,
            folder: Some(folder),
            weights: None,
            settings,
            architecture,
            predictors,
            how,
            int8: self.int8,
        })
    }
}

impl Trained {
    /// Whether a table has the columns that the model learnt from, in their order.
    pub fn same_columns(&self, parts: &Parts) -> Result<(), Failure> {
        match (&self.meaning.columns, &parts.columns) {
            (Some(learnt), Some(found)) if learnt != found => Err(Failure::usage(format!(
                "expected the columns {}, in the order that the model learnt them in, found {} in `{}`; order them so",
                learnt.join(", "),
                found.join(", "),
                self.settings.data
            ))),
            _ => Ok(()),
        }
    }

    /// The examples in the size of those that the model learnt from, up to sizes of 1 or as numbers in a row; a model of any
    /// number of features does not know it.
    pub fn fitting(&self, set: Set, data: &str) -> Result<Set, Failure> {
        let learnt = &self.meaning.example;
        if learnt.is_empty() || set.shape() == learnt {
            return Ok(set);
        }
        // A series of one feature is in a row, but another series of as many numbers has features beside each other.
        let alike = match learnt.len() {
            2 => in_a_row(set.shape()) || squeezed(set.shape()) == squeezed(learnt),
            _ => alike(set.shape(), learnt),
        };
        if set.width() == learnt.iter().product::<usize>() && alike {
            return Ok(set.with_shape(learnt.clone())?);
        }
        Err(Failure::usage(format!(
            "expected examples of {}, as the model learnt from, found {} in `{data}`; give the same columns or sizes",
            size(learnt),
            size(set.shape())
        )))
    }

    /// All that predict, together.
    pub fn committee(&self) -> Committee<'_> {
        Committee {
            models: self.predictors.iter().map(Box::as_ref).collect(),
            scaling: self.meaning.inputs.as_ref(),
            how: self.how,
            shown: true,
        }
    }

    /// Refuses to write over what the model was read from.
    pub fn spare(&self, out: &Path) -> Result<(), Failure> {
        if let Some(folder) = &self.folder {
            folder.spare(out)?;
        }
        match &self.weights {
            Some(weights) => spare(out, weights),
            None => Ok(()),
        }
    }
}
