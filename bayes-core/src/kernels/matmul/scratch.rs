//! Buffers for packed operands, kept by each thread between calls.
//!
//! A fresh buffer costs page faults, which for a product of a hundred rows take as long as a third
//! of the arithmetic.

use std::cell::Cell;

use super::panels::Line;

/// A buffer of more lines than this is freed instead of kept: 16 MiB of f32.
const KEPT_LINES: usize = 1 << 17;

/// Number types that have a per-thread buffer of lines.
pub trait Scratch: Sized {
    /// Takes this thread's buffer; while it is out, further calls get an empty one.
    fn take_lines() -> Vec<Line<Self>>;

    /// Gives a buffer to this thread for later.
    fn keep_lines(lines: Vec<Line<Self>>);
}

macro_rules! impl_scratch {
    ($real:ident) => {
        const _: () = {
            thread_local! {
                static LINES: Cell<Vec<Line<$real>>> = const { Cell::new(Vec::new()) };
            }

            impl Scratch for $real {
                fn take_lines() -> Vec<Line<Self>> {
                    LINES.take()
                }

                fn keep_lines(lines: Vec<Line<Self>>) {
                    if lines.capacity() <= KEPT_LINES {
                        LINES.set(lines);
                    }
                }
            }
        };
    };
}

impl_scratch!(f32);
impl_scratch!(f64);
