//! How a value between two steps is stored: 8 or 16 bits with a step and a zero point.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How many bits an activation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    /// 8 bits.
    Byte,
    /// 16 bits, as two planes of bytes: where the draws differ by less than a step of 8 bits, rounding would swallow
    /// or inflate their noise.
    Wide,
}

impl Storage {
    /// The largest number that can be stored.
    pub(crate) fn largest(self) -> u16 {
        match self {
            Self::Byte => u8::MAX.into(),
            Self::Wide => u16::MAX,
        }
    }
}

/// `x ≈ step·(q − zero)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Bits of q.
    pub storage: Storage,
    /// What one step stands for.
    pub step: f32,
    /// The q that stands for 0, which is exact. In 16 bits it is a multiple of 256, so that it is exact in the upper
    /// byte alone.
    pub zero: u16,
}

impl Scale {
    /// The scale that covers `low` to `high` and 0.
    pub(crate) fn covering(storage: Storage, low: f32, high: f32) -> Self {
        let (low, high) = (f64::from(low.min(0.0)), f64::from(high.max(0.0)));
        let unit = match storage {
            Storage::Byte => 1.0,
            Storage::Wide => 256.0,
        };
        // Rounding the zero point to its unit may move the range by as much.
        let levels = f64::from(storage.largest()) - (unit - 1.0);
        let width = high - low;
        if width <= 0.0 {
            return Self {
                storage,
                step: 1.0,
                zero: 0,
            };
        }
        let step = width / levels;
        let zero = (-low / step / unit).round() * unit;
        Self {
            storage,
            step: step as f32,
            zero: zero as u16,
        }
    }

    /// The largest value that it can hold.
    pub fn high(&self) -> f32 {
        self.step * (f32::from(self.storage.largest()) - f32::from(self.zero))
    }

    /// The smallest value that it can hold.
    pub fn low(&self) -> f32 {
        -self.step * f32::from(self.zero)
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if !(self.step.is_finite() && self.step > 0.0 && self.step.recip().is_finite()) {
            return Some("a step is not positive and finite");
        }
        let fits = match self.storage {
            Storage::Byte => self.zero <= u8::MAX.into(),
            Storage::Wide => self.zero.is_multiple_of(256),
        };
        (!fits).then_some("a zero point is out of range")
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = match self.storage {
            Storage::Byte => "u8",
            Storage::Wide => "u16",
        };
        write!(f, "{bits} of {:.2e}", self.step)?;
        if self.zero > 0 {
            write!(f, " from {:.2}", self.low())?;
        }
        Ok(())
    }
}
