//! A stream of noise, readable at any offset.
//!
//! # Layout
//!
//! The bits of a stream are a promise: saved seeds give the same networks in every version.
//!
//! The generator is Philox4x32-10. With `mix` the finaliser of SplitMix64 after its increment
//! (the function `mix` below), its key is the two halves, low first, of
//!
//! ```text
//! mix(mix(mix(seed) ^ path) ^ tag)
//! tag = kind | per_example << 8 | (example >> 32) << 32
//! ```
//!
//! where `kind` is the number of the [`Noise`] kind, and `per_example` is 1 for the noise of one
//! example and 0 for that of a whole tensor, whose `example` is 0. Its counter is
//!
//! ```text
//! [block, example low 32 bits, sample low 32 bits, sample high 32 bits]
//! ```
//!
//! Blocks form groups of 16, which give 64 words: word `w` (0 to 3) of block `16 g + lane` is number
//! `64 g + 16 w + lane` of the words. In terms of them,
//!
//! - uniform `i` comes from word `i`;
//! - normals `64 g + 32 h + lane` and `64 g + 32 h + 16 + lane` (`h` 0 or 1) are the Box-Muller pair
//!   of the words of the same numbers;
//! - sign `2048 g + 512 w + 16 bit + lane` is bit `bit` of word `64 g + 16 w + lane`.
//!
//! A stream has `2^34` normals or uniforms and `2^39` signs, then repeats.

use super::key::{DrawId, Noise};
use super::normal::box_muller;
use super::philox::{GroupWords, LANES, philox_group, philox4x32_10};
use super::uniform::{sign, uniform};
use crate::kernels::isa::{Isa, Kernel};

/// The number of normals or uniforms in a group, the unit in which they are computed.
pub const GROUP: usize = 4 * LANES;

/// The noise of one tensor, or of one tensor and example, in one draw.
///
/// Made by [`Key::stream`](super::Key::stream) and
/// [`Key::example_stream`](super::Key::example_stream). Element `i` of a stream is a function of the
/// stream and `i`: reading `first..first + n` in one piece, in several, or on several threads gives
/// the same values. Normals, uniforms and signs are three views of the same random words, so one
/// stream must serve one of them only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    key: [u32; 2],
    /// The words of the counter after the block index.
    fixed: [u32; 3],
}

impl Stream {
    /// The noise of a whole tensor.
    pub(super) fn whole_tensor(draw: DrawId, path: u64, kind: Noise) -> Stream {
        Stream::with_tag(draw, path, kind as u64, 0)
    }

    /// The noise of the example with absolute index `example`.
    pub(super) fn of_example(draw: DrawId, path: u64, kind: Noise, example: u64) -> Stream {
        let tag = kind as u64 | 1 << 8 | (example >> 32) << 32;
        Stream::with_tag(draw, path, tag, example as u32)
    }

    fn with_tag(draw: DrawId, path: u64, tag: u64, example_low: u32) -> Stream {
        let key = mix(mix(mix(draw.seed) ^ path) ^ tag);
        Stream {
            key: [key as u32, (key >> 32) as u32],
            fixed: [example_low, draw.sample as u32, (draw.sample >> 32) as u32],
        }
    }

    /// Writes the standard normals `first..first + out.len()` of the stream.
    pub fn fill_normal(&self, first: usize, out: &mut [f32]) {
        self.fill_normal_on(Isa::active(), first, out);
    }

    /// [`Stream::fill_normal`] on a given instruction set (the portable one where it is missing).
    pub fn fill_normal_on(&self, isa: Isa, first: usize, out: &mut [f32]) {
        isa.run(Fill {
            sequence: Normals(*self),
            first,
            out,
        });
    }

    /// Writes the uniform numbers `first..first + out.len()` of the stream, in `[0, 1)`.
    pub fn fill_uniform(&self, first: usize, out: &mut [f32]) {
        self.fill_uniform_on(Isa::active(), first, out);
    }

    /// [`Stream::fill_uniform`] on a given instruction set (the portable one where it is missing).
    pub fn fill_uniform_on(&self, isa: Isa, first: usize, out: &mut [f32]) {
        isa.run(Fill {
            sequence: Uniforms(*self),
            first,
            out,
        });
    }

    /// Writes the random signs `first..first + out.len()` of the stream, each -1 or 1.
    pub fn fill_signs(&self, first: usize, out: &mut [f32]) {
        self.fill_signs_on(Isa::active(), first, out);
    }

    /// [`Stream::fill_signs`] on a given instruction set (the portable one where it is missing).
    pub fn fill_signs_on(&self, isa: Isa, first: usize, out: &mut [f32]) {
        isa.run(Fill {
            sequence: Signs::new(*self),
            first,
            out,
        });
    }

    /// Normal `i` of the stream, computed alone: the reference for [`Stream::fill_normal`].
    pub fn normal_at(&self, i: usize) -> f32 {
        let first_of_pair = i & !LANES;
        let second_of_pair = i | LANES;
        let pair = box_muller(self.word_at(first_of_pair), self.word_at(second_of_pair));
        if i == first_of_pair { pair.0 } else { pair.1 }
    }

    /// Uniform number `i` of the stream, computed alone: the reference for [`Stream::fill_uniform`].
    pub fn uniform_at(&self, i: usize) -> f32 {
        uniform(self.word_at(i))
    }

    /// Sign `i` of the stream, computed alone: the reference for [`Stream::fill_signs`].
    pub fn sign_at(&self, i: usize) -> f32 {
        let (row_of_words, bit, lane) = (i / (32 * LANES), i / LANES % 32, i % LANES);
        sign(self.word_at(row_of_words * LANES + lane), bit as u32)
    }

    /// Writes the normals `GROUP * group .. GROUP * (group + 1)` of the stream.
    ///
    /// For kernels that use the numbers on the spot: it is compiled for the instruction set of the
    /// function it is called from, see [`Kernel`].
    #[inline(always)]
    pub fn normal_group(&self, group: usize, out: &mut [f32; GROUP]) {
        let [w0, w1, w2, w3] = self.words(group);
        let (low, high) = out.split_at_mut(2 * LANES);
        for (half, x, y) in [(low, w0, w1), (high, w2, w3)] {
            let (first, second) = half.split_at_mut(LANES);
            for lane in 0..LANES {
                (first[lane], second[lane]) = box_muller(x[lane], y[lane]);
            }
        }
    }

    /// The random words of a group of 16 blocks.
    #[inline(always)]
    fn words(&self, group: usize) -> GroupWords {
        philox_group(group as u32, self.fixed, self.key)
    }

    /// Random word `i` of the stream.
    fn word_at(&self, i: usize) -> u32 {
        let (group, word, lane) = (i / GROUP, i / LANES % 4, i % LANES);
        let block = (group * LANES + lane) as u32;
        let [c1, c2, c3] = self.fixed;
        philox4x32_10([block, c1, c2, c3], self.key)[word]
    }
}

/// A sequence of numbers computed in groups of `N`.
///
/// Implementations are `#[inline(always)]`, see [`Kernel`].
trait Sequence<const N: usize> {
    /// Writes elements `N * group .. N * (group + 1)`.
    fn write_group(&mut self, group: usize, out: &mut [f32; N]);
}

/// The standard normals of a stream.
struct Normals(Stream);

impl Sequence<GROUP> for Normals {
    #[inline(always)]
    fn write_group(&mut self, group: usize, out: &mut [f32; GROUP]) {
        self.0.normal_group(group, out);
    }
}

/// The uniform numbers of a stream.
struct Uniforms(Stream);

impl Sequence<GROUP> for Uniforms {
    #[inline(always)]
    fn write_group(&mut self, group: usize, out: &mut [f32; GROUP]) {
        let words = self.0.words(group);
        for (number, word) in out.iter_mut().zip(words.as_flattened()) {
            *number = uniform(*word);
        }
    }
}

/// The signs of a stream, a row of [`LANES`] at a time, which share the position of their bit.
///
/// Whole groups would be too large to compute for a few signs, so the words of a group are kept while
/// its rows are written.
struct Signs {
    stream: Stream,
    /// The group whose words are in `words`, if any are.
    group: Option<usize>,
    words: GroupWords,
}

impl Signs {
    /// The rows of signs in a group of words: 32 bits of 4 words.
    const ROWS: usize = 4 * 32;

    /// No words are computed here, because this runs outside of [`Isa::run`].
    fn new(stream: Stream) -> Signs {
        Signs {
            stream,
            group: None,
            words: [[0; LANES]; 4],
        }
    }
}

impl Sequence<LANES> for Signs {
    #[inline(always)]
    fn write_group(&mut self, row: usize, out: &mut [f32; LANES]) {
        let group = Some(row / Signs::ROWS);
        if self.group != group {
            self.group = group;
            self.words = self.stream.words(row / Signs::ROWS);
        }
        let (word, bit) = (row / 32 % 4, row % 32);
        for (number, word) in out.iter_mut().zip(self.words[word]) {
            *number = sign(word, bit as u32);
        }
    }
}

/// Writes elements `first..first + out.len()` of a sequence.
struct Fill<'a, S, const N: usize> {
    sequence: S,
    first: usize,
    out: &'a mut [f32],
}

impl<S: Sequence<N>, const N: usize> Kernel for Fill<'_, S, N> {
    type Output = ();

    /// Whole groups are computed in place; those cut by either end go through a buffer.
    #[inline(always)]
    fn run(mut self) {
        let (mut group, mut skipped) = (self.first / N, self.first % N);
        let mut rest = self.out;
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at_mut(rest.len().min(N - skipped));
            if let Some(whole) = piece.as_mut_array() {
                self.sequence.write_group(group, whole);
            } else {
                let mut buffer = [0.0; N];
                self.sequence.write_group(group, &mut buffer);
                piece.copy_from_slice(&buffer[skipped..skipped + piece.len()]);
            }
            (group, skipped) = (group + 1, 0);
            rest = tail;
        }
    }
}

/// SplitMix64's increment and finaliser (Steele, Lea and Flood, 2014): a bijection of 64 bits.
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Key;

    type FillOn = fn(&Stream, Isa, usize, &mut [f32]);
    type At = fn(&Stream, usize) -> f32;

    const VIEWS: [(&str, FillOn, At); 3] = [
        ("normal", Stream::fill_normal_on, Stream::normal_at),
        ("uniform", Stream::fill_uniform_on, Stream::uniform_at),
        ("signs", Stream::fill_signs_on, Stream::sign_at),
    ];

    fn stream() -> Stream {
        let draw = DrawId {
            seed: 11,
            sample: 5,
        };
        Stream::of_example(draw, Key::MEAN.field("weight").path, Noise::Weight, 77)
    }

    #[test]
    fn every_instruction_set_gives_the_bits_of_the_reference() {
        let stream = stream();
        let offsets = [
            0,
            1,
            15,
            16,
            17,
            63,
            64,
            65,
            127,
            2047,
            2048,
            4095,
            0x7FFF_FF01,
        ];
        let lengths = [0, 1, 7, 15, 16, 17, 63, 64, 65, 130, 257, 2113];
        for (name, fill, at) in VIEWS {
            for isa in Isa::available() {
                for first in offsets {
                    for len in lengths {
                        let mut got = vec![f32::NAN; len];
                        fill(&stream, isa, first, &mut got);
                        for (i, got) in got.iter().enumerate() {
                            let want = at(&stream, first + i);
                            assert_eq!(
                                got.to_bits(),
                                want.to_bits(),
                                "{name} {} on {isa} of {len} from {first}",
                                first + i
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_default_instruction_set_gives_the_same_numbers() {
        let stream = stream();
        let mut out = [0.0; 100];
        stream.fill_normal(3, &mut out);
        assert_eq!(out[99], stream.normal_at(102));
        stream.fill_uniform(3, &mut out);
        assert_eq!(out[99], stream.uniform_at(102));
        stream.fill_signs(3, &mut out);
        assert_eq!(out[99], stream.sign_at(102));
    }

    #[test]
    fn a_group_of_normals_is_a_slice_of_the_stream() {
        let mut group = [0.0; GROUP];
        stream().normal_group(3, &mut group);
        for (i, z) in group.into_iter().enumerate() {
            assert_eq!(z, stream().normal_at(3 * GROUP + i));
        }
    }

    /// The layout in the module's documentation, spelled out.
    #[test]
    fn key_and_counter_follow_the_documented_layout() {
        let draw = DrawId {
            seed: 0xAAAA_BBBB_CCCC_DDDD,
            sample: 0x1111_2222_3333_4444,
        };
        let stream = Stream::of_example(draw, 99, Noise::Local, 0x5_0000_0007);
        let key = mix(mix(mix(draw.seed) ^ 99) ^ 0x0000_0005_0000_0103);
        assert_eq!(stream.key, [key as u32, (key >> 32) as u32]);
        assert_eq!(stream.fixed, [7, 0x3333_4444, 0x1111_2222]);

        let word =
            |block, w: usize| philox4x32_10([block, 7, 0x3333_4444, 0x1111_2222], stream.key)[w];
        assert_eq!(
            stream.normal_at(64 + 32 + 3),
            box_muller(word(19, 2), word(19, 3)).0
        );
        assert_eq!(
            stream.normal_at(64 + 48 + 3),
            box_muller(word(19, 2), word(19, 3)).1
        );
        assert_eq!(stream.uniform_at(64 + 32 + 3), uniform(word(19, 2)));
        assert_eq!(
            stream.sign_at(2048 + 1024 + 16 * 9 + 3),
            sign(word(19, 2), 9)
        );
    }

    /// The first outputs of SplitMix64 from state 0, as published.
    #[test]
    fn mix_is_splitmix64() {
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(mix(0x9E37_79B9_7F4A_7C15), 0x6E78_9E6A_A1B9_65F4);
    }
}
