//! The safetensors format: a length, a JSON header, and the bytes of all tensors.
//!
//! The reader is our own because it must bear any bytes: the sizes that a header claims are checked
//! against the file with arithmetic that cannot overflow before anything is taken from it. The
//! writer is our own because equal models must give equal files, metadata included.

use super::Error;
use safetensors::tensor::{Dtype, TensorInfo};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The key of the header that holds the metadata instead of a tensor.
pub(crate) const METADATA: &str = "__metadata__";

/// A tensor on its way into a file.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<u8>,
}

/// A file, taken apart and checked; all data lies in the file's bytes.
#[derive(Debug)]
pub(crate) struct Contents<'a> {
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tensors: BTreeMap<String, Stored<'a>>,
}

/// A tensor in a file; `data` has as many bytes as dtype and shape say.
#[derive(Debug)]
pub(crate) struct Stored<'a> {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: &'a [u8],
}

/// Writes a whole file. Wide dtypes come first, so that every tensor is aligned.
pub(crate) fn write(
    out: &mut impl Write,
    metadata: &BTreeMap<String, String>,
    entries: &mut [Entry],
) -> io::Result<()> {
    entries.sort_by(|a, b| (b.dtype.size(), &a.name).cmp(&(a.dtype.size(), &b.name)));
    let mut header = Map::new();
    header.insert(METADATA.to_string(), serde_json::to_value(metadata)?);
    let mut start = 0;
    for entry in entries.iter() {
        let end = start + entry.data.len();
        let info = TensorInfo {
            dtype: entry.dtype,
            shape: entry.shape.clone(),
            data_offsets: (start, end),
        };
        header.insert(entry.name.clone(), serde_json::to_value(info)?);
        start = end;
    }
    let mut header = serde_json::to_vec(&header)?;
    header.resize(header.len().next_multiple_of(8), b' ');
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(&header)?;
    entries
        .iter()
        .try_for_each(|entry| out.write_all(&entry.data))
}

/// Takes a file apart; its tensors must cover the data without gap or overlap.
pub(crate) fn read(bytes: &[u8]) -> Result<Contents<'_>, Error> {
    let (mut header, data) = split(bytes)?;
    let metadata = match header.remove(METADATA) {
        None => BTreeMap::new(),
        Some(value) => serde_json::from_value(value)
            .map_err(|_| malformed("metadata that is not a map from text to text"))?,
    };
    let mut infos = Vec::with_capacity(header.len());
    for (name, value) in header {
        let info: TensorInfo = serde_json::from_value(value)
            .map_err(|error| malformed(format!("a bad entry for `{name}` ({error})")))?;
        infos.push((name, info));
    }
    infos.sort_by_key(|(_, info)| info.data_offsets);

    let mut tensors = BTreeMap::new();
    let mut covered = 0;
    for (
        name,
        TensorInfo {
            dtype,
            shape,
            data_offsets: (start, end),
        },
    ) in infos
    {
        let slice = data.get(start..end);
        let Some(slice) = slice.filter(|_| start == covered) else {
            return Err(malformed(format!(
                "`{name}` at bytes {start} to {end} of {}, where byte {covered} is next",
                data.len()
            )));
        };
        if byte_len(dtype, &shape) != Some(slice.len()) {
            return Err(malformed(format!(
                "{} bytes for `{name}`, which is {dtype:?} {shape:?}",
                slice.len()
            )));
        }
        covered = end;
        tensors.insert(
            name,
            Stored {
                dtype,
                shape,
                data: slice,
            },
        );
    }
    match data.len() - covered {
        0 => Ok(Contents { metadata, tensors }),
        rest => Err(malformed(format!("{rest} bytes after the last tensor"))),
    }
}

/// The parsed header and the data after it.
fn split(bytes: &[u8]) -> Result<(Map<String, Value>, &[u8]), Error> {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
        return Err(malformed(format!(
            "{} bytes, fewer than a header's length",
            bytes.len()
        )));
    };
    let length = u64::from_le_bytes(*length);
    let parts = usize::try_from(length)
        .ok()
        .and_then(|length| rest.split_at_checked(length));
    let Some((header, data)) = parts else {
        return Err(malformed(format!(
            "a header of {length} bytes in {} bytes",
            rest.len()
        )));
    };
    let header = serde_json::from_slice(header)
        .map_err(|error| malformed(format!("a header that is not JSON ({error})")))?;
    Ok((header, data))
}

/// The bytes of a tensor; `None` if they are more than can be counted.
pub(crate) fn byte_len(dtype: Dtype, shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(dtype.size(), |bytes, &size| bytes.checked_mul(size))
}

fn malformed(found: impl Into<String>) -> Error {
    Error::Malformed {
        found: found.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    #[test]
    fn what_is_written_is_read_here_and_by_the_safetensors_crate() {
        let metadata = BTreeMap::from([("key".to_string(), "a \"value\"\n".to_string())]);
        let entry = |name: &str, dtype, shape: Vec<usize>, bytes: usize| Entry {
            name: name.to_string(),
            dtype,
            shape,
            data: (0..bytes).map(|i| i as u8).collect(),
        };
        let mut entries = [
            entry("odd", Dtype::U8, vec![3], 3),
            entry("b", Dtype::F32, vec![2, 2], 16),
            entry("a", Dtype::F32, vec![0, 7], 0),
            entry("", Dtype::F64, vec![], 8),
        ];
        let mut bytes = Vec::new();
        write(&mut bytes, &metadata, &mut entries).unwrap();
        let contents = read(&bytes).unwrap();
        let theirs = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(contents.metadata, metadata);
        assert_eq!(contents.tensors.len(), 4);
        assert_eq!(theirs.len(), 4);
        for entry in &entries {
            let stored = &contents.tensors[&entry.name];
            assert_eq!((stored.dtype, &stored.shape), (entry.dtype, &entry.shape));
            assert_eq!(stored.data, entry.data);
            assert_eq!(theirs.tensor(&entry.name).unwrap().data(), entry.data);
        }
    }

    #[test]
    fn headers_that_lie_are_errors() {
        let lies = [
            (
                r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
                7,
            ),
            (
                r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
                9,
            ),
            (
                r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
                12,
            ),
            (
                r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
                8,
            ),
            (
                r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
                8,
            ),
            (
                r#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
                8,
            ),
            (
                r#"{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}"#,
                8,
            ),
            (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8),
            // 2^62 elements of 4 bytes are 2^64 bytes, which a usize takes for 0.
            (
                r#"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}"#,
                0,
            ),
            // The end lies so far out that adding the header's length to it would overflow.
            (
                r#"{"a":{"dtype":"U8","shape":[18446744073709551615],
                    "data_offsets":[0,18446744073709551615]}}"#,
                8,
            ),
            (
                r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                 "b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
                6,
            ),
            (r#"{"__metadata__":{"a":1}}"#, 0),
            (r#"[1,2]"#, 0),
            (r#"{"a":"#, 0),
            ("", 0),
        ];
        for (header, data) in lies {
            let bytes = file(header, data);
            let result = read(&bytes);
            assert!(
                matches!(result, Err(Error::Malformed { .. })),
                "{header}: {result:?}"
            );
        }
        let deep = "[".repeat(100_000);
        assert!(read(&file(&deep, 0)).is_err());
        for length in [u64::MAX, u64::MAX - 8, 1 << 40, 3] {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend(b"{}");
            assert!(read(&bytes).is_err(), "{length}");
        }
        for short in 0..8 {
            assert!(read(&vec![0; short]).is_err());
        }
        assert!(read(&file("{}", 0)).is_ok());
    }
}
