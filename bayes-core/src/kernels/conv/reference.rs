//! The convolution as plain loops over output elements and taps, to test the fast one against.

use super::ConvGeometry;
use crate::kernels::real::Real;

/// y = W ⋆ x + b.
pub fn forward<E: Real>(
    geometry: &ConvGeometry,
    x: &[E],
    weight: &[E],
    bias: Option<&[E]>,
    y: &mut [E],
) {
    let positions = geometry.positions().max(1);
    for (i, y) in y.iter_mut().enumerate() {
        let channel = i / positions % geometry.out_channels;
        *y = bias.map_or(E::zero(), |bias| bias[channel]);
    }
    for_each_product(geometry, |x_index, weight_index, y_index| {
        y[y_index] += weight[weight_index] * x[x_index];
    });
}

/// Adds to the gradients of input, weight and bias, in this order.
pub fn backward<E: Real>(
    geometry: &ConvGeometry,
    x: &[E],
    weight: &[E],
    g: &[E],
    [dx, dw, db]: [&mut [E]; 3],
) {
    for_each_product(geometry, |x_index, weight_index, y_index| {
        dx[x_index] += weight[weight_index] * g[y_index];
        dw[weight_index] += x[x_index] * g[y_index];
    });
    let positions = geometry.positions().max(1);
    for (i, &g) in g.iter().enumerate() {
        db[i / positions % geometry.out_channels] += g;
    }
}

/// Calls `visit` with the indices of input, weight and output for every product of the convolution.
fn for_each_product(geometry: &ConvGeometry, mut visit: impl FnMut(usize, usize, usize)) {
    let &ConvGeometry {
        batch,
        in_channels,
        out_channels,
        axes,
        groups,
    } = geometry;
    let (inputs, outputs) = (in_channels / groups, out_channels / groups);
    let (kernel, out) = (axes.map(|axis| axis.kernel), geometry.out_sides());
    let sizes = axes.map(|axis| axis.size);
    for n in 0..batch {
        for o in 0..out_channels {
            for to in points(out) {
                for i in 0..inputs {
                    for tap in points(kernel) {
                        let under = |a: usize| axes[a].under(to[a], tap[a]);
                        let (Some(z), Some(y), Some(x)) = (under(0), under(1), under(2)) else {
                            continue;
                        };
                        let channel = n * in_channels + o / outputs * inputs + i;
                        visit(
                            index(channel, sizes, [z, y, x]),
                            index(o * inputs + i, kernel, tap),
                            index(n * out_channels + o, out, to),
                        );
                    }
                }
            }
        }
    }
}

/// Every point of a grid, the last coordinate fastest.
pub(super) fn points([depth, height, width]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    let rows = (0..depth).flat_map(move |z| (0..height).map(move |y| (z, y)));
    rows.flat_map(move |(z, y)| (0..width).map(move |x| [z, y, x]))
}

/// Where a point of a channel's grid lies.
pub(super) fn index(channel: usize, sides: [usize; 3], [z, y, x]: [usize; 3]) -> usize {
    ((channel * sides[0] + z) * sides[1] + y) * sides[2] + x
}
