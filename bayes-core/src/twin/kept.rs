//! What the draws of one prediction have in common: standard deviations, and products with the input. Made by
//! whichever draw comes first.

use crate::cast::cast;
use dfdx::prelude::{Cpu, Device, Dtype, Shape, Tape, Tensor};
use dfdx::tensor::{PutTape, SplitTape, UniqueId};
use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The path of the field, what it is, and the input that it was made from.
type Which = (u64, &'static str, Option<UniqueId>);

/// Tensors that the draws of a prediction share. Only those of the CPU: a GPU's cannot go between threads.
#[derive(Default)]
pub(crate) struct Kept {
    made: Mutex<BTreeMap<Which, Arc<dyn Any + Send + Sync>>>,
    /// The inputs of the prediction, which are the same tensors in all draws.
    inputs: Vec<UniqueId>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Kept {
    /// Nothing yet, for predictions on these tensors.
    pub(crate) fn of_inputs(inputs: Vec<UniqueId>) -> Self {
        Self {
            made: Mutex::default(),
            inputs,
        }
    }

    fn made(&self) -> MutexGuard<'_, BTreeMap<Which, Arc<dyn Any + Send + Sync>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is an input of the prediction.
    pub(super) fn is_input(&self, id: UniqueId) -> bool {
        self.inputs.contains(&id)
    }

    /// Whether such tensors can be shared: a tape is of one draw, and a GPU's memory of one thread.
    pub(super) fn takes<E: Dtype, D: Device<E>, T: Tape<E, D>>() -> bool {
        !T::OWNS_TAPE && TypeId::of::<D>() == TypeId::of::<Cpu>()
    }

    /// The tensor of this name, made if it is not there.
    pub(super) fn tensor<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>, Err>(
        &self,
        which: Which,
        make: impl FnOnce() -> Result<Tensor<S, E, D, T>, Err>,
    ) -> Result<Tensor<S, E, D, T>, Err> {
        let there = self.made().get(&which).and_then(|tensor| {
            let tensor = tensor.downcast_ref::<Tensor<S, E, Cpu>>()?;
            cast::<_, Tensor<S, E, D>>(tensor.clone()).ok()
        });
        if let Some(tensor) = there {
            return Ok(tensor.put_tape(T::default()));
        }
        // Made without a lock: while this thread waits for others in the middle of it, it may take up another draw. Two draws
        // that begin at once both make it, with the same bits.
        let (tensor, tape) = make()?.split_tape();
        if let Ok(tensor) = cast::<_, Tensor<S, E, Cpu>>(tensor.clone()) {
            self.made().insert(which, Arc::new(tensor));
        }
        Ok(tensor.put_tape(tape))
    }
}
