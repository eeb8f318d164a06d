//! The optimiser's side: its state as tensors and metadata of a file.
//!
//! Tensors are named `optimizer.<tensor>.first`, `.second` (shaped like the tensor) and `.step`
//! (a U64); the rest is metadata.

use super::compare::{self, metadata};
use super::format::{Contents, Entry, byte_len};
use super::model::{Signature, from_bytes, to_bytes};
use super::{Error, Mismatch, MismatchKind};
use crate::optim::{Moments, State};
use dfdx::dtypes::Dtype;
use dfdx::tensor::safetensors::SafeDtype;
use safetensors::tensor::Dtype as Stored;
use std::collections::{BTreeMap, BTreeSet};

/// What the names of all tensors of the state begin with.
pub(super) const PREFIX: &str = "optimizer.";

const KIND: &str = "bayes.optimizer";
const STEP: &str = "bayes.optimizer.step";
const FROZEN: &str = "bayes.optimizer.frozen";
const ONLY: &str = "bayes.optimizer.only";

/// The moments that a state has for a tensor, by the last part of their names.
const MOMENTS: [&str; 2] = ["first", "second"];

/// Adds the state to what will be written.
pub(super) fn store<E: Dtype + SafeDtype>(
    kind: &str,
    state: &State<E>,
    model: &[Signature],
    entries: &mut Vec<Entry>,
    metadata: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    for (name, moments) in &state.moments {
        let tensor = model
            .iter()
            .find(|tensor| tensor.name == *name && tensor.holds.is_none());
        let failed = |found: String| Error::Moments {
            name: name.clone(),
            found,
        };
        let Some(tensor) = tensor else {
            return Err(failed("moments, but no tensor".to_string()));
        };
        for (part, values) in MOMENTS.into_iter().zip([&moments.first, &moments.second]) {
            if values.is_empty() {
                continue;
            }
            let data = to_bytes(values);
            if byte_len(tensor.dtype, &tensor.shape) != Some(data.len()) {
                return Err(failed(format!("{} elements", values.len())));
            }
            let (dtype, shape) = (tensor.dtype, tensor.shape.clone());
            entries.push(Entry {
                name: moment_name(name, part),
                dtype,
                shape,
                data,
            });
        }
        let data = moments.step.to_le_bytes().to_vec();
        let name = moment_name(name, "step");
        entries.push(Entry {
            name,
            dtype: Stored::U64,
            shape: Vec::new(),
            data,
        });
    }
    metadata.insert(KIND.to_string(), kind.to_string());
    metadata.insert(STEP.to_string(), state.step.to_string());
    for (key, paths) in [(FROZEN, &state.frozen), (ONLY, &state.only)] {
        let list = serde_json::Value::from_iter(paths.iter().cloned());
        metadata.insert(key.to_string(), list.to_string());
    }
    Ok(())
}

fn moment_name(tensor: &str, part: &str) -> String {
    format!("{PREFIX}{tensor}.{part}")
}

/// The state in a file, or all that keeps it from being one for this model and kind of optimiser.
pub(super) fn load<E: Dtype + SafeDtype>(
    kind: &str,
    moments: usize,
    model: &[Signature],
    contents: &Contents<'_>,
) -> Result<State<E>, Vec<Mismatch>> {
    let mut mismatches: Vec<Mismatch> = metadata(KIND, Some(kind), contents.metadata.get(KIND))
        .into_iter()
        .collect();
    let entry = |key| contents.metadata.get(key).map(String::as_str);
    let step = entry(STEP).and_then(|step| step.parse().ok());
    if step.is_none() {
        mismatches.push(unreadable(STEP, "a count", entry(STEP)));
    }
    let mut paths = |key, absent| {
        let list = entry(key).or(absent);
        let paths = list.and_then(|list| serde_json::from_str(list).ok());
        if paths.is_none() {
            mismatches.push(unreadable(key, "a JSON list of paths", entry(key)));
        }
        paths
    };
    // A file from before there was such a limit has none.
    let (frozen, only) = (paths(FROZEN, None), paths(ONLY, Some("[]")));
    let tensors = tensors(model, contents);
    let mut signatures = Vec::new();
    for tensor in &tensors {
        signatures.extend(expected(tensor, moments));
    }
    mismatches.extend(compare::tensors(&signatures, contents, |name| {
        name.starts_with(PREFIX)
    }));
    match (step, frozen, only) {
        (Some(step), Some(frozen), Some(only)) if mismatches.is_empty() => {
            let moments = tensors
                .iter()
                .map(|t| (t.name.clone(), read(&t.name, contents)));
            Ok(State {
                step,
                moments: moments.collect(),
                frozen,
                only,
            })
        }
        _ => Err(mismatches),
    }
}

/// The model's tensors that the file has a state for.
fn tensors<'m>(model: &'m [Signature], contents: &Contents<'_>) -> Vec<&'m Signature> {
    let parts = contents
        .tensors
        .keys()
        .filter_map(|name| name.strip_prefix(PREFIX));
    let names: BTreeSet<&str> = parts
        .filter_map(|part| part.rsplit_once('.'))
        .map(|(tensor, _)| tensor)
        .collect();
    model
        .iter()
        .filter(|tensor| tensor.holds.is_none() && names.contains(tensor.name.as_str()))
        .collect()
}

fn expected(tensor: &Signature, moments: usize) -> impl Iterator<Item = Signature> {
    let step = Signature {
        name: moment_name(&tensor.name, "step"),
        dtype: Stored::U64,
        shape: Vec::new(),
        holds: None,
    };
    let parts = MOMENTS.into_iter().take(moments);
    let parts = parts.map(|part| Signature {
        name: moment_name(&tensor.name, part),
        ..tensor.clone()
    });
    parts.chain([step])
}

fn read<E: Dtype + SafeDtype>(tensor: &str, contents: &Contents<'_>) -> Moments<E> {
    let data = |part| {
        contents
            .tensors
            .get(&moment_name(tensor, part))
            .map_or(&[][..], |s| s.data)
    };
    let step = data("step").try_into().map_or(0, u64::from_le_bytes);
    let [first, second] = MOMENTS.map(|part| from_bytes(data(part)));
    Moments {
        step,
        first,
        second,
    }
}

fn unreadable(key: &str, expected: &str, found: Option<&str>) -> Mismatch {
    Mismatch {
        kind: MismatchKind::Metadata,
        name: key.to_string(),
        expected: expected.to_string(),
        found: compare::quoted(found),
    }
}
