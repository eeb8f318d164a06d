//! Operations without weights: those that move integers, and those that compute new values.

use super::block::{Block, Data, Planes, pad, transpose};
use super::byte::Byte;
use super::scale::Storage;
use crate::kernels::int8::Wide;
use crate::kernels::int8::activation::{self, Scaled};
use crate::kernels::int8::pool::{self, Pool8};
use crate::kernels::int8::pool_axis;
use crate::kernels::isa::Isa;
use crate::kernels::pool_axis::AxisPool;
use crate::plan::{
    Form, Operation, add_positions, attention, last_step, normalize, slide, softmax,
};
use crate::shape::Sliding;

impl Block {
    /// What an operation gives that moves numbers, which keep their scale; `None` of any other.
    pub fn moved(&self, isa: Isa, operation: &Operation<Byte>, form: Form) -> Option<Self> {
        let data = match (&self.data, operation) {
            (Data::Planes(planes), Operation::MaxPool(window)) if self.form.axes() == 2 => {
                self.max_of_images(isa, planes, window, form)
            }
            (Data::Planes(planes), Operation::MaxPool(window)) => {
                self.max_of_grids(planes, form, |axis| slide(axis, window))
            }
            (Data::Planes(planes), Operation::AdaptivePool { out, max: true }) => {
                self.max_of_grids(planes, form, |axis| AxisPool::adaptive(axis, *out))
            }
            (Data::Planes(planes), Operation::Flatten) => {
                let sides = [self.form.positions(), self.form.channels()];
                let flat = planes.map(planes.high.bytes().len(), |x, y| {
                    transpose(x, self.form, sides, y);
                });
                Data::Planes(flat)
            }
            (Data::Planes(planes), Operation::Unflatten(_)) => {
                let sides = [form.channels(), form.positions()];
                let grids = planes.map(planes.high.bytes().len(), |x, y| {
                    transpose(x, form, sides, y);
                });
                Data::Planes(grids)
            }
            (Data::Planes(planes), Operation::PadChannels([before, _])) => {
                self.padded(planes, *before, form)
            }
            (Data::Planes(planes), Operation::LastStep { hidden }) => {
                let last = planes.map(self.examples * form.len(), |x, y| {
                    last_step(self.form, *hidden, x, y);
                });
                Data::Planes(last)
            }
            _ => return None,
        };
        Some(Self {
            examples: self.examples,
            form,
            data,
        })
    }

    /// Maximum over windows of images.
    fn max_of_images(&self, isa: Isa, planes: &Planes, window: &Sliding, form: Form) -> Data {
        let size = pool_size(window, self.form);
        let mut out = planes.like(self.examples * form.len());
        let (from, to) = (self.form.len(), form.len());
        for example in 0..self.examples {
            let (x, y) = (
                example * from..(example + 1) * from,
                example * to..(example + 1) * to,
            );
            let high = &mut out.high.bytes_mut()[y.clone()];
            match planes.scale.storage {
                Storage::Byte => pool::max(isa, &size, &planes.high.bytes()[x], high),
                Storage::Wide => {
                    let low = &mut out.low.bytes_mut()[y];
                    pool::max_wide(isa, &size, planes.wide_part(x), high, low);
                }
            }
        }
        Data::Planes(out)
    }

    /// Maximum over windows of grids of any number of sides.
    fn max_of_grids(
        &self,
        planes: &Planes,
        form: Form,
        windows: impl Fn([usize; 3]) -> Option<AxisPool>,
    ) -> Data {
        let mut out = planes.like(self.examples * form.len());
        let (from, to) = (self.form.len().max(1), form.len().max(1));
        let codes = planes.codes();
        let of = |x: &[u16]| {
            let (sides, axes) = (self.form.sides(), self.form.axes());
            pool_axis::over(sides, axes, form.channels(), x, &windows, u16::max)
        };
        for (example, x) in codes.chunks_exact(from).enumerate() {
            let y = of(x);
            let place = example * to..example * to + y.len();
            let high = &mut out.high.bytes_mut()[place.clone()];
            match planes.scale.storage {
                Storage::Byte => high.iter_mut().zip(&y).for_each(|(h, &q)| *h = q as u8),
                Storage::Wide => {
                    let low = &mut out.low.bytes_mut()[place];
                    for ((high, low), q) in high.iter_mut().zip(low).zip(&y) {
                        [*high, *low] = q.to_be_bytes();
                    }
                }
            }
        }
        Data::Planes(out)
    }

    /// Channels of zeros before and behind those of each position.
    fn padded(&self, planes: &Planes, before: usize, form: Form) -> Data {
        let mut out = planes.like(self.examples * form.len());
        let sides = [self.form.channels(), form.channels()];
        let zero = planes.scale.zero;
        let (high, low) = match planes.scale.storage {
            Storage::Byte => (zero as u8, 0),
            Storage::Wide => ((zero >> 8) as u8, zero as u8),
        };
        let bytes = planes.high.bytes();
        pad(bytes, sides, before, high, out.high.bytes_mut());
        if planes.scale.storage == Storage::Wide {
            pad(planes.low.bytes(), sides, before, low, out.low.bytes_mut());
        }
        Data::Planes(out)
    }

    /// `y` = what an operation without weights computes.
    pub fn computed(
        &self,
        isa: Isa,
        operation: &Operation<Byte>,
        others: &[&Self],
        form: Form,
        y: &mut [f32],
    ) {
        match operation {
            Operation::AvgPool(window) if self.form.axes() == 2 => {
                self.mean_of_images(isa, &pool_size(window, self.form), form, y);
            }
            Operation::AvgPool(window) => {
                self.mean_of_grids(form, |axis| slide(axis, window), y);
            }
            Operation::AdaptivePool { out, .. } => {
                self.mean_of_grids(form, |axis| AxisPool::adaptive(axis, *out), y);
            }
            Operation::GlobalAvgPool => {
                let [depth, height, width] = self.form.sides();
                let size = Pool8 {
                    channels: form.channels(),
                    height: depth * height,
                    width,
                    kernel: [depth * height, width],
                    stride: 1,
                    padding: 0,
                };
                self.mean_of_images(isa, &size, form, y);
            }
            Operation::MeanSteps => {
                let size = Pool8 {
                    channels: form.channels(),
                    height: 1,
                    width: self.form.positions(),
                    kernel: [1, self.form.positions()],
                    stride: 1,
                    padding: 0,
                };
                self.mean_of_images(isa, &size, form, y);
            }
            Operation::Softmax { log } => softmax(&self.floats(isa), form.channels(), *log, y),
            Operation::Normalize(numbers) => {
                y.copy_from_slice(&self.floats(isa));
                let examples = y.chunks_exact_mut(form.len().max(1));
                examples.for_each(|y| normalize(numbers, form, true, y));
            }
            Operation::Positions => {
                y.copy_from_slice(&self.floats(isa));
                add_positions(form, y);
            }
            Operation::Attention { heads } => self.attend(isa, *heads, others, y),
            // The others have weights or move numbers.
            _ => {}
        }
    }

    /// Attention of each example.
    fn attend(&self, isa: Isa, heads: usize, others: &[&Self], y: &mut [f32]) {
        let [k, v] = others else { return };
        let floats = [self, k, v].map(|block| block.floats(isa));
        let sizes = [self.form.positions(), k.form.positions()];
        let lens = [self, k, v].map(|block| block.form.len());
        let len = y.len() / self.examples.max(1);
        for (n, y) in y.chunks_exact_mut(len.max(1)).enumerate() {
            let of = |i: usize| &floats[i][n * lens[i]..(n + 1) * lens[i]];
            attention(heads, [of(0), of(1), of(2)], sizes, y);
        }
    }

    /// Means over windows of images, the padding counted as zeros.
    fn mean_of_images(&self, isa: Isa, size: &Pool8, form: Form, y: &mut [f32]) {
        let Data::Planes(planes) = &self.data else {
            return;
        };
        let cells = (size.kernel[0] * size.kernel[1]) as f32;
        let gain = vec![planes.scale.step / cells; form.channels()];
        let none = vec![0; form.channels()];
        let mut acc = vec![0; form.len()];
        let (from, zero) = (self.form.len(), planes.scale.zero.into());
        for (example, y) in y.chunks_exact_mut(form.len().max(1)).enumerate() {
            let x = example * from..(example + 1) * from;
            match planes.scale.storage {
                Storage::Byte => pool::sum(isa, size, &planes.high.bytes()[x], zero, &mut acc),
                Storage::Wide => pool::sum(isa, size, planes.wide_part(x), zero, &mut acc),
            }
            let scaled = Scaled {
                acc: &acc,
                zero: 0,
                sums: &none,
                gain: &gain,
            };
            activation::scale(isa, scaled, y);
        }
    }

    /// Means over windows of grids of any number of sides.
    fn mean_of_grids(
        &self,
        form: Form,
        windows: impl Fn([usize; 3]) -> Option<AxisPool>,
        y: &mut [f32],
    ) {
        let Data::Planes(planes) = &self.data else {
            return;
        };
        let zero = i64::from(planes.scale.zero);
        let codes: Vec<i64> = planes
            .codes()
            .iter()
            .map(|&q| i64::from(q) - zero)
            .collect();
        let (sides, axes) = (self.form.sides(), self.form.axes());
        let shares = shares(sides, axes, &windows);
        let (from, channels) = (self.form.len().max(1), form.channels().max(1));
        let examples = codes.chunks_exact(from);
        for (y, x) in y.chunks_exact_mut(form.len().max(1)).zip(examples) {
            let sums = pool_axis::over(sides, axes, channels, x, &windows, |a, b| a + b);
            let positions = y
                .chunks_exact_mut(channels)
                .zip(sums.chunks_exact(channels));
            for ((y, sums), share) in positions.zip(&shares) {
                let gain = planes.scale.step / share;
                y.iter_mut()
                    .zip(sums)
                    .for_each(|(y, &sum)| *y = gain * sum as f32);
            }
        }
    }
}

/// What the mean at each output position divides by.
fn shares(
    sides: [usize; 3],
    axes: usize,
    windows: impl Fn([usize; 3]) -> Option<AxisPool>,
) -> Vec<f32> {
    let along = |axis: usize| -> Vec<f32> {
        let pool = windows([1, sides[axis], 1]).filter(|_| axis >= 3 - axes);
        pool.map_or(vec![1.0], |pool| {
            let counts = pool.windows.iter().map(|window| pool.count(window) as f32);
            counts.collect()
        })
    };
    let [a, b, c] = [0, 1, 2].map(along);
    let rows = a.iter().flat_map(|a| b.iter().map(move |b| a * b));
    rows.flat_map(|row| c.iter().map(move |c| row * c))
        .collect()
}

fn pool_size(window: &Sliding, form: Form) -> Pool8 {
    let [_, height, width] = form.sides();
    Pool8 {
        channels: form.channels(),
        height,
        width,
        kernel: [window.kernel; 2],
        stride: window.stride,
        padding: window.padding,
    }
}

impl Planes {
    /// All codes in 16 bits.
    fn codes(&self) -> Vec<u16> {
        match self.scale.storage {
            Storage::Byte => self.high.bytes().iter().map(|&q| q.into()).collect(),
            Storage::Wide => {
                let Wide { hi, lo } = self.wide_part(0..self.high.bytes().len());
                let pairs = hi.iter().zip(lo);
                pairs
                    .map(|(&hi, &lo)| u16::from_be_bytes([hi, lo]))
                    .collect()
            }
        }
    }
}
