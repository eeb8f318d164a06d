//! A batch of examples on the host.

use super::Error;

/// A batch of examples: `rows` times as many numbers, one example after the other.
///
/// ```
/// use bayes_models::models::Examples;
///
/// let pixels = [0.5; 3 * 64];
/// let images = Examples::new(3, &pixels)?;
/// assert_eq!((images.rows(), images.width()), (3, 64));
/// assert!(Examples::new(4, &pixels[..63]).is_err());
/// # Ok::<(), bayes_models::models::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Examples<'a> {
    rows: usize,
    values: &'a [f32],
}

impl<'a> Examples<'a> {
    /// `rows` examples.
    ///
    /// # Errors
    /// No rows, or numbers that are not equally many for each.
    pub fn new(rows: usize, values: &'a [f32]) -> Result<Self, Error> {
        if rows == 0 || !values.len().is_multiple_of(rows) {
            return Err(Error::Rows {
                rows,
                numbers: values.len(),
            });
        }
        Ok(Self { rows, values })
    }

    /// The number of examples.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers of one example.
    pub fn width(&self) -> usize {
        self.values.len() / self.rows
    }

    /// All numbers.
    pub fn values(&self) -> &'a [f32] {
        self.values
    }
}
