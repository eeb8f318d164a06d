//! A private struct of which a program uses almost nothing, within a function.

use bayes_core::prelude::*;

#[bayesian]
struct Unused {
    fc1: Linear<4, 8>,
    r#type: ReLU,
    _fc2: Linear<8, 2>,
}

#[test]
fn runs() {
    #[bayesian(input = (2))]
    struct Local {
        fc: Linear<2, 2>,
    }

    let net = Cpu::default().build_module::<Local, f32>();
    assert_eq!(net.fc.weight.shape().concrete(), [2, 2]);
}
