//! Why the program ends without having done what was asked.

use crate::{data, models};
use bayes_core::device::DeviceName;
use std::path::Path;

/// A sentence for the user, and the exit code that goes with it.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for cannot be: exit code 2.
    Usage(String),
    /// It was tried, and did not work: exit code 1.
    Failed(String),
    /// The user asked for an end before the end; all is saved: exit code 130, as of a program that Ctrl-C ends.
    Interrupted(String),
}

impl Failure {
    /// A usage error.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::Usage(sentence.into())
    }

    /// Refuses a device that is not there.
    ///
    /// # Errors
    /// The sentence that says why it is not.
    pub fn absent(device: DeviceName) -> Result<(), Self> {
        device
            .check()
            .map_err(|error| Self::usage(format!("{error}; see `bayes --list-devices`")))
    }

    /// An error of a model in a file, with the file's name.
    pub fn of_file(path: &Path) -> impl FnOnce(models::Error) -> Self + '_ {
        move |error| Self::Failed(format!("`{}`: {error}", path.display()))
    }

    /// An error of the operating system, with what was tried.
    pub fn io<'a>(what: &'a str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| {
            Self::Failed(format!(
                "expected to {what} `{}`, found: {source}; check the path, its rights and the free space",
                path.display()
            ))
        }
    }
}

impl From<models::Error> for Failure {
    fn from(error: models::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<data::Error> for Failure {
    fn from(error: data::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<bayes_core::Error> for Failure {
    fn from(error: bayes_core::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<bayes_core::metrics::MetricError> for Failure {
    fn from(error: bayes_core::metrics::MetricError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<bayes_core::calibration::Error> for Failure {
    fn from(error: bayes_core::calibration::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<crate::report::Error> for Failure {
    fn from(error: crate::report::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
