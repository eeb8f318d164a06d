//! The model's side: what its tensors are, reading them and writing them.

use super::Error;
use super::format::{Contents, Entry};
use dfdx::dtypes::Dtype;
use dfdx::nn::tensor_collection::{
    RecursiveWalker, ScalarOptions, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut,
    ViewTensorName, ViewTensorRef,
};
use dfdx::shapes::{HasShape, Shape};
use dfdx::tensor::Tensor;
use dfdx::tensor::safetensors::SafeDtype;
use dfdx::tensor_ops::Device;
use num_traits::NumCast;
use safetensors::tensor::Dtype as Stored;
use std::collections::BTreeSet;

/// What a file must say about one tensor.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    pub(super) name: String,
    pub(super) dtype: Stored,
    pub(super) shape: Vec<usize>,
    /// For a scalar: whether its type can hold a value.
    pub(super) holds: Option<fn(f64) -> bool>,
}

/// The signatures of all tensors and scalars, in the model's order.
///
/// # Errors
/// [`Error::Duplicate`], and [`Error::NotContiguous`] for a tensor that cannot be written to.
pub(super) fn signatures<E, D, M>(model: &M) -> Result<Vec<Signature>, Error>
where
    E: Dtype + SafeDtype,
    D: Device<E>,
    M: TensorCollection<E, D>,
{
    let mut describe = Describe {
        signatures: Vec::new(),
    };
    M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut describe,
    })?;
    let mut names = BTreeSet::new();
    for signature in &describe.signatures {
        if !names.insert(&signature.name) {
            return Err(Error::Duplicate {
                name: signature.name.clone(),
            });
        }
    }
    Ok(describe.signatures)
}

struct Describe {
    signatures: Vec<Signature>,
}

impl<E: Dtype + SafeDtype, D: Device<E>> TensorVisitor<E, D> for Describe {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = Error;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, E, D>,
        (tensor, name): (&Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, Error> {
        check_contiguous(tensor, &name)?;
        let shape = tensor.shape().concrete().into();
        self.signatures.push(Signature {
            name,
            dtype: E::safe_dtype(),
            shape,
            holds: None,
        });
        Ok(None)
    }

    fn visit_scalar<N: NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        (_, name): (&N, String),
    ) -> Result<Option<N>, Error> {
        let holds: fn(f64) -> bool = |value| <N as NumCast>::from(value).is_some();
        let holds = Some(holds);
        self.signatures.push(Signature {
            name,
            dtype: Stored::F64,
            shape: Vec::new(),
            holds,
        });
        Ok(None)
    }
}

fn check_contiguous<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &Tensor<S, E, D>,
    name: &str,
) -> Result<(), Error> {
    match crate::optim::gradient::flat(tensor) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Error::NotContiguous {
            name: name.to_string(),
        }),
        Err(error) => {
            let message = error.to_string();
            Err(Error::Device {
                name: name.to_string(),
                message,
            })
        }
    }
}

/// All tensors and scalars as they go into a file; call [`signatures`] first.
pub(super) fn entries<E, D, M>(model: &M) -> Result<Vec<Entry>, Error>
where
    E: Dtype + SafeDtype,
    D: Device<E>,
    M: TensorCollection<E, D>,
{
    let mut store = Store {
        entries: Vec::new(),
    };
    M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut store,
    })?;
    Ok(store.entries)
}

struct Store {
    entries: Vec<Entry>,
}

impl<E: Dtype + SafeDtype, D: Device<E>> TensorVisitor<E, D> for Store {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = Error;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, E, D>,
        (tensor, name): (&Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, Error> {
        let mut values = vec![E::default(); tensor.shape().num_elements()];
        tensor.copy_into(&mut values);
        let shape = tensor.shape().concrete().into();
        let data = to_bytes(&values);
        self.entries.push(Entry {
            name,
            dtype: E::safe_dtype(),
            shape,
            data,
        });
        Ok(None)
    }

    fn visit_scalar<N: NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        (scalar, name): (&N, String),
    ) -> Result<Option<N>, Error> {
        let Some(value) = scalar.to_f64() else {
            return Err(Error::Scalar { name });
        };
        let data = value.to_le_bytes().to_vec();
        self.entries.push(Entry {
            name,
            dtype: Stored::F64,
            shape: Vec::new(),
            data,
        });
        Ok(None)
    }
}

/// Copies a file into the model whose signatures it has been compared with.
pub(super) fn restore<E, D, M>(model: &mut M, contents: &Contents<'_>) -> Result<(), Error>
where
    E: Dtype + SafeDtype,
    D: Device<E>,
    M: TensorCollection<E, D>,
{
    let mut restore = Restore { contents };
    M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut restore,
    })?;
    Ok(())
}

struct Restore<'a, 'b> {
    contents: &'a Contents<'b>,
}

impl<E: Dtype + SafeDtype, D: Device<E>> TensorVisitor<E, D> for Restore<'_, '_> {
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = Error;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, E, D>,
        (tensor, name): (&mut Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, Error> {
        if let Some(stored) = self.contents.tensors.get(&name) {
            tensor.copy_from(&from_bytes(stored.data));
        }
        Ok(None)
    }

    fn visit_scalar<N: NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        (scalar, name): (&mut N, String),
    ) -> Result<Option<N>, Error> {
        let stored = self.contents.tensors.get(&name);
        if let Some(value) = stored.and_then(|s| scalar_value(s.data)).and_then(N::from) {
            *scalar = value;
        }
        Ok(None)
    }
}

/// The f64 that a scalar is stored as.
pub(super) fn scalar_value(data: &[u8]) -> Option<f64> {
    data.try_into().ok().map(f64::from_le_bytes)
}

/// Little-endian bytes.
pub(super) fn to_bytes<E: Dtype + SafeDtype>(values: &[E]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(values));
    for &value in values {
        bytes.extend(SafeDtype::to_le_bytes(value));
    }
    bytes
}

/// The values of little-endian bytes; a rest too short for a value is left out.
pub(super) fn from_bytes<E: Dtype + SafeDtype>(bytes: &[u8]) -> Vec<E> {
    let values = bytes.chunks_exact(size_of::<E>());
    values
        .map(|value| <E as SafeDtype>::from_le_bytes(value, 0))
        .collect()
}
