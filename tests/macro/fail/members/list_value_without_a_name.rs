use bayes_core::prelude::*;

#[bayesian(members(Wide = <4>(prior = [Gaussian(0.0, 0.1), Gaussian(0.0, 1.0)])))]
struct Net<const H: usize, const O: usize = 3> {
    fc1: Linear<4, H>,
    act: ReLU,
    fc2: Linear<H, O>,
}

fn main() {}
