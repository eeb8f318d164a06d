//! Buffers for packed operands, kept by each thread between calls.
//!
//! A fresh buffer costs page faults, which for a product of a hundred rows take as long as a third
//! of the arithmetic.

use std::cell::Cell;

use super::panels::Line;
use super::strips::STRIP;

/// Number types that have per-thread buffers for the parts of operands that a product packs at a time, which are small.
pub trait Scratch: Sized {
    /// Takes this thread's buffer of lines; while it is out, further calls get an empty one.
    fn take_lines() -> Vec<Line<Self>>;

    /// Gives a buffer to this thread for later.
    fn keep_lines(lines: Vec<Line<Self>>);

    /// As [`Self::take_lines`], of strips' columns.
    fn take_columns() -> Vec<[Self; STRIP]>;

    /// Gives a buffer to this thread for later.
    fn keep_columns(columns: Vec<[Self; STRIP]>);
}

/// Makes a used buffer at least so long. A longer one stays so: what it would grow by again would have to be filled.
pub(super) fn at_least<T: Clone>(buffer: &mut Vec<T>, length: usize, filler: T) {
    if buffer.len() < length {
        buffer.resize(length, filler);
    }
}

macro_rules! impl_scratch {
    ($real:ident) => {
        const _: () = {
            thread_local! {
                static LINES: Cell<Vec<Line<$real>>> = const { Cell::new(Vec::new()) };
                static COLUMNS: Cell<Vec<[$real; STRIP]>> = const { Cell::new(Vec::new()) };
            }

            impl Scratch for $real {
                fn take_lines() -> Vec<Line<Self>> {
                    LINES.take()
                }

                fn keep_lines(lines: Vec<Line<Self>>) {
                    LINES.set(lines);
                }

                fn take_columns() -> Vec<[Self; STRIP]> {
                    COLUMNS.take()
                }

                fn keep_columns(columns: Vec<[Self; STRIP]>) {
                    COLUMNS.set(columns);
                }
            }
        };
    };
}

impl_scratch!(f32);
impl_scratch!(f64);
