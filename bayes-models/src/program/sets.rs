//! The data sets by the words of `--data`.

use super::Failure;
use super::settings::Settings;
use super::training::Task;
use crate::data::{Digits, Labelled, Set, Targets, Values};
use crate::models::{Architecture, Input, Task as Purpose};
use std::path::Path;

/// A data set in its parts.
#[derive(Debug)]
pub struct Parts {
    /// To learn from.
    pub train: Set,
    /// The tail of what there is to learn from, which validates and calibrates.
    pub validation: Option<Set>,
    /// To test.
    pub test: Option<Set>,
    /// What belongs to no class.
    pub other: Option<Set>,
    /// The names of the classes.
    pub classes: Option<Vec<String>>,
}

/// Train, test and the rest, before a validation set is cut off.
struct Read {
    train: Set,
    test: Option<Set>,
    other: Option<Set>,
    classes: Option<Vec<String>>,
}

impl Parts {
    /// Opens the set that the settings name, for a model.
    ///
    /// # Errors
    /// A name that is none; files that are damaged; examples that the model does not take.
    pub fn open(settings: &Settings, architecture: Architecture) -> Result<Self, Failure> {
        let Read {
            train,
            test,
            other,
            classes,
        } = read(settings, architecture)?;
        check(&train, architecture, &settings.data)?;
        let tail = (settings.validation * train.len() as f64).round() as usize;
        let (train, validation) = match tail {
            0 => (train, None),
            tail => {
                let (train, validation) = train.split_tail(tail)?;
                (train, Some(validation))
            }
        };
        Ok(Self {
            train,
            validation,
            test,
            other,
            classes,
        })
    }

    /// What the model answers with.
    ///
    /// # Errors
    /// No targets.
    pub fn task(&self) -> Result<Task, Failure> {
        match self.train.targets() {
            Targets::Classes { .. } => Ok(Task::Classification),
            Targets::Numbers(_) => Ok(Task::Regression),
            Targets::None => Err(Failure::usage(
                "expected targets in the training set, found none; add labels or a target column",
            )),
        }
    }

    /// The part of this name.
    ///
    /// # Errors
    /// A part that the set does not have.
    pub fn part(self, name: Part) -> Result<Set, Failure> {
        let (part, missing) = match name {
            Part::Train => (Some(self.train), ""),
            Part::Validation => (
                self.validation,
                "`validation` above 0 in the run's settings",
            ),
            Part::Test => (self.test, "a set with test files"),
        };
        part.ok_or_else(|| {
            Failure::usage(format!(
                "expected a {} part of the data, found none; it needs {missing}",
                format!("{name:?}").to_lowercase()
            ))
        })
    }
}

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// What the model learnt from.
    Train,
    /// The tail of it that was left out.
    Validation,
    /// What it has never seen.
    Test,
}

fn read(settings: &Settings, architecture: Architecture) -> Result<Read, Failure> {
    let (kind, place) = match settings.data.split_once(':') {
        Some((kind, place)) => (kind, Some(Path::new(place))),
        None => (settings.data.as_str(), None),
    };
    let _ = architecture;
    match (kind, place) {
        ("digits", None) => digits(Digits::embedded()?),
        ("digits", Some(folder)) => digits(Digits::read(folder)?),
        _ => Err(Failure::usage(format!(
            "expected a data set such as `digits`, found `{}`; see `bayes train --help`",
            settings.data
        ))),
    }
}

fn digits(digits: Digits) -> Result<Read, Failure> {
    let shape = || vec![1, Digits::SIDE, Digits::SIDE];
    let labelled = |Labelled { images, labels }| {
        let targets = Targets::Classes {
            labels,
            classes: Digits::CLASSES,
        };
        Set::new(shape(), Values::Floats(images), targets)
    };
    let other = Values::Floats(digits.out_of_distribution);
    Ok(Read {
        train: labelled(digits.train)?,
        test: Some(labelled(digits.test)?),
        other: Some(Set::new(shape(), other, Targets::None)?),
        classes: None,
    })
}

/// Whether a model takes the examples of a set, and has an output for each class or for mean and variance.
///
/// # Errors
/// A sentence that says which of them does not fit.
pub fn check(set: &Set, architecture: Architecture, data: &str) -> Result<(), Failure> {
    fits(set.shape(), architecture, data)?;
    if set.is_empty() {
        return Err(Failure::usage(format!(
            "expected at least 1 training example in `{data}`, found none; is it the right set?"
        )));
    }
    let (fit, needed) = match (set.targets(), architecture.task()) {
        (Targets::None, _) => return Ok(()),
        (Targets::Classes { classes, .. }, Purpose::Classification { classes: of_model }) => (
            *classes == of_model,
            format!("classification in {classes} classes"),
        ),
        (Targets::Classes { classes, .. }, _) => {
            (false, format!("classification in {classes} classes"))
        }
        (
            Targets::Numbers(_),
            Purpose::Regression { targets: 1 } | Purpose::Forecast { targets: 1 },
        ) => {
            return Ok(());
        }
        (Targets::Numbers(_), _) => (false, "regression of 1 number".to_owned()),
    };
    if fit {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "expected a model for {needed}, which `{data}` asks for, found `{architecture}` for {}; choose another of \
         `bayes models`",
        architecture.task()
    )))
}

/// Whether a model takes examples of this shape: its own up to sizes of 1, or its numbers in a row.
///
/// # Errors
/// A sentence with both sizes.
pub fn fits(shape: &[usize], architecture: Architecture, data: &str) -> Result<(), Failure> {
    let squeezed = |shape: &[usize]| {
        let sizes = shape.iter().copied().filter(|&size| size != 1);
        sizes.collect::<Vec<usize>>()
    };
    let in_a_row = |shape: &[usize]| squeezed(shape).len() <= 1;
    let input = architecture.input();
    let takes = input.takes(shape.iter().product());
    let fit = match input {
        Input::Shape(own) => squeezed(own) == squeezed(shape) || in_a_row(own) || in_a_row(shape),
        Input::Features { .. } => in_a_row(shape),
        Input::Series { .. } => true,
    };
    if takes && fit {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "expected examples of {input} for the model `{architecture}`, found {} in `{data}`; choose a model of this size, \
         see `bayes models`",
        size(shape)
    )))
}

/// A size as text: `3×32×32`.
pub fn size(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join("×")
}
