//! New memory for results.
//!
//! A vector of zeros that is then overwritten costs a pass over its memory by one thread. What is made piece by piece needs
//! none: each piece is made where the cache is near, and moved to its place.

use super::parallel::{for_each_chunk, for_each_chunk_with, is_large, is_large_pass};
use std::mem::MaybeUninit;

/// Numbers that are made at a time: with three operands besides, what the first cache holds.
const PIECE: usize = 2048;

/// So many zeros, written by all threads where they are many.
pub(crate) fn zeros<E: Copy + Default + Send + Sync>(len: usize) -> Vec<E> {
    match is_large_pass(len) {
        false => vec![E::default(); len],
        true => written(len, |out| {
            for_each_chunk(out, 1 << 15, true, |_, out| {
                out.fill(MaybeUninit::new(E::default()));
            });
        }),
    }
}

/// The numbers that `make(first, piece)` writes, `first` being the index of the piece's first number, at so many
/// floating-point operations for each.
///
/// What is in a piece before must not influence what `make` writes.
pub(crate) fn in_pieces<E: Copy + Default + Send + Sync>(
    len: usize,
    operations: usize,
    make: impl Fn(usize, &mut [E]) + Sync + Send,
) -> Vec<E> {
    let parallel = is_large(operations * len);
    written(len, |out| {
        let buffer = || [E::default(); PIECE];
        for_each_chunk_with(out, PIECE, parallel, buffer, |buffer, piece, out| {
            let buffer = &mut buffer[..out.len()];
            make(piece * PIECE, buffer);
            out.write_copy_of_slice(buffer);
        });
    })
}

/// A vector of so many elements, every one of which `write` writes.
fn written<E>(len: usize, write: impl FnOnce(&mut [MaybeUninit<E>])) -> Vec<E> {
    let mut elements = Vec::with_capacity(len);
    write(&mut elements.spare_capacity_mut()[..len]);
    // SAFETY: the capacity is at least `len`, and both callers write every element of what they are given.
    unsafe { elements.set_len(len) };
    elements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::with_one_and_two_threads;

    #[test]
    fn every_element_is_written_whatever_the_length_and_the_threads() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7, 300_000] {
            let want: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let made = with_one_and_two_threads(|| {
                let numbers = in_pieces(len, 32, |first, out| {
                    for (i, x) in out.iter_mut().enumerate() {
                        *x = (first + i) as f32;
                    }
                });
                (numbers, zeros::<f64>(len))
            });
            for (numbers, zeros) in made {
                assert_eq!(numbers, want);
                assert_eq!(zeros, vec![0.0; len]);
            }
        }
    }
}
