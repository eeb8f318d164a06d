//! Compressed files: as much of them in memory as their content says that it has.

use super::Error;
use flate2::bufread::GzDecoder;
use std::io::Read;
use std::path::Path;

const MAGIC: &[u8] = &[0x1f, 0x8b];

/// The most that deflate makes of one byte.
const RATIO: u128 = 1032;

/// Whether the bytes are a gzip file's.
pub(super) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The content of a gzip file whose first `header` bytes tell how long it is by `length`. What is longer is cut one
/// byte behind that, which the reader of the content then finds.
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
    let possible = RATIO * bytes.len() as u128;
    let length = length(&content).min(possible) as usize;
    let rest = length.saturating_sub(header);
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
        assert_eq!(inflated(&bytes, u128::MAX).unwrap(), content);
        assert_eq!(inflated(&compressed(&[1, 2]), 9).unwrap(), [1, 2]);
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
