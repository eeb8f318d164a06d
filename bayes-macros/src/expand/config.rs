//! The attribute's keys as types: one for the struct, one for each field and each member with keys of its own.

use super::members;
use super::scope::Scope;
use crate::model::{Config, Estimator, Family, Field, Init, Prior, Rho, Std};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Ident, Member};

/// The configuration of the struct, and of each field and each member that states keys.
pub struct Stated<'a> {
    pub ident: Ident,
    pub doc: String,
    pub config: &'a Config,
}

fn stated<'a>(scope: &Scope<'a>) -> Vec<Stated<'a>> {
    let (model, user) = (scope.model, &scope.model.ident);
    let own = Stated {
        ident: scope.named("Config"),
        doc: format!(" What `#[bayesian]` states for [`{user}`]; what it leaves open is `C`'s."),
        config: &model.options.config,
    };
    let fields = model.fields.iter().filter_map(|field| {
        Some(Stated {
            ident: field_config(scope, field)?,
            doc: format!(
                " What `#[bayes]` states for `{}` of [`{user}`]; what it leaves open is `C`'s.",
                field.name()
            ),
            config: &field.options.config,
        })
    });
    let members = members::configs(scope);
    std::iter::once(own).chain(fields).chain(members).collect()
}

/// The configuration type of a field that states keys of its own.
pub fn field_config(scope: &Scope, field: &Field) -> Option<Ident> {
    field.options.config.states().then(|| {
        let ident = format_ident!("{}{}Config", scope.model.ident.unraw(), camel(field));
        Ident::new(&ident.to_string(), field.span())
    })
}

/// `fc_1` becomes `Fc1`, the first field of a tuple struct `Field0`.
fn camel(field: &Field) -> String {
    let name = match &field.member {
        Member::Named(_) => field.name(),
        Member::Unnamed(_) => format!("field_{}", field.name()),
    };
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect::<String>()
    };
    name.split('_').map(capital).collect()
}

pub fn definitions(scope: &Scope) -> TokenStream {
    let (k, c, vis) = (&scope.k, &scope.c, &scope.model.vis);
    let definitions = stated(scope).into_iter().map(|Stated { ident, doc, .. }| {
        quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #[derive(Clone, Copy, Debug)]
            #vis struct #ident<#c = #k::Defaults>(#k::PhantomData<#c>);
        }
    });
    definitions.collect()
}

pub fn impls(scope: &Scope) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    let impls = stated(scope)
        .into_iter()
        .map(|Stated { ident, config, .. }| {
            let (estimator, (family, prior)) = (estimator(scope, config), prior(scope, config));
            let (posterior, moped) = (posterior(scope, config), moped(scope, config));
            let init = init(scope, config);
            quote! {
                #[automatically_derived]
                impl<#c: #k::Config> #k::Config for #ident<#c> {
                    type Estimator = #estimator;
                    type Prior = #family;
                    const PRIOR: Self::Prior = #prior;
                    const POSTERIOR: #k::Family = #posterior;
                    const MOPED: #k::Option<f64> = #moped;
                    const INIT: #k::Init = #init;
                }
            }
        });
    impls.collect()
}

fn estimator(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    match config.estimator.map(Estimator::name) {
        None => quote!(#c::Estimator),
        Some(name) => {
            let name = format_ident!("{name}");
            quote!(#k::#name)
        }
    }
}

/// The prior's type and value.
fn prior(scope: &Scope, config: &Config) -> (TokenStream, TokenStream) {
    let (k, c) = (&scope.k, &scope.c);
    let known = |name: &str, arguments: TokenStream| {
        let name = format_ident!("{name}");
        (quote!(#k::#name), quote!(#k::#name::new(#arguments)))
    };
    match &config.prior {
        None => (quote!(#c::Prior), quote!(#c::PRIOR)),
        Some(Prior::Gaussian { mean, std }) => {
            let std = std_of_prior(scope, std);
            known("Gaussian", quote!(#mean, #std))
        }
        Some(Prior::Laplace { mean, scale }) => known("Laplace", quote!(#mean, #scale)),
        Some(Prior::ScaleMixture {
            pi,
            stds: [one, two],
        }) => known("ScaleMixture", quote!(#pi, #one, #two)),
        Some(Prior::StudentT { dof, scale }) => known("StudentT", quote!(#dof, #scale)),
        Some(Prior::Own { ty, value }) => (quote!(#ty), quote!(#value)),
    }
}

fn std_of_prior(scope: &Scope, std: &Std) -> TokenStream {
    let k = &scope.k;
    match std {
        Std::FanIn => quote!(#k::Std::FanIn),
        Std::Number(std) => quote!(#k::Std::Value(#std)),
        Std::Learned { start, floor } => {
            let or = |number: &Option<_>, default| match number {
                Some(number) => quote!(#number),
                None => default,
            };
            let (start, floor) = (or(start, quote!(1.0)), or(floor, quote!(0.0)));
            quote!(#k::Std::Learned(#k::Learned::new(#start, #floor)))
        }
    }
}

fn posterior(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    let Some(posterior) = &config.posterior else {
        return quote!(#c::POSTERIOR);
    };
    let rho = match &posterior.rho {
        Rho::Number(rho) => quote!(#k::Rho::Value(#rho)),
        Rho::FanIn => quote!(#k::Rho::FanIn),
    };
    match &posterior.family {
        Family::MeanField => quote!(#k::Family::mean_field(#rho)),
        Family::Radial => quote!(#k::Family::radial(#rho)),
        Family::LowRank { rank } => quote!(#k::Family::low_rank(#rank, #rho)),
    }
}

fn init(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    match config.init.map(Init::name) {
        None => quote!(#c::INIT),
        Some(name) => {
            let name = format_ident!("{name}");
            quote!(#k::Init::#name)
        }
    }
}

fn moped(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    match &config.moped {
        None => quote!(#c::MOPED),
        Some(delta) => quote!(#k::Some(#delta)),
    }
}
