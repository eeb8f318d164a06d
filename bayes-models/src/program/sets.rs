//! The data sets by the words of `--data`.

use super::Failure;
use super::settings::Settings;
use super::training::Task;
use crate::data::{self, Cifar, Digits, Labelled, Set, Table, Targets, Values, idx};
use crate::models::{Architecture, Input, Task as Purpose};
use bayes_core::members::slips;
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
    /// The names of a table's columns but the target.
    pub columns: Option<Vec<String>>,
}

/// Train, test and the rest, before a validation set is cut off.
struct Read {
    train: Set,
    test: Option<Set>,
    other: Option<Set>,
    classes: Option<Vec<String>>,
    columns: Option<Vec<String>>,
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
            columns,
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
            columns,
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
            Part::All => {
                let mut others = [self.validation, self.test].into_iter().flatten();
                return Ok(others.try_fold(self.train, Set::followed_by)?);
            }
            Part::Train => (Some(self.train), ""),
            Part::Validation => (
                self.validation,
                "a `validation` in the run's settings that is an example or more",
            ),
            Part::Test => (
                self.test,
                "test files, or a table of 5 rows or more, whose last fifth tests; take `--part all` for the whole of it",
            ),
        };
        part.filter(|part| !part.is_empty()).ok_or_else(|| {
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
    /// What it has never seen: files of their own, or the last fifth of a table.
    Test,
    /// All of them, in this order: for a set that the model learnt nothing from.
    All,
}

fn read(settings: &Settings, architecture: Architecture) -> Result<Read, Failure> {
    let (kind, place) = match settings.data.split_once(':') {
        Some((kind, place)) => (kind, Some(Path::new(place))),
        None => (settings.data.as_str(), None),
    };
    // What a table's target column means is what the model is for.
    let classes = match architecture.task() {
        Purpose::Classification { classes } => Some(classes),
        _ => None,
    };
    match (kind, place) {
        ("digits", None) => digits(Digits::embedded()?),
        ("digits", Some(folder)) => digits(Digits::read(folder)?),
        ("diabetes", None) => columns(data::diabetes_table()?, None, None),
        ("sunspots", None) => last_fifth(data::sunspots()?),
        ("mnist" | "fashion-mnist", Some(folder)) => mnist(folder),
        ("cifar10", Some(folder)) => cifar(Cifar::Ten, folder),
        ("cifar100", Some(folder)) => cifar(Cifar::Hundred, folder),
        ("csv", Some(file)) => columns(Table::read(file)?, settings.target.as_deref(), classes),
        #[cfg(feature = "images")]
        ("images", Some(folder)) => pictures(folder, architecture),
        #[cfg(not(feature = "images"))]
        ("images", Some(_)) => Err(Failure::usage(
            "expected a program that reads images, found one without; build it with `--features images`",
        )),
        ("mnist" | "fashion-mnist" | "cifar10" | "cifar100" | "images" | "csv", None) => {
            Err(Failure::usage(format!(
                "expected a place behind `{kind}:`, found none; for example `{kind}:data/{kind}`"
            )))
        }
        _ => Err(unknown(&settings.data)),
    }
}

/// The words of `--data` without their places.
const KINDS: [&str; 9] = [
    "digits",
    "diabetes",
    "sunspots",
    "mnist",
    "fashion-mnist",
    "cifar10",
    "cifar100",
    "images",
    "csv",
];

/// A word of `--data` that is none, and what was probably meant.
fn unknown(data: &str) -> Failure {
    let kind = data.split_once(':').map_or(data, |(kind, _)| kind);
    let nearest = KINDS.iter().min_by_key(|name| slips(kind, name));
    let path = Path::new(data);
    let ending = path.extension().and_then(|ending| ending.to_str());
    let hint = match nearest {
        _ if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) => {
            format!("a table is `csv:{data}`")
        }
        _ if path.is_dir() => {
            format!(
                "say what the folder holds: `images:{data}`, `mnist:{data}` or `cifar10:{data}`"
            )
        }
        Some(name) if slips(kind, name) <= 2 => format!("did you mean `{name}`?"),
        _ => "see `bayes train --help`".to_owned(),
    };
    Failure::usage(format!(
        "expected a data set such as `digits`, found `{data}`; {hint}"
    ))
}

/// A table whose other columns predict `target`.
fn columns(table: Table, target: Option<&str>, classes: Option<usize>) -> Result<Read, Failure> {
    let columns = Some(table.predictors(target)?);
    let read = last_fifth(table.into_set(target, classes)?)?;
    Ok(Read { columns, ..read })
}

/// The last fifth of a table tests.
fn last_fifth(set: Set) -> Result<Read, Failure> {
    let tail = set.len() / 5;
    let (train, test) = set.split_tail(tail)?;
    Ok(Read {
        train,
        test: Some(test),
        other: None,
        classes: None,
        columns: None,
    })
}

fn mnist(folder: &Path) -> Result<Read, Failure> {
    // Compressed, as they are offered, or not.
    let place = |name: &str| {
        let plain = folder.join(name);
        match plain.exists() {
            true => plain,
            false => folder.join(format!("{name}.gz")),
        }
    };
    let part = |name: &str| -> Result<Set, Failure> {
        let images_file = place(&format!("{name}-images-idx3-ubyte"));
        let labels_file = place(&format!("{name}-labels-idx1-ubyte"));
        let images = idx::read_images(&images_file)?;
        let labels = idx::read_labels(&labels_file)?;
        let labels = idx::classes(
            (&images_file, images.count),
            (&labels_file, &labels),
            Digits::CLASSES,
        )?;
        let targets = Targets::Classes {
            labels,
            classes: Digits::CLASSES,
        };
        let shape = vec![1, images.height, images.width];
        Ok(Set::new(shape, Values::Bytes(images.pixels), targets)?)
    };
    Ok(Read {
        train: part("train")?,
        test: Some(part("t10k")?),
        other: None,
        classes: None,
        columns: None,
    })
}

#[cfg(feature = "images")]
fn pictures(folder: &Path, architecture: Architecture) -> Result<Read, Failure> {
    let found = data::folder::classes(folder, image_shape(architecture)?)?;
    Ok(Read {
        train: found.train,
        test: found.test,
        other: None,
        classes: Some(found.names),
        columns: None,
    })
}

/// The size of the images that a model takes.
///
/// # Errors
/// A model of something else.
#[cfg(feature = "images")]
pub fn image_shape(architecture: Architecture) -> Result<[usize; 3], Failure> {
    match architecture.input() {
        Input::Shape(&[channels, height, width]) => Ok([channels, height, width]),
        other => Err(Failure::usage(format!(
            "expected a model of images, found `{architecture}` for {other}; choose another of `bayes models`"
        ))),
    }
}

fn cifar(cifar: Cifar, folder: &Path) -> Result<Read, Failure> {
    let (train, test) = cifar.read(folder)?;
    Ok(Read {
        train,
        test: Some(test),
        other: None,
        classes: None,
        columns: None,
    })
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
        columns: None,
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

/// The sizes that are not 1.
pub fn squeezed(shape: &[usize]) -> Vec<usize> {
    shape.iter().copied().filter(|&size| size != 1).collect()
}

/// Whether all sizes but one are 1.
pub fn in_a_row(shape: &[usize]) -> bool {
    squeezed(shape).len() <= 1
}

/// Whether sizes are the same up to sizes of 1, or one of them is of numbers in a row.
pub fn alike(a: &[usize], b: &[usize]) -> bool {
    squeezed(a) == squeezed(b) || in_a_row(a) || in_a_row(b)
}

/// Whether a model takes examples of this shape: its own up to sizes of 1, or its numbers in a row.
///
/// # Errors
/// A sentence with both sizes.
pub fn fits(shape: &[usize], architecture: Architecture, data: &str) -> Result<(), Failure> {
    let input = architecture.input();
    let takes = input.takes(shape.iter().product());
    let fit = match input {
        Input::Shape(own) => alike(own, shape),
        Input::Features { .. } => in_a_row(shape),
        Input::Series { .. } => true,
    };
    if takes && fit {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "expected examples of {input} for the model `{architecture}`, found {} in `{data}`; give examples of this size, or \
         choose another of `bayes models`",
        size(shape)
    )))
}

/// A size as text: `3×32×32`.
pub fn size(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join("×")
}
