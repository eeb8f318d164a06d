//! The operations of [`Kernels`] made of dfdx operations: what runs on a GPU, and what the fused
//! kernels of the CPU are compared with.
//!
//! Convolution and pooling gather the windows with an index tensor and multiply or reduce. Noise comes from the host.

use super::constants::{self, Sizes};
use super::{
    GroupSize, Hidden, ImageSize, Initial, Kernels, LinearSize, NormSize, Normalized, PoolSize,
    SignSize, Turned, noise,
};
use crate::kernels::conv::transposed::TransposedGeometry;
use crate::kernels::conv::{Axis, ConvGeometry};
use crate::kernels::pool_axis::AxisPool;
use crate::kernels::recurrent::{Cell, RecurrentGeometry};
use crate::posterior::{MeanField, PriorMean};
use crate::twin::{Noise, Sort};
use dfdx::prelude::{
    Axes2, Axes3, Axes4, Axis as Along, BroadcastTo, ChooseFrom, Device, Dtype, GatherTo, MaxTo,
    MeanTo, PermuteTo, Rank0, ReshapeTo, Shape, SumTo, Tape, Tensor, TryAdd, TryConcatAlong,
    TryDiv, TryGt, TryMatMul, TryMul, TryStack, TrySub,
};
use dfdx::shapes::HasShape;
use dfdx::tensor::{NoneTape, PutTape, SplitTape};

type Result<S, E, D, T> = std::result::Result<Tensor<S, E, D, T>, <D as dfdx::tensor::HasErr>::Err>;

fn number<E: Dtype>(value: f64) -> E {
    E::from_f64(value).unwrap_or_default()
}

/// See [`Kernels::linear`].
pub fn linear<X: Shape, W: Shape, B: Shape, Y: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    weight: Tensor<W, E, D, T>,
    bias: Option<Tensor<B, E, D, T>>,
    LinearSize {
        rows,
        inputs,
        outputs,
    }: LinearSize,
    out: Y,
) -> Result<Y, E, D, T> {
    let weight = weight.try_reshape_like(&(outputs, inputs))?;
    let weight = weight.try_permute::<(usize, usize), Axes2<1, 0>>()?;
    let y = x.try_reshape_like(&(rows, inputs))?.try_matmul(weight)?;
    let y = match bias {
        None => y,
        Some(bias) => {
            let bias = bias.try_reshape_like(&(outputs,))?;
            y.try_add(bias.try_broadcast_like::<_, Along<0>>(&(rows, outputs))?)?
        }
    };
    y.try_reshape_like(&out)
}

/// See [`Kernels::conv`].
pub fn conv<X: Shape, W: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    weight: Tensor<W, E, D, T>,
    g: ConvGeometry,
    out: Y,
) -> Result<Y, E, D, T> {
    // One row of `columns` per channel, tap and position; one column per example.
    let places = Places {
        what: "convolution",
        sizes: sizes_of(g.in_channels, &g.axes),
        find: &|| gather_index(g.in_channels, &g.axes, TapsFirst(true)),
    };
    let weight = weight.try_reshape_like(&(g.groups, g.out_channels / g.groups, g.taps()))?;
    let examples = x.try_reshape_like(&(g.batch, g.input_len() / g.batch.max(1)))?;
    gathered_product(examples, weight, places, g.positions(), out)
}

/// See [`Kernels::conv_transposed`].
///
/// Each output position gathers, for each channel and tap, the input position from which the tap reaches it.
pub fn conv_transposed<X: Shape, W: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    weight: Tensor<W, E, D, T>,
    geometry: TransposedGeometry,
    out: Y,
) -> Result<Y, E, D, T> {
    let back = geometry.back();
    let (inputs, outputs, groups) = (back.out_channels, back.in_channels, back.groups);
    let (sides, kernel) = (back.out_sides(), back.axes.map(|axis| axis.kernel));
    let source = |a: usize, position: usize, tap: usize| {
        let axis = &back.axes[a];
        let steps = (position + axis.padding).checked_sub(tap * axis.dilation)?;
        let at = steps / axis.stride;
        (steps.is_multiple_of(axis.stride) && at < sides[a]).then_some(at)
    };
    let to = geometry.out_sides();
    let index = || {
        let mut index = Index::new();
        for channel in 0..inputs {
            for tap in points(kernel) {
                index.extend(points(to).map(|position| {
                    let at = |a: usize| source(a, position[a], tap[a]);
                    let [_, height, width] = sides;
                    let (z, y, x) = (at(0)?, at(1)?, at(2)?);
                    Some(((channel * sides[0] + z) * height + y) * width + x)
                }));
            }
        }
        index
    };
    let places = Places {
        what: "transposed convolution",
        sizes: sizes_of(inputs, &back.axes),
        find: &index,
    };
    let taps: usize = kernel.into_iter().product();
    let (inputs_each, outputs_each) = (inputs / groups, outputs / groups);
    let weight = weight
        .try_reshape_like(&(groups, inputs_each, outputs_each, taps))?
        .try_permute::<(usize, usize, usize, usize), Axes4<0, 2, 1, 3>>()?
        .try_reshape_like(&(groups, outputs_each, inputs_each * taps))?;
    let examples = x.try_reshape_like(&(back.batch, back.output_len() / back.batch.max(1)))?;
    gathered_product(examples, weight, places, to.into_iter().product(), out)
}

/// `weight`, `(groups, outputs, taps)`, times the rows of the examples that are gathered: for each tap the positions.
fn gathered_product<Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    examples: Tensor<(usize, usize), E, D, T>,
    weight: Tensor<(usize, usize, usize), E, D, T>,
    places: Places<'_>,
    positions: usize,
    out: Y,
) -> Result<Y, E, D, T> {
    let batch = examples.shape().0;
    let (groups, outputs, taps) = *weight.shape();
    let rows = examples.try_permute::<(usize, usize), Axes2<1, 0>>()?;
    let columns = gather_or(rows, places, 0.0)?;
    let columns = columns.try_reshape_like(&(groups, taps, positions * batch))?;
    let y = weight
        .try_matmul(columns)?
        .try_reshape_like(&(groups * outputs, positions, batch))?;
    let y = y.try_permute::<(usize, usize, usize), Axes3<2, 0, 1>>()?;
    y.try_reshape_like(&out)
}

/// Every point of a grid, the last coordinate fastest.
fn points([depth, height, width]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    let rows = (0..depth).flat_map(move |z| (0..height).map(move |y| (z, y)));
    rows.flat_map(move |(z, y)| (0..width).map(move |x| [z, y, x]))
}

/// Which input position each tap of each window sees; `None` is padding.
type Index = Vec<Option<usize>>;

/// What windows see: found once for each of their sizes.
struct Places<'a> {
    what: &'static str,
    sizes: Vec<usize>,
    find: &'a dyn Fn() -> Index,
}

/// The numbers that decide where windows lie.
fn sizes_of(channels: usize, axes: &[Axis; 3]) -> Vec<usize> {
    let of_axis = |axis: &Axis| {
        let Axis {
            size,
            kernel,
            stride,
            padding,
            dilation,
        } = *axis;
        [size, kernel, stride, padding, dilation]
    };
    std::iter::once(channels)
        .chain(axes.iter().flat_map(of_axis))
        .collect()
}

/// Whether the taps of a window come before the positions, or after them.
struct TapsFirst(bool);

fn gather_index(channels: usize, axes: &[Axis; 3], TapsFirst(taps_first): TapsFirst) -> Index {
    let sides = axes.map(|axis| axis.size);
    let seen = |channel: usize, tap: [usize; 3], position: [usize; 3]| {
        let at = |a: usize| axes[a].under(position[a], tap[a]);
        let (z, y, x) = (at(0)?, at(1)?, at(2)?);
        Some(((channel * sides[0] + z) * sides[1] + y) * sides[2] + x)
    };
    let kernel = axes.map(|axis| axis.kernel);
    let out = axes.map(|axis| axis.out().unwrap_or(0));
    let mut index = Index::new();
    for channel in 0..channels {
        if taps_first {
            for tap in points(kernel) {
                index.extend(points(out).map(|position| seen(channel, tap, position)));
            }
        } else {
            for position in points(out) {
                index.extend(points(kernel).map(|tap| seen(channel, tap, position)));
            }
        }
    }
    index
}

/// Rows of `x` by index; `other` where there is none.
///
/// Those are gathered too, from a row of their own behind the others: a choice between two tensors of this size would
/// be as large as both.
fn gather_or<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<(usize, usize), E, D, T>,
    places: Places<'_>,
    other: f64,
) -> Result<(usize, usize), E, D, T> {
    let device = x.device().clone();
    let (rows, columns) = *x.shape();
    let sizes = Sizes {
        what: places.what,
        device: device.ordinal(),
        sizes: places.sizes,
    };
    type Found<D> = (Tensor<(usize,), usize, D>, bool);
    let (index, padded): Found<D> = constants::once(sizes, || {
        let index = (places.find)();
        let padded = index.iter().any(Option::is_none);
        let index: Vec<usize> = index.into_iter().map(|i| i.unwrap_or(rows)).collect();
        let len = index.len();
        Ok::<_, D::Err>((device.try_tensor_from_vec(index, (len,))?, padded))
    })?;
    // Either way the rows lie one behind the other, so that what is gathered is read and written in order.
    let x = match padded {
        false => x.try_reshape_like(&(rows, columns))?,
        true => (x, filler(&device, columns, other)?).try_concat_along(Along::<0>)?,
    };
    x.try_gather(index)
}

/// A row of so many times the same number.
fn filler<E: Dtype, D: Kernels<E>>(
    device: &D,
    columns: usize,
    number: f64,
) -> Result<(usize, usize), E, D, NoneTape> {
    let bits = number.to_bits();
    let sizes = Sizes {
        what: "padding",
        device: device.ordinal(),
        sizes: vec![columns, (bits >> 32) as usize, bits as u32 as usize],
    };
    constants::once(sizes, || {
        let row = vec![self::number::<E>(number); columns];
        device.try_tensor_from_vec(row, (1, columns))
    })
}

/// See [`Kernels::add_bias`].
pub fn add_bias<X: Shape, B: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    bias: Tensor<B, E, D, T>,
    size: ImageSize,
) -> Result<X, E, D, T> {
    let shape = *x.shape();
    let y = as_image(x, size)?;
    let like = *y.shape();
    let bias = bias
        .try_reshape_like(&(size.channels,))?
        .try_broadcast_like::<_, Axes2<0, 2>>(&like)?;
    y.try_add(bias)?.try_reshape_like(&shape)
}

/// See [`Kernels::add_bias_flipped`].
pub fn add_bias_flipped<X: Shape, B: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    [mean, deviation]: [Tensor<B, E, D, T>; 2],
    noise: Noise,
    size: ImageSize,
) -> Result<X, E, D, T> {
    let zeros = x.device().try_zeros_like(x.shape())?;
    let deviation = D::add_bias(zeros.put_tape(T::default()), deviation, size)?;
    let signs = SignSize {
        examples: size.examples,
        steps: 1,
        channels: size.channels,
        pixels: size.pixels,
    };
    D::flip_onto(D::add_bias(x, mean, size)?, deviation, noise, signs)
}

fn as_image<X: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    size: ImageSize,
) -> Result<(usize, usize, usize), E, D, T> {
    x.try_reshape_like(&(size.examples, size.channels, size.pixels))
}

/// The windows of each plane: `(positions of all planes, taps)`.
fn windows<X: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    size: PoolSize,
    padding: f64,
) -> Result<(usize, usize), E, D, T> {
    let axis = |size_of_side| Axis {
        size: size_of_side,
        kernel: size.window.kernel,
        stride: size.window.stride,
        padding: size.window.padding,
        dilation: size.window.dilation,
    };
    let axes = [Axis::NONE, axis(size.height), axis(size.width)];
    let places = Places {
        what: "pooling",
        sizes: sizes_of(1, &axes),
        find: &|| gather_index(1, &axes, TapsFirst(false)),
    };
    let taps = size.window.kernel * size.window.kernel;
    let (out_height, out_width) = size.output();
    let positions = out_height * out_width;
    let planes = x.try_reshape_like(&(size.planes, size.height * size.width))?;
    let pixels = planes.try_permute::<(usize, usize), Axes2<1, 0>>()?;
    let gathered =
        gather_or(pixels, places, padding)?.try_reshape_like(&(positions, taps, size.planes))?;
    let gathered = gathered.try_permute::<(usize, usize, usize), Axes3<2, 0, 1>>()?;
    gathered.try_reshape_like(&(size.planes * positions, taps))
}

/// See [`Kernels::max_pool2d`]. Where several pixels of a window are the largest, each
/// gets the gradient.
pub fn max_pool2d<X: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    size: PoolSize,
    out: Y,
) -> Result<Y, E, D, T> {
    windows(x, size, lowest::<E>())?
        .try_max::<(usize,), Along<1>>()?
        .try_reshape_like(&out)
}

/// See [`Kernels::avg_pool2d`].
pub fn avg_pool2d<X: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    size: PoolSize,
    out: Y,
) -> Result<Y, E, D, T> {
    windows(x, size, 0.0)?
        .try_mean::<(usize,), Along<1>>()?
        .try_reshape_like(&out)
}

/// The lowest number of the type.
fn lowest<E: Dtype>() -> f64 {
    if size_of::<E>() == size_of::<f32>() {
        f64::from(f32::MIN)
    } else {
        f64::MIN
    }
}

/// See [`Kernels::axis_max`]. Windows are filled up with the lowest number.
pub fn axis_max<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<(usize, usize, usize), E, D, T>,
    pool: AxisPool,
) -> Result<(usize, usize, usize), E, D, T> {
    let (outer, windows, inner) = (pool.outer, pool.windows.len(), pool.inner);
    let taps = pool
        .windows
        .iter()
        .map(|window| window.len())
        .max()
        .unwrap_or(1);
    let filled = || {
        let filled = pool.windows.iter().flat_map(|window| {
            let rest = taps - window.len();
            let places = window.clone().map(Some);
            places.chain(std::iter::repeat_n(None, rest))
        });
        filled.collect()
    };
    let places = Places {
        what: "pooling along an axis",
        sizes: sizes_along(&pool),
        find: &filled,
    };
    let rows = gather_or(along_first(x)?, places, lowest::<E>())?;
    let rows = rows.try_reshape_like(&(windows, taps, outer * inner))?;
    from_first(
        rows.try_max::<(usize, usize), Along<1>>()?,
        (outer, windows, inner),
    )
}

/// See [`Kernels::axis_mean`].
pub fn axis_mean<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<(usize, usize, usize), E, D, T>,
    pool: AxisPool,
) -> Result<(usize, usize, usize), E, D, T> {
    let (outer, windows, inner) = (pool.outer, pool.windows.len(), pool.inner);
    let device = x.device().clone();
    let sizes = Sizes {
        what: "shares of windows",
        device: device.ordinal(),
        sizes: sizes_along(&pool),
    };
    let shares: Tensor<(usize, usize), E, D> = constants::once(sizes, || {
        let mut shares = vec![E::default(); windows * pool.size];
        for (row, window) in shares.chunks_exact_mut(pool.size.max(1)).zip(&pool.windows) {
            row[window.clone()].fill(number(1.0 / pool.count(window) as f64));
        }
        device.try_tensor_from_vec(shares, (windows, pool.size))
    })?;
    let (rows, tape) = along_first(x)?.split_tape();
    let y = shares.put_tape(tape).try_matmul(rows)?;
    from_first(y, (outer, windows, inner))
}

/// The numbers that decide where the windows of an axis lie, and what their mean divides by.
fn sizes_along(pool: &AxisPool) -> Vec<usize> {
    let ends = pool.windows.iter();
    [pool.size, pool.divisor.unwrap_or(0)]
        .into_iter()
        .chain(ends.flat_map(|window| [window.start, window.end]))
        .collect()
}

/// `(outer, size, inner)` as `(size, outer·inner)`.
fn along_first<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<(usize, usize, usize), E, D, T>,
) -> Result<(usize, usize), E, D, T> {
    let (outer, size, inner) = *x.shape();
    let x = x.try_permute::<(usize, usize, usize), Axes3<1, 0, 2>>()?;
    x.try_reshape_like(&(size, outer * inner))
}

fn from_first<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    y: Tensor<(usize, usize), E, D, T>,
    (outer, windows, inner): (usize, usize, usize),
) -> Result<(usize, usize, usize), E, D, T> {
    y.try_reshape_like(&(windows, outer, inner))?
        .try_permute::<(usize, usize, usize), Axes3<1, 0, 2>>()?
        .try_reshape_like(&(outer, windows, inner))
}

/// See [`Kernels::avg_pool_global`].
pub fn avg_pool_global<X: Shape, Y: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    size: ImageSize,
    out: Y,
) -> Result<Y, E, D, T> {
    as_image(x, size)?
        .try_mean::<(usize, usize), Along<2>>()?
        .try_reshape_like(&out)
}

/// See [`Kernels::batch_norm`].
pub fn batch_norm<X: Shape, C: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    scale: Tensor<C, E, D, T>,
    bias: Tensor<C, E, D, T>,
    size: NormSize,
) -> std::result::Result<Normalized<X, E, D, T>, D::Err> {
    let shape = *x.shape();
    let x = as_image(x, size.image)?;
    let like = *x.shape();
    let channels = (size.image.channels,);
    let count = (size.image.examples * size.image.pixels) as f64;
    let (mean, tape) = x
        .retaped::<T>()
        .try_mean::<(usize,), Axes2<0, 2>>()?
        .split_tape();
    let batch_mean = mean.clone();
    let mean = mean.put_tape(tape);
    let centred = x.try_sub(mean.try_broadcast_like::<_, Axes2<0, 2>>(&like)?)?;
    let variance = centred
        .retaped::<T>()
        .try_square()?
        .try_mean::<(usize,), Axes2<0, 2>>()?;
    let (variance, tape) = variance.split_tape();
    let unbiased_var = variance
        .clone()
        .try_mul(number::<E>(count / (count - 1.0)))?;
    let variance = variance.put_tape(tape);
    let std = variance.try_add(number::<E>(size.epsilon))?.try_sqrt()?;
    let factor = scale.try_reshape_like(&channels)?.try_div(std)?;
    let y = centred.try_mul(factor.try_broadcast_like::<_, Axes2<0, 2>>(&like)?)?;
    let bias = bias.try_reshape_like(&channels)?;
    let y = y.try_add(bias.try_broadcast_like::<_, Axes2<0, 2>>(&like)?)?;
    Ok(Normalized {
        output: y.try_reshape_like(&shape)?,
        mean: batch_mean,
        unbiased_var,
    })
}

/// See [`Kernels::follow`].
pub fn follow<C: Shape, E: Dtype, D: Device<E>>(
    running: &mut Tensor<C, E, D>,
    batch: Tensor<(usize,), E, D>,
    momentum: f64,
) -> std::result::Result<(), D::Err> {
    let batch = batch.try_reshape_like(running.shape())?;
    running.try_axpy(1.0 - momentum, &batch, momentum)
}

/// See [`Kernels::batch_norm_eval`].
pub fn batch_norm_eval<X: Shape, C: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    scale: Tensor<C, E, D, T>,
    bias: Tensor<C, E, D, T>,
    (mean, variance): (&Tensor<C, E, D>, &Tensor<C, E, D>),
    size: NormSize,
) -> Result<X, E, D, T> {
    let shape = *x.shape();
    let x = as_image(x, size.image)?;
    let like = *x.shape();
    let channels = (size.image.channels,);
    let std = variance
        .clone()
        .try_add(number::<E>(size.epsilon))?
        .try_sqrt()?;
    let mean = mean
        .clone()
        .try_reshape_like(&channels)?
        .try_broadcast_like::<_, Axes2<0, 2>>(&like)?;
    let factor = scale.try_div(std)?.try_reshape_like(&channels)?;
    let y = x
        .try_sub(mean)?
        .try_mul(factor.try_broadcast_like::<_, Axes2<0, 2>>(&like)?)?;
    let bias = bias.try_reshape_like(&channels)?;
    y.try_add(bias.try_broadcast_like::<_, Axes2<0, 2>>(&like)?)?
        .try_reshape_like(&shape)
}

/// See [`Kernels::group_norm`].
pub fn group_norm<X: Shape, C: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    gamma: Tensor<C, E, D, T>,
    beta: Tensor<C, E, D, T>,
    size: GroupSize,
) -> Result<X, E, D, T> {
    let shape = *x.shape();
    let GroupSize { image, groups, .. } = size;
    let of_group = image.channels / groups * image.pixels;
    let x = x.try_reshape_like(&(image.examples * groups, of_group))?;
    let y = as_image(x.try_normalize::<Along<1>>(size.epsilon)?, image)?;
    let like = *y.shape();
    let spread = |per_channel: Tensor<C, E, D, T>| -> Result<(usize, usize, usize), E, D, T> {
        per_channel
            .try_reshape_like(&(image.channels,))?
            .try_broadcast_like::<_, Axes2<0, 2>>(&like)
    };
    let y = y.try_mul(spread(gamma)?)?;
    y.try_add(spread(beta)?)?.try_reshape_like(&shape)
}

/// Below this, a number of which Φ is asked counts as so much: it divides, and Φ is ½ there to the last digit.
const LEAST_SIZE: f64 = 1e-30;

/// At so many standard deviations Φ is 1 to the last digit.
const CERTAIN: f64 = 12.0;

/// Φ(|x|), Φ the distribution function of the standard normal.
///
/// It is `z·Φ(z)/z`: of what dfdx has, its accurate GeLU alone knows Φ. Its gradient there is off by up to 0.1 in
/// version 0.13, so nothing here is on a tape.
pub(crate) fn distribution_of_size<S: Shape, E: Dtype, D: Device<E>>(
    x: &Tensor<S, E, D>,
) -> Result<S, E, D, NoneTape> {
    let size = x.clone().try_abs()?.try_clamp(LEAST_SIZE, CERTAIN)?;
    size.clone().try_accurate_gelu()?.try_div(size)
}

/// `exp(−x²/2)`.
pub(crate) fn bell<S: Shape, E: Dtype, D: Device<E>>(
    x: &Tensor<S, E, D>,
) -> Result<S, E, D, NoneTape> {
    let exponent = x.clone().try_square()?.try_mul(number::<E>(-0.5))?;
    exponent.try_exp()
}

/// 0, with the slope of `x`: the difference of x and a copy of it. Times a slope that is worked out by hand it stands for
/// a function of x, whose value is added.
pub(crate) fn moved<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    let copy = x.retaped::<NoneTape>().try_add(E::default())?;
    x.try_sub(copy)
}

/// See [`Kernels::accurate_gelu`].
pub fn accurate_gelu<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    let (x, tape) = x.split_tape();
    let value = x.clone().try_accurate_gelu()?;
    let upper = distribution_of_size(&x)?;
    let lower = upper.clone().try_negate()?.try_add(E::ONE)?;
    let share = x.try_gt(E::default())?.try_choose(upper, lower)?;
    let density = bell(&x)?.try_mul(number::<E>(1.0 / std::f64::consts::TAU.sqrt()))?;
    let slope = density.try_mul(x.clone())?.try_add(share)?;
    moved(x.put_tape(tape))?.try_mul(slope)?.try_add(value)
}

/// Noise as a tensor like `x`.
fn noise_like<S: Shape, E: Dtype, D: Kernels<E>, T>(
    x: &Tensor<S, E, D, T>,
    noise: &Noise,
    sort: Sort,
) -> Result<S, E, D, NoneTape> {
    let len = x.shape().num_elements();
    noise::on_device(x.device(), noise, sort, len)?.try_reshape_like(x.shape())
}

/// `softplus(rho)`, with rho clamped to ±10⁴ and sigmoid(rho) for its slope.
///
/// Differentiating the operations of [`softplus_value`] would lose the digits that they keep, and half the slope at 0.
/// So value and slope are constants, and what is on the tape is [`moved`].
pub(crate) fn softplus<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    rho: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    let (rho, tape) = clamp(rho)?.split_tape();
    let value = softplus_value(&rho)?;
    if !T::OWNS_TAPE {
        return Ok(value.put_tape(tape));
    }
    let slope = rho.clone().try_sigmoid()?;
    moved(rho.put_tape(tape))?.try_mul(slope)?.try_add(value)
}

/// `max(rho, 0) + ln(1 + u)` with `u = exp(−|rho|)`.
///
/// 1 + u is rounded: to v, say. `ln(v)·u/(v − 1)` has the digits of u that v has lost (Goldberg 1991, theorem 4);
/// where v is 1 it is u, the ratio of two zeros being made 1.
fn softplus_value<S: Shape, E: Dtype, D: Device<E>>(
    rho: &Tensor<S, E, D>,
) -> Result<S, E, D, NoneTape> {
    let u = rho.clone().try_abs()?.try_negate()?.try_exp()?;
    let v = u.clone().try_add(E::ONE)?;
    let kept = above_0(v.clone().try_sub(E::ONE)?)?;
    let ln = above_0(v.try_ln()?)?.try_div(kept)?.try_mul(u)?;
    rho.clone().try_relu()?.try_add(ln)
}

fn clamp<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    x.try_clamp(
        -crate::posterior::Family::LIMIT,
        crate::posterior::Family::LIMIT,
    )
}

/// See [`Kernels::recurrence`].
pub fn recurrence<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    pre: Tensor<(usize, usize, usize), E, D, T>,
    hidden: Hidden<E, D, T>,
    initial: Initial<E, D, T>,
    geometry: RecurrentGeometry,
) -> Result<(usize, usize, usize), E, D, T> {
    let RecurrentGeometry {
        cell,
        batch,
        steps,
        hidden: size,
        ..
    } = geometry;
    let device = pre.device().clone();
    let zeros = || -> Result<(usize, usize), E, D, T> {
        Ok(device
            .try_zeros_like(&(batch, size))?
            .put_tape(T::default()))
    };
    let mut h = match initial.h {
        Some(h) => h,
        None => zeros()?,
    };
    let mut c = match initial.c {
        Some(c) => c,
        None => zeros()?,
    };
    let signs = |noise: &Noise, width: usize| -> Result<(usize, usize), E, D, NoneTape> {
        let signs = noise::on_device(&device, noise, Sort::Signs, batch * width)?;
        signs.try_reshape_like(&(batch, width))
    };
    let width = geometry.width();
    let product = |weight: &Tensor<(usize, usize), E, D, NoneTape>,
                   bias: &Option<Tensor<(usize,), E, D, NoneTape>>,
                   h: Tensor<(usize, usize), E, D, T>|
     -> Result<(usize, usize), E, D, T> {
        let weight = weight.retaped::<T>();
        let y = h.try_matmul(weight.try_permute::<(usize, usize), Axes2<1, 0>>()?)?;
        match bias {
            None => Ok(y),
            Some(bias) => {
                let bias = bias.retaped::<T>();
                y.try_add(bias.try_broadcast_like::<_, Along<0>>(&(batch, width))?)
            }
        }
    };
    // The weights' own history comes in once, with the first product.
    let (weight, mut history) = hidden.weight.split_tape();
    let split = |bias: Option<Tensor<(usize,), E, D, T>>, history: T| match bias {
        None => (None, history),
        Some(bias) => {
            let (bias, more) = bias.split_tape();
            (Some(bias), history.merge(more))
        }
    };
    let (bias, merged) = split(hidden.bias, history);
    history = merged;
    let turned = match hidden.turned {
        None => None,
        Some(Turned {
            weight,
            bias,
            signs: [input, output],
        }) => {
            let (weight, more) = weight.split_tape();
            let (bias, merged) = split(bias, history.merge(more));
            history = merged;
            Some((weight, bias, signs(&input, size)?, signs(&output, width)?))
        }
    };
    let (first, tape) = pre.split_tape();
    let pre = first.put_tape(tape.merge(history));
    let (pre, mut pre_history) = pre.split_tape();
    let mut states: Vec<Option<Tensor<(usize, usize), E, D, T>>> =
        (0..geometry.rows()).map(|_| None).collect();
    for i in 0..steps {
        let t = if geometry.reverse { steps - 1 - i } else { i };
        let before = h.retaped::<T>();
        let mut sum = product(&weight, &bias, h.retaped::<T>())?;
        if let Some((weight, bias, input, output)) = &turned {
            let deviation = product(weight, bias, before.try_mul(input.clone())?)?;
            sum = sum.try_add(deviation.try_mul(output.clone())?)?;
        }
        let step = pre.clone().put_tape(std::mem::take(&mut pre_history));
        let step = step
            .try_slice((.., t..t + 1, ..))?
            .try_reshape_like(&(batch, width))?;
        let gate = |x: Tensor<(usize, usize), E, D, T>, gate: usize| {
            x.try_slice((.., gate * size..(gate + 1) * size))?
                .try_reshape_like(&(batch, size))
        };
        let next = match cell {
            Cell::Lstm => {
                let x = step.try_add(sum)?;
                let (i, f) = (gate(x.retaped(), 0)?, gate(x.retaped(), 1)?);
                let (g, o) = (gate(x.retaped(), 2)?, gate(x, 3)?);
                let kept = f.try_sigmoid()?.try_mul(c)?;
                c = kept.try_add(i.try_sigmoid()?.try_mul(g.try_tanh()?)?)?;
                o.try_sigmoid()?.try_mul(c.retaped::<T>().try_tanh()?)?
            }
            Cell::Gru => {
                let of = |g: usize| -> Result<(usize, usize), E, D, T> {
                    gate(step.retaped(), g)?
                        .try_add(gate(sum.retaped(), g)?)?
                        .try_sigmoid()
                };
                let (r, z) = (of(0)?, of(1)?);
                let n = r
                    .try_mul(gate(sum, 2)?)?
                    .try_add(gate(step, 2)?)?
                    .try_tanh()?;
                // n + z∘(h − n)
                let towards = h.retaped::<T>().try_sub(n.retaped::<T>())?;
                towards.try_mul(z)?.try_add(n)?
            }
        };
        // The history of the state before comes along with the first state that has it.
        let (state, more) = h.split_tape();
        drop(state);
        h = next;
        let (state, tape) = h.split_tape();
        h = state.put_tape(tape.merge(more));
        states[t] = Some(h.retaped());
    }
    let (state, history) = h.split_tape();
    drop(state);
    let mut rows: Vec<Tensor<(usize, usize), E, D, T>> = Vec::with_capacity(states.len());
    if cell == Cell::Lstm {
        states[steps] = Some(c);
    }
    rows.extend(states.into_iter().flatten());
    if rows.is_empty() {
        let nothing = device.try_zeros_like(&(batch, 0, size))?;
        return Ok(nothing.put_tape(history));
    }
    let (stacked, tape) = rows.try_stack()?.split_tape();
    stacked
        .put_tape(tape.merge(history))
        .try_permute::<(usize, usize, usize), Axes3<1, 0, 2>>()
}

/// See [`Kernels::draw_weights`].
pub fn draw_weights<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    mu: Tensor<S, E, D, T>,
    rho: Tensor<S, E, D, T>,
    noise: Noise,
) -> Result<S, E, D, T> {
    mu.try_add(deviation(rho, noise)?)
}

/// See [`Kernels::deviation`].
///
/// On a tape it is `(rho − c)·(sigmoid(rho)·epsilon)`, where c is the number for which that is what it should be:
/// `rho − softplus(rho)/sigmoid(rho)`. It is worked out off the tape, so that the tape has a difference and a product.
pub fn deviation<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    rho: Tensor<S, E, D, T>,
    noise: Noise,
) -> Result<S, E, D, T> {
    let epsilon = noise_like(&rho, &noise, Sort::Normal)?;
    let (rho, tape) = clamp(rho)?.split_tape();
    let sigma = softplus_value(&rho)?;
    if !T::OWNS_TAPE {
        return sigma.put_tape(tape).try_mul(epsilon);
    }
    let slope = rho.clone().try_sigmoid()?;
    // Far below 0 both are 0, and their ratio is 1.
    let ratio = above_0(sigma)?.try_div(above_0(slope.clone())?)?;
    let from = rho.clone().try_sub(ratio)?;
    let away = rho.put_tape(tape).try_sub(from)?;
    away.try_mul(slope.try_mul(epsilon)?)
}

/// `x + 2⁻¹²⁶`: x itself, or where that is 0 the least positive number with all its digits in single precision.
fn above_0<S: Shape, E: Dtype, D: Device<E>>(x: Tensor<S, E, D>) -> Result<S, E, D, NoneTape> {
    x.try_add(number::<E>(f64::from(f32::MIN_POSITIVE)))
}

/// See [`Kernels::spread`].
pub fn spread<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    mu: Option<Tensor<S, E, D, T>>,
    sigma: Tensor<S, E, D, T>,
    noise: Noise,
) -> Result<S, E, D, T> {
    let epsilon = noise_like(&sigma, &noise, Sort::Normal)?;
    let deviation = sigma.try_mul(epsilon)?;
    match mu {
        Some(mu) => mu.try_add(deviation),
        None => Ok(deviation),
    }
}

/// See [`Kernels::variance`].
pub fn variance<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    rho: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    softplus(rho)?.try_square()
}

/// See [`Kernels::conv_flipout`].
pub fn conv_flipout<X: Shape, W: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    [mean, deviation]: [Tensor<W, E, D, T>; 2],
    [of_input, of_output]: [Noise; 2],
    geometry: ConvGeometry,
    out: Y,
) -> Result<Y, E, D, T> {
    let size = |channels, pixels| SignSize {
        examples: geometry.batch,
        steps: 1,
        channels,
        pixels,
    };
    let inputs = geometry.axes.iter().map(|axis| axis.size).product();
    let size_in = size(geometry.in_channels, inputs);
    let size_out = size(geometry.out_channels, geometry.positions());
    let mean = D::conv(x.retaped::<T>(), mean, geometry, out)?;
    let turned = D::flip_signs(x, of_input, size_in)?;
    let deviation = D::conv(turned, deviation, geometry, out)?;
    D::flip_onto(mean, deviation, of_output, size_out)
}

/// See [`Kernels::flip_signs`].
pub fn flip_signs<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
    noise: Noise,
    size: SignSize,
) -> Result<S, E, D, T> {
    let shape = *x.shape();
    let SignSize {
        examples,
        steps,
        channels,
        pixels,
    } = size;
    let signs = noise::on_device(x.device(), &noise, Sort::Signs, examples * channels)?;
    let signs = signs.try_reshape_like(&(examples, channels))?;
    let like = (examples, steps, channels, pixels);
    let signs = signs.try_broadcast_like::<_, Axes2<1, 3>>(&like)?;
    x.try_reshape_like(&like)?
        .try_mul(signs)?
        .try_reshape_like(&shape)
}

/// See [`Kernels::flip_onto`].
pub fn flip_onto<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    mean: Tensor<S, E, D, T>,
    deviation: Tensor<S, E, D, T>,
    noise: Noise,
    size: SignSize,
) -> Result<S, E, D, T> {
    D::flip_signs(deviation, noise, size)?.try_add(mean)
}

/// See [`Kernels::sum`].
pub fn sum<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
    y: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    x.try_add(y)
}

/// See [`Kernels::local_noise`].
pub fn local_noise<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    mean: Tensor<S, E, D, T>,
    variance: Tensor<S, E, D, T>,
    noise: Noise,
) -> Result<S, E, D, T> {
    let epsilon = noise_like(&mean, &noise, Sort::Normal)?;
    // Where the variance is 0 its root is of a constant, whose gradient goes nowhere.
    let there = variance.try_gt(E::default())?;
    let (variance, tape) = variance.split_tape();
    let zeros: Tensor<S, E, D> = variance.device().try_zeros_like(variance.shape())?;
    let ones = zeros.clone().try_add(E::ONE)?;
    let variance = variance.put_tape(tape);
    let std = there.clone().try_choose(variance, ones)?.try_sqrt()?;
    mean.try_add(there.try_choose(std, zeros)?.try_mul(epsilon)?)
}

/// See [`Kernels::dropout`].
pub fn dropout<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
    p: f32,
    noise: Noise,
) -> Result<S, E, D, T> {
    let mask = noise_like(&x, &noise, Sort::mask(p))?;
    x.try_mul(mask)
}

/// `ln softplus(rho)`, with rho clamped to ±10⁴.
pub(crate) fn ln_softplus<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    rho: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    let rho = clamp(rho)?;
    let sigma = softplus(body(rho.retaped::<T>())?)?;
    sigma.try_ln()?.try_add(tail(rho)?)
}

/// Below this, `ln softplus(rho)` is rho to the last digit, and softplus would soon be 0.
const TAIL: f64 = -80.0;

/// rho, or where it is below [`TAIL`] that.
fn body<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    rho: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    rho.try_clamp(TAIL, f64::from(f32::MAX))
}

/// How far rho is below [`TAIL`]: at most 0.
fn tail<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    rho: Tensor<S, E, D, T>,
) -> Result<S, E, D, T> {
    rho.try_sub(number::<E>(TAIL))?
        .try_clamp(f64::from(f32::MIN), 0.0)
}

/// See [`Kernels::gaussian_kl`].
///
/// Its slopes by mu and rho are worked out off the tape, which has their products with mu and rho. From the sum of those
/// its own value is taken away again, which leaves the slopes.
pub fn gaussian_kl<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    posterior: MeanField<'_, S, E, D>,
) -> Result<Rank0, E, D, T> {
    let prior_variance = posterior.prior_std * posterior.prior_std;
    let (mu, rho) = (posterior.mu, posterior.rho);
    let distance = match posterior.prior_mean {
        PriorMean::Value(mean) => mu.clone().try_sub(number::<E>(mean))?,
        PriorMean::Tensor(mean) => mu.clone().try_sub(mean.clone())?,
    };
    let clamped = clamp(rho.clone())?;
    let body = body(clamped.clone())?;
    let sigma = softplus_value(&body)?;
    let log_sigma = sigma.clone().try_ln()?.try_add(tail(clamped)?)?;
    let squares = sigma
        .clone()
        .try_square()?
        .try_add(distance.clone().try_square()?)?;
    let scaled = squares.try_mul(number::<E>(0.5 / prior_variance))?;
    let constant = posterior.prior_std.ln() - 0.5;
    let per_weight = scaled.try_sub(log_sigma)?.try_add(number::<E>(constant))?;
    let value = per_weight.try_sum::<Rank0, S::AllAxes>()?;
    if !T::OWNS_TAPE {
        return Ok(value.put_tape(T::default()));
    }
    let of_mu = distance.try_mul(number::<E>(1.0 / prior_variance))?;
    let slope = body.try_sigmoid()?;
    let of_log = slope.clone().try_div(sigma.clone())?;
    let of_square = sigma
        .try_mul(slope)?
        .try_mul(number::<E>(1.0 / prior_variance))?;
    let of_rho = of_square.try_sub(of_log)?;
    let along_mu = mu.retaped::<T>().try_mul(of_mu)?;
    let along_rho = clamp(rho.retaped::<T>())?.try_mul(of_rho)?;
    let along = along_mu.try_add(along_rho)?;
    moved(along.try_sum::<Rank0, S::AllAxes>()?)?.try_add(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::real::Real;
    use dfdx::prelude::{Backward, Cpu, OwnedTape};
    use dfdx::tensor::TensorFromVec;

    /// Value and slope of [`softplus`] in single precision.
    fn value_and_slope(rho: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let rho = Cpu::default().tensor_from_vec(rho.to_vec(), (rho.len(),));
        let y = softplus(rho.retaped::<OwnedTape<f32, Cpu>>()).unwrap();
        let values = y.as_vec();
        let gradients = y.sum::<Rank0, _>().backward();
        (values, gradients.get(&rho).as_vec())
    }

    #[test]
    fn softplus_keeps_its_digits_far_below_0() {
        let rho: Vec<f32> = (-800..=800).map(|i| i as f32 / 10.0).collect();
        let (values, slopes) = value_and_slope(&rho);
        for ((rho, value), slope) in rho.into_iter().zip(values).zip(slopes) {
            let want = f64::from(rho).softplus_parts();
            let close = |got: f32, want: f64| (f64::from(got) - want).abs() <= 5e-7 * want;
            assert!(close(value, want.value), "softplus({rho}): {value}");
            assert!(close(slope, want.slope), "sigmoid({rho}): {slope}");
        }
    }

    #[test]
    fn softplus_has_a_slope_at_0_and_none_missing_at_the_ends() {
        let (values, slopes) = value_and_slope(&[0.0, -1e4, 1e4, -2e4, 2e4]);
        assert_eq!(values[1..], [0.0, 1e4, 0.0, 1e4]);
        assert_eq!(slopes, [0.5, 0.0, 1.0, 0.0, 0.0]);
    }
}
