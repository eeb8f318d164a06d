//! LSTM and GRU: `lstm_0`, `lstm_1`, `gru_0`, and a layer of bayesian-torch at its mean.

use crate::fixture::Fixture;
use crate::tape::{Number, Taped, both_ways, gradients, upload};
use bayes_core::device::{Hidden, Initial, Kernels, LinearSize};
use bayes_core::dfdx::prelude::*;
use bayes_core::kernels::recurrent::{Cell, RecurrentGeometry};

#[test]
fn golden_lstm_0() {
    golden("lstm_0", Cell::Lstm);
}

#[test]
fn golden_lstm_1() {
    golden("lstm_1", Cell::Lstm);
}

#[test]
fn golden_gru_0() {
    golden("gru_0", Cell::Gru);
}

fn golden(name: &str, cell: Cell) {
    let file = Fixture::open(name);
    on_tape::<f32>(&file, cell);
    on_tape::<f64>(&file, cell);
}

type Sequences<E> = Taped<(usize, usize, usize), E>;

/// Sizes of a file.
struct Sizes {
    batch: usize,
    steps: usize,
    hidden: usize,
}

fn on_tape<E: Number>(file: &Fixture, cell: Cell)
where
    Cpu: Kernels<E>,
{
    let [batch, steps, inputs] = file.tensor("x").sizes();
    let layers = file.size("layers", Some(1));
    let hidden = file.size("hidden", None);
    let both = file.get("p.weight_ih_l0_reverse").is_some();
    let sizes = Sizes {
        batch,
        steps,
        hidden,
    };
    let directions: &[&str] = if both { &["", "_reverse"] } else { &[""] };
    let matrix = |name: String, columns: usize| {
        upload::<_, E>(file.tensor(&name), (cell.gates() * hidden, columns))
    };
    let vector = |name: String| upload::<_, E>(file.tensor(&name), (cell.gates() * hidden,));
    let mut weights = Vec::new();
    for layer in 0..layers {
        for direction in directions {
            let taken = if layer == 0 {
                inputs
            } else {
                hidden * directions.len()
            };
            let end = format!("l{layer}{direction}");
            weights.push((
                end.clone(),
                matrix(format!("p.weight_ih_{end}"), taken),
                matrix(format!("p.weight_hh_{end}"), hidden),
                vector(format!("p.bias_ih_{end}")),
                vector(format!("p.bias_hh_{end}")),
            ));
        }
    }
    let x = upload::<_, E>(file.tensor("x"), (batch, steps, inputs));
    both_ways!(E, |Operations, way| {
        let mut y: Sequences<E> = x.retaped();
        let (mut hs, mut cs): (Vec<E>, Vec<E>) = (Vec::new(), Vec::new());
        for layer in weights.chunks(directions.len()) {
            let (input, history) = y.split_tape();
            let mut history = Some(history);
            let mut outputs = Vec::new();
            for (k, (_, w_ih, w_hh, b_ih, b_hh)) in layer.iter().enumerate() {
                let geometry = RecurrentGeometry {
                    cell,
                    batch,
                    steps,
                    hidden,
                    reverse: k == 1,
                };
                let taken = *input.shape();
                let size = LinearSize {
                    rows: batch * steps,
                    inputs: taken.2,
                    outputs: geometry.width(),
                };
                let of = input.clone().put_tape(history.take().unwrap_or_default());
                let out = (batch, steps, geometry.width());
                let pre = Operations::linear(of, w_ih.retaped(), Some(b_ih.retaped()), size, out);
                let products = Hidden {
                    weight: w_hh.retaped(),
                    bias: Some(b_hh.retaped()),
                    turned: None,
                };
                let start = Initial { h: None, c: None };
                let out =
                    Operations::recurrence(pre.expect("a product"), products, start, geometry);
                let (y, h, c) = parts(out.expect("a recurrence"), &geometry, &sizes);
                hs.extend(h);
                cs.extend(c);
                outputs.push(y);
            }
            y = match <[Sequences<E>; 2]>::try_from(outputs) {
                Ok([forward, reverse]) => (forward, reverse).concat_along(Axis::<2>),
                Err(mut one) => one.remove(0),
            };
        }
        file.compare(&way, "y", &y.as_vec());
        file.compare(&way, "h_n", &hs);
        if cell == Cell::Lstm {
            file.compare(&way, "c_n", &cs);
        }
        let found = gradients(y, file.tensor("g"));
        file.compare(&way, "dx", &found.get(&x).as_vec());
        for (end, w_ih, w_hh, b_ih, b_hh) in &weights {
            file.compare(
                &way,
                &format!("d.weight_ih_{end}"),
                &found.get(w_ih).as_vec(),
            );
            file.compare(
                &way,
                &format!("d.weight_hh_{end}"),
                &found.get(w_hh).as_vec(),
            );
            file.compare(&way, &format!("d.bias_ih_{end}"), &found.get(b_ih).as_vec());
            file.compare(&way, &format!("d.bias_hh_{end}"), &found.get(b_hh).as_vec());
        }
    });
}

/// The hidden states of all steps on the tape, and the last hidden and cell state.
fn parts<E: Number>(
    out: Sequences<E>,
    geometry: &RecurrentGeometry,
    &Sizes {
        batch,
        steps,
        hidden,
    }: &Sizes,
) -> (Sequences<E>, Vec<E>, Vec<E>)
where
    Cpu: Kernels<E>,
{
    let values = out.as_vec();
    let row = |t: usize| -> Vec<E> {
        let of = |n: usize| {
            let at = (n * geometry.rows() + t) * hidden;
            values[at..at + hidden].to_vec()
        };
        (0..batch).flat_map(of).collect()
    };
    let last = if geometry.reverse { 0 } else { steps - 1 };
    let c = if geometry.cell == Cell::Lstm {
        row(steps)
    } else {
        Vec::new()
    };
    let (h, c) = (row(last), c);
    let y = out
        .slice((.., 0..steps, ..))
        .reshape_like(&(batch, steps, hidden));
    (y, h, c)
}

/// bayesian-torch's layer with sigma near 0 and its means: the same outputs.
#[test]
fn golden_bayesian_torch_lstm_reparameterization() {
    let file = Fixture::open("bayesian_torch_lstm_reparameterization");
    let [batch, steps, inputs] = file.tensor("x").sizes();
    let [width, hidden] = file.tensor("state.hh.mu_weight").sizes();
    let rho = &file.tensor("state.ih.rho_weight").values;
    assert!(rho.iter().all(|&rho| rho < -10.0), "sigma is near 0");
    let geometry = RecurrentGeometry {
        cell: Cell::Lstm,
        batch,
        steps,
        hidden,
        reverse: false,
    };
    let size = LinearSize {
        rows: batch * steps,
        inputs,
        outputs: width,
    };
    let x = upload::<_, f32>(file.tensor("x"), (batch, steps, inputs));
    let matrix = |name, columns| upload::<_, f32>(file.tensor(name), (width, columns));
    let vector = |name| upload::<_, f32>(file.tensor(name), (width,));
    let (w_ih, b_ih) = (
        matrix("state.ih.mu_weight", inputs),
        vector("state.ih.mu_bias"),
    );
    let products = Hidden {
        weight: matrix("state.hh.mu_weight", hidden),
        bias: Some(vector("state.hh.mu_bias")),
        turned: None,
    };
    let pre = Cpu::linear(x, w_ih, Some(b_ih), size, (batch, steps, width)).expect("a product");
    let out = Cpu::recurrence(pre, products, Initial { h: None, c: None }, geometry);
    let out = out.expect("a recurrence").slice((.., 0..steps, ..));
    file.compare("fused operations in f32", "y", &out.as_vec());
}
