//! Inputs and sizes shared by the tests of the integer kernels.

use super::geometry::Window8;
use crate::kernels::testing::numbers;

/// Codes from 0 to 255, each end included now and then.
pub fn codes(seed: u64, count: usize) -> Vec<u8> {
    let code = |v: f64| (128.0 + v * 130.0) as u8;
    numbers(seed, count).into_iter().map(code).collect()
}

/// Weights from −128 to 127, each end included now and then.
pub fn weights(seed: u64, count: usize) -> Vec<i8> {
    let weight = |v: f64| (v * 130.0) as i8;
    numbers(seed, count).into_iter().map(weight).collect()
}

/// Lengths around every vector width.
pub const LENGTHS: [usize; 14] = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 259];

/// Channel counts around the lanes of a block.
pub const CHANNELS: [usize; 9] = [1, 3, 5, 10, 15, 16, 17, 33, 64];

/// Convolutions with every feature: strides, dilations, groups, rectangular kernels, odd channels,
/// no output; and linear layers of 0, 1 and more rows.
pub fn grid() -> Vec<Window8> {
    let convolutions = [
        // channels, outputs, groups, kernel, kernel, stride, dilation, height, width
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
        [1, 6, 1, 5, 5, 1, 1, 9, 13],
        [3, 16, 1, 3, 3, 1, 1, 8, 7],
        [5, 17, 1, 3, 3, 2, 1, 9, 9],
        [17, 5, 1, 1, 1, 1, 1, 3, 5],
        [16, 48, 1, 3, 3, 1, 1, 6, 6],
        [4, 64, 1, 3, 3, 3, 1, 11, 10],
        [8, 81, 1, 1, 3, 1, 1, 5, 6],
        [3, 33, 1, 3, 1, 1, 1, 5, 6],
        [6, 4, 1, 3, 3, 1, 2, 9, 8],
        [4, 6, 2, 3, 3, 2, 1, 8, 8],
        [6, 36, 2, 3, 5, 1, 3, 9, 17],
        [9, 9, 9, 3, 3, 1, 1, 6, 6],
        [5, 10, 5, 3, 3, 2, 2, 9, 9],
        [2, 3, 1, 5, 5, 1, 1, 5, 5],
        [2, 3, 1, 5, 5, 1, 1, 4, 9],
        [0, 3, 1, 3, 3, 1, 1, 5, 5],
        [3, 0, 1, 3, 3, 1, 1, 5, 5],
    ];
    let convolution = |[
        channels,
        outputs,
        groups,
        kh,
        kw,
        stride,
        dilation,
        height,
        width,
    ]: [_; 9]| Window8 {
        channels,
        outputs,
        groups,
        kernel: [kh, kw],
        stride,
        dilation,
        height,
        width,
    };
    let rows = [0, 1, 2, 3, 4, 5, 8, 9, 12, 13];
    let linear = rows.into_iter().flat_map(|rows| {
        [[1, 1], [3, 15], [4, 16], [5, 17], [64, 65], [33, 130]]
            .map(|[inputs, outputs]| Window8::linear(rows, inputs, outputs))
    });
    convolutions
        .map(convolution)
        .into_iter()
        .chain(linear)
        .collect()
}
