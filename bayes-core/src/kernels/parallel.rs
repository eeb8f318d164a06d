//! When and how work is shared among rayon's threads without changing a result.
//!
//! The units of work are fixed by the sizes alone. A thread count only decides who does a unit.

use rayon::prelude::*;

/// Floating-point operations from which work is shared among threads: a tenth of a millisecond, where waking another thread and
/// waiting for it costs a third of that. Tests share what is smaller, too.
const LARGE_WORK: usize = if cfg!(test) { 1 << 20 } else { 1 << 23 };

/// Whether an operation of so many floating-point operations is worth sharing.
pub(crate) fn is_large(operations: usize) -> bool {
    operations >= LARGE_WORK
}

/// Whether a pass over so many numbers, which waits for memory, is worth sharing.
pub(crate) fn is_large_pass(numbers: usize) -> bool {
    is_large(24 * numbers)
}

/// The threads that an operation of so many floating-point operations is worth, for work that has the same result however it
/// is shared.
pub(crate) fn threads_for(operations: usize) -> usize {
    match is_large(operations) {
        true => rayon::current_num_threads(),
        false => 1,
    }
}

/// Whether there is more than one thread: handing work to a single one takes tens of microseconds and gains nothing.
fn has_threads() -> bool {
    rayon::current_num_threads() > 1
}

/// Calls `work(index, chunk)` for every chunk of `length` elements, in parallel if `parallel`.
///
/// An empty `data` or a `length` of 0 means no chunks.
pub(crate) fn for_each_chunk<T: Send>(
    data: &mut [T],
    length: usize,
    parallel: bool,
    work: impl Fn(usize, &mut [T]) + Sync + Send,
) {
    if length == 0 {
        return;
    }
    if parallel && has_threads() {
        data.par_chunks_mut(length)
            .enumerate()
            .for_each(|(i, chunk)| work(i, chunk));
    } else {
        data.chunks_mut(length)
            .enumerate()
            .for_each(|(i, chunk)| work(i, chunk));
    }
}

/// As [`for_each_chunk`], with buffers that each thread makes for itself and uses again.
///
/// The buffers' contents must not influence what `work` writes.
pub(crate) fn for_each_chunk_with<T: Send, B>(
    data: &mut [T],
    length: usize,
    parallel: bool,
    buffers: impl Fn() -> B + Sync + Send,
    work: impl Fn(&mut B, usize, &mut [T]) + Sync + Send,
) {
    if length == 0 {
        return;
    }
    if parallel && has_threads() {
        let chunks = data.par_chunks_mut(length).enumerate();
        chunks.for_each_init(buffers, |buffers, (i, chunk)| work(buffers, i, chunk));
    } else {
        let mut buffers = buffers();
        let chunks = data.chunks_mut(length).enumerate();
        chunks.for_each(|(i, chunk)| work(&mut buffers, i, chunk));
    }
}

/// As [`for_each_chunk`], over two slices of the same length at once.
pub(crate) fn for_each_chunk_pair<T: Send>(
    first: &mut [T],
    second: &mut [T],
    length: usize,
    parallel: bool,
    work: impl Fn(usize, &mut [T], &mut [T]) + Sync + Send,
) {
    if length == 0 {
        return;
    }
    if parallel && has_threads() {
        let pairs = first
            .par_chunks_mut(length)
            .zip(second.par_chunks_mut(length));
        pairs
            .enumerate()
            .for_each(|(i, (first, second))| work(i, first, second));
    } else {
        let pairs = first.chunks_mut(length).zip(second.chunks_mut(length));
        pairs
            .enumerate()
            .for_each(|(i, (first, second))| work(i, first, second));
    }
}

/// Calls `work(index, item)` for every item, in parallel if `parallel`.
pub(crate) fn for_each<T: Send>(
    items: Vec<T>,
    parallel: bool,
    work: impl Fn(usize, T) + Sync + Send,
) {
    if parallel && has_threads() {
        items
            .into_par_iter()
            .enumerate()
            .for_each(|(i, item)| work(i, item));
    } else {
        items
            .into_iter()
            .enumerate()
            .for_each(|(i, item)| work(i, item));
    }
}

/// The results of `work(0)` to `work(count - 1)` in that order, in parallel if `parallel`.
pub(crate) fn map_ordered<R: Send>(
    count: usize,
    parallel: bool,
    work: impl Fn(usize) -> R + Sync + Send,
) -> Vec<R> {
    if parallel && has_threads() {
        (0..count).into_par_iter().map(work).collect()
    } else {
        (0..count).map(work).collect()
    }
}
