//! Steps with constants for each channel: the scales of sums, a bias, Flipout's signs.

use crate::kernels::int8::pack::LANES;
use crate::kernels::int8::rounding::{limit, round};
use crate::kernels::isa::{Isa, Kernel};

/// The sums of a product, and what turns them into numbers: gain\[c\]·(acc − zero·sums\[c\]).
///
/// The difference is taken in i32, which holds it for a zero point up to 255 and 32 000 products.
/// It is rounded to f32, then multiplied.
#[derive(Clone, Copy, Debug)]
pub struct Scaled<'a> {
    /// (pixels, channels) from [`product`](crate::kernels::int8::product).
    pub acc: &'a [i32],
    /// The input's code of 0.
    pub zero: i32,
    /// [`Packed::sums`](crate::kernels::int8::Packed::sums) of the weights.
    pub sums: &'a [i32],
    /// The input's scale times the weight's, of each channel.
    pub gain: &'a [f32],
}

/// y = gain\[c\]·(acc − zero·sums\[c\]).
pub fn scale(isa: Isa, scaled: Scaled<'_>, y: &mut [f32]) {
    run_scale::<false>(isa, scaled, None, y);
}

/// y += gain\[c\]·(acc − zero·sums\[c\]).
pub fn add_scaled(isa: Isa, scaled: Scaled<'_>, y: &mut [f32]) {
    run_scale::<true>(isa, scaled, None, y);
}

/// y += signs\[c\]·gain\[c\]·(acc − zero·sums\[c\]), with signs of ±1: the second product of Flipout
/// (Wen et al., 2018).
pub fn add_signed_scaled(isa: Isa, scaled: Scaled<'_>, signs: &[f32], y: &mut [f32]) {
    run_scale::<true>(isa, scaled, Some(signs), y);
}

fn run_scale<const ADD: bool>(isa: Isa, scaled: Scaled<'_>, signs: Option<&[f32]>, y: &mut [f32]) {
    let channels = scaled.gain.len();
    assert_eq!(
        scaled.sums.len(),
        channels,
        "int8: length of the weights' sums"
    );
    assert!(
        signs.is_none_or(|signs| signs.len() == channels),
        "int8: length of the signs"
    );
    let step = Scale::<ADD>::of(&scaled, signs);
    run(isa, channels, scaled.acc, y, step);
}

/// y\[p, c\] += bias\[c\].
pub fn add_rows(isa: Isa, bias: &[f32], y: &mut [f32]) {
    // A slice of nothing for each element takes no memory.
    let nothing = vec![(); y.len()];
    run(isa, bias.len(), &nothing, y, AddRows { bias });
}

/// out = 128 + signs\[c\]·(q − zero)/2, rounded half to even and limited to 1..=255, with signs of
/// ±1: Flipout's input times its signs, at twice the scale of q and with the zero point 128.
pub fn flip(isa: Isa, q: &[u8], zero: u8, signs: &[f32], out: &mut [u8]) {
    run(isa, signs.len(), q, out, Flip { zero, signs });
}

/// What is done to each element of a (pixels, channels) array.
pub(super) trait Step<S, T> {
    /// The constants of 16 channels.
    type Constants;

    /// Those of `count` ≤ 16 channels from `first` on.
    fn constants(&self, first: usize, count: usize) -> Self::Constants;

    /// Makes a target of a source at lane `i`.
    fn apply(constants: &Self::Constants, i: usize, source: S, target: &mut T);
}

/// Checks lengths and applies `step` to all elements.
fn run<S: Copy, T: Copy, P: Step<S, T>>(
    isa: Isa,
    channels: usize,
    source: &[S],
    target: &mut [T],
    step: P,
) {
    assert_eq!(source.len(), target.len(), "int8: elements in and out");
    check_rows(target.len(), channels);
    isa.run(Rows {
        channels,
        source,
        target,
        step,
    });
}

/// Panics unless `len` elements are whole rows of channels.
pub(super) fn check_rows(len: usize, channels: usize) {
    assert!(
        len == 0 || channels > 0 && len.is_multiple_of(channels),
        "int8: {len} elements are not rows of {channels} channels"
    );
}

/// The first elements of a slice, and zeros.
#[inline(always)]
pub(super) fn lanes<T: Copy + Default>(slice: &[T], first: usize, count: usize) -> [T; LANES] {
    let mut lanes = [T::default(); LANES];
    lanes[..count].copy_from_slice(&slice[first..first + count]);
    lanes
}

struct Rows<'a, S, T, P> {
    channels: usize,
    source: &'a [S],
    target: &'a mut [T],
    step: P,
}

impl<S: Copy, T: Copy, P: Step<S, T>> Kernel for Rows<'_, S, T, P> {
    type Output = ();

    /// 16 channels at a time, whose constants stay in registers for all pixels.
    #[inline(always)]
    fn run(self) {
        for first in (0..self.channels).step_by(LANES) {
            let count = LANES.min(self.channels - first);
            let constants = self.step.constants(first, count);
            let sources = self.source.chunks_exact(self.channels);
            let targets = self.target.chunks_exact_mut(self.channels);
            for (source, target) in sources.zip(targets) {
                let source = &source[first..first + count];
                let target = &mut target[first..first + count];
                match (
                    source.first_chunk::<LANES>(),
                    target.first_chunk_mut::<LANES>(),
                ) {
                    (Some(source), Some(target)) => {
                        // A copy, because the compiler cannot see that the slices are disjoint and
                        // would do one channel after the other: 5 times slower.
                        let mut lanes = *target;
                        for i in 0..LANES {
                            P::apply(&constants, i, source[i], &mut lanes[i]);
                        }
                        *target = lanes;
                    }
                    _ => {
                        for (i, (source, target)) in source.iter().zip(target).enumerate() {
                            P::apply(&constants, i, *source, target);
                        }
                    }
                }
            }
        }
    }
}

/// Turns sums into numbers, which replace the target or are added to it.
pub(super) struct Scale<'a, const ADD: bool> {
    zero: i32,
    sums: &'a [i32],
    gain: &'a [f32],
    signs: Option<&'a [f32]>,
}

impl<'a, const ADD: bool> Scale<'a, ADD> {
    #[inline(always)]
    pub fn of(scaled: &Scaled<'a>, signs: Option<&'a [f32]>) -> Self {
        let Scaled {
            zero, sums, gain, ..
        } = *scaled;
        Self {
            zero,
            sums,
            gain,
            signs,
        }
    }
}

impl<const ADD: bool> Step<i32, f32> for Scale<'_, ADD> {
    type Constants = ([i32; LANES], [f32; LANES]);

    #[inline(always)]
    fn constants(&self, first: usize, count: usize) -> Self::Constants {
        let mut offset = lanes(self.sums, first, count);
        for offset in &mut offset {
            *offset *= self.zero;
        }
        let mut gain = lanes(self.gain, first, count);
        if let Some(signs) = self.signs {
            for (gain, sign) in gain.iter_mut().zip(lanes(signs, first, count)) {
                *gain *= sign;
            }
        }
        (offset, gain)
    }

    #[inline(always)]
    fn apply((offset, gain): &Self::Constants, i: usize, acc: i32, y: &mut f32) {
        let value = gain[i] * (acc - offset[i]) as f32;
        *y = if ADD { *y + value } else { value };
    }
}

struct AddRows<'a> {
    bias: &'a [f32],
}

impl Step<(), f32> for AddRows<'_> {
    type Constants = [f32; LANES];

    #[inline(always)]
    fn constants(&self, first: usize, count: usize) -> Self::Constants {
        lanes(self.bias, first, count)
    }

    #[inline(always)]
    fn apply(bias: &Self::Constants, i: usize, (): (), y: &mut f32) {
        *y += bias[i];
    }
}

struct Flip<'a> {
    zero: u8,
    signs: &'a [f32],
}

impl Step<u8, u8> for Flip<'_> {
    type Constants = (i32, [f32; LANES]);

    #[inline(always)]
    fn constants(&self, first: usize, count: usize) -> Self::Constants {
        let mut half = lanes(self.signs, first, count);
        for half in &mut half {
            *half *= 0.5;
        }
        (i32::from(self.zero), half)
    }

    #[inline(always)]
    fn apply((zero, half): &Self::Constants, i: usize, q: u8, out: &mut u8) {
        let value = half[i] * (i32::from(q) - zero) as f32;
        *out = (128 + round(limit(value, -127.0, 127.0))) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::{CHANNELS, codes};
    use crate::kernels::testing::{assert_same_bits, numbers};

    const PIXELS: [usize; 4] = [0, 1, 2, 7];

    fn sizes() -> impl Iterator<Item = (usize, usize)> {
        CHANNELS.into_iter().flat_map(|c| PIXELS.map(|p| (p, c)))
    }

    fn signs(seed: u64, count: usize) -> Vec<f32> {
        let numbers = numbers::<f32>(seed, count).into_iter();
        numbers.map(f32::signum).collect()
    }

    #[test]
    fn sums_are_scaled_added_and_signed_on_every_isa() {
        for (pixels, channels) in sizes() {
            let integers = |seed, count, largest: f64| -> Vec<i32> {
                let numbers = numbers::<f64>(seed, count).into_iter();
                numbers.map(|v| (v * largest) as i32).collect()
            };
            let acc = integers(1, pixels * channels, 2e8);
            let (sums, gain) = (integers(2, channels, 1e5), numbers::<f32>(3, channels));
            let (signs, start) = (signs(4, channels), numbers::<f32>(5, acc.len()));
            let zero = 131;
            let scaled = Scaled {
                acc: &acc,
                zero,
                sums: &sums,
                gain: &gain,
            };
            let value = |i: usize| gain[i % channels] * (acc[i] - zero * sums[i % channels]) as f32;
            let want = |of: &dyn Fn(usize) -> f32| (0..acc.len()).map(of).collect::<Vec<_>>();
            for isa in Isa::available() {
                let mut y = start.clone();
                scale(isa, scaled, &mut y);
                assert_same_bits(&y, &want(&value), "scale");
                y.clone_from(&start);
                add_scaled(isa, scaled, &mut y);
                assert_same_bits(&y, &want(&|i| start[i] + value(i)), "add_scaled");
                y.clone_from(&start);
                add_signed_scaled(isa, scaled, &signs, &mut y);
                let signed = want(&|i| start[i] + signs[i % channels] * value(i));
                assert_same_bits(&y, &signed, "add_signed_scaled");
                y.clone_from(&start);
                add_rows(isa, &gain, &mut y);
                let added = want(&|i| start[i] + gain[i % channels]);
                assert_same_bits(&y, &added, "add_rows");
            }
        }
    }

    #[test]
    fn flipped_codes_are_those_of_the_signed_value_at_half_the_steps() {
        let reference = |q: u8, zero: u8, sign: f32| {
            let half = f64::from(sign) * (f64::from(q) - f64::from(zero)) / 2.0;
            (128.0 + half.round_ties_even()).clamp(1.0, 255.0) as u8
        };
        for (pixels, channels) in sizes() {
            let (q, signs) = (codes(6, pixels * channels), signs(7, channels));
            for (isa, zero) in Isa::available().flat_map(|isa| [0, 7, 128, 255].map(|z| (isa, z))) {
                let mut out = vec![0; q.len()];
                flip(isa, &q, zero, &signs, &mut out);
                for (i, &out) in out.iter().enumerate() {
                    let want = reference(q[i], zero, signs[i % channels]);
                    assert_eq!(out, want, "{} from {zero} on {isa}", q[i]);
                }
            }
        }
    }
}
