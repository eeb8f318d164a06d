//! The convolution as plain loops over output elements and taps, to test the fast one against.

use super::Conv2dGeometry;
use crate::kernels::real::Real;

/// y = W ⋆ x + b.
pub fn forward<E: Real>(
    geometry: &Conv2dGeometry,
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
    geometry: &Conv2dGeometry,
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
fn for_each_product(geometry: &Conv2dGeometry, mut visit: impl FnMut(usize, usize, usize)) {
    let &Conv2dGeometry {
        batch,
        in_channels,
        out_channels,
        kernel,
        groups,
        ..
    } = geometry;
    let (Some(height), Some(width)) = (geometry.out_height(), geometry.out_width()) else {
        return;
    };
    let (inputs, outputs) = (in_channels / groups, out_channels / groups);
    // The input coordinate under a tap, if it is not padding.
    let under = |out: usize, tap: usize, size: usize| {
        (out * geometry.stride + tap * geometry.dilation)
            .checked_sub(geometry.padding)
            .filter(|&at| at < size)
    };
    for n in 0..batch {
        for o in 0..out_channels {
            for (oy, ox) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                for i in 0..inputs {
                    for (ky, kx) in (0..kernel).flat_map(|y| (0..kernel).map(move |x| (y, x))) {
                        let (iy, ix) = (
                            under(oy, ky, geometry.height),
                            under(ox, kx, geometry.width),
                        );
                        let (Some(iy), Some(ix)) = (iy, ix) else {
                            continue;
                        };
                        let channel = n * in_channels + o / outputs * inputs + i;
                        visit(
                            (channel * geometry.height + iy) * geometry.width + ix,
                            ((o * inputs + i) * kernel + ky) * kernel + kx,
                            ((n * out_channels + o) * height + oy) * width + ox,
                        );
                    }
                }
            }
        }
    }
}
