//! Recurrent layers in models: draws hold for a sequence, states go in and out, sizes known at run time.

use bayes_core::dfdx::shapes::HasShape;
use bayes_core::layers::modules;
use bayes_core::prelude::*;

#[bayesian(input = (7, 3), estimator = Reparameterization)]
struct Reader {
    rnn: LSTM<3, 5, 2, true>,
    last: LastOutput,
    head: Linear<10, 2>,
}

#[bayesian(input = (7, 3), estimator = Flipout)]
struct Tagger {
    rnn: GRU<3, 5, 1, false, false>,
    all: Outputs,
    head: Linear<5, 2>,
}

macro_rules! check {
    ($test:ident: $Net:ident, $Bayes:ident, $E:ty, $tensors:literal) => {
        #[test]
        fn $test() {
            let dev = Cpu::seed_from_u64(0);
            let plain = dev.build_module::<$Net, $E>();
            let x: Tensor<Rank3<9, 7, 3>, $E, _> = dev.sample_normal();
            let y = plain.forward(x.clone()).as_vec();
            let mut bayes = $Bayes::from_pretrained(&plain).expect("a twin");
            assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), y);
            assert_eq!(
                bayes.mean().expect("the mean").forward(x.clone()).as_vec(),
                y
            );
            assert_eq!(
                bayes.kl_per_layer().expect("the KL of each").len(),
                $tensors
            );

            // The bits of an example depend on neither the batch nor how the sizes are known.
            let draws = bayes
                .predict(x.clone(), 3, 7)
                .draws()
                .expect("draws")
                .values;
            let each = draws.len() / 27;
            let rows = x.as_vec()[4 * 21..6 * 21].to_vec();
            let part = dev.tensor_from_vec(rows, (2usize, 7usize, 3usize));
            let part = bayes
                .predict(part, 3, 7)
                .from_example(4)
                .draws()
                .expect("draws")
                .values;
            for sample in 0..3 {
                let whole = &draws[(sample * 9 + 4) * each..(sample * 9 + 6) * each];
                assert_eq!(whole, &part[sample * 2 * each..(sample + 1) * 2 * each]);
            }
            assert_ne!(draws[..each], draws[9 * each..10 * each]);

            let y = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
            let gradients = y.square().sum::<Rank0, _>().backward();
            for tensor in &bayes.rnn.weight_hh {
                for found in [
                    gradients.get(&tensor.mu).as_vec(),
                    gradients.get(&tensor.rho).as_vec(),
                ] {
                    assert!(found.iter().all(|g| g.is_finite()) && found.iter().any(|g| *g != 0.0));
                }
            }
        }
    };
}

check!(lstm_in_f32: Reader, BayesReader, f32, 18);
check!(lstm_in_f64: Reader, BayesReader, f64, 18);
check!(gru_in_f32: Tagger, BayesTagger, f32, 4);
check!(gru_in_f64: Tagger, BayesTagger, f64, 4);

/// A member of a prediction is the plain net with the sampled weights: they are drawn once for all steps.
#[test]
fn a_sample_is_a_plain_net() {
    let dev = Cpu::seed_from_u64(2);
    let bayes = BayesReader::from_pretrained(&dev.build_module::<Reader, f64>()).expect("a twin");
    let x: Tensor<Rank3<4, 7, 3>, f64, _> = dev.sample_normal();
    let want = bayes
        .predict(x.clone(), 1, 5)
        .draws()
        .expect("draws")
        .values;
    let got = bayes.sample(5).expect("a sample").forward(x).as_vec();
    for (got, want) in got.iter().zip(&want) {
        assert!((got - want).abs() <= 1e-12, "{got} instead of {want}");
    }
}

/// Two halves of a sequence, the second from the state of the first, are the whole.
#[test]
fn a_state_carries_on() {
    let dev = Cpu::seed_from_u64(3);
    let lstm = modules::LSTM::<3, 4, 2, false, true, f64, Cpu>::build(&dev);
    let gru = modules::GRU::<3, 4, 1, false, true, f64, Cpu>::build(&dev);
    let x: Tensor<Rank3<2, 6, 3>, f64, _> = dev.sample_normal();
    let half = |from: usize| x.clone().slice((.., from..from + 3, ..));
    macro_rules! check {
        ($layer:ident) => {{
            let (whole, _) = $layer.forward(x.clone());
            let (first, state) = $layer.forward(half(0));
            let (second, _) = $layer.forward((half(3), state));
            let (whole, halves) = (whole.as_vec(), [first.as_vec(), second.as_vec()]);
            for (i, want) in whole.iter().enumerate() {
                let (n, t, j) = (i / 24, i / 4 % 6, i % 4);
                let got = halves[t / 3][(n * 3 + t % 3) * 4 + j];
                assert!((got - want).abs() <= 1e-14, "{got} instead of {want}");
            }
        }};
    }
    check!(lstm);
    check!(gru);
    let wrong = lstm.try_forward((x.clone(), lstm.forward(dev.zeros_like(&(5, 6, Const))).1));
    assert!(wrong.is_err(), "the state of five sequences for two");
    let (y, (h, c)) = lstm.forward(x);
    assert_eq!(y.shape().concrete(), [2, 6, 4]);
    assert_eq!(
        (h.shape().concrete(), c.shape().concrete()),
        ([2, 2, 4], [2, 2, 4])
    );
}

/// The noise of a step is that of the others: with all inputs equal and no hidden weights, so are all outputs of a draw.
#[test]
fn steps_share_their_draw_and_examples_have_signs_of_their_own() {
    let dev = Cpu::seed_from_u64(4);
    let mut plain = dev.build_module::<Tagger, f64>();
    plain.rnn.weight_hh[0].fill_with_zeros();
    let mut bayes = BayesTagger::from_pretrained(&plain).expect("a twin");
    bayes.rnn.weight_hh[0].rho.copy_from(&[-1e4; 75]);
    bayes.rnn.weight_ih[0].rho.copy_from(&[0.5; 45]);
    // z near 0: the state is n, and forgets the step before.
    let x = dev.tensor([[[0.9, -0.5, 1.2]; 7]; 3]);
    let view = bayes.rnn.eval(&Key::new(3, 1).into());
    let (y, _) = view.forward(x);
    let y = y.as_vec();
    // h_t = (1 − z^t)·n with the same z and n at all steps.
    for (n, j) in (0..3).flat_map(|n| (0..5).map(move |j| (n, j))) {
        let h = |t: usize| y[(n * 7 + t) * 5 + j];
        let z = (h(1) - h(0)) / h(0);
        for t in 1..6 {
            let want = h(t) + (h(t) - h(t - 1)) * z;
            assert!(
                (h(t + 1) - want).abs() <= 1e-10,
                "step {t}: {} instead of {want}",
                h(t + 1)
            );
        }
    }
    assert_ne!(y[..5], y[35..40], "two examples have signs of their own");
}
