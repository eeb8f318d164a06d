//! Examples to be predicted, from the files of a user.

use super::Failure;
use super::sets::fits;
#[cfg(feature = "images")]
use super::sets::image_shape;
#[cfg(feature = "images")]
use crate::data::folder;
use crate::data::{Set, Table, Targets, Values, idx};
use crate::models::Architecture;
use crate::npy::Array;
use clap::ValueEnum;
use std::path::Path;

/// What a file of inputs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A NumPy array, the examples along its first size
    Npy,
    /// Images in the format of MNIST, also compressed
    Idx,
    /// A table with a header, all of whose columns the model takes
    Csv,
    /// A JPEG or PNG image, or a folder of them
    Images,
}

/// Examples from a file.
///
/// # Errors
/// A file that is damaged, or holds examples that the model does not take.
pub fn inputs(
    path: &Path,
    format: Option<Format>,
    architecture: Architecture,
) -> Result<Set, Failure> {
    let name = path.display().to_string();
    let format = format.or_else(|| by_name(path)).ok_or_else(|| {
        Failure::usage(format!(
            "expected a file whose name says what it is, found `{name}`; say it with `--format`"
        ))
    })?;
    let set = match format {
        Format::Npy => {
            let bytes = std::fs::read(path).map_err(Failure::io("read", path))?;
            let array = Array::from_bytes(&bytes)
                .map_err(|error| Failure::Failed(format!("`{name}`: {error}")))?;
            let (shape, values) = array.into_parts();
            let [_, example @ ..] = &shape[..] else {
                return Err(Failure::usage(format!(
                    "expected examples along the first size of the array in `{name}`, found a single number; reshape it"
                )));
            };
            let example = match example {
                [] => vec![1],
                sizes => sizes.to_vec(),
            };
            Set::new(example, Values::Floats(values.into_f32()), Targets::None)?
        }
        Format::Idx => {
            let images = idx::read_images(path)?;
            Set::new(
                vec![1, images.height, images.width],
                Values::Bytes(images.pixels),
                Targets::None,
            )?
        }
        Format::Csv => {
            let table = Table::read(path)?;
            Set::new(
                vec![table.columns.len()],
                Values::Floats(table.values),
                Targets::None,
            )?
        }
        #[cfg(feature = "images")]
        Format::Images => {
            let files = folder::pictures(path)?;
            folder::Pictures::new(files, image_shape(architecture)?)?.into_set(Targets::None)?
        }
        #[cfg(not(feature = "images"))]
        Format::Images => {
            return Err(Failure::usage(
                "expected a program that reads images, found one without; build it with `--features images`",
            ));
        }
    };
    fits(set.shape(), architecture, &name)?;
    if set.is_empty() {
        return Err(Failure::usage(format!(
            "expected at least 1 example in `{name}`, found none; is it the right file?"
        )));
    }
    Ok(set)
}

fn by_name(path: &Path) -> Option<Format> {
    if path.is_dir() {
        return Some(Format::Images);
    }
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match name.rsplit_once('.') {
        Some((_, "npy")) => Some(Format::Npy),
        Some((_, "idx")) => Some(Format::Idx),
        Some((_, "csv")) => Some(Format::Csv),
        Some((_, "jpg" | "jpeg" | "png")) => Some(Format::Images),
        _ => name.ends_with("-ubyte").then_some(Format::Idx),
    }
}
