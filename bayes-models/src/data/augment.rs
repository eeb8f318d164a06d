//! Random crops and flips of images, each a function of the seed, the epoch and the example.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// How images are changed while a model trains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Augment {
    /// Pixels of zeros around an image, out of which a window of the image's size is cut at random.
    pub crop: usize,
    /// Whether half of the images are mirrored, left to right.
    pub flip: bool,
}

impl Augment {
    /// Whether it changes anything.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Changes one image of `[channels, height, width]`; what is no image stays as it is.
    ///
    /// ```
    /// use bayes_models::data::Augment;
    ///
    /// let augment = Augment { crop: 1, flip: true };
    /// let image: Vec<f32> = (0..9).map(|i| i as f32).collect();
    /// let changed = |seed| {
    ///     let mut image = image.clone();
    ///     augment.apply(&mut image, &[1, 3, 3], [seed, 0, 0]);
    ///     image
    /// };
    /// assert_eq!(changed(1), changed(1));
    /// assert!((2..20).any(|seed| changed(seed) != changed(1)));
    /// ```
    pub fn apply(self, image: &mut [f32], shape: &[usize], [seed, epoch, example]: [u64; 3]) {
        let &[_, height, width] = shape else { return };
        if self.is_none() {
            return;
        }
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&epoch.to_le_bytes());
        bytes[16..24].copy_from_slice(&example.to_le_bytes());
        // The order of an epoch has zeros here.
        bytes[24] = 1;
        let mut rng = StdRng::from_seed(bytes);
        let (down, right) = (
            rng.gen_range(0..=2 * self.crop),
            rng.gen_range(0..=2 * self.crop),
        );
        let mirrored = self.flip && rng.r#gen();
        for channel in image.chunks_exact_mut(height * width) {
            let original = channel.to_vec();
            for (i, pixel) in channel.iter_mut().enumerate() {
                let (y, x) = (i / width, i % width);
                let x = if mirrored { width - 1 - x } else { x };
                let at = |at: usize, by: usize, size: usize| {
                    (at + by).checked_sub(self.crop).filter(|&at| at < size)
                };
                *pixel = match (at(y, down, height), at(x, right, width)) {
                    (Some(y), Some(x)) => original[y * width + x],
                    _ => 0.0,
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(augment: Augment, example: u64) -> Vec<f32> {
        let mut image: Vec<f32> = (1..=8).map(|i| i as f32).collect();
        augment.apply(&mut image, &[2, 2, 2], [3, 0, example]);
        image
    }

    #[test]
    fn a_flip_mirrors_all_channels_or_none() {
        let flip = Augment {
            crop: 0,
            flip: true,
        };
        let (as_it_was, mirrored) = (
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
            [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0],
        );
        let found: Vec<_> = (0..40).map(|example| changed(flip, example)).collect();
        assert!(
            found
                .iter()
                .all(|image| *image == as_it_was || *image == mirrored)
        );
        let flipped = found.iter().filter(|image| **image == mirrored).count();
        assert!((8..=32).contains(&flipped), "{flipped}");
    }

    #[test]
    fn a_crop_moves_the_image_over_zeros() {
        let crop = Augment {
            crop: 1,
            flip: false,
        };
        let windows: Vec<_> = (0..200).map(|example| changed(crop, example)).collect();
        // Nine places, among them the image itself and its corner alone.
        let distinct: std::collections::BTreeSet<String> =
            windows.iter().map(|window| format!("{window:?}")).collect();
        assert_eq!(distinct.len(), 9);
        assert!(windows.contains(&vec![4.0, 0.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0]));
        assert!(windows.contains(&(1..=8).map(|i| i as f32).collect::<Vec<_>>()));
    }

    #[test]
    fn a_table_is_left_alone() {
        let mut row = [1.0, 2.0];
        Augment {
            crop: 3,
            flip: true,
        }
        .apply(&mut row, &[2], [0, 0, 0]);
        assert_eq!(row, [1.0, 2.0]);
    }
}
