//! Checked numbers: every regression metric reads its input through this file.

use crate::metrics::MetricError;

/// A demand on a number: what to call it, and whether a number meets it.
pub(crate) type Demand = (&'static str, fn(f64) -> bool);

/// Neither NaN nor infinite.
pub(crate) fn finite() -> Demand {
    ("finite", f64::is_finite)
}

/// Finite and at least 0.
pub(crate) fn non_negative() -> Demand {
    ("finite and at least 0", |x| x.is_finite() && x >= 0.0)
}

/// Finite and above 0.
pub(crate) fn positive() -> Demand {
    ("finite and above 0", |x| x.is_finite() && x > 0.0)
}

/// A probability, 0 and 1 included.
pub(crate) fn probability() -> Demand {
    ("between 0 and 1", |x| (0.0..=1.0).contains(&x))
}

/// Checks that each of `values` meets the demand; `what` names them, in the plural, for the error.
pub(crate) fn check_all(
    what: &'static str,
    values: impl IntoIterator<Item = f64>,
    (must, meets): Demand,
) -> Result<(), MetricError> {
    match values.into_iter().enumerate().find(|(_, x)| !meets(*x)) {
        Some((position, value)) => Err(MetricError::Number {
            what,
            must,
            position,
            value,
        }),
        None => Ok(()),
    }
}

/// Checks that there are `expected` of `values`, at least one, and that each meets the demand.
pub(super) fn check_values(
    what: &'static str,
    values: &[f64],
    expected: usize,
    demand: Demand,
) -> Result<(), MetricError> {
    if expected == 0 {
        return Err(MetricError::Empty { what });
    }
    if values.len() != expected {
        return Err(MetricError::Length {
            what,
            expected,
            found: values.len(),
        });
    }
    check_all(what, values.iter().copied(), demand)
}

/// Checks that `level` is a probability other than 0 and 1.
pub(crate) fn check_level(level: f64) -> Result<(), MetricError> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(MetricError::Level { level })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_will_not_do_is_located() {
        let bad = [
            (finite(), f64::NAN),
            (finite(), f64::INFINITY),
            (non_negative(), -1e-300),
            (non_negative(), f64::INFINITY),
            (positive(), 0.0),
            (positive(), f64::NAN),
        ];
        for (demand, value) in bad {
            let error = check_values("sigmas", &[1.0, value], 2, demand).unwrap_err();
            assert!(
                matches!(
                    error,
                    MetricError::Number {
                        what: "sigmas",
                        position: 1,
                        ..
                    }
                ),
                "{error}"
            );
        }
        assert_eq!(check_values("sigmas", &[0.0], 1, non_negative()), Ok(()));
        assert_eq!(check_values("y", &[-3.0], 1, finite()), Ok(()));
    }

    #[test]
    fn a_level_is_between_0_and_1() {
        for level in [0.0, 1.0, -0.5, f64::NAN] {
            assert!(check_level(level).is_err(), "{level}");
        }
        assert_eq!(check_level(f64::MIN_POSITIVE), Ok(()));
    }
}
