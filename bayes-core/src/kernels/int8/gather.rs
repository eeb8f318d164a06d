//! The input under each output of any convolution, gathered into rows: for volumes, for transposed
//! convolutions, for whatever has no kernel of its own.
//!
//! A row holds the channels of each tap, one tap after the other, so that the rows are an image of
//! one line that [`product`](super::product) goes along with a window and a stride of so many taps.

use std::ops::Range;

use super::geometry::Window8;
use crate::kernels::conv::ConvGeometry;
use crate::kernels::conv::transposed::TransposedGeometry;

/// Stands for the border.
const OUTSIDE: u32 = u32::MAX;

/// Which input position each tap of each output position sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taps {
    /// \[output position\]\[tap\].
    places: Vec<u32>,
    taps: usize,
}

impl Taps {
    /// Of a convolution of one example.
    pub fn over(geometry: &ConvGeometry) -> Self {
        let axes = geometry.axes;
        let [input, kernel] = [axes.map(|axis| axis.size), axes.map(|axis| axis.kernel)];
        let output = geometry.out_sides();
        Self::new(input, output, kernel, |axis, out, tap| {
            let axis = axes[axis];
            let at = (out * axis.stride + tap * axis.dilation).checked_sub(axis.padding)?;
            (at < axis.size).then_some(at)
        })
    }

    /// Of a transposed convolution of one example, whose input has these sides.
    pub fn back(geometry: &TransposedGeometry, input: [usize; 3]) -> Self {
        let axes = geometry.back().axes;
        let kernel = axes.map(|axis| axis.kernel);
        Self::new(input, geometry.out_sides(), kernel, |axis, out, tap| {
            let (axis, size) = (axes[axis], input[axis]);
            let at = (out + axis.padding).checked_sub(tap * axis.dilation)?;
            let at = at.is_multiple_of(axis.stride).then(|| at / axis.stride)?;
            (at < size).then_some(at)
        })
    }

    fn new(
        input: [usize; 3],
        output: [usize; 3],
        kernel: [usize; 3],
        source: impl Fn(usize, usize, usize) -> Option<usize>,
    ) -> Self {
        let mut places = Vec::new();
        let grid = |sides: [usize; 3]| {
            (0..sides[0]).flat_map(move |a| {
                (0..sides[1]).flat_map(move |b| (0..sides[2]).map(move |c| [a, b, c]))
            })
        };
        for out in grid(output) {
            for tap in grid(kernel) {
                let at = |axis: usize| source(axis, out[axis], tap[axis]);
                let place = at(0)
                    .zip(at(1))
                    .zip(at(2))
                    .map(|((a, b), c)| ((a * input[1] + b) * input[2] + c) as u32);
                places.push(place.unwrap_or(OUTSIDE));
            }
        }
        Self {
            places,
            taps: kernel.into_iter().product(),
        }
    }

    /// Output positions.
    pub fn positions(&self) -> usize {
        self.places.len().checked_div(self.taps).unwrap_or(0)
    }

    /// The rows of the output positions `of` from one example `x` (positions, channels), `border` where
    /// a tap lies outside.
    ///
    /// # Panics
    ///
    /// If `out` has another length than these rows.
    pub fn gather(&self, of: Range<usize>, channels: usize, x: &[u8], border: u8, out: &mut [u8]) {
        let places = &self.places[of.start * self.taps..of.end * self.taps];
        assert_eq!(
            out.len(),
            places.len() * channels,
            "int8: length of the gathered rows"
        );
        for (out, &place) in out.chunks_exact_mut(channels.max(1)).zip(places) {
            match place {
                OUTSIDE => out.fill(border),
                place => out.copy_from_slice(&x[place as usize * channels..][..channels]),
            }
        }
    }
}

/// The window that the product goes along gathered rows of so many taps with; its width is that of all
/// rows, here none.
pub fn row(channels: usize, outputs: usize, groups: usize, taps: usize) -> Window8 {
    Window8 {
        channels,
        outputs,
        groups,
        kernel: [1, taps],
        stride: taps,
        dilation: 1,
        height: 1,
        width: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::{self, Axis};
    use crate::kernels::int8::testing::{codes, weights};
    use crate::kernels::int8::{Layout, SLACK, product_on};
    use crate::kernels::isa::Isa;

    fn axis(size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Axis {
        Axis {
            size,
            kernel,
            stride,
            padding,
            dilation,
        }
    }

    fn grid() -> Vec<ConvGeometry> {
        let mut all = Vec::new();
        for (groups, inputs, outputs) in [(1, 3, 5), (2, 4, 6), (4, 4, 4)] {
            for kernel in 1..=3 {
                for (stride, padding, dilation) in [(1, 0, 1), (2, 1, 1), (3, 1, 2), (1, 2, 1)] {
                    let of = |size| axis(size, kernel, stride, padding.min(kernel - 1), dilation);
                    for axes in [
                        [Axis::NONE, Axis::NONE, of(9)],
                        [Axis::NONE, of(6), of(7)],
                        [of(5), of(6), of(5)],
                    ] {
                        all.push(ConvGeometry {
                            batch: 1,
                            in_channels: inputs,
                            out_channels: outputs,
                            axes,
                            groups,
                        });
                    }
                }
            }
        }
        all
    }

    /// The sums of a product of codes, by the gathered rows on this instruction set.
    fn by_rows(isa: Isa, taps: &Taps, size: &ConvGeometry, x: &[u8], w: &[i8]) -> Vec<i32> {
        let window = Window8 {
            width: taps.positions() * taps.taps,
            ..row(size.in_channels, size.out_channels, size.groups, taps.taps)
        };
        let mut rows = vec![0; window.input_len() + SLACK];
        let all = 0..taps.positions();
        taps.gather(all, size.in_channels, x, 9, &mut rows[..window.input_len()]);
        let packed = Layout::new(&window).pack(w);
        let mut acc = vec![0; window.output_len()];
        product_on(isa, &window, &rows, &packed, &mut acc);
        let zero = packed.sums().iter().cycle();
        acc.iter_mut()
            .zip(zero)
            .for_each(|(acc, sum)| *acc -= 9 * sum);
        acc
    }

    /// (positions, channels) of codes less 9 as (channels, positions) of numbers.
    fn floats(x: &[u8], channels: usize) -> Vec<f64> {
        let positions = x.len() / channels;
        let at = |i: usize| f64::from(x[i % positions * channels + i / positions]) - 9.0;
        (0..x.len()).map(at).collect()
    }

    #[track_caller]
    fn same(acc: &[i32], want: &[f64], channels: usize, what: &dyn std::fmt::Debug) {
        let positions = want.len() / channels;
        assert_eq!(acc.len(), want.len());
        for (i, &got) in acc.iter().enumerate() {
            let want = want[i % channels * positions + i / channels];
            assert_eq!(f64::from(got), want, "{what:?}");
        }
    }

    #[test]
    fn convolutions_over_one_to_three_sides_agree_with_the_reference() {
        for size in grid() {
            let taps = Taps::over(&size);
            let positions: usize = size.axes.iter().map(|axis| axis.size).product();
            let x = codes(1, positions * size.in_channels);
            let w = weights(
                2,
                size.out_channels * size.in_channels / size.groups * taps.taps,
            );
            let wide: Vec<f64> = w.iter().map(|&w| w.into()).collect();
            let mut want = vec![0.0; size.positions() * size.out_channels];
            let numbers = floats(&x, size.in_channels);
            conv::reference::forward(&size, &numbers, &wide, None, &mut want);
            for isa in Isa::available() {
                let acc = by_rows(isa, &taps, &size, &x, &w);
                same(&acc, &want, size.out_channels, &size);
            }
        }
    }

    #[test]
    fn transposed_convolutions_agree_with_the_reference() {
        for size in grid() {
            let there = size
                .axes
                .map(|axis| usize::from(axis.size > 1 && axis.stride > 1));
            let Ok(geometry) = TransposedGeometry::new(size, there) else {
                continue;
            };
            let sides = size.axes.map(|axis| axis.size);
            let taps = Taps::back(&geometry, sides);
            let x = codes(1, sides.iter().product::<usize>() * size.in_channels);
            let (each_in, each_out) = (
                size.in_channels / size.groups,
                size.out_channels / size.groups,
            );
            let w = weights(2, size.out_channels * each_in * taps.taps);
            // The reference's weights lie by input.
            let mut tensor = vec![0.0; w.len()];
            for (i, &w) in w.iter().enumerate() {
                let (tap, channel, o) = (
                    i % taps.taps,
                    i / taps.taps % each_in,
                    i / taps.taps / each_in,
                );
                let input = o / each_out * each_in + channel;
                tensor[(input * each_out + o % each_out) * taps.taps + tap] = w.into();
            }
            let positions: usize = geometry.out_sides().into_iter().product();
            let mut want = vec![0.0; positions * size.out_channels];
            let numbers = floats(&x, size.in_channels);
            conv::transposed::reference::forward(&geometry, &numbers, &tensor, &mut want);
            for isa in Isa::available() {
                let acc = by_rows(isa, &taps, &size, &x, &w);
                same(&acc, &want, size.out_channels, &size);
            }
        }
    }
}
