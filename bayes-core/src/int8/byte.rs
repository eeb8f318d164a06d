//! What an 8-bit plan computes with.

use super::scale::Scale;
use crate::draw::Key;
use crate::estimator::EstimatorKind;
use crate::plan::{Element, Function, key_of};
use serde::{Deserialize, Serialize};

/// 8-bit weights.
#[derive(Clone, Copy, Debug)]
pub struct Byte;

impl Element for Byte {
    type Product = Weights;
    type Function = Pieces;
    type State = Scale;
}

/// The weights of a product: `w = step·mu + sigma_step·sigma·epsilon`, each output with steps of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Dotted name of the layer.
    pub layer: String,
    /// Name of the tensor in the layer: the draw's noise follows from both.
    pub field: String,
    /// Dotted name of the part from which Flipout's signs follow.
    pub signs: String,
    /// How the noise enters.
    pub estimator: EstimatorKind,
    /// Means.
    pub mu: Vec<i8>,
    /// What one step of each output's means stands for.
    pub step: Vec<f32>,
    /// Standard deviations; `None` for plain weights.
    pub sigma: Option<Sigma>,
}

impl Weights {
    /// The key of the tensor below the model's key.
    pub(super) fn key(&self, model: Key) -> Key {
        key_of(model, &self.layer).field(&self.field)
    }

    /// The key of Flipout's signs, and of outputs that are drawn, below the model's key.
    pub(super) fn signs_key(&self, model: Key) -> Key {
        key_of(model, &self.signs)
    }
}

/// Standard deviations in 8 bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Sigma {
    /// In steps.
    pub values: Vec<u8>,
    /// What one step of each output stands for; negative where a folded factor was, so that the same noise means the
    /// same draw.
    pub step: Vec<f32>,
    /// Where the noise is added.
    pub noise: Noise,
}

/// Where a drawn weight's noise is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Noise {
    /// To the mean, and the sum is rounded: where sigma is large against the mean's step.
    InTheWeight,
    /// In a product of its own with its own step: where rounding to the mean's step would swallow or inflate it, and
    /// for Flipout and local reparameterisation.
    InItsOwnProduct,
}

/// The largest |epsilon| that noise with a product of its own covers: of 40 000 numbers one is beyond.
const REACH: f32 = 4.2;

impl Sigma {
    /// What one step of a drawn deviation `round(sigma·epsilon / step)` stands for, of each output.
    pub(crate) fn deviation_step(&self) -> Vec<f32> {
        let step = |step: &f32| step * f32::from(u8::MAX) * REACH / f32::from(i8::MAX);
        self.step.iter().map(step).collect()
    }

    /// Deviation steps in a step of sigma: the same for all outputs.
    pub(crate) fn deviation_ratio(&self) -> Vec<f32> {
        let ratio = f32::from(i8::MAX) / (f32::from(u8::MAX) * REACH);
        vec![ratio; self.step.len()]
    }

    /// `sigma²` in 7 bits.
    pub(crate) fn squares(&self) -> Vec<i8> {
        let square = |&sigma: &u8| {
            let part = f32::from(sigma) / f32::from(u8::MAX);
            (part * part * f32::from(i8::MAX)).round_ties_even() as i8
        };
        self.values.iter().map(square).collect()
    }

    /// What one step of [`squares`](Self::squares) stands for, of each output.
    pub(crate) fn square_step(&self) -> Vec<f32> {
        let step = |step: &f32| {
            let largest = step * f32::from(u8::MAX);
            largest * largest / f32::from(i8::MAX)
        };
        self.step.iter().map(step).collect()
    }
}

/// A function as straight pieces between equidistant knots from `low` to `high`; constant outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Pieces {
    /// What it is called.
    pub name: String,
    /// Where the knots begin.
    pub low: f32,
    /// Where they end.
    pub high: f32,
    /// Its values there: at least two.
    pub knots: Vec<f32>,
}

impl Pieces {
    /// Straight pieces between so many knots.
    const KNOTS: usize = 1025;

    /// The function over a range.
    pub(crate) fn of(function: Function, low: f32, high: f32) -> Self {
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low, low + 1.0)
        };
        let at = |i: usize| {
            let part = i as f64 / (Self::KNOTS - 1) as f64;
            let x = f64::from(low) + part * f64::from(high - low);
            // Where a logarithm or a root has no value, it keeps that of 0.
            let y = function.at(x);
            if y.is_finite() { y as f32 } else { 0.0 }
        };
        Self {
            name: function.name.to_owned(),
            low,
            high,
            knots: (0..Self::KNOTS).map(at).collect(),
        }
    }

    /// Whether there is no function in it.
    pub(crate) fn problem(&self) -> bool {
        let finite = self
            .knots
            .iter()
            .chain([&self.low, &self.high])
            .all(|x| x.is_finite());
        self.knots.len() < 2
            || self.low >= self.high
            || !finite
            || !(self.high - self.low).is_finite()
    }

    /// Its value at `x`.
    #[inline]
    pub fn at(&self, x: f32) -> f32 {
        let pieces = self.knots.len() - 1;
        let place = (x - self.low) / (self.high - self.low) * pieces as f32;
        let place = place.max(0.0).min(pieces as f32);
        let left = (place as usize).min(pieces - 1);
        let part = place - left as f32;
        self.knots[left] + (self.knots[left + 1] - self.knots[left]) * part
    }
}
