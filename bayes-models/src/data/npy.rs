//! npy, NumPy's file format for one array: numbers of any common type in, f32 out.
//!
//! | bytes | content |
//! |---|---|
//! | 0 to 5 | `\x93NUMPY` |
//! | 6, 7 | version: 1.0, 2.0 or 3.0 |
//! | 8 on | length of the header, 2 bytes or from version 2 on 4, little-endian |
//! | then | the header: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }` |
//! | the rest | the numbers, row-major |
//!
//! The format is NumPy's (R. Kern, *NEP 1*, 2007).

use super::{Error, idx};
use std::io::{self, Write};
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";

/// An array of numbers, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Its sizes, outermost first.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

/// Reads a file.
///
/// # Errors
/// [`Error::Read`], otherwise as [`decode`].
pub fn read(file: &Path) -> Result<Array, Error> {
    decode(file, &idx::read_bytes(file)?)
}

/// Takes the content of a file apart. `file` is its name for the errors.
///
/// # Errors
/// [`Error::Npy`] with the first byte that is not as it should be.
///
/// ```
/// use bayes_models::data::npy::{Array, decode, write};
///
/// let array = Array { shape: vec![2, 1], values: vec![0.5, -1.0] };
/// let mut bytes = Vec::new();
/// write(&mut bytes, &array.shape, &array.values)?;
/// assert_eq!(decode("two.npy".as_ref(), &bytes)?, array);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode(file: &Path, bytes: &[u8]) -> Result<Array, Error> {
    let wrong = |offset: usize, expected: &str, found: String| Error::Npy {
        file: file.to_owned(),
        offset,
        expected: expected.to_owned(),
        found,
    };
    if !bytes.starts_with(MAGIC) {
        let found = format!("{:02x?}", &bytes[..bytes.len().min(6)]);
        return Err(wrong(0, "the magic \\x93NUMPY", found));
    }
    let (start, length) = match bytes.get(6..12) {
        Some(&[1, 0, a, b, ..]) => (10, usize::from(u16::from_le_bytes([a, b]))),
        Some(&[2 | 3, 0, a, b, c, d]) => (12, u32::from_le_bytes([a, b, c, d]) as usize),
        Some(other) => return Err(wrong(6, "version 1.0, 2.0 or 3.0", format!("{other:?}"))),
        None => {
            return Err(wrong(
                bytes.len(),
                "a header",
                "the end of the file".to_owned(),
            ));
        }
    };
    let Some(header) = bytes[start..].get(..length) else {
        let found = format!("the end of the file at byte {}", bytes.len());
        return Err(wrong(start, &format!("a header of {length} bytes"), found));
    };
    let header = String::from_utf8_lossy(header);
    let field = |key: &str| {
        let (_, rest) = header.split_once(&format!("'{key}':"))?;
        Some(rest.trim_start())
    };
    let missing = |key: &str| {
        wrong(
            start,
            &format!("`{key}` in the header"),
            header.trim().to_owned(),
        )
    };
    let kind = field("descr")
        .and_then(|rest| rest.strip_prefix('\'')?.split('\'').next())
        .ok_or_else(|| missing("descr"))?;
    if !field("fortran_order")
        .ok_or_else(|| missing("fortran_order"))?
        .starts_with("False")
    {
        let expected = "numbers row by row; save `numpy.ascontiguousarray(x)`";
        return Err(wrong(start, expected, "`fortran_order: True`".to_owned()));
    }
    let shape = field("shape")
        .and_then(sizes)
        .ok_or_else(|| missing("shape"))?;
    let data = &bytes[start + length..];
    let number = number_of(kind).ok_or_else(|| {
        wrong(
            start,
            "numbers of type f4, f8, u1, i1, i2, i4, i8 or b1, little-endian",
            format!("`{kind}`"),
        )
    })?;
    let count = shape
        .iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size));
    let needed = count.and_then(|count| count.checked_mul(number.size));
    if needed != Some(data.len()) {
        let expected = format!("the numbers of shape {shape:?}");
        return Err(wrong(
            start + length,
            &expected,
            format!("{} bytes", data.len()),
        ));
    }
    let values = data.chunks_exact(number.size).map(number.read).collect();
    Ok(Array { shape, values })
}

/// The sizes at the start of a text such as `(2, 3), }`.
fn sizes(text: &str) -> Option<Vec<usize>> {
    let (inside, _) = text.strip_prefix('(')?.split_once(')')?;
    let parts = inside
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect()
}

struct Number {
    size: usize,
    read: fn(&[u8]) -> f32,
}

/// How numbers of a type are read.
fn number_of(kind: &str) -> Option<Number> {
    fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
        bytes.try_into().unwrap_or([0; N])
    }
    let (size, read): (usize, fn(&[u8]) -> f32) = match kind.trim_start_matches(['<', '|', '=']) {
        "f4" => (4, |b| f32::from_le_bytes(array(b))),
        "f8" => (8, |b| f64::from_le_bytes(array(b)) as f32),
        "u1" | "b1" => (1, |b| f32::from(b[0])),
        "i1" => (1, |b| f32::from(b[0] as i8)),
        "i2" => (2, |b| f32::from(i16::from_le_bytes(array(b)))),
        "i4" => (4, |b| i32::from_le_bytes(array(b)) as f32),
        "i8" => (8, |b| i64::from_le_bytes(array(b)) as f32),
        _ => return None,
    };
    Some(Number { size, read })
}

/// Writes f32 numbers as version 1.0.
///
/// # Errors
/// Those of the writer.
pub fn write(writer: &mut impl Write, shape: &[usize], values: &[f32]) -> io::Result<()> {
    let sizes: Vec<String> = shape.iter().map(|size| format!("{size},")).collect();
    let mut header = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}",
        sizes.join(" ")
    );
    // The numbers begin at a multiple of 64 bytes, the header ends with a line feed.
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    writer.write_all(MAGIC)?;
    writer.write_all(&[1, 0])?;
    writer.write_all(&(header.len() as u16).to_le_bytes())?;
    writer.write_all(header.as_bytes())?;
    for value in values {
        writer.write_all(&value.to_le_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes()].concat();
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn header(kind: &str, shape: &str) -> String {
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n")
    }

    fn said(bytes: &[u8]) -> String {
        decode("x.npy".as_ref(), bytes).unwrap_err().to_string()
    }

    #[test]
    fn types_become_floats() {
        for (kind, data) in [
            (
                "<f4",
                [1.0_f32.to_le_bytes(), (-2.0_f32).to_le_bytes()].concat(),
            ),
            (
                "<f8",
                [1.0_f64.to_le_bytes(), (-2.0_f64).to_le_bytes()].concat(),
            ),
            ("|i1", vec![1, 0xfe]),
            ("<i2", vec![1, 0, 0xfe, 0xff]),
            (
                "<i4",
                [1_i32.to_le_bytes(), (-2_i32).to_le_bytes()].concat(),
            ),
            (
                "<i8",
                [1_i64.to_le_bytes(), (-2_i64).to_le_bytes()].concat(),
            ),
        ] {
            let array = decode("x.npy".as_ref(), &file(&header(kind, "(2,)"), &data)).unwrap();
            assert_eq!(
                (array.shape, array.values),
                (vec![2], vec![1.0, -2.0]),
                "{kind}"
            );
        }
        let bytes = decode("x.npy".as_ref(), &file(&header("|u1", "(1, 2)"), &[7, 255])).unwrap();
        assert_eq!((bytes.shape, bytes.values), (vec![1, 2], vec![7.0, 255.0]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_byte() {
        for (bytes, part) in [
            (b"\x1f\x8b".to_vec(), "byte 0: expected the magic"),
            (
                file(&header("<f4", "(2,)"), &[0; 7]),
                "the numbers of shape [2], found 7 bytes",
            ),
            (file(&header("<f4", "(2,)"), &[0; 9]), "found 9 bytes"),
            (file(&header(">f4", "(1,)"), &[0; 4]), "found `>f4`"),
            (
                file(&header("<f4", "(9999999999, 9999999999, 9)"), &[]),
                "found 0 bytes",
            ),
            (file(&header("<f4", "2"), &[0; 8]), "`shape` in the header"),
            (
                file(
                    "{'descr': '<f4', 'fortran_order': True, 'shape': (), }",
                    &[0; 4],
                ),
                "row by row",
            ),
            (
                [MAGIC, &[9, 9, 0, 0, 0, 0]].concat(),
                "byte 6: expected version",
            ),
            (
                [MAGIC, &[2, 0, 255, 255, 255, 255]].concat(),
                "a header of 4294967295 bytes",
            ),
            (MAGIC.to_vec(), "byte 6: expected a header, found the end"),
        ] {
            let said = said(&bytes);
            assert!(
                said.starts_with("`x.npy`: byte ") && said.contains(part),
                "no `{part}`: {said}"
            );
        }
    }

    #[test]
    fn numbers_begin_at_a_multiple_of_64() {
        for shape in [vec![], vec![3], vec![1; 20]] {
            let count = shape.iter().product::<usize>();
            let mut bytes = Vec::new();
            write(&mut bytes, &shape, &vec![0.5; count]).unwrap();
            assert_eq!((bytes.len() - 4 * count) % 64, 0);
            assert_eq!(decode("x".as_ref(), &bytes).unwrap().shape, shape);
        }
    }
}
