//! Batches made by threads beside the training, in an order that does not depend on them.

use super::{Augment, Error, Scaling, Set};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

/// How batches are made of examples.
#[derive(Debug, Clone, Copy)]
pub struct Loader<'a> {
    /// The examples.
    pub set: &'a Set,
    /// The scale that they are put on.
    pub scaling: Option<&'a Scaling>,
    /// How images are changed.
    pub augment: Augment,
    /// Decides the changes.
    pub seed: u64,
    /// The threads, at least 1.
    pub threads: usize,
}

/// Batches that each thread has ready at most: with the one that it is making, what is in memory.
const READY: usize = 2;

impl<'a> Loader<'a> {
    /// One batch: the examples at `indices` in their order.
    ///
    /// # Errors
    /// As [`Set::read`].
    pub fn batch(&self, epoch: u64, indices: &[usize]) -> Result<Vec<f32>, Error> {
        let width = self.set.width();
        let mut values = vec![0.0; indices.len() * width];
        for (row, &index) in values.chunks_exact_mut(width).zip(indices) {
            self.set.read(index, row)?;
            let key = [self.seed, epoch, index as u64];
            self.augment.apply(row, self.set.shape(), key);
        }
        if let Some(scaling) = self.scaling {
            scaling.apply(&mut values, self.set.shape());
        }
        Ok(values)
    }

    /// All batches of an epoch in their order, made by threads in `scope`. A thread waits where the training has not
    /// taken what it made, and ends when the batches are dropped.
    pub fn batches<'scope, 'env>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        epoch: u64,
        order: Vec<Vec<usize>>,
    ) -> Ahead<'scope>
    where
        'a: 'scope,
    {
        let threads = self.threads.clamp(1, order.len().max(1));
        let mut queues = Vec::with_capacity(threads);
        let mut handles = Vec::with_capacity(threads);
        let mut shares: Vec<Vec<Vec<usize>>> = vec![Vec::new(); threads];
        let left = order.len();
        for (i, batch) in order.into_iter().enumerate() {
            shares[i % threads].push(batch);
        }
        for share in shares {
            let (sender, receiver) = sync_channel(READY);
            handles.push(scope.spawn(move || {
                for indices in share {
                    let batch = self.batch(epoch, &indices);
                    if sender.send((indices, batch)).is_err() {
                        return;
                    }
                }
            }));
            queues.push(receiver);
        }
        Ahead {
            queues,
            next: 0,
            left,
            _handles: handles,
        }
    }
}

/// Indices of a batch, and its numbers.
type Made = (Vec<usize>, Result<Vec<f32>, Error>);

/// Batches on their way.
#[derive(Debug)]
pub struct Ahead<'scope> {
    queues: Vec<Receiver<Made>>,
    next: usize,
    left: usize,
    _handles: Vec<ScopedJoinHandle<'scope, ()>>,
}

impl Iterator for Ahead<'_> {
    type Item = Made;

    fn next(&mut self) -> Option<Made> {
        self.left = self.left.checked_sub(1)?;
        let queue = &self.queues[self.next % self.queues.len()];
        self.next += 1;
        queue.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Targets, Values};

    fn set() -> Set {
        let values = (0..100).map(|i| i as f32).collect();
        Set::new(vec![1, 2, 2], Values::Floats(values), Targets::None).unwrap()
    }

    fn loaded(threads: usize) -> Vec<(Vec<usize>, Vec<f32>)> {
        let set = set();
        let loader = Loader {
            set: &set,
            scaling: None,
            augment: Augment {
                crop: 1,
                flip: true,
            },
            seed: 5,
            threads,
        };
        let order: Vec<Vec<usize>> = (0..25)
            .rev()
            .collect::<Vec<_>>()
            .chunks(4)
            .map(<[usize]>::to_vec)
            .collect();
        std::thread::scope(|scope| {
            let batches = loader.batches(scope, 3, order);
            batches
                .map(|(indices, batch)| (indices, batch.unwrap()))
                .collect()
        })
    }

    #[test]
    fn any_number_of_threads_gives_the_same_batches() {
        let one = loaded(1);
        assert_eq!(one.len(), 7);
        assert_eq!(one[6].0, [0]);
        for threads in [2, 3, 100] {
            assert_eq!(loaded(threads), one);
        }
    }

    #[test]
    fn batches_that_nobody_takes_end_their_threads() {
        let set = set();
        let loader = Loader {
            set: &set,
            scaling: None,
            augment: Augment::default(),
            seed: 0,
            threads: 3,
        };
        // Returns only if the threads do.
        std::thread::scope(|scope| {
            let order = (0..1000).map(|i| vec![i % 25]).collect();
            assert_eq!(loader.batches(scope, 0, order).next().unwrap().0, [0]);
        });
    }

    #[test]
    fn an_example_that_is_not_there_is_the_error_of_its_batch() {
        let set = set();
        let loader = Loader {
            set: &set,
            scaling: None,
            augment: Augment::default(),
            seed: 0,
            threads: 2,
        };
        std::thread::scope(|scope| {
            let mut batches = loader.batches(scope, 0, vec![vec![0], vec![25]]);
            assert!(batches.next().unwrap().1.is_ok());
            assert!(matches!(
                batches.next().unwrap().1,
                Err(Error::Index { index: 25, .. })
            ));
            assert!(batches.next().is_none());
        });
    }
}
