//! TensorBoard's event files: TFRecord framing around `Event` messages in protobuf's wire format.
//!
//! | bytes of a record | content |
//! |---|---|
//! | 8 | length n of the message, little-endian |
//! | 4 | masked CRC-32C of those 8 bytes |
//! | n | the message |
//! | 4 | masked CRC-32C of the message |
//!
//! A CRC c is masked as `((c >> 15) | (c << 17)) + 0xa282ead8`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// An event file that grows.
#[derive(Debug)]
pub struct EventFile(File);

impl EventFile {
    /// A new file in `folder`. TensorBoard reads all of them in a folder together.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let now = now();
        let name = format!(
            "events.out.tfevents.{:010}.bayes.{}",
            now as u64,
            std::process::id()
        );
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(folder.join(name))?;
        let mut events = Self(file);
        let mut event = wall_time(now);
        bytes_field(&mut event, 3, b"brain.Event:2");
        events.write(&event)?;
        Ok(events)
    }

    /// Appends numbers of one step, by their names.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn scalars(&mut self, step: u64, scalars: &[(&str, f64)]) -> io::Result<()> {
        self.write(&scalars_event(now(), step, scalars))
    }

    fn write(&mut self, message: &[u8]) -> io::Result<()> {
        self.0.write_all(&record(message))
    }
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// `Event { wall_time: 1, step: 2, summary: 5 }` with `Summary { value: 1 }` and `Value { tag: 1, simple_value: 2 }`.
fn scalars_event(wall: f64, step: u64, scalars: &[(&str, f64)]) -> Vec<u8> {
    let mut summary = Vec::new();
    for (name, value) in scalars {
        let mut of_value = Vec::new();
        bytes_field(&mut of_value, 1, name.as_bytes());
        // Field 2, 32 bits.
        of_value.push(2 << 3 | 5);
        of_value.extend((*value as f32).to_le_bytes());
        bytes_field(&mut summary, 1, &of_value);
    }
    let mut event = wall_time(wall);
    // Field 2, a varint.
    event.push(2 << 3);
    varint(&mut event, step);
    bytes_field(&mut event, 5, &summary);
    event
}

/// An event with field 1, 64 bits.
fn wall_time(seconds: f64) -> Vec<u8> {
    let mut event = vec![1 << 3 | 1];
    event.extend(seconds.to_le_bytes());
    event
}

fn bytes_field(message: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    message.push(field << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

fn record(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u64).to_le_bytes();
    let mut record = length.to_vec();
    record.extend(masked_crc(&length).to_le_bytes());
    record.extend_from_slice(message);
    record.extend(masked_crc(message).to_le_bytes());
    record
}

fn masked_crc(bytes: &[u8]) -> u32 {
    let crc = crc32c(bytes);
    (crc.rotate_right(15)).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli 1993), bit by bit: messages are short.
fn crc32c(bytes: &[u8]) -> u32 {
    /// The polynomial 0x1EDC6F41, reflected.
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let step = |crc: u32| (crc >> 1) ^ (POLYNOMIAL & 0_u32.wrapping_sub(crc & 1));
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_that_of_rfc_3720() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    #[test]
    fn an_event_has_these_bytes() {
        let event = scalars_event(1.5, 300, &[("a", 0.5)]);
        let want = [
            &[0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f][..],
            &[0x10, 0xac, 0x02],
            &[0x2a, 10, 0x0a, 8, 0x0a, 1, b'a', 0x15, 0, 0, 0, 0x3f],
        ]
        .concat();
        assert_eq!(event, want);
    }

    #[test]
    fn a_file_is_whole_records() {
        let folder = tempfile::tempdir().unwrap();
        let mut events = EventFile::create(folder.path()).unwrap();
        events.scalars(1, &[("loss", 2.0), ("nll", 1.0)]).unwrap();
        let file = std::fs::read_dir(folder.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        assert!(file.to_str().unwrap().contains("events.out.tfevents."));
        let bytes = std::fs::read(file).unwrap();
        let (mut rest, mut records) = (&bytes[..], Vec::new());
        while let Some((length, after)) = rest.split_first_chunk::<8>() {
            let length = u64::from_le_bytes(*length) as usize;
            let message = &after[4..4 + length];
            assert_eq!(&record(message)[..], &rest[..length + 16]);
            records.push(message);
            rest = &rest[length + 16..];
        }
        assert_eq!(records.len(), 2);
        assert!(records[0].ends_with(b"brain.Event:2"));
        assert!(records[1].windows(4).any(|part| part == b"loss"));
    }
}
