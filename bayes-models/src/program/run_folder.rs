//! The folder of a run: its settings, what its data are, its checkpoint, models and metrics.

use super::Failure;
use super::network::Network;
use super::settings::{Flags, Method, Settings};
use super::training::{Files, Task};
use crate::data::Scaling;
use crate::models::{Architecture, Predictor, QuantModel};
use bayes_core::calibration::{ConformalClassifier, ConformalRegressor, Temperature};
use bayes_core::device::DeviceName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What a model's numbers mean: needed wherever it predicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meaning {
    /// What it answers with.
    pub task: Task,
    /// The size of the examples that it learnt from.
    pub example: Vec<usize>,
    /// The names of the columns of a table, in the order in which it takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// The scale of the inputs; none where they are taken as they are.
    pub inputs: Option<Scaling>,
    /// The scale of the number that a regression predicts.
    pub target: Option<Scaling>,
    /// The names of the classes; none where they are numbers.
    pub classes: Option<Vec<String>>,
}

/// What was fitted on a calibration set, which the model has not seen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calibration {
    /// Of a classifier.
    pub temperature: Option<Temperature>,
    /// Sets of a classifier.
    pub sets: Option<ConformalClassifier>,
    /// Intervals of a regression.
    pub intervals: Option<ConformalRegressor>,
}

const CHECKPOINT: &str = "checkpoint.safetensors";

/// The folder of a run.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// The folder at `path`.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The settings, in effect.
    pub fn settings_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// The metrics, a line for each epoch.
    pub fn metrics_file(&self) -> PathBuf {
        self.0.join("metrics.jsonl")
    }

    /// Where the int8 model goes.
    pub fn int8_file(&self) -> PathBuf {
        self.0.join("model.int8")
    }

    /// The int8 model.
    ///
    /// # Errors
    /// None that is there, or a damaged one.
    pub fn int8(&self, architecture: Architecture) -> Result<Box<dyn QuantModel>, Failure> {
        let file = self.int8_file();
        if !file.exists() {
            return Err(Failure::usage(format!(
                "expected an int8 model in `{}`, found none; make it with `bayes quantize {}`",
                file.display(),
                self.0.display()
            )));
        }
        let model = architecture.load_int8(&file);
        model.map_err(Failure::of_file(&file))
    }

    fn meaning_file(&self) -> PathBuf {
        self.0.join("meaning.json")
    }

    /// What is fitted to the int8 model is its own.
    fn calibration_file(&self, int8: bool) -> PathBuf {
        self.0.join(match int8 {
            true => "calibration-int8.json",
            false => "calibration.json",
        })
    }

    fn lock_file(&self) -> PathBuf {
        self.0.join(".lock")
    }

    /// Keeps other programs from training in this folder until what it gives is dropped.
    ///
    /// # Errors
    /// Another program that does so already.
    pub fn lock(&self) -> Result<File, Failure> {
        let path = self.lock_file();
        let file = File::create(&path).map_err(Failure::io("write", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failure::usage(format!(
                "expected a run that nobody continues, found another `bayes` that trains in `{}`; wait for its end, or end it",
                self.0.display()
            ))),
            // A file system without locks: the user has to take care.
            Err(TryLockError::Error(_)) => Ok(file),
        }
    }

    /// Refuses to write over a file of the run.
    ///
    /// # Errors
    /// A path of one of them.
    pub fn spare(&self, out: &Path) -> Result<(), Failure> {
        let own = [
            self.settings_file(),
            self.metrics_file(),
            self.meaning_file(),
            self.calibration_file(false),
            self.calibration_file(true),
            self.0.join(CHECKPOINT),
        ];
        for file in own.iter().chain(&self.models()) {
            spare(out, file)?;
        }
        Ok(())
    }

    /// The files of trained models that are there.
    fn models(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.path());
        let is_model = |file: &PathBuf| {
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or("");
            name.starts_with("model") && (name.ends_with(".safetensors") || name.ends_with(".int8"))
        };
        files.filter(is_model).collect()
    }

    /// Where a run and the model of a member go.
    pub fn files(&self, settings: &Settings, member: usize) -> Files {
        let model = match settings.method {
            Method::Ensemble => format!("model-{member}.safetensors"),
            _ => "model.safetensors".to_owned(),
        };
        Files {
            checkpoint: self.0.join(CHECKPOINT),
            model: self.0.join(model),
        }
    }

    /// Starts a run: a new folder with settings and meaning.
    ///
    /// # Errors
    /// A folder that holds a run already, or cannot be written.
    pub fn create(&self, settings: &Settings, meaning: &Meaning) -> Result<(), Failure> {
        if self.settings_file().exists() {
            return Err(Failure::usage(format!(
                "expected a new folder for the run, found one in `{}`; take another `--out`, or continue it with \
                 `bayes train --resume {0}`",
                self.0.display()
            )));
        }
        std::fs::create_dir_all(&self.0).map_err(Failure::io("make the folder", &self.0))?;
        write_json(&self.meaning_file(), meaning)?;
        replace(&self.settings_file(), settings.to_toml()?.as_bytes())
    }

    /// Takes away what [`create`](Self::create) made, of a run that has come to nothing: its folder can be used again.
    pub fn forget(&self) {
        for file in [
            self.settings_file(),
            self.meaning_file(),
            self.metrics_file(),
            self.lock_file(),
        ] {
            // What is not there needs not be taken away, and the error that ended the run is the one to be told.
            let _ = std::fs::remove_file(file);
        }
        let _ = std::fs::remove_dir(&self.0);
    }

    /// The settings of the run.
    ///
    /// # Errors
    /// A folder without a run.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let file = self.settings_file();
        if !file.exists() {
            return Err(Failure::usage(format!(
                "expected the folder of a run with a `config.toml`, found none in `{}`; give the `--out` of `bayes train`",
                self.0.display()
            )));
        }
        Settings::gather(Some(&file), &Flags::default())
    }

    /// What the model's numbers mean.
    ///
    /// # Errors
    /// A file that is damaged.
    pub fn meaning(&self) -> Result<Meaning, Failure> {
        read_json(&self.meaning_file())
    }

    /// What was fitted to the model; to its int8 form where that is asked for and has something of its own. Nothing where
    /// nothing was.
    ///
    /// # Errors
    /// A file that is damaged.
    pub fn calibration(&self, int8: bool) -> Result<Calibration, Failure> {
        let files = [int8, false].map(|int8| self.calibration_file(int8));
        match files.iter().find(|file| file.exists()) {
            Some(file) => read_json(file),
            None => Ok(Calibration::default()),
        }
    }

    /// Takes away what was fitted to an int8 model, which is made again.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn forget_int8_calibration(&self) -> Result<(), Failure> {
        let file = self.calibration_file(true);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::io("take away", &file)(error))
            }
            _ => Ok(()),
        }
    }

    /// Saves what was fitted.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn set_calibration(&self, fitted: &Calibration, int8: bool) -> Result<(), Failure> {
        write_json(&self.calibration_file(int8), fitted)
    }

    /// The trained models: one, or those of an ensemble.
    ///
    /// # Errors
    /// A model that has not been trained to its end, or does not fit.
    pub fn networks(
        &self,
        settings: &Settings,
        architecture: Architecture,
        device: DeviceName,
    ) -> Result<Vec<Network>, Failure> {
        let members = settings.trained_members();
        let mut networks = Vec::with_capacity(members);
        for member in 0..members {
            let file = self.files(settings, member).model;
            if !file.exists() {
                return Err(Failure::usage(format!(
                    "expected the trained model `{}`, found none; end the run with `bayes train --resume {}`",
                    file.display(),
                    self.0.display()
                )));
            }
            let mut network = Network::empty(settings.method, architecture, device)?;
            network.load(&file, None)?;
            networks.push(network);
        }
        Ok(networks)
    }

    /// What predicts: the trained models together, or the int8 file, which runs on the CPU.
    ///
    /// # Errors
    /// As [`networks`](Self::networks); no int8 file; another device for it.
    pub fn predictor(
        &self,
        settings: &Settings,
        architecture: Architecture,
        device: DeviceName,
        int8: bool,
    ) -> Result<Vec<Box<dyn Predictor>>, Failure> {
        if int8 {
            on_cpu(device)?;
            return Ok(vec![self.int8(architecture)?]);
        }
        let networks = self.networks(settings, architecture, device)?;
        Ok(networks.into_iter().map(Network::predictor).collect())
    }

    /// Cuts the metrics to the lines that `keep` wants, which a run that was killed may have gone beyond.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn cut_metrics(&self, keep: impl Fn(&serde_json::Value) -> bool) -> Result<(), Failure> {
        let file = self.metrics_file();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let kept: String = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .filter(|line| serde_json::from_str(line).is_ok_and(|line| keep(&line)))
            .collect();
        replace(&file, kept.as_bytes())
    }
}

/// Refuses an int8 model another device.
///
/// # Errors
/// Another device.
pub fn on_cpu(device: DeviceName) -> Result<(), Failure> {
    match device {
        DeviceName::Cpu => Ok(()),
        other => Err(Failure::usage(format!(
            "expected `--device cpu` with `--int8`, found `{other}`; models of integers run on the CPU"
        ))),
    }
}

/// Refuses to write to `out` where it is the file `other`.
///
/// # Errors
/// The same file.
pub fn spare(out: &Path, other: &Path) -> Result<(), Failure> {
    // What is not there is not written over.
    match (out.canonicalize(), other.canonicalize()) {
        (Ok(out), Ok(other)) if out == other => Err(Failure::usage(format!(
            "expected a file of its own for what is written, found `{}`, which is still needed; take another name",
            out.display()
        ))),
        _ => Ok(()),
    }
}

/// Writes a file beside `path` and renames it.
///
/// # Errors
/// What the operating system refuses; the old file is then as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&temporary);
        Failure::io("write", path)(error)
    })
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::Failed(format!("`{}` cannot be written: {error}", path.display()))
    })?;
    replace(path, (text + "\n").as_bytes())
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::Failed(format!(
            "`{}`: line {}: expected what `bayes` wrote, found {error}; train or calibrate again",
            path.display(),
            error.line()
        ))
    })
}
