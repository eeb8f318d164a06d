//! Stored activations as integers: one byte each, or two in planes of their own.

use super::pack::LANES;

/// Integer codes of activations, in one plane of bytes or two.
///
/// Implemented by `&[u8]` (0 to 255) and [`Wide`] (0 to 65 535).
pub trait Codes: Copy {
    /// One of them.
    type Code: Copy + Ord + Default + Into<i32>;

    /// How many there are.
    fn count(self) -> usize;

    /// `count` ≤ 16 from place `first` on, then zeros.
    fn lanes(self, first: usize, count: usize) -> [Self::Code; LANES];

    /// Each as an integer.
    fn values(self) -> impl Iterator<Item = i32>;
}

impl Codes for &[u8] {
    type Code = u8;

    #[inline(always)]
    fn count(self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn lanes(self, first: usize, count: usize) -> [u8; LANES] {
        let codes = &self[first..first + count];
        codes.first_chunk().copied().unwrap_or_else(|| {
            let mut lanes = [0; LANES];
            lanes[..count].copy_from_slice(codes);
            lanes
        })
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
    type Code = u16;

    #[inline(always)]
    fn count(self) -> usize {
        assert_eq!(self.hi.len(), self.lo.len(), "int8: planes of one length");
        self.hi.len()
    }

    #[inline(always)]
    fn lanes(self, first: usize, count: usize) -> [u16; LANES] {
        let (hi, lo) = (self.hi.lanes(first, count), self.lo.lanes(first, count));
        let mut lanes = [0; LANES];
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane = u16::from(hi[i]) << 8 | u16::from(lo[i]);
        }
        lanes
    }

    #[inline(always)]
    fn values(self) -> impl Iterator<Item = i32> {
        let both = self.hi.iter().zip(self.lo);
        both.map(|(&hi, &lo)| i32::from(hi) << 8 | i32::from(lo))
    }
}
