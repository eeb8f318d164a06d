//! Stored activations as integers: one byte each, or two in planes of their own.

/// Integer codes of activations, in one plane of bytes or two.
///
/// Implemented by `&[u8]` (0 to 255) and [`Wide`] (0 to 65 535).
pub trait Codes: Copy {
    /// How many there are.
    fn count(self) -> usize;

    /// Those in a range of places.
    fn part(self, first: usize, count: usize) -> Self;

    /// Each as an integer.
    fn values(self) -> impl Iterator<Item = i32>;
}

impl Codes for &[u8] {
    #[inline(always)]
    fn count(self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn part(self, first: usize, count: usize) -> Self {
        &self[first..first + count]
    }

    #[inline(always)]
    fn values(self) -> impl Iterator<Item = i32> {
        self.iter().map(|&code| i32::from(code))
    }
}

/// Codes of 16 bits, 256·hi + lo, whose halves lie in two planes.
///
/// Each plane is an input of [`product`](super::product), so a wide activation takes two products.
#[derive(Clone, Copy, Debug)]
pub struct Wide<'a> {
    /// The upper halves.
    pub hi: &'a [u8],
    /// The lower halves.
    pub lo: &'a [u8],
}

impl Codes for Wide<'_> {
    #[inline(always)]
    fn count(self) -> usize {
        assert_eq!(self.hi.len(), self.lo.len(), "int8: planes of one length");
        self.hi.len()
    }

    #[inline(always)]
    fn part(self, first: usize, count: usize) -> Self {
        Self {
            hi: self.hi.part(first, count),
            lo: self.lo.part(first, count),
        }
    }

    #[inline(always)]
    fn values(self) -> impl Iterator<Item = i32> {
        let both = self.hi.iter().zip(self.lo);
        both.map(|(&hi, &lo)| i32::from(hi) << 8 | i32::from(lo))
    }
}
