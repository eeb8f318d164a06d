//! Damaged files: every loader reads them or says what is wrong, without a panic, in memory of at most four times the
//! size of the file; of a compressed one, of what deflate can make of it.
//!
//! `cargo test --release -p bayes-models mutations -- --ignored` takes a million of them for each loader.

use super::{Cifar, Error, Table, idx};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Write;
use std::path::Path;

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
    load: fn(&[u8]) -> Result<(), Error>,
    /// What its content may be larger than the file.
    ratio: usize,
    /// Room for an error's sentence, and for the buffers of a parser or decoder, whatever the size of the file.
    buffers: usize,
}

const FILE: &str = "damaged";

fn loaders() -> Vec<Loader> {
    let mut images = Vec::new();
    let pixels = (0..32 * 64).map(|i| (i * 7 % 251) as u8).collect();
    let of_images = idx::Images {
        count: 32,
        height: 8,
        width: 8,
        pixels,
    };
    idx::write_images(&mut images, &of_images).unwrap();
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    compressed.write_all(&images).unwrap();
    let rows: String = (0..200)
        .map(|i| format!("{i},{}.5,-{i}e-3\n", i * 7 % 11))
        .collect();
    let file = || Path::new(FILE);
    vec![
        Loader {
            name: "IDX",
            valid: images.clone(),
            load: |bytes| idx::decode_images(Path::new(FILE), bytes).map(drop),
            ratio: 1,
            buffers: 1 << 10,
        },
        Loader {
            name: "compressed IDX",
            valid: compressed.finish().unwrap(),
            load: |bytes| idx::decode_compressed_images(Path::new(FILE), bytes).map(drop),
            // Deflate makes up to so many bytes of one; the window and tables of the decoder are its buffers.
            ratio: 1032,
            buffers: 64 << 10,
        },
        Loader {
            name: "CIFAR-10",
            valid: vec![3; 2 * 3073],
            load: |bytes| {
                Cifar::Ten.decode(Path::new(FILE), bytes, &mut Vec::new(), &mut Vec::new())
            },
            ratio: 1,
            buffers: 1 << 10,
        },
        Loader {
            name: "CSV",
            valid: format!("a,b,c\n{rows}").into_bytes(),
            load: |bytes| Table::decode(Path::new(FILE), bytes).map(drop),
            ratio: 1,
            buffers: 24 << 10,
        },
    ]
    .into_iter()
    .inspect(|loader| {
        assert!(
            (loader.load)(&loader.valid).is_ok(),
            "{} {:?}",
            loader.name,
            file()
        )
    })
    .collect()
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

fn survive(mutations: u32) {
    for loader in loaders() {
        let mut rng = StdRng::seed_from_u64(11);
        let (mut read, mut refused) = (0, 0);
        for _ in 0..mutations {
            let mut bytes = loader.valid.clone();
            mutate(&mut bytes, &mut rng);
            let held = most_held(|| match (loader.load)(&bytes) {
                Ok(()) => read += 1,
                Err(error) => {
                    let said = error.to_string();
                    assert!(
                        said.starts_with("`damaged`: byte "),
                        "{}: {said}",
                        loader.name
                    );
                    refused += 1;
                }
            });
            // The file itself is in memory too: three times its size on top.
            let most = 3 * loader.ratio * bytes.len() + loader.buffers;
            assert!(
                held <= most,
                "{}: {held} bytes for {}",
                loader.name,
                bytes.len()
            );
        }
        assert!(
            read + refused == mutations && refused > mutations / 20,
            "{}: {read} {refused}",
            loader.name
        );
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    survive(2_000);
}

#[test]
#[ignore = "a million files for each loader: run it with --release"]
fn a_million_damaged_files_are_read_or_refused() {
    survive(1_000_000);
}
