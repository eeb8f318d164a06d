//! The integer convolution and its choice of instruction set.

#[cfg(target_arch = "x86_64")]
use std::cell::Cell;

use super::dot::Portable;
#[cfg(target_arch = "x86_64")]
use super::dot::{Avx2, Vnni};
#[cfg(target_arch = "x86_64")]
use super::geometry::SLACK;
use super::geometry::Window8;
use super::pack::Packed;
#[cfg(any(target_arch = "x86_64", test))]
use super::tile::Registers32;
use super::tile::{Pixelwise, Product};
use crate::kernels::isa::Isa;

/// acc\[(y·out_width + x)·outputs + o\] = Σ x·w over the window at (y, x), overwriting.
///
/// `x` holds the image with its border and [`SLACK`](super::SLACK) bytes more, `w` is packed by a
/// [`Layout`](super::Layout) of the same channels, outputs, groups, kernel and dilation. Exact as
/// long as no sum leaves i32, which 65 000 products cannot.
///
/// # Panics
///
/// If a slice or the packed weights have the wrong length.
pub fn product(size: &Window8, x: &[u8], w: &Packed, acc: &mut [i32]) {
    product_on(Isa::active(), size, x, w, acc);
}

/// [`product`] on a given instruction set.
///
/// [`Isa::Avx512`] uses VNNI where the processor has it and AVX2 otherwise.
pub fn product_on(isa: Isa, size: &Window8, x: &[u8], w: &Packed, acc: &mut [i32]) {
    assert!(
        w.sums().len() == size.outputs,
        "int8: the weights are packed for another layer"
    );
    match isa {
        // SAFETY: the guard has just seen that this processor has the features; so below.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if has_vnni() => unsafe { run_vnni(Product::new(size, x, &w.lines, acc)) },
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 | Isa::Avx2 if Isa::Avx2.is_available() => widened(size, x, |x| {
            let product = Product::new(size, x, w.pairs(), acc);
            unsafe { run_avx2(product) }
        }),
        // SAFETY: the portable version needs nothing.
        _ => unsafe { Product::<Portable>::new(size, x, &w.lines, acc).run::<Pixelwise<4, 1>>() },
    }
}

/// Gives `run` the codes in 16 bits, in memory that stays with the thread.
#[cfg(target_arch = "x86_64")]
fn widened(size: &Window8, x: &[u8], run: impl FnOnce(&[u16])) {
    thread_local!(static CODES: Cell<Vec<u16>> = const { Cell::new(Vec::new()) });
    let mut codes = CODES.take();
    codes.clear();
    let needed = x.len().min(size.input_len() + SLACK);
    codes.extend(x[..needed].iter().map(|&code| u16::from(code)));
    run(&codes);
    CODES.set(codes);
}

/// Whether this processor has AVX-512 and its integer dot products.
#[cfg(target_arch = "x86_64")]
fn has_vnni() -> bool {
    Isa::Avx512.is_available() && is_x86_feature_detected!("avx512vnni")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx2,fma")]
fn run_vnni(product: Product<'_, Vnni>) {
    // SAFETY: this function has the features.
    unsafe { product.run::<Registers32>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2(product: Product<'_, Avx2>) {
    // SAFETY: this function has the features.
    unsafe { product.run::<Pixelwise<6, 4>>() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::{codes, grid, weights};
    use crate::kernels::int8::{Layout, SLACK, reference};

    #[test]
    fn agrees_with_the_reference_on_every_isa() {
        for size in grid() {
            let x = codes(1, size.input_len() + SLACK);
            let w = weights(2, size.weight_len());
            let packed = Layout::new(&size).pack(&w);
            let mut want = vec![0; size.output_len()];
            reference::product(&size, &x, &w, &mut want);
            for isa in Isa::available() {
                let mut acc = vec![-1; want.len()];
                product_on(isa, &size, &x, &packed, &mut acc);
                assert_eq!(acc, want, "{size:?} on {isa}");
            }
            // The tiles of AVX-512, also where the processor lacks it.
            let mut acc = vec![-1; want.len()];
            // SAFETY: the portable version needs nothing.
            unsafe {
                Product::<Portable>::new(&size, &x, &packed.lines, &mut acc).run::<Registers32>()
            };
            assert_eq!(acc, want, "{size:?} in wide tiles");
        }
    }

    /// 255·(−128) in every place, which overflows 16 bits wherever two products are added in them.
    #[test]
    fn extreme_codes_do_not_saturate() {
        let size = Window8::linear(5, 1023, 33);
        let x = vec![255; size.input_len() + SLACK];
        for weight in [-128, 127] {
            let packed = Layout::new(&size).pack(&vec![weight; size.weight_len()]);
            for isa in Isa::available() {
                let mut acc = vec![0; size.output_len()];
                product_on(isa, &size, &x, &packed, &mut acc);
                let want = 1023 * 255 * i32::from(weight);
                assert!(acc.iter().all(|&sum| sum == want), "{weight} on {isa}");
            }
        }
    }

    /// A buffer used for a larger layer before gives the same sums.
    #[test]
    fn a_packed_buffer_can_be_used_again() {
        let mut packed = Packed::empty();
        for size in grid().into_iter().rev() {
            let w = weights(3, size.weight_len());
            let layout = Layout::new(&size);
            layout.pack_into(&w, &mut packed);
            let x = codes(4, size.input_len() + SLACK);
            let [mut fresh, mut again] = [0; 2].map(|_| vec![0; size.output_len()]);
            product(&size, &x, &layout.pack(&w), &mut fresh);
            product(&size, &x, &packed, &mut again);
            assert_eq!(again, fresh, "{size:?}");
            assert_eq!(packed.sums(), layout.pack(&w).sums());
        }
    }
}
