//! Layer and group normalisation of one example.

use crate::plan::{Form, Normalize};

/// Normalises `x` in place; a grid's numbers lie channels first, or channels last where `last` says so.
pub(crate) fn normalize(normalize: &Normalize, form: Form, last: bool, x: &mut [f32]) {
    let (channels, positions) = (form.channels(), form.positions());
    let is_grid = matches!(form, Form::Grid { .. });
    if !is_grid {
        // Each vector by itself.
        for x in x.chunks_exact_mut(channels.max(1)) {
            group(normalize, 0..channels, [1, channels], 1, x);
        }
        return;
    }
    let strides = if last { [1, channels] } else { [positions, 1] };
    let each = channels / normalize.groups.max(1);
    for first in (0..channels).step_by(each.max(1)) {
        group(normalize, first..first + each, strides, positions, x);
    }
}

/// One group of channels over all positions.
fn group(
    normalize: &Normalize,
    channels: std::ops::Range<usize>,
    [channel_step, position_step]: [usize; 2],
    positions: usize,
    x: &mut [f32],
) {
    let places = || {
        channels
            .clone()
            .flat_map(|c| (0..positions).map(move |p| (c, c * channel_step + p * position_step)))
    };
    let count = (channels.len() * positions) as f64;
    let mean = places().map(|(_, at)| f64::from(x[at])).sum::<f64>() / count;
    let squares = places().map(|(_, at)| (f64::from(x[at]) - mean).powi(2));
    let factor = 1.0 / (squares.sum::<f64>() / count + normalize.epsilon).sqrt();
    for (c, at) in places() {
        let scaled = (f64::from(x[at]) - mean) * factor * f64::from(normalize.scale[c]);
        x[at] = (scaled + f64::from(normalize.shift[c])) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(groups: usize, channels: usize) -> Normalize {
        Normalize {
            groups,
            epsilon: 0.0,
            scale: (1..=channels).map(|c| c as f32).collect(),
            shift: vec![0.5; channels],
        }
    }

    #[test]
    fn both_layouts_give_the_same() {
        let form = Form::grid(4, &[3]).unwrap();
        let first: Vec<f32> = (0..12).map(|i| (i * i) as f32).collect();
        let turn = |x: &[f32], rows: usize, columns: usize| -> Vec<f32> {
            let at = |i: usize| x[i % rows * columns + i / rows];
            (0..12).map(at).collect()
        };
        let mut last = turn(&first, 4, 3);
        let mut first = first;
        normalize(&of(2, 4), form, false, &mut first);
        normalize(&of(2, 4), form, true, &mut last);
        let turned = turn(&first, 4, 3);
        for (got, want) in last.iter().zip(&turned) {
            assert!((got - want).abs() < 1e-6, "{got} {want}");
        }
        // Channel 0 has factor 1 and shift 1/2: of its group mean 0 and variance 1 before.
        let group: Vec<f32> = first[..3].iter().map(|y| y - 0.5).collect();
        let other: Vec<f32> = first[3..6].iter().map(|y| (y - 0.5) / 2.0).collect();
        let sum: f32 = group.iter().chain(&other).sum();
        let squares: f32 = group.iter().chain(&other).map(|y| y * y).sum();
        assert!(sum.abs() < 1e-5 && (squares / 6.0 - 1.0).abs() < 1e-5);
    }

    #[test]
    fn vectors_are_normalised_by_themselves() {
        let mut x = vec![1.0, 3.0, 10.0, 30.0];
        let form = Form::Sequence {
            steps: 2,
            features: 2,
        };
        normalize(&of(0, 2), form, false, &mut x);
        assert_eq!(x, [-0.5, 2.5, -0.5, 2.5]);
    }
}
