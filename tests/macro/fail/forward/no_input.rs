use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Net {
    fn forward<E: Dtype, D: Device<E>>(&self) -> Result<Tensor<Rank1<3>, E, D>, D::Err> {
        Ok(self.fc.bias.clone())
    }
}

fn main() {}
