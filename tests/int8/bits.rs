//! The same numbers on every instruction set, for any number of threads and any split of the batch.

use crate::models::{QuantImages, dense, images};
use bayes_core::kernels::isa::Isa;
use bayes_core::prelude::*;

#[test]
fn one_file_gives_one_result() {
    for rho in [-8.0, -3.0] {
        let (twin, x) = images(rho, 20);
        let quant = twin.quantize([x.clone()]).unwrap();
        let quant = QuantImages::from_bytes(&quant.to_bytes().unwrap()).unwrap();
        let want = quant
            .on(Isa::Portable)
            .predict(x.clone(), 3, 1)
            .draws()
            .unwrap();
        for isa in Isa::available() {
            let got = quant.on(isa).predict(x.clone(), 3, 1).draws().unwrap();
            assert_eq!(got, want, "{isa}");
        }
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let got = pool.install(|| quant.predict(x.clone(), 3, 1).draws().unwrap());
            assert_eq!(got, want, "{threads} threads");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_in_any_batch() {
    let (rows, width) = (70, 20);
    let (flipout, x) = dense::<Flipout>(-4.0, rows);
    let (local, _) = dense::<LocalReparameterization>(-4.0, rows);
    let values = x.as_vec();
    let quants = [
        flipout.quantize([x.clone()]).unwrap(),
        local.quantize([x.clone()]).unwrap(),
    ];
    for quant in &quants {
        let whole = quant.predict(x.clone(), 4, 9).classify().unwrap();
        for size in [1, 7, 16, 64] {
            let mut parts = Vec::new();
            for start in (0..rows).step_by(size) {
                let end = rows.min(start + size);
                let part = values[start * width..end * width].to_vec();
                let part: crate::models::Vectors =
                    x.device().tensor_from_vec(part, (end - start, Const));
                let seen = quant
                    .predict(part, 4, 9)
                    .from_example(start)
                    .classify()
                    .unwrap();
                parts.extend(seen.probabilities);
            }
            assert_eq!(parts, whole.probabilities, "parts of {size}");
        }
    }
}
