//! IDX, the file format of MNIST: unsigned bytes of rank 1 (labels) and rank 3 (images).
//!
//! | bytes | content |
//! |---|---|
//! | 0, 1 | zero |
//! | 2 | element type, 0x08: unsigned bytes |
//! | 3 | rank r |
//! | 4 to 4 + 4r | r sizes, u32, big-endian, outermost first |
//! | the rest | the elements, the last size varying fastest |
//!
//! The format is Y. LeCun's, C. Cortes' and C. Burges' (The MNIST database of handwritten digits, 1998).
//! Every file has one reading, and every content one file: what is read and written again has the same bytes.
//!
//! ```
//! use bayes_models::data::idx::{self, Images};
//!
//! let images = Images { count: 1, height: 2, width: 2, pixels: vec![0, 85, 170, 255] };
//! let mut file = Vec::new();
//! idx::write_images(&mut file, &images)?;
//! assert_eq!(file.len(), 16 + 4);
//! assert_eq!(idx::decode_images("one-image".as_ref(), &file)?, images);
//! # Ok::<(), bayes_models::data::Error>(())
//! ```

use super::{Error, gzip};
use std::fs;
use std::io::Write;
use std::path::Path;

const UNSIGNED_BYTES: u8 = 0x08;

/// Magic, element type and rank, before the sizes.
const PREFIX: usize = 4;

/// The offset of the first label in a file of labels.
const FIRST_LABEL: usize = header_length(1);

/// Grey images of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// How many.
    pub count: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// `count · height · width` grey levels, image by image, row by row.
    pub pixels: Vec<u8>,
}

/// Reads a file of images, in memory of at most twice its length. It may be compressed (`.gz`): of such a file the content
/// counts, which may have up to 64 times the file's bytes, and up to 64 MiB in any case.
///
/// # Errors
///
/// [`Error::Read`] if the file cannot be read; [`Error::Inflated`] for a compressed file whose header says more than that,
/// before it is decompressed; otherwise as [`decode_images`].
pub fn read_images(file: &Path) -> Result<Images, Error> {
    decode_images(file, &read_content::<3>(file)?)
}

/// Reads a file of labels. It may be compressed (`.gz`).
///
/// # Errors
///
/// As [`read_images`], with [`decode_labels`]'s.
pub fn read_labels(file: &Path) -> Result<Vec<u8>, Error> {
    decode_labels(file, &read_content::<1>(file)?)
}

/// Takes the content of a file of images apart. `file` is its name for the errors.
///
/// Allocates no more than the length of `bytes`, whatever sizes they claim.
///
/// # Errors
///
/// [`Error::TruncatedHeader`], [`Error::Magic`], [`Error::ElementType`], [`Error::Rank`], [`Error::TruncatedData`]
/// and [`Error::TrailingBytes`], for whatever deviates first.
pub fn decode_images(file: &Path, bytes: &[u8]) -> Result<Images, Error> {
    let ([count, height, width], pixels) = decode(file, bytes)?;
    Ok(Images {
        count: count as usize,
        height: height as usize,
        width: width as usize,
        pixels: pixels.to_vec(),
    })
}

/// Takes the content of a file of labels apart. `file` is its name for the errors.
///
/// # Errors
///
/// As [`decode_images`].
pub fn decode_labels(file: &Path, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let ([_count], labels) = decode(file, bytes)?;
    Ok(labels.to_vec())
}

/// The classes of so many images, from the labels of another file, both with the names of their files for the errors.
///
/// # Errors
///
/// [`Error::LabelRange`] for a label that is not below `classes`, [`Error::LabelCount`] if there are not as many.
pub(crate) fn classes(
    (images_file, images): (&Path, usize),
    (labels_file, labels): (&Path, &[u8]),
    classes: usize,
) -> Result<Vec<usize>, Error> {
    let out_of_range = |&label: &u8| usize::from(label) >= classes;
    if let Some(position) = labels.iter().position(out_of_range) {
        return Err(Error::LabelRange {
            file: labels_file.to_path_buf(),
            offset: FIRST_LABEL + position,
            found: labels[position],
        });
    }
    if labels.len() != images {
        return Err(Error::LabelCount {
            images_file: images_file.to_path_buf(),
            images,
            labels_file: labels_file.to_path_buf(),
            labels: labels.len(),
        });
    }
    Ok(labels.iter().copied().map(usize::from).collect())
}

/// Writes images as an IDX file of rank 3.
///
/// # Errors
///
/// [`Error::SizeTooLarge`] or [`Error::PixelCount`], before anything is written, for images that the format cannot
/// hold; [`Error::Write`] if the writer fails, possibly after a part.
pub fn write_images(writer: impl Write, images: &Images) -> Result<(), Error> {
    let sizes = [
        size("count", images.count)?,
        size("height", images.height)?,
        size("width", images.width)?,
    ];
    let expected = product(&sizes);
    if expected != images.pixels.len() as u128 {
        return Err(Error::PixelCount {
            expected,
            found: images.pixels.len(),
        });
    }
    write(writer, sizes, &images.pixels)
}

/// Writes labels as an IDX file of rank 1.
///
/// # Errors
///
/// [`Error::SizeTooLarge`], before anything is written, for more than 2³² − 1 labels; [`Error::Write`] if the writer
/// fails, possibly after a part.
pub fn write_labels(writer: impl Write, labels: &[u8]) -> Result<(), Error> {
    write(writer, [size("number of labels", labels.len())?], labels)
}

pub(super) fn read_bytes(file: &Path) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|source| Error::Read {
        file: file.to_path_buf(),
        source,
    })
}

/// The bytes of a file of rank `RANK`, out of the compressed ones where it is compressed.
fn read_content<const RANK: usize>(file: &Path) -> Result<Vec<u8>, Error> {
    let bytes = read_bytes(file)?;
    match gzip::is_compressed(&bytes) {
        true => inflate::<RANK>(file, &bytes),
        false => Ok(bytes),
    }
}

/// The content of a compressed file of rank `RANK`.
fn inflate<const RANK: usize>(file: &Path, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let header = header_length(RANK);
    gzip::inflate(file, bytes, header, |content| {
        let sizes: Vec<u32> = content[PREFIX..]
            .chunks_exact(4)
            .map(|size| u32::from_be_bytes([size[0], size[1], size[2], size[3]]))
            .collect();
        product(&sizes).saturating_add(header as u128)
    })
}

/// What [`read_images`] makes of the bytes of a compressed file.
#[cfg(test)]
pub(super) fn decode_compressed_images(file: &Path, bytes: &[u8]) -> Result<Images, Error> {
    decode_images(file, &inflate::<3>(file, bytes)?)
}

/// The sizes and the elements of an IDX file of rank `RANK`.
fn decode<'a, const RANK: usize>(
    file: &Path,
    bytes: &'a [u8],
) -> Result<([u32; RANK], &'a [u8]), Error> {
    let sizes = decode_header::<RANK>(file, bytes)?;
    let data = &bytes[header_length(RANK)..];
    let expected = product(&sizes);
    let found = data.len() as u128;
    if found < expected {
        return Err(Error::TruncatedData {
            file: file.to_path_buf(),
            sizes: sizes.to_vec(),
            expected,
            found: data.len(),
            length: bytes.len(),
        });
    }
    if found > expected {
        // Less than `data.len()`, so it fits.
        let extra = (found - expected) as usize;
        return Err(Error::TrailingBytes {
            file: file.to_path_buf(),
            sizes: sizes.to_vec(),
            end: bytes.len() - extra,
            extra,
        });
    }
    Ok((sizes, data))
}

/// Checks the header's fields in the order of the file, each as soon as its bytes are there.
fn decode_header<const RANK: usize>(file: &Path, bytes: &[u8]) -> Result<[u32; RANK], Error> {
    let truncated = || Error::TruncatedHeader {
        file: file.to_path_buf(),
        expected: header_length(RANK),
        length: bytes.len(),
    };
    let (&[zero, zero_too, element_type, rank], sizes) =
        bytes.split_first_chunk::<PREFIX>().ok_or_else(truncated)?;
    if [zero, zero_too] != [0, 0] {
        return Err(Error::Magic {
            file: file.to_path_buf(),
            found: [zero, zero_too],
        });
    }
    if element_type != UNSIGNED_BYTES {
        return Err(Error::ElementType {
            file: file.to_path_buf(),
            found: element_type,
        });
    }
    if usize::from(rank) != RANK {
        return Err(Error::Rank {
            file: file.to_path_buf(),
            expected: RANK as u8,
            found: rank,
        });
    }
    let (sizes, _) = sizes.as_chunks::<4>();
    let sizes = sizes.first_chunk::<RANK>().ok_or_else(truncated)?;
    Ok(sizes.map(u32::from_be_bytes))
}

fn write<const RANK: usize>(
    mut writer: impl Write,
    sizes: [u32; RANK],
    data: &[u8],
) -> Result<(), Error> {
    let mut header = vec![0, 0, UNSIGNED_BYTES, RANK as u8];
    header.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    writer
        .write_all(&header)
        .and_then(|()| writer.write_all(data))
        .and_then(|()| writer.flush())
        .map_err(|source| Error::Write { source })
}

const fn header_length(rank: usize) -> usize {
    PREFIX + 4 * rank
}

/// In u128, where the product of up to four sizes cannot overflow.
fn product(sizes: &[u32]) -> u128 {
    sizes.iter().map(|&size| u128::from(size)).product()
}

fn size(name: &'static str, found: usize) -> Result<u32, Error> {
    u32::try_from(found).map_err(|_| Error::SizeTooLarge { name, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};
    use std::io;

    const NAME: &str = "some/images-idx3-ubyte";

    fn small() -> Images {
        Images {
            count: 3,
            height: 2,
            width: 4,
            pixels: (0..24).map(|i| i * 10).collect(),
        }
    }

    fn encoded(images: &Images) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_images(&mut bytes, images).unwrap();
        bytes
    }

    fn decoded(bytes: &[u8]) -> Result<Images, Error> {
        decode_images(Path::new(NAME), bytes)
    }

    /// The error of `bytes`, which must name the file and the offset.
    fn rejected(bytes: &[u8], offset: usize) -> Error {
        let error = decoded(bytes).unwrap_err();
        let start = format!("`{NAME}`: byte {offset}: expected ");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert!(error.to_string().contains(", found "), "{error}");
        error
    }

    #[test]
    fn bytes_are_as_the_format_says() {
        let images = Images {
            count: 1,
            height: 2,
            width: 3,
            pixels: vec![9, 8, 7, 6, 5, 4],
        };
        let expected = [
            0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 8, 7, 6, 5, 4,
        ];
        assert_eq!(encoded(&images), expected);
        assert_eq!(decoded(&expected).unwrap(), images);
        let mut labels = Vec::new();
        write_labels(&mut labels, &[7; 258]).unwrap();
        assert_eq!(labels[..FIRST_LABEL], [0, 0, 8, 1, 0, 0, 1, 2]);
        assert_eq!(
            decode_labels(Path::new(NAME), &labels).unwrap(),
            [7_u8; 258]
        );
    }

    #[test]
    fn files_are_read_as_written() {
        let folder = tempfile::tempdir().unwrap();
        let (images_file, labels_file) =
            (folder.path().join("images"), folder.path().join("labels"));
        write_images(fs::File::create_new(&images_file).unwrap(), &small()).unwrap();
        write_labels(fs::File::create_new(&labels_file).unwrap(), &[1, 2, 255]).unwrap();
        assert_eq!(read_images(&images_file).unwrap(), small());
        assert_eq!(read_labels(&labels_file).unwrap(), [1, 2, 255]);
        let missing = folder.path().join("missing");
        match read_images(&missing).unwrap_err() {
            Error::Read { file, source } => {
                assert_eq!(file, missing);
                assert_eq!(source.kind(), io::ErrorKind::NotFound);
            }
            other => panic!("{other}"),
        }
        assert!(matches!(
            read_labels(folder.path()),
            Err(Error::Read { .. })
        ));
    }

    #[test]
    fn compressed_files_are_read_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("images.gz");
        let out = fs::File::create_new(&file).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
        encoder.write_all(&encoded(&small())).unwrap();
        encoder.finish().unwrap();
        assert_eq!(read_images(&file).unwrap(), small());
    }

    #[test]
    fn empty_sets_are_files_too() {
        let none = Images {
            count: 0,
            height: 8,
            width: 8,
            pixels: Vec::new(),
        };
        assert_eq!(decoded(&encoded(&none)).unwrap(), none);
        let no_labels = decode_labels(Path::new(NAME), &[0, 0, 8, 1, 0, 0, 0, 0]);
        assert!(no_labels.unwrap().is_empty());
    }

    #[test]
    fn wrong_header_fields_are_named() {
        let valid = encoded(&small());
        let changed = |at: usize, value: u8| {
            let mut bytes = valid.clone();
            bytes[at] = value;
            bytes
        };
        let gzip = rejected(&[0x1f, 0x8b, 8, 0, 1], 0);
        assert!(matches!(
            gzip,
            Error::Magic {
                found: [0x1f, 0x8b],
                ..
            }
        ));
        assert!(gzip.to_string().contains("found 1f 8b"), "{gzip}");
        let second = rejected(&changed(1, 5), 0);
        assert!(matches!(second, Error::Magic { found: [0, 5], .. }));
        let floats = rejected(&changed(2, 0x0d), 2);
        assert!(matches!(floats, Error::ElementType { found: 0x0d, .. }));
        for rank in [0, 1, 2, 4, 255] {
            match rejected(&changed(3, rank), 3) {
                Error::Rank {
                    expected, found, ..
                } => assert_eq!((expected, found), (3, rank)),
                other => panic!("{other}"),
            }
        }
        let as_labels = decode_labels(Path::new(NAME), &valid);
        assert!(matches!(
            as_labels,
            Err(Error::Rank {
                expected: 1,
                found: 3,
                ..
            })
        ));
    }

    #[test]
    fn every_cut_and_every_addition_is_an_error_at_its_offset() {
        let valid = encoded(&small());
        for cut in 0..valid.len() {
            match rejected(&valid[..cut], cut) {
                Error::TruncatedHeader {
                    expected, length, ..
                } => assert!(cut < 16 && (expected, length) == (16, cut)),
                Error::TruncatedData {
                    sizes,
                    expected,
                    found,
                    ..
                } => {
                    assert!(cut >= 16);
                    assert_eq!((sizes, expected, found), (vec![3, 2, 4], 24, cut - 16));
                }
                other => panic!("{cut}: {other}"),
            }
        }
        for extra in 1..40 {
            let longer = [&valid[..], &vec![0; extra]].concat();
            match rejected(&longer, valid.len()) {
                Error::TrailingBytes {
                    end, extra: found, ..
                } => assert_eq!((end, found), (40, extra)),
                other => panic!("{extra}: {other}"),
            }
        }
    }

    #[test]
    fn sizes_whose_product_passes_64_bits_allocate_nothing() {
        let mut bytes = vec![0, 0, 8, 3];
        bytes.extend([0xff; 12]);
        match rejected(&bytes, 16) {
            Error::TruncatedData {
                expected, found, ..
            } => {
                assert_eq!(expected, u128::from(u32::MAX).pow(3));
                assert_eq!(found, 0);
            }
            other => panic!("{other}"),
        }
        // 2³¹ · 2³¹ · 4 = 2⁶⁴ is 0 in 64 bits, which is the length of the data.
        let wrapping = [0, 0, 8, 3, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 4];
        assert!(matches!(
            rejected(&wrapping, 16),
            Error::TruncatedData { .. }
        ));
    }

    #[test]
    fn images_that_the_format_cannot_hold_are_not_written() {
        let mut bytes = Vec::new();
        let short = Images {
            count: 4,
            ..small()
        };
        match write_images(&mut bytes, &short) {
            Err(Error::PixelCount { expected, found }) => assert_eq!((expected, found), (32, 24)),
            other => panic!("{other:?}"),
        }
        #[cfg(target_pointer_width = "64")]
        {
            let wide = Images {
                width: 1 << 32,
                ..small()
            };
            match write_images(&mut bytes, &wide) {
                Err(Error::SizeTooLarge { name, found }) => {
                    assert_eq!((name, found), ("width", 1 << 32));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(bytes.is_empty());
    }

    #[test]
    fn a_full_writer_is_an_error() {
        let mut room = [0; 20];
        let result = write_images(&mut room[..], &small());
        assert!(matches!(result, Err(Error::Write { .. })), "{result:?}");
    }

    /// One to three of: a byte changed, a cut, bytes appended, a byte removed, a byte inserted.
    fn mutate(bytes: &mut Vec<u8>, rng: &mut StdRng) {
        for _ in 0..rng.gen_range(1..=3) {
            let at = rng.gen_range(0..bytes.len().max(1));
            match rng.gen_range(0..6) {
                0 | 1 if at < bytes.len() => bytes[at] = rng.r#gen(),
                // Sizes are where damage could do harm, and small values are where it could pass.
                2 if bytes.len() >= 16 => bytes[rng.gen_range(4..16)] = rng.gen_range(0..6),
                3 => bytes.truncate(at),
                4 => bytes.extend((0..rng.gen_range(1..24)).map(|_| rng.r#gen::<u8>())),
                5 if at < bytes.len() => {
                    bytes.remove(at);
                }
                _ => bytes.insert(at.min(bytes.len()), rng.r#gen()),
            }
        }
    }

    #[test]
    fn mutated_files_are_read_exactly_or_rejected() {
        let valid = encoded(&small());
        let mut rng = StdRng::seed_from_u64(7);
        let (mut accepted, mut rejected) = (0, 0);
        for _ in 0..200_000 {
            let mut bytes = valid.clone();
            mutate(&mut bytes, &mut rng);
            match decoded(&bytes) {
                Ok(images) => {
                    assert!(images.pixels.capacity() <= bytes.len());
                    assert_eq!(encoded(&images), bytes);
                    accepted += 1;
                }
                Err(error) => {
                    let message = error.to_string();
                    assert!(
                        message.starts_with(&format!("`{NAME}`: byte ")),
                        "{message}"
                    );
                    rejected += 1;
                }
            }
        }
        assert!(
            accepted > 10_000 && rejected > 10_000,
            "{accepted} {rejected}"
        );
    }

    #[test]
    fn mutated_labels_are_read_exactly_or_rejected() {
        let mut valid = Vec::new();
        write_labels(&mut valid, &[4; 5]).unwrap();
        let mut rng = StdRng::seed_from_u64(8);
        let mut accepted = 0;
        for _ in 0..50_000 {
            let mut bytes = valid.clone();
            mutate(&mut bytes, &mut rng);
            if let Ok(labels) = decode_labels(Path::new(NAME), &bytes) {
                let mut again = Vec::new();
                write_labels(&mut again, &labels).unwrap();
                assert_eq!(again, bytes);
                accepted += 1;
            }
        }
        assert!((1_000..49_000).contains(&accepted), "{accepted}");
    }
}
