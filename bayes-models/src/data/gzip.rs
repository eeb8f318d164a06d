//! Compressed files: as much of them in memory as their content says that it has, and no more than a set of images has.

use super::Error;
use flate2::bufread::GzDecoder;
use std::io::Read;
use std::path::Path;

const MAGIC: &[u8] = &[0x1f, 0x8b];

/// Content of at most so many times the file, or of at most [`ALWAYS`] bytes, is decompressed. Deflate makes up to 1032
/// bytes of one, of nothing but zeros; MNIST's images are 5 times their file.
const RATIO: u128 = 64;

/// Content that is decompressed however small the file is.
const ALWAYS: u128 = 64 << 20;

/// The most bytes of content that a file of `compressed` bytes may have.
pub(super) fn most(compressed: usize) -> u128 {
    (RATIO * compressed as u128).max(ALWAYS)
}

/// Whether the bytes are a gzip file's.
pub(super) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The content of a gzip file whose first `header` bytes tell how long it is by `length`. What is longer is cut one
/// byte behind that, which the reader of the content then finds.
///
/// # Errors
/// [`Error::Gzip`] for a file that is damaged; [`Error::Inflated`] for a length beyond [`most`], before anything of that
/// length is in memory.
pub(super) fn inflate(
    file: &Path,
    bytes: &[u8],
    header: usize,
    length: impl FnOnce(&[u8]) -> u128,
) -> Result<Vec<u8>, Error> {
    let mut decoder = GzDecoder::new(bytes);
    let mut content = Vec::new();
    let mut read = |content: &mut Vec<u8>, most: u64| {
        let done = decoder.by_ref().take(most).read_to_end(content);
        done.map_err(|source| Error::Gzip {
            file: file.to_owned(),
            offset: bytes.len() - decoder.get_ref().len(),
            source,
        })
    };
    read(&mut content, header as u64)?;
    if content.len() < header {
        return Ok(content);
    }
    let (claimed, most) = (length(&content), most(bytes.len()));
    if claimed > most {
        return Err(Error::Inflated {
            file: file.to_owned(),
            offset: bytes.len() - decoder.get_ref().len(),
            most,
            claimed,
        });
    }
    // At most 64 MiB, or times a file that is in memory.
    let rest = (claimed as usize).saturating_sub(header);
    // A length that lies costs no more than what is there anyway.
    content.reserve_exact(rest.min(bytes.len()));
    read(&mut content, rest as u64 + 1)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn compressed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn inflated(bytes: &[u8], length: u128) -> Result<Vec<u8>, Error> {
        inflate("x.gz".as_ref(), bytes, 4, |_| length)
    }

    #[test]
    fn the_content_comes_back_and_no_more_than_it_should_be() {
        let content: Vec<u8> = (0..100_000_u64).map(|i| (i * i % 251) as u8).collect();
        let bytes = compressed(&content);
        assert!(is_compressed(&bytes) && !is_compressed(&content));
        assert_eq!(inflated(&bytes, 100_000).unwrap(), content);
        assert_eq!(inflated(&bytes, 50).unwrap().len(), 51);
        assert_eq!(inflated(&bytes, 1 << 20).unwrap(), content);
        assert_eq!(inflated(&compressed(&[1, 2]), 9).unwrap(), [1, 2]);
    }

    /// 80 MB of zeros in 80 kB, as their header says; and a header that lies.
    #[test]
    fn a_bomb_is_an_error_and_costs_no_memory() {
        let zeros = vec![0; 80 << 20];
        let bytes = compressed(&zeros);
        assert!(bytes.len() < 100_000);
        for claimed in [zeros.len() as u128, u128::MAX] {
            let said = inflated(&bytes, claimed).unwrap_err().to_string();
            assert!(
                said.contains("at most 67108864 bytes")
                    && said.contains(&format!("found {claimed}")),
                "{said}"
            );
        }
        // What it is has the length that it says.
        assert_eq!(inflated(&bytes, 100).unwrap().len(), 101);
        assert_eq!((most(1), most(2 << 20)), (64 << 20, 128 << 20));
    }

    #[test]
    fn damage_is_named_with_its_byte() {
        let content: Vec<u8> = (0..10_000_u32).map(|i| (i * i % 251) as u8).collect();
        let mut bytes = compressed(&content);
        // The checksum of the content.
        let checksum = bytes.len() - 8;
        bytes[checksum] ^= 0xff;
        let said = inflated(&bytes, 10_000).unwrap_err().to_string();
        assert!(
            said.starts_with("`x.gz`: byte ") && said.contains("take another copy"),
            "{said}"
        );
        let cut = &compressed(&content)[..checksum / 2];
        assert!(inflated(cut, 10_000).is_err());
    }
}
