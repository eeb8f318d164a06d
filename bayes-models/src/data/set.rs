//! A data set of any size of example: bytes or numbers in memory, with what each example should be answered with.

use super::Error;
#[cfg(feature = "images")]
use super::folder::Pictures;

/// Examples of one size, with their targets.
///
/// ```
/// use bayes_models::data::{Set, Targets, Values};
///
/// let targets = Targets::Classes { labels: vec![1, 0], classes: 2 };
/// let set = Set::new(vec![1, 1, 2], Values::Bytes(vec![0, 255, 51, 102]), targets)?;
/// let mut pixels = [0.0; 2];
/// set.read(1, &mut pixels)?;
/// assert_eq!((set.len(), pixels), (2, [0.2, 0.4]));
/// # Ok::<(), bayes_models::data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Set {
    shape: Vec<usize>,
    values: Values,
    targets: Targets,
    len: usize,
}

/// Where the numbers of the examples are.
#[derive(Debug, Clone)]
pub enum Values {
    /// Grey levels or colours, which become x/255: a quarter of the memory.
    Bytes(Vec<u8>),
    /// Numbers as they are.
    Floats(Vec<f32>),
    /// Files, each decoded when it is read.
    #[cfg(feature = "images")]
    Pictures(Pictures),
}

/// What the examples should be answered with.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Nothing is known.
    None,
    /// A class for each example.
    Classes {
        /// The classes, each below `classes`.
        labels: Vec<usize>,
        /// How many there are.
        classes: usize,
    },
    /// One number for each example.
    Numbers(Vec<f32>),
}

impl Targets {
    fn len(&self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Classes { labels, .. } => Some(labels.len()),
            Self::Numbers(numbers) => Some(numbers.len()),
        }
    }

    fn part(&self, first: usize, len: usize) -> Self {
        let range = first..first + len;
        match self {
            Self::None => Self::None,
            Self::Classes { labels, classes } => Self::Classes {
                labels: labels[range].to_vec(),
                classes: *classes,
            },
            Self::Numbers(numbers) => Self::Numbers(numbers[range].to_vec()),
        }
    }
}

impl Set {
    /// Examples of size `shape`, channels before height and width where they are images.
    ///
    /// # Errors
    /// [`Error::Uneven`] where the values are not whole examples or not as many as the targets.
    pub fn new(shape: Vec<usize>, values: Values, targets: Targets) -> Result<Self, Error> {
        let example: usize = shape.iter().product();
        let whole = |numbers: usize| {
            (
                numbers.is_multiple_of(example.max(1)),
                numbers / example.max(1),
            )
        };
        let (whole, len) = match &values {
            Values::Bytes(bytes) => whole(bytes.len()),
            Values::Floats(floats) => whole(floats.len()),
            #[cfg(feature = "images")]
            Values::Pictures(pictures) => (true, pictures.len()),
        };
        if !whole || example == 0 || targets.len().is_some_and(|targets| targets != len) {
            return Err(Error::Uneven {
                shape,
                examples: len,
                targets: targets.len(),
            });
        }
        Ok(Self {
            shape,
            values,
            targets,
            len,
        })
    }

    /// The same numbers as examples of another size.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_shape(self, shape: Vec<usize>) -> Result<Self, Error> {
        Self::new(shape, self.values, self.targets)
    }

    /// The number of examples.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The size of one example.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers in one example.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// What the examples should be answered with.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Writes example `index` to `out`, which has room for its numbers.
    ///
    /// # Errors
    /// [`Error::Index`]; a file that cannot be read or decoded.
    pub fn read(&self, index: usize, out: &mut [f32]) -> Result<(), Error> {
        if index >= self.len {
            return Err(Error::Index {
                len: self.len,
                index,
            });
        }
        let width = self.width();
        let range = index * width..(index + 1) * width;
        match &self.values {
            Values::Bytes(bytes) => {
                for (out, &byte) in out.iter_mut().zip(&bytes[range]) {
                    *out = f32::from(byte) / 255.0;
                }
            }
            Values::Floats(floats) => out.copy_from_slice(&floats[range]),
            #[cfg(feature = "images")]
            Values::Pictures(pictures) => pictures.read(index, out)?,
        }
        Ok(())
    }

    /// The examples from `first` on, `len` of them, row by row.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn rows(&self, first: usize, len: usize) -> Result<Vec<f32>, Error> {
        let width = self.width();
        let mut rows = vec![0.0; len * width];
        for (i, row) in rows.chunks_exact_mut(width).enumerate() {
            self.read(first + i, row)?;
        }
        Ok(rows)
    }

    /// The set with these targets instead of its own.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_targets(self, targets: Targets) -> Result<Self, Error> {
        Self::new(self.shape, self.values, targets)
    }

    /// These examples, then those of `tail`: what [`split_tail`](Self::split_tail) took apart.
    ///
    /// # Errors
    /// [`Error::Unlike`] where the examples are of another size, or they or their targets of another kind.
    pub fn followed_by(self, tail: Self) -> Result<Self, Error> {
        if self.shape != tail.shape {
            return Err(Error::Unlike);
        }
        let values = match (self.values, tail.values) {
            (Values::Bytes(head), Values::Bytes(tail)) => Values::Bytes([head, tail].concat()),
            (Values::Floats(head), Values::Floats(tail)) => Values::Floats([head, tail].concat()),
            #[cfg(feature = "images")]
            (Values::Pictures(head), Values::Pictures(tail)) => {
                Values::Pictures(head.followed_by(tail))
            }
            _ => return Err(Error::Unlike),
        };
        let targets = match (self.targets, tail.targets) {
            (Targets::None, Targets::None) => Targets::None,
            (Targets::Numbers(head), Targets::Numbers(tail)) => {
                Targets::Numbers([head, tail].concat())
            }
            (
                Targets::Classes { labels, classes },
                Targets::Classes {
                    labels: tail,
                    classes: of_tail,
                },
            ) if classes == of_tail => Targets::Classes {
                labels: [labels, tail].concat(),
                classes,
            },
            _ => return Err(Error::Unlike),
        };
        Self::new(self.shape, values, targets)
    }

    /// All but the last `n` examples, and the last `n`.
    ///
    /// # Errors
    /// [`Error::Tail`] if `n` is not less than the number of examples.
    pub fn split_tail(self, n: usize) -> Result<(Self, Self), Error> {
        if n >= self.len {
            return Err(Error::Tail {
                len: self.len,
                tail: n,
            });
        }
        let at = self.len - n;
        let targets = [self.targets.part(0, at), self.targets.part(at, n)];
        let width = self.width();
        let values = match self.values {
            Values::Bytes(mut bytes) => {
                let tail = bytes.split_off(at * width);
                [Values::Bytes(bytes), Values::Bytes(tail)]
            }
            Values::Floats(mut floats) => {
                let tail = floats.split_off(at * width);
                [Values::Floats(floats), Values::Floats(tail)]
            }
            #[cfg(feature = "images")]
            Values::Pictures(pictures) => pictures.split(at).map(Values::Pictures),
        };
        let [head, tail] = values;
        let [head_targets, tail_targets] = targets;
        Ok((
            Self::new(self.shape.clone(), head, head_targets)?,
            Self::new(self.shape, tail, tail_targets)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(n: usize) -> Set {
        let values = (0..2 * n).map(|i| i as f32).collect();
        let targets = Targets::Numbers((0..n).map(|i| i as f32).collect());
        Set::new(vec![2], Values::Floats(values), targets).unwrap()
    }

    #[test]
    fn both_parts_keep_the_order_and_their_targets() {
        let (head, tail) = numbered(5).split_tail(2).unwrap();
        assert_eq!((head.len(), tail.len()), (3, 2));
        assert_eq!(tail.rows(0, 2).unwrap(), [6.0, 7.0, 8.0, 9.0]);
        assert_eq!(tail.targets(), &Targets::Numbers(vec![3.0, 4.0]));
        assert_eq!(head.targets(), &Targets::Numbers(vec![0.0, 1.0, 2.0]));
        let whole = head.followed_by(tail).unwrap();
        assert_eq!(whole.rows(0, 5).unwrap(), numbered(5).rows(0, 5).unwrap());
        assert_eq!(whole.targets(), numbered(5).targets());
        let bare = Set::new(vec![2], Values::Floats(vec![0.0; 2]), Targets::None).unwrap();
        assert!(matches!(whole.followed_by(bare), Err(Error::Unlike)));
        assert!(matches!(
            numbered(5).split_tail(5),
            Err(Error::Tail { len: 5, tail: 5 })
        ));
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let set = numbered(3);
        assert!(matches!(set.rows(2, 2), Err(Error::Index { index: 3, .. })));
        let uneven = Set::new(vec![2], Values::Floats(vec![0.0; 5]), Targets::None);
        assert!(matches!(uneven, Err(Error::Uneven { .. })));
        let targets = Targets::Numbers(vec![1.0]);
        let uneven = Set::new(vec![2], Values::Floats(vec![0.0; 4]), targets);
        let said = uneven.unwrap_err().to_string();
        assert!(
            said.contains("2 examples") && said.contains("1 target"),
            "{said}"
        );
        assert!(Set::new(vec![0], Values::Floats(vec![]), Targets::None).is_err());
    }
}
