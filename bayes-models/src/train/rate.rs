//! The learning rate at each step of a run: a warm-up, then a schedule.

use super::Schedule;

/// A learning rate that rises in a straight line and then follows a schedule over what is left of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearningRate {
    /// The rate at the end of the warm-up.
    pub peak: f64,
    /// Steps of the warm-up: step t has `peak·(t + 1)/warm_up` (Goyal et al. 2017).
    pub warm_up: usize,
    /// What becomes of it then.
    pub schedule: Schedule,
}

impl LearningRate {
    /// The rate at step `step` of `steps`, counted from 0.
    ///
    /// ```
    /// use bayes_models::train::{LearningRate, Schedule};
    ///
    /// let rate = LearningRate { peak: 0.1, warm_up: 4, schedule: Schedule::Cosine };
    /// assert_eq!(rate.at(0, 12), 0.025);
    /// assert_eq!(rate.at(4, 12), 0.1);
    /// assert!((rate.at(8, 12) - 0.05).abs() < 1e-12);
    /// ```
    pub fn at(&self, step: usize, steps: usize) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / self.warm_up as f64;
        }
        let left = steps.saturating_sub(self.warm_up);
        self.peak * self.schedule.factor(step - self.warm_up, left)
    }
}
