//! How to train: number of epochs, batch size, learning rate, seed.

use crate::Error;
use std::num::NonZeroUsize;

/// The settings of one training run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Passes over the training set; 0 leaves the model as it is.
    pub epochs: usize,
    /// Examples per step; the last step of an epoch has what is left.
    pub batch_size: usize,
    /// Adam's learning rate at the first step.
    pub learning_rate: f64,
    /// What becomes of the learning rate.
    pub schedule: Schedule,
    /// Decides the order of the examples and, for a twin, the draw of each step.
    pub seed: u64,
}

impl Default for Training {
    /// 60 epochs of Adam at 1e-3 with batches of 64, seed 0.
    fn default() -> Self {
        Self {
            epochs: 60,
            batch_size: 64,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            seed: 0,
        }
    }
}

/// The learning rate over a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// The same at each step.
    Constant,
    /// Half a cosine from the full rate to 0: `½(1 + cos(π·t/T))` of it at step t of T (Loshchilov and Hutter 2017).
    Cosine,
    /// Times `factor` after every so many steps.
    Step {
        /// The steps between two falls.
        every: NonZeroUsize,
        /// What the rate is multiplied by.
        factor: f64,
    },
}

impl Schedule {
    /// The factor of the learning rate at step `step` of `steps`.
    ///
    /// ```
    /// use bayes_models::train::Schedule;
    ///
    /// assert_eq!(Schedule::Constant.factor(7, 10), 1.0);
    /// assert_eq!(Schedule::Cosine.factor(0, 10), 1.0);
    /// assert!((Schedule::Cosine.factor(5, 10) - 0.5).abs() < 1e-12);
    /// ```
    pub fn factor(self, step: usize, steps: usize) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Step { every, factor } => factor.powf((step / every) as f64),
            Self::Cosine => {
                let done = step as f64 / steps.max(1) as f64;
                0.5 * (1.0 + (std::f64::consts::PI * done).cos())
            }
        }
    }
}

/// What a run reports after each epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// The number of this epoch, from 1.
    pub number: usize,
    /// The loss, averaged over the examples of the epoch as the model changed.
    pub loss: f64,
}

impl Epoch {
    /// This epoch, or the error that says that the run has diverged.
    pub(super) fn checked(self) -> Result<Self, Error> {
        if self.loss.is_finite() {
            return Ok(self);
        }
        Err(Error::Diverged {
            epoch: self.number,
            loss: self.loss,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_falls_from_one_towards_zero() {
        let factors: Vec<f64> = (0..50).map(|t| Schedule::Cosine.factor(t, 50)).collect();
        assert_eq!(factors[0], 1.0);
        assert!(factors.windows(2).all(|pair| pair[1] < pair[0]));
        assert!((0.0..1e-2).contains(&factors[49]), "{}", factors[49]);
    }

    #[test]
    fn steps_fall_by_their_factor() {
        let schedule = Schedule::Step {
            every: NonZeroUsize::new(3).unwrap(),
            factor: 0.5,
        };
        let factors = [0, 2, 3, 5, 6].map(|step| schedule.factor(step, 9));
        assert_eq!(factors, [1.0, 1.0, 0.5, 0.5, 0.25]);
    }

    #[test]
    fn a_loss_that_is_no_number_is_an_error() {
        let epoch = |loss| Epoch { number: 3, loss }.checked();
        assert!(epoch(0.5).is_ok());
        for loss in [f64::NAN, f64::INFINITY] {
            assert!(matches!(epoch(loss), Err(Error::Diverged { epoch: 3, .. })));
        }
    }
}
