use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Net {
    fn forward<E: Dtype, D: Device<E>>(&self, rows: usize) -> Result<usize, D::Err> {
        Ok(rows)
    }
}

fn main() {}
