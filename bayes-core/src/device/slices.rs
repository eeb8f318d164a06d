//! The memory of a tensor on the CPU as a slice, without a copy.
//!
//! dfdx keeps a tensor's memory to itself: what it shows is one element at a time, by index, and a copy of all. Large
//! activations are copied more slowly than they are computed, so the slice is made from the addresses of the first and the
//! last element.

use dfdx::dtypes::{Dtype, Unit};
use dfdx::shapes::{HasShape, Shape};
use dfdx::tensor::{Cpu, Storage, Tensor};
use dfdx::tensor_ops::Device;
use std::any::Any;

/// The elements in the order of memory, which for a contiguous tensor is row-major.
///
/// # Panics
/// Where the elements do not lie side by side: a broadcast view.
pub(crate) fn slice<S: Shape, E: Unit>(tensor: &Tensor<S, E, Cpu>) -> &[E] {
    let Some([first, last]) = corners(tensor.shape()) else {
        return &[];
    };
    let len = tensor.shape().num_elements();
    let [first, last]: [*const E; 2] = [&tensor[first], &tensor[last]];
    assert_side_by_side(first, last, len);
    // SAFETY: dfdx found both elements inside one allocation, which the tensor keeps alive and which nobody writes to while
    // it is borrowed; between them lie `len` initialised elements.
    unsafe { std::slice::from_raw_parts(first, len) }
}

/// As [`slice`], to write; memory that other tensors share is copied first.
///
/// # Panics
/// As [`slice`].
pub(crate) fn slice_mut<S: Shape, E: Unit>(tensor: &mut Tensor<S, E, Cpu>) -> &mut [E] {
    let Some([first, last]) = corners(tensor.shape()) else {
        return &mut [];
    };
    let len = tensor.shape().num_elements();
    // The first access makes the memory the tensor's own; the second finds it so.
    let last: *const E = &mut tensor[last];
    let first: *mut E = &mut tensor[first];
    assert_side_by_side(first, last, len);
    // SAFETY: as in `slice`, and the tensor, which is borrowed exclusively, does not share the memory.
    unsafe { std::slice::from_raw_parts_mut(first, len) }
}

/// As [`slice_mut`], of a tensor that nobody else holds a clone of. Of another one the memory is its own afterwards.
pub(super) fn own_memory<S: Shape, E: Unit>(tensor: &mut Tensor<S, E, Cpu>) -> Option<&mut [E]> {
    let before = slice(tensor).as_ptr();
    let memory = slice_mut(tensor);
    std::ptr::eq(before, memory.as_ptr()).then_some(memory)
}

/// [`slice`] of a tensor on whatever device, if that is the CPU.
pub(crate) fn on_host<S: Shape, E: Dtype, D: Device<E>>(tensor: &Tensor<S, E, D>) -> Option<&[E]> {
    (tensor as &dyn Any)
        .downcast_ref::<Tensor<S, E, Cpu>>()
        .map(slice)
}

/// [`slice_mut`] of a tensor on whatever device, if that is the CPU.
pub(crate) fn on_host_mut<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &mut Tensor<S, E, D>,
) -> Option<&mut [E]> {
    (tensor as &mut dyn Any)
        .downcast_mut::<Tensor<S, E, Cpu>>()
        .map(slice_mut)
}

/// The numbers in memory that belongs to whatever device, if that is the CPU.
pub(crate) fn of_memory<E: Dtype, D: Storage<E>>(memory: &D::Vec) -> Option<&[E]> {
    let memory = (memory as &dyn Any).downcast_ref::<<Cpu as Storage<E>>::Vec>()?;
    Some(memory)
}

/// The indices of the first and the last element, if there are any.
fn corners<S: Shape>(shape: &S) -> Option<[S::Concrete; 2]> {
    let mut last = shape.concrete();
    for axis in 0..S::NUM_DIMS {
        last[axis] = last[axis].checked_sub(1)?;
    }
    Some([Default::default(), last])
}

fn assert_side_by_side<E>(first: *const E, last: *const E, len: usize) {
    assert_eq!(
        (last as usize).wrapping_sub(first as usize),
        (len - 1) * size_of::<E>(),
        "the elements of the tensor do not lie side by side"
    );
}

#[cfg(test)]
mod tests {
    use super::{on_host, on_host_mut, own_memory, slice, slice_mut};
    use dfdx::prelude::{
        AsArray, BroadcastTo, Const, Cpu, Rank0, Rank2, Rank3, SampleTensor, Tensor, TensorFrom,
        ZerosTensor,
    };

    #[test]
    fn the_slice_is_the_copy() {
        let dev = Cpu::seed_from_u64(0);
        let mut tensor: Tensor<Rank3<3, 5, 7>, f64, _> = dev.sample_normal();
        let copy = tensor.as_vec();
        assert_eq!(slice(&tensor), copy);
        assert_eq!(slice_mut(&mut tensor), copy);
        assert_eq!(on_host(&tensor), Some(&copy[..]));
        assert_eq!(on_host_mut(&mut tensor).map(|all| &*all), Some(&copy[..]));
    }

    #[test]
    fn writing_leaves_other_tensors_alone() {
        let mut tensor = Cpu::default().tensor([[1.0_f32, 2.0], [3.0, 4.0]]);
        let other = tensor.clone();
        slice_mut(&mut tensor)[3] = 7.0;
        assert_eq!(tensor.array(), [[1.0, 2.0], [3.0, 7.0]]);
        assert_eq!(other.array(), [[1.0, 2.0], [3.0, 4.0]]);
    }

    #[test]
    fn memory_is_own_where_there_is_no_clone() {
        let mut tensor = Cpu::default().tensor([1.0_f32, 2.0]);
        assert!(own_memory(&mut tensor).is_some());
        let other = tensor.clone();
        assert!(own_memory(&mut tensor).is_none());
        own_memory(&mut tensor).expect("a copy by now")[0] = 7.0;
        assert_eq!([tensor.array(), other.array()], [[7.0, 2.0], [1.0, 2.0]]);
    }

    #[test]
    fn nothing_and_one_number_are_slices() {
        let dev = Cpu::default();
        let nothing: Tensor<(usize, Const<3>), f32, _> = dev.zeros_like(&(0, Const));
        assert!(slice(&nothing).is_empty());
        let one: Tensor<Rank0, f32, _> = dev.tensor(3.0);
        assert_eq!(slice(&one), [3.0]);
    }

    #[test]
    #[should_panic(expected = "side by side")]
    fn a_broadcast_view_has_no_slice() {
        let row = Cpu::default().tensor([1.0_f32, 2.0]);
        slice(&row.broadcast::<Rank2<3, 2>, _>());
    }
}
