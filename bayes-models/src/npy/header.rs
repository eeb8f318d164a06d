//! The header of a `.npy` file: what comes before the numbers.

use super::{Error, Problem};
use std::fmt;

/// What every file begins with.
const MAGIC: &[u8] = b"\x93NUMPY";

/// What the numbers' place in the file is a multiple of.
const ALIGNMENT: usize = 64;

/// The most dimensions of an array, as in NumPy 2: the file says how many, and so how much memory they take.
const DIMENSIONS: usize = 64;

/// The type of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    F32,
    F64,
}

impl Number {
    fn descr(self) -> &'static str {
        match self {
            Self::F32 => "<f4",
            Self::F64 => "<f8",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

/// Number type and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub number: Number,
    pub shape: Vec<usize>,
}

/// The product of the sizes, unless it is too large.
pub(super) fn elements(shape: &[usize]) -> Option<usize> {
    // A size of 0 makes the array empty, whatever the others are.
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(1, |product: usize, &size| product.checked_mul(size))
}

impl Header {
    /// The header of a file, and the bytes of its numbers: exactly as many as the header says.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (start, length) = preamble(bytes)?;
        let available = bytes.len() - start;
        if length > available {
            return Err(malformed(
                start,
                Problem::CutShort {
                    expected: length as u128,
                    found: available,
                },
            ));
        }
        let end = start + length;
        let header = Parser {
            text: &bytes[start..end],
            at: 0,
            start,
        }
        .header()?;
        let data = &bytes[end..];
        let numbers = elements(&header.shape);
        let Some(numbers) = numbers else {
            return Err(malformed(start, Problem::TooLarge));
        };
        let expected = numbers as u128 * header.number.bytes() as u128;
        let found = data.len();
        match expected.cmp(&(found as u128)) {
            std::cmp::Ordering::Equal => Ok((header, data)),
            std::cmp::Ordering::Greater => {
                Err(malformed(end, Problem::CutShort { expected, found }))
            }
            std::cmp::Ordering::Less => {
                let wanted = expected as usize;
                Err(malformed(end + wanted, Problem::Rest(found - wanted)))
            }
        }
    }

    /// The bytes of the header, in the oldest version that holds it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sizes: String = self.shape.iter().map(|size| format!("{size}, ")).collect();
        // Of one size `(3,)`, of several `(2, 3)`, of none `()`: as Python writes them.
        let sizes = match self.shape.len() {
            1 => sizes.trim_end(),
            _ => sizes.trim_end_matches(", "),
        };
        let descr = self.number.descr();
        let mut text =
            format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
        let padded =
            |preamble: usize| (preamble + text.len() + 1).next_multiple_of(ALIGNMENT) - preamble;
        let mut bytes = MAGIC.to_vec();
        let length = match u16::try_from(padded(10)) {
            Ok(length) => {
                bytes.extend([1, 0]);
                bytes.extend(length.to_le_bytes());
                usize::from(length)
            }
            Err(_) => {
                let length = padded(12);
                bytes.extend([2, 0]);
                bytes.extend((length as u32).to_le_bytes());
                length
            }
        };
        text.extend(std::iter::repeat_n(' ', length - 1 - text.len()));
        text.push('\n');
        bytes.extend(text.into_bytes());
        bytes
    }
}

/// Where the header's text begins, and its length.
fn preamble(bytes: &[u8]) -> Result<(usize, usize), Error> {
    let at = bytes
        .iter()
        .zip(MAGIC)
        .position(|(found, want)| found != want);
    if let Some(at) = at {
        return Err(malformed(at, Problem::Magic));
    }
    let cut = |offset: usize, expected: u128| {
        let found = bytes.len() - offset;
        malformed(offset, Problem::CutShort { expected, found })
    };
    let after = MAGIC.len();
    let version = bytes
        .get(after..after + 2)
        .ok_or_else(|| cut(after.min(bytes.len()), 2))?;
    let at = after + 2;
    match *version {
        [1, 0] => {
            let length = bytes.get(at..at + 2).ok_or_else(|| cut(at, 2))?;
            Ok((
                at + 2,
                usize::from(u16::from_le_bytes([length[0], length[1]])),
            ))
        }
        [2 | 3, 0] => {
            let length = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
            let length = u32::from_le_bytes(*length.ok_or_else(|| cut(at, 4))?);
            Ok((at + 4, usize::try_from(length).unwrap_or(usize::MAX)))
        }
        _ => Err(malformed(after, Problem::Version(version[0], version[1]))),
    }
}

fn malformed(offset: usize, problem: Problem) -> Error {
    Error::Malformed { offset, problem }
}

/// Reads the dictionary of a header: a Python literal.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the text begins in the file.
    start: usize,
}

/// What is read of a value of the dictionary.
enum Value {
    Number(Number),
    RowsFirst,
    Shape(Vec<usize>),
}

impl<'a> Parser<'a> {
    fn header(mut self) -> Result<Header, Error> {
        let (mut number, mut order, mut shape) = (None, None, None);
        self.expect(b'{', "`{`")?;
        while self.peek() != Some(b'}') {
            let at = self.at;
            let key = self.string("a key in quotes, or `}`")?;
            self.expect(b':', "`:`")?;
            let again = match (key, self.value(at, key)?) {
                (_, Value::Number(found)) => number.replace(found).is_some(),
                (_, Value::RowsFirst) => order.replace(()).is_some(),
                (_, Value::Shape(found)) => shape.replace(found).is_some(),
            };
            if again {
                return Err(self.key(at, key, "twice"));
            }
            if self.peek() == Some(b',') {
                self.at += 1;
            } else if self.peek() != Some(b'}') {
                return Err(self.wrong("`,` or `}`"));
            }
        }
        self.at += 1;
        if self.peek().is_some() {
            return Err(self.wrong("nothing but spaces behind `}`"));
        }
        let end = self.at;
        let missing = |key: &str| self.key(end, key.as_bytes(), "nowhere");
        order.ok_or_else(|| missing("fortran_order"))?;
        Ok(Header {
            number: number.ok_or_else(|| missing("descr"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    fn value(&mut self, at: usize, key: &[u8]) -> Result<Value, Error> {
        match key {
            b"descr" => self.descr().map(Value::Number),
            b"fortran_order" => self.order().map(|()| Value::RowsFirst),
            b"shape" => self.shape().map(Value::Shape),
            _ => Err(self.key(at, key, "which is none of them")),
        }
    }

    fn descr(&mut self) -> Result<Number, Error> {
        self.peek();
        let at = self.at;
        // A list of fields is a structured type.
        if self.peek() == Some(b'[') {
            return Err(self.error(at, Problem::Dtype("fields".to_owned())));
        }
        let found = self.string("a number type in quotes")?;
        match found {
            b"<f4" => Ok(Number::F32),
            b"<f8" => Ok(Number::F64),
            other => Err(self.error(at, Problem::Dtype(shown(other)))),
        }
    }

    fn order(&mut self) -> Result<(), Error> {
        self.peek();
        let rest = &self.text[self.at..];
        if rest.starts_with(b"False") {
            self.at += b"False".len();
            Ok(())
        } else if rest.starts_with(b"True") {
            Err(self.error(self.at, Problem::FortranOrder))
        } else {
            Err(self.wrong("`True` or `False`"))
        }
    }

    fn shape(&mut self) -> Result<Vec<usize>, Error> {
        self.expect(b'(', "`(`")?;
        let mut shape = Vec::new();
        while self.peek() != Some(b')') {
            if shape.len() == DIMENSIONS {
                return Err(self.error(self.at, Problem::Dimensions));
            }
            shape.push(self.size()?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b')') if shape.len() > 1 => {}
                _ => return Err(self.wrong("`,` behind a size")),
            }
        }
        self.at += 1;
        Ok(shape)
    }

    fn size(&mut self) -> Result<usize, Error> {
        self.peek();
        let (from, rest) = (self.at, &self.text[self.at..]);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(self.wrong("a size"));
        }
        self.at += digits;
        // Python 2 wrote long numbers with an L.
        if self.text.get(self.at) == Some(&b'L') {
            self.at += 1;
        }
        let text = std::str::from_utf8(&rest[..digits]).ok();
        let size = text.and_then(|text| text.parse().ok());
        size.ok_or_else(|| self.error(from, Problem::TooLarge))
    }

    /// What is between the quotes.
    fn string(&mut self, expected: &'static str) -> Result<&'a [u8], Error> {
        let Some(quote @ (b'\'' | b'"')) = self.peek() else {
            return Err(self.wrong(expected));
        };
        let text = &self.text[self.at + 1..];
        let Some(length) = text.iter().position(|&byte| byte == quote) else {
            return Err(self.wrong("a closing quote"));
        };
        self.at += length + 2;
        Ok(&text[..length])
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Error> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(expected));
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let spaces = self.text[self.at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace());
        self.at += spaces.count();
        self.text.get(self.at).copied()
    }

    fn wrong(&self, expected: &'static str) -> Error {
        self.error(self.at, Problem::Header { expected })
    }

    fn key(&self, at: usize, key: &[u8], found: &'static str) -> Error {
        let key = shown(key);
        self.error(at, Problem::Key { key, found })
    }

    fn error(&self, at: usize, problem: Problem) -> Error {
        malformed(self.start + at, problem)
    }
}

/// The first letters of what a file says.
fn shown(bytes: &[u8]) -> String {
    const LETTERS: usize = 40;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LETTERS)]).into_owned();
    if bytes.len() > LETTERS {
        text + "…"
    } else {
        text
    }
}
