//! Families: members are the types that their names say, with what they state, and are built by their names.

use bayes_core::members::{Registry, Table, UnknownMember};
use bayes_core::posterior::{Family, Init, Rho};
use bayes_core::prelude::*;
use bayes_core::prior::{Gaussian, Laplace, Std};
use std::any::{TypeId, type_name};

/// A family in spec form: widths by a list, keys by another, a default.
#[bayesian(
    input = (6),
    prior = Gaussian(0.0, 1.0),
    estimator = Reparameterization,
    members(
        /// The smallest.
        Small = <4>,
        Deep = <4, 3>,
        Wide = <[8, Huge: 32]>(estimator = [Flipout, LocalReparameterization]),
        Sure = <4>(moped = 0.01, prior = [Narrow: Gaussian(0.0, 0.1), Heavy: Laplace(0.0, 1.0)]),
        Own = <4>(posterior = MeanField(rho = -3.0), init = BayesianTorch, input = (6)),
    )
)]
pub struct Net<const H: usize, const MORE: usize = 1> {
    pub fc1: Linear<6, H>,
    pub act: ReLU,
    pub more: Repeated<(Linear<H, H>, ReLU), MORE>,
    #[bayes(prior = Gaussian(0.0, FanIn))]
    pub fc2: Linear<H, 3>,
}

/// What `SureHeavy` is, written out.
#[bayesian(input = (6), prior = Laplace(0.0, 1.0), estimator = Reparameterization, moped = 0.01)]
struct ByHand {
    fc1: Linear<6, 4>,
    act: ReLU,
    more: Repeated<(Linear<4, 4>, ReLU), 1>,
    #[bayes(prior = Gaussian(0.0, FanIn))]
    fc2: Linear<4, 3>,
}

/// Members that differ by their keys alone.
#[bayesian(input = (6), registry = Twins, members(
    Base,
    Tight(moped = 0.01),
    Local(estimator = LocalReparameterization),
    Learns(prior = Gaussian(0.0, Learned)),
    LowRank(posterior = LowRank(rank = 2, rho = FanIn), estimator = Reparameterization),
))]
struct Plain {
    fc1: Linear<6, 5>,
    act: Tanh,
    #[bayes(skip)]
    fc2: Linear<5, 3>,
}

/// A family in module form, with its parameters in an order of its own.
#[bayesian(
    input = (C),
    members(Narrow = <6, 4>, Broad = <6, { 4 * 4 }>(moped = [Tight: 0.01, Loose: 0.5]))
)]
struct Built<const C: usize, E: Dtype, D: Device<E>, const H: usize> {
    fc1: modules::Linear<C, H, E, D>,
    act: ReLU,
    fc2: modules::Linear<H, 3, E, D>,
}

type Batch = Tensor<Rank2<5, 6>, f32, Cpu>;

fn device() -> Cpu {
    Cpu::seed_from_u64(11)
}

fn batch() -> Batch {
    Cpu::seed_from_u64(2).sample_normal()
}

fn same<A: 'static, B: 'static>() {
    assert_eq!(
        TypeId::of::<A>(),
        TypeId::of::<B>(),
        "{} {}",
        type_name::<A>(),
        type_name::<B>()
    );
}

#[test]
fn members_are_the_types_that_their_names_say() {
    same::<Small, Net<4, 1>>();
    same::<Deep, Net<4, 3>>();
    same::<WideHugeFlipout, Net<32, 1>>();
    same::<DeviceWide8Flipout<f32, Cpu>, DeviceNet<8, 1, f32, Cpu>>();
    same::<BayesSmall<f32, Cpu>, BayesNet<4, 1, f32, Cpu>>();
    same::<BayesSureHeavy<f64, Cpu>, BayesNet<4, 1, f64, Cpu, SureHeavyConfig<NetConfig>>>();
    same::<QuantDeep, QuantNet<4, 3>>();
    same::<Narrow<f32, Cpu>, Built<6, f32, Cpu, 4>>();
    same::<BayesBroadTight<f32, Cpu>, BayesBuilt<6, 16, f32, Cpu, BroadTightConfig<BuiltConfig>>>();
    same::<QuantBroadLoose, QuantBuilt<6, 16>>();
    same::<Tight, Plain>();
    same::<BayesBase<f32, Cpu>, BayesPlain<f32, Cpu>>();
}

#[test]
fn what_a_member_states_wins_over_its_struct() {
    type OfHeavy = SureHeavyConfig<NetConfig>;
    assert_eq!(OfHeavy::PRIOR, Laplace::new(0.0, 1.0));
    assert_eq!(OfHeavy::MOPED, Some(0.01));
    same::<<OfHeavy as Config>::Estimator, Reparameterization>();
    type OfNarrow = SureNarrowConfig<NetConfig>;
    assert_eq!(OfNarrow::PRIOR, Gaussian::new(0.0, Std::Value(0.1)));
    type OfWide = Wide8FlipoutConfig<NetConfig>;
    same::<<OfWide as Config>::Estimator, Flipout>();
    assert_eq!(OfWide::PRIOR, Gaussian::new(0.0, Std::Value(1.0)));
    assert_eq!(OfWide::MOPED, None);
    type Own = OwnConfig<NetConfig>;
    assert_eq!(Own::INIT, Init::BayesianTorch);
    assert_eq!(Own::POSTERIOR, Family::mean_field(Rho::Value(-3.0)));
    // And a field's own key over the member's.
    assert_eq!(
        NetFc2Config::<OfHeavy>::PRIOR,
        Gaussian::new(0.0, Std::FanIn)
    );
    assert_eq!(NetFc2Config::<OfHeavy>::MOPED, Some(0.01));
}

/// Everything that depends on the configuration, of a twin around the weights of one plain net.
macro_rules! seen {
    ($twin:expr) => {{
        let mut twin = $twin;
        let x = batch();
        let kl: f32 = twin.kl_in::<NoneTape>(Key::new(3, 1)).array();
        let grads = twin
            .train(Key::new(3, 1))
            .forward(x.leaky_trace())
            .square()
            .mean()
            .backward();
        (
            twin.eval(Key::new(3, 1)).forward(x.clone()).as_vec(),
            kl,
            grads.get(&twin.fc1.weight.rho).as_vec(),
            twin.predict(x.clone(), 4, 9).draws().unwrap().values,
            twin.sample(9).unwrap().forward(x.clone()).as_vec(),
            twin.mean().unwrap().forward(x).as_vec(),
            twin.kl_per_layer()
                .unwrap()
                .into_iter()
                .map(|tensor| tensor.name)
                .collect::<Vec<_>>(),
        )
    }};
}

#[test]
fn a_member_is_the_struct_with_its_keys_bit_for_bit() {
    let net = device().build_module::<SureHeavy, f32>();
    let by_hand = device().build_module::<ByHand, f32>();
    let of_member = seen!(BayesSureHeavy::from_pretrained(&net).unwrap());
    assert_eq!(
        of_member,
        seen!(BayesByHand::from_pretrained(&by_hand).unwrap())
    );
    // The struct's own twin of the same weights is another.
    let of_struct = seen!(BayesNet::from_pretrained(&net).unwrap());
    assert_ne!(of_member.0, of_struct.0);
    assert_ne!(of_member.1, of_struct.1);
    assert_eq!(of_member.5, of_struct.5);
}

#[test]
fn members_of_one_plain_model_are_made_by_name() -> Result<(), Error> {
    let net = device().build_module::<Plain, f32>();
    let base = BayesBase::from_pretrained(&net)?;
    let plain = BayesPlain::from_pretrained(&net)?;
    let tight = BayesTight::from_pretrained(&net)?;
    let rho = |twin: &[f32]| twin.to_vec();
    assert_eq!(
        rho(&base.fc1.weight.rho.as_vec()),
        rho(&plain.fc1.weight.rho.as_vec())
    );
    assert_ne!(
        rho(&base.fc1.weight.rho.as_vec()),
        rho(&tight.fc1.weight.rho.as_vec())
    );
    // The mean is the plain net again, whatever the member.
    assert_eq!(
        tight.mean()?.forward(batch()).as_vec(),
        net.forward(batch()).as_vec()
    );
    // MOPED's sigma is a hundredth of each weight.
    let (w, rho) = (net.fc1.weight.as_vec(), tight.fc1.weight.rho.as_vec());
    for (w, rho) in w.iter().zip(&rho) {
        let sigma = rho.exp().ln_1p();
        assert!((sigma / w.abs() - 0.01).abs() < 1e-4, "{sigma} {w}");
    }
    let local = BayesLocal::from_pretrained(&net)?;
    assert_ne!(
        local.eval(Key::new(3, 0)).forward(batch()).as_vec(),
        base.eval(Key::new(3, 0)).forward(batch()).as_vec()
    );
    Ok(())
}

/// A twin of a type that only the trait names.
fn around<B: FromPretrained<f32, Cpu>>(net: &B::Plain) -> B {
    B::from_pretrained(net).unwrap()
}

#[test]
fn generic_code_makes_twins_of_members() {
    let net = device().build_module::<Plain, f32>();
    let twin = around::<BayesTight<f32, Cpu>>(&net);
    let same = BayesTight::from_pretrained(&net).unwrap();
    assert_eq!(twin.fc1.weight.rho.as_vec(), same.fc1.weight.rho.as_vec());
}

#[test]
fn module_form_has_members() -> Result<(), Error> {
    let dev = device();
    let net: BroadTight<f32, Cpu> = Built {
        fc1: BuildModule::build(&dev),
        act: ReLU,
        fc2: BuildModule::build(&dev),
    };
    let (tight, loose) = (
        BayesBroadTight::from_pretrained(&net)?,
        BayesBroadLoose::from_pretrained(&net)?,
    );
    let kl = |kl: f32| kl.is_finite();
    assert!(kl(tight.kl::<NoneTape>().array()) && kl(loose.kl::<NoneTape>().array()));
    assert_ne!(tight.fc1.weight.rho.as_vec(), loose.fc1.weight.rho.as_vec());
    assert_eq!(BuiltMember::BroadTight.input(), BuiltMember::Narrow.input());
    assert_eq!(BuiltMember::Narrow.input().extent.to_string(), "6");
    let built = net.fc1.num_trainable_params() + net.fc2.num_trainable_params();
    assert_eq!(BuiltMember::BroadLoose.parameters(), built);
    Ok(())
}

#[test]
fn the_registry_goes_to_text_and_back() {
    let names = [
        "Small",
        "Deep",
        "Wide8Flipout",
        "Wide8LocalReparameterization",
        "WideHugeFlipout",
        "WideHugeLocalReparameterization",
        "SureNarrow",
        "SureHeavy",
        "Own",
    ];
    let all = NetMember::ALL.iter();
    assert_eq!(all.map(|member| member.name()).collect::<Vec<_>>(), names);
    for &member in NetMember::ALL {
        assert_eq!(member.to_string().parse(), Ok(member));
        let json = serde_json::to_string(&member).unwrap();
        assert_eq!(json, format!("\"{member}\""));
        assert_eq!(serde_json::from_str::<NetMember>(&json).unwrap(), member);
    }
    // As the key and the value of a configuration.
    let text = r#"{"Small": "Deep"}"#;
    let map: std::collections::HashMap<NetMember, NetMember> = serde_json::from_str(text).unwrap();
    assert_eq!(map[&NetMember::Small], NetMember::Deep);
    assert_eq!(format!("[{:>6}]", NetMember::Deep), "[  Deep]");
}

#[test]
fn a_name_that_no_member_has_is_answered_with_the_nearest() {
    let error: UnknownMember = "smal".parse::<NetMember>().unwrap_err();
    assert_eq!(error.nearest(), Some("Small"));
    let sentence = error.to_string();
    assert!(sentence.starts_with(
        "`Net` has no member `smal`: did you mean `Small`? the members are `Small`, `Deep`"
    ));
    let json = serde_json::from_str::<NetMember>("\"smal\"").unwrap_err();
    assert!(json.to_string().contains("did you mean `Small`?"), "{json}");
    let number = serde_json::from_str::<NetMember>("3").unwrap_err();
    assert!(
        number.to_string().contains("the name of a member of `Net`"),
        "{number}"
    );
}

/// Builds the member, predicts, quantizes, and says what was seen: outputs, trained numbers of both, bytes of the name.
fn run(member: NetMember) -> Result<(usize, [usize; 2], String), Error> {
    let dev = device();
    with_net!(member, |Net, BayesNet, QuantNet| {
        let net = dev.build_module::<Net, f32>();
        let twin = BayesNet::from_pretrained(&net)?;
        let quant: QuantNet = twin.quantize([batch()])?;
        let draws = predict(&quant, batch(), 2, 1).draws()?;
        let seen = twin.predict(batch(), 3, 1).classify()?;
        assert_eq!(draws.values.len(), 2 * 5 * 3);
        Ok((
            seen.predicted().len(),
            [net.num_trainable_params(), twin.num_trainable_params()],
            type_name::<BayesNet<f32, Cpu>>().to_owned(),
        ))
    })
}

#[test]
fn every_member_is_built_by_its_name() {
    let mut types = Vec::new();
    for &member in NetMember::ALL {
        let (rows, numbers, twin) = run(member).unwrap();
        assert_eq!(rows, 5);
        assert_eq!(
            [member.parameters(), member.bayes_parameters()],
            numbers,
            "{member}"
        );
        types.push(twin);
    }
    types.sort();
    types.dedup();
    assert_eq!(types.len(), NetMember::ALL.len());
}

/// With and without the tensors that only some priors and posteriors have.
#[test]
fn trained_numbers_are_counted_without_building() {
    let net = device().build_module::<Plain, f32>();
    let numbers = Twins::ALL.iter().map(|&member| {
        let built = with_plain!(member, |Net, Twin| {
            Twin::from_pretrained(&net).unwrap().num_trainable_params()
        });
        assert_eq!(member.bayes_parameters(), built, "{member}");
        built
    });
    let numbers: Vec<usize> = numbers.collect();
    // 35 weights with mu and rho and 18 that are skipped; a scale of the prior for each of two tensors; two columns more.
    assert_eq!(numbers, [88, 88, 88, 90, 158]);
}

#[test]
fn the_macro_takes_as_many_names_as_are_wanted() {
    for &member in Twins::ALL {
        let plain = with_plain!(member, |Net| {
            device().build_module::<Net, f32>().num_trainable_params()
        });
        assert_eq!((plain, member.parameters()), (53, 53), "{member}");
    }
    for &member in BuiltMember::ALL {
        let name = with_built!(member, |Net, Twin| {
            let _: Option<Twin<f64, Cpu>> = None;
            type_name::<Net<f64, Cpu>>()
        });
        assert!(name.contains("Built"), "{name}");
    }
}

/// What a program asks of a model whose type it does not know.
trait Model {
    fn spread(&self, x: &Batch) -> f64;
}

impl<const H: usize, const MORE: usize, C: Config> Model for BayesNet<H, MORE, f32, Cpu, C> {
    fn spread(&self, x: &Batch) -> f64 {
        let seen = self.predict(x.clone(), 8, 1).classify().unwrap();
        seen.mutual_information.iter().sum()
    }
}

#[test]
fn members_stand_behind_one_trait_object() {
    let models: Vec<Box<dyn Model>> = ["Small", "Deep", "SureHeavy"]
        .iter()
        .map(|name| {
            let member: NetMember = name.parse().unwrap();
            with_net!(member, |Net, BayesNet| {
                let twin = BayesNet::from_pretrained(&device().build_module::<Net, f32>());
                Box::new(twin.unwrap()) as Box<dyn Model>
            })
        })
        .collect();
    assert!(
        models
            .iter()
            .all(|model| model.spread(&batch()).is_finite())
    );
}

#[test]
fn members_stand_side_by_side_in_a_table() {
    let table = Table::of(&[NetMember::Small, NetMember::WideHugeFlipout]).to_string();
    assert_eq!(
        table,
        "\
member           input  output  parameters  of its twin
Small            6      3               63          126
WideHugeFlipout  6      3             1379         2758"
    );
    assert_eq!(NetMember::named("Small"), Ok(NetMember::Small));
}
