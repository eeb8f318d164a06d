//! What a model is for, and what it takes.

use std::fmt;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Task {
    /// It gives a logit for each class.
    Classification {
        /// The number of classes.
        classes: usize,
    },
    /// It gives means, and behind them the logarithms of the variances.
    Regression {
        /// The numbers that are predicted for each example.
        targets: usize,
    },
    /// The same for what comes next in a series.
    Forecast {
        /// The numbers that are predicted for each example.
        targets: usize,
    },
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Classification { classes } => write!(f, "classification in {classes} classes"),
            Self::Regression { targets: 1 } => f.write_str("regression of 1 number"),
            Self::Regression { targets } => write!(f, "regression of {targets} numbers"),
            Self::Forecast { targets: 1 } => f.write_str("forecast of 1 number"),
            Self::Forecast { targets } => write!(f, "forecast of {targets} numbers"),
        }
    }
}

/// What one example is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// So many numbers: channels, height and width of an image, or steps and features of a sequence. A model of vectors
    /// takes an image row by row.
    Shape(&'static [usize]),
    /// Features of a table, at most so many. Those that are not there are zeros, which add nothing to any sum.
    Features {
        /// The most features.
        most: usize,
    },
    /// A sequence of any length.
    Series {
        /// The features of each step.
        features: usize,
    },
}

impl Input {
    /// The shape of one example; what may vary is as large as it may be, or 0 where it may be anything.
    pub fn shape(self) -> Vec<usize> {
        match self {
            Self::Shape(shape) => shape.to_vec(),
            Self::Features { most } => vec![most],
            Self::Series { features } => vec![0, features],
        }
    }

    /// Whether an example may be so many numbers.
    pub fn takes(self, numbers: usize) -> bool {
        match self {
            Self::Shape(shape) => numbers == shape.iter().product::<usize>(),
            Self::Features { most } => (1..=most).contains(&numbers),
            Self::Series { features } => numbers > 0 && numbers.is_multiple_of(features),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(shape) => {
                for (i, size) in shape.iter().enumerate() {
                    let before = if i == 0 { "" } else { "×" };
                    write!(f, "{before}{size}")?;
                }
                Ok(())
            }
            Self::Features { most } => write!(f, "1 to {most} features"),
            Self::Series { features: 1 } => f.write_str("a series of numbers"),
            Self::Series { features } => write!(f, "a sequence of steps of {features} features"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_so_many_numbers() {
        let image = Input::Shape(&[3, 32, 32]);
        assert!(image.takes(3072) && !image.takes(3071));
        assert_eq!(image.to_string(), "3×32×32");
        let table = Input::Features { most: 16 };
        assert!(table.takes(1) && table.takes(16) && !table.takes(0) && !table.takes(17));
        let series = Input::Series { features: 2 };
        assert!(series.takes(6) && !series.takes(5) && !series.takes(0));
    }
}
