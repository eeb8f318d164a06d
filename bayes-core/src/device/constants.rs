//! Tensors that the sizes of an operation decide, such as where windows lie: made once on each thread and device.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;

/// So many are kept; a model has a few for each layer of another size.
const KEPT: usize = 512;

/// What a tensor is for, the number of its device, and the sizes that decide it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sizes {
    pub what: &'static str,
    pub device: usize,
    pub sizes: Vec<usize>,
}

thread_local! {
    static MADE: RefCell<HashMap<(TypeId, Sizes), Box<dyn Any>>> = RefCell::default();
}

/// What `make` gives, the second time from memory. A device's tensors belong to a thread, and so does the memory.
pub(super) fn once<C: Clone + 'static, Err>(
    sizes: Sizes,
    make: impl FnOnce() -> Result<C, Err>,
) -> Result<C, Err> {
    let key = (TypeId::of::<C>(), sizes);
    let found = MADE.with_borrow(|made| {
        let found = made.get(&key)?.downcast_ref::<C>();
        found.cloned()
    });
    if let Some(found) = found {
        return Ok(found);
    }
    let new = make()?;
    MADE.with_borrow_mut(|made| {
        if made.len() >= KEPT {
            made.clear();
        }
        made.insert(key, Box::new(new.clone()));
    });
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_for_each_size_device_and_type() {
        let mut made = 0;
        let mut ask = |device: usize, size: usize| {
            let sizes = Sizes {
                what: "a test",
                device,
                sizes: vec![size],
            };
            let make = || {
                made += 1;
                Ok::<usize, ()>(size)
            };
            once(sizes, make).unwrap()
        };
        assert_eq!([ask(0, 3), ask(0, 3), ask(0, 4), ask(1, 3)], [3, 3, 4, 3]);
        assert_eq!(made, 3);
    }
}
