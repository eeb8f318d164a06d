//! The operations of the CPU, fused and composed: the same numbers, and gradients that are slopes.

use super::{GroupSize, ImageSize, Kernels, composed};
use crate::kernels::testing::{assert_all_close, numbers, numeric_slope};
use dfdx::prelude::{Backward, Cpu, OwnedTape, Rank0, SumTo, Tensor};
use dfdx::shapes::Shape;
use dfdx::tensor::{PutTape, SplitTape, TensorFromVec, WithEmptyTape};

type Taped<S> = Tensor<S, f64, Cpu, OwnedTape<f64, Cpu>>;

fn tensor<S: Shape>(values: &[f64], shape: S) -> Tensor<S, f64, Cpu> {
    Cpu::default().tensor_from_vec(values.to_vec(), shape)
}

/// `Σ y·g`.
fn loss<S: Shape>(y: Taped<S>, g: &Tensor<S, f64, Cpu>) -> Taped<Rank0> {
    (y * g.clone()).sum::<Rank0, S::AllAxes>()
}

/// Both ways give what the first gives, and its slopes.
#[test]
fn groups_are_normalised_alike() {
    for [examples, channels, groups, pixels] in [[2, 6, 3, 5], [1, 4, 1, 3], [3, 4, 4, 7]] {
        let shape = (examples, channels, pixels);
        let image = ImageSize {
            examples,
            channels,
            pixels,
        };
        let size = GroupSize {
            image,
            groups,
            epsilon: 1e-5,
        };
        let len = examples * channels * pixels;
        let (x, g) = (numbers::<f64>(1, len), numbers::<f64>(2, len));
        let (gamma, beta) = (numbers::<f64>(3, channels), numbers::<f64>(4, channels));
        let of = (channels,);
        let inputs = [tensor(&gamma, of), tensor(&beta, of)];
        let run =
            |fused: bool, x: &Tensor<_, f64, Cpu>, [gamma, beta]: [&Tensor<_, f64, Cpu>; 2]| {
                let (x, gamma, beta) = (x.retaped(), gamma.retaped(), beta.retaped());
                let y = match fused {
                    true => Cpu::group_norm(x, gamma, beta, size),
                    false => composed::group_norm(x, gamma, beta, size),
                };
                y.expect("a normalisation")
            };
        let (x_there, g_there) = (tensor(&x, shape), tensor(&g, shape));
        let all = |fused: bool| {
            let [gamma, beta] = &inputs;
            let y = run(fused, &x_there, [gamma, beta]);
            let values = y.as_vec();
            let gradients = loss(y, &g_there).backward();
            let of_x = gradients.get(&x_there).as_vec();
            [
                values,
                of_x,
                gradients.get(gamma).as_vec(),
                gradients.get(beta).as_vec(),
            ]
        };
        for (fused, composed) in all(true).iter().zip(&all(false)) {
            assert_all_close(fused, composed, 200.0, "fused against composed");
        }
        let moved = |x: &[f64]| {
            let y = run(true, &tensor(x, shape), inputs.each_ref());
            loss(y, &g_there).as_vec()[0]
        };
        let slopes: Vec<f64> = (0..len).map(|i| numeric_slope(&x, i, moved)).collect();
        assert_all_close(&all(true)[1], &slopes, 1e8, "gradient of x");
    }
}

#[test]
fn the_exact_gelu_has_one_value_and_its_slope() {
    // Zero, both signs, numbers so small that Φ is ½, and tails.
    let mut x: Vec<f64> = (-60..=60).map(|i| f64::from(i) / 6.0).collect();
    x.extend([1e-7, -1e-7, 1e-35, -1e-35, 20.0, -20.0]);
    let g = numbers::<f64>(1, x.len());
    let (there, g_there) = (tensor(&x, (x.len(),)), tensor(&g, (x.len(),)));
    let all = |fused: bool| {
        let x = there.retaped();
        let y = match fused {
            true => Cpu::accurate_gelu(x),
            false => composed::accurate_gelu(x),
        };
        let y: Taped<(usize,)> = y.expect("a GeLU");
        let values = y.as_vec();
        [values, loss(y, &g_there).backward().get(&there).as_vec()]
    };
    let ([y, dx], [composed_y, composed_dx]) = (all(true), all(false));
    assert_all_close(&composed_y, &y, 4.0, "y");
    assert_all_close(&composed_dx, &dx, 8.0, "dx");
    for (i, &x) in x.iter().enumerate() {
        let value = |x: &[f64]| {
            let y = Cpu::accurate_gelu(tensor(x, (1,)));
            y.expect("a GeLU").as_vec()[0]
        };
        let slope = g[i] * numeric_slope(&[x], 0, value);
        assert!((dx[i] - slope).abs() < 1e-9, "{x}: {} {slope}", dx[i]);
    }
}

/// Whoever else has the input of a ReLU, or had it, gets its own value and adds its own gradient.
#[test]
fn relu_in_place_is_dfdx_s_to_all_who_share_its_input() {
    let (x, g) = (numbers::<f64>(1, 12), numbers::<f64>(2, 12));
    let (there, g_there) = (tensor(&x, (12,)), tensor(&g, (12,)));
    type Relu = fn(Taped<(usize,)>) -> Taped<(usize,)>;
    // The input is a tensor of its own, not the leaf.
    let start = || there.retaped::<OwnedTape<f64, Cpu>>() * 1.5;
    let alone = |relu: Relu| (vec![], relu(start()));
    let twice = |relu: Relu| (vec![], relu(relu(start())));
    let of_a_leaf = |relu: Relu| (vec![], relu(there.retaped()));
    let shared = |relu: Relu| {
        let input = start();
        let kept = input.with_empty_tape();
        let y = relu(input);
        (kept.as_vec(), y + kept * 0.25)
    };
    let used_before = |relu: Relu| {
        let (input, tape) = start().split_tape();
        let doubled = input.clone().put_tape(tape) + 3.0;
        let (doubled, tape) = doubled.split_tape();
        (vec![], relu(input.put_tape(tape)) * doubled)
    };
    let cases: [&dyn Fn(Relu) -> (Vec<f64>, Taped<(usize,)>); 5] =
        [&alone, &twice, &of_a_leaf, &shared, &used_before];
    for (i, case) in cases.iter().enumerate() {
        let [ours, theirs] = [
            (|x| Cpu::relu(x).expect("a ReLU")) as Relu,
            |x: Taped<(usize,)>| x.relu(),
        ]
        .map(|relu| {
            let (kept, y) = case(relu);
            let values = y.as_vec();
            let gradient = loss(y, &g_there).backward().get(&there).as_vec();
            [kept, values, gradient]
        });
        assert_eq!(ours, theirs, "case {i}");
        assert_eq!(there.as_vec(), x, "case {i}: the leaf is as it was");
    }
}
