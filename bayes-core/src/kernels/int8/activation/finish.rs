//! All that follows a product, in one pass over its sums.

use super::channels::{Scale, Scaled, Step, check_rows, lanes};
use super::quantize::code;
use super::values::positive;
use crate::kernels::int8::codes::Codes;
use crate::kernels::int8::pack::LANES;
use crate::kernels::isa::{Isa, Kernel};

/// Products that [`finish`] adds: the planes of an input, and the deviation of its weights.
pub const MOST_PRODUCTS: usize = 3;

/// What [`finish`] adds up: y = Σ signs\[c\]·gain\[c\]·(acc − zero·sums\[c\]) + Σ row\[c\] + residual, then ReLU.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a, C> {
    /// The products, each with the signs of its channels or without; at most [`MOST_PRODUCTS`].
    pub products: &'a [(Scaled<'a>, Option<&'a [f32]>)],
    /// Numbers of each channel, added one row after the other.
    pub rows: &'a [&'a [f32]],
    /// Codes of the values to be added, their code of 0 and their scale.
    pub residual: Option<(C, i32, f32)>,
    /// Whether y = max(y, 0) in the end.
    pub relu: bool,
}

/// out = round(y·inverse_scale) + zero, limited to 0..=255, of all that `finish` adds up.
///
/// The same bits as [`add_scaled`](super::add_scaled) to zeros, [`add_rows`](super::add_rows),
/// [`add_quantized`](super::add_quantized), [`relu`](super::relu) and [`quantize`](super::quantize) one after the other,
/// without the passes between them.
pub fn finish<C: Codes>(
    isa: Isa,
    finish: &Finish<'_, C>,
    inverse_scale: f32,
    zero: u8,
    out: &mut [u8],
) {
    let Finish {
        products,
        rows,
        residual,
        ..
    } = finish;
    assert!(
        (1..=MOST_PRODUCTS).contains(&products.len()),
        "int8: number of products"
    );
    let channels = products[0].0.gain.len();
    for (
        Scaled {
            acc, sums, gain, ..
        },
        signs,
    ) in *products
    {
        assert_eq!(acc.len(), out.len(), "int8: elements in and out");
        let signs = signs.map_or(channels, <[f32]>::len);
        assert_eq!(
            [sums.len(), gain.len(), signs],
            [channels; 3],
            "int8: numbers of the channels"
        );
    }
    for row in *rows {
        assert_eq!(row.len(), channels, "int8: numbers of the channels");
    }
    if let Some((codes, ..)) = residual {
        assert_eq!(codes.count(), out.len(), "int8: elements of the residual");
    }
    check_rows(out.len(), channels);
    isa.run(Pass {
        finish,
        channels,
        inverse_scale,
        zero: f32::from(zero),
        out,
    });
}

struct Pass<'a, C> {
    finish: &'a Finish<'a, C>,
    channels: usize,
    inverse_scale: f32,
    zero: f32,
    out: &'a mut [u8],
}

impl<C: Codes> Kernel for Pass<'_, C> {
    type Output = ();

    /// 16 channels at a time, whose constants stay in the nearest cache for all pixels.
    #[inline(always)]
    fn run(self) {
        let Finish {
            products,
            rows,
            residual,
            relu,
        } = *self.finish;
        let mut of_products = [([0; LANES], [0.0; LANES]); MOST_PRODUCTS];
        let mut of_rows = vec![[0.0; LANES]; rows.len()];
        for first in (0..self.channels).step_by(LANES) {
            let count = LANES.min(self.channels - first);
            for (constants, (scaled, signs)) in of_products.iter_mut().zip(products) {
                *constants = Scale::<true>::of(scaled, *signs).constants(first, count);
            }
            for (lane, row) in of_rows.iter_mut().zip(rows) {
                *lane = lanes(row, first, count);
            }
            for at in (first..self.out.len()).step_by(self.channels) {
                let mut y = [0.0; LANES];
                for (constants, (scaled, _)) in of_products.iter().zip(products) {
                    let acc = lanes(scaled.acc, at, count);
                    for i in 0..LANES {
                        Scale::<true>::apply(constants, i, acc[i], &mut y[i]);
                    }
                }
                for row in &of_rows {
                    for i in 0..LANES {
                        y[i] += row[i];
                    }
                }
                if let Some((codes, zero, scale)) = residual {
                    let codes = codes.lanes(at, count);
                    for i in 0..LANES {
                        y[i] += scale * (codes[i].into() - zero) as f32;
                    }
                }
                if relu {
                    for y in &mut y {
                        *y = positive(*y);
                    }
                }
                let mut bytes = [0; LANES];
                for i in 0..LANES {
                    bytes[i] = code(y[i] * self.inverse_scale, self.zero, 255.0) as u8;
                }
                let out = &mut self.out[at..at + count];
                match out.first_chunk_mut::<LANES>() {
                    Some(out) => *out = bytes,
                    None => out.copy_from_slice(&bytes[..count]),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{add_quantized, add_rows, add_scaled, add_signed_scaled, quantize, relu};
    use super::*;
    use crate::kernels::int8::Wide;
    use crate::kernels::int8::testing::{CHANNELS, codes};
    use crate::kernels::testing::numbers;

    /// Every number of products and rows, with and without signs and ReLU, and the step after the other beside it.
    #[test]
    fn one_pass_gives_the_codes_of_the_steps_one_after_the_other() {
        for (pixels, channels) in CHANNELS.into_iter().flat_map(|c| [0, 1, 7].map(|p| (p, c))) {
            let (high, low) = (codes(8, pixels * channels), codes(9, pixels * channels));
            let wide = Wide {
                hi: &high,
                lo: &low,
            };
            for case in 0..24 {
                check(pixels * channels, channels, case, None::<(&[u8], i32, f32)>);
                check(
                    pixels * channels,
                    channels,
                    case,
                    Some((&high[..], 93, 0.3)),
                );
                check(
                    pixels * channels,
                    channels,
                    case,
                    Some((wide, 23_456, 1e-3)),
                );
            }
        }
    }

    fn check<C: Codes>(
        count: usize,
        channels: usize,
        case: usize,
        residual: Option<(C, i32, f32)>,
    ) {
        let (products, rows) = (1 + case % MOST_PRODUCTS, case / MOST_PRODUCTS % 4);
        let is_positive = case.is_multiple_of(2);
        let integers = |seed, count, largest: f64| -> Vec<i32> {
            let numbers = numbers::<f64>(seed, count).into_iter();
            numbers.map(|v| (v * largest) as i32).collect()
        };
        let seed = case as u64;
        let of_products: Vec<_> = (0..products as u64)
            .map(|i| {
                (
                    integers(seed + i, count, 100.0),
                    integers(seed + 10 + i, channels, 3.0),
                    numbers::<f32>(seed + 20 + i, channels),
                )
            })
            .collect();
        let signs: Vec<f32> = numbers::<f32>(seed + 30, channels)
            .into_iter()
            .map(f32::signum)
            .collect();
        let with_signs = |i: usize| (i == 1).then_some(&signs[..]);
        let scaled: Vec<_> = of_products
            .iter()
            .enumerate()
            .map(|(i, (acc, sums, gain))| {
                let scaled = Scaled {
                    acc,
                    zero: 7 * i as i32,
                    sums,
                    gain,
                };
                (scaled, with_signs(i))
            })
            .collect();
        let of_rows: Vec<_> = (0..rows as u64)
            .map(|i| numbers::<f32>(seed + 40 + i, channels))
            .collect();
        let of_rows: Vec<&[f32]> = of_rows.iter().map(Vec::as_slice).collect();
        let (inverse, zero) = (0.7, 100);
        for isa in Isa::available() {
            let mut y = vec![0.0; count];
            for (scaled, signs) in &scaled {
                match signs {
                    None => add_scaled(isa, *scaled, &mut y),
                    Some(signs) => add_signed_scaled(isa, *scaled, signs, &mut y),
                }
            }
            for row in &of_rows {
                add_rows(isa, row, &mut y);
            }
            if let Some((codes, zero, scale)) = residual {
                add_quantized(isa, codes, zero, scale, &mut y);
            }
            if is_positive {
                relu(isa, &mut y);
            }
            let mut want = vec![1; count];
            quantize(isa, &y, inverse, zero, &mut want);
            let mut got = vec![2; count];
            let of = Finish {
                products: &scaled,
                rows: &of_rows,
                residual,
                relu: is_positive,
            };
            finish(isa, &of, inverse, zero, &mut got);
            assert_eq!(got, want, "case {case} of {channels} channels on {isa}");
            if count > 100 && !is_positive {
                let middle = got.iter().filter(|&&q| 0 < q && q < 255).count();
                assert!(2 * middle > count, "only {middle} of {count} say something");
            }
        }
    }
}
