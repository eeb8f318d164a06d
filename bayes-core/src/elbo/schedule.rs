//! The weight of the KL over the course of a training.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroUsize;

/// beta, the weight of the KL in [`elbo_loss`](super::elbo_loss), at each step of a training.
///
/// A step is whatever the training counts: batches or epochs. A schedule that ends at 1 trains the ELBO in the end; at
/// another temperature the posterior is tempered (Wenzel et al. 2020), which a report should say.
///
/// ```
/// use bayes_core::elbo::KlSchedule;
///
/// let schedule = KlSchedule::warm_up(10);
/// assert_eq!([0, 5, 10, 99].map(|step| schedule.beta(step)), [0.0, 0.5, 1.0, 1.0]);
///
/// let cold = KlSchedule::constant().at_temperature(0.1)?;
/// assert_eq!(cold.beta(0), 0.1);
/// # Ok::<(), bayes_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KlSchedule {
    course: Course,
    temperature: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Course {
    Constant,
    WarmUp { steps: usize },
    Cyclical { period: NonZeroUsize, rising: f64 },
}

impl Default for KlSchedule {
    fn default() -> Self {
        Self::constant()
    }
}

impl KlSchedule {
    const fn of(course: Course) -> Self {
        Self {
            course,
            temperature: 1.0,
        }
    }

    /// `beta = 1` at every step.
    pub const fn constant() -> Self {
        Self::of(Course::Constant)
    }

    /// `beta = min(1, step / steps)`: from 0 in a straight line, then 1 (Bowman et al. 2016; Sønderby et al. 2016).
    /// No steps are [`constant`](Self::constant).
    pub const fn warm_up(steps: usize) -> Self {
        Self::of(Course::WarmUp { steps })
    }

    /// `beta = min(1, (step mod period) / (rising·period))`: in each period from 0 in a straight line, then 1 for the
    /// rest of it (Fu et al. 2019, who take ½ for the part that rises).
    ///
    /// # Errors
    /// A part that is not above 0 and at most 1.
    pub fn cyclical(period: NonZeroUsize, rising: f64) -> Result<Self, Error> {
        if rising > 0.0 && rising <= 1.0 {
            return Ok(Self::of(Course::Cyclical { period, rising }));
        }
        Err(Error::Number {
            name: "the rising part of a period",
            must: "above 0 and at most 1",
            found: rising,
        })
    }

    /// The same with each beta times `temperature`.
    ///
    /// # Errors
    /// A temperature that is negative or not finite.
    pub fn at_temperature(self, temperature: f64) -> Result<Self, Error> {
        if temperature.is_finite() && temperature >= 0.0 {
            return Ok(Self {
                temperature,
                ..self
            });
        }
        Err(Error::Number {
            name: "temperature",
            must: "finite and at least 0",
            found: temperature,
        })
    }

    /// beta at a step, counted from 0.
    pub fn beta(&self, step: usize) -> f64 {
        let part = match self.course {
            Course::Constant => 1.0,
            Course::WarmUp { steps } if step >= steps => 1.0,
            Course::WarmUp { steps } => step as f64 / steps as f64,
            Course::Cyclical { period, rising } => {
                let place = (step % period) as f64;
                (place / (rising * period.get() as f64)).min(1.0)
            }
        };
        self.temperature * part
    }
}

impl fmt::Display for KlSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.course {
            Course::Constant => write!(f, "beta {}", self.temperature),
            Course::WarmUp { steps } => {
                write!(f, "beta from 0 to {} in {steps} steps", self.temperature)
            }
            Course::Cyclical { period, rising } => write!(
                f,
                "beta from 0 to {} in the first {} % of every {period} steps",
                self.temperature,
                100.0 * rising
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn betas<const N: usize>(schedule: KlSchedule, steps: [usize; N]) -> [f64; N] {
        steps.map(|step| schedule.beta(step))
    }

    #[test]
    fn each_course_is_its_formula() {
        assert_eq!(betas(KlSchedule::default(), [0, 7]), [1.0, 1.0]);
        assert_eq!(
            betas(KlSchedule::warm_up(4), [0, 1, 3, 4, 5]),
            [0.0, 0.25, 0.75, 1.0, 1.0]
        );
        assert_eq!(betas(KlSchedule::warm_up(0), [0, 1]), [1.0, 1.0]);
        let period = NonZeroUsize::new(8).unwrap();
        let cyclical = KlSchedule::cyclical(period, 0.5).unwrap();
        assert_eq!(
            betas(cyclical, [0, 2, 4, 7, 8, 10]),
            [0.0, 0.5, 1.0, 1.0, 0.0, 0.5]
        );
        let cold = cyclical.at_temperature(0.1).unwrap();
        assert_eq!(betas(cold, [2, 4]), [0.05, 0.1]);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        let period = NonZeroUsize::new(8).unwrap();
        for rising in [0.0, -0.5, 1.5, f64::NAN] {
            assert!(KlSchedule::cyclical(period, rising).is_err(), "{rising}");
        }
        for temperature in [-1.0, f64::NAN, f64::INFINITY] {
            let refused = KlSchedule::constant().at_temperature(temperature);
            let said = refused.unwrap_err().to_string();
            assert!(
                said.starts_with("temperature must be finite and at least 0, not "),
                "{said}"
            );
        }
    }

    #[test]
    fn reads_well_and_is_saved() {
        let schedule = KlSchedule::warm_up(10).at_temperature(0.5).unwrap();
        assert_eq!(schedule.to_string(), "beta from 0 to 0.5 in 10 steps");
        let text = serde_json::to_string(&schedule).unwrap();
        assert_eq!(
            text,
            r#"{"course":{"warm_up":{"steps":10}},"temperature":0.5}"#
        );
        assert_eq!(serde_json::from_str::<KlSchedule>(&text).unwrap(), schedule);
    }
}
