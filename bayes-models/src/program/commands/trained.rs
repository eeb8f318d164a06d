//! The trained model of a run, as most sub-commands open it.

use super::super::run_folder::{Calibration, Meaning, RunFolder};
use super::super::sets::size;
use super::super::settings::{Method, Settings};
use super::super::{Failure, find};
use crate::data::Set;
use crate::models::{Architecture, Drawing, Predictor};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Which model predicts, and how.
#[derive(Debug, Args)]
pub struct Source {
    /// The folder of the run: the `--out` of `bayes train`
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
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
    pub folder: RunFolder,
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
    /// Opens the run.
    pub fn open(&self) -> Result<Trained, Failure> {
        let folder = RunFolder::new(&self.run);
        let settings = folder.settings()?;
        let architecture = find(&settings.model)?;
        let predictors = folder.predictor(&settings, architecture, self.int8)?;
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
            calibration: folder.calibration()?,
            folder,
            settings,
            architecture,
            predictors,
            how,
            int8: self.int8,
        })
    }
}

impl Trained {
    /// Whether examples are as large as those that the model learnt from, which a model of any number of features does not
    /// know.
    pub fn check(&self, set: &Set, data: &str) -> Result<(), Failure> {
        let learnt = &self.meaning.example;
        if set.width() == learnt.iter().product::<usize>() {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "expected examples of {}, as the model learnt from, found {} in `{data}`; give the same columns or sizes",
            size(learnt),
            size(set.shape())
        )))
    }

    /// All that predict.
    pub fn models(&self) -> Vec<&dyn Predictor> {
        self.predictors.iter().map(Box::as_ref).collect()
    }
}
