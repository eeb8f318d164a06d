//! The two forms of a model that train, as the program holds them.

use super::Failure;
use super::settings::{Method, Settings};
use crate::models::{
    Architecture, BayesModel, Optimizer, PlainModel, Predictor, Saved, Start, Trainable,
};
use bayes_core::checkpoint::Checkpoint;
use bayes_core::device::DeviceName;
use bayes_core::int8::is_int8;
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
        device: DeviceName,
        seed: u64,
    ) -> Result<Self, Failure> {
        let mut plain = architecture.plain_on(device, seed)?;
        for path in settings.moped.iter().chain(&settings.weights) {
            if is_int8(path) {
                return Err(Failure::usage(format!(
                    "expected trained weights in f32, found the int8 model `{}`; give what it was quantized from",
                    path.display()
                )));
            }
        }
        if let Some(path) = &settings.moped {
            of_plain(architecture, path)?;
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
    pub fn empty(
        method: Method,
        architecture: Architecture,
        device: DeviceName,
    ) -> Result<Self, Failure> {
        let plain = architecture.plain_on(device, 0)?;
        Ok(match method {
            Method::Bayesian => Self::Twin(plain.bayes(&Start::default())?),
            _ => Self::Plain(plain),
        })
    }

    /// The model with the weights of a file: what [`save`](Self::save) wrote, or a state dict of PyTorch or bayesian-torch,
    /// which is told by the names of its tensors.
    ///
    /// # Errors
    /// A file that is none of these, or does not fit.
    pub fn read(
        architecture: Architecture,
        device: DeviceName,
        path: &Path,
    ) -> Result<Self, Failure> {
        let metadata = Checkpoint::read_metadata(path);
        let metadata = metadata.map_err(|error| Failure::of_file(path)(error.into()))?;
        if metadata.contains_key("architecture") {
            let (saved, _) = Saved::open_on(device, path).map_err(Failure::of_file(path))?;
            let network = match saved {
                Saved::Plain(model) => Self::Plain(model),
                Saved::Bayesian(model) => Self::Twin(model),
            };
            let found = network.model().architecture();
            if found == architecture {
                return Ok(network);
            }
            return Err(Failure::usage(format!(
                "expected a model `{architecture}` in `{}`, found `{found}`; give `--model {found}`",
                path.display()
            )));
        }
        let plain = architecture.plain_on(device, 0)?;
        let mut network = if is_bayesian_torch(path)? {
            Self::Twin(plain.bayes(&Start::default())?)
        } else {
            Self::Plain(plain)
        };
        let loaded = network.model_mut().load_weights(path);
        loaded.map_err(Failure::of_file(path))?;
        Ok(network)
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

/// Refuses a checkpoint that MOPED has no use for.
fn of_plain(architecture: Architecture, path: &Path) -> Result<(), Failure> {
    let metadata = Checkpoint::read_metadata(path);
    let metadata = metadata.map_err(|error| Failure::of_file(path)(error.into()))?;
    let said = |key: &str| metadata.get(key).map(String::as_str);
    let (found, instead) = match (said("architecture"), said("form")) {
        (None, _) => (
            "a file that says none".to_owned(),
            "a state dict of PyTorch goes with `--weights`".to_owned(),
        ),
        (Some(other), _) if other != architecture.name() => (
            format!("one of `{other}`"),
            format!("take `--model {other}`"),
        ),
        (_, Some("bayesian")) => (
            "a twin".to_owned(),
            "write its means with `bayes export RUN --format plain`".to_owned(),
        ),
        _ => return Ok(()),
    };
    Err(Failure::usage(format!(
        "expected the checkpoint of a plain `{architecture}` for `moped`, found {found} in `{}`; {instead}",
        path.display()
    )))
}

/// Whether a safetensors file has the parameters of a posterior as bayesian-torch names them.
fn is_bayesian_torch(path: &Path) -> Result<bool, Failure> {
    let names = Checkpoint::read_names(path);
    let names = names.map_err(|error| Failure::of_file(path)(error.into()))?;
    let last = |name: &String| {
        name.rsplit('.')
            .next()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    Ok(names.iter().map(last).any(|name| name.starts_with("mu_")))
}
