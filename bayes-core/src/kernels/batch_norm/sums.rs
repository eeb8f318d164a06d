//! Sums over one channel of N × C × inner in f64, in an order fixed by the sizes.

use std::ops::Range;

use super::{ChannelStatistics, Sizes};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::real::Real;

/// Sums kept side by side, so that additions need not wait for each other.
const LANES: usize = 16;

/// Values that are summed together: few enough to be in the first cache when they are read again.
const BLOCK: usize = 4096;

/// Mean and mean squared deviation from it of one channel, which has values.
///
/// Each block of values is read twice while it is in the cache, for its mean and then for its squares; blocks are put together
/// as Chan, Golub and LeVeque (1979) do it. A large mean costs no digits, and memory is read once.
pub(in crate::kernels) fn moments<E: Real>(
    isa: Isa,
    sizes: Sizes,
    x: &[E],
    channel: usize,
) -> ChannelStatistics {
    let [n, _, inner] = sizes;
    let (examples, positions) = ((BLOCK / inner).clamp(1, n), inner.min(BLOCK));
    let mut all = Moments::default();
    for first in (0..n).step_by(examples) {
        for start in (0..inner).step_by(positions) {
            let block = Block {
                sizes,
                channel,
                examples: first..n.min(first + examples),
                positions: start..inner.min(start + positions),
            };
            all.join(block.moments(isa, x));
        }
    }
    ChannelStatistics {
        mean: all.mean,
        variance: all.squares / all.count,
    }
}

/// Number, mean and squared deviations of some values.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn join(&mut self, other: Self) {
        let (count, apart) = (self.count + other.count, other.mean - self.mean);
        self.squares += other.squares + apart * apart * self.count * (other.count / count);
        self.mean += apart * (other.count / count);
        self.count = count;
    }
}

/// Σ g and Σ g·(x − mean).
pub(in crate::kernels) fn gradient_products<E: Real>(
    isa: Isa,
    sizes: Sizes,
    [x, g]: [&[E]; 2],
    c: usize,
    mean: f64,
) -> [f64; 2] {
    let block = Block {
        sizes,
        channel: c,
        examples: 0..sizes[0],
        positions: 0..sizes[2],
    };
    block.sums(isa, [x, g], GradientProduct { mean })
}

/// Some examples' values of one channel at some positions.
#[derive(Clone, Debug)]
struct Block {
    sizes: Sizes,
    channel: usize,
    examples: Range<usize>,
    positions: Range<usize>,
}

impl Block {
    fn moments<E: Real>(&self, isa: Isa, x: &[E]) -> Moments {
        let [_, channels, inner] = self.sizes;
        let first = (self.examples.start * channels + self.channel) * inner;
        // A shift by one of the values keeps the digits of a large mean.
        let origin = x[first + self.positions.start].widen();
        let count = (self.examples.len() * self.positions.len()) as f64;
        let [deviations, _] = self.sums(isa, [x, x], Deviation { origin });
        let mean = origin + deviations / count;
        let [squares, _] = self.sums(isa, [x, x], CentredSquare { mean });
        Moments {
            count,
            mean,
            squares,
        }
    }

    fn sums<E: Real>(&self, isa: Isa, [x, g]: [&[E]; 2], term: impl Term) -> [f64; 2] {
        let block = self.clone();
        isa.run(BlockSums { block, x, g, term })
    }
}

/// What an element x with gradient g adds to up to two sums.
trait Term: Copy {
    fn of(self, x: f64, g: f64) -> [f64; 2];
}

#[derive(Clone, Copy)]
struct Deviation {
    origin: f64,
}

impl Term for Deviation {
    #[inline(always)]
    fn of(self, x: f64, _: f64) -> [f64; 2] {
        [x - self.origin, 0.0]
    }
}

#[derive(Clone, Copy)]
struct CentredSquare {
    mean: f64,
}

impl Term for CentredSquare {
    #[inline(always)]
    fn of(self, x: f64, _: f64) -> [f64; 2] {
        [(x - self.mean) * (x - self.mean), 0.0]
    }
}

#[derive(Clone, Copy)]
struct GradientProduct {
    mean: f64,
}

impl Term for GradientProduct {
    #[inline(always)]
    fn of(self, x: f64, g: f64) -> [f64; 2] {
        [g, g * (x - self.mean)]
    }
}

struct BlockSums<'a, E, T> {
    block: Block,
    x: &'a [E],
    g: &'a [E],
    term: T,
}

impl<E: Real, T: Term> Kernel for BlockSums<'_, E, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let Self { block, x, g, term } = self;
        let Block {
            sizes: [_, channels, inner],
            channel,
            examples,
            positions,
        } = block;
        let mut sums = [[0.0; LANES]; 2];
        for n in examples {
            let start = (n * channels + channel) * inner;
            let line = start + positions.start..start + positions.end;
            let (x, x_rest) = x[line.clone()].as_chunks::<LANES>();
            let (g, g_rest) = g[line].as_chunks::<LANES>();
            for (x, g) in x.iter().zip(g) {
                add(&mut sums, x, g, term);
            }
            for (lane, (x, g)) in x_rest.iter().zip(g_rest).enumerate() {
                let [first, second] = term.of(x.widen(), g.widen());
                sums[0][lane] += first;
                sums[1][lane] += second;
            }
        }
        sums.map(|lanes| lanes.iter().sum())
    }
}

/// Adds one element per lane.
#[inline(always)]
fn add<E: Real, T: Term>(sums: &mut [[f64; LANES]; 2], x: &[E; LANES], g: &[E; LANES], term: T) {
    for lane in 0..LANES {
        let [first, second] = term.of(x[lane].widen(), g[lane].widen());
        sums[0][lane] += first;
        sums[1][lane] += second;
    }
}
