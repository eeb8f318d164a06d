//! An image with a border of one code around it.

/// Copies `x` (height, width, channels) into `out` (height + 2·top, width + 2·side, channels), with
/// `border` around it: the code of 0, which a convolution pads with.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn pad(
    [height, width, channels]: [usize; 3],
    x: &[u8],
    [top, side]: [usize; 2],
    border: u8,
    out: &mut [u8],
) {
    assert_eq!(
        x.len(),
        height * width * channels,
        "int8: length of the image"
    );
    let wide = (width + 2 * side) * channels;
    assert_eq!(
        out.len(),
        (height + 2 * top) * wide,
        "int8: length of the padded image"
    );
    if wide == 0 {
        return;
    }
    let (side, inner) = (side * channels, width * channels);
    let (top, rest) = out.split_at_mut(top * wide);
    let (rows, bottom) = rest.split_at_mut(height * wide);
    top.fill(border);
    bottom.fill(border);
    for (y, row) in rows.chunks_exact_mut(wide).enumerate() {
        row[..side].fill(border);
        row[side..side + inner].copy_from_slice(&x[y * inner..(y + 1) * inner]);
        row[side + inner..].fill(border);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::codes;

    #[test]
    fn every_pixel_is_the_image_or_the_border() {
        for [height, width, channels, top, side] in [
            [0, 0, 3, 0, 0],
            [0, 2, 3, 1, 1],
            [2, 0, 3, 2, 2],
            [2, 2, 0, 1, 1],
            [1, 1, 1, 0, 0],
            [3, 5, 1, 1, 1],
            [1, 5, 2, 0, 2],
            [4, 3, 17, 2, 1],
        ] {
            let x = codes(1, height * width * channels);
            let (tall, wide) = (height + 2 * top, width + 2 * side);
            let mut out = vec![1; tall * wide * channels];
            pad([height, width, channels], &x, [top, side], 77, &mut out);
            for (i, &got) in out.iter().enumerate() {
                let (c, column, row) = (i % channels, i / channels % wide, i / channels / wide);
                let inside = |at: usize, by, size| at.checked_sub(by).filter(|&at| at < size);
                let want = match (inside(row, top, height), inside(column, side, width)) {
                    (Some(y), Some(x_at)) => x[(y * width + x_at) * channels + c],
                    _ => 77,
                };
                assert_eq!(got, want, "element {i}");
            }
        }
    }
}
