use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Net {
    fn forward<E: Dtype, B: Dim>(
        &self,
        x: Tensor<(B, Const<4>), E, Cpu>,
    ) -> Result<Tensor<(B, Const<3>), E, Cpu>, CpuError> {
        self.fc.try_forward(x)
    }
}

fn main() {}
