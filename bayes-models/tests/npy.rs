//! Files of arrays that are altered: each gives an array or an error, and takes at most four times its size in memory.

use bayes_models::npy::{Array, Error, Values};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which counts: this program has one test, so that all that is counted is the test's.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls go to the system's allocator as they come.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a few names and a sentence take, whatever the file.
const SLACK: usize = 4096;

/// Reads the bytes, and checks the memory that it takes besides them.
fn read(bytes: &[u8]) -> Result<Array, Error> {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let array = Array::from_bytes(bytes);
    let taken = MOST.load(Ordering::Relaxed) - before;
    // The file itself is one of the four.
    assert!(
        taken <= 3 * bytes.len() + SLACK,
        "{taken} bytes for a file of {}",
        bytes.len()
    );
    array
}

/// Changes of a file that keep more or less of its form.
fn altered(bytes: &[u8], random: &mut StdRng) -> Vec<u8> {
    const PIECES: [&[u8]; 10] = [
        b"'shape': (",
        b"99999999999, ",
        b"18446744073709551615, ",
        b"'<f8'",
        b"False",
        b"{",
        b"}",
        b"(",
        b"'",
        b"\xff",
    ];
    let mut bytes = bytes.to_vec();
    for _ in 0..random.gen_range(1..4) {
        let at = random.gen_range(0..bytes.len().max(1)).min(bytes.len());
        match random.gen_range(0..6) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = random.r#gen(),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.gen_range(0..8),
            3 => {
                let piece = PIECES[random.gen_range(0..PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let end = (at + random.gen_range(0..20)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let end = (at + random.gen_range(0..40)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.extend(again);
            }
        }
    }
    bytes
}

#[test]
fn altered_files_are_errors_and_take_little_memory() {
    let mut random = StdRng::seed_from_u64(7);
    let numbers = |len: usize| (0..len).map(|i| i as f64);
    let files = [
        Array::new(
            vec![2, 3],
            Values::F32(numbers(6).map(|x| x as f32).collect()),
        ),
        Array::new(vec![100, 30], Values::F64(numbers(3000).collect())),
        Array::new(vec![], Values::F64(vec![1.0])),
        Array::new(vec![1; 60], Values::F32(vec![1.0])),
    ];
    let (mut whole, mut broken) = (0, 0);
    for array in files.map(|array| array.expect("an array")) {
        let bytes = array.to_bytes();
        assert_eq!(read(&bytes).expect("the file"), array);
        for _ in 0..10_000 {
            match read(&altered(&bytes, &mut random)) {
                Ok(_) => whole += 1,
                Err(Error::Malformed { offset, .. }) => {
                    assert!(offset <= 2 * bytes.len() + 200);
                    broken += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    // Numbers and spaces may be any; most other changes are seen.
    assert!(
        whole > 1000 && broken > 10_000,
        "{whole} whole, {broken} broken"
    );

    // A header that is long, one that says more than there is, and one of a million sizes.
    let header = |text: &str| {
        let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes
    };
    let file = |shape: &str| {
        header(&format!(
            "{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape})}}"
        ))
    };
    assert!(read(&file(&"1,".repeat(1 << 20))).is_err());
    assert!(read(&file("1099511627776,")).is_err());
    assert!(read(&header(&format!("{{'{}': 1}}", "x".repeat(1 << 20)))).is_err());
    let mut long = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    long.extend([b' '; 100]);
    assert!(read(&long).is_err());
}
