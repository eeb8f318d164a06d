//! Damaged files: every loader reads them or says what is wrong, without a panic, in memory of at most four times the
//! size of the file; of a compressed one, of its content, which deflate can make of it; of a picture, of what a decoder may take.
//!
//! Each loader gets 2000 of them, or as many as the environment variable `BAYES_MUTATIONS` says:
//!
//! ```text
//! BAYES_MUTATIONS=1000000 cargo test -p bayes-models --features images mutations -- --nocapture
//! ```

use super::{Cifar, Table, idx};
use crate::npy;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::prelude::{Cpu, DeviceBuildExt, Linear};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// The system's allocator, which counts what a thread holds and the most that it has held.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn note(change: isize) {
    // A thread that ends has no counters any more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + change);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        note(-(layout.size() as isize));
        // SAFETY: the caller's.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while the content moves.
        note(size as isize);
        // SAFETY: the caller's.
        let moved = unsafe { System.realloc(memory, layout, size) };
        note(-(layout.size() as isize));
        moved
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most bytes that `work` holds at once.
fn most_held(work: impl FnOnce()) -> usize {
    let before = HELD.get();
    MOST.set(before);
    work();
    (MOST.get() - before).max(0) as usize
}

/// A loader of one format, from the bytes of a file.
struct Loader {
    name: &'static str,
    valid: Vec<u8>,
    /// The sentence of an error.
    load: fn(&[u8]) -> Result<(), String>,
    /// What its content may be larger than the file.
    ratio: usize,
    /// Room for an error's sentence, and for the buffers of a parser or decoder, whatever the size of the file.
    buffers: usize,
    /// What an error begins with.
    begins: &'static str,
}

const FILE: &str = "damaged";

/// What begins the error of a loader that is told the file's name.
const BYTE: &str = "`damaged`: byte ";

fn said<T>(result: Result<T, impl ToString>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}

fn loaders() -> Vec<Loader> {
    let mut images = Vec::new();
    let pixels = (0..16 * 64).map(|i| (i * 7 % 251) as u8).collect();
    let of_images = idx::Images {
        count: 16,
        height: 8,
        width: 8,
        pixels,
    };
    idx::write_images(&mut images, &of_images).unwrap();
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    compressed.write_all(&images).unwrap();
    let rows: String = (0..50)
        .map(|i| format!("{i},{}.5,-{i}e-3\n", i * 7 % 11))
        .collect();
    let numbers = (0..200).map(|i| i as f32).collect();
    let array = npy::Array::new(vec![25, 8], npy::Values::F32(numbers)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("net.safetensors");
    let notes = Checkpoint::new().with_entry("epoch", "3");
    notes.save(&saved, &net()).unwrap();
    let loaders = vec![
        Loader {
            name: "IDX",
            valid: images.clone(),
            load: |bytes| said(idx::decode_images(Path::new(FILE), bytes)),
            ratio: 1,
            buffers: 1 << 10,
            begins: BYTE,
        },
        Loader {
            name: "compressed IDX",
            valid: compressed.finish().unwrap(),
            load: |bytes| said(idx::decode_compressed_images(Path::new(FILE), bytes)),
            // Deflate makes up to so many bytes of one; the window and tables of the decoder are its buffers.
            ratio: 1032,
            buffers: 64 << 10,
            begins: BYTE,
        },
        Loader {
            name: "CIFAR-10",
            valid: vec![3; 2 * 3073],
            load: |bytes| {
                said(Cifar::Ten.decode(Path::new(FILE), bytes, &mut Vec::new(), &mut Vec::new()))
            },
            ratio: 1,
            buffers: 1 << 10,
            begins: BYTE,
        },
        Loader {
            name: "CSV",
            valid: format!("a,b,c\n{rows}").into_bytes(),
            load: |bytes| said(Table::decode(Path::new(FILE), bytes)),
            ratio: 1,
            buffers: 24 << 10,
            begins: "`damaged`: line ",
        },
        Loader {
            name: "npy",
            valid: array.to_bytes(),
            load: |bytes| said(npy::Array::from_bytes(bytes)),
            ratio: 1,
            buffers: 1 << 10,
            begins: "byte ",
        },
        Loader {
            name: "checkpoint",
            valid: std::fs::read(&saved).unwrap(),
            load: |bytes| {
                NET.with(|net| said(Checkpoint::new().load_bytes(bytes, &mut *net.borrow_mut())))
            },
            ratio: 1,
            buffers: 16 << 10,
            begins: "",
        },
        #[cfg(feature = "images")]
        picture("PNG", image::ImageFormat::Png),
        #[cfg(feature = "images")]
        picture("JPEG", image::ImageFormat::Jpeg),
    ];
    for loader in &loaders {
        assert_eq!((loader.load)(&loader.valid), Ok(()), "{}", loader.name);
    }
    loaders
}

type Net = bayes_core::dfdx::nn::modules::Linear<8, 16, f32, Cpu>;

fn net() -> Net {
    Cpu::seed_from_u64(0).build_module::<Linear<8, 16>, f32>()
}

thread_local! {
    static NET: RefCell<Net> = RefCell::new(net());
}

/// A picture of 16×16 pixels.
#[cfg(feature = "images")]
fn picture(name: &'static str, format: image::ImageFormat) -> Loader {
    let mut valid = std::io::Cursor::new(Vec::new());
    let pixels =
        image::RgbImage::from_fn(16, 16, |x, y| image::Rgb([16 * x as u8, 16 * y as u8, 99]));
    pixels.write_to(&mut valid, format).unwrap();
    Loader {
        name,
        valid: valid.into_inner(),
        load: |bytes| {
            said(super::folder::decode(
                Path::new(FILE),
                bytes,
                [3, 8, 8],
                &mut [0.0; 3 * 64],
            ))
        },
        ratio: 1,
        buffers: 4 << 20,
        begins: BYTE,
    }
}

/// One to three of: a byte changed, a cut, bytes appended, a byte removed, a byte inserted; the header more often.
fn mutate(bytes: &mut Vec<u8>, rng: &mut StdRng) {
    for _ in 0..rng.gen_range(1..=3) {
        let end = if rng.r#gen() {
            bytes.len().min(128)
        } else {
            bytes.len()
        };
        let at = rng.gen_range(0..end.max(1));
        match rng.gen_range(0..6) {
            0..=2 if at < bytes.len() => bytes[at] = rng.r#gen(),
            3 => bytes.truncate(at),
            4 => bytes.extend((0..rng.gen_range(1..24)).map(|_| rng.r#gen::<u8>())),
            5 if at < bytes.len() => {
                bytes.remove(at);
            }
            _ => bytes.insert(at.min(bytes.len()), rng.r#gen()),
        }
    }
}

/// How many files each loader gets.
fn mutations() -> u32 {
    let asked = std::env::var("BAYES_MUTATIONS");
    asked.map_or(2_000, |asked| {
        asked.parse().expect("a number in BAYES_MUTATIONS")
    })
}

#[test]
fn damaged_files_are_read_or_refused() {
    let mutations = mutations();
    for loader in loaders() {
        let mut rng = StdRng::seed_from_u64(11);
        let (mut read, mut refused, mut beyond) = (0, 0, 0);
        let start = Instant::now();
        for _ in 0..mutations {
            let mut bytes = loader.valid.clone();
            mutate(&mut bytes, &mut rng);
            let mut answer = Ok(());
            let held = most_held(|| answer = (loader.load)(&bytes));
            match answer {
                Ok(()) => read += 1,
                Err(problem) => {
                    let begins = problem.starts_with(loader.begins) && problem.len() > 10;
                    assert!(begins, "{}: {problem}", loader.name);
                    refused += 1;
                }
            }
            // The file itself is in memory too: three times its size on top.
            let file = 3 * loader.ratio * bytes.len();
            let most = file + loader.buffers;
            assert!(
                held <= most,
                "{}: {held} bytes for {}",
                loader.name,
                bytes.len()
            );
            beyond = beyond.max(held.saturating_sub(file));
        }
        assert!(
            read + refused == mutations && refused > mutations / 20,
            "{}: {read} {refused}",
            loader.name
        );
        println!(
            "{}: {} bytes, {read} read, {refused} refused, at most {beyond} bytes beyond the file's share, {:.1} s",
            loader.name,
            loader.valid.len(),
            start.elapsed().as_secs_f64()
        );
    }
}
