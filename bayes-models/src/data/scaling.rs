//! Numbers on one scale: what training subtracts and divides by, and prediction then too.

use super::{Error, Set};
use serde::{Deserialize, Serialize};

/// `(x − shift)/scale`, with one shift and one scale for each channel of an image, feature of a sequence or column of a
/// table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// What is subtracted.
    pub shift: Vec<f32>,
    /// What the difference is divided by.
    pub scale: Vec<f32>,
}

impl Scaling {
    /// Mean and standard deviation of the examples of `set`; a channel or column that is constant has the scale 1.
    ///
    /// # Errors
    /// As [`Set::read`].
    pub fn of(set: &Set) -> Result<Self, Error> {
        let width = set.width();
        let (channels, per_channel) = parts(set.shape());
        let (mut sums, mut squares) = (vec![0.0_f64; channels], vec![0.0_f64; channels]);
        let mut row = vec![0.0; width];
        for index in 0..set.len() {
            set.read(index, &mut row)?;
            for (i, &x) in row.iter().enumerate() {
                let channel = i / per_channel % channels;
                sums[channel] += f64::from(x);
                squares[channel] += f64::from(x) * f64::from(x);
            }
        }
        let n = (set.len() * width / channels).max(1) as f64;
        let deviation = |(sum, square): (&f64, &f64)| {
            let variance = (square / n - (sum / n).powi(2)).max(0.0);
            if variance > 1e-12 * (square / n) {
                variance.sqrt() as f32
            } else {
                1.0
            }
        };
        Ok(Self {
            scale: sums.iter().zip(&squares).map(deviation).collect(),
            shift: sums.iter().map(|sum| (sum / n) as f32).collect(),
        })
    }

    /// Puts whole examples on the scale.
    pub fn apply(&self, values: &mut [f32], shape: &[usize]) {
        let (channels, per_channel) = parts(shape);
        for (i, x) in values.iter_mut().enumerate() {
            let channel = i / per_channel % channels;
            *x = (*x - self.shift[channel]) / self.scale[channel];
        }
    }
}

/// How many channels an example has, and how many of its numbers in a row belong to one.
fn parts(shape: &[usize]) -> (usize, usize) {
    match *shape {
        [channels, height, width] => (channels, height * width),
        [_, features] => (features, 1),
        _ => (shape.iter().product(), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Targets, Values};

    #[test]
    fn columns_come_to_mean_0_and_deviation_1() {
        let values = vec![1.0, 5.0, 3.0, 5.0];
        let set = Set::new(vec![2], Values::Floats(values.clone()), Targets::None).unwrap();
        let scaling = Scaling::of(&set).unwrap();
        assert_eq!(
            (&scaling.shift[..], &scaling.scale[..]),
            (&[2.0, 5.0][..], &[1.0, 1.0][..])
        );
        let mut values = values;
        scaling.apply(&mut values, &[2]);
        assert_eq!(values, [-1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn a_sequence_has_one_scale_for_each_feature() {
        let values = vec![1.0, 5.0, 3.0, 7.0];
        let set = Set::new(vec![2, 2], Values::Floats(values), Targets::None).unwrap();
        let scaling = Scaling::of(&set).unwrap();
        assert_eq!(
            (scaling.shift, scaling.scale),
            (vec![2.0, 6.0], vec![1.0, 1.0])
        );
    }

    #[test]
    fn an_image_has_one_scale_for_each_channel() {
        let pixels = vec![0, 255, 255, 0, /**/ 51, 51, 51, 51];
        let set = Set::new(vec![2, 2, 2], Values::Bytes(pixels), Targets::None).unwrap();
        let scaling = Scaling::of(&set).unwrap();
        assert_eq!(scaling.shift, [0.5, 0.2]);
        assert_eq!(scaling.scale, [0.5, 1.0]);
    }
}
