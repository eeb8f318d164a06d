//! Labelled images in memory: split into two sets, gathered into batches.

use super::{Digits, Error};

/// Images of 1×8×8 with their classes.
///
/// A batch is such a set too: see [`gather`](Labelled::gather).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// Grey levels in [0, 1], n×1×8×8, row-major.
    pub images: Vec<f32>,
    /// The n classes, 0 to 9.
    pub labels: Vec<usize>,
}

impl Labelled {
    /// The number of examples n.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// All but the last `n` examples, and the last `n`, both in the order of this set.
    ///
    /// ```
    /// use bayes_models::data::Digits;
    ///
    /// let digits = Digits::embedded()?;
    /// let (train, validation) = digits.train.split_tail(237)?;
    /// assert_eq!(train.labels[..], digits.train.labels[..1200]);
    /// assert_eq!(validation.labels[..], digits.train.labels[1200..]);
    /// # Ok::<(), bayes_models::data::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Tail`] if `n` is not less than the number of examples; [`Error::Unpaired`] if there are not 64 pixels
    /// per label.
    pub fn split_tail(&self, n: usize) -> Result<(Self, Self), Error> {
        self.check_pairs()?;
        if n >= self.len() {
            return Err(Error::Tail {
                len: self.len(),
                tail: n,
            });
        }
        let at = self.len() - n;
        let (head_images, tail_images) = self.images.split_at(at * Digits::PIXELS);
        let (head_labels, tail_labels) = self.labels.split_at(at);
        let labelled = |images: &[f32], labels: &[usize]| Self {
            images: images.to_vec(),
            labels: labels.to_vec(),
        };
        Ok((
            labelled(head_images, head_labels),
            labelled(tail_images, tail_labels),
        ))
    }

    /// Fills `batch` with the examples at `indices`, in their order, and reuses its memory.
    ///
    /// ```
    /// use bayes_models::data::{Digits, Labelled};
    ///
    /// let test = Digits::embedded()?.test;
    /// let mut batch = Labelled::default();
    /// test.gather(&[5, 0], &mut batch)?;
    /// assert_eq!(batch.labels, [test.labels[5], test.labels[0]]);
    /// # Ok::<(), bayes_models::data::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for an index that is not less than the number of examples; [`Error::Unpaired`] if there are
    /// not 64 pixels per label. After an error `batch` is as it was.
    pub fn gather(&self, indices: &[usize], batch: &mut Self) -> Result<(), Error> {
        self.check_pairs()?;
        if let Some(&index) = indices.iter().find(|&&index| index >= self.len()) {
            return Err(Error::Index {
                len: self.len(),
                index,
            });
        }
        batch.images.clear();
        batch.labels.clear();
        for &index in indices {
            let start = index * Digits::PIXELS;
            batch
                .images
                .extend_from_slice(&self.images[start..start + Digits::PIXELS]);
            batch.labels.push(self.labels[index]);
        }
        Ok(())
    }

    /// The fields are public, so that they agree is checked where it matters.
    fn check_pairs(&self) -> Result<(), Error> {
        let expected = self.labels.len() * Digits::PIXELS;
        if self.images.len() == expected {
            return Ok(());
        }
        Err(Error::Unpaired {
            labels: self.labels.len(),
            expected,
            found: self.images.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` images whose pixels all differ, with labels 0, 1, …, n − 1.
    fn numbered(n: usize) -> Labelled {
        Labelled {
            images: (0..n * Digits::PIXELS).map(|i| i as f32).collect(),
            labels: (0..n).collect(),
        }
    }

    fn image(index: usize) -> Vec<f32> {
        let first = index * Digits::PIXELS;
        (first..first + Digits::PIXELS).map(|i| i as f32).collect()
    }

    #[test]
    fn both_parts_keep_the_order() {
        let all = numbered(10);
        for n in 0..10 {
            let (head, tail) = all.split_tail(n).unwrap();
            assert_eq!((head.len(), tail.len()), (10 - n, n));
            assert_eq!([&head.images[..], &tail.images].concat(), all.images);
            assert_eq!([&head.labels[..], &tail.labels].concat(), all.labels);
            assert_eq!(head.images.len(), head.len() * Digits::PIXELS);
            assert_eq!(tail.is_empty(), n == 0);
        }
    }

    #[test]
    fn a_tail_must_leave_something() {
        for (len, tail) in [(10, 10), (10, 11), (10, usize::MAX), (0, 0)] {
            match numbered(len).split_tail(tail) {
                Err(Error::Tail { len: l, tail: t }) => assert_eq!((l, t), (len, tail)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn gathered_images_stay_with_their_labels_and_the_buffer_is_reused() {
        let all = numbered(9);
        let mut batch = Labelled::default();
        all.gather(&[8, 0, 3, 3], &mut batch).unwrap();
        assert_eq!(batch.labels, [8, 0, 3, 3]);
        let expected = [image(8), image(0), image(3), image(3)].concat();
        assert_eq!(batch.images, expected);
        let (images, labels) = (batch.images.as_ptr(), batch.labels.as_ptr());
        all.gather(&[1, 2], &mut batch).unwrap();
        assert_eq!(batch.images, [image(1), image(2)].concat());
        assert_eq!(batch.labels, [1, 2]);
        assert_eq!(
            (images, labels),
            (batch.images.as_ptr(), batch.labels.as_ptr())
        );
    }

    #[test]
    fn an_index_past_the_end_leaves_the_batch() {
        let all = numbered(4);
        let mut batch = numbered(2);
        match all.gather(&[1, 4, 9], &mut batch) {
            Err(Error::Index { len, index }) => assert_eq!((len, index), (4, 4)),
            other => panic!("{other:?}"),
        }
        assert_eq!(batch, numbered(2));
    }

    #[test]
    fn images_without_labels_are_errors() {
        let mut set = numbered(3);
        set.labels.push(7);
        let split = set.split_tail(1);
        assert!(
            matches!(
                split,
                Err(Error::Unpaired {
                    labels: 4,
                    expected: 256,
                    found: 192
                })
            ),
            "{split:?}"
        );
        let gathered = set.gather(&[0], &mut Labelled::default());
        assert!(
            matches!(gathered, Err(Error::Unpaired { .. })),
            "{gathered:?}"
        );
    }
}
