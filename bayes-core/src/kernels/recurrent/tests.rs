//! The fast recurrence against the reference and against finite differences.

use super::*;
use crate::kernels::testing::{
    assert_all_close, assert_same_bits, numbers, numeric_slope, with_one_and_two_threads,
};

/// Everything that a pass takes.
struct Case<E> {
    geometry: RecurrentGeometry,
    pre: Vec<E>,
    weights: [Vec<E>; 2],
    biases: [Vec<E>; 2],
    signs: [Vec<E>; 2],
    initial: [Vec<E>; 2],
    turned: bool,
}

impl<E: Real> Case<E> {
    fn new(geometry: RecurrentGeometry, turned: bool, with_state: bool) -> Self {
        let (hidden, width) = (geometry.hidden, geometry.width());
        let sign = |x: E| if x < E::zero() { -E::one() } else { E::one() };
        let state = |seed| {
            let length = if with_state { geometry.state_len() } else { 0 };
            numbers(seed, length)
        };
        Self {
            geometry,
            pre: numbers(1, geometry.pre_len()),
            weights: [2, 3].map(|seed| numbers(seed, width * hidden)),
            biases: [
                numbers(4, width),
                numbers(5, if turned { width } else { 0 }),
            ],
            signs: [(6, hidden), (7, width)].map(|(seed, width)| {
                let drawn = numbers::<E>(seed, geometry.batch * width);
                drawn.into_iter().map(sign).collect()
            }),
            initial: [
                state(8),
                if geometry.cell == Cell::Lstm {
                    state(9)
                } else {
                    vec![]
                },
            ],
            turned,
        }
    }

    fn products(&self) -> Vec<HiddenProduct<'_, E>> {
        let [input, output] = &self.signs;
        let product = |i: usize| HiddenProduct {
            weight: &self.weights[i],
            bias: &self.biases[i],
            signs: (i == 1).then_some([input, output]),
        };
        (0..1 + usize::from(self.turned)).map(product).collect()
    }

    fn initial(&self) -> [&[E]; 2] {
        [&self.initial[0], &self.initial[1]]
    }

    fn forward(&self, isa: Isa) -> (Vec<E>, Trace<E>) {
        let mut out = vec![E::zero(); self.geometry.out_len()];
        let (products, initial) = (self.products(), self.initial());
        let trace = forward_on(isa, &self.geometry, &self.pre, &products, initial, &mut out);
        (out, trace)
    }
}

fn grid() -> Vec<RecurrentGeometry> {
    let mut grid = Vec::new();
    for cell in [Cell::Lstm, Cell::Gru] {
        for [batch, steps, hidden] in [
            [0, 3, 4],
            [1, 0, 3],
            [1, 1, 1],
            [2, 5, 3],
            [3, 4, 7],
            [17, 3, 9],
            [33, 2, 16],
        ] {
            let reverse = (batch + steps) % 2 == 1;
            grid.push(RecurrentGeometry {
                cell,
                batch,
                steps,
                hidden,
                reverse,
            });
        }
    }
    grid
}

fn check_forward<E: Real>(isa: Isa) {
    for (i, geometry) in grid().into_iter().enumerate() {
        let case = Case::<E>::new(geometry, i % 2 == 0, i % 3 != 0);
        let mut want = vec![E::zero(); geometry.out_len()];
        reference::forward(
            &geometry,
            &case.pre,
            &case.products(),
            case.initial(),
            &mut want,
        );
        let (got, _) = case.forward(isa);
        let mut alone = vec![E::zero(); geometry.out_len()];
        let (products, initial) = (case.products(), case.initial());
        run_on(isa, &geometry, &case.pre, &products, initial, &mut alone, 1);
        assert_same_bits(&alone, &got, "nothing kept");
        assert_all_close(&got, &want, 40.0, &format!("{geometry:?} on {isa}"));
    }
}

#[test]
fn agrees_with_the_reference_on_every_isa() {
    for isa in Isa::available() {
        check_forward::<f32>(isa);
        check_forward::<f64>(isa);
    }
}

/// Every gradient of `Σ g·out`, against differences.
fn check_gradients(geometry: RecurrentGeometry, turned: bool) {
    let case = Case::<f64>::new(geometry, turned, true);
    let g: Vec<f64> = numbers(20, geometry.out_len());
    let (out, trace) = case.forward(Isa::active());
    let products = case.products();
    let found = backward(&geometry, &products, case.initial(), &out, &trace, &g);
    let loss = |change: &dyn Fn(&mut Case<f64>)| {
        let mut changed = Case::<f64>::new(geometry, turned, true);
        change(&mut changed);
        let mut out = vec![0.0; geometry.out_len()];
        reference::forward(
            &geometry,
            &changed.pre,
            &changed.products(),
            changed.initial(),
            &mut out,
        );
        out.iter().zip(&g).map(|(y, g)| y * g).sum::<f64>()
    };
    type Field = fn(&mut Case<f64>) -> &mut Vec<f64>;
    let mut checks: Vec<(&str, Vec<f64>, Field)> = vec![
        ("pre", found.pre.clone(), |case| &mut case.pre),
        ("h", found.h.clone(), |case| &mut case.initial[0]),
    ];
    if geometry.cell == Cell::Lstm {
        checks.push(("c", found.c.clone(), |case| &mut case.initial[1]));
    }
    for (i, product) in products.iter().enumerate() {
        let (mut dw, mut db) = (
            vec![0.0; product.weight.len()],
            vec![0.0; product.bias.len()],
        );
        let h = case.initial()[0];
        backward_weights(
            &geometry,
            product,
            h,
            &out,
            found.hidden(),
            [&mut dw, &mut db],
        );
        let fields: [Field; 2] = match i {
            0 => [|case| &mut case.weights[0], |case| &mut case.biases[0]],
            _ => [|case| &mut case.weights[1], |case| &mut case.biases[1]],
        };
        checks.push(("weight", dw, fields[0]));
        checks.push(("bias", db, fields[1]));
    }
    for (name, gradient, field) in checks {
        let at = field(&mut Case::<f64>::new(geometry, turned, true)).clone();
        assert_eq!(gradient.len(), at.len(), "{name} of {geometry:?}");
        for (i, got) in gradient.iter().enumerate() {
            let want = numeric_slope(&at, i, |moved| {
                loss(&|case: &mut Case<f64>| field(case).copy_from_slice(moved))
            });
            assert!(
                (got - want).abs() <= 1e-8,
                "{name}, element {i} of {geometry:?}: {got} instead of {want}"
            );
        }
    }
}

#[test]
fn gradients_are_slopes() {
    for cell in [Cell::Lstm, Cell::Gru] {
        for (reverse, turned) in [(false, false), (true, true), (false, true)] {
            check_gradients(
                RecurrentGeometry {
                    cell,
                    batch: 3,
                    steps: 4,
                    hidden: 3,
                    reverse,
                },
                turned,
            );
        }
    }
}

#[test]
fn bits_depend_on_neither_threads_nor_batch() {
    let geometry = RecurrentGeometry {
        cell: Cell::Lstm,
        batch: 40,
        steps: 8,
        hidden: 24,
        reverse: false,
    };
    assert!(
        geometry.is_large(),
        "the test is to reach the parallel path"
    );
    let case = Case::<f32>::new(geometry, true, true);
    let g: Vec<f32> = numbers(20, geometry.out_len());
    let [one, two] = with_one_and_two_threads(|| {
        let (out, trace) = case.forward(Isa::active());
        let back = backward(
            &geometry,
            &case.products(),
            case.initial(),
            &out,
            &trace,
            &g,
        );
        [out, back.pre, back.h]
    });
    for (one, two) in one.iter().zip(&two) {
        assert_same_bits(two, one, "two threads");
    }
    let alone = RecurrentGeometry {
        batch: 1,
        ..geometry
    };
    let of = |values: &[f32], each: usize| values[21 * each..22 * each].to_vec();
    let (hidden, width) = (geometry.hidden, geometry.width());
    let single = Case {
        geometry: alone,
        pre: of(&case.pre, alone.pre_len()),
        weights: case.weights.clone(),
        biases: case.biases.clone(),
        signs: [of(&case.signs[0], hidden), of(&case.signs[1], width)],
        initial: [of(&case.initial[0], hidden), of(&case.initial[1], hidden)],
        turned: true,
    };
    let (out, _) = single.forward(Isa::active());
    assert_same_bits(&out, &of(&one[0], alone.out_len()), "example 21 alone");
}
