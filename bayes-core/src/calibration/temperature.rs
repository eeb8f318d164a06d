//! Temperature scaling of a classifier.

use super::Error;
use crate::metrics::{Demand, MetricError, check_all, check_labels, check_shape, softmax};
use serde::{Deserialize, Serialize};

/// One positive number T that divides the logits, `softmax(z/T)`, fitted so that a validation set is most likely (Guo
/// et al. 2017). The predicted class stays as it is; above 1 it makes confidences smaller.
///
/// Of draws pass the logarithms of their mean probabilities
/// ([`Classification::probabilities`](crate::predict::Classification)), which are logits of them; −∞ is the logit of a
/// class of probability 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Temperature(f64);

impl Temperature {
    /// A temperature known from elsewhere; 1 changes nothing.
    ///
    /// # Errors
    /// [`Error::Temperature`] where it is not finite and above 0.
    pub fn new(value: f64) -> Result<Self, Error> {
        if value.is_finite() && value > 0.0 {
            return Ok(Self(value));
        }
        Err(Error::Temperature { found: value })
    }

    /// The T that minimises `mean_n [ln Σ_c exp(z(n, c)/T) − z(n, y_n)/T]`, to the precision of numbers.
    ///
    /// `logits` is N×C with C = `classes`, `labels` has N entries below C. The NLL is convex in 1/T: Newton's method on
    /// ln T finds the zero of its slope, halving a bracket where a step would leave it or gain too little.
    ///
    /// # Errors
    /// Lengths that differ, no examples or classes, a label out of range; a logit that is NaN or +∞, a row without a
    /// finite one, or −∞ at a label; [`Error::NoOptimum`] where the likelihood grows without end, because all labels
    /// have the largest logit (towards T = 0) or logits say nothing of the labels (towards T = ∞).
    ///
    /// ```
    /// use bayes_core::calibration::Temperature;
    ///
    /// // Odds of e⁴, and right three times in four: the odds should be 3.
    /// let fitted = Temperature::fit(&[4.0, 0.0].repeat(4), 2, &[0, 0, 0, 1])?;
    /// assert!((fitted.value() - 4.0 / 3.0_f64.ln()).abs() < 1e-12);
    /// # Ok::<(), bayes_core::calibration::Error>(())
    /// ```
    pub fn fit(logits: &[f64], classes: usize, labels: &[usize]) -> Result<Self, Error> {
        let data = Validation::new(logits, classes, labels)?;
        let no_optimum = |limit| Error::NoOptimum {
            examples: labels.len(),
            limit,
        };
        if data.slope_at_zero_temperature() <= 0.0 {
            return Err(no_optimum("T = 0"));
        }
        if data.slope_at_infinite_temperature() >= 0.0 {
            return Err(no_optimum("T = infinity"));
        }
        let slope = |ln_t: f64| data.slope(ln_t).0;
        let low = bracket(-1.0, |ln_t| slope(ln_t) > 0.0).ok_or_else(|| no_optimum("T = 0"))?;
        let high =
            bracket(1.0, |ln_t| slope(ln_t) < 0.0).ok_or_else(|| no_optimum("T = infinity"))?;
        Self::new(root(|ln_t| data.slope(ln_t), low, high).exp())
    }

    /// T.
    pub fn value(self) -> f64 {
        self.0
    }

    /// `softmax(z/T)` of each row of N×C `logits`, with C = `classes`.
    ///
    /// # Errors
    /// No rows or classes, a table that is not whole, a logit that is NaN or +∞, a row without a finite one.
    pub fn probabilities(self, logits: &[f64], classes: usize) -> Result<Vec<f64>, Error> {
        let mut rows = check_logits(logits, classes, logits.len().div_ceil(classes.max(1)))?;
        rows.iter_mut().for_each(|z| *z /= self.0);
        softmax(&mut rows, classes);
        Ok(rows)
    }
}

impl TryFrom<f64> for Temperature {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self, Error> {
        Self::new(value)
    }
}

impl From<Temperature> for f64 {
    fn from(temperature: Temperature) -> Self {
        temperature.0
    }
}

/// The logits with each row's largest subtracted, checked.
fn check_logits(logits: &[f64], classes: usize, rows: usize) -> Result<Vec<f64>, MetricError> {
    check_shape("logits", logits, &[("classes", classes), ("rows", rows)])?;
    let demand: Demand = ("finite or −∞", |z| z < f64::INFINITY);
    check_all("logits", logits.iter().copied(), demand)?;
    let mut shifted = logits.to_vec();
    for row in shifted.chunks_exact_mut(classes) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|z| *z -= largest);
    }
    // Of a row of −∞ alone the differences are NaN.
    let demand: Demand = ("in a row with a finite one", |z| !z.is_nan());
    check_all("logits", shifted.iter().copied(), demand)?;
    Ok(shifted)
}

/// A validation set: logits whose largest is 0 in each row, and labels.
struct Validation<'a> {
    logits: Vec<f64>,
    classes: usize,
    labels: &'a [usize],
}

impl<'a> Validation<'a> {
    fn new(logits: &[f64], classes: usize, labels: &'a [usize]) -> Result<Self, MetricError> {
        let data = Self {
            logits: check_logits(logits, classes, labels.len())?,
            classes,
            labels,
        };
        check_labels(labels, classes)?;
        let demand: Demand = ("finite", f64::is_finite);
        check_all("logits of labels", data.rows().map(|(_, z)| z), demand)?;
        Ok(data)
    }

    /// The possible classes' logits of each example, and its label's.
    fn rows(&self) -> impl Iterator<Item = (impl Iterator<Item = f64> + Clone, f64)> {
        let rows = self.logits.chunks_exact(self.classes).zip(self.labels);
        rows.map(|(row, label)| {
            let possible = row.iter().copied().filter(|z| z.is_finite());
            (possible, row[*label])
        })
    }

    /// The derivative of the NLL by a = 1/T, `mean_n [E_p z − z_y]`, and its own derivative by ln T,
    /// `−a·mean_n Var_p z`.
    fn slope(&self, ln_t: f64) -> (f64, f64) {
        let a = (-ln_t).exp();
        let (mut slope, mut curvature) = (0.0, 0.0);
        for (row, of_label) in self.rows() {
            let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
            for z in row {
                let weight = (a * z).exp();
                sum += weight;
                first += weight * z;
                second += weight * z * z;
            }
            let mean = first / sum;
            slope += mean - of_label;
            curvature += second / sum - mean * mean;
        }
        let count = self.labels.len() as f64;
        (slope / count, -a * curvature / count)
    }

    /// All weight is on the largest logits, which are 0.
    fn slope_at_zero_temperature(&self) -> f64 {
        self.rows().map(|(_, of_label)| -of_label).sum()
    }

    /// All classes weigh the same.
    fn slope_at_infinite_temperature(&self) -> f64 {
        let of_row = |(row, of_label): (_, f64)| mean(row) - of_label;
        self.rows().map(of_row).sum()
    }
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

/// The first of `start`, `2·start`, … that will do, as far as exp(700).
fn bracket(start: f64, will_do: impl Fn(f64) -> bool) -> Option<f64> {
    let doubled = std::iter::successors(Some(start), |x| Some(2.0 * x));
    doubled
        .take_while(|x| x.abs() < 700.0)
        .find(|x| will_do(*x))
}

/// The zero of a falling function with its derivative, between `low`, where it is above 0, and `high`, where it is
/// below.
fn root(f: impl Fn(f64) -> (f64, f64), mut low: f64, mut high: f64) -> f64 {
    let mut x = 0.5 * (low + high);
    let mut last_step = high - low;
    loop {
        let (value, slope) = f(x);
        if value > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let gains = newton > low && newton < high && 2.0 * (newton - x).abs() <= last_step.abs();
        let next = if gains { newton } else { 0.5 * (low + high) };
        last_step = next - x;
        // Steps or the bracket halve each time, so that this ends.
        if last_step.abs() <= f64::EPSILON * x.abs().max(1.0) {
            return next;
        }
        x = next;
    }
}

#[cfg(test)]
mod tests {
    use super::super::splits::rng;
    use super::*;
    use crate::metrics::{ece, nll};
    use rand::Rng;
    use rand_distr::StandardNormal;

    /// Logits of spread 3, and labels drawn from their softmax at the temperature `t`.
    fn labelled(seed: u64, examples: usize, classes: usize, t: f64) -> (Vec<f64>, Vec<usize>) {
        let mut rng = rng(seed);
        let logits: Vec<f64> = (0..examples * classes)
            .map(|_| 3.0 * rng.sample::<f64, _>(StandardNormal))
            .collect();
        let probabilities = Temperature::new(t)
            .unwrap()
            .probabilities(&logits, classes)
            .unwrap();
        let labels = probabilities.chunks_exact(classes).map(|row| {
            let mut at: f64 = rng.r#gen();
            let label = row.iter().position(|p| {
                at -= p;
                at < 0.0
            });
            label.unwrap_or(classes - 1)
        });
        let labels = labels.collect();
        (logits, labels)
    }

    #[test]
    fn the_temperature_of_the_labels_is_found() {
        for (seed, t) in [(1, 0.4), (2, 1.0), (3, 2.5)] {
            let (logits, labels) = labelled(seed, 20_000, 4, t);
            let fitted = Temperature::fit(&logits, 4, &labels).unwrap();
            // Fisher information of ln T: the variance of z/T under the model.
            let data = Validation::new(&logits, 4, &labels).unwrap();
            let information = -data.slope(t.ln()).1 / t * 20_000.0;
            let bound = 4.0 / information.sqrt();
            assert!(bound < 0.1, "too coarse: {bound}");
            let miss = (fitted.value() / t).ln().abs();
            assert!(miss < bound, "{} instead of {t}", fitted.value());
            let ece_at = |t: Temperature| {
                let probabilities = t.probabilities(&logits, 4).unwrap();
                ece(&probabilities, 4, &labels, 15).unwrap()
            };
            assert!(ece_at(fitted) < 0.02);
            let wrong = Temperature::new(2.0 * t).unwrap();
            assert!(ece_at(wrong) > 5.0 * ece_at(fitted));
        }
    }

    #[test]
    fn no_temperature_nearby_is_better() {
        // Few examples, many classes, huge and tiny logits.
        for (examples, classes, scale) in [(7, 3, 1.0), (30, 100, 1e6), (200, 2, 1e-6)] {
            let (mut logits, labels) = labelled(4, examples, classes, 3.0);
            logits.iter_mut().for_each(|z| *z *= scale);
            let fitted = Temperature::fit(&logits, classes, &labels).unwrap().value();
            let nll_at = |t: f64| {
                let probabilities = Temperature(t).probabilities(&logits, classes).unwrap();
                nll(&probabilities, classes, &labels).unwrap()
            };
            for factor in [0.5, 0.99, 0.9999, 1.0001, 1.01, 2.0] {
                assert!(
                    nll_at(fitted) < nll_at(factor * fitted),
                    "{examples}: {factor}"
                );
            }
        }
    }

    #[test]
    fn logits_scale_the_temperature_and_shifts_do_nothing() {
        let (logits, labels) = labelled(5, 100, 3, 1.5);
        let fitted = Temperature::fit(&logits, 3, &labels).unwrap().value();
        let moved: Vec<f64> = logits.iter().map(|z| 4.0 * z + 32.0).collect();
        let moved = Temperature::fit(&moved, 3, &labels).unwrap().value();
        assert!((moved / fitted - 4.0).abs() < 1e-12);
        // Logarithms of probabilities are logits.
        let probabilities = Temperature(1.0).probabilities(&logits, 3).unwrap();
        let logs: Vec<f64> = probabilities.iter().map(|p| p.ln()).collect();
        let of_logs = Temperature::fit(&logs, 3, &labels).unwrap().value();
        assert!((of_logs / fitted - 1.0).abs() < 1e-12);
    }

    #[test]
    fn impossible_classes_stay_impossible() {
        let row = [2.0, 0.0, f64::NEG_INFINITY];
        let fitted = Temperature::fit(&row.repeat(4), 3, &[0, 0, 0, 1]).unwrap();
        assert!((fitted.value() - 2.0 / 3.0_f64.ln()).abs() < 1e-12);
        let got = fitted.probabilities(&row, 3).unwrap();
        assert!((got[0] - 0.75).abs() < 1e-12 && got[2] == 0.0);
    }

    #[test]
    fn without_an_optimum_it_is_an_error() {
        let limit = |logits: &[f64], labels: &[usize]| match Temperature::fit(logits, 2, labels) {
            Err(Error::NoOptimum { limit, .. }) => limit,
            other => panic!("{other:?}"),
        };
        assert_eq!(limit(&[1.0, 0.0, /**/ 0.0, 3.0], &[0, 1]), "T = 0");
        assert_eq!(limit(&[1.0, 0.0, /**/ 0.0, 3.0], &[1, 0]), "T = infinity");
        assert_eq!(limit(&[1.0, 1.0], &[0]), "T = 0");
    }

    #[test]
    fn bad_input_is_an_error() {
        let inf = f64::INFINITY;
        for bad in [[f64::NAN, 0.0], [inf, 0.0], [-inf, -inf], [-inf, 0.0]] {
            let error = Temperature::fit(&bad, 2, &[0]).unwrap_err();
            assert!(
                matches!(error, Error::Input(MetricError::Number { .. })),
                "{error}"
            );
        }
        let label = Temperature::fit(&[0.0, 1.0], 2, &[2]).unwrap_err();
        assert!(matches!(
            label,
            Error::Input(MetricError::LabelOutOfRange { .. })
        ));
        assert!(Temperature::fit(&[0.0, 1.0], 2, &[0, 1]).is_err());
        assert!(Temperature::fit(&[], 2, &[]).is_err());
        assert!(Temperature::fit(&[], 0, &[]).is_err());
        assert!(Temperature(1.0).probabilities(&[0.0; 3], 2).is_err());
        assert!(Temperature(1.0).probabilities(&[], 0).is_err());
        for t in [0.0, -1.0, inf, f64::NAN] {
            assert!(matches!(
                Temperature::new(t),
                Err(Error::Temperature { .. })
            ));
        }
    }
}
