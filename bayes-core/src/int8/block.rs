//! Values of some examples between two steps: integers with a scale, channels last.

use super::scale::{Scale, Storage};
use crate::kernels::int8::activation;
use crate::kernels::int8::{SLACK, Wide};
use crate::kernels::isa::Isa;
use crate::plan::{Form, Values};
use std::ops::Range;

/// The values of some examples.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub examples: usize,
    pub form: Form,
    pub data: Data,
}

/// Values, each position's channels together.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Planes(Planes),
    Float(Vec<f32>),
}

/// Integers in one plane of bytes, or in two: `256·high + low`.
#[derive(Clone, Debug)]
pub(super) struct Planes {
    pub scale: Scale,
    pub high: Plane,
    /// Empty in 8 bits.
    pub low: Plane,
}

/// Bytes with the slack behind them that the product's kernel asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Plane {
    bytes: Vec<u8>,
    len: usize,
}

impl Plane {
    pub fn new(len: usize) -> Self {
        Self {
            bytes: vec![0; len + SLACK],
            len,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }

    /// From byte `start` to the end, with the slack.
    pub fn with_slack(&self, start: usize) -> &[u8] {
        &self.bytes[start..]
    }
}

impl Planes {
    /// Zeros in the same storage.
    pub fn like(&self, len: usize) -> Self {
        Self::new(self.scale, len)
    }

    fn new(scale: Scale, len: usize) -> Self {
        let low = match scale.storage {
            Storage::Byte => 0,
            Storage::Wide => len,
        };
        Self {
            scale,
            high: Plane::new(len),
            low: Plane::new(low),
        }
    }

    fn quantized(isa: Isa, y: &[f32], scale: Scale) -> Self {
        let mut planes = Self::new(scale, y.len());
        let (inverse, zero) = (scale.step.recip(), scale.zero);
        let (high, low) = (planes.high.bytes_mut(), planes.low.bytes_mut());
        match scale.storage {
            Storage::Byte => activation::quantize(isa, y, inverse, zero as u8, high),
            Storage::Wide => activation::quantize_wide(isa, y, inverse, zero, high, low),
        }
        planes
    }

    fn wide(&self) -> Wide<'_> {
        self.wide_part(0..self.high.len)
    }

    /// Some of the wide codes.
    pub fn wide_part(&self, part: Range<usize>) -> Wide<'_> {
        Wide {
            hi: &self.high.bytes()[part.clone()],
            lo: &self.low.bytes()[part],
        }
    }

    fn floats(&self, isa: Isa) -> Vec<f32> {
        let mut y = vec![0.0; self.high.len];
        let (step, zero) = (self.scale.step, self.scale.zero.into());
        match self.scale.storage {
            Storage::Byte => activation::dequantize(isa, self.high.bytes(), zero, step, &mut y),
            Storage::Wide => activation::dequantize(isa, self.wide(), zero, step, &mut y),
        }
        y
    }

    /// The upper byte, rounded, and what one step of it stands for.
    pub fn upper(&self, isa: Isa) -> (Plane, u8, f32) {
        let Scale {
            storage,
            step,
            zero,
        } = self.scale;
        match storage {
            Storage::Byte => (self.high.clone(), zero as u8, step),
            Storage::Wide => {
                let mut rounded = Plane::new(self.high.len);
                activation::round_wide(
                    isa,
                    self.high.bytes(),
                    self.low.bytes(),
                    rounded.bytes_mut(),
                );
                (rounded, (zero >> 8) as u8, 256.0 * step)
            }
        }
    }

    /// Each plane with the byte that stands for 0 and what one step of it stands for.
    pub fn each(&self) -> Vec<(&Plane, u8, f32)> {
        let Scale {
            storage,
            step,
            zero,
        } = self.scale;
        match storage {
            Storage::Byte => vec![(&self.high, zero as u8, step)],
            Storage::Wide => vec![
                (&self.high, (zero >> 8) as u8, 256.0 * step),
                (&self.low, 0, step),
            ],
        }
    }

    /// The same change of each plane; what it gives has so many bytes.
    pub fn map(&self, len: usize, change: impl Fn(&[u8], &mut [u8])) -> Self {
        let mut planes = self.like(len);
        change(self.high.bytes(), planes.high.bytes_mut());
        if self.scale.storage == Storage::Wide {
            change(self.low.bytes(), planes.low.bytes_mut());
        }
        planes
    }
}

impl Data {
    pub fn quantized(isa: Isa, y: &[f32], scale: Scale) -> Self {
        Self::Planes(Planes::quantized(isa, y, scale))
    }
}

impl Block {
    /// Examples as in their tensor, quantized where there is a scale.
    pub fn of(isa: Isa, x: &Values, scale: Option<Scale>) -> Self {
        let mut y = vec![0.0; x.values.len()];
        if let Form::Grid { channels, .. } = x.form {
            transpose(&x.values, x.form, [channels, x.form.positions()], &mut y);
        } else {
            y.copy_from_slice(&x.values);
        }
        Self {
            examples: x.examples,
            form: x.form,
            data: match scale {
                Some(scale) => Data::quantized(isa, &y, scale),
                None => Data::Float(y),
            },
        }
    }

    /// The values in f32, as in their tensor.
    pub fn values(&self, isa: Isa) -> Values {
        let y = self.floats(isa);
        let mut values = vec![0.0; y.len()];
        if let Form::Grid { channels, .. } = self.form {
            transpose(
                &y,
                self.form,
                [self.form.positions(), channels],
                &mut values,
            );
        } else {
            values = y;
        }
        Values {
            examples: self.examples,
            form: self.form,
            values,
        }
    }

    /// The values in f32, channels last.
    pub fn floats(&self, isa: Isa) -> Vec<f32> {
        match &self.data {
            Data::Float(y) => y.clone(),
            Data::Planes(planes) => planes.floats(isa),
        }
    }

    /// Adds the values to `y`.
    pub fn add_to(&self, isa: Isa, y: &mut [f32]) {
        match &self.data {
            Data::Float(values) => y.iter_mut().zip(values).for_each(|(y, x)| *y += x),
            Data::Planes(planes) => {
                let (step, zero) = (planes.scale.step, planes.scale.zero.into());
                match planes.scale.storage {
                    Storage::Byte => {
                        activation::add_quantized(isa, planes.high.bytes(), zero, step, y)
                    }
                    Storage::Wide => activation::add_quantized(isa, planes.wide(), zero, step, y),
                }
            }
        }
    }
}

/// Each position's channels between channels of `zero`.
pub(super) fn pad<T: Copy>(x: &[T], [from, to]: [usize; 2], before: usize, zero: T, y: &mut [T]) {
    y.fill(zero);
    let pixels = x.chunks_exact(from.max(1));
    for (y, x) in y.chunks_exact_mut(to.max(1)).zip(pixels) {
        y[before..before + from].copy_from_slice(x);
    }
}

/// Turns each example's `rows × columns` into `columns × rows`.
pub(super) fn transpose<T: Copy>(x: &[T], form: Form, [rows, columns]: [usize; 2], y: &mut [T]) {
    let len = form.len().max(1);
    for (x, y) in x.chunks_exact(len).zip(y.chunks_exact_mut(len)) {
        for row in 0..rows {
            for column in 0..columns {
                y[column * rows + row] = x[row * columns + column];
            }
        }
    }
}
