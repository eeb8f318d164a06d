//! Convolutions by Flipout (Wen et al. 2018) with one product: example n sees the weights `mu + s_n r_nᵀ ∘ Δ`, which are formed
//! while they are in cache, for a few operations on a weight and example.

use super::weights::OfExample;
use super::{
    ConvGeometry, EXAMPLES_PER_SUM, Lowering, PanelColumns, Start, add_weight_gradient,
    backward_input_with, check, forward_with, packed, packed_transposed, packed_turned,
};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::matmul::{LANES, Line, STRIP, Strips};
use crate::kernels::parallel::{is_large, map_ordered};
use crate::kernels::real::Real;

/// Signs ±1 of each example's channels.
#[derive(Clone, Copy, Debug)]
pub struct Signs<'a, E> {
    /// r: `batch × in_channels`.
    pub input: &'a [E],
    /// s: `batch × out_channels`.
    pub output: &'a [E],
}

/// The mean of the weights and the draw's deviation from it.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a, E> {
    /// mu.
    pub mean: &'a [E],
    /// Δ.
    pub deviation: &'a [E],
}

/// y = mu ⋆ x + s ∘ (Δ ⋆ (r ∘ x)).
///
/// # Panics
///
/// If `geometry` is not valid or a slice has the wrong length; so do all functions of this module.
pub fn forward<E: Real>(
    geometry: &ConvGeometry,
    x: &[E],
    weights: Weights<'_, E>,
    signs: Signs<'_, E>,
    y: &mut [E],
) {
    forward_on(Isa::active(), geometry, x, weights, signs, y);
}

/// [`forward`] on a given instruction set.
pub fn forward_on<E: Real>(
    isa: Isa,
    geometry: &ConvGeometry,
    x: &[E],
    weights: Weights<'_, E>,
    signs: Signs<'_, E>,
    y: &mut [E],
) {
    let lens = check_all(geometry, Some(x.len()), weights, signs, Some(y.len()));
    let flipped = Flipped::new(
        geometry,
        weights,
        signs,
        packed,
        |sides, [input, output]| [output, sides.by_tap(input)],
    );
    forward_with(
        isa,
        geometry,
        (x, lens[0]),
        &flipped,
        Start::Nothing,
        (y, lens[1]),
    );
}

/// dx += the gradient of [`forward`] by its input.
pub fn backward_input<E: Real>(
    geometry: &ConvGeometry,
    weights: Weights<'_, E>,
    signs: Signs<'_, E>,
    g: &[E],
    dx: &mut [E],
) {
    backward_input_on(Isa::active(), geometry, weights, signs, g, dx);
}

/// [`backward_input`] on a given instruction set.
pub fn backward_input_on<E: Real>(
    isa: Isa,
    geometry: &ConvGeometry,
    weights: Weights<'_, E>,
    signs: Signs<'_, E>,
    g: &[E],
    dx: &mut [E],
) {
    let lens = check_all(geometry, Some(dx.len()), weights, signs, Some(g.len()));
    if let Some(turned) = geometry.turned() {
        let pack = packed_turned;
        let flipped = Flipped::new(geometry, weights, signs, pack, |sides, [input, output]| {
            [input, sides.by_tap(output)]
        });
        forward_with(
            isa,
            &turned,
            (g, lens[1]),
            &flipped,
            Start::Target,
            (dx, lens[0]),
        );
        return;
    }
    let pack = packed_transposed;
    let flipped = Flipped::new(geometry, weights, signs, pack, |sides, [input, output]| {
        [sides.by_tap(input), output]
    });
    backward_input_with(isa, geometry, &flipped, (g, lens[1]), (dx, lens[0]));
}

/// d_mean += Σₙ Gₙ and d_deviation += Σₙ sₙ rₙᵀ ∘ Gₙ with `Gₙ = gₙ·x̃ₙᵀ`. Examples are summed in fixed groups of 8, and these in
/// order.
pub fn backward_weight<E: Real>(
    geometry: &ConvGeometry,
    x: &[E],
    signs: Signs<'_, E>,
    g: &[E],
    d_mean: &mut [E],
    d_deviation: &mut [E],
) {
    backward_weight_on(Isa::active(), geometry, x, signs, g, d_mean, d_deviation);
}

/// [`backward_weight`] on a given instruction set.
pub fn backward_weight_on<E: Real>(
    isa: Isa,
    geometry: &ConvGeometry,
    x: &[E],
    signs: Signs<'_, E>,
    g: &[E],
    d_mean: &mut [E],
    d_deviation: &mut [E],
) {
    let weights = Weights {
        mean: d_mean,
        deviation: d_deviation,
    };
    let [input, output] = check_all(geometry, Some(x.len()), weights, signs, Some(g.len()));
    if input * output == 0 {
        return;
    }
    let sides = Sides::new(geometry);
    let lowering = Lowering::new(geometry);
    let columns: Vec<_> = lowering.taps.chunks(LANES).map(PanelColumns::new).collect();
    let sum_of = |sum: usize| {
        let first = sum * EXAMPLES_PER_SUM;
        let mut sums = [0; 2].map(|_| vec![E::zero(); geometry.weight_len()]);
        let mut padded = vec![E::zero(); lowering.padded_len()];
        let mut panel = vec![Line::zero(); lowering.positions.len()];
        let mut found = vec![E::zero(); geometry.weight_len()];
        for n in first..geometry.batch.min(first + EXAMPLES_PER_SUM) {
            lowering.pad(&x[n * input..(n + 1) * input], &mut padded);
            let g = &g[n * output..(n + 1) * output];
            found.fill(E::zero());
            add_weight_gradient(
                isa,
                &lowering,
                &columns,
                (&padded, g),
                &mut panel,
                &mut found,
            );
            let [mean, deviation] = &mut sums;
            for group in 0..geometry.groups {
                let [input, by_channel] = sides.signs(signs, group, n);
                let by_tap = sides.by_tap(input);
                let rows = group * by_channel.len()..(group + 1) * by_channel.len();
                isa.run(AddGradients {
                    found: &found,
                    mean,
                    deviation,
                    rows,
                    by_tap: &by_tap,
                    by_channel: &by_channel,
                });
            }
        }
        sums
    };
    let sums = geometry.batch.div_ceil(EXAMPLES_PER_SUM);
    for [mean, deviation] in map_ordered(sums, is_large(geometry.operations()), sum_of) {
        for (target, sum) in [(&mut *d_mean, mean), (&mut *d_deviation, deviation)] {
            for (target, sum) in target.iter_mut().zip(sum) {
                *target += sum;
            }
        }
    }
}

fn check_all<E>(
    geometry: &ConvGeometry,
    input: Option<usize>,
    weights: Weights<'_, E>,
    signs: Signs<'_, E>,
    output: Option<usize>,
) -> [usize; 2] {
    let is = |len: usize, channels: usize| len == geometry.batch * channels;
    assert!(
        is(signs.input.len(), geometry.in_channels)
            && is(signs.output.len(), geometry.out_channels),
        "flipout: a sign for each channel of each example"
    );
    assert_eq!(
        weights.mean.len(),
        weights.deviation.len(),
        "flipout: length of the deviation"
    );
    check(geometry, input, Some(weights.mean.len()), output)
}

/// What a group's weights have along their two sides.
struct Sides {
    inputs: usize,
    outputs: usize,
    groups: usize,
    /// Taps of one channel.
    window: usize,
}

impl Sides {
    fn new(geometry: &ConvGeometry) -> Self {
        let inputs = geometry.in_channels / geometry.groups;
        Self {
            inputs,
            outputs: geometry.out_channels / geometry.groups,
            groups: geometry.groups,
            window: geometry.taps() / inputs.max(1),
        }
    }

    /// The signs of example n for the input and the output channels of a group.
    fn signs<E: Real>(&self, signs: Signs<'_, E>, group: usize, n: usize) -> [Vec<E>; 2] {
        let of = |signs: &'_ [E], channels: usize| -> Vec<E> {
            signs[(n * self.groups + group) * channels..][..channels].to_vec()
        };
        [of(signs.input, self.inputs), of(signs.output, self.outputs)]
    }

    /// Each channel's sign for all of its taps.
    fn by_tap<E: Real>(&self, signs: Vec<E>) -> Vec<E> {
        let by_tap = |sign| std::iter::repeat_n(sign, self.window);
        signs.into_iter().flat_map(by_tap).collect()
    }
}

/// From the signs of the input and the output channels to those of the rows and the depth of a left operand.
type Order<E> = fn(&Sides, [Vec<E>; 2]) -> [Vec<E>; 2];

/// The weights of each example, as left operands: `mean + rows·depthᵀ ∘ deviation`.
struct Flipped<'a, E> {
    mean: Vec<Strips<E>>,
    deviation: Vec<Strips<E>>,
    signs: Signs<'a, E>,
    sides: Sides,
    /// The signs of the rows and of the depth, from those of the channels.
    order: Order<E>,
}

impl<'a, E: Real> Flipped<'a, E> {
    fn new(
        geometry: &ConvGeometry,
        weights: Weights<'_, E>,
        signs: Signs<'a, E>,
        pack: fn(&ConvGeometry, &[E]) -> Vec<Strips<E>>,
        order: Order<E>,
    ) -> Self {
        Self {
            mean: pack(geometry, weights.mean),
            deviation: pack(geometry, weights.deviation),
            signs,
            sides: Sides::new(geometry),
            order,
        }
    }
}

impl<E: Real> OfExample<E> for Flipped<'_, E> {
    type Own = Vec<Strips<E>>;

    fn own(&self) -> Self::Own {
        self.mean.clone()
    }

    fn of_example<'a>(&'a self, isa: Isa, own: &'a mut Self::Own, n: usize) -> &'a [Strips<E>] {
        let groups = self.mean.iter().zip(&self.deviation).zip(&mut *own);
        for (group, ((mean, deviation), own)) in groups.enumerate() {
            let [mut rows, depth] =
                (self.order)(&self.sides, self.sides.signs(self.signs, group, n));
            rows.resize(rows.len().next_multiple_of(STRIP), E::zero());
            isa.run(Mix {
                mean: mean.columns(),
                deviation: deviation.columns(),
                own: own.columns_mut(),
                rows: &rows,
                depth: &depth,
            });
        }
        own
    }
}

/// own = mean + rows·depthᵀ ∘ deviation, in strips.
struct Mix<'a, E> {
    mean: &'a [[E; STRIP]],
    deviation: &'a [[E; STRIP]],
    own: &'a mut [[E; STRIP]],
    rows: &'a [E],
    depth: &'a [E],
}

impl<E: Real> Kernel for Mix<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let depth = self.depth.len();
        if depth == 0 {
            return;
        }
        let strips = self.mean.chunks(depth).zip(self.deviation.chunks(depth));
        let strips = strips.zip(self.own.chunks_mut(depth));
        for (((mean, deviation), own), rows) in strips.zip(self.rows.chunks_exact(STRIP)) {
            let Some(rows) = rows.first_chunk::<STRIP>() else {
                continue;
            };
            let columns = mean.iter().zip(deviation).zip(own).zip(self.depth);
            for (((mean, deviation), own), &sign) in columns {
                for row in 0..STRIP {
                    own[row] = mean[row] + sign * rows[row] * deviation[row];
                }
            }
        }
    }
}

/// mean += found and deviation += by_channel·by_tapᵀ ∘ found, in the rows of a group.
struct AddGradients<'a, E> {
    found: &'a [E],
    mean: &'a mut [E],
    deviation: &'a mut [E],
    rows: std::ops::Range<usize>,
    by_tap: &'a [E],
    by_channel: &'a [E],
}

impl<E: Real> Kernel for AddGradients<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let taps = self.by_tap.len();
        for (row, &sign) in self.rows.zip(self.by_channel) {
            let of_row = row * taps..(row + 1) * taps;
            let (mean, deviation) = (
                &mut self.mean[of_row.clone()],
                &mut self.deviation[of_row.clone()],
            );
            let found = &self.found[of_row];
            for (((mean, deviation), &found), &by_tap) in
                mean.iter_mut().zip(deviation).zip(found).zip(self.by_tap)
            {
                *mean += found;
                *deviation += sign * by_tap * found;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::{reference, tests::grid};
    use crate::kernels::signs::multiply;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, with_one_and_two_threads,
    };

    /// x, mean, deviation, g, and signs of inputs and outputs.
    fn inputs<E: Real>(geometry: &ConvGeometry) -> [Vec<E>; 6] {
        let signs = |seed, channels: usize| {
            let signs = numbers::<E>(seed, geometry.batch * channels).into_iter();
            signs
                .map(|z| if z < E::zero() { -E::one() } else { E::one() })
                .collect()
        };
        [
            numbers(1, geometry.input_len()),
            numbers(2, geometry.weight_len()),
            numbers(3, geometry.weight_len()),
            numbers(4, geometry.output_len()),
            signs(5, geometry.in_channels),
            signs(6, geometry.out_channels),
        ]
    }

    /// y and the gradients of x, mean and deviation, these from starts that are not zero.
    fn passes<E: Real>(isa: Isa, geometry: &ConvGeometry) -> [Vec<E>; 4] {
        let [x, mean, deviation, g, input, output] = inputs::<E>(geometry);
        let weights = Weights {
            mean: &mean,
            deviation: &deviation,
        };
        let signs = Signs {
            input: &input,
            output: &output,
        };
        let mut found = starts(geometry);
        let [y, dx, d_mean, d_deviation] = &mut found;
        forward_on(isa, geometry, &x, weights, signs, y);
        backward_input_on(isa, geometry, weights, signs, &g, dx);
        backward_weight_on(isa, geometry, &x, signs, &g, d_mean, d_deviation);
        found
    }

    fn starts<E: Real>(geometry: &ConvGeometry) -> [Vec<E>; 4] {
        [
            numbers(7, geometry.output_len()),
            numbers(8, geometry.input_len()),
            numbers(9, geometry.weight_len()),
            numbers(10, geometry.weight_len()),
        ]
    }

    /// Two plain convolutions, the signs multiplied in by themselves.
    fn by_two_products<E: Real>(geometry: &ConvGeometry) -> [Vec<E>; 4] {
        let [x, mean, deviation, g, input, output] = inputs::<E>(geometry);
        let turned = |values: &[E], signs: &[E]| {
            let mut turned = values.to_vec();
            multiply(
                signs,
                values.len() / signs.len().max(1),
                values,
                &mut turned,
            );
            turned
        };
        let mut found = starts(geometry);
        let [y, dx, d_mean, d_deviation] = &mut found;
        let mut unused = vec![E::zero(); geometry.out_channels];
        let mut of_deviation = y.clone();
        let (x_turned, g_turned) = (turned(&x, &input), turned(&g, &output));
        reference::forward(geometry, &x, &mean, None, y);
        reference::forward(geometry, &x_turned, &deviation, None, &mut of_deviation);
        let of_deviation = turned(&of_deviation, &output);
        y.iter_mut()
            .zip(of_deviation)
            .for_each(|(y, of_deviation)| *y += of_deviation);
        reference::backward(geometry, &x, &mean, &g, [dx, d_mean, &mut unused]);
        let mut dx_turned = vec![E::zero(); dx.len()];
        let targets = [&mut dx_turned[..], d_deviation, &mut unused];
        reference::backward(geometry, &x_turned, &deviation, &g_turned, targets);
        let of_deviation = turned(&dx_turned, &input);
        dx.iter_mut()
            .zip(of_deviation)
            .for_each(|(dx, of_deviation)| *dx += of_deviation);
        found
    }

    fn check<E: Real>(isa: Isa, geometry: &ConvGeometry) {
        let want = by_two_products::<E>(geometry);
        let names = ["y", "dx", "d_mean", "d_deviation"];
        for ((got, want), name) in passes::<E>(isa, geometry).iter().zip(&want).zip(names) {
            assert_all_close(
                got,
                want,
                120.0,
                &format!("{name} of {geometry:?} on {isa}"),
            );
        }
    }

    #[test]
    fn agrees_with_two_products_on_every_isa() {
        for isa in Isa::available() {
            for geometry in grid() {
                check::<f32>(isa, &geometry);
                check::<f64>(isa, &geometry);
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let many = grid().into_iter().max_by_key(ConvGeometry::operations);
        let many = ConvGeometry {
            batch: 40,
            ..many.expect("a grid")
        };
        assert!(
            is_large(many.operations()),
            "the test is to reach the parallel path"
        );
        let [one, two] = with_one_and_two_threads(|| passes::<f32>(Isa::active(), &many));
        for (one, two) in one.iter().zip(&two) {
            assert_same_bits(two, one, "two threads");
        }
    }
}
