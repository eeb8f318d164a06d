//! The two forms of a model that train, as the program holds them.

use super::Failure;
use super::settings::{Method, Settings};
use crate::models::{Architecture, BayesModel, Optimizer, PlainModel, Predictor, Start, Trainable};
use bayes_core::checkpoint::Checkpoint;
use std::collections::BTreeMap;
use std::path::Path;

/// A plain model or a twin.
#[derive(Debug)]
pub enum Network {
    /// One number for each weight.
    Plain(Box<dyn PlainModel>),
    /// A posterior for each weight.
    Twin(Box<dyn BayesModel>),
}

impl Network {
    /// The model of a run before its first step, for a member with this seed: random weights or those of a file, and
    /// the twin around them.
    ///
    /// # Errors
    /// A file that does not fit; a start that is none.
    pub fn start(
        settings: &Settings,
        architecture: Architecture,
        seed: u64,
    ) -> Result<Self, Failure> {
        let mut plain = architecture.plain(seed)?;
        if let Some(path) = &settings.moped {
            plain.load(path, None).map_err(Failure::of_file(path))?;
        }
        if let Some(path) = &settings.weights {
            plain.load_weights(path).map_err(Failure::of_file(path))?;
        }
        if settings.method != Method::Bayesian {
            return Ok(Self::Plain(plain));
        }
        let start = Start {
            moped: settings.moped.is_some().then_some(settings.delta),
            rho: settings.rho,
        };
        Ok(Self::Twin(plain.bayes(&start)?))
    }

    /// The model of a run into which a checkpoint is to be loaded.
    ///
    /// # Errors
    /// A device that fails.
    pub fn empty(method: Method, architecture: Architecture) -> Result<Self, Failure> {
        let plain = architecture.plain(0)?;
        Ok(match method {
            Method::Bayesian => Self::Twin(plain.bayes(&Start::default())?),
            _ => Self::Plain(plain),
        })
    }

    /// As something that trains.
    pub fn model(&self) -> &dyn Trainable {
        match self {
            Self::Plain(model) => model.as_ref(),
            Self::Twin(model) => model.as_ref(),
        }
    }

    /// As something that trains.
    pub fn model_mut(&mut self) -> &mut dyn Trainable {
        match self {
            Self::Plain(model) => model.as_mut(),
            Self::Twin(model) => model.as_mut(),
        }
    }

    /// As something that predicts.
    pub fn predictor(self) -> Box<dyn Predictor> {
        match self {
            Self::Plain(model) => model,
            Self::Twin(model) => model,
        }
    }

    /// The twin, if it is one.
    pub fn twin(&self) -> Option<&dyn BayesModel> {
        match self {
            Self::Plain(_) => None,
            Self::Twin(model) => Some(model.as_ref()),
        }
    }

    /// Writes the model with `notes`, and perhaps the optimiser's state.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn save(
        &self,
        path: &Path,
        notes: &Checkpoint,
        optimizer: Option<&Optimizer>,
    ) -> Result<(), Failure> {
        Ok(self.model().save(path, notes, optimizer)?)
    }

    /// Loads what [`save`](Self::save) wrote, and gives the notes.
    ///
    /// # Errors
    /// A file that does not fit.
    pub fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let notes = self.model_mut().load(path, optimizer);
        notes.map_err(Failure::of_file(path))
    }
}
