//! One or several models that predict together, chunk by chunk.

use super::Failure;
use super::prediction::{Said, Scores, scaled};
use super::training::Task;
use crate::data::{Scaling, Set, Targets};
use crate::models::{Drawing, Examples, Predictor};
use bayes_core::prelude::{Draws, Key};
use indicatif::{ProgressBar, ProgressStyle};

/// Examples that are predicted at once.
const CHUNK: usize = 1024;

/// Numbers of all draws that are kept at once, 16 MiB: with many draws a chunk has fewer examples.
const DRAWN: usize = 1 << 22;

/// Models whose draws count as those of one, and how they are asked.
#[derive(Debug, Clone)]
pub struct Committee<'a> {
    /// The models: one, or the members of an ensemble.
    pub models: Vec<&'a dyn Predictor>,
    /// The scale of their inputs.
    pub scaling: Option<&'a Scaling>,
    /// How each draws.
    pub how: Drawing,
    /// Whether a bar on the terminal shows how far a longer prediction is.
    pub shown: bool,
}

impl Committee<'_> {
    /// The draws of the first model, then of the next.
    ///
    /// # Errors
    /// No models or examples; examples that do not fit.
    pub fn draws(&self, rows: usize, values: &[f32], how: &Drawing) -> Result<Draws<f32>, Failure> {
        let mut all: Option<Draws<f32>> = None;
        for model in &self.models {
            let draws = model.draws(Examples::new(rows, values)?, how)?;
            match &mut all {
                None => all = Some(draws),
                Some(all) => {
                    all.samples += draws.samples;
                    all.values.extend(draws.values);
                }
            }
        }
        all.ok_or_else(|| Failure::usage("expected at least 1 model, found none"))
    }

    /// What the means of the posteriors give, averaged over the models, as one draw.
    fn mean(&self, rows: usize, values: &[f32]) -> Result<Draws<f32>, Failure> {
        let mut sums: Vec<f64> = Vec::new();
        for model in &self.models {
            let outputs = model.outputs(Examples::new(rows, values)?, Key::MEAN)?;
            sums.resize(outputs.len(), 0.0);
            for (sum, output) in sums.iter_mut().zip(outputs) {
                *sum += f64::from(output);
            }
        }
        let n = self.models.len().max(1) as f64;
        Ok(Draws {
            samples: 1,
            rows,
            outputs: sums.len() / rows.max(1),
            values: sums.iter().map(|sum| (sum / n) as f32).collect(),
        })
    }

    /// Calls `reduce` with the draws of each chunk of `set`, in order.
    ///
    /// # Errors
    /// Examples that cannot be read; a model that fails.
    pub fn for_each_chunk(
        &self,
        set: &Set,
        reduce: impl FnMut(usize, Draws<f32>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let outputs = self.models.first();
        let outputs = outputs.map_or(1, |model| model.architecture().outputs());
        let of_one = self.how.samples.saturating_mul(outputs * self.models.len());
        let rows = (DRAWN / of_one.max(1)).clamp(1, CHUNK);
        let ask = |first_example, rows, values: &[f32]| {
            let how = Drawing {
                first_example,
                ..self.how
            };
            self.draws(rows, values, &how)
        };
        self.chunks(set, rows, ask, reduce)
    }

    /// As [`for_each_chunk`](Self::for_each_chunk), with what the posteriors' means give as the one draw.
    ///
    /// # Errors
    /// As there.
    pub fn for_each_mean(
        &self,
        set: &Set,
        reduce: impl FnMut(usize, Draws<f32>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let ask = |_, rows, values: &[f32]| self.mean(rows, values);
        self.chunks(set, CHUNK, ask, reduce)
    }

    fn chunks(
        &self,
        set: &Set,
        chunk: usize,
        ask: impl Fn(usize, usize, &[f32]) -> Result<Draws<f32>, Failure>,
        mut reduce: impl FnMut(usize, Draws<f32>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let bar = match self.shown && set.len() > chunk {
            true => bar(set.len()),
            false => ProgressBar::hidden(),
        };
        for first in (0..set.len()).step_by(chunk) {
            let rows = chunk.min(set.len() - first);
            let values = scaled(set, self.scaling, first, rows)?;
            reduce(first, ask(first, rows, &values)?)?;
            bar.inc(rows as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// What is said of all examples of `set`.
    ///
    /// # Errors
    /// As [`for_each_chunk`](Self::for_each_chunk); no examples.
    pub fn say(&self, set: &Set, task: Task) -> Result<Said, Failure> {
        let mut all: Option<Said> = None;
        self.for_each_chunk(set, |_, draws| {
            let said = Said::of(&draws, task)?;
            match &mut all {
                None => all = Some(said),
                Some(all) => all.extend(said),
            }
            Ok(())
        })?;
        all.ok_or_else(|| Failure::usage("expected at least 1 example, found none; give others"))
    }

    /// What the predictions for `set` are worth.
    ///
    /// # Errors
    /// As [`say`](Self::say) and [`Scores::of`].
    pub fn score(&self, set: &Set) -> Result<Scores, Failure> {
        let task = match set.targets() {
            Targets::Numbers(_) => Task::Regression,
            _ => Task::Classification,
        };
        Scores::of(&self.say(set, task)?, set.targets())
    }
}

/// A bar of examples, on a terminal.
fn bar(examples: usize) -> ProgressBar {
    let bar = ProgressBar::new(examples as u64);
    match ProgressStyle::with_template("{pos}/{len} examples  {wide_bar} {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
