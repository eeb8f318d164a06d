//! The file of an int8 model: a header of 24 bytes, then safetensors.
//!
//! | bytes | |
//! |---|---|
//! | 8 | `BAYESQ8` and a 0 |
//! | 4 | the [`VERSION`], little-endian |
//! | 4 | CRC-32 of everything behind the header |
//! | 8 | its length |
//! | … | safetensors: mu as I8, sigma as U8, steps and biases as F32, and the plan as JSON in the metadata |
//!
//! A file is written beside the target, flushed and renamed. One that is cut, altered or another model's is an error;
//! and since anyone can compute a checksum, what is read is checked as if nobody had.

use super::inspect::LayerInspection;
use super::machine::Machine;
use super::model::{Int8, Integers};
use super::one_by_one::{Asked, OneByOne};
use super::program::{Program, broken};
use super::record::{self, Record};
use super::signature::signature;
use crate::checkpoint::format::{self, Entry, Stored};
use crate::checkpoint::{self, replace};
use crate::draw::Key;
use crate::error::Error;
use crate::twin::{Bind, Name, StandIns};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of the format that this crate writes and reads.
pub const VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"BAYESQ8\0";
const HEADER: usize = 24;
const PLAN: &str = "plan";
const LAYERS: &str = "layers";
const MODEL: &str = "model";

/// Why an int8 file was not written or not loaded. After any of them the file at the path is whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused.
    #[error("could not read `{path}`: {source}; check the path and its rights", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] checkpoint::Error),
    /// The bytes are no int8 file of this crate.
    #[error("expected an int8 file, which begins with `BAYESQ8`, found another kind of file")]
    Foreign,
    /// A version that this crate does not know.
    #[error(
        "expected version {VERSION} of the int8 format, found {found}: quantize the model again, or use the \
             version of this crate that wrote the file"
    )]
    Version {
        /// The file's version.
        found: u32,
    },
    /// The file is cut short or altered.
    #[error("expected the bytes that were written, found {found}: take another copy of the file")]
    Damaged {
        /// What is wrong.
        found: String,
    },
    /// The file is whole, but it holds another model.
    #[error("expected an int8 form of {model}, found one of {found}")]
    OtherModel {
        /// What the model's type is made of.
        model: String,
        /// What the file's model is made of.
        found: String,
    },
}

/// Whether the file at `path` begins as one of an int8 model, whole or not.
pub fn is_int8(path: impl AsRef<Path>) -> bool {
    let mut begin = [0; MAGIC.len()];
    let file = std::fs::File::open(path);
    let read = file.and_then(|mut file| std::io::Read::read_exact(&mut file, &mut begin));
    read.is_ok() && begin == MAGIC
}

impl<M: Bind> Int8<M> {
    /// Writes the model to `path`, replacing the file there in one step.
    ///
    /// # Errors
    /// What the operating system refuses; two layers of one name.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        let bytes = self.to_bytes()?;
        replace(path.as_ref(), |file| {
            std::io::Write::write_all(file, &bytes)
        })?;
        Ok(())
    }

    /// Reads the model at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, is none of these, is damaged, or holds another model.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| FileError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes)
    }

    /// The bytes of the model's file.
    ///
    /// # Errors
    /// Two layers of one name.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        let (key, plan, tensors) = self.record()?;
        let mut names = std::collections::BTreeSet::new();
        if let Some(twice) = tensors
            .iter()
            .find(|entry| !names.insert(entry.name.clone()))
        {
            return Err(checkpoint::Error::Duplicate {
                name: twice.name.clone(),
            }
            .into());
        }
        let metadata = BTreeMap::from([
            (key.to_owned(), plan),
            (MODEL.to_owned(), signature(&M::RULE)),
        ]);
        let mut tensors: Vec<Entry> = tensors;
        let mut payload = Vec::new();
        format::write(&mut payload, &metadata, &mut tensors)
            .map_err(|error| damaged(error.to_string()))?;
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(crc32fast::hash(&payload).to_le_bytes());
        bytes.extend((payload.len() as u64).to_le_bytes());
        bytes.extend(payload);
        Ok(bytes)
    }

    /// The model of a file's bytes. Memory is bounded by their number.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let payload = payload(bytes)?;
        let contents = format::read(payload).map_err(|error| damaged(error.to_string()))?;
        let text = |key: &str| {
            let text = contents.metadata.get(key);
            text.ok_or_else(|| damaged(format!("no `{key}` in its metadata")))
        };
        let (model, found) = (signature(&M::RULE), text(MODEL)?);
        if model != *found {
            return Err(FileError::OtherModel {
                model,
                found: found.clone(),
            });
        }
        let (form, layers) = match contents.metadata.contains_key(LAYERS) {
            false => whole(text(PLAN)?, contents.tensors)?,
            true => one_by_one(text(LAYERS)?, contents.tensors)?,
        };
        if let Integers::OneByOne(layers) = &form {
            let asked = Asked::default();
            M::int8(&StandIns::new(&asked, &Key::MEAN.into()), &Name::ROOT);
            let asked = asked.0.take();
            if let Some(name) = asked.iter().find(|name| !layers.runs(name)) {
                return Err(damaged(format!("no layer `{name}`")));
            }
        }
        Ok(Self::new(Arc::new(form), layers.into()))
    }

    /// The key of the plans in the metadata, the plans and their tensors.
    fn record(&self) -> Result<(&'static str, String, Vec<Entry>), FileError> {
        let json =
            |plan: serde_json::Result<String>| plan.map_err(|error| damaged(error.to_string()));
        match &*self.form {
            Integers::Whole(machine) => {
                let (record, tensors) = record::of(&machine.program, &self.layers, "");
                Ok((PLAN, json(serde_json::to_string(&record))?, tensors))
            }
            Integers::OneByOne(layers) => {
                let (mut records, mut tensors) = (Vec::new(), Vec::new());
                let mut inspected = &*self.layers;
                for (name, machine) in &layers.0 {
                    let (of_this, rest) = inspected.split_at(machine.program.plan.steps.len());
                    let prefix = format!("{name}/");
                    let (record, of_layer) = record::of(&machine.program, of_this, &prefix);
                    records.push((name, record));
                    tensors.extend(of_layer);
                    inspected = rest;
                }
                Ok((LAYERS, json(serde_json::to_string(&records))?, tensors))
            }
        }
    }
}

/// A model and what is to be said of it.
type Read = (Integers, Vec<LayerInspection>);

fn whole(plan: &str, tensors: BTreeMap<String, Stored<'_>>) -> Result<Read, FileError> {
    let record: Record = plan_of(plan)?;
    let (program, layers) = record.program(tensors).map_err(damaged)?;
    Ok((Integers::Whole(Box::new(checked(program)?)), layers))
}

fn one_by_one(plans: &str, tensors: BTreeMap<String, Stored<'_>>) -> Result<Read, FileError> {
    let records: Vec<(String, Record)> = plan_of(plans)?;
    let unknown = |name: &str| damaged(format!("a tensor `{name}` that no layer has"));
    let mut by_layer: BTreeMap<String, BTreeMap<String, Stored<'_>>> = BTreeMap::new();
    for (key, tensor) in tensors {
        let (layer, name) = key.split_once('/').ok_or_else(|| unknown(&key))?;
        let of_layer = by_layer.entry(layer.to_owned()).or_default();
        of_layer.insert(name.to_owned(), tensor);
    }
    let (mut machines, mut layers) = (Vec::new(), Vec::new());
    for (name, record) in records {
        let of_this = by_layer.remove(&name).unwrap_or_default();
        let (program, of_layer) = record.program(of_this).map_err(damaged)?;
        machines.push((name, checked(program)?));
        layers.extend(of_layer);
    }
    if let Some((layer, tensors)) = by_layer.first_key_value() {
        let first = tensors.keys().next().map_or("", String::as_str);
        return Err(unknown(&format!("{layer}/{first}")));
    }
    Ok((Integers::OneByOne(OneByOne(machines)), layers))
}

fn plan_of<R: serde::de::DeserializeOwned>(text: &str) -> Result<R, FileError> {
    serde_json::from_str(text).map_err(|error| damaged(format!("a bad plan ({error})")))
}

fn checked(program: Program) -> Result<Machine, FileError> {
    machine(program).map_err(|error| damaged(error.to_string()))
}

fn machine(program: Program) -> Result<Machine, Error> {
    // Packing pads outputs to 16 and runs to 4 bytes: what a file of many tiny layers could make of that is bounded
    // by the number of its layers, each of which takes bytes of the file.
    if program.plan.steps.len() != program.scales.len().saturating_sub(1) {
        return Err(broken("plan", "it has not one value for each step"));
    }
    Machine::new(program)
}

/// What lies behind the header.
fn payload(bytes: &[u8]) -> Result<&[u8], FileError> {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        let foreign =
            !MAGIC.starts_with(&bytes[..bytes.len().min(8)]) && !bytes.starts_with(&MAGIC);
        return Err(if foreign {
            FileError::Foreign
        } else {
            damaged(format!("{} bytes, fewer than a header", bytes.len()))
        });
    };
    let (magic, rest) = header.split_at(8);
    if magic != MAGIC {
        return Err(FileError::Foreign);
    }
    let number = |at: usize, len: usize| {
        let digits = rest[at..at + len].iter().rev();
        digits.fold(0u64, |number, &byte| number << 8 | u64::from(byte))
    };
    let (version, checksum, length) = (number(0, 4), number(4, 4), number(8, 8));
    if version != u64::from(VERSION) {
        return Err(FileError::Version {
            found: version as u32,
        });
    }
    if length != payload.len() as u64 {
        return Err(damaged(format!(
            "{} bytes where {length} were written",
            payload.len()
        )));
    }
    if checksum != u64::from(crc32fast::hash(payload)) {
        return Err(damaged("another checksum".to_owned()));
    }
    Ok(payload)
}

fn damaged(found: String) -> FileError {
    FileError::Damaged { found }
}
