//! The operations of the CPU, fused and composed: the same numbers, and gradients that are slopes.

use super::{GroupSize, ImageSize, Kernels, SignSize, composed};
use crate::kernels::testing::{assert_all_close, numbers, numeric_slope};
use crate::twin::Noise;
use dfdx::prelude::{Backward, Cpu, OwnedTape, Rank0, SumTo, Tensor};
use dfdx::shapes::Shape;
use dfdx::tensor::{CpuError, PutTape, SplitTape, TensorFromVec, WithEmptyTape};

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

/// Whoever else has the input of an operation in place, or had it, gets its own value and adds its own gradient.
#[test]
fn operations_in_place_are_dfdx_s_to_all_who_share_their_input() {
    type Row = Taped<(usize,)>;
    let size = ImageSize {
        examples: 3,
        channels: 4,
        pixels: 1,
    };
    let (x, g) = (numbers::<f64>(1, 12), numbers::<f64>(2, 12));
    let (there, g_there) = (tensor(&x, (12,)), tensor(&g, (12,)));
    let other = tensor(&numbers::<f64>(3, 12), (12,));
    let bias = tensor(&numbers::<f64>(4, 4), (4,));
    let signs = || Noise::Given([1.0, -1.0, -1.0, 1.0].repeat(3).into());
    let sizes = SignSize {
        examples: 3,
        steps: 1,
        channels: 4,
        pixels: 1,
    };
    let onto = || other.retaped::<OwnedTape<f64, Cpu>>();
    let taped_bias = || bias.retaped::<OwnedTape<f64, Cpu>>();
    let biases = || [taped_bias(), taped_bias() * 0.5];
    // Each with what it is by dfdx's operations.
    type Operation<'a> = &'a dyn Fn(Row) -> Result<Row, CpuError>;
    let operations: [[Operation<'_>; 2]; 7] = [
        [&Cpu::relu, &|x| Ok(x.relu())],
        [&|x| Cpu::add_bias(x, taped_bias(), size), &|x| {
            composed::add_bias(x, taped_bias(), size)
        }],
        [
            &|x| Cpu::add_bias_flipped(x, biases(), signs(), size),
            &|x| composed::add_bias_flipped(x, biases(), signs(), size),
        ],
        [&|x| Cpu::sum(x, onto()), &|x| Ok(x + onto())],
        [&|x| Cpu::sum(onto(), x), &|x| Ok(x + onto())],
        [&|x| Cpu::flip_onto(onto(), x, signs(), sizes), &|x| {
            Ok(composed::flip_signs(x, signs(), sizes)? + onto())
        }],
        [&|x| Cpu::flip_onto(x, onto(), signs(), sizes), &|x| {
            Ok(composed::flip_signs(onto(), signs(), sizes)? + x)
        }],
    ];
    // The input is a tensor of its own, not the leaf.
    let start = || there.retaped::<OwnedTape<f64, Cpu>>() * 1.5;
    let alone = |apply: &dyn Fn(Row) -> Row| (vec![], apply(start()));
    let twice = |apply: &dyn Fn(Row) -> Row| (vec![], apply(apply(start())));
    let of_a_leaf = |apply: &dyn Fn(Row) -> Row| (vec![], apply(there.retaped()));
    let shared = |apply: &dyn Fn(Row) -> Row| {
        let input = start();
        let kept = input.with_empty_tape();
        let y = apply(input);
        (kept.as_vec(), y + kept * 0.25)
    };
    let used_before = |apply: &dyn Fn(Row) -> Row| {
        let (input, tape) = start().split_tape();
        let doubled = input.clone().put_tape(tape) + 3.0;
        let (doubled, tape) = doubled.split_tape();
        (vec![], apply(input.put_tape(tape)) * doubled)
    };
    type Case<'a> = &'a dyn Fn(&dyn Fn(Row) -> Row) -> (Vec<f64>, Row);
    let cases: [Case<'_>; 5] = [&alone, &twice, &of_a_leaf, &shared, &used_before];
    for (o, both) in operations.iter().enumerate() {
        for (i, case) in cases.iter().enumerate() {
            let [ours, theirs] = both.map(|operation| {
                let (kept, y) = case(&|x| operation(x).expect("an operation"));
                let values = y.as_vec();
                // Every leaf has a gradient.
                let all = loss(y, &g_there) + loss(onto() * 0.0, &other);
                let all = all + loss(taped_bias() * 0.0, &bias);
                let gradients = all.backward();
                let of_x = gradients.get(&there).as_vec();
                let [of_other, of_bias] = [
                    gradients.get(&other).as_vec(),
                    gradients.get(&bias).as_vec(),
                ];
                [kept, values, of_x, of_other, of_bias]
            });
            // A bias adds its gradients up in an order of its own.
            let ([ours @ .., of_bias], [theirs @ .., want_bias]) = (ours, theirs);
            assert_eq!(ours, theirs, "operation {o}, case {i}");
            assert_all_close(&of_bias, &want_bias, 4.0, "gradient of the bias");
            assert_eq!(there.as_vec(), x, "{o}, {i}: the leaf is as it was");
        }
    }
}

#[test]
fn a_tensor_and_itself_make_twice_its_gradient() {
    let (x, g) = (numbers::<f64>(1, 12), numbers::<f64>(2, 12));
    let (there, g_there) = (tensor(&x, (12,)), tensor(&g, (12,)));
    let sum = Cpu::sum(there.retaped::<OwnedTape<f64, Cpu>>(), there.retaped());
    let sum = sum.expect("a sum");
    assert_eq!(sum.as_vec(), x.iter().map(|x| 2.0 * x).collect::<Vec<_>>());
    let gradient = loss(sum, &g_there).backward().get(&there).as_vec();
    assert_eq!(gradient, g.iter().map(|g| 2.0 * g).collect::<Vec<_>>());
}
