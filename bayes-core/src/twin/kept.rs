//! What the draws of one prediction have in common: standard deviations, and products with the input. Made by
//! whichever draw comes first. And what the parts of a batch have in common in one draw: the drawn weights.

use crate::cast::cast;
use dfdx::prelude::{Cpu, Device, Dtype, Shape, Tape, Tensor};
use dfdx::tensor::{PutTape, SplitTape, UniqueId};
use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The path of the field, what it is, and the input that it was made from.
type Which = (u64, &'static str, Option<UniqueId>);

/// Tensors that are made once and used again: those of the CPU among all threads, a GPU's on the thread it belongs to.
pub(crate) struct Kept {
    made: Mutex<BTreeMap<Which, Arc<dyn Any + Send + Sync>>>,
    /// This one, among those of the process.
    number: u64,
    /// The inputs of the prediction, which are the same tensors in all draws.
    inputs: Vec<UniqueId>,
}

/// Tensors by their names, on a device whose tensors belong to a thread.
type Made = BTreeMap<Which, Box<dyn Any>>;

thread_local! {
    /// What each of those that are still there has made.
    static HERE: RefCell<BTreeMap<u64, Made>> = const { RefCell::new(BTreeMap::new()) };
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Kept {
    /// Nothing yet, for predictions on these tensors.
    pub(crate) fn of_inputs(inputs: Vec<UniqueId>) -> Self {
        static ALL: AtomicU64 = AtomicU64::new(0);
        Self {
            made: Mutex::default(),
            number: ALL.fetch_add(1, Ordering::Relaxed),
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

    /// Whether such tensors can be shared: a tape is of one draw.
    pub(super) fn takes<E: Dtype, D: Device<E>, T: Tape<E, D>>() -> bool {
        !T::OWNS_TAPE
    }

    /// The tensor of this name, made if it is not there.
    pub(super) fn tensor<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>, Err>(
        &self,
        which: Which,
        make: impl FnOnce() -> Result<Tensor<S, E, D, T>, Err>,
    ) -> Result<Tensor<S, E, D, T>, Err> {
        if let Some(tensor) = self.find(&which) {
            return Ok(tensor.put_tape(T::default()));
        }
        // Made without a lock: while this thread waits for others in the middle of it, it may take up another draw. Two draws
        // that begin at once both make it, with the same bits.
        let (tensor, tape) = make()?.split_tape();
        self.keep(which, tensor.clone());
        Ok(tensor.put_tape(tape))
    }

    /// What is no tensor, on the CPU: made if it is not there.
    pub(super) fn value<R: Send + Sync + 'static, Err>(
        &self,
        which: Which,
        make: impl FnOnce() -> Result<Option<R>, Err>,
    ) -> Result<Option<Arc<R>>, Err> {
        let found = self.made().get(&which).cloned();
        if let Some(found) = found.and_then(|found| found.downcast().ok()) {
            return Ok(Some(found));
        }
        let Some(value) = make()?.map(Arc::new) else {
            return Ok(None);
        };
        self.made().insert(which, value.clone());
        Ok(Some(value))
    }

    fn find<S: Shape, E: Dtype, D: Device<E>>(&self, which: &Which) -> Option<Tensor<S, E, D>> {
        let shared = self.made().get(which).and_then(|tensor| {
            let tensor = tensor.downcast_ref::<Tensor<S, E, Cpu>>()?;
            cast::<_, Tensor<S, E, D>>(tensor.clone()).ok()
        });
        shared.or_else(|| {
            HERE.with_borrow(|here| {
                let made = here.get(&self.number)?;
                made.get(which)?.downcast_ref().cloned()
            })
        })
    }

    fn keep<S: Shape, E: Dtype, D: Device<E>>(&self, which: Which, tensor: Tensor<S, E, D>) {
        match cast::<_, Tensor<S, E, Cpu>>(tensor) {
            Ok(tensor) => {
                self.made().insert(which, Arc::new(tensor));
            }
            Err(tensor) => {
                HERE.with_borrow_mut(|here| {
                    let made = here.entry(self.number).or_default();
                    made.insert(which, Box::new(tensor));
                });
            }
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // While the thread ends, its memory is already gone.
        let made = HERE.try_with(|here| here.borrow_mut().remove(&self.number));
        drop(made);
    }
}
