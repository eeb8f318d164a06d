//! Extreme parameters in f32 under every prior and posterior: the KL and its gradients stay finite.

use super::*;
use crate::parameters::{change, gradients};

const RHO: [f64; 7] = [-1e4, -104.0, -50.0, -3.0, 20.0, 104.0, 1e4];
const MU: [f64; 5] = [-1e4, -1e-30, 0.0, 1.0, 1e4];

#[test]
fn divergences_and_their_gradients_are_finite() {
    macro_rules! check {
        ($($Net:ident $Bayes:ident)*) => {$({
            let dev = Cpu::seed_from_u64(0);
            let mut bayes = $Bayes::from_pretrained(&dev.build_module::<$Net, f32>()).expect("a twin");
            for (mu, rho) in MU.into_iter().flat_map(|mu| RHO.map(|rho| (mu, rho))) {
                let what = format!("{} at mu {mu}, rho {rho}", stringify!($Net));
                change(&mut bayes, &mut |name, _, old| match name.rsplit('.').next() {
                    Some("mu") => mu,
                    Some("rho") => rho,
                    _ => old,
                });
                let kl = bayes.kl_in::<OwnedTape<f32, Cpu>>(Key::new(1, 0));
                assert!(kl.array().is_finite(), "{what}: {}", kl.array());
                for gradient in gradients(&bayes, &kl.backward()) {
                    let finite = gradient.values.iter().all(|g| g.is_finite());
                    assert!(finite, "{what}, {}: {:?}", gradient.name, gradient.values);
                }
            }
        })*};
    }
    check!(
        NormalNet BayesNormalNet
        LaplaceNet BayesLaplaceNet
        MixtureNet BayesMixtureNet
        StudentNet BayesStudentNet
        OwnNet BayesOwnNet
        LearnedNet BayesLearnedNet
        RadialNet BayesRadialNet
        RadialLaplaceNet BayesRadialLaplaceNet
        LowRankNet BayesLowRankNet
        LowRankLaplaceNet BayesLowRankLaplaceNet
        LowRankStudentNet BayesLowRankStudentNet
        MopedStudentNet BayesMopedStudentNet
    );
}
