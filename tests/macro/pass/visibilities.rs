//! Every visibility, and structs within functions.

use bayes_core::prelude::*;

mod outer {
    pub(super) mod inner {
        use bayes_core::prelude::*;

        #[bayesian(forward)]
        pub(in crate::pass::visibilities) struct Hidden(Linear<4, 4>);

        #[bayesian(forward)]
        impl Hidden {
            fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
                &self,
                x: Tensor<(B, Const<4>), E, D, T>,
            ) -> Result<Tensor<(B, Const<4>), E, D, T>, D::Err> {
                self.0.try_forward(x)
            }
        }

        #[bayesian]
        pub(in crate::pass::visibilities) struct Net {
            hidden: Hidden,
            pub(super) fc1: Linear<4, 4>,
            pub(crate) fc2: Linear<4, 4>,
            pub(in super::super) fc3: Linear<4, 4>,
            pub fc4: Linear<4, 2>,
            #[bayes(value = 1)]
            pub(super) classes: usize,
        }

        #[bayesian]
        #[derive(Clone, Debug)]
        pub(super) struct Written<E: Dtype, D: Device<E>>(
            pub(super) modules::Linear<4, 4, E, D>,
            pub(crate) modules::Linear<4, 2, E, D>,
        );
    }

    pub(super) fn fields<D: Device<f32>>(bayes: &inner::BayesNet<f32, D>) -> usize {
        bayes.classes + usize::from(bayes.fc1.weight.mu.shape().concrete() == [4, 4])
    }

    pub(super) fn written(dev: &Cpu) -> usize {
        let net = inner::Written(dev.build(), dev.build());
        let bayes = inner::BayesWritten::from_pretrained(&net).unwrap();
        bayes.0.weight.mu.shape().concrete()[0]
    }

    trait Build {
        fn build<M: BuildModule<Cpu, f32>>(&self) -> M;
    }

    use bayes_core::prelude::*;

    impl Build for Cpu {
        fn build<M: BuildModule<Cpu, f32>>(&self) -> M {
            M::build(self)
        }
    }
}

use outer::inner::{BayesNet, Net};

#[test]
fn fields_are_as_visible_as_written() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).unwrap();
    assert_eq!(outer::fields(&bayes) + outer::written(&dev), 6);
    let x: Tensor<Rank2<2, 4>, f32, Cpu> = dev.sample_normal();
    let draw = bayes.eval(Key::MEAN);
    let y = draw.fc4.forward(draw.fc3.forward(draw.fc2.forward(x)));
    assert_eq!(y.shape().concrete(), [2, 2]);
}

#[test]
fn within_a_function() {
    fn build<const N: usize>() -> usize {
        #[bayesian]
        struct Local<const M: usize, L: Spec>(L, Linear<M, 2>);
        let net = Cpu::default().build_module::<Local<3, ReLU>, f32>();
        N * net.1.weight.shape().concrete()[1]
    }
    assert_eq!(build::<2>(), 6);
}
