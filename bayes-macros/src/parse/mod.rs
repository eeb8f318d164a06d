//! From the tokens of an annotated struct to its [`Model`], with every error that they hold.

mod after_cfg;
mod entries;
mod members;
#[cfg(test)]
mod mutations;
mod options;
mod pass;
mod values;

pub use after_cfg::{Deferred, analyse_after_cfg};
pub use pass::{PassFailure, analyse as analyse_pass};

use after_cfg::{before_cfg, has_cfg};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Generics, Index, Item, ItemStruct, Member, Type, WherePredicate, parse_quote,
};

use crate::check::errors::Errors;
use crate::check::values::posterior_and_estimator;
use crate::check::words::mentions;
use crate::check::{generics, item as rules, members as family};
use crate::model::{Config, Field, Form, Model, Options, Pass};

/// What is left to emit when the attribute cannot be expanded.
pub struct Failure {
    /// The item without its `#[bayes(..)]` attributes, unless it was not even an item.
    pub item: Option<TokenStream>,
    /// Enough for stubs of the generated types, where the struct itself is sound. Wrong options are
    /// missing or have their defaults.
    pub model: Option<Box<Model>>,
    /// All errors, in source order.
    pub errors: syn::Error,
}

/// What stands under the attribute.
pub enum Annotated {
    Pass(Box<Result<Pass, PassFailure>>),
    /// A struct that a derive reads.
    Deferred(Box<Deferred>),
    Model(Box<Result<Model, Failure>>),
}

/// Reads `#[bayesian(attr)] item`.
pub fn annotated(attr: TokenStream, item: TokenStream) -> Annotated {
    let failure = |item, errors| {
        Err(Failure {
            item,
            model: None,
            errors,
        })
    };
    let model = match syn::parse2(item) {
        Ok(Item::Impl(block)) => return Annotated::Pass(Box::new(analyse_pass(attr, block))),
        Ok(Item::Struct(item)) if has_cfg(&item) => {
            return Annotated::Deferred(Box::new(before_cfg(attr, item)));
        }
        Ok(Item::Struct(item)) => analyse(attr, item),
        Ok(other) => failure(Some(other.to_token_stream()), rules::not_a_struct(&other)),
        Err(errors) => failure(None, errors),
    };
    Annotated::Model(Box::new(model))
}

/// Reads a struct as written.
pub fn analyse(attr: TokenStream, item: ItemStruct) -> Result<Model, Failure> {
    analyse_struct(attr, item, false)
}

/// Reads a struct; `after_cfg` where fields may have been removed from it.
fn analyse_struct(
    attr: TokenStream,
    mut item: ItemStruct,
    after_cfg: bool,
) -> Result<Model, Failure> {
    let stripped = Stripped::from(&mut item);
    let mut errors = Errors::default();
    let (model, sound) = read(attr, item, stripped, after_cfg, &mut errors);
    match errors.finish() {
        Ok(()) => Ok(model),
        Err(errors) => Err(Failure {
            item: Some(model.item.to_token_stream()),
            model: sound.then(|| Box::new(model)),
            errors,
        }),
    }
}

/// The `#[bayes(..)]` attributes taken from a struct.
struct Stripped {
    on_struct: Vec<Attribute>,
    on_fields: Vec<Vec<Attribute>>,
}

impl Stripped {
    fn from(item: &mut ItemStruct) -> Self {
        let take = |attributes: &mut Vec<Attribute>| {
            let is_bayes = |attribute: &mut Attribute| attribute.path().is_ident("bayes");
            attributes.extract_if(.., is_bayes).collect()
        };
        Self {
            on_struct: take(&mut item.attrs),
            on_fields: item.fields.iter_mut().map(|f| take(&mut f.attrs)).collect(),
        }
    }
}

/// The model, and whether the struct under it is sound: its form is known and it has layers.
fn read(
    attr: TokenStream,
    item: ItemStruct,
    stripped: Stripped,
    after_cfg: bool,
    errors: &mut Errors,
) -> (Model, bool) {
    let form = errors.take(generics::form(&item.generics));
    let filled = errors.take(rules::some_field(&item, after_cfg));
    let sound = form.is_some() && filled.is_some();
    let form = form.unwrap_or(Form::Spec);
    let options = options::of_struct(attr, &item.ident, &item.generics, &form, errors);
    errors.extend(stripped.on_struct.iter().map(rules::bayes_on_struct));
    let mut fields = fields(&item, &form, &stripped.on_fields, errors);
    let open_forward = form == Form::Spec && options.own_forward;
    let layers = item.generics.type_params().filter(|_| open_forward);
    let layers: Vec<syn::Error> = layers.map(generics::forward_over_layers).collect();
    errors.extend(undrawable(&options.config, &fields));
    errors.extend(undrawable_members(&options, &fields));
    let on_device = fields
        .iter()
        .map(|field| rules::value_on_device(field, &form));
    let on_device: Vec<syn::Error> = on_device.flatten().collect();
    let sound =
        sound && on_device.is_empty() && layers.is_empty() && fields.iter().any(Field::is_layer);
    errors.extend(on_device.into_iter().chain(layers));
    let some_is_bayesian = rules::some_field_is_bayesian(&item.ident, &fields);
    if errors.take(some_is_bayesian).is_none() {
        // A twin of nothing would be a second error.
        for field in &mut fields {
            field.options.skip = false;
        }
    }
    let model = Model {
        vis: item.vis.clone(),
        ident: item.ident.clone(),
        generics: owned(&item.generics, &form),
        form,
        fields,
        options,
        item,
    };
    (model, sound)
}

/// The parameters, whose layers are `'static`: in a walk they are told apart by their types. The bound stands where the
/// user has bounds, since two places are one too many for some lints.
fn owned(generics: &Generics, form: &Form) -> Generics {
    let mut generics = generics.clone();
    if *form != Form::Spec {
        return generics;
    }
    let mut elsewhere = Vec::new();
    for param in generics.type_params_mut() {
        if param.bounds.is_empty() {
            elsewhere.push(param.ident.clone());
        } else {
            param.bounds.push(parse_quote!('static));
        }
    }
    let clause = generics.where_clause.iter_mut();
    for predicate in clause.flat_map(|clause| &mut clause.predicates) {
        if let WherePredicate::Type(ty) = predicate
            && let Type::Path(path) = &ty.bounded_ty
            && let Some(i) = elsewhere.iter().position(|ident| path.path.is_ident(ident))
        {
            elsewhere.swap_remove(i);
            ty.bounds.push(parse_quote!('static));
        }
    }
    generics
}

/// Posteriors with estimators that cannot draw them; a field inherits what it does not state.
fn undrawable(outer: &Config, fields: &[Field]) -> Vec<syn::Error> {
    let of_struct = outer
        .posterior
        .iter()
        .filter_map(|posterior| posterior_and_estimator(posterior, outer.estimator));
    let of_fields = fields.iter().filter_map(|field| {
        let own = &field.options.config;
        let (stated, estimator) = (own.posterior.as_ref(), own.estimator.or(outer.estimator));
        // What the struct states alone is its own error.
        let posterior = match (stated, own.estimator) {
            (None, Some(_)) => outer.posterior.as_ref(),
            (stated, _) => stated,
        };
        posterior_and_estimator(posterior?, estimator)
    });
    of_struct.chain(of_fields).collect()
}

/// The same of each member, whose keys stand before the struct's, where the struct by itself is sound.
fn undrawable_members(options: &Options, fields: &[Field]) -> Vec<syn::Error> {
    let members = options.members.iter().flat_map(|members| &members.all);
    let stated = members
        .filter(|member| member.config.posterior.is_some() || member.config.estimator.is_some());
    if !undrawable(&options.config, fields).is_empty() {
        return Vec::new();
    }
    let errors = stated.flat_map(|member| {
        let mut config = options.config.clone();
        config.add(&member.config);
        let errors = undrawable(&config, fields).into_iter();
        errors.map(|error| family::together(&member.ident, &error))
    });
    errors.collect()
}

fn fields(
    item: &ItemStruct,
    form: &Form,
    bayes: &[Vec<Attribute>],
    errors: &mut Errors,
) -> Vec<Field> {
    let open = |ty: &Type| {
        let mut layers = item.generics.type_params();
        *form == Form::Spec && layers.any(|layer| mentions(ty, &layer.ident))
    };
    let read = |(i, (field, bayes)): (usize, (&syn::Field, &Vec<Attribute>))| {
        let options = options::of_field(bayes, errors);
        errors.take(rules::flat_tuples(&field.ty));
        let member = match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(Index {
                index: u32::try_from(i).unwrap_or(u32::MAX),
                span: field.ty.span(),
            }),
        };
        Field {
            docs: with_path(&field.attrs, "doc").cloned().collect(),
            vis: field.vis.clone(),
            member,
            ty: field.ty.clone(),
            open: open(&field.ty),
            options,
        }
    };
    item.fields
        .iter()
        .zip(bayes)
        .enumerate()
        .map(read)
        .collect()
}

fn with_path<'a>(
    attributes: &'a [Attribute],
    path: &'a str,
) -> impl Iterator<Item = &'a Attribute> {
    let named = move |attribute: &&Attribute| attribute.path().is_ident(path);
    attributes.iter().filter(named)
}

#[cfg(test)]
mod tests {
    //! Whole inputs: every error in source order, what survives an error, and no panic on any tokens.

    use super::mutations::{split, survive, tokens};
    use super::*;
    use crate::model::Estimator;

    const SPEC: &str = r#"#[bayesian(
        input = (1, 28, 28), prior = Gaussian(0.0, 1.0), posterior = MeanField(rho = -3.0),
        estimator = Flipout, moped = 0.5, bayes = Twin, device = Built, crate = ::my::bayes_core,
    )]
    /// A classifier.
    #[derive(Clone)]
    pub struct LeNet<const N: usize> {
        /// Edges.
        pub conv1: Conv2D<1, 6, 5, 1, 2>,
        act1: ReLU,
        #[bayes(prior = Gaussian(0.0, FanIn), estimator = Reparameterization)]
        #[bayes(moped = 0.1, posterior = MeanField(rho = RHO))]
        r#type: (Linear<84, N>, Residual<(Tanh, ReLU)>),
        #[bayes(skip)]
        fc3: Linear<N, 10>,
    }"#;

    const MODULE: &str = r#"#[bayesian(input = 400, estimator = LocalReparameterization)]
    struct Net<E: Dtype, D> where D: Device<E> { fc1: Linear<400, 120, E, D>, act: ReLU }"#;

    const FAMILY: &str = r#"#[bayesian(
        input = (3, 8, 8), estimator = Flipout, registry = Nets, export,
        members(
            /** The base. */
            Small = <2>,
            Wide = <[2, Double: { 2 * 2 }], -32>(estimator = [Reparameterization, Flipout], moped = 0.1),
            Sure = <2, { N }>(prior = [Narrow: Gaussian(0.0, 0.1), Wide: Laplace(0.0, 1.0)], input = (1, 8, 8)),
        ),
    )]
    struct Net<const N: usize, const WIDTH: usize = 16> { conv: Conv2D<N, WIDTH, 3>, act: ReLU }"#;

    fn analyse_source(source: &str) -> Result<Model, Failure> {
        let (attr, item) = split(tokens(source));
        match annotated(attr, item) {
            Annotated::Model(result) => *result,
            _ => panic!("expected a struct without `cfg`: {source}"),
        }
    }

    fn failure(source: &str) -> Failure {
        match analyse_source(source) {
            Ok(model) => panic!("expected errors, got {model:?}"),
            Err(failure) => failure,
        }
    }

    /// Line, and the message up to its first comma or colon.
    fn errors(source: &str) -> Vec<(usize, String)> {
        let errors = failure(source).errors.into_iter();
        let brief = |error: syn::Error| {
            let message = error.to_string();
            let end = message.find([',', ':']).unwrap_or(message.len());
            (error.span().start().line, message[..end].to_string())
        };
        errors.map(brief).collect()
    }

    #[test]
    fn spec_form_is_read_whole() {
        let model = analyse_source(SPEC).unwrap_or_else(|failure| panic!("{}", failure.errors));
        assert_eq!(model.form, Form::Spec);
        assert_eq!(model.options.names.bayes, "Twin");
        assert!(
            model
                .options
                .input
                .as_ref()
                .is_some_and(|input| input.sizes.len() == 3)
        );
        let names: Vec<String> = model.fields.iter().map(Field::name).collect();
        assert_eq!(names, ["conv1", "act1", "type", "fc3"]);
        let docs: Vec<usize> = model.fields.iter().map(|f| f.docs.len()).collect();
        assert_eq!(docs, [1, 0, 0, 0]);
        let config = &model.fields[2].options.config;
        assert_eq!(config.estimator, Some(Estimator::Reparameterization));
        assert_eq!(config.moped.as_ref().and_then(|m| m.literal), Some(0.1));
        assert!(config.prior.is_some() && config.posterior.is_some());
        assert!(model.fields[3].options.skip);
    }

    #[test]
    fn module_form_is_read_whole() {
        let model = analyse_source(MODULE).unwrap_or_else(|failure| panic!("{}", failure.errors));
        let Form::Module { dtype, device } = model.form else {
            panic!("expected module form");
        };
        assert_eq!(
            (dtype.to_string(), device.to_string()),
            ("E".into(), "D".into())
        );
        assert!(
            model
                .options
                .input
                .as_ref()
                .is_some_and(|input| input.sizes.len() == 1)
        );
    }

    #[test]
    fn a_family_is_read_whole() {
        let model = analyse_source(FAMILY).unwrap_or_else(|failure| panic!("{}", failure.errors));
        assert_eq!(model.options.names.registry, "Nets");
        assert!(model.options.export);
        let members = model.options.members.expect("members");
        let read = members.all.iter().map(|member| {
            let values = member.values.iter().map(|value| value.to_token_stream());
            let values: Vec<String> = values.map(|value| value.to_string()).collect();
            format!("{}<{}>", member.ident, values.join(", "))
        });
        assert_eq!(
            read.collect::<Vec<_>>(),
            [
                "Small<2, 16>",
                "Wide2Reparameterization<2, - 32>",
                "Wide2Flipout<2, - 32>",
                "WideDoubleReparameterization<{ 2 * 2 }, - 32>",
                "WideDoubleFlipout<{ 2 * 2 }, - 32>",
                "SureNarrow<2, { N }>",
                "SureWide<2, { N }>",
            ]
        );
        let [small, wide, .., sure] = &members.all[..] else {
            panic!("expected seven members");
        };
        assert_eq!((small.docs.len(), wide.docs.len()), (1, 0));
        assert!(!small.config.states() && small.config_ident().is_none());
        assert_eq!(wide.config.estimator, Some(Estimator::Reparameterization));
        assert_eq!(
            wide.config.moped.as_ref().and_then(|m| m.literal),
            Some(0.1)
        );
        assert_eq!(wide.twin("Bayes"), "BayesWide2Reparameterization");
        assert!(sure.input.is_some() && sure.config.prior.is_some());
    }

    /// What `members(..)` of a struct with the const parameters `N` and `WIDTH`, which has a default, says.
    fn of_members(members: &str) -> Vec<String> {
        let source = format!(
            "#[bayesian(members({members}))]
            struct Net<const N: usize, const WIDTH: usize = 16> {{ fc: Linear<N, WIDTH> }}"
        );
        let errors = failure(&source).errors.into_iter();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn each_mistake_in_members_has_its_sentence() {
        for (members, want) in [
            ("", "`members` names no member"),
            ("<2>", "a member begins with its name, found `<2>`"),
            (
                "Small<2>",
                "expected `Small = <..>` or `Small(..)`, found `<2>`",
            ),
            (
                "Small = Net<2>",
                "expected `Small = <..>` or `Small(..)`, found `= Net<2>`",
            ),
            ("Small = <2", "the values of `Small` have no end"),
            (
                "Small = <2> moped = 0.1",
                "expected a comma or keys in parentheses",
            ),
            (
                "Small = <2>(moped = 0.1) x",
                "expected a comma after the keys",
            ),
            (
                "Small = <2>,, Large = <3>",
                "expected a member before this comma",
            ),
            (
                "Small",
                "`Net` has 2 parameters, found 0 values for `Small`: write `Small = <N, WIDTH>` with their values, of which `WIDTH`",
            ),
            (
                "Small = <1, 2, 3>",
                "`Net` has 2 parameters, found 3 values",
            ),
            ("Small = <1 + 1>", "a value of a parameter is a literal"),
            ("Small = <[]>", "this list has no values"),
            (
                "Small = <[1, { 1 + 1 }]>",
                "a list makes a member of each value, named after it, and `{ 1 + 1 }`",
            ),
            (
                "Small = <2>(prior = [Gaussian(0.0, 1.0)])",
                "a list makes a member of each value",
            ),
            ("Small = <2>, Small = <3>", "two members are named `Small`"),
            ("A = <[1, 12], [23, 3]>", "two members are named `A123`"),
            (
                "Net = <2>",
                "`Net` is already the name of the struct itself",
            ),
            (
                "BayesNet = <2>",
                "`BayesNet` is already the name of the Bayesian twin",
            ),
            (
                "NetMember = <2>",
                "`NetMember` is already the name of the registry",
            ),
            (
                "A = <1>, BayesA = <2>",
                "`BayesA` is already the name of a type of the member `A`",
            ),
            (
                "BayesA = <1>, A = <2>",
                "the member `A` would have the type `BayesA`",
            ),
            (
                "A = <2>(prio = 1)",
                "unknown key `prio`: did you mean `prior`?",
            ),
            (
                "A = <2>(bayes = B)",
                "`bayes` names a twin of the struct, and those of a member",
            ),
            (
                "A = <2>(crate = c)",
                "`crate` belongs to the struct, found it in the member `A`",
            ),
            ("A = <2>(skip)", "`skip` belongs to a field"),
            ("A = <2>(moped)", "`moped` has no value"),
            ("A = <2>(moped = 1, moped = 2)", "`moped` is given twice"),
            ("#[cfg(unix)] A = <2>", "a member takes doc comments"),
            (
                "A = <2>(posterior = Radial(rho = -3.0), estimator = LocalReparameterization)",
                "in `A`, `Radial` is drawn with",
            ),
        ] {
            let found = of_members(members);
            assert_eq!(found.len(), 1, "{members}: {found:?}");
            assert!(found[0].starts_with(want), "{members}: {found:?}");
        }
    }

    #[test]
    fn what_belongs_to_members_needs_some() {
        for key in ["registry = Nets", "export"] {
            let source = format!("#[bayesian({key})] struct Net {{ fc: Linear<1, 2> }}");
            let message = failure(&source).errors.to_string();
            assert!(message.contains("this struct names none"), "{message}");
        }
        let message = failure("#[bayesian(members = Small)] struct Net { fc: Linear<1, 2> }");
        let message = message.errors.to_string();
        assert!(message.starts_with("expected the members in parentheses, found `= Small`"));
    }

    #[test]
    fn all_errors_come_at_once_in_source_order() {
        let found = errors(
            r#"#[bayesian(
                moped = 0,
                prio = Gaussian(0.0, 1.0),
                bayes = Net,
                estimator = Flip_out,
            )]
            #[bayes(skip)]
            struct Net<T> {
                #[bayes()]
                fc1: Linear<2, 2>,
                #[bayes(skip, moped = 1)]
                fc2: (A, (A, (A, (A, (A, (A, (A, (A, (A, A))))))))),
            }"#,
        );
        let want = [
            (2, "`moped`"),
            (3, "unknown key `prio`"),
            (4, "`Net` is already the name of the struct itself"),
            (5, "unknown estimator `Flip_out`"),
            (7, "`#[bayes(..)]` belongs to a field"),
            (8, "the type parameters fit neither form"),
            (9, "expected keys in `#[bayes(..)]`"),
            (11, "`moped` has no effect on a skipped layer"),
            (
                12,
                "tuples nested to the right more than 8 deep take the compiler minutes",
            ),
        ];
        assert_eq!(
            found,
            want.map(|(line, message)| (line, message.to_string()))
        );
    }

    #[test]
    fn items_without_fields_are_refused() {
        let not_a_struct = "`#[bayesian]` expects a struct of layers";
        for (item, want) in [
            ("struct Net;", "`Net` is a unit struct"),
            ("struct Net();", "`Net` has no fields"),
            ("struct Net {}", "`Net` has no fields"),
            ("enum Net { A }", not_a_struct),
            ("union Net { a: A }", not_a_struct),
            ("fn net() {}", not_a_struct),
        ] {
            let source = format!("#[bayesian] {item}");
            assert_eq!(errors(&source), [(1, want.to_string())], "{item}");
            let failure = failure(&source);
            assert_eq!(failure.item.unwrap().to_string(), tokens(item).to_string());
            assert!(failure.model.is_none(), "{item}");
        }
        let names_the_kind = failure("#[bayesian] enum Net { A }").errors.to_string();
        assert!(names_the_kind.contains("found an enum"));
    }

    #[test]
    fn fields_of_a_tuple_struct_are_named_by_their_places() {
        let model = analyse_source("#[bayesian] struct Net(pub Linear<4, 8>, #[bayes(skip)] A);");
        let model = model.unwrap_or_else(|failure| panic!("{}", failure.errors));
        let names: Vec<String> = model.fields.iter().map(Field::name).collect();
        assert_eq!(names, ["0", "1"]);
        assert!(model.fields[1].options.skip);
    }

    #[test]
    fn something_must_be_bayesian() {
        for (fields, want) in [
            (
                "#[bayes(skip)] fc: Linear<1, 2>",
                "every field of `Net` is skipped",
            ),
            (
                "a: ReLU, b: (Tanh, Dropout)",
                "no field of `Net` has parameters",
            ),
            (
                "#[bayes(value = 1)] a: usize, #[bayes(value = B)] b: B",
                "every field of `Net` is a value",
            ),
            (
                "a: ReLU, #[bayes(value = 1)] b: usize",
                "no field of `Net` has parameters",
            ),
            (
                "a: ReLU, #[bayes(skip)] fc: Linear<1, 2>",
                "every layer of `Net` with parameters is skipped",
            ),
        ] {
            let source = format!("#[bayesian] struct Net {{ {fields} }}");
            assert_eq!(errors(&source), [(1, want.to_string())]);
        }
    }

    #[test]
    fn after_an_error_the_item_is_stripped_and_stubs_are_possible() {
        let failure = failure(
            "#[bayesian(moped = -1, bayes = Twin)]
            pub struct Net { /** Doc. */ #[bayes(skip, x)] pub a: A, b: B }",
        );
        let want = tokens("pub struct Net { /** Doc. */ pub a: A, b: B }");
        assert_eq!(failure.item.unwrap().to_string(), want.to_string());
        let model = failure.model.expect("the struct is sound");
        assert_eq!(model.options.names.bayes, "Twin");
        assert_eq!(model.fields.len(), 2);
        assert!(model.options.config.moped.is_none());
    }

    const TUPLE: &str = r#"#[bayesian(quant = Small, init = BayesianTorch)]
    pub(crate) struct Net<const N: usize = 4>(
        /** Features. */ pub Linear<4, N>,
        #[bayes(value = [0.5; N])] [f32; N],
        #[bayes(skip)] Linear<N, 2>,
    ) where Linear<4, N>: Clone;"#;

    const LAYERS: &str = r#"#[bayesian(moped = DELTA, posterior = LowRank(rank = 2, rho = FanIn), estimator = Reparameterization)]
    struct Block<L: Spec = ReLU, const N: usize = 3, M> where M: twin::Spec + Clone, (L, M): Spec {
        #[bayes(prior = Own(Mine { scale: 0.1 }))] inner: Residual<(L, Linear<8, N>)>,
        #[bayes(value = None)] name: Option<String>,
        outer: M,
    }"#;

    const CFG: &str = r#"#[bayesian(forward, crate = self::library)]
    #[allow(non_snake_case)]
    struct Net<E: Dtype, #[cfg(any())] const N: usize, D: Device<E>> {
        #[cfg(unix)] a: Linear<4, 2, E, D>,
        #[cfg_attr(all(), bayes(skip))] #[deprecated] b: Linear<2, 2, E, D>,
        #[bayes(prior = StudentT(4.0, 0.1))] c: Linear<2, 2, E, D>,
    }"#;

    #[test]
    fn every_form_is_read() {
        for source in [SPEC, MODULE, TUPLE, LAYERS] {
            assert!(analyse_source(source).is_ok(), "{source}");
        }
        let (attr, item) = split(tokens(CFG));
        assert!(matches!(annotated(attr, item), Annotated::Deferred(_)));
    }

    #[test]
    fn no_tokens_make_it_panic() {
        let seen = survive(&[SPEC, MODULE, TUPLE, LAYERS, CFG, FAMILY], 60_000, 7);
        assert!(seen.accepted > 2_000 && seen.refused > 10_000, "{seen:?}");
    }
}
