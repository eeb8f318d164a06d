//! The key of a draw: which noise a tensor gets, as a value.

use super::stream::Stream;

/// The offset basis of 64-bit FNV-1a: the hash of the empty field path.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
/// The prime of 64-bit FNV-1a.
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// One member of the ensemble of draws that a seed stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DrawId {
    /// The user's seed.
    pub seed: u64,
    /// The index of the sample (ensemble member) under that seed.
    pub sample: u64,
}

/// Says which noise a tensor sees: the draw, the tensor's field path and the first example.
///
/// A key is a plain value. It is handed down the fields of a model, each of which derives the key of
/// its own fields with [`Key::field`] and [`Key::index`]; equal keys always give equal noise, in any
/// order, on any thread and on any processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The draw, or `None` for the posterior mean, which has no noise.
    pub draw: Option<DrawId>,
    /// The absolute index, in the whole data set or request, of the batch's first example.
    pub first_example: u64,
    /// The 64-bit FNV-1a hash of the dotted field path, such as `conv1.0.weight`.
    pub path: u64,
}

/// What a tensor's noise is used for. Each kind has noise of its own.
///
/// The numbers are part of the noise's definition and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Noise {
    /// The standard normal epsilon of a drawn parameter: `w = mu + sigma * epsilon`.
    Weight = 0,
    /// Flipout's signs of the input channels, one per example and channel (Wen et al., 2018).
    SignIn = 1,
    /// Flipout's signs of the output channels, one per example and channel.
    SignOut = 2,
    /// The noise of local reparameterisation, one per pre-activation (Kingma et al., 2015).
    Local = 3,
    /// Dropout masks.
    Dropout = 4,
    /// The random part of adaptive prediction sets, one per example (Romano et al., 2020).
    Conformal = 5,
    /// The length of a radial draw, one number for a tensor (Farquhar et al., 2020).
    Radius = 6,
    /// A low-rank posterior's numbers, one for each direction.
    Factor = 7,
}

impl Key {
    /// The key of the posterior mean at the root of a model.
    pub const MEAN: Key = Key {
        draw: None,
        first_example: 0,
        path: FNV_OFFSET,
    };

    /// The key of one draw at the root of a model: an empty path, and examples counted from 0.
    pub const fn new(seed: u64, sample: u64) -> Key {
        Key {
            draw: Some(DrawId { seed, sample }),
            ..Key::MEAN
        }
    }

    /// The key of the field `name` of what this key belongs to.
    ///
    /// Paths join with dots: `key.field("conv1").field("weight") == key.field("conv1.weight")`.
    pub const fn field(self, name: &str) -> Key {
        Key {
            path: extend_path(self.path, name.as_bytes()),
            ..self
        }
    }

    /// The key of element `i` of a tuple or list: [`Key::field`] of `i` in decimal.
    pub const fn index(self, i: usize) -> Key {
        // 20 digits hold every u64.
        let mut digits = [0u8; 20];
        let mut start = digits.len();
        let mut rest = i as u64;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        Key {
            path: extend_path(self.path, digits.split_at(start).1),
            ..self
        }
    }

    /// The same key for a batch whose first example has the absolute index `first`.
    pub const fn at_example(self, first: u64) -> Key {
        Key {
            first_example: first,
            ..self
        }
    }

    /// The noise of a whole tensor, or `None` for the posterior mean.
    ///
    /// It does not depend on [`Key::first_example`].
    pub fn stream(&self, kind: Noise) -> Option<Stream> {
        Some(Stream::whole_tensor(self.draw?, self.path, kind))
    }

    /// The noise of the example with absolute index `first_example + row`, or `None` for the
    /// posterior mean.
    ///
    /// How a data set is split into batches therefore does not change an example's noise.
    pub fn example_stream(&self, kind: Noise, row: u64) -> Option<Stream> {
        let example = self.first_example.wrapping_add(row);
        Some(Stream::of_example(self.draw?, self.path, kind, example))
    }
}

/// The hash of a path one name longer, continued from the hash of the path so far.
const fn extend_path(path: u64, name: &[u8]) -> u64 {
    let mut hash = path;
    if hash != FNV_OFFSET {
        hash = fnv1a_step(hash, b'.');
    }
    let mut i = 0;
    while i < name.len() {
        hash = fnv1a_step(hash, name[i]);
        i += 1;
    }
    hash
}

/// One byte of FNV-1a (Fowler, Noll and Vo).
const fn fnv1a_step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(FNV_PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_fnv1a_of_the_dotted_path() {
        // Published FNV-1a test vectors.
        assert_eq!(Key::MEAN.path, 0xcbf2_9ce4_8422_2325);
        assert_eq!(Key::MEAN.field("a").path, 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Key::MEAN.field("foobar").path, 0x8594_4171_f739_67e8);
    }

    #[test]
    fn fields_and_indices_join_with_dots() {
        let key = Key::new(7, 3).at_example(5);
        assert_eq!(key.field("a").field("b"), key.field("a.b"));
        assert_ne!(key.field("a").field("b"), key.field("ab"));
        for i in [0, 9, 10, 123, 9_876_543_210] {
            let dotted = format!("conv1.{i}.weight");
            assert_eq!(
                key.field("conv1").index(i).field("weight"),
                key.field(&dotted)
            );
        }
        assert_eq!(key.index(usize::MAX), key.field(&usize::MAX.to_string()));
    }

    #[test]
    fn keys_are_made_at_compile_time() {
        const KEY: Key = Key::new(1, 2).field("layers").index(0).at_example(64);
        assert_eq!(KEY, Key::new(1, 2).at_example(64).field("layers.0"));
    }

    #[test]
    fn the_mean_has_no_noise() {
        let mean = Key::MEAN.field("weight");
        assert!(mean.stream(Noise::Weight).is_none());
        assert!(mean.example_stream(Noise::SignIn, 0).is_none());
    }

    #[test]
    fn example_noise_follows_the_absolute_example() {
        let key = Key::new(1, 0).field("weight");
        let tenth = key.example_stream(Noise::Local, 10);
        assert!(tenth.is_some());
        assert_eq!(tenth, key.at_example(8).example_stream(Noise::Local, 2));
        assert_ne!(tenth, key.example_stream(Noise::Local, 11));
        assert_eq!(
            key.stream(Noise::Local),
            key.at_example(8).stream(Noise::Local)
        );
    }

    #[test]
    fn every_part_of_a_key_changes_the_stream() {
        let key = Key::new(1, 2).field("weight").at_example(3);
        let streams = [
            key.stream(Noise::Weight),
            key.stream(Noise::Dropout),
            Key::new(2, 2).field("weight").stream(Noise::Weight),
            Key::new(1, 1).field("weight").stream(Noise::Weight),
            key.field("x").stream(Noise::Weight),
            key.at_example(0).example_stream(Noise::Weight, 0),
            key.example_stream(Noise::Weight, 0),
            key.example_stream(Noise::Weight, 1 << 32),
            key.example_stream(Noise::Dropout, 0),
        ];
        for (i, a) in streams.iter().enumerate() {
            for b in &streams[i + 1..] {
                assert_ne!(a, b);
            }
        }
    }
}
