//! State dicts of PyTorch, saved as safetensors: into models of ours, and from them.

use super::format::{self, Contents, Stored};
use super::model::{self, Signature};
use super::{Checkpoint, Error, Mismatch, MismatchKind, compare, read, replace, signatures};
use dfdx::nn::tensor_collection::TensorCollection;
use dfdx::prelude::{Device, Dtype};
use dfdx::tensor::safetensors::SafeDtype;
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

impl Checkpoint {
    /// Loads a state dict of PyTorch, saved as safetensors, into a plain model.
    ///
    /// A `.pth` file is a pickle, which Python alone reads. These lines make safetensors of it:
    ///
    /// ```python
    /// import torch, safetensors.torch
    /// state = torch.load("net.pth", map_location="cpu", weights_only=True)
    /// safetensors.torch.save_file({name: t.contiguous().clone() for name, t in state.items()}, "net.safetensors")
    /// ```
    ///
    /// Shapes are the same in both, and so are the names of tensors, but for those of normalisations: `weight` is also
    /// looked for as `scale` and `gamma`, `bias` as `beta`. What programs wrap a model in is taken off every name:
    /// `module.` (data parallelism), `_orig_mod.` (compilation), `model.` and `state.`. `rename` says where a tensor so
    /// named is in the model, such as the bias of a convolution, which is a layer of its own here; give the name back
    /// where it is there already.
    ///
    /// A state dict has neither epsilon nor momentum: the model keeps its own. Its counters `num_batches_tracked` are
    /// passed over.
    ///
    /// ```
    /// use bayes_core::checkpoint::Checkpoint;
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(input = (1, 6, 6))]
    /// struct Net {
    ///     conv: (Conv2D<1, 4, 3>, Bias2D<4>),
    ///     norm: BatchNorm2D<4>,
    ///     act: ReLU,
    ///     flatten: Flatten,
    ///     fc: Linear<64, 2>,
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = std::env::temp_dir().join(format!("bayes-torch-{}.safetensors", std::process::id()));
    /// let dev = Cpu::seed_from_u64(0);
    /// let mut net = dev.build_module::<Net, f32>();
    /// # let saved = dev.build_module::<Net, f32>();
    /// # Checkpoint::save_torch(&path, &saved, |name| match name {
    /// #     "conv.0.weight" => "module.conv.weight".to_owned(),
    /// #     "conv.1.bias" => "module.conv.bias".to_owned(),
    /// #     name => format!("module.{name}"),
    /// # })?;
    /// let loaded = Checkpoint::load_torch(&path, &mut net, |name| match name {
    ///     "conv.weight" => "conv.0.weight".to_owned(),
    ///     "conv.bias" => "conv.1.bias".to_owned(),
    ///     name => name.to_owned(),
    /// })?;
    /// assert_eq!(loaded.to_string(), "8 tensors loaded, `module.` taken off every name");
    /// # assert_eq!(net.fc.weight.array(), saved.fc.weight.array());
    /// # assert_eq!(net.norm.running_mean.array(), saved.norm.running_mean.array());
    /// # std::fs::remove_file(&path)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Malformed`], and [`Error::Mismatches`] with every missing, extra and misshapen tensor;
    /// [`Error::NotContiguous`], [`Error::Duplicate`] or [`Error::Reserved`] if the model cannot be loaded at all. The
    /// model is then unchanged.
    pub fn load_torch<E, D, M>(
        path: impl AsRef<Path>,
        model: &mut M,
        rename: impl Fn(&str) -> String,
    ) -> Result<Loaded, Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        load(path.as_ref(), model, |_| false, rename)
    }

    /// Writes the tensors of a plain model as a state dict of PyTorch, replacing the file at `path` in one step.
    ///
    /// In Python, `model.load_state_dict(safetensors.torch.load_file(path))` reads it. Names are ours, but for those of
    /// normalisations, which are PyTorch's; `rename` says what such a name is there. Epsilon and momentum are not
    /// written: a state dict has none.
    ///
    /// # Errors
    /// Any but [`Error::Malformed`] and [`Error::Mismatches`]; two tensors of one name are [`Error::Duplicate`]. The old
    /// file is then left as it was.
    pub fn save_torch<E, D, M>(
        path: impl AsRef<Path>,
        model: &M,
        rename: impl Fn(&str) -> String,
    ) -> Result<(), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        save(path.as_ref(), model, |_| false, |name, _| rename(name))
    }
}

/// What loading a state dict did.
///
/// ```
/// use bayes_core::checkpoint::Loaded;
///
/// let loaded = Loaded { tensors: 98, prefix: "module.".to_owned(), counters: 19 };
/// let text = "98 tensors loaded, `module.` taken off every name, 19 counters of batches passed over";
/// assert_eq!(loaded.to_string(), text);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Tensors that the model has now.
    pub tensors: usize,
    /// What every name in the file began with and was taken off; empty where there was nothing.
    pub prefix: String,
    /// Counters of batches (`num_batches_tracked`) in the file, for which there is no use.
    pub counters: usize,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tensors,
            prefix,
            counters,
        } = self;
        write!(f, "{tensors} tensors loaded")?;
        if !prefix.is_empty() {
            write!(f, ", `{prefix}` taken off every name")?;
        }
        if *counters > 0 {
            write!(f, ", {counters} counters of batches passed over")?;
        }
        Ok(())
    }
}

/// Writes the tensors of a model, but for those that are `kept`, under the names that `rename` gives: it has PyTorch's
/// name and the number of dimensions.
pub(super) fn save<E, D, M>(
    path: &Path,
    model: &M,
    kept: impl Fn(&str) -> bool,
    rename: impl Fn(&str, usize) -> String,
) -> Result<(), Error>
where
    E: Dtype + SafeDtype,
    D: Device<E>,
    M: TensorCollection<E, D>,
{
    let mut signatures = signatures(model)?;
    signatures.retain(|signature| !kept(&signature.name));
    let mut entries = model::entries(model)?;
    entries.retain(|entry| tensors(&signatures).any(|tensor| tensor.name == entry.name));
    let mut names = BTreeSet::new();
    for entry in &mut entries {
        entry.name = rename(&theirs(&signatures, &entry.name), entry.shape.len());
        let name = entry.name.clone();
        if name == format::METADATA {
            return Err(Error::Reserved { name });
        }
        if !names.insert(name.clone()) {
            return Err(Error::Duplicate { name });
        }
    }
    // What safetensors.torch writes, and what some readers ask for.
    let metadata = BTreeMap::from([("format".to_owned(), "pt".to_owned())]);
    replace::replace(path, |out| format::write(out, &metadata, &mut entries))
}

/// Loads a state dict whose names, without what wraps them, `rename` makes ours; tensors of the model that are `kept` are
/// not looked for.
pub(super) fn load<E, D, M>(
    path: &Path,
    model: &mut M,
    kept: impl Fn(&str) -> bool,
    rename: impl Fn(&str) -> String,
) -> Result<Loaded, Error>
where
    E: Dtype + SafeDtype,
    D: Device<E>,
    M: TensorCollection<E, D>,
{
    let bytes = read(path)?;
    let contents = format::read(&bytes)?;
    let mut needed = signatures(model)?;
    needed.retain(|signature| signature.holds.is_none() && !kept(&signature.name));
    let prefix = wrapping(contents.tensors.keys());
    let StateDict {
        contents,
        names,
        counters,
        mut mismatches,
    } = StateDict::of(contents, |name| {
        ours(&needed, rename(&name[prefix.len()..]))
    });
    let differences = compare::tensors(&needed, &contents, |_| true);
    mismatches.extend(
        differences
            .into_iter()
            .map(|it| named_in_the_file(it, &names)),
    );
    if !mismatches.is_empty() {
        return Err(Error::Mismatches { mismatches });
    }
    model::restore(model, &contents)?;
    Ok(Loaded {
        tensors: needed.len(),
        prefix,
        counters,
    })
}

/// A file under the model's names.
struct StateDict<'a> {
    contents: Contents<'a>,
    /// The file's name of each tensor, by ours.
    names: BTreeMap<String, String>,
    counters: usize,
    /// Names of ours that two tensors of the file have.
    mismatches: Vec<Mismatch>,
}

/// What the last part of a counter's name is: how many batches a normalisation has seen.
const COUNTER: &str = "num_batches_tracked";

impl<'a> StateDict<'a> {
    fn of(file: Contents<'a>, ours: impl Fn(&str) -> String) -> Self {
        let mut state = Self {
            contents: Contents {
                metadata: file.metadata,
                tensors: BTreeMap::new(),
            },
            names: BTreeMap::new(),
            counters: 0,
            mismatches: Vec::new(),
        };
        for (theirs, stored) in file.tensors {
            if theirs.rsplit('.').next() == Some(COUNTER) {
                state.counters += 1;
            } else {
                state.add(ours(&theirs), theirs, stored);
            }
        }
        state
    }

    fn add(&mut self, ours: String, theirs: String, stored: Stored<'a>) {
        match self.names.entry(ours.clone()) {
            Slot::Occupied(first) => self.mismatches.push(Mismatch {
                kind: MismatchKind::Presence,
                name: ours,
                expected: "one tensor of this name".to_owned(),
                found: format!("`{}` and `{theirs}`", first.get()),
            }),
            Slot::Vacant(slot) => {
                slot.insert(theirs);
                self.contents.tensors.insert(ours, stored);
            }
        }
    }
}

/// A difference with the file's name of its tensor, where that is another one.
fn named_in_the_file(mut mismatch: Mismatch, names: &BTreeMap<String, String>) -> Mismatch {
    let theirs = names.get(&mismatch.name);
    if let Some(theirs) = theirs.filter(|theirs| **theirs != mismatch.name) {
        mismatch.found += &format!(" as `{theirs}`");
    }
    mismatch
}

/// What programs put before every name of a model that they wrap.
const WRAPPERS: [&str; 4] = ["module.", "_orig_mod.", "model.", "state."];

/// The wrappers that every name begins with.
fn wrapping<'a>(names: impl Iterator<Item = &'a String> + Clone) -> String {
    let mut prefix = String::new();
    let shared = |prefix: &str| {
        let mut names = names.clone().peekable();
        names.peek().is_some() && names.all(|name| name.starts_with(prefix))
    };
    while let Some(wrapper) = WRAPPERS
        .into_iter()
        .find(|wrapper| shared(&format!("{prefix}{wrapper}")))
    {
        prefix += wrapper;
    }
    prefix
}

/// Tensors of normalisations that PyTorch calls otherwise: our name and its.
const SYNONYMS: [(&str, &str); 3] = [("scale", "weight"), ("gamma", "weight"), ("beta", "bias")];

/// A tensor's name where the model has it under that of [`SYNONYMS`].
fn ours(model: &[Signature], name: String) -> String {
    let known = |name: &str| tensors(model).any(|tensor| tensor.name == name);
    if known(&name) {
        return name;
    }
    let (layer, tensor) = split(&name);
    let named = SYNONYMS
        .iter()
        .filter(|(_, theirs)| *theirs == tensor)
        .map(|(ours, _)| format!("{layer}{ours}"))
        .find(|ours| known(ours));
    named.unwrap_or(name)
}

/// PyTorch's name of a tensor of the model.
fn theirs(model: &[Signature], name: &str) -> String {
    let (layer, tensor) = split(name);
    let synonym = SYNONYMS.iter().find(|(ours, _)| *ours == tensor);
    let named = synonym.map(|(_, theirs)| format!("{layer}{theirs}"));
    named
        .filter(|theirs| !tensors(model).any(|tensor| tensor.name == *theirs))
        .unwrap_or_else(|| name.to_owned())
}

/// The layer of a tensor with the dot behind it, and the tensor's own name.
fn split(name: &str) -> (&str, &str) {
    name.split_at(name.rfind('.').map_or(0, |dot| dot + 1))
}

/// The tensors of a model without its scalars.
fn tensors(model: &[Signature]) -> impl Iterator<Item = &Signature> {
    model.iter().filter(|signature| signature.holds.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dfdx::prelude::*;

    type Net = (Linear<3, 4>, LayerNorm1D<4>, ReLU, BatchNorm1D<4>);
    type Built = <Net as BuildOnDevice<Cpu, f32>>::Built;

    fn net(seed: u64) -> Built {
        let mut net = Cpu::seed_from_u64(seed).build_module::<Net, f32>();
        net.3.running_mean = net.3.running_mean + seed as f32;
        net.3.epsilon = 1e-5 * (seed + 1) as f64;
        net
    }

    /// Names and bytes of all tensors; scalars are no part of a state dict.
    fn state(model: &Built) -> Vec<(String, Vec<u8>)> {
        let entries = model::entries(model).expect("a model").into_iter();
        let tensors = entries.filter(|entry| !entry.shape.is_empty());
        tensors.map(|entry| (entry.name, entry.data)).collect()
    }

    /// A file with other tensors than a state dict of ours has, at a path of its own.
    fn written(entries: &[(&str, Stored<'_>)]) -> tempfile::NamedTempFile {
        let entry = |(name, stored): &(&str, Stored<'_>)| format::Entry {
            name: (*name).to_owned(),
            dtype: stored.dtype,
            shape: stored.shape.clone(),
            data: stored.data.to_vec(),
        };
        let mut entries: Vec<format::Entry> = entries.iter().map(entry).collect();
        let mut bytes = Vec::new();
        format::write(&mut bytes, &BTreeMap::new(), &mut entries).expect("bytes");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("a file");
        file
    }

    fn f32s(shape: &[usize], data: &'static [u8]) -> Stored<'static> {
        Stored {
            dtype: ::safetensors::tensor::Dtype::F32,
            shape: shape.to_vec(),
            data,
        }
    }

    #[test]
    fn a_state_dict_has_pytorchs_names_and_comes_back_bit_for_bit() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let (saved, mut loaded) = (net(1), net(2));
        let epsilon = loaded.3.epsilon;
        assert_ne!(state(&saved), state(&loaded));
        Checkpoint::save_torch(file.path(), &saved, |name| format!("module.state.{name}"))
            .expect("a file");
        let bytes = std::fs::read(file.path()).expect("a file");
        let contents = format::read(&bytes).expect("a safetensors file");
        let names: Vec<&str> = contents.tensors.keys().map(|name| &name[13..]).collect();
        let want = [
            "0.bias",
            "0.weight",
            "1.bias",
            "1.weight",
            "3.bias",
            "3.running_mean",
            "3.running_var",
            "3.weight",
        ];
        assert_eq!(names, want);
        let report = Checkpoint::load_torch(file.path(), &mut loaded, str::to_owned);
        let report = report.expect("this model's state");
        assert_eq!(state(&saved), state(&loaded));
        assert_eq!(loaded.3.epsilon, epsilon);
        assert_eq!((report.tensors, report.counters), (8, 0));
        assert_eq!(report.prefix, "module.state.");
    }

    #[test]
    fn everything_that_does_not_fit_is_in_one_error() {
        let file = written(&[
            ("module.0.weight", f32s(&[4, 2], &[0; 32])),
            ("module.0.other", f32s(&[1], &[0; 4])),
            ("module.1.weight", f32s(&[4], &[0; 16])),
            ("module.1.gamma", f32s(&[4], &[0; 16])),
            ("module.3.num_batches_tracked", f32s(&[], &[0; 4])),
        ]);
        let mut model = net(1);
        let before = state(&model);
        let result = Checkpoint::load_torch(file.path(), &mut model, str::to_owned);
        let text = result.expect_err("another model's state").to_string();
        let lines = [
            "presence of `1.gamma`: expected one tensor of this name, found `module.1.gamma` and `module.1.weight`",
            "shape of `0.weight`: expected [4, 3], found [4, 2] as `module.0.weight` in the file",
            "presence of `0.bias`: expected a tensor F32 [4], found none in the file",
            "presence of `0.other`: expected none, found a tensor F32 [1] as `module.0.other` in the file",
            "presence of `1.beta`: expected a tensor F32 [4], found none in the file",
            "presence of `3.running_var`",
        ];
        for line in lines {
            assert!(text.contains(line), "`{text}` does not say `{line}`");
        }
        assert!(
            !text.contains(COUNTER) && !text.contains("epsilon"),
            "{text}"
        );
        assert_eq!(state(&model), before);
    }

    #[test]
    fn two_tensors_of_one_name_are_refused_and_the_old_file_stays() {
        let file = written(&[("old", f32s(&[1], &[0; 4]))]);
        let before = std::fs::read(file.path()).expect("a file");
        let twice = Checkpoint::save_torch(file.path(), &net(1), |_| "one".to_owned());
        assert!(matches!(twice, Err(Error::Duplicate { name }) if name == "one"));
        let reserved =
            Checkpoint::save_torch(file.path(), &net(1), |_| format::METADATA.to_owned());
        assert!(matches!(reserved, Err(Error::Reserved { .. })));
        assert_eq!(std::fs::read(file.path()).expect("a file"), before);
    }

    #[test]
    fn what_wraps_every_name_is_found() {
        let wrapping = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            super::wrapping(names.iter())
        };
        assert_eq!(wrapping(&["module.fc.weight", "module.fc.bias"]), "module.");
        assert_eq!(
            wrapping(&["module._orig_mod.fc.weight"]),
            "module._orig_mod."
        );
        assert_eq!(wrapping(&["module.fc.weight", "fc.bias"]), "");
        assert_eq!(wrapping(&["fc.weight", "fc.bias"]), "");
        assert_eq!(wrapping(&[]), "");
    }
}
