//! Files: what is altered is found out, and what is wrong says so.

use bayes_core::int8::FileError;
use bayes_core::predict::Tokens;
use bayes_core::prelude::*;
use rayon::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[bayesian(estimator = Reparameterization)]
struct Tiny {
    fc: Linear<2, 2>,
    act: Tanh,
}

#[bayesian]
struct Other {
    fc: Linear<2, 3>,
}

fn tiny() -> QuantTiny {
    let dev = Cpu::seed_from_u64(1);
    let twin = BayesTiny::from_pretrained(&dev.build_module::<Tiny, f32>()).unwrap();
    let x: Tensor<Rank2<9, 2>, f32, _> = dev.sample_normal();
    twin.quantize([x]).unwrap()
}

fn predict(quant: &QuantTiny) -> Result<Draws<f32>, Error> {
    let x: Tensor<Rank2<1, 2>, f32, _> = Cpu::default().tensor([[0.4, -0.7]]);
    quant.predict(x, 1, 3).draws()
}

/// Counts what a thread holds, and the most that it held.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator as it came; the counters do not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = HELD.try_with(|held| {
            held.set(held.get().wrapping_add(layout.size()));
            let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
        });
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _ = HELD.try_with(|held| held.set(held.get().wrapping_sub(layout.size())));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that `work` held on this thread beyond what was held before.
fn most<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.with(Cell::get);
    MOST.with(|most| most.set(before));
    let result = work();
    (result, MOST.with(Cell::get).wrapping_sub(before))
}

/// Numbers from a seed (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) % n.max(1) as u64) as usize
    }
}

/// The bytes after one to three changes: a flipped bit, another byte, bytes taken out, put in or moved, an end cut off.
fn mutated(bytes: &[u8], first: usize, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + numbers.below(3) {
        let place = first + numbers.below(bytes.len().saturating_sub(first).max(1));
        let place = place.min(bytes.len() - 1);
        let end = (place + 1 + numbers.below(4)).min(bytes.len());
        match numbers.below(6) {
            0 => bytes[place] ^= 1 << numbers.below(8),
            1 => bytes[place] = numbers.below(256) as u8,
            2 => drop(bytes.drain(place..end)),
            3 => bytes.insert(place, b"0123456789\"{}[],:-.eEn"[numbers.below(22)]),
            4 => {
                let piece = bytes[place..end].to_vec();
                let to = first + numbers.below(bytes.len() - first);
                bytes.splice(to..to, piece);
            }
            _ => bytes.truncate(bytes.len() - numbers.below(8).min(bytes.len() - first - 1)),
        }
    }
    bytes
}

/// CRC-32 as its definition has it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

/// Makes checksum and length right again.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let payload = bytes.split_off(24);
    bytes[12..16].copy_from_slice(&crc32fast::hash(&payload).to_le_bytes());
    bytes[16..24].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend(payload);
    bytes
}

#[test]
fn every_cut_and_a_million_changes_are_found_out() {
    let bytes = tiny().to_bytes().unwrap();
    assert_eq!(
        crc32(&bytes[24..]).to_le_bytes(),
        bytes[12..16],
        "the checksum is CRC-32 of what follows the header"
    );
    assert_eq!(sealed(bytes.clone()), bytes);
    for length in 0..bytes.len() {
        assert!(QuantTiny::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    (0..1_000_000u64).into_par_iter().for_each(|seed| {
        let changed = mutated(&bytes, 0, &mut Numbers(seed));
        if changed != bytes {
            let (result, held) = most(|| QuantTiny::from_bytes(&changed));
            assert!(result.is_err(), "seed {seed}");
            assert!(
                held <= 64 * changed.len() + 4096,
                "seed {seed}: {held} bytes"
            );
        }
    });
}

#[test]
fn what_has_a_right_checksum_is_checked_all_the_same() {
    let bytes = tiny().to_bytes().unwrap();
    let loaded = (0..200_000u64).into_par_iter().map(|seed| {
        let changed = sealed(mutated(&bytes, 24, &mut Numbers(!seed)));
        let (result, held) = most(|| QuantTiny::from_bytes(&changed));
        assert!(
            held <= 64 * changed.len() + 65_536,
            "seed {seed}: {held} bytes of {}",
            changed.len()
        );
        // Numbers may be others than they were; a prediction with them goes well or is an error.
        result.is_ok_and(|quant| {
            let _ = predict(&quant);
            true
        })
    });
    let loaded = loaded.filter(|&loaded| loaded).count();
    println!("{loaded} of 200000 loaded");
    assert!((1_000..199_000).contains(&loaded), "{loaded}");
}

/// Words, two directions of steps, and attention.
#[bayesian(estimator = Flipout)]
struct Sentences {
    embed: Embedding<4, 2>,
    lstm: LSTM<2, 2, 1, true>,
    outputs: Outputs,
    attention: MultiHeadAttention<4, 2>,
    norm: LayerNorm1D<4>,
    mean: MeanSteps,
    fc: Linear<4, 2>,
}

/// Grids that shrink, grow and are joined.
#[bayesian(input = (1, 4, 4))]
struct Grids {
    pool: Concat<MaxPool2D<2, 2>, (Conv2D<1, 1, 2, 2>, BatchNorm2D<1>)>,
    up: (ConvTrans2D<2, 2, 2, 2>, GroupNorm2D<1, 2>, LeakyReLU<f32>),
    bins: AdaptiveMaxPool2D<2>,
    flatten: Flatten,
    fc: Linear<8, 2>,
    again: Unflatten<2, 1, 1>,
    last: AvgPoolGlobal,
}

/// Damaged files with a right checksum load or do not, predict or do not, and no more than that.
fn survives<Q>(
    bytes: &[u8],
    load: impl Fn(&[u8]) -> Result<Q, FileError> + Sync,
    predict: impl Fn(&Q) + Sync,
) -> usize {
    let loaded = (0..20_000u64).into_par_iter().filter(|&seed| {
        let changed = sealed(mutated(bytes, 24, &mut Numbers(seed)));
        load(&changed).is_ok_and(|quant| {
            predict(&quant);
            true
        })
    });
    loaded.count()
}

#[test]
fn every_kind_of_layer_is_checked() {
    let dev = Cpu::seed_from_u64(2);
    let words: Tensor<Rank2<3, 3>, usize, _> = dev.tensor([[0, 1, 2], [3, 3, 0], [1, 2, 3]]);
    let twin = BayesSentences::from_pretrained(&dev.build_module::<Sentences, f32>()).unwrap();
    let quant = twin.quantize([Tokens(words.clone())]).unwrap();
    let loaded = survives(
        &quant.to_bytes().unwrap(),
        QuantSentences::from_bytes,
        |quant| drop(quant.predict(Tokens(words.clone()), 1, 3).draws()),
    );
    assert!((100..19_900).contains(&loaded), "{loaded}");

    let x: Tensor<Rank4<3, 1, 4, 4>, f32, _> = dev.sample_normal();
    let twin = BayesGrids::from_pretrained(&dev.build_module::<Grids, f32>()).unwrap();
    let quant = twin.quantize([x.clone()]).unwrap();
    let loaded = survives(
        &quant.to_bytes().unwrap(),
        QuantGrids::from_bytes,
        |quant| drop(quant.predict(x.clone(), 1, 3).draws()),
    );
    assert!((100..19_900).contains(&loaded), "{loaded}");
}

#[test]
fn other_files_say_what_they_are() {
    let quant = tiny();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.int8");
    quant.save(&path).unwrap();
    assert_eq!(
        predict(&QuantTiny::load(&path).unwrap()).unwrap(),
        predict(&quant).unwrap()
    );

    let bytes = std::fs::read(&path).unwrap();
    let says = |result: Result<QuantTiny, FileError>| result.unwrap_err().to_string();
    let other = QuantOther::from_bytes(&bytes).unwrap_err();
    assert_eq!(
        other.to_string(),
        "expected an int8 form of (fc: linear 2 3), found one of (fc: linear 2 2, act: keep)"
    );
    assert!(matches!(other, FileError::OtherModel { .. }));
    let mut later = bytes.clone();
    later[8] = 2;
    assert!(
        says(QuantTiny::from_bytes(&later))
            .starts_with("expected version 1 of the int8 format, found 2")
    );
    for foreign in [&bytes[24..], b"PK\x03\x04", b"not a model"] {
        assert!(matches!(
            QuantTiny::from_bytes(foreign),
            Err(FileError::Foreign)
        ));
    }
    assert!(matches!(
        QuantTiny::from_bytes(b""),
        Err(FileError::Damaged { .. })
    ));
    assert!(says(QuantTiny::load(folder.path().join("none"))).contains("could not read"));
    let nowhere = folder.path().join("no folder/file");
    assert!(quant.save(nowhere).is_err());
}
