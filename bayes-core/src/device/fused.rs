//! Fused operations on the CPU: one kernel call, one entry on the tape.

use super::constant::{is_constant, remember};
use super::host::HostKernels;
use super::slices::{own_memory, slice};
use dfdx::prelude::{Cpu, Device, ReshapeTo, Shape, Tape, Tensor};
use dfdx::tensor::{CpuError, Gradients, PutTape, SplitTape, Storage, TensorFromVec};
use std::ops::DerefMut;

type Buffer<E> = <Cpu as Storage<E>>::Vec;

/// An input of a fused operation, whatever its shape: it is read, and its gradient added to.
pub(super) trait Operand<E: HostKernels>: 'static
where
    Cpu: Device<E>,
{
    /// The elements, row-major.
    fn values(&self) -> &[E];

    /// Whether its gradient is to be worked out; else the backward pass gets an empty slice for it.
    fn has_gradient(&self) -> bool {
        true
    }

    /// Exchanges the operand's gradient with `other`.
    fn swap_gradient(
        &self,
        gradients: &mut Gradients<E, Cpu>,
        other: &mut Buffer<E>,
    ) -> Result<(), CpuError>;
}

impl<S: Shape, E: HostKernels> Operand<E> for Tensor<S, E, Cpu>
where
    Cpu: Device<E>,
{
    fn values(&self) -> &[E] {
        slice(self)
    }

    fn swap_gradient(
        &self,
        gradients: &mut Gradients<E, Cpu>,
        other: &mut Buffer<E>,
    ) -> Result<(), CpuError> {
        std::mem::swap(gradients.get_or_alloc_mut(self)?, other);
        Ok(())
    }
}

/// An operand by which the operation leaves out the gradient where it is a [constant](super::Constant).
struct Input<S: Shape, E: HostKernels>
where
    Cpu: Device<E>,
{
    tensor: Tensor<S, E, Cpu>,
    constant: bool,
}

/// `tensor` as the operand of an operation that leaves out the gradient of a constant.
pub(super) fn input<S: Shape, E: HostKernels>(tensor: Tensor<S, E, Cpu>) -> Box<dyn Operand<E>>
where
    Cpu: Device<E>,
{
    let constant = is_constant(&tensor);
    Box::new(Input { tensor, constant })
}

impl<S: Shape, E: HostKernels> Operand<E> for Input<S, E>
where
    Cpu: Device<E>,
{
    fn values(&self) -> &[E] {
        self.tensor.values()
    }

    fn has_gradient(&self) -> bool {
        !self.constant
    }

    fn swap_gradient(
        &self,
        gradients: &mut Gradients<E, Cpu>,
        other: &mut Buffer<E>,
    ) -> Result<(), CpuError> {
        self.tensor.swap_gradient(gradients, other)
    }
}

/// Splits a tensor into itself, in row-major order, and its tape.
pub(super) fn split<S: Shape, E: HostKernels, T: Tape<E, Cpu>>(
    x: Tensor<S, E, Cpu, T>,
) -> Result<(Tensor<S, E, Cpu>, T), CpuError>
where
    Cpu: Device<E>,
{
    Ok(x.try_contiguous()?.split_tape())
}

/// Memory of `x` that an operation may overwrite with its output, which then takes over the place of `x` on the tape: nobody
/// else holds `x`, and it is no constant, whose place has no gradient.
pub(super) fn overwritable<S: Shape, E: HostKernels>(x: &mut Tensor<S, E, Cpu>) -> Option<&mut [E]>
where
    Cpu: Device<E>,
{
    match is_constant(x) {
        true => None,
        false => own_memory(x),
    }
}

/// The tensor after an operation that has [overwritten](overwritable) it, as `tape` remembers it.
///
/// Nobody else holds the tensor, so that nothing but its output is asked for from now on: the output takes over its place on the
/// tape. In the backward pass `backward` makes of the output's gradient, in place, that of the input, and adds to the
/// gradients of the other operands. Whatever used the input before adds to that afterwards, since a tape is gone through
/// backwards. The tape does not hold the output, which the next operation may overwrite, unless `backward` does.
pub(super) fn in_place<S: Shape, E: HostKernels, T: Tape<E, Cpu>, const N: usize>(
    y: Tensor<S, E, Cpu>,
    mut tape: T,
    operands: [Box<dyn Operand<E>>; N],
    backward: impl FnOnce(&mut [E], [&mut [E]; N]) + 'static,
) -> Tensor<S, E, Cpu, T>
where
    Cpu: Device<E>,
    Buffer<E>: DerefMut<Target = Vec<E>>,
{
    if T::OWNS_TAPE && !is_constant(&y) {
        let (swap, device) = (swap_gradient_of(&y), y.device().clone());
        tape.add_backward_op(move |gradients| {
            with_gradients(&device, gradients, swap, &operands, backward)
        });
    }
    y.put_tape(tape)
}

/// Exchanges the gradient of `y`, whose memory it does not hold, with another buffer.
fn swap_gradient_of<S: Shape, E: HostKernels>(
    y: &Tensor<S, E, Cpu>,
) -> impl Fn(&mut Gradients<E, Cpu>, &mut Buffer<E>) -> Result<(), CpuError> + use<S, E>
where
    Cpu: Device<E>,
{
    let ghost = y.ghost();
    move |gradients, other| {
        std::mem::swap(gradients.get_or_alloc_mut(&ghost)?, other);
        Ok(())
    }
}

/// Calls `work` with the gradient of an output, which `swap` exchanges, and with those of the operands, which are empty where
/// there is none to be worked out.
fn with_gradients<E: HostKernels, const N: usize>(
    device: &Cpu,
    gradients: &mut Gradients<E, Cpu>,
    swap: impl Fn(&mut Gradients<E, Cpu>, &mut Buffer<E>) -> Result<(), CpuError>,
    operands: &[Box<dyn Operand<E>>; N],
    work: impl FnOnce(&mut [E], [&mut [E]; N]),
) -> Result<(), CpuError>
where
    Cpu: Device<E>,
    Buffer<E>: DerefMut<Target = Vec<E>>,
{
    let mut of_output = Storage::<E>::try_alloc_len(device, 0)?;
    swap(gradients, &mut of_output)?;
    let mut of_operands = Vec::with_capacity(N);
    for operand in operands {
        let mut buffer = Storage::<E>::try_alloc_len(device, 0)?;
        if operand.has_gradient() {
            operand.swap_gradient(gradients, &mut buffer)?;
        }
        of_operands.push(buffer);
    }
    let mut buffers = of_operands.iter_mut();
    let targets =
        std::array::from_fn(|_| buffers.next().map_or(&mut [][..], |buffer| &mut buffer[..]));
    work(&mut of_output, targets);
    for (operand, buffer) in operands.iter().zip(&mut of_operands) {
        if operand.has_gradient() {
            operand.swap_gradient(gradients, buffer)?;
        }
    }
    swap(gradients, &mut of_output)
}

/// The tensor of `output`, which `tape` remembers to come from `operands`.
///
/// An output of nothing but constants is one. In the backward pass `backward` gets the gradient of the output, the operands, and
/// each operand's gradient to add to.
pub(super) fn record<S: Shape, E: HostKernels, T: Tape<E, Cpu>, const N: usize>(
    device: &Cpu,
    mut tape: T,
    operands: [Box<dyn Operand<E>>; N],
    (output, shape): (Vec<E>, S),
    backward: impl FnOnce(&[E], &[Box<dyn Operand<E>>; N], [&mut [E]; N]) + 'static,
) -> Result<Tensor<S, E, Cpu, T>, CpuError>
where
    Cpu: Device<E>,
    Buffer<E>: DerefMut<Target = Vec<E>>,
{
    let y = device.try_tensor_from_vec(output, shape)?;
    let constant = operands.iter().all(|operand| !operand.has_gradient());
    if constant {
        remember(&y);
    }
    if T::OWNS_TAPE && !constant {
        let (swap, device) = (swap_gradient_of(&y), device.clone());
        tape.add_backward_op(move |gradients| {
            with_gradients(&device, gradients, swap, &operands, |g, targets| {
                backward(g, &operands, targets);
            })
        });
    }
    Ok(y.put_tape(tape))
}
