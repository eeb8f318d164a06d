//! The attribute's keys as types: one for the struct, one for each field with keys of its own.

use super::scope::Scope;
use crate::model::{Config, Estimator, Field, Posterior, Prior, Std};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

/// The configuration of the struct and of each field that states keys.
struct Stated<'a> {
    ident: Ident,
    doc: String,
    config: &'a Config,
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
                field.ident
            ),
            config: &field.options.config,
        })
    });
    std::iter::once(own).chain(fields).collect()
}

/// The configuration type of a field that states keys of its own.
pub fn field_config(scope: &Scope, field: &Field) -> Option<Ident> {
    let Config {
        prior,
        posterior,
        estimator,
        moped,
    } = &field.options.config;
    let states = prior.is_some() || posterior.is_some() || estimator.is_some() || moped.is_some();
    states.then(|| {
        let ident = format_ident!("{}{}Config", scope.model.ident.unraw(), camel(&field.ident));
        Ident::new(&ident.to_string(), field.ident.span())
    })
}

/// `fc_1` becomes `Fc1`.
fn camel(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
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
            let (estimator, prior) = (estimator(scope, config), prior(scope, config));
            let (posterior, moped) = (posterior(scope, config), moped(scope, config));
            quote! {
                #[automatically_derived]
                impl<#c: #k::Config> #k::Config for #ident<#c> {
                    type Estimator = #estimator;
                    const PRIOR: #k::Gaussian = #prior;
                    const POSTERIOR: #k::MeanField = #posterior;
                    const MOPED: #k::Option<f64> = #moped;
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

fn prior(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    match &config.prior {
        None => quote!(#c::PRIOR),
        Some(Prior::Gaussian { mean, std }) => {
            let std = match std {
                Std::FanIn => quote!(#k::Std::FanIn),
                Std::Number(std) => quote!(#k::Std::Value(#std)),
            };
            quote!(#k::Gaussian::new(#mean, #std))
        }
    }
}

fn posterior(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    match &config.posterior {
        None => quote!(#c::POSTERIOR),
        Some(Posterior::MeanField { rho }) => quote!(#k::MeanField::new(#rho)),
    }
}

fn moped(scope: &Scope, config: &Config) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    match &config.moped {
        None => quote!(#c::MOPED),
        Some(delta) => quote!(#k::Some(#delta)),
    }
}
