//! What the trait objects need to know of a model's types.

use super::{Error, Examples};
use crate::models::{Architecture, Input};
use bayes_core::dfdx::shapes::ConstDim;
use bayes_core::dfdx::tensor::CpuError;
use bayes_core::plan::Structure;
use bayes_core::prelude::{
    Bind, BuildModule, Const, Cpu, FromPretrained, Module, NoneTape, OwnedTape, Shape, Tensor,
    TensorCollection, TensorFromVec,
};
use std::fmt::Debug;

/// The tape of a training pass.
pub(super) type Taped = OwnedTape<f32, Cpu>;

/// What a model gives: `rows × K`.
pub(super) type Rows<K, T = NoneTape> = Tensor<(usize, K), f32, Cpu, T>;

/// The batch of a model.
pub(super) type Taken<N, T = NoneTape> = Tensor<<N as Net>::X, f32, Cpu, T>;

/// The types of a model.
pub(super) trait Net: Debug + Send + Sync + 'static {
    /// Which model.
    const ARCHITECTURE: Architecture;

    /// The shape of a batch.
    type X: Layout;

    /// How many numbers it gives for each example.
    type K: ConstDim;

    /// The plain model.
    type Plain: Learns<Self> + BuildModule<Cpu, f32>;

    /// Its twin, whose priors have tensors as their means.
    type Bayes: Learns<Self> + FromPretrained<f32, Cpu, Plain = Self::Plain>;

    /// Our name of PyTorch's tensor.
    fn from_torch(name: &str) -> String;

    /// PyTorch's name of our tensor.
    fn to_torch(name: &str) -> String;
}

/// A model that runs for prediction and for training.
pub(super) trait Learns<N: Net + ?Sized>:
    TensorCollection<f32, Cpu>
    + Structure<f32>
    + Debug
    + Send
    + Sync
    + 'static
    + for<'a> Bind<
        Eval<'a>: Module<Taken<N>, Output = Rows<N::K>, Error = CpuError>,
        Train<'a>: Module<Taken<N, Taped>, Output = Rows<N::K, Taped>, Error = CpuError>,
    >
{
}

impl<N, M> Learns<N> for M
where
    N: Net + ?Sized,
    M: TensorCollection<f32, Cpu>
        + Structure<f32>
        + Debug
        + Send
        + Sync
        + 'static
        + for<'a> Bind<
            Eval<'a>: Module<Taken<N>, Output = Rows<N::K>, Error = CpuError>,
            Train<'a>: Module<Taken<N, Taped>, Output = Rows<N::K, Taped>, Error = CpuError>,
        >,
{
}

/// The shape of a batch, with as many rows as there are examples.
pub(super) trait Layout: Shape {
    /// The shape of `rows` examples of `width` numbers, which the model takes.
    fn of(rows: usize, width: usize) -> Self;
}

impl<const I: usize> Layout for (usize, Const<I>) {
    fn of(rows: usize, _: usize) -> Self {
        (rows, Const)
    }
}

impl<const S: usize, const F: usize> Layout for (usize, Const<S>, Const<F>) {
    fn of(rows: usize, _: usize) -> Self {
        (rows, Const, Const)
    }
}

impl<const F: usize> Layout for (usize, usize, Const<F>) {
    fn of(rows: usize, width: usize) -> Self {
        (rows, width / F.max(1), Const)
    }
}

impl<const C: usize, const H: usize, const W: usize> Layout
    for (usize, Const<C>, Const<H>, Const<W>)
{
    fn of(rows: usize, _: usize) -> Self {
        (rows, Const, Const, Const)
    }
}

/// The examples as the batch that the model takes.
pub(super) fn taken<N: Net>(examples: Examples<'_>) -> Result<Taken<N>, Error> {
    let (architecture, width) = (N::ARCHITECTURE, examples.width());
    let input = architecture.input();
    if !input.takes(width) {
        return Err(Error::Input {
            architecture,
            numbers: width,
        });
    }
    let values = match input {
        Input::Features { most } => padded(examples, most),
        Input::Shape(_) | Input::Series { .. } => examples.values().to_vec(),
    };
    let shape = N::X::of(examples.rows(), width);
    Ok(Cpu::default().try_tensor_from_vec(values, shape)?)
}

/// The examples with zeros behind the features of each.
fn padded(examples: Examples<'_>, features: usize) -> Vec<f32> {
    let mut values = vec![0.0; examples.rows() * features];
    let rows = examples.values().chunks_exact(examples.width());
    for (padded, row) in values.chunks_exact_mut(features).zip(rows) {
        padded[..row.len()].copy_from_slice(row);
    }
    values
}
