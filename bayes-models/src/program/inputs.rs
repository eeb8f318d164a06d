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
    /// A table with a header; the columns that the model learnt from are found by their names
    Csv,
    /// A JPEG or PNG image, or a folder of them
    Images,
}

/// Examples from a file; of a table the `columns` by their names, where the model knows some.
///
/// # Errors
/// A file that is damaged, or holds examples that the model does not take, or numbers that are none.
pub fn inputs(
    path: &Path,
    format: Option<Format>,
    architecture: Architecture,
    columns: Option<&[String]>,
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
            let (values, width) = (values.into_f32(), example.iter().product::<usize>());
            if let Some(at) = values.iter().position(|x| !x.is_finite()) {
                return Err(Failure::usage(format!(
                    "expected finite numbers in `{name}`, found {} in example {}; a model has no answer to that",
                    values[at],
                    at / width.max(1)
                )));
            }
            Set::new(example, Values::Floats(values), Targets::None)?
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
            let mut table = Table::read(path)?;
            if let Some(columns) = columns {
                let picked = table.pick(columns);
                table = picked.map_err(|error| Failure::usage(format!("`{name}`: {error}")))?;
            }
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
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.') {
        Some((_, "npy")) => Some(Format::Npy),
        Some((_, "idx")) => Some(Format::Idx),
        Some((_, "csv")) => Some(Format::Csv),
        Some((_, "jpg" | "jpeg" | "png")) => Some(Format::Images),
        _ => name.ends_with("-ubyte").then_some(Format::Idx),
    }
}
