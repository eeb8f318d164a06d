//! The integer product as plain loops over outputs and taps, to test the fast one against.

use super::geometry::Window8;

/// acc\[y, x, o\] = Σ x·w, with `w` in PyTorch's order.
pub fn product(size: &Window8, x: &[u8], w: &[i8], acc: &mut [i32]) {
    let (Some(height), Some(width)) = (size.out_height(), size.out_width()) else {
        return;
    };
    let (inputs, outputs) = (size.group_channels(), size.group_outputs());
    let [kernel_height, kernel_width] = size.kernel;
    for (oy, ox) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for o in 0..size.outputs {
            let mut sum = 0;
            for i in 0..inputs {
                for (ky, kx) in
                    (0..kernel_height).flat_map(|y| (0..kernel_width).map(move |x| (y, x)))
                {
                    let iy = oy * size.stride + ky * size.dilation;
                    let ix = ox * size.stride + kx * size.dilation;
                    let channel = o / outputs * inputs + i;
                    let x = x[(iy * size.width + ix) * size.channels + channel];
                    let w = w[((o * inputs + i) * kernel_height + ky) * kernel_width + kx];
                    sum += i32::from(x) * i32::from(w);
                }
            }
            acc[(oy * width + ox) * size.outputs + o] = sum;
        }
    }
}
