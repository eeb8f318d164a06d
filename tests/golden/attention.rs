//! Multi-head attention: `multihead_attention_0`, a case of 8 features in 2 heads.

use crate::fixture::Fixture;
use crate::tape::{Number, Taped, gradients, upload};
use bayes_core::device::Kernels;
use bayes_core::dfdx::prelude::*;
use bayes_core::layers::modules::{self, Attention};

#[test]
fn golden_multihead_attention_0() {
    let file = Fixture::open("multihead_attention_0");
    let sizes = (file.size("embed", None), file.size("heads", None));
    assert_eq!(
        sizes,
        (8, 2),
        "the numbers of a layer are those of its type"
    );
    on_tape::<f32>(&file);
    on_tape::<f64>(&file);
}

type Projection<E> = modules::Linear<8, 8, E, Cpu>;

/// Rows of 8 of the file's projections of queries, keys and values, which it has in one tensor.
fn projection<E: Number>(file: &Fixture, part: usize) -> Projection<E>
where
    Cpu: Kernels<E>,
{
    let dev = Cpu::default();
    let weight = file.tensor("p.in_proj_weight").to::<E>()[part * 64..][..64].to_vec();
    let bias = file.tensor("p.in_proj_bias").to::<E>()[part * 8..][..8].to_vec();
    modules::Linear {
        weight: dev.tensor_from_vec(weight, Default::default()),
        bias: dev.tensor_from_vec(bias, Default::default()),
    }
}

fn on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let way = format!("the layer in {}", std::any::type_name::<E>());
    let [batch, steps, _] = file.tensor("x").sizes();
    let layer = Attention::<8, 2, 8, 8, _, _, _, _> {
        w_q: projection::<E>(file, 0),
        w_k: projection::<E>(file, 1),
        w_v: projection::<E>(file, 2),
        w_o: modules::Linear::<8, 8, E, Cpu> {
            weight: upload(file.tensor("p.out_proj.weight"), Default::default()),
            bias: upload(file.tensor("p.out_proj.bias"), Default::default()),
        },
    };
    let x = upload::<_, E>(file.tensor("x"), (batch, steps, Const::<8>));
    let y: Taped<_, E> = layer.try_forward(x.retaped()).expect("attention");
    file.compare(&way, "y", &y.as_vec());
    let found = gradients(y, file.tensor("g"));
    file.compare(&way, "dx", &found.get(&x).as_vec());
    let parts = [&layer.w_q, &layer.w_k, &layer.w_v];
    let weights = parts.map(|part| found.get(&part.weight).as_vec()).concat();
    let biases = parts.map(|part| found.get(&part.bias).as_vec()).concat();
    file.compare(&way, "d.in_proj_weight", &weights);
    file.compare(&way, "d.in_proj_bias", &biases);
    file.compare(
        &way,
        "d.out_proj.weight",
        &found.get(&layer.w_o.weight).as_vec(),
    );
    file.compare(
        &way,
        "d.out_proj.bias",
        &found.get(&layer.w_o.bias).as_vec(),
    );
}
