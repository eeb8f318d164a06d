//! A file of golden values: named tensors and the case that they are of, and the comparison with what we compute.

use bayes_core::kernels::real::Real;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The directory of files that replace the project's own.
const DIRECTORY_VARIABLE: &str = "BAYES_FIXTURES";

/// The largest error of an element, as a fraction of the largest magnitude in its tensor: the files are in `f32`.
pub const TOLERANCE: f64 = 1e-5;

/// Elements that a failed comparison lists.
const LISTED: usize = 5;

/// The contents of the file `name`, from the directory in `BAYES_FIXTURES` or, where it is not there, the project's.
pub fn read(name: &str) -> Vec<u8> {
    let path = locate(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn locate(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = tests.join("fixtures").join(name);
    let Some(given) = std::env::var_os(DIRECTORY_VARIABLE) else {
        return own;
    };
    // Cargo runs tests in their package; whoever calls it most likely stands in the workspace.
    let given = Path::new(&given);
    let directory = [given.to_path_buf(), tests.join("..").join(given)]
        .into_iter()
        .find(|directory| directory.is_dir())
        .unwrap_or_else(|| panic!("{DIRECTORY_VARIABLE}: {} is no directory", given.display()));
    let path = directory.join(name);
    if path.is_file() {
        return path;
    }
    // Not `eprintln`, which the test harness holds back when the test passes.
    let message = format!(
        "{name} is not in {}: using the project's own\n",
        directory.display()
    );
    std::io::stderr()
        .write_all(message.as_bytes())
        .expect("standard error");
    own
}

/// The tensors `state.…` of the file `<name>.safetensors` in a file of their own, as a state dict is.
pub fn state_dict(name: &str) -> NamedTempFile {
    let bytes = read(&format!("{name}.safetensors"));
    let all = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let mut state = all.tensors();
    state.retain(|(name, _)| name.starts_with("state."));
    let written = safetensors::serialize(state, &None).expect("a file of the state");
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), written).expect("a file");
    file
}

/// Shapes and bytes of all tensors in a file.
pub fn tensors(path: &Path) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let bytes = std::fs::read(path).expect("a file");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| (name, (view.shape().to_vec(), view.data().to_vec())))
        .collect()
}

/// A tensor of a file, row-major. Every number type of the files fits `f64` exactly.
#[derive(Debug)]
pub struct Golden {
    /// Sizes; none for a single number.
    pub shape: Vec<usize>,
    /// Elements.
    pub values: Vec<f64>,
}

impl Golden {
    fn new(view: &TensorView<'_>) -> Self {
        let values = match view.dtype() {
            Dtype::F32 => numbers(view.data(), |bytes| f32::from_le_bytes(bytes).into()),
            Dtype::F64 => numbers(view.data(), f64::from_le_bytes),
            Dtype::I32 => numbers(view.data(), |bytes| i32::from_le_bytes(bytes).into()),
            Dtype::I64 => numbers(view.data(), |bytes| i64::from_le_bytes(bytes) as f64),
            other => panic!("no reader for tensors of {other:?}"),
        };
        Self {
            shape: view.shape().to_vec(),
            values,
        }
    }

    /// The elements as `E`.
    pub fn to<E: Real>(&self) -> Vec<E> {
        self.values.iter().map(|&value| E::narrow(value)).collect()
    }

    /// The sizes, which must be `N`.
    pub fn sizes<const N: usize>(&self) -> [usize; N] {
        let found = &self.shape;
        self.shape
            .as_slice()
            .try_into()
            .unwrap_or_else(|_| panic!("expected {N} dimensions, found {found:?}"))
    }
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| number(bytes))
        .collect()
}

/// A file of tensors.
#[derive(Debug)]
pub struct Fixture {
    name: String,
    tensors: BTreeMap<String, Golden>,
    case: HashMap<String, Value>,
}

impl Fixture {
    /// Reads `<name>.safetensors`.
    pub fn open(name: &str) -> Self {
        let name = format!("{name}.safetensors");
        let bytes = read(&name);
        let fail = |error: &dyn std::fmt::Display| -> ! { panic!("{name}: {error}") };
        let file = SafeTensors::deserialize(&bytes).unwrap_or_else(|error| fail(&error));
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap_or_else(|error| fail(&error));
        let case = header
            .metadata()
            .as_ref()
            .and_then(|texts| texts.get("case"));
        let case = case.map_or_else(HashMap::new, |text| {
            serde_json::from_str(text).unwrap_or_else(|error| fail(&error))
        });
        let tensors = file.tensors().into_iter();
        let tensors = tensors.map(|(name, view)| (name, Golden::new(&view)));
        Self {
            tensors: tensors.collect(),
            case,
            name,
        }
    }

    /// The tensor `name`, if the file has it.
    pub fn get(&self, name: &str) -> Option<&Golden> {
        self.tensors.get(name)
    }

    /// The names of the tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The tensor `name`.
    pub fn tensor(&self, name: &str) -> &Golden {
        self.get(name)
            .unwrap_or_else(|| panic!("{}: no tensor {name}", self.name))
    }

    /// The number `key` of the case, or `default` where the case does not say.
    pub fn number(&self, key: &str, default: f64) -> f64 {
        self.case.get(key).map_or(default, |value| {
            let found = value.as_f64();
            found.unwrap_or_else(|| panic!("{}: {key} is no number: {value}", self.name))
        })
    }

    /// The size `key` of the case, or `default` where the case does not say. Kernels are square: two equal sizes
    /// count as one.
    pub fn size(&self, key: &str, default: Option<usize>) -> usize {
        let fail = |what: String| -> ! { panic!("{}: {key}: {what}", self.name) };
        let Some(value) = self.case.get(key) else {
            return default.unwrap_or_else(|| fail("not in the case".into()));
        };
        let value = match value.as_array().map(Vec::as_slice) {
            Some([height, width]) if height == width => height,
            _ => value,
        };
        let found = value.as_u64().and_then(|size| usize::try_from(size).ok());
        found.unwrap_or_else(|| fail(format!("no size: {value}")))
    }

    /// Compares the tensor `name` with what `way` computed.
    pub fn compare<E: Real>(&self, way: &str, name: &str, got: &[E]) {
        let want = self.tensor(name);
        compare(
            &format!("{}, {name}, by {way}", self.name),
            want,
            got,
            TOLERANCE,
        );
    }

    /// As [`compare`](Self::compare), for a tensor that the file may lack.
    pub fn compare_if_there<E: Real>(&self, way: &str, name: &str, got: &[E]) {
        if self.get(name).is_some() {
            self.compare(way, name, got);
        }
    }
}

/// Asserts |got − want| ≤ `tolerance`·max|want| for every element.
pub fn compare<E: Real>(what: &str, want: &Golden, got: &[E], tolerance: f64) {
    assert_eq!(got.len(), want.values.len(), "{what}: number of elements");
    let magnitude = |largest: f64, want: &f64| largest.max(want.abs());
    let bound = tolerance * want.values.iter().fold(0.0, magnitude);
    let pairs = want.values.iter().zip(got.iter().map(|got| got.widen()));
    let errors = pairs.map(|(want, got)| (got - want).abs()).enumerate();
    let misses = |&(_, error): &(usize, f64)| error > bound || error.is_nan();
    let mut wrong: Vec<(usize, f64)> = errors.filter(misses).collect();
    if wrong.is_empty() {
        return;
    }
    wrong.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let line = |&(i, error): &(usize, f64)| {
        let (got, want_here) = (got[i], want.values[i]);
        let index = position(i, &want.shape);
        format!("\n  {index:?}: got {got:?}, want {want_here:?}, error {error:.1e}")
    };
    let lines: String = wrong.iter().take(LISTED).map(line).collect();
    let (count, all) = (wrong.len(), got.len());
    panic!("{what}: {count} of {all} elements miss by more than {bound:.1e}, the worst:{lines}");
}

/// The index of element `i` of a row-major tensor.
fn position(i: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = i;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&size| {
            let here = rest % size;
            rest /= size;
            here
        })
        .collect();
    index.reverse();
    index
}
