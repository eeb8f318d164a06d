//! The names that generated code uses: none of them may be one that the user's types use.

use crate::model::{Field, Form, Model};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeSet;
use syn::GenericParam;
use syn::ext::IdentExt;

/// A model with the identifiers of its generated code.
pub struct Scope<'a> {
    pub model: &'a Model,
    /// The path of what generated code calls.
    pub k: TokenStream,
    /// The number type and the device, as the user or we call them.
    pub e: Ident,
    pub d: Ident,
    /// The configuration.
    pub c: Ident,
    /// A second number type and device.
    pub e2: Ident,
    pub d2: Ident,
    /// The error type of a forward pass.
    pub error: Ident,
    taken: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    pub fn of(model: &'a Model) -> Self {
        let mut taken = BTreeSet::new();
        collect(model.generics.to_token_stream(), &mut taken);
        for field in &model.fields {
            collect(field.ty.to_token_stream(), &mut taken);
        }
        let fresh = |name: &str| fresh(name, &taken);
        let (e, d) = match &model.form {
            Form::Spec => (fresh("E"), fresh("D")),
            Form::Module { dtype, device } => (dtype.clone(), device.clone()),
        };
        let krate = &model.options.krate;
        let (c, e2, d2, error) = (fresh("C"), fresh("E2"), fresh("D2"), fresh("Er"));
        Self {
            model,
            k: quote!(#krate::__private),
            e,
            d,
            c,
            e2,
            d2,
            error,
            taken,
        }
    }

    /// `prefix` and a number, free in the user's types.
    pub fn numbered(&self, prefix: &str, i: usize) -> Ident {
        fresh(&format!("{prefix}{i}"), &self.taken)
    }

    /// One name for each field.
    pub fn per_field(&self, prefix: &str) -> Vec<Ident> {
        (0..self.fields().len())
            .map(|i| self.numbered(prefix, i))
            .collect()
    }

    pub fn fields(&self) -> &'a [Field] {
        &self.model.fields
    }

    /// `LeNet` and `View` make `LeNetView`.
    pub fn named(&self, suffix: &str) -> Ident {
        format_ident!(
            "{}{suffix}",
            self.model.ident.unraw(),
            span = self.model.ident.span()
        )
    }

    /// The type that holds the plain layers.
    pub fn device_ident(&self) -> &'a Ident {
        match self.model.form {
            Form::Spec => &self.model.options.names.device,
            Form::Module { .. } => &self.model.ident,
        }
    }

    /// The user's const parameters as declared, each with a comma.
    pub fn const_params(&self) -> TokenStream {
        let params = self.model.generics.const_params().map(|param| {
            let (ident, ty) = (&param.ident, &param.ty);
            quote!(const #ident: #ty,)
        });
        params.collect()
    }

    /// The user's const parameters as used, each with a comma.
    pub fn const_args(&self) -> TokenStream {
        self.model
            .generics
            .const_params()
            .map(|param| &param.ident)
            .map(|ident| quote!(#ident,))
            .collect()
    }

    pub fn is_generic(&self) -> bool {
        self.model.generics.const_params().next().is_some()
    }

    /// The bounds of a number type and a device: `E: Dtype, D: Device<E>`.
    pub fn on_device(&self) -> TokenStream {
        let Self { k, e, d, .. } = self;
        quote!(#e: #k::Dtype, #d: #k::Device<#e>)
    }

    /// The same for the second number type and device.
    pub fn on_second_device(&self) -> TokenStream {
        let Self { k, e2, d2, .. } = self;
        quote!(#e2: #k::Dtype, #d2: #k::Device<#e2>)
    }

    /// The user's where clause.
    pub fn where_clause(&self) -> TokenStream {
        self.model.generics.where_clause.to_token_stream()
    }

    /// The plain model with numbers `e` on device `d`; in module form in the order that the user chose.
    pub fn device_type(&self, e: &Ident, d: &Ident) -> TokenStream {
        let ident = self.device_ident();
        let consts = self.const_args();
        match &self.model.form {
            Form::Spec => quote!(#ident<#consts #e, #d>),
            Form::Module { dtype, .. } => {
                let args = self.model.generics.params.iter().map(|param| match param {
                    GenericParam::Type(param) if param.ident == *dtype => quote!(#e),
                    GenericParam::Type(_) => quote!(#d),
                    GenericParam::Const(param) => param.ident.to_token_stream(),
                    GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
                });
                quote!(#ident<#(#args),*>)
            }
        }
    }

    /// The Bayesian model with configuration `c`.
    pub fn bayes_type(&self, e: &Ident, d: &Ident, c: &TokenStream) -> TokenStream {
        let ident = &self.model.options.names.bayes;
        let consts = self.const_args();
        quote!(#ident<#consts #e, #d, #c>)
    }

    /// A field's plain layer.
    pub fn built(&self, field: &Field) -> TokenStream {
        let Self { k, e, d, .. } = self;
        let ty = &field.ty;
        match self.model.form {
            Form::Spec => quote!(#k::Built<#ty, #e, #d>),
            Form::Module { .. } => quote!(#ty),
        }
    }

    /// A field's layer in the Bayesian model whose configuration is `c`.
    pub fn bayes(&self, field: &Field, c: &TokenStream) -> TokenStream {
        let Self { k, e, d, .. } = self;
        let built = self.built(field);
        if field.options.skip.is_some() {
            return built;
        }
        let config = self.config_of(field, c);
        quote!(#k::Bayes<#built, #e, #d, #config>)
    }

    /// The configuration of a field below the configuration `c`.
    pub fn config_of(&self, field: &Field, c: &TokenStream) -> TokenStream {
        match super::config::field_config(self, field) {
            Some(config) => quote!(#config<#c>),
            None => c.clone(),
        }
    }
}

/// A field's name as a string literal, without `r#`.
pub fn text(field: &Field) -> String {
    field.ident.unraw().to_string()
}

fn fresh(name: &str, taken: &BTreeSet<String>) -> Ident {
    let mut name = name.to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

fn collect(tokens: TokenStream, taken: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                taken.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), taken),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
