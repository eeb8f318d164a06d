//! Reparameterization and Flipout by the operations on the tape, composed as the layers compose them.

use super::Product;
use crate::conv::output_image;
use crate::fixture::{Fixture, Golden};
use crate::tape::{Number, Taped, both_ways, filled, given, gradients, upload};
use bayes_core::device::{Kernels, SignSize};
use bayes_core::dfdx::prelude::{Cpu, Tensor};
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::dfdx::tensor::Gradients;

/// A tensor of rows: of examples, or of the weights of each output.
type Rows<E> = Tensor<(usize, usize), E, Cpu>;

/// As [`Rows`], on the tape.
type TapedRows<E> = Taped<(usize, usize), E>;

/// The tensors of a file that have gradients.
struct Leaves<E: Number>
where
    Cpu: Kernels<E>,
{
    x: Rows<E>,
    mu: Rows<E>,
    rho: Rows<E>,
    mu_bias: Tensor<(usize,), E, Cpu>,
    rho_bias: Tensor<(usize,), E, Cpu>,
}

impl<E: Number> Leaves<E>
where
    Cpu: Kernels<E>,
{
    fn of(file: &Fixture) -> Self {
        let matrix = |name| {
            let golden = file.tensor(name);
            upload(golden, rows(golden))
        };
        let vector = |name| {
            let golden = file.tensor(name);
            upload(golden, (golden.values.len(),))
        };
        Self {
            x: matrix("x"),
            mu: matrix("mu"),
            rho: matrix("rho"),
            mu_bias: vector("mu_bias"),
            rho_bias: vector("rho_bias"),
        }
    }

    fn compare(&self, file: &Fixture, way: &str, gradients: &Gradients<E, Cpu>) {
        let matrices = [("dx", &self.x), ("dmu", &self.mu), ("drho", &self.rho)];
        for (name, leaf) in matrices {
            file.compare_if_there(way, name, &gradients.get(leaf).as_vec());
        }
        let vectors = [("dmu_bias", &self.mu_bias), ("drho_bias", &self.rho_bias)];
        for (name, leaf) in vectors {
            file.compare_if_there(way, name, &gradients.get(leaf).as_vec());
        }
    }
}

/// The first size of a tensor, and the product of the others.
fn rows(golden: &Golden) -> (usize, usize) {
    (golden.shape[0], golden.shape[1..].iter().product())
}

/// How `signs` lie on the channels of `of`.
fn sign_size(signs: &Golden, of: &Golden) -> SignSize {
    let examples = signs.shape[0];
    SignSize {
        examples,
        steps: 1,
        channels: signs.values.len() / examples,
        pixels: of.values.len() / signs.values.len(),
    }
}

/// y = x·(mu + softplus(rho)·eps) + the bias, drawn likewise.
pub fn reparameterization<E: Number>(file: &Fixture, product: Product)
where
    Cpu: Kernels<E>,
{
    let leaves = Leaves::<E>::of(file);
    let out = rows(file.tensor("y"));
    both_ways!(E, |Operations, way| {
        let (mu, rho) = (leaves.mu.retaped(), leaves.rho.retaped());
        let weight: TapedRows<E> =
            Operations::draw_weights(mu, rho, given(file.tensor("eps"))).expect("a draw");
        let (mu, rho) = (leaves.mu_bias.retaped(), leaves.rho_bias.retaped());
        let bias: Taped<(usize,), E> =
            Operations::draw_weights(mu, rho, given(file.tensor("eps_bias"))).expect("a draw");
        let x = leaves.x.retaped();
        let y = match product {
            Product::Linear(size) => Operations::linear(x, weight, Some(bias), size, out),
            Product::Conv2d(geometry) => Operations::conv(x, weight, geometry, out)
                .and_then(|y| Operations::add_bias(y, bias, output_image(&geometry))),
        };
        let y: TapedRows<E> = y.expect("a product");
        file.compare(&way, "y", &y.as_vec());
        leaves.compare(file, &way, &gradients(y, file.tensor("g")));
    });
}

/// y = x·mu + s_out ∘ ((s_in ∘ x)·softplus(rho)·eps), and the bias likewise: a linear layer has it in both products,
/// a convolution has a layer of its own for it, here with the same signs.
pub fn flipout<E: Number>(file: &Fixture, product: Product)
where
    Cpu: Kernels<E>,
{
    let leaves = Leaves::<E>::of(file);
    let [x, y, sign_in, sign_out] = ["x", "y", "sign_in", "sign_out"].map(|name| file.tensor(name));
    let (size_in, size_out) = (sign_size(sign_in, x), sign_size(sign_out, y));
    let out = rows(y);
    both_ways!(E, |Operations, way| {
        let turn = |y: TapedRows<E>| Operations::flip_signs(y, given(sign_out), size_out);
        let flipped = Operations::flip_signs(leaves.x.retaped(), given(sign_in), size_in);
        let flipped: TapedRows<E> = flipped.expect("an input with signs");
        let weight = Operations::deviation(leaves.rho.retaped(), given(file.tensor("eps")));
        let weight: TapedRows<E> = weight.expect("a deviation");
        let eps_bias = given(file.tensor("eps_bias"));
        let bias = Operations::deviation(leaves.rho_bias.retaped(), eps_bias);
        let bias: Taped<(usize,), E> = bias.expect("a deviation");
        let (x, mu, mu_bias) = (
            leaves.x.retaped(),
            leaves.mu.retaped(),
            leaves.mu_bias.retaped(),
        );
        let y: TapedRows<E> = match product {
            Product::Linear(size) => {
                let deviation = Operations::linear(flipped, weight, Some(bias), size, out);
                let mean = Operations::linear(x, mu, Some(mu_bias), size, out);
                deviation.and_then(turn).expect("a deviation") + mean.expect("a mean")
            }
            Product::Conv2d(geometry) => {
                let deviation = Operations::conv(flipped, weight, geometry, out);
                let mean = Operations::conv(x, mu, geometry, out);
                let y = deviation.and_then(turn).expect("a deviation") + mean.expect("a mean");
                let image = output_image(&geometry);
                let zeros = filled(vec![E::default(); out.0 * out.1], *y.shape()).retaped();
                let deviation = Operations::add_bias(zeros, bias, image);
                let mean = Operations::add_bias(y, mu_bias, image);
                deviation.and_then(turn).expect("a deviation") + mean.expect("a mean")
            }
        };
        file.compare(&way, "y", &y.as_vec());
        leaves.compare(file, &way, &gradients(y, file.tensor("g")));
    });
}
