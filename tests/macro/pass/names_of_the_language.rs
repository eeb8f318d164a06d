//! Raw identifiers for structs, fields, parameters and twins.

#![allow(
    non_camel_case_types,
    non_upper_case_globals,
    reason = "keywords are written in lower case"
)]

use bayes_core::prelude::*;

#[bayesian(input = (4), bayes = r#yield, device = r#final, quant = r#virtual)]
struct r#struct<const r#const: usize> {
    #[bayes(moped = 0.1)]
    r#in: Linear<4, r#const>,
    r#type: ReLU,
    #[bayes(value = 2.0)]
    r#static: f32,
    r#fn: Linear<r#const, 3>,
}

#[bayesian(forward)]
struct r#impl<const r#where: usize>(Linear<4, r#where>);

#[bayesian(forward)]
impl<const r#where: usize> r#impl<r#where> {
    fn forward<r#dyn: Dtype, r#mod: Device<r#dyn>, r#ref: Tape<r#dyn, r#mod>>(
        &self,
        r#let: Tensor<Rank1<4>, r#dyn, r#mod, r#ref>,
    ) -> Result<Tensor<Rank1<r#where>, r#dyn, r#mod, r#ref>, r#mod::Err> {
        self.0.try_forward(r#let)
    }
}

#[bayesian]
#[derive(Clone, Debug)]
struct r#enum<r#as: Dtype, r#box: Device<r#as>> {
    r#if: modules::Linear<4, 2, r#as, r#box>,
}

#[test]
fn tensors_have_plain_names() {
    let dev = Cpu::seed_from_u64(1);
    let net: r#final<5, f32, Cpu> = dev.build_module::<r#struct<5>, f32>();
    let bayes: r#yield<5, f32, Cpu> = r#yield::from_pretrained(&net).unwrap();
    let kl = bayes.kl_per_layer().unwrap().into_iter();
    let names: Vec<String> = kl.map(|kl| kl.name).collect();
    assert_eq!(names, ["in.weight", "in.bias", "fn.weight", "fn.bias"]);
    let x: Tensor<Rank2<2, 4>, f32, Cpu> = dev.sample_normal();
    let quant: r#virtual<5> = bayes.quantize([x.clone()]).unwrap();
    assert_eq!(quant.predict(x, 2, 1).classify().unwrap().classes, 3);
    assert_eq!(bayes.r#static, 2.0);
}

#[test]
fn other_forms() {
    let dev = Cpu::seed_from_u64(1);
    let x: Tensor<Rank1<4>, f32, Cpu> = dev.sample_normal();
    let net = dev.build_module::<r#impl<2>, f32>();
    let bayes = Bayesimpl::from_pretrained(&net).unwrap();
    assert_eq!(
        bayes.eval(Key::MEAN).forward(x.clone()).as_vec(),
        net.forward(x).as_vec()
    );
    let net: r#enum<f32, Cpu> = r#enum {
        r#if: BuildModule::build(&dev),
    };
    let bayes = Bayesenum::from_pretrained(&net).unwrap();
    assert_eq!(bayes.kl_per_layer().unwrap()[0].name, "if.weight");
}
