//! Which kernels of the CPU a computation calls: for tests and benchmarks that compare two of them.

use std::cell::RefCell;

thread_local! {
    static CALLS: RefCell<Option<Vec<&'static str>>> = const { RefCell::new(None) };
}

/// What `compute` gives, and the kernels of the CPU that it calls on this thread, in order.
///
/// ```
/// use bayes_core::device::kernel_calls;
/// use bayes_core::prelude::*;
///
/// #[bayesian]
/// struct Net {
///     fc: Linear<4, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Net, f32>();
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// let (_, calls) = kernel_calls(|| net.forward(x));
/// assert_eq!(calls, ["linear_forward"]);
/// ```
pub fn kernel_calls<R>(compute: impl FnOnce() -> R) -> (R, Vec<&'static str>) {
    let outer = CALLS.replace(Some(Vec::new()));
    let result = compute();
    let calls = CALLS.replace(outer).unwrap_or_default();
    (result, calls)
}

pub(super) fn note(kernel: &'static str) {
    CALLS.with_borrow_mut(|calls| {
        if let Some(calls) = calls {
            calls.push(kernel);
        }
    });
}
