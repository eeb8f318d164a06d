use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Net {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
        scale: impl Into<f64>,
    ) -> Result<Tensor<(B, Const<3>), E, D, T>, D::Err> {
        self.fc.try_forward(x)
    }
}

fn main() {}
