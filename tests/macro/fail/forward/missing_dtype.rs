use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Net {
    fn forward<B: Dim>(
        &self,
        x: Tensor<(B, Const<4>), f32, Cpu>,
    ) -> Result<Tensor<(B, Const<3>), f32, Cpu>, CpuError> {
        self.fc.try_forward(x)
    }
}

fn main() {}
