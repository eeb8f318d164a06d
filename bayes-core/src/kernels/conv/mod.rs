//! Convolution (cross-correlation) and its gradients in one, two and three dimensions, channels first.
//!
//! `y[n, o, p] = b[o] + Σₜ W[o, t]·x̃[n, t, p]`, with t over the taps (channel, row, column) of o's
//! group and x̃ the zero-padded input seen through the window at p. An output element is summed in the
//! order of the taps, or by Winograd's way over the channels at each of its points. The choice of path depends on
//! the geometry only, forward on that of one example.

mod direct;
pub mod flipout;
mod geometry;
mod lowering;
pub mod reference;
pub mod transposed;
mod weights;
mod winograd;

use self::direct::{Direct, SLACK};
pub use self::geometry::{Axis, ConvGeometry, ConvGeometryError};
use self::lowering::{Lowering, PanelColumns};
use self::weights::{OfExample, Same};
use self::winograd::Winograd;
use super::isa::Isa;
use super::matmul::{LANES, Line, Matrix, MatrixMut, Strips, Write, multiply};
use super::parallel::{for_each_chunk_with, is_large, map_ordered};
use super::real::Real;

/// Examples whose weight gradients are summed one after another before they meet those of other
/// examples.
const EXAMPLES_PER_SUM: usize = 8;

/// Rows of the output from which it pays to turn what a tap sees in one.
const SHORT_RUN: usize = 10;

/// y = W ⋆ x + b; `bias` may be absent.
///
/// # Panics
///
/// If `geometry` is not valid (see [`ConvGeometry::validated`]) or a slice has the wrong length.
pub fn forward<E: Real>(
    geometry: &ConvGeometry,
    x: &[E],
    weight: &[E],
    bias: Option<&[E]>,
    y: &mut [E],
) {
    forward_on(Isa::active(), geometry, x, weight, bias, y);
}

/// [`forward`] on a given instruction set.
pub fn forward_on<E: Real>(
    isa: Isa,
    geometry: &ConvGeometry,
    x: &[E],
    weight: &[E],
    bias: Option<&[E]>,
    y: &mut [E],
) {
    let [input, output] = check(geometry, Some(x.len()), Some(weight.len()), Some(y.len()));
    if let Some(bias) = bias {
        assert_eq!(
            bias.len(),
            geometry.out_channels,
            "convolution: length of the bias"
        );
    }
    let start = bias.map_or(Start::Nothing, Start::Bias);
    if let Some(winograd) = Winograd::of_example::<E>(geometry) {
        let weights = winograd::Weights::new(isa, geometry, weight);
        return winograd.run(isa, x, &weights, start, y);
    }
    let weights = Same(packed(geometry, weight));
    forward_with(isa, geometry, (x, input), &weights, start, (y, output));
}

/// The weights of each group, as the left operand of the product with the lowered input.
fn packed<E: Real>(geometry: &ConvGeometry, weight: &[E]) -> Vec<Strips<E>> {
    let [channels, taps] = [geometry.out_channels / geometry.groups, geometry.taps()];
    let pack = |weight| Strips::pack(Matrix::new(weight, channels, taps));
    weight.chunks(channels * taps).map(pack).collect()
}

/// The transposed weights of each group.
fn packed_transposed<E: Real>(geometry: &ConvGeometry, weight: &[E]) -> Vec<Strips<E>> {
    let [channels, taps] = [geometry.out_channels / geometry.groups, geometry.taps()];
    let pack = |weight| Strips::pack(Matrix::new(weight, channels, taps).transposed());
    weight.chunks(channels * taps).map(pack).collect()
}

/// The weights of each group turned around: a row for each input channel, with the taps of each output channel from the last
/// to the first.
fn packed_turned<E: Real>(geometry: &ConvGeometry, weight: &[E]) -> Vec<Strips<E>> {
    let [outputs, taps] = [geometry.out_channels / geometry.groups, geometry.taps()];
    let inputs = geometry.in_channels / geometry.groups;
    let window = taps / inputs.max(1);
    let mut turned = vec![E::zero(); outputs * taps];
    let pack = |weight: &[E]| {
        for (i, row) in turned.chunks_exact_mut(outputs * window).enumerate() {
            for (o, turned) in row.chunks_exact_mut(window).enumerate() {
                let from = &weight[o * taps + i * window..][..window];
                for (turned, &weight) in turned.iter_mut().rev().zip(from) {
                    *turned = weight;
                }
            }
        }
        Strips::pack(Matrix::new(&turned, inputs, outputs * window))
    };
    weight.chunks(outputs * taps).map(pack).collect()
}

/// What the sums of a convolution start from.
#[derive(Clone, Copy, Debug)]
enum Start<'a, E> {
    /// 0.
    Nothing,
    /// The bias of each output channel.
    Bias(&'a [E]),
    /// What is there: they are added to it.
    Target,
}

/// [`forward`] with the weights of each example; the slices go with the length of an example in them.
fn forward_with<E: Real, W: OfExample<E>>(
    isa: Isa,
    geometry: &ConvGeometry,
    (x, input): (&[E], usize),
    weights: &W,
    start: Start<'_, E>,
    (y, output): (&mut [E], usize),
) {
    let positions = geometry.positions();
    let channels = geometry.out_channels / geometry.groups;
    let lowering = Lowering::new(geometry);
    let columns = Columns::new(&lowering);
    let example = |buffers: &mut ForwardBuffers<E, W::Own>, n: usize, y: &mut [E]| {
        let strips = weights.of_example(isa, &mut buffers.own, n);
        let (padded, product) = (&mut buffers.padded, &mut buffers.product);
        lowering.pad(&x[n * input..(n + 1) * input], padded);
        for (group, y) in y.chunks_mut(channels * positions).enumerate() {
            let strips = &strips[group];
            let start = start.of_group(group, channels);
            match &columns {
                Columns::Direct(direct) => {
                    let seen = (&lowering.taps[..], lowering.group_on(padded, group));
                    if direct.is_exact() {
                        let write = start.prepare(positions, y);
                        let y = MatrixMut::new(y, channels, positions);
                        direct.multiply(isa, strips, seen, y, write);
                        continue;
                    }
                    // The columns between the rows of the output fall away.
                    let write = match start {
                        Start::Target => Write::Overwrite,
                        _ => start.prepare(direct.width, product),
                    };
                    let target = MatrixMut::new(product, channels, direct.width);
                    direct.multiply(isa, strips, seen, target, write);
                    if matches!(start, Start::Target) {
                        direct.each_row(product, y, |y, product| {
                            y.iter_mut().zip(product).for_each(|(y, &sum)| *y += sum);
                        });
                    } else {
                        direct.each_row(product, y, |y, product| y.copy_from_slice(product));
                    }
                }
                Columns::Lowered(columns) => {
                    let panel = &mut buffers.panel;
                    let write = start.prepare(positions, y);
                    for (columns, left) in columns.iter().zip((0..positions).step_by(LANES)) {
                        columns.fill(lowering.group(padded, group), &lowering.taps, panel);
                        let width = LANES.min(positions - left);
                        let y = MatrixMut::strided(&mut y[left..], channels, width, positions);
                        multiply(isa, strips, panel, y, write);
                    }
                }
            }
        }
    };
    let [slack, product, panel] = match &columns {
        Columns::Direct(direct) if direct.is_exact() => [SLACK, 0, 0],
        Columns::Direct(direct) => [SLACK, channels * direct.width, 0],
        Columns::Lowered(_) => [0, 0, geometry.taps()],
    };
    let buffers = || ForwardBuffers {
        padded: vec![E::zero(); lowering.padded_len() + slack],
        product: vec![E::zero(); product],
        panel: vec![Line::zero(); panel],
        own: weights.own(),
    };
    for_each_chunk_with(y, output, is_large(geometry.operations()), buffers, example);
}

/// How the columns of the lowered matrix come to the product.
enum Columns {
    /// From where they lie.
    Direct(Direct),
    /// By way of a panel.
    Lowered(Vec<PanelColumns>),
}

impl Columns {
    fn new(lowering: &Lowering) -> Self {
        match Direct::new(lowering) {
            Some(direct) => Self::Direct(direct),
            None => {
                let panels = lowering.positions.chunks(LANES);
                Self::Lowered(panels.map(PanelColumns::new).collect())
            }
        }
    }
}

/// What one thread needs for [`forward_with`].
struct ForwardBuffers<E, W> {
    /// A padded example, and what may be read behind it.
    padded: Vec<E>,
    /// The product of a group, where not all of its columns are output.
    product: Vec<E>,
    /// The lowered matrix at some positions.
    panel: Vec<Line<E>>,
    /// Where the weights of an example are made.
    own: W,
}

/// dx += the transposed convolution of g with W.
///
/// # Panics
///
/// As [`forward`].
pub fn backward_input<E: Real>(geometry: &ConvGeometry, weight: &[E], g: &[E], dx: &mut [E]) {
    backward_input_on(Isa::active(), geometry, weight, g, dx);
}

/// [`backward_input`] on a given instruction set.
pub fn backward_input_on<E: Real>(
    isa: Isa,
    geometry: &ConvGeometry,
    weight: &[E],
    g: &[E],
    dx: &mut [E],
) {
    let [input, output] = check(geometry, Some(dx.len()), Some(weight.len()), Some(g.len()));
    if let Some(turned) = geometry.turned() {
        if let Some(winograd) = Winograd::of_batch::<E>(&turned) {
            let weights = winograd::Weights::turned(isa, geometry, weight);
            return winograd.run(isa, g, &weights, Start::Target, dx);
        }
        let weights = Same(packed_turned(geometry, weight));
        forward_with(
            isa,
            &turned,
            (g, output),
            &weights,
            Start::Target,
            (dx, input),
        );
        return;
    }
    let weights = Same(packed_transposed(geometry, weight));
    backward_input_with(isa, geometry, &weights, (g, output), (dx, input));
}

/// [`backward_input`] with the transposed weights of each example; the slices go with the length of an example in them.
fn backward_input_with<E: Real, W: OfExample<E>>(
    isa: Isa,
    geometry: &ConvGeometry,
    weights: &W,
    (g, output): (&[E], usize),
    (dx, input): (&mut [E], usize),
) {
    let (taps, positions) = (geometry.taps(), geometry.positions());
    let channels = geometry.out_channels / geometry.groups;
    let lowering = Lowering::new(geometry);
    let columns: Vec<_> = lowering
        .positions
        .chunks(LANES)
        .map(PanelColumns::new)
        .collect();
    let example = |buffers: &mut InputGradientBuffers<E, W::Own>, n: usize, dx: &mut [E]| {
        let InputGradientBuffers {
            padded,
            panel,
            sums,
            own,
        } = buffers;
        let strips = weights.of_example(isa, own, n);
        padded.fill(E::zero());
        let g = &g[n * output..(n + 1) * output];
        for (group, g) in g.chunks(channels * positions).enumerate() {
            for (columns, left) in columns.iter().zip((0..positions).step_by(LANES)) {
                let width = LANES.min(positions - left);
                for (line, row) in panel.iter_mut().zip(g.chunks(positions)) {
                    line.set(&row[left..left + width]);
                }
                let target = MatrixMut::strided(sums, taps, width, LANES);
                multiply(isa, &strips[group], panel, target, Write::Overwrite);
                columns.add(sums, &lowering.taps, lowering.group_mut(padded, group));
            }
        }
        lowering.add_unpadded(padded, dx);
    };
    let buffers = || InputGradientBuffers {
        padded: vec![E::zero(); lowering.padded_len()],
        panel: vec![Line::zero(); channels],
        sums: vec![E::zero(); taps * LANES],
        own: weights.own(),
    };
    for_each_chunk_with(dx, input, is_large(geometry.operations()), buffers, example);
}

/// What one thread needs for [`backward_input`].
struct InputGradientBuffers<E, W> {
    /// The gradient of one padded example.
    padded: Vec<E>,
    /// The gradient of the output at some positions.
    panel: Vec<Line<E>>,
    /// The gradient of every tap at those positions.
    sums: Vec<E>,
    /// Where the weights of an example are made.
    own: W,
}

/// dW += Σₙ gₙ·x̃ₙᵀ. Examples are summed in fixed groups of 8, and these in order.
///
/// # Panics
///
/// As [`forward`].
pub fn backward_weight<E: Real>(geometry: &ConvGeometry, x: &[E], g: &[E], dw: &mut [E]) {
    backward_weight_on(Isa::active(), geometry, x, g, dw);
}

/// [`backward_weight`] on a given instruction set.
pub fn backward_weight_on<E: Real>(
    isa: Isa,
    geometry: &ConvGeometry,
    x: &[E],
    g: &[E],
    dw: &mut [E],
) {
    let [input, output] = check(geometry, Some(x.len()), Some(dw.len()), Some(g.len()));
    if input * output == 0 {
        return;
    }
    let lowering = Lowering::new(geometry);
    let columns: Vec<_> = lowering.taps.chunks(LANES).map(PanelColumns::new).collect();
    let sum_of = |sum: usize| {
        let first = sum * EXAMPLES_PER_SUM;
        let examples = first..geometry.batch.min(first + EXAMPLES_PER_SUM);
        let mut dw = vec![E::zero(); geometry.weight_len()];
        let mut padded = vec![E::zero(); lowering.padded_len()];
        let mut panel = vec![Line::zero(); lowering.positions.len()];
        for n in examples {
            lowering.pad(&x[n * input..(n + 1) * input], &mut padded);
            let g = &g[n * output..(n + 1) * output];
            add_weight_gradient(isa, &lowering, &columns, (&padded, g), &mut panel, &mut dw);
        }
        dw
    };
    let sums = geometry.batch.div_ceil(EXAMPLES_PER_SUM);
    for sum in map_ordered(sums, is_large(geometry.operations()), sum_of) {
        for (dw, sum) in dw.iter_mut().zip(sum) {
            *dw += sum;
        }
    }
}

/// dW += g·x̃ᵀ for one example, given padded.
fn add_weight_gradient<E: Real>(
    isa: Isa,
    lowering: &Lowering,
    columns: &[PanelColumns],
    (padded, g): (&[E], &[E]),
    panel: &mut [Line<E>],
    dw: &mut [E],
) {
    let (taps, positions) = (lowering.taps.len(), lowering.positions.len());
    let groups = lowering.group_count();
    let channels = g.len() / positions / groups;
    let dw = dw.chunks_mut(channels * taps);
    for (group, (g, dw)) in g.chunks(channels * positions).zip(dw).enumerate() {
        let strips = Strips::pack(Matrix::new(g, channels, positions));
        for (columns, left) in columns.iter().zip((0..taps).step_by(LANES)) {
            let (source, positions) = (lowering.group(padded, group), &lowering.positions[..]);
            match lowering.row_length() {
                Some(run) if run >= SHORT_RUN => {
                    columns.fill_in_runs(source, (positions, run), panel)
                }
                _ => columns.fill(source, positions, panel),
            }
            let width = LANES.min(taps - left);
            let dw = MatrixMut::strided(&mut dw[left..], channels, width, taps);
            multiply(isa, &strips, panel, dw, Write::Accumulate);
        }
    }
}

/// db += the sums of g over examples and positions, in that order.
///
/// # Panics
///
/// As [`forward`].
pub fn backward_bias<E: Real>(geometry: &ConvGeometry, g: &[E], db: &mut [E]) {
    check(geometry, None, None, Some(g.len()));
    super::bias::backward(
        [geometry.batch, geometry.out_channels, geometry.positions()],
        g,
        db,
    );
}

impl<'a, E: Real> Start<'a, E> {
    /// That of one group's channels.
    fn of_group(self, group: usize, channels: usize) -> Self {
        match self {
            Self::Bias(bias) => Self::Bias(&bias[group * channels..(group + 1) * channels]),
            other => other,
        }
    }

    /// Sets every channel to its bias and says how the product is to be written.
    fn prepare(self, positions: usize, y: &mut [E]) -> Write {
        match self {
            Self::Nothing => Write::Overwrite,
            Self::Target => Write::Accumulate,
            Self::Bias(bias) => {
                for (channel, &bias) in y.chunks_mut(positions.max(1)).zip(bias) {
                    channel.fill(bias);
                }
                Write::Accumulate
            }
        }
    }
}

/// Checks lengths and returns those of one example's input and output.
fn check(
    geometry: &ConvGeometry,
    input: Option<usize>,
    weight: Option<usize>,
    output: Option<usize>,
) -> [usize; 2] {
    if let Err(error) = geometry.validated() {
        panic!("{error}");
    }
    let is = |length: Option<usize>, want| length.is_none_or(|length| length == want);
    assert!(
        is(input, geometry.input_len()),
        "convolution: length of the input"
    );
    assert!(
        is(weight, geometry.weight_len()),
        "convolution: length of the weight"
    );
    assert!(
        is(output, geometry.output_len()),
        "convolution: length of the output"
    );
    let batch = geometry.batch.max(1);
    [geometry.input_len() / batch, geometry.output_len() / batch]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, with_one_and_two_threads,
    };

    /// Batch, channels, groups and axes of (size, kernel, stride, padding, dilation).
    fn geometry(
        [batch, in_channels, out_channels, groups]: [usize; 4],
        axes: &[[usize; 5]],
    ) -> ConvGeometry {
        let mut all = [Axis::NONE; 3];
        for (axis, &[size, kernel, stride, padding, dilation]) in
            all[3 - axes.len()..].iter_mut().zip(axes)
        {
            *axis = Axis {
                size,
                kernel,
                stride,
                padding,
                dilation,
            };
        }
        ConvGeometry {
            batch,
            in_channels,
            out_channels,
            axes: all,
            groups,
        }
    }

    /// Kernels 1 to 5, strides 1 to 3, paddings 0 to 2, dilations 1 and 2, groups 1, 2 and all, batches 0 to 2, in one, two
    /// and three dimensions: every pair of (kernel, stride) with every (padding, dilation), the others in turn. Sizes do
    /// not divide. And some sizes that fill more than a panel.
    pub(super) fn grid() -> Vec<ConvGeometry> {
        let mut grid = Vec::new();
        let mut turn = 0;
        for kernel in 1..=5 {
            for (stride, padding) in (1..=3).flat_map(|s| (0..=2).map(move |p| (s, p))) {
                for dilation in 1..=2 {
                    turn += 1;
                    let channels = [[1, 1, 1], [2, 4, 2], [3, 3, 3], [3, 5, 1]][turn % 4];
                    let batch = [1, 2, 1, 1, 0][turn % 5];
                    let sizes = [dilation * (kernel - 1) + 1 + turn % 4, 9 + turn % 3, 11];
                    let axis = |size| [size, kernel, stride, padding, dilation];
                    let axes = [axis(sizes[0]), axis(sizes[1]), axis(sizes[2])];
                    let [inputs, outputs, groups] = channels;
                    let dimensions = if turn % 7 == 0 { 3 } else { 1 + turn % 2 };
                    grid.push(geometry(
                        [batch, inputs, outputs, groups],
                        &axes[3 - dimensions..],
                    ));
                }
            }
        }
        let plane = |size, kernel, stride, padding| [size, kernel, stride, padding, 1];
        grid.extend([
            geometry([9, 6, 6, 6], &[plane(8, 3, 1, 1); 2]),
            geometry([17, 5, 9, 1], &[plane(4, 1, 1, 0); 2]),
            geometry([1, 2, 2, 1], &[plane(3, 3, 1, 2), plane(33, 3, 1, 2)]),
            geometry([2, 3, 8, 1], &[plane(32, 3, 1, 1); 2]),
            geometry([1, 2, 2, 1], &[plane(2, 4, 2, 1); 2]),
            geometry([2, 4, 6, 2], &[plane(70, 5, 1, 2)]),
            geometry(
                [1, 2, 3, 1],
                &[plane(3, 2, 1, 0), plane(6, 3, 2, 1), plane(20, 1, 1, 0)],
            ),
        ]);
        grid.extend(of_tiles());
        grid.retain(|geometry| geometry.validated().is_ok());
        grid
    }

    /// Windows of 3×3 on many channels: whole tiles and parts of them, panels that examples share and that they fill, the last
    /// ones not.
    fn of_tiles() -> Vec<ConvGeometry> {
        let axis = |size, padding| [size, 3, 1, padding, 1];
        vec![
            geometry([1, 24, 25, 1], &[axis(32, 1); 2]),
            geometry([3, 25, 24, 1], &[axis(16, 1); 2]),
            geometry([11, 24, 37, 1], &[axis(8, 1); 2]),
            geometry([2, 26, 24, 1], &[axis(7, 0), axis(13, 1)]),
            geometry([2, 24, 24, 1], &[axis(9, 2), axis(30, 0)]),
            geometry([1, 24, 24, 1], &[axis(10, 1), axis(61, 2)]),
            geometry([40, 24, 24, 1], &[axis(3, 0); 2]),
        ]
    }

    #[test]
    fn many_channels_go_by_tiles_both_ways() {
        let forward = of_tiles().into_iter();
        let forward = forward.filter(|all| Winograd::of_example::<f32>(all).is_some());
        let back = of_tiles().into_iter().filter_map(|all| all.turned());
        let back = back.filter(|all| Winograd::of_batch::<f32>(all).is_some());
        assert_eq!([forward.count(), back.count()], [4, 6]);
    }

    /// x, weight, bias and output gradient.
    fn inputs<E: Real>(geometry: &ConvGeometry) -> [Vec<E>; 4] {
        [
            numbers(1, geometry.input_len()),
            numbers(2, geometry.weight_len()),
            numbers(3, geometry.out_channels),
            numbers(4, geometry.output_len()),
        ]
    }

    /// Output and the gradients of input, weight and bias, each from a start that is not zero.
    fn fast_passes<E: Real>(isa: Isa, geometry: &ConvGeometry) -> [Vec<E>; 4] {
        let [x, weight, bias, g] = inputs::<E>(geometry);
        let mut y = numbers(5, g.len());
        forward_on(isa, geometry, &x, &weight, Some(&bias), &mut y);
        let (mut dx, mut dw, mut db) = (
            numbers(6, x.len()),
            numbers(7, weight.len()),
            numbers(8, bias.len()),
        );
        backward_input_on(isa, geometry, &weight, &g, &mut dx);
        backward_weight_on(isa, geometry, &x, &g, &mut dw);
        backward_bias(geometry, &g, &mut db);
        [y, dx, dw, db]
    }

    fn check_against_reference<E: Real>(isa: Isa, geometry: &ConvGeometry) {
        let [x, weight, bias, g] = inputs::<E>(geometry);
        let mut want = [
            vec![E::zero(); g.len()],
            numbers(6, x.len()),
            numbers(7, weight.len()),
            numbers(8, bias.len()),
        ];
        let [y, dx, dw, db] = &mut want;
        reference::forward(geometry, &x, &weight, Some(&bias), y);
        reference::backward(geometry, &x, &weight, &g, [dx, dw, db]);
        let names = ["y", "dx", "dw", "db"];
        for ((got, want), name) in fast_passes(isa, geometry).iter().zip(&want).zip(names) {
            assert_all_close(got, want, 60.0, &format!("{name} of {geometry:?} on {isa}"));
        }
        let mut got = numbers(5, g.len());
        forward_on(isa, geometry, &x, &weight, None, &mut got);
        reference::forward(geometry, &x, &weight, None, &mut want[0]);
        assert_all_close(&got, &want[0], 60.0, "y without a bias");
    }

    #[test]
    fn agrees_with_the_reference_on_every_isa() {
        for isa in Isa::available() {
            for geometry in grid() {
                check_against_reference::<f32>(isa, &geometry);
                check_against_reference::<f64>(isa, &geometry);
            }
        }
    }

    #[test]
    fn bits_depend_on_neither_threads_nor_batch() {
        for inputs in [3, 25] {
            let many = geometry([20, inputs, 24, 1], &[[13, 3, 1, 1, 1], [12, 3, 1, 1, 1]]);
            check_bits(&many);
        }
    }

    fn check_bits(many: &ConvGeometry) {
        assert!(
            is_large(many.operations()),
            "the test is to reach the parallel path"
        );
        let [one, two] = with_one_and_two_threads(|| fast_passes::<f32>(Isa::active(), many));
        for (one, two) in one.iter().zip(&two) {
            assert_same_bits(two, one, "two threads");
        }
        let single = ConvGeometry { batch: 1, ..*many };
        let [x, weight, bias, _] = inputs::<f32>(many);
        let mut y = vec![0.0; single.output_len()];
        let x = &x[13 * single.input_len()..14 * single.input_len()];
        forward(&single, x, &weight, Some(&bias), &mut y);
        let want = &one[0][13 * single.output_len()..14 * single.output_len()];
        assert_same_bits(&y, want, "example 13 alone");
    }

    #[test]
    fn impossible_geometries_are_named() {
        let good = geometry([1, 4, 4, 2], &[[5, 3, 1, 0, 1]; 2]);
        assert_eq!(good.validated(), Ok(good));
        let zero = geometry([1, 4, 4, 2], &[[5, 3, 0, 0, 1]; 2]);
        assert_eq!(zero.validated(), Err(ConvGeometryError::Zero("stride")));
        let groups = ConvGeometry { groups: 3, ..good };
        assert!(matches!(
            groups.validated(),
            Err(ConvGeometryError::Groups { .. })
        ));
        let window = geometry([1, 4, 4, 2], &[[5, 3, 1, 0, 3]; 2]);
        assert_eq!(window.out_sides(), [1, 0, 0]);
        assert!(matches!(
            window.validated(),
            Err(ConvGeometryError::Window { window: 7, .. })
        ));
    }
}
