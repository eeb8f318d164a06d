//! The loop: epochs of batches, a validation after each, and a checkpoint that continues to the bit.

use super::super::committee::Committee;
use super::super::network::Network;
use super::super::prediction::Scores;
use super::super::{Failure, settings::Settings};
use super::objective::Answers;
use super::{Objective, Progress, Sums, Task};
use crate::data::{Augment, Batches, Loader, Scaling, Set, Targets};
use crate::models::{Drawing, Examples, Optimizer, Step};
use bayes_core::checkpoint::Checkpoint;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The key of [`Progress`] in a checkpoint.
const PROGRESS: &str = "progress";

/// One run of one model: its data and settings.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// What the model answers with.
    pub task: Task,
    /// What it learns from.
    pub train: &'a Set,
    /// What tells when to stop.
    pub validation: Option<&'a Set>,
    /// The scale of the inputs.
    pub scaling: Option<&'a Scaling>,
}

/// The files of a run.
#[derive(Debug, Clone)]
pub struct Files {
    /// The checkpoint from which it continues.
    pub checkpoint: PathBuf,
    /// The model that it makes.
    pub model: PathBuf,
}

/// What is told of an epoch; a line of `metrics.jsonl`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EpochReport {
    /// The member of an ensemble.
    pub member: usize,
    /// The epoch, from 1.
    pub epoch: usize,
    /// The loss, averaged over the training examples as the model changed.
    pub loss: f64,
    /// Its negative log-likelihood.
    pub nll: f64,
    /// The KL, summed over all weights.
    pub kl: f64,
    /// Its weight at the end.
    pub beta: f64,
    /// The share of training examples that a classifier got right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// The root mean squared error of a regression, in the units of training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rmse: Option<f64>,
    /// The learning rate at the end.
    pub learning_rate: f64,
    /// The AvUC threshold of the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// What the validation set says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Scores>,
    /// Training examples per second.
    pub examples_per_second: f64,
}

impl EpochReport {
    /// Its numbers, by the names that TensorBoard sorts them by.
    pub fn scalars(&self) -> Vec<(&'static str, f64)> {
        let validation = self.validation.as_ref();
        let all = [
            ("train/loss", Some(self.loss)),
            ("train/nll", Some(self.nll)),
            ("train/kl", Some(self.kl)),
            ("train/accuracy", self.accuracy),
            ("train/rmse", self.rmse),
            ("train/beta", Some(self.beta)),
            ("train/learning_rate", Some(self.learning_rate)),
            ("train/examples_per_second", Some(self.examples_per_second)),
            ("validation/nll", validation.map(|scores| scores.nll)),
            (
                "validation/accuracy",
                validation.and_then(|scores| scores.accuracy),
            ),
            ("validation/ece", validation.and_then(|scores| scores.ece)),
            ("validation/rmse", validation.and_then(|scores| scores.rmse)),
        ];
        let known = all
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        known.collect()
    }
}

/// Who is told how the run goes.
pub trait Watch {
    /// A step is done; true asks the run to save and end.
    fn step(&mut self, progress: &Progress, steps: usize) -> bool;

    /// An epoch is done; called before the checkpoint is written.
    ///
    /// # Errors
    /// What cannot be written down.
    fn epoch(&mut self, report: &EpochReport) -> Result<(), Failure>;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All epochs are done.
    Whole,
    /// The validation NLL did not fall any more.
    Early,
    /// It was asked to end, and is saved.
    Interrupted,
}

/// One example's KL weight, rates and noise are functions of these.
#[derive(Debug, Clone, Copy)]
struct Place {
    epoch: usize,
    per_epoch: usize,
    step: usize,
}

impl Place {
    fn total(self) -> usize {
        self.epoch * self.per_epoch + self.step
    }
}

impl Run<'_> {
    /// Trains `network` from where `progress` says it is to the end.
    ///
    /// # Errors
    /// A loss or gradients that are not finite; files that cannot be written. The last checkpoint is then whole.
    pub fn train(
        &self,
        network: &mut Network,
        optimizer: &mut Optimizer,
        progress: &mut Progress,
        files: &Files,
        watch: &mut dyn Watch,
    ) -> Result<Ended, Failure> {
        let settings = self.settings;
        let seed = self.seed(progress.member);
        let mut batches = Batches::new(self.train.len(), settings.batch_size.get(), seed)?;
        let per_epoch = batches.per_epoch();
        if progress.done {
            return Ok(Ended::Whole);
        }
        while progress.epoch < settings.epochs {
            let order: Vec<Vec<usize>> = batches
                .epoch(progress.epoch as u64)
                .skip(progress.step)
                .map(<[usize]>::to_vec)
                .collect();
            let (start, before) = (Instant::now(), progress.sums.examples);
            let asked = self.epoch(network, optimizer, progress, per_epoch, order, watch)?;
            let seconds = start.elapsed().as_secs_f64();
            if asked && progress.step < per_epoch {
                save(network, optimizer, progress, &files.checkpoint)?;
                return Ok(Ended::Interrupted);
            }
            let threshold = (settings.avuc > 0.0).then(|| self.threshold(progress));
            let sums = progress.end_epoch();
            let speed = (sums.examples - before) as f64 / seconds;
            let report = self.report(network, progress, &sums, per_epoch, threshold, speed)?;
            let early = self.keep(network, progress, &report, &files.model)?;
            progress.done = early || progress.epoch == settings.epochs;
            watch.epoch(&report)?;
            save(network, optimizer, progress, &files.checkpoint)?;
            if early {
                return Ok(Ended::Early);
            }
            if asked && !progress.done {
                return Ok(Ended::Interrupted);
            }
        }
        if settings.epochs == 0 {
            network.save(&files.model, &Checkpoint::new(), None)?;
            progress.done = true;
            save(network, optimizer, progress, &files.checkpoint)?;
        }
        Ok(Ended::Whole)
    }

    /// The seed of a member.
    pub fn seed(&self, member: usize) -> u64 {
        self.settings.seed.wrapping_add(member as u64)
    }

    /// The batches of an epoch that are left; whether the run was asked to end.
    fn epoch(
        &self,
        network: &mut Network,
        optimizer: &mut Optimizer,
        progress: &mut Progress,
        per_epoch: usize,
        order: Vec<Vec<usize>>,
        watch: &mut dyn Watch,
    ) -> Result<bool, Failure> {
        let settings = self.settings;
        let seed = self.seed(progress.member);
        let loader = Loader {
            set: self.train,
            scaling: self.scaling,
            augment: Augment {
                crop: settings.crop,
                flip: settings.flip,
            },
            seed,
            threads: settings.threads.get(),
        };
        let steps = settings.epochs * per_epoch;
        std::thread::scope(|scope| {
            for (indices, values) in loader.batches(scope, progress.epoch as u64, order) {
                let place = Place {
                    epoch: progress.epoch,
                    per_epoch,
                    step: progress.step,
                };
                let rate = settings.rate(per_epoch).at(place.total(), steps);
                optimizer.set_learning_rate(rate);
                let objective = Objective {
                    avuc: settings.avuc,
                    threshold: self.threshold(progress),
                };
                let beta = settings.kl(per_epoch)?.beta(place.total());
                let draws = settings.train_samples.get();
                let values = values?;
                let answers = self.answers(&indices)?;
                let mut sums = Sums::default();
                for sample in 0..draws {
                    let number = (place.total() * draws + sample) as u64;
                    let step = Step {
                        scale: 1.0 / draws as f64,
                        ..Step::new(seed, number, beta / self.train.len() as f64)
                    };
                    let examples = Examples::new(indices.len(), &values)?;
                    let model = network.model_mut();
                    let found = model.gradients(examples, &step, &mut |outputs| {
                        objective.loss(outputs, answers.view(), &mut sums)
                    })?;
                    let loss = found.data + step.kl_weight * found.kl;
                    if !loss.is_finite() {
                        return Err(Failure::Failed(format!(
                            "the loss of epoch {} is {loss}: the run diverged; lower the learning rate",
                            progress.epoch + 1
                        )));
                    }
                    sums.loss += loss * indices.len() as f64;
                    sums.kl += found.kl * indices.len() as f64;
                }
                network.model_mut().update(optimizer)?;
                progress.sums.add(&sums, indices.len(), draws);
                progress.step += 1;
                if watch.step(progress, per_epoch) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    fn threshold(&self, progress: &Progress) -> f64 {
        if progress.epoch < self.settings.avuc_epochs {
            1.0
        } else {
            progress.threshold
        }
    }

    fn answers(&self, indices: &[usize]) -> Result<Gathered, Failure> {
        match self.train.targets() {
            Targets::Classes { labels, .. } => Ok(Gathered::Classes(
                indices.iter().map(|&i| labels[i]).collect(),
            )),
            Targets::Numbers(numbers) => Ok(Gathered::Numbers(
                indices.iter().map(|&i| numbers[i]).collect(),
            )),
            Targets::None => Err(Failure::usage(
                "expected a target for each training example, found none; add labels or a target column",
            )),
        }
    }

    fn report(
        &self,
        network: &Network,
        progress: &Progress,
        sums: &Sums,
        per_epoch: usize,
        threshold: Option<f64>,
        examples_per_second: f64,
    ) -> Result<EpochReport, Failure> {
        let n = sums.examples.max(1) as f64;
        let last = progress.epoch * per_epoch - 1;
        let validation = match self.validation {
            None => None,
            Some(set) => {
                let how = Drawing {
                    samples: self.settings.validation_samples(),
                    // Noise that training has not seen.
                    seed: !self.settings.seed,
                    mc_dropout: self.settings.drops(),
                    ..Drawing::default()
                };
                let committee = Committee {
                    models: vec![network.model()],
                    scaling: self.scaling,
                    how,
                    shown: false,
                };
                let scores = committee.score(set)?;
                if !scores.nll.is_finite() {
                    return Err(Failure::Failed(format!(
                        "the validation NLL after epoch {} is {}: the run diverged; lower the learning rate",
                        progress.epoch, scores.nll
                    )));
                }
                Some(scores)
            }
        };
        let classifies = self.task == Task::Classification;
        Ok(EpochReport {
            member: progress.member,
            epoch: progress.epoch,
            loss: sums.loss / n,
            nll: sums.nll / n,
            kl: sums.kl / n,
            beta: self.settings.kl(per_epoch)?.beta(last),
            accuracy: classifies
                .then(|| sums.right as f64 / (sums.right + sums.wrong).max(1) as f64),
            rmse: (!classifies).then(|| (sums.squares / n).sqrt()),
            learning_rate: self
                .settings
                .rate(per_epoch)
                .at(last, self.settings.epochs * per_epoch),
            threshold,
            validation,
            examples_per_second,
        })
    }

    /// Writes the model where it is the one to keep; whether the run ends early.
    fn keep(
        &self,
        network: &Network,
        progress: &mut Progress,
        report: &EpochReport,
        model: &Path,
    ) -> Result<bool, Failure> {
        let (Some(patience), Some(scores)) = (self.settings.patience, &report.validation) else {
            if progress.epoch == self.settings.epochs {
                network.save(model, &Checkpoint::new(), None)?;
            }
            return Ok(false);
        };
        let better = progress.best.is_none_or(|(nll, _)| scores.nll < nll);
        if better {
            progress.best = Some((scores.nll, progress.epoch));
            network.save(model, &Checkpoint::new(), None)?;
        }
        let waited = progress.best.map_or(0, |(_, epoch)| progress.epoch - epoch);
        Ok(waited >= patience.get())
    }
}

enum Gathered {
    Classes(Vec<usize>),
    Numbers(Vec<f32>),
}

impl Gathered {
    fn view(&self) -> Answers<'_> {
        match self {
            Self::Classes(labels) => Answers::Classes(labels),
            Self::Numbers(numbers) => Answers::Numbers(numbers),
        }
    }
}

/// Writes everything from which the run continues, in one step.
fn save(
    network: &Network,
    optimizer: &Optimizer,
    progress: &Progress,
    path: &Path,
) -> Result<(), Failure> {
    let text = serde_json::to_string(progress)
        .map_err(|error| Failure::Failed(format!("the run's progress cannot be saved: {error}")))?;
    let notes = Checkpoint::new().with_entry(PROGRESS, text);
    network.save(path, &notes, Some(optimizer))
}

/// Reads what [`save`] wrote.
///
/// # Errors
/// A checkpoint that does not fit or holds no progress.
pub(in super::super) fn restore(
    network: &mut Network,
    optimizer: &mut Optimizer,
    path: &Path,
) -> Result<Progress, Failure> {
    let notes = network.load(path, Some(optimizer))?;
    let text = notes.get(PROGRESS).map_or("", String::as_str);
    serde_json::from_str(text).map_err(|error| {
        Failure::Failed(format!(
            "`{}`: expected the progress of a run, found {error}; it is no checkpoint of `bayes train`",
            path.display()
        ))
    })
}
