//! What the trait objects need to know of a model's types.

use super::{Error, Examples};
use crate::models::{Architecture, Input};
use crate::train::TrainingDevice;
use bayes_core::device::Workers;
use bayes_core::dfdx::shapes::ConstDim;
use bayes_core::plan::Structure;
use bayes_core::predict::{HostRows, Job};
use bayes_core::prelude::{
    Bind, BuildModule, Const, Cpu, Device, FromPretrained, HasErr, Module, NoneTape, OwnedTape,
    Rank0, Shape, Tensor, TensorCollection,
};

/// The tape of a training pass.
pub(super) type Taped<D> = OwnedTape<f32, D>;

/// What a model gives: `rows × K`.
pub(super) type Rows<K, D, T = NoneTape> = Tensor<(usize, K), f32, D, T>;

/// The batch of a model.
pub(super) type Taken<N, D, T = NoneTape> = Tensor<<N as Net>::X, f32, D, T>;

/// A number on its tape.
pub(super) type Number<D> = Tensor<Rank0, f32, D, Taped<D>>;

/// The types of a model on a device.
pub(super) trait Net: 'static {
    /// Which model.
    const ARCHITECTURE: Architecture;

    /// The device.
    type D: TrainingDevice
        + for<'m> Workers<Job<'m, Self::Plain, Taken<Self, Self::D>>>
        + for<'m> Workers<Job<'m, Self::Bayes, Taken<Self, Self::D>>>;

    /// The model on the CPU, where several threads may ask it.
    type Host: Net<D = Cpu, Plain: Send + Sync, Bayes: Send + Sync>;

    /// The shape of a batch.
    type X: Layout;

    /// How many numbers it gives for each example.
    type K: ConstDim;

    /// The plain model.
    type Plain: Learns<Self> + BuildModule<Self::D, f32>;

    /// Its twin, whose priors have tensors as their means.
    type Bayes: Learns<Self> + FromPretrained<f32, Self::D, Plain = Self::Plain>;

    /// Our name of PyTorch's tensor.
    fn from_torch(name: &str) -> String;

    /// PyTorch's name of our tensor.
    fn to_torch(name: &str) -> String;
}

/// What a model's device fails with.
type Failed<N> = <<N as Net>::D as HasErr>::Err;

/// A model that runs for prediction and for training.
pub(super) trait Learns<N: Net + ?Sized>:
    TensorCollection<f32, N::D>
    + Structure<f32>
    + 'static
    + for<'a> Bind<
        Eval<'a>: Module<Taken<N, N::D>, Output = Rows<N::K, N::D>, Error = Failed<N>>,
        Train<'a>: Module<
            Taken<N, N::D, Taped<N::D>>,
            Output = Rows<N::K, N::D, Taped<N::D>>,
            Error = Failed<N>,
        >,
    >
{
}

impl<N, M> Learns<N> for M
where
    N: Net + ?Sized,
    M: TensorCollection<f32, N::D>
        + Structure<f32>
        + 'static
        + for<'a> Bind<
            Eval<'a>: Module<Taken<N, N::D>, Output = Rows<N::K, N::D>, Error = Failed<N>>,
            Train<'a>: Module<
                Taken<N, N::D, Taped<N::D>>,
                Output = Rows<N::K, N::D, Taped<N::D>>,
                Error = Failed<N>,
            >,
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

/// The examples as the batch that the model takes, on `device`.
pub(super) fn taken<N: Net, D: Device<f32>>(
    device: &D,
    examples: Examples<'_>,
) -> Result<Taken<N, D>, Error> {
    let (values, shape) = fitted::<N>(examples)?;
    let batch = device.try_tensor_from_vec(values, shape);
    batch.map_err(Error::device)
}

/// The examples as the batch that the model takes, still on the host.
pub(super) fn rows<N: Net, D: Device<f32>>(
    device: &D,
    examples: Examples<'_>,
) -> Result<HostRows<N::X, f32, D>, Error> {
    let (values, shape) = fitted::<N>(examples)?;
    Ok(HostRows::new(device, values, shape)?)
}

/// The numbers that the model takes, and their shape.
fn fitted<N: Net>(examples: Examples<'_>) -> Result<(Vec<f32>, N::X), Error> {
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
    Ok((values, N::X::of(examples.rows(), width)))
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
