//! Embeddings, attention and layer normalisation in models.

use bayes_core::layers::modules;
use bayes_core::optim::{Adam, AdamConfig};
use bayes_core::predict::Tokens;
use bayes_core::prelude::*;

#[bayesian(input = (6), estimator = Flipout)]
struct Classifier {
    embed: Embedding<12, 8>,
    position: PositionalEncoding,
    encoder: TransformerEncoder<8, 2, 16, 2>,
    mean: MeanSteps,
    head: Linear<8, 2>,
}

#[bayesian(input = (6), estimator = Reparameterization)]
struct Scorer {
    embed: Embedding<12, 6>,
    attention: MultiHeadAttention<6, 3, 12, 9>,
    norm: LayerNorm1D<6>,
    mean: MeanSteps,
    head: Linear<6, 2>,
}

fn words(dev: &Cpu) -> Tensor<Rank2<5, 6>, usize, Cpu> {
    let numbers = (0..30).map(|i| (i * 7 + i * i) % 12).collect();
    dev.tensor_from_vec(numbers, Default::default())
}

macro_rules! check {
    ($test:ident: $Net:ident, $Bayes:ident, $E:ty) => {
        #[test]
        fn $test() {
            let dev = Cpu::seed_from_u64(0);
            let plain = dev.build_module::<$Net, $E>();
            let y = plain.forward(words(&dev)).as_vec();
            let bayes = $Bayes::from_pretrained(&plain).expect("a twin");
            assert_eq!(bayes.eval(Key::MEAN).forward(words(&dev)).as_vec(), y);
            assert_eq!(
                bayes
                    .mean()
                    .expect("the mean")
                    .forward(words(&dev))
                    .as_vec(),
                y
            );

            let draws = bayes
                .predict(Tokens(words(&dev)), 3, 7)
                .draws()
                .expect("draws")
                .values;
            let rows = words(&dev).as_vec()[12..24].to_vec();
            let part = Tokens(dev.tensor_from_vec(rows, (2usize, 6usize)));
            let part = bayes
                .predict(part, 3, 7)
                .from_example(2)
                .draws()
                .expect("draws")
                .values;
            for sample in 0..3 {
                let whole = &draws[(sample * 5 + 2) * 2..(sample * 5 + 4) * 2];
                assert_eq!(
                    whole,
                    &part[sample * 4..(sample + 1) * 4],
                    "a part is the whole"
                );
            }
        }
    };
}

check!(transformer_in_f32: Classifier, BayesClassifier, f32);
check!(transformer_in_f64: Classifier, BayesClassifier, f64);
check!(attention_in_f32: Scorer, BayesScorer, f32);
check!(attention_in_f64: Scorer, BayesScorer, f64);

#[test]
fn a_sample_is_a_plain_net() {
    let dev = Cpu::seed_from_u64(2);
    let bayes = BayesScorer::from_pretrained(&dev.build_module::<Scorer, f64>()).expect("a twin");
    let want = bayes
        .predict(Tokens(words(&dev)), 1, 5)
        .draws()
        .expect("draws")
        .values;
    let got = bayes
        .sample(5)
        .expect("a sample")
        .forward(words(&dev))
        .as_vec();
    for (got, want) in got.iter().zip(&want) {
        assert!((got - want).abs() <= 1e-12, "{got} instead of {want}");
    }
}

#[test]
fn a_word_beyond_the_table_is_named() {
    let dev = Cpu::seed_from_u64(2);
    let bayes = BayesScorer::from_pretrained(&dev.build_module::<Scorer, f32>()).expect("a twin");
    let words = dev.tensor_from_vec(vec![0, 1, 12], (1usize, 3usize));
    let error = bayes
        .predict(Tokens(words), 1, 0)
        .draws()
        .expect_err("no such word");
    assert_eq!(
        error.to_string(),
        "`Embedding` takes words below 12, but got 12"
    );
}

/// The noise of a word is that of its row: with Flipout up to the example's signs.
#[test]
fn a_word_has_one_vector_in_a_draw() {
    let dev = Cpu::seed_from_u64(2);
    let bayes =
        BayesClassifier::from_pretrained(&dev.build_module::<Classifier, f32>()).expect("a twin");
    let view = bayes.embed.eval(&Draw::from(Key::new(3, 0)).field("embed"));
    let y = view
        .forward(dev.tensor([[4usize, 9, 4], [4, 4, 9]]))
        .as_vec();
    let at = |n: usize, t: usize| &y[(n * 3 + t) * 8..(n * 3 + t + 1) * 8];
    assert_eq!(at(0, 0), at(0, 2));
    assert_eq!(at(1, 0), at(1, 1));
    assert_ne!(at(0, 0), at(1, 0));
    let mean = bayes.embed.weight.mu.as_vec()[32..40].to_vec();
    for (k, mean) in mean.iter().enumerate() {
        let (one, other) = (at(0, 0)[k] - mean, at(1, 0)[k] - mean);
        assert!((one.abs() - other.abs()).abs() < 1e-6);
    }
}

#[test]
fn layer_norm_is_its_formula() {
    let dev = Cpu::seed_from_u64(5);
    let mut norm = modules::LayerNorm1D::<4, f64, Cpu>::build(&dev);
    norm.gamma.copy_from(&[1.0, 2.0, -1.0, 0.5]);
    norm.beta.copy_from(&[0.1, 0.0, -0.2, 3.0]);
    let x: Tensor<Rank3<2, 3, 4>, f64, _> = dev.sample_normal();
    let y = norm.forward(x.clone()).as_vec();
    for (row, (x, y)) in x.as_vec().chunks(4).zip(y.chunks(4)).enumerate() {
        let mean = x.iter().sum::<f64>() / 4.0;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
        for k in 0..4 {
            let scale = [1.0, 2.0, -1.0, 0.5][k];
            let want = (x[k] - mean) / (variance + 1e-5).sqrt() * scale + [0.1, 0.0, -0.2, 3.0][k];
            assert!(
                (y[k] - want).abs() <= 1e-12,
                "row {row}: {} instead of {want}",
                y[k]
            );
        }
    }
}

/// Which of two words is the more frequent: a twin learns it, by the ELBO.
#[test]
fn a_transformer_learns_to_count() {
    let dev = Cpu::seed_from_u64(7);
    let mut bayes =
        BayesClassifier::from_pretrained(&dev.build_module::<Classifier, f32>()).expect("a twin");
    let mut optimizer = Adam::new(AdamConfig {
        lr: 3e-3,
        ..Default::default()
    })
    .expect("settings");
    let mut state = 12_345_u64;
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as usize % 2
    };
    let mut losses = Vec::new();
    for step in 0..150 {
        let numbers: Vec<usize> = (0..32 * 6)
            .map(|i| if i % 6 < 5 { word() } else { 3 })
            .collect();
        let labels: Vec<f32> = numbers
            .chunks(6)
            .flat_map(|words| {
                let ones = words.iter().filter(|&&word| word == 1).count() >= 3;
                [f32::from(u8::from(!ones)), f32::from(u8::from(ones))]
            })
            .collect();
        let labels: Tensor<Rank2<32, 2>, f32, _> = dev.tensor_from_vec(labels, Default::default());
        let words: Tensor<Rank2<32, 6>, usize, _> =
            dev.tensor_from_vec(numbers, Default::default());
        let key = Key::new(1, step);
        let logits = bayes.train(key).forward(words.leaky_trace());
        let nll = cross_entropy_with_logits_loss(logits, labels);
        losses.push(nll.array());
        let loss = elbo_loss(nll, bayes.kl_in(key), 32 * 150, 1e-3).expect("a loss");
        let gradients = loss.backward();
        optimizer.update(&mut bayes, &gradients).expect("a step");
    }
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    let (first, last) = (mean(&losses[..5]), mean(&losses[140..]));
    assert!(last < 0.4 * first, "the loss went from {first} to {last}");
}
