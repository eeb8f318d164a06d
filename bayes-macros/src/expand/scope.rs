//! The names that generated code uses: none of them may be one that the user's types use.

use crate::model::{Config, Field, Form, Model};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeSet;
use syn::ext::IdentExt;
use syn::{Fields, GenericParam, Member};

/// A model with the identifiers of its generated code.
#[derive(Clone)]
pub struct Scope<'a> {
    pub model: &'a Model,
    /// The module of what generated code calls: its short name in the block of impls, its path elsewhere.
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
    /// The constant that says that the fields are layers.
    pub known: Ident,
    taken: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    pub fn of(model: &'a Model) -> Self {
        let mut taken = BTreeSet::new();
        collect(model.item.to_token_stream(), &mut taken);
        for size in model.options.input.iter().flat_map(|input| &input.sizes) {
            collect(size.to_token_stream(), &mut taken);
        }
        let configs = model.fields.iter().map(|field| &field.options.config);
        for number in configs
            .chain([&model.options.config])
            .flat_map(Config::numbers)
        {
            collect(number.to_token_stream(), &mut taken);
        }
        if let Some(members) = &model.options.members {
            collect(members.tokens.clone(), &mut taken);
        }
        for value in model
            .fields
            .iter()
            .filter_map(|field| field.options.value.as_ref())
        {
            collect(value.to_token_stream(), &mut taken);
        }
        let fresh = |name: &str| fresh(name, &taken);
        let (e, d) = match &model.form {
            Form::Spec => (fresh("E"), fresh("D")),
            Form::Module { dtype, device } => (dtype.clone(), device.clone()),
        };
        let k = fresh("bayes").into_token_stream();
        let (c, e2, d2, error) = (fresh("C"), fresh("E2"), fresh("D2"), fresh("Er"));
        Self {
            model,
            k,
            e,
            d,
            c,
            e2,
            d2,
            error,
            known: format_ident!("{}_LAYERS", screaming(&model.ident)),
            taken,
        }
    }

    /// The same for code outside the block of impls.
    pub fn outside(&self) -> Self {
        Self {
            k: self.path(),
            ..self.clone()
        }
    }

    /// The full path of what generated code calls.
    pub fn path(&self) -> TokenStream {
        let krate = &self.model.options.krate;
        quote!(#krate::__private)
    }

    /// `name`, or something like it that the user's tokens do not hold.
    pub fn fresh(&self, name: &str) -> Ident {
        fresh(name, &self.taken)
    }

    /// `prefix` with the numbers below `count`.
    pub fn numbered(&self, prefix: &str, count: usize) -> Vec<Ident> {
        let numbers = 0..count;
        numbers
            .map(|i| self.fresh(&format!("{prefix}{i}")))
            .collect()
    }

    pub fn fields(&self) -> &'a [Field] {
        &self.model.fields
    }

    /// The fields that run.
    pub fn layers(&self) -> impl Iterator<Item = &'a Field> + Clone + use<'a> {
        self.model.fields.iter().filter(|field| field.is_layer())
    }

    /// What follows the name and the parameters of a struct with the model's fields, each of the type that `ty` says:
    /// fields by name or in order, and `bounds`.
    pub fn body(
        &self,
        bounds: &TokenStream,
        mut ty: impl FnMut(&Field) -> TokenStream,
    ) -> TokenStream {
        let fields = self.fields().iter().map(|field| {
            let name = match &field.member {
                Member::Named(ident) => Some(quote!(#ident:)),
                Member::Unnamed(_) => None,
            };
            let (docs, vis, ty) = (&field.docs, &field.vis, ty(field));
            quote!(#(#docs)* #vis #name #ty)
        });
        match self.model.item.fields {
            Fields::Unnamed(_) => quote!((#(#fields,)*) #bounds;),
            _ => quote!(#bounds { #(#fields,)* }),
        }
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

    /// The user's const parameters, and the layers among its parameters, as declared, each with a comma.
    pub fn params(&self) -> TokenStream {
        let params = self.own_params().map(|param| match param {
            GenericParam::Const(param) => {
                let (ident, ty) = (&param.ident, &param.ty);
                quote!(const #ident: #ty,)
            }
            GenericParam::Type(param) => {
                let (ident, bounds) = (&param.ident, &param.bounds);
                quote!(#ident: #bounds,)
            }
            GenericParam::Lifetime(param) => quote!(#param,),
        });
        params.collect()
    }

    /// The same as used.
    pub fn args(&self) -> TokenStream {
        let args = self.own_params().map(|param| match param {
            GenericParam::Const(param) => param.ident.to_token_stream(),
            GenericParam::Type(param) => param.ident.to_token_stream(),
            GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
        });
        args.map(|arg| quote!(#arg,)).collect()
    }

    /// The same as an alias declares them: with defaults, without bounds.
    pub fn alias_params(&self) -> TokenStream {
        let params = self.own_params().map(|param| match param {
            GenericParam::Const(param) => {
                let (ident, ty) = (&param.ident, &param.ty);
                let default = param.default.as_ref().map(|value| quote!(= #value));
                quote!(const #ident: #ty #default,)
            }
            GenericParam::Type(param) => {
                let ident = &param.ident;
                let default = param.default.as_ref().map(|ty| quote!(= #ty));
                quote!(#ident #default,)
            }
            GenericParam::Lifetime(param) => quote!(#param,),
        });
        params.collect()
    }

    pub fn is_generic(&self) -> bool {
        self.own_params().next().is_some()
    }

    /// Whether a layer is a parameter.
    pub fn has_open_layers(&self) -> bool {
        self.model.form == Form::Spec && self.model.generics.type_params().next().is_some()
    }

    /// All parameters but the number type and the device of the module form.
    fn own_params(&self) -> impl Iterator<Item = &'a GenericParam> {
        let layers = self.model.form == Form::Spec;
        let params = self.model.generics.params.iter();
        params.filter(move |param| layers || !matches!(param, GenericParam::Type(_)))
    }

    /// The bounds of a number type and a device: `E: Dtype, D: Device<E>`.
    pub fn on_device(&self) -> TokenStream {
        let Self { k, e, d, .. } = self;
        quote!(#e: #k::Dtype, #d: #k::Device<#e>)
    }

    /// The generics of an impl for the plain model.
    pub fn plain_generics(&self) -> TokenStream {
        let (params, on_device) = (self.params(), self.on_device());
        quote!(#params #on_device)
    }

    /// The generics of an impl for the Bayesian model.
    pub fn bayes_generics(&self) -> TokenStream {
        let Self { k, c, .. } = self;
        let plain = self.plain_generics();
        quote!(#plain, #c: #k::Config)
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

    /// The user's where clause, and `more` predicates.
    pub fn where_clause_and(&self, more: impl Iterator<Item = TokenStream>) -> TokenStream {
        let more: Vec<_> = more.collect();
        if more.is_empty() {
            return self.where_clause();
        }
        let user = self.model.generics.where_clause.iter();
        let user = user.flat_map(|clause| &clause.predicates);
        quote!(where #(#user,)* #(#more,)*)
    }

    /// The plain model with numbers `e` on device `d`; in module form in the order that the user chose.
    pub fn device_type(&self, e: &impl ToTokens, d: &impl ToTokens) -> TokenStream {
        let ident = self.device_ident();
        let own = self.args();
        match &self.model.form {
            Form::Spec => quote!(#ident<#own #e, #d>),
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
    pub fn bayes_type(&self, e: &impl ToTokens, d: &impl ToTokens, c: &TokenStream) -> TokenStream {
        let ident = &self.model.options.names.bayes;
        let own = self.args();
        quote!(#ident<#own #e, #d, #c>)
    }

    /// A field's plain layer.
    pub fn built(&self, field: &Field) -> TokenStream {
        let Self { k, e, d, known, .. } = self;
        let ty = &field.ty;
        match self.model.form {
            _ if !field.is_layer() => quote!(#k::Known<#ty, #known>),
            Form::Spec => quote!(#k::Built<#ty, #e, #d, #known>),
            Form::Module { .. } => quote!(#k::Known<#ty, #known>),
        }
    }

    /// The path of the method `name` of `Bind` for a field's plain layer.
    pub fn bind_method(&self, field: &Field, name: &str) -> TokenStream {
        let (k, name) = (&self.k, format_ident!("{name}"));
        match self.model.form {
            Form::Spec => quote!(#k::Bind::#name),
            // The user's struct holds the type as written, which may be no layer.
            Form::Module { .. } => {
                let known = self.built(field);
                quote!(<#known as #k::Bind>::#name)
            }
        }
    }

    /// The path of the method `name` of `Twin` for a field's plain layer.
    pub fn twin_method(&self, field: &Field, name: &str) -> TokenStream {
        let (Self { k, e, d, .. }, name) = (self, format_ident!("{name}"));
        match self.model.form {
            Form::Spec => quote!(#k::Twin::<#e, #d>::#name),
            Form::Module { .. } => {
                let known = self.built(field);
                quote!(<#known as #k::Twin<#e, #d>>::#name)
            }
        }
    }

    /// A field's layer in the Bayesian model whose configuration is `c`.
    pub fn bayes(&self, field: &Field, c: &TokenStream) -> TokenStream {
        let Self { k, e, d, .. } = self;
        let built = self.built(field);
        if field.options.skip || !field.is_layer() {
            return built;
        }
        let config = self.config_of(field, c);
        quote!(#k::Bayes<#built, #e, #d, #config>)
    }

    /// What a view by `seen` (`Eval` or `Train`) has where the model has `layer`; a value is itself.
    pub fn viewed(&self, field: &Field, seen: &TokenStream, layer: &TokenStream) -> TokenStream {
        let k = &self.k;
        if field.is_layer() {
            quote!(#k::#seen<'a, #layer>)
        } else {
            layer.clone()
        }
    }

    /// The configuration of a field below the configuration `c`.
    pub fn config_of(&self, field: &Field, c: &TokenStream) -> TokenStream {
        match super::config::field_config(self, field) {
            Some(config) => quote!(#config<#c>),
            None => c.clone(),
        }
    }
}

/// `LeNet` becomes `LE_NET`.
pub fn screaming(ident: &Ident) -> String {
    let mut screaming = String::new();
    let mut after_lower = false;
    for letter in ident.unraw().to_string().chars() {
        if letter.is_uppercase() && after_lower {
            screaming.push('_');
        }
        after_lower = !letter.is_uppercase() && letter != '_';
        screaming.extend(letter.to_uppercase());
    }
    screaming
}

/// `name`, or something like it that is not taken.
pub fn fresh(name: &str, taken: &BTreeSet<String>) -> Ident {
    let mut name = name.to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

/// Takes every name in `tokens`.
pub fn collect(tokens: TokenStream, taken: &mut BTreeSet<String>) {
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
