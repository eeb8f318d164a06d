//! The trained model of a run, as most sub-commands open it.

use super::super::network::{Model, Sampling};
use super::super::prediction::Together;
use super::super::run_folder::{Calibration, Meaning, RunFolder};
use super::super::settings::{Method, Settings};
use super::super::{Failure, find};
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
pub struct Trained<'m> {
    pub folder: RunFolder,
    pub settings: Settings,
    pub meaning: Meaning,
    pub calibration: Calibration,
    pub model: &'m Model,
    pub predictor: Together,
    pub sampling: Sampling,
}

impl Source {
    /// Opens the run.
    pub fn open<'m>(&self, models: &'m [Model]) -> Result<Trained<'m>, Failure> {
        let folder = RunFolder::new(&self.run);
        let settings = folder.settings()?;
        let model = find(models, &settings.model)?;
        let predictor = folder.predictor(&settings, model, self.int8)?;
        let asked = self.samples.unwrap_or(settings.samples).get();
        let sampling = Sampling {
            samples: match settings.method {
                Method::Deterministic | Method::Ensemble => 1,
                Method::Bayesian | Method::McDropout => asked,
            },
            seed: self.seed,
            mc_dropout: settings.drops(),
            first: 0,
        };
        Ok(Trained {
            meaning: folder.meaning()?,
            calibration: folder.calibration()?,
            folder,
            settings,
            model,
            predictor,
            sampling,
        })
    }
}
