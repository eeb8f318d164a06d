//! A transformer as a classifier (Vaswani et al. 2017), its blocks run in a loop.

use super::{kl_names, trained};
use bayes_core::predict::Tokens;
use bayes_core::prelude::*;

#[bayesian(forward, estimator = Flipout)]
pub struct Classifier {
    embed: Embedding<12, 8>,
    position: PositionalEncoding,
    blocks: Repeated<TransformerEncoderBlock<8, 2, 16>, 2>,
    mean: MeanSteps,
    head: Linear<8, 2>,
}

#[bayesian(forward)]
impl Classifier {
    fn forward<E: Dtype, D: Device<E>, B: Dim, S: Dim, T: Tape<E, D>>(
        &self,
        words: Tensor<(B, S), usize, D, T>,
    ) -> Result<Tensor<(B, Const<2>), E, D, T>, D::Err> {
        let mut x = self.position.try_forward(self.embed.try_forward(words)?)?;
        for block in &self.blocks.modules {
            x = block.try_forward(x)?;
        }
        self.head.try_forward(self.mean.try_forward(x)?)
    }
}

/// The same without a forward pass of its own.
#[bayesian(estimator = Flipout)]
struct Chained {
    embed: Embedding<12, 8>,
    position: PositionalEncoding,
    blocks: Repeated<TransformerEncoderBlock<8, 2, 16>, 2>,
    mean: MeanSteps,
    head: Linear<8, 2>,
}

pub fn words(dev: &Cpu) -> Tensor<Rank2<5, 6>, usize, Cpu> {
    let numbers = (0..30).map(|i| (i * 7 + i * i) % 12).collect();
    dev.tensor_from_vec(numbers, Default::default())
}

#[test]
fn a_loop_over_blocks_is_the_chain_of_them() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Classifier, f64>();
    let chained = DeviceChained {
        embed: plain.embed.clone(),
        position: PositionalEncoding,
        blocks: plain.blocks.clone(),
        mean: MeanSteps,
        head: plain.head.clone(),
    };
    let want = chained.forward(words(&dev)).as_vec();
    assert_eq!(plain.forward(words(&dev)).as_vec(), want);

    // Names are alike, and so are the draws.
    let mut bayes = BayesClassifier::from_pretrained(&plain).expect("a twin");
    let twin = BayesChained::from_pretrained(&chained).expect("a twin");
    assert_eq!(bayes.eval(Key::MEAN).forward(words(&dev)).as_vec(), want);
    let draws = bayes
        .predict(Tokens(words(&dev)), 3, 7)
        .draws()
        .expect("draws");
    let wanted = twin
        .predict(Tokens(words(&dev)), 3, 7)
        .draws()
        .expect("draws");
    assert_eq!(draws, wanted);
    assert_ne!(draws.member(0), draws.member(1));

    let y = bayes
        .train(Key::new(1, 0))
        .forward(words(&dev).leaky_trace());
    let gradients = y.square().sum::<Rank0, _>().backward();
    let names = trained(&bayes, &gradients);
    assert_eq!(kl_names!(bayes), names);
    assert_eq!(names, kl_names!(twin));
}
