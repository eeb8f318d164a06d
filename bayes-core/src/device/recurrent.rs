//! Recurrent layers on the CPU: the steps of a whole sequence are one entry on the tape.

use super::fused::{Operand, record, split};
use super::host::HostKernels;
use super::{Hidden, Initial, Turned};
use crate::kernels::recurrent::{HiddenProduct, RecurrentGeometry};
use crate::twin::Noise;
use dfdx::prelude::{Cpu, Device, Shape, Tape, Tensor};
use dfdx::tensor::{CpuError, PutTape, Storage, TensorFromVec, ZerosTensor};
use std::ops::DerefMut;

type Sequences<E, T> = Tensor<(usize, usize, usize), E, Cpu, T>;

/// See [`Kernels::recurrence`](super::Kernels::recurrence).
pub(super) fn recurrence<E: HostKernels, T: Tape<E, Cpu>>(
    pre: Sequences<E, T>,
    hidden: Hidden<E, Cpu, T>,
    initial: Initial<E, Cpu, T>,
    geometry: RecurrentGeometry,
) -> Result<Sequences<E, T>, CpuError>
where
    Cpu: Device<E>,
    <Cpu as Storage<E>>::Vec: DerefMut<Target = Vec<E>>,
{
    let (pre, mut tape) = split(pre)?;
    let device = pre.device().clone();
    let signs = hidden.turned.as_ref().map(|turned| {
        let [input, output] = &turned.signs;
        let signs = |noise: &Noise, width: usize| -> Vec<E> {
            let signs = noise.signs(geometry.batch * width).into_iter();
            signs.map(|sign| E::narrow(f64::from(sign))).collect()
        };
        [
            signs(input, geometry.hidden),
            signs(output, geometry.width()),
        ]
    });
    let (weight, bias) = (Some(hidden.weight), hidden.bias);
    let (delta, delta_bias) = match hidden.turned {
        None => (None, None),
        Some(Turned { weight, bias, .. }) => (Some(weight), bias),
    };
    let operands: [Box<dyn Operand<E>>; 7] = [
        Box::new(pre),
        taken(&device, weight, &mut tape)?,
        taken(&device, bias, &mut tape)?,
        taken(&device, delta, &mut tape)?,
        taken(&device, delta_bias, &mut tape)?,
        taken(&device, initial.h, &mut tape)?,
        taken(&device, initial.c, &mut tape)?,
    ];
    let values = operands.each_ref().map(|operand| operand.values());
    let mut out = vec![E::default(); geometry.out_len()];
    let [pre, _, _, _, _, h, c] = &values;
    let products = products(&values, signs.as_ref());
    let shape = (geometry.batch, geometry.rows(), geometry.hidden);
    if !T::OWNS_TAPE {
        E::recurrent_forward_alone(&geometry, pre, &products, [h, c], &mut out);
        return Ok(device.try_tensor_from_vec(out, shape)?.put_tape(tape));
    }
    let trace = E::recurrent_forward(&geometry, pre, &products, [h, c], &mut out);
    let kept = out.clone();
    record(
        &device,
        tape,
        operands,
        (out, shape),
        move |g, operands, [d_pre, dw, db, d_delta, d_delta_bias, dh, dc]| {
            let values = operands.each_ref().map(|operand| operand.values());
            let products = self::products(&values, signs.as_ref());
            let [.., h, c] = &values;
            let found = E::recurrent_backward(&geometry, &products, [h, c], &kept, &trace, g);
            add(d_pre, &found.pre);
            add(dh, &found.h);
            add(dc, &found.c);
            let targets = [[dw, db], [d_delta, d_delta_bias]];
            for (product, [dw, db]) in products.iter().zip(targets) {
                let targets = [dw, db];
                E::recurrent_backward_weights(
                    &geometry,
                    product,
                    h,
                    &kept,
                    found.hidden(),
                    targets,
                );
            }
        },
    )
}

/// A tensor, or nothing, as an operand.
fn taken<S: Shape, E: HostKernels, T: Tape<E, Cpu>>(
    device: &Cpu,
    tensor: Option<Tensor<S, E, Cpu, T>>,
    tape: &mut T,
) -> Result<Box<dyn Operand<E>>, CpuError>
where
    Cpu: Device<E>,
{
    match tensor {
        None => Ok(Box::new(device.try_zeros_like(&(0,))?)),
        Some(tensor) => {
            let (tensor, more) = split(tensor)?;
            *tape = std::mem::take(tape).merge(more);
            Ok(Box::new(tensor))
        }
    }
}

/// The hidden products of the operands' values.
fn products<'a, E: HostKernels>(
    &[_, weight, bias, delta, delta_bias, ..]: &[&'a [E]; 7],
    signs: Option<&'a [Vec<E>; 2]>,
) -> Vec<HiddenProduct<'a, E>> {
    let mut products = vec![HiddenProduct {
        weight,
        bias,
        signs: None,
    }];
    products.extend(signs.map(|[input, output]| HiddenProduct {
        weight: delta,
        bias: delta_bias,
        signs: Some([input, output]),
    }));
    products
}

/// Adds what there is: the gradient of nothing is nothing.
fn add<E: HostKernels>(sum: &mut [E], terms: &[E]) {
    for (sum, &term) in sum.iter_mut().zip(terms) {
        *sum += term;
    }
}
