//! What a file holds against what is needed, difference by difference.

use super::format::Contents;
use super::model::{Signature, scalar_value};
use super::{Mismatch, MismatchKind};

/// All differences between the tensors needed and those of the file whose names are `ours`.
pub(super) fn tensors(
    needed: &[Signature],
    contents: &Contents<'_>,
    ours: impl Fn(&str) -> bool,
) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    for signature in needed {
        let mut differ = |kind, expected: String, found: String| {
            mismatches.push(Mismatch {
                kind,
                name: signature.name.clone(),
                expected,
                found,
            });
        };
        let Signature {
            name,
            dtype,
            shape,
            holds,
        } = signature;
        let Some(stored) = contents.tensors.get(name) else {
            let expected = format!("a tensor {dtype:?} {shape:?}");
            differ(MismatchKind::Presence, expected, "none".to_string());
            continue;
        };
        if stored.dtype != *dtype {
            let (expected, found) = (format!("{dtype:?}"), format!("{:?}", stored.dtype));
            differ(MismatchKind::Dtype, expected, found);
        }
        if stored.shape != *shape {
            let (expected, found) = (format!("{shape:?}"), format!("{:?}", stored.shape));
            differ(MismatchKind::Shape, expected, found);
        }
        let value = scalar_value(stored.data);
        if let (Some(holds), Some(value)) = (holds, value)
            && !holds(value)
        {
            let expected = "a number that the scalar's type can hold".to_string();
            differ(MismatchKind::Value, expected, value.to_string());
        }
    }
    let known = |name: &str| needed.iter().any(|signature| signature.name == name);
    let extra = contents
        .tensors
        .iter()
        .filter(|(name, _)| ours(name) && !known(name));
    mismatches.extend(extra.map(|(name, stored)| Mismatch {
        kind: MismatchKind::Presence,
        name: name.clone(),
        expected: "none".to_string(),
        found: format!("a tensor {:?} {:?}", stored.dtype, stored.shape),
    }));
    mismatches
}

/// The difference between two values of one metadata key, if any.
pub(super) fn metadata(
    key: &str,
    expected: Option<&str>,
    found: Option<&String>,
) -> Option<Mismatch> {
    let found = found.map(String::as_str);
    (expected != found).then(|| Mismatch {
        kind: MismatchKind::Metadata,
        name: key.to_string(),
        expected: quoted(expected),
        found: quoted(found),
    })
}

/// A value in quotes, or the word none.
pub(super) fn quoted(value: Option<&str>) -> String {
    value.map_or("none".to_string(), |value| format!("`{value}`"))
}
