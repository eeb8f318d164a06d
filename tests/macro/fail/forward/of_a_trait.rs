use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl<B: Dim> Module<Tensor<(B, Const<4>), f32, Cpu>> for Net {
    type Output = Tensor<(B, Const<3>), f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<(B, Const<4>), f32, Cpu>) -> Result<Self::Output, CpuError> {
        self.fc.try_forward(x)
    }
}

fn main() {}
