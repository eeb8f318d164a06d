//! The linear layer: `linear_0`.

use crate::fixture::Fixture;
use crate::tape::{Number, Taped, both_ways, gradients, kernels_in, upload};
use bayes_core::device::{Kernels, LinearSize};
use bayes_core::dfdx::prelude::Cpu;
use bayes_core::kernels::linear::{self, LinearGeometry};

#[test]
fn golden_linear_0() {
    let file = Fixture::open("linear_0");
    by_kernels::<f32>(&file);
    by_kernels::<f64>(&file);
    on_tape::<f32>(&file);
    on_tape::<f64>(&file);
}

/// The sizes of the product of x, of one or more dimensions, with the tensor `weight`.
pub fn size(file: &Fixture, weight: &str) -> LinearSize {
    let [outputs, inputs] = file.tensor(weight).sizes();
    LinearSize {
        rows: file.tensor("x").values.len() / inputs,
        inputs,
        outputs,
    }
}

/// The same sizes for the kernels.
pub fn geometry(size: LinearSize) -> LinearGeometry {
    LinearGeometry {
        rows: size.rows,
        inputs: size.inputs,
        outputs: size.outputs,
    }
}

fn by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let geometry = geometry(size(file, "w"));
    let (x, w) = (file.tensor("x").to::<E>(), file.tensor("w").to::<E>());
    let b = file.get("b").map(|b| b.to::<E>());
    let mut y = vec![E::zero(); geometry.rows * geometry.outputs];
    linear::forward(&geometry, &x, &w, b.as_deref(), &mut y);
    file.compare(&way, "y", &y);

    let Some(g) = file.get("g").map(|g| g.to::<E>()) else {
        return;
    };
    let (mut dx, mut dw) = (vec![E::zero(); x.len()], vec![E::zero(); w.len()]);
    let mut db = vec![E::zero(); geometry.outputs];
    linear::backward_input(&geometry, &w, &g, &mut dx);
    linear::backward_weight(&geometry, &x, &g, &mut dw);
    linear::backward_bias(&geometry, &g, &mut db);
    file.compare_if_there(&way, "dx", &dx);
    file.compare_if_there(&way, "dw", &dw);
    file.compare_if_there(&way, "db", &db);
}

fn on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let size = size(file, "w");
    let x = upload::<_, E>(file.tensor("x"), (size.rows, size.inputs));
    let weight = upload::<_, E>(file.tensor("w"), (size.outputs, size.inputs));
    let bias = file.get("b").map(|b| upload::<_, E>(b, (size.outputs,)));
    both_ways!(E, |Operations, way| {
        let out = (size.rows, size.outputs);
        let taped_bias = bias.as_ref().map(|bias| bias.retaped());
        let y = Operations::linear(x.retaped(), weight.retaped(), taped_bias, size, out);
        let y: Taped<_, E> = y.expect("a linear layer");
        file.compare(&way, "y", &y.as_vec());
        if let Some(g) = file.get("g") {
            let gradients = gradients(y, g);
            file.compare_if_there(&way, "dx", &gradients.get(&x).as_vec());
            file.compare_if_there(&way, "dw", &gradients.get(&weight).as_vec());
            if let Some(bias) = &bias {
                file.compare_if_there(&way, "db", &gradients.get(bias).as_vec());
            }
        }
    });
}
