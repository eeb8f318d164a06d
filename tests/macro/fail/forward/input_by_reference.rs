use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Net {
    fn forward<E: Dtype, D: Device<E>, B: Dim>(
        &self,
        x: &Tensor<(B, Const<4>), E, D>,
    ) -> Result<Tensor<(B, Const<3>), E, D>, D::Err> {
        self.fc.try_forward(x.clone())
    }
}

fn main() {}
