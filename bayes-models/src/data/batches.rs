//! The order of training: every example once per epoch, shuffled by seed and epoch.

use super::Error;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use std::slice::Chunks;

/// Shuffled batches of indices, the same ones on every machine.
///
/// The order of an epoch depends on the number of examples, the seed and the epoch only, not on the epochs before it:
/// a run that is resumed at epoch 7 sees what an uninterrupted one saw. It is the Fisher–Yates shuffle of
/// `rand` 0.8 with its `StdRng` (ChaCha with 12 rounds), whose 32-byte seed is the seed and the epoch, 8 little-endian
/// bytes each, and zeros.
///
/// ```
/// use bayes_models::data::Batches;
///
/// let mut batches = Batches::new(10, 4, 42)?;
/// for epoch in 0..3 {
///     let sizes: Vec<_> = batches.epoch(epoch).map(<[usize]>::len).collect();
///     assert_eq!(sizes, [4, 4, 2]);
/// }
/// # Ok::<(), bayes_models::data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Batches {
    order: Vec<usize>,
    batch_size: usize,
    seed: u64,
}

impl Batches {
    /// Batches of `batch_size` out of `examples`; the last of an epoch holds what is left.
    ///
    /// # Errors
    ///
    /// [`Error::Zero`] if `examples` or `batch_size` is zero.
    pub fn new(examples: usize, batch_size: usize, seed: u64) -> Result<Self, Error> {
        for (name, value) in [
            ("a number of examples", examples),
            ("a batch size", batch_size),
        ] {
            if value == 0 {
                return Err(Error::Zero { name });
            }
        }
        Ok(Self {
            order: (0..examples).collect(),
            batch_size,
            seed,
        })
    }

    /// The number of batches in an epoch, ⌈examples / batch size⌉.
    pub fn per_epoch(&self) -> usize {
        self.order.len().div_ceil(self.batch_size)
    }

    /// The batches of one epoch, each a slice of indices.
    pub fn epoch(&mut self, epoch: u64) -> Chunks<'_, usize> {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        seed[8..16].copy_from_slice(&epoch.to_le_bytes());
        for (index, slot) in self.order.iter_mut().enumerate() {
            *slot = index;
        }
        self.order.shuffle(&mut StdRng::from_seed(seed));
        self.order.chunks(self.batch_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(batches: &mut Batches, epoch: u64) -> Vec<usize> {
        batches.epoch(epoch).flatten().copied().collect()
    }

    #[test]
    fn an_epoch_visits_every_example_once() {
        for (examples, batch_size) in [(1, 1), (1, 64), (7, 3), (64, 64), (65, 64), (1437, 100)] {
            let mut batches = Batches::new(examples, batch_size, 3).unwrap();
            for epoch in 0..3 {
                let sizes: Vec<_> = batches.epoch(epoch).map(<[usize]>::len).collect();
                assert_eq!(sizes.len(), batches.per_epoch());
                let (last, full) = sizes.split_last().unwrap();
                assert!(full.iter().all(|&size| size == batch_size));
                assert_eq!(*last, examples - full.len() * batch_size);
                let mut visited = order(&mut batches, epoch);
                visited.sort_unstable();
                assert!(visited.into_iter().eq(0..examples));
            }
        }
    }

    #[test]
    fn the_order_changes_with_epoch_and_seed() {
        let mut orders = Vec::new();
        for seed in [0, 1, 1 << 32] {
            let mut batches = Batches::new(100, 10, seed).unwrap();
            orders.extend([0, 1, 1 << 32].map(|epoch| order(&mut batches, epoch)));
        }
        for (i, one) in orders.iter().enumerate() {
            assert!(orders[..i].iter().all(|other| other != one), "order {i}");
        }
    }

    #[test]
    fn an_epoch_does_not_depend_on_those_before_it() {
        let mut straight = Batches::new(50, 8, 5).unwrap();
        let orders: Vec<_> = (0..4).map(|epoch| order(&mut straight, epoch)).collect();
        let mut resumed = Batches::new(50, 8, 5).unwrap();
        for epoch in [3, 1, 2, 0] {
            assert_eq!(order(&mut resumed, epoch), orders[epoch as usize]);
        }
    }

    /// Recorded once: another order would silently change every training run.
    #[test]
    fn the_order_is_the_recorded_one() {
        let mut batches = Batches::new(10, 10, 42).unwrap();
        assert_eq!(order(&mut batches, 0), [9, 2, 6, 8, 3, 0, 4, 1, 5, 7]);
        assert_eq!(order(&mut batches, 1), [0, 8, 6, 3, 1, 7, 9, 2, 5, 4]);
    }

    /// Over 20 000 epochs each of n = 8 places holds each example 2500 times on average. For uniform permutations
    /// (n − 1)/n · Σ (count − 2500)² / 2500 follows chi-squared with (n − 1)² = 49 degrees of freedom, which is below
    /// 18 or above 95 with a probability under 2e-4.
    #[test]
    fn every_example_comes_to_every_place_equally_often() {
        let (examples, epochs) = (8, 20_000);
        let mut counts = vec![0_u32; examples * examples];
        let mut batches = Batches::new(examples, examples, 11).unwrap();
        for epoch in 0..epochs {
            for (place, index) in order(&mut batches, epoch).into_iter().enumerate() {
                counts[place * examples + index] += 1;
            }
        }
        let expected = epochs as f64 / examples as f64;
        let chi_squared: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        let scaled = chi_squared * (examples - 1) as f64 / examples as f64;
        assert!((18.0..95.0).contains(&scaled), "{scaled}");
    }

    #[test]
    fn batches_of_nothing_are_errors() {
        for (examples, batch_size) in [(0, 4), (4, 0), (0, 0)] {
            let result = Batches::new(examples, batch_size, 0);
            assert!(matches!(result, Err(Error::Zero { .. })), "{result:?}");
        }
    }
}
