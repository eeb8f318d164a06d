//! A family: each member's types and configuration, the proof of its sizes, the registry of all, and the macro that
//! makes a type of a name.

use super::config::Stated;
use super::rule;
use super::scope::{Scope, screaming};
use crate::model::{Form, Member};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, GenericParam, Ident, Path, Visibility};

fn all<'a>(scope: &Scope<'a>) -> &'a [Member] {
    let members = scope.model.options.members.as_ref();
    members.map_or(&[], |members| &members.all)
}

/// The configurations of members with keys of their own.
pub fn configs<'a>(scope: &Scope<'a>) -> impl Iterator<Item = Stated<'a>> + use<'a> {
    let user = &scope.model.ident;
    all(scope).iter().filter_map(move |member| {
        Some(Stated {
            ident: member.config_ident()?,
            doc: format!(
                " What the member [`{}`] of [`{user}`] states; what it leaves open is `C`'s.",
                member.ident
            ),
            config: &member.config,
        })
    })
}

/// The types of all members, the registry and the macro.
pub fn definitions(scope: &Scope) -> TokenStream {
    let members = all(scope);
    if members.is_empty() {
        return TokenStream::new();
    }
    let aliases = members.iter().map(|member| aliases(scope, member));
    let (registry, dispatch) = (registry(scope, members), dispatch(scope, members));
    quote! {
        #(#aliases)*
        #registry
        #dispatch
    }
}

/// The struct's name with the member's values, as a person writes it.
fn written(scope: &Scope, member: &Member) -> String {
    let user = scope.model.ident.unraw();
    let values: Vec<String> = member
        .values
        .iter()
        .map(|value| value.to_token_stream().to_string().replace("- ", "-"))
        .collect();
    if values.is_empty() {
        user.to_string()
    } else {
        format!("{user}<{}>", values.join(", "))
    }
}

/// The member's name for the struct and for each twin.
fn aliases(scope: &Scope, member: &Member) -> TokenStream {
    let Scope { e, d, model, .. } = scope;
    let (vis, docs, names) = (&model.vis, &member.docs, &model.options.names);
    let (ident, user) = (&member.ident, &model.ident);
    let (quant, values) = (member.twin("Quant"), consts(member));
    let what = format!(" `{}`, a member of [`{user}`].", written(scope, member));
    let separated = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    let plain = match &model.form {
        Form::Spec => {
            let device = member.twin("Device");
            let args = (!member.values.is_empty()).then(|| quote!(<#values>));
            let (plain, on_device) = (
                plain(scope, member, e, d),
                format!(" [`{ident}`] on a device."),
            );
            quote! {
                #vis type #ident = #user #args;
                #[doc = #on_device]
                #[allow(dead_code)]
                #vis type #device<#e, #d> = #plain;
            }
        }
        Form::Module { .. } => {
            let plain = plain(scope, member, e, d);
            quote!(#vis type #ident<#e, #d> = #plain;)
        }
    };
    let (bayes, of_bayes) = (
        member.twin("Bayes"),
        format!(" The Bayesian twin of [`{ident}`]."),
    );
    let of_quant = format!(" [`{ident}`] in 8-bit integers.");
    let twin = bayes_type(scope, member, e, d);
    let (quant_user, args) = (
        &names.quant,
        (!member.values.is_empty()).then(|| quote!(<#values>)),
    );
    quote! {
        #(#docs)*
        #separated
        #[doc = #what]
        #[allow(dead_code)]
        #plain
        #[doc = #of_bayes]
        #[allow(dead_code)]
        #vis type #bayes<#e, #d> = #twin;
        #[doc = #of_quant]
        #[allow(dead_code)]
        #vis type #quant = #quant_user #args;
    }
}

/// The values of the const parameters, each with a comma.
fn consts(member: &Member) -> TokenStream {
    member
        .values
        .iter()
        .map(argument)
        .map(|value| quote!(#value,))
        .collect()
}

/// A value where a type's argument stands.
fn argument(value: &Expr) -> TokenStream {
    match value {
        // A lone name could be a type.
        Expr::Path(_) => quote!({ #value }),
        Expr::Group(group) => argument(&group.expr),
        value => value.to_token_stream(),
    }
}

/// The plain model on a device, in module form in the order that the user chose.
fn plain(scope: &Scope, member: &Member, e: &impl ToTokens, d: &impl ToTokens) -> TokenStream {
    let ident = scope.device_ident();
    match &scope.model.form {
        Form::Spec => {
            let values = consts(member);
            quote!(#ident<#values #e, #d>)
        }
        Form::Module { dtype, .. } => {
            let mut values = member.values.iter();
            let args = scope.model.generics.params.iter().map(|param| match param {
                GenericParam::Type(param) if param.ident == *dtype => quote!(#e),
                GenericParam::Const(_) => values.next().map(argument).unwrap_or_default(),
                _ => quote!(#d),
            });
            quote!(#ident<#(#args),*>)
        }
    }
}

fn bayes_type(scope: &Scope, member: &Member, e: &Ident, d: &Ident) -> TokenStream {
    let (bayes, values) = (&scope.model.options.names.bayes, consts(member));
    let config = member.config_ident().map(|own| {
        let of_struct = scope.named("Config");
        quote!(, #own<#of_struct>)
    });
    quote!(#bayes<#values #e, #d #config>)
}

/// The enum of all members.
fn registry(scope: &Scope, members: &[Member]) -> TokenStream {
    let (vis, registry) = (&scope.model.vis, &scope.model.options.names.registry);
    let doc = format!(
        " The members of the family [`{}`], by name.",
        scope.model.ident
    );
    let variants = members.iter().map(|member| {
        let (docs, ident) = (&member.docs, &member.ident);
        let what = format!(" [`{ident}`](type@{ident}): `{}`.", written(scope, member));
        let separated = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
        quote!(#(#docs)* #separated #[doc = #what] #ident)
    });
    quote! {
        #[doc = #doc]
        #[allow(dead_code, clippy::enum_variant_names)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #vis enum #registry {
            #(#variants,)*
        }
    }
}

/// `with_net!`, in which a value of the registry is matched and code runs with the member's types.
fn dispatch(scope: &Scope, members: &[Member]) -> TokenStream {
    let model = scope.model;
    let (registry, user) = (&model.options.names.registry, &model.ident);
    let name = format_ident!(
        "with_{}",
        screaming(user).to_lowercase(),
        span = user.span()
    );
    let k = in_macro(&model.options.krate);
    // The first name is the builder; in module form it is the struct on a device.
    let form = match model.form {
        Form::Spec => quote!(spec),
        Form::Module { .. } => quote!(module),
    };
    let arms = members.iter().enumerate().map(|(i, variant)| {
        let (i, ident) = (Literal::usize_unsuffixed(i), &variant.ident);
        quote! {
            #registry::#ident => {
                #k::__private::with_types!(#form #registry, #i, [$($name),+], $body)
            }
        }
    });
    let (attributes, inner, export) = visible(scope, &name);
    let doc = format!(
        " Runs code with the types of a member of [`{user}`]: `{name}!(member, |Net, BayesNet, QuantNet| {{ .. }})`, \
         where `{registry}` is in scope."
    );
    let usage = format!("expected `{name}!(member, |Net, BayesNet, QuantNet| {{ .. }})`");
    quote! {
        #[doc = #doc]
        #attributes
        #[allow(unused_macros)]
        macro_rules! #inner {
            ($member:expr, |$($name:ident),+ $(,)?| $body:expr $(,)?) => {
                match $member {
                    #(#arms)*
                }
            };
            ($($other:tt)*) => {
                ::core::compile_error!(#usage)
            };
        }
        #export
    }
}

/// What makes the macro visible where the struct is: attributes, its inner name, and a `use`.
fn visible(scope: &Scope, name: &Ident) -> (TokenStream, Ident, TokenStream) {
    let vis = &scope.model.vis;
    if scope.model.options.export {
        // A macro is visible to other crates at the crate's root only; from there it comes to where the struct is.
        let inner = format_ident!("__{name}");
        let export = quote!(#[doc(inline)] #[allow(unused_imports)] #vis use #inner as #name;);
        return (quote!(#[macro_export] #[doc(hidden)]), inner, export);
    }
    let vis = match vis {
        Visibility::Public(_) => quote!(pub(crate)),
        vis => quote!(#vis),
    };
    (
        TokenStream::new(),
        name.clone(),
        quote!(#[allow(unused_imports)] #vis use #name;),
    )
}

/// The path of `bayes_core` in a macro that other crates may call.
fn in_macro(krate: &Path) -> TokenStream {
    let is_ours = krate.leading_colon.is_none()
        && krate
            .segments
            .first()
            .is_some_and(|first| first.ident == "crate");
    if is_ours {
        quote!($#krate)
    } else {
        quote!(#krate)
    }
}

/// What the registry says, and the proof of each member's sizes.
pub fn impls(scope: &Scope) -> TokenStream {
    let members = all(scope);
    if members.is_empty() {
        return TokenStream::new();
    }
    let (registry, text) = (of_registry(scope, members), of_text(scope));
    let types = members
        .iter()
        .enumerate()
        .map(|(i, member)| types(scope, i, member));
    quote! {
        #registry
        #text
        #(#types)*
    }
}

fn of_registry(scope: &Scope, members: &[Member]) -> TokenStream {
    let (k, registry) = (&scope.k, &scope.model.options.names.registry);
    let family = scope.model.ident.unraw().to_string();
    let idents: Vec<&Ident> = members.iter().map(|member| &member.ident).collect();
    let names = idents.iter().map(|ident| ident.unraw().to_string());
    let inputs = members.iter().map(|member| input(scope, member));
    let rules = members.iter().map(|member| rule(scope, member));
    let plain = members.iter().map(|member| parameters(scope, member));
    let bayes = (0..members.len()).map(Literal::usize_unsuffixed);
    quote! {
        #[allow(dead_code)]
        impl #registry {
            /// All members, in the order of the attribute.
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];

            /// The member's name.
            pub const fn name(self) -> &'static str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }

            /// The size of one example, where the attribute states it.
            pub const fn input(self) -> #k::Size {
                match self {
                    #(Self::#idents => #inputs,)*
                }
            }

            /// What the member does to sizes.
            pub const fn rule(self) -> &'static #k::Rule {
                match self {
                    #(Self::#idents => const { &#rules },)*
                }
            }

            /// The trained numbers of the plain model.
            pub fn parameters(self) -> usize {
                match self {
                    #(Self::#idents => #plain,)*
                }
            }

            /// The trained numbers of the Bayesian twin.
            pub fn bayes_parameters(self) -> usize {
                match self {
                    #(Self::#idents => {
                        #k::parameters::<f32, #k::Cpu, <Self as #k::Member<#bayes>>::Bayes<f32, #k::Cpu>>()
                    })*
                }
            }
        }

        #[automatically_derived]
        impl #k::Registry for #registry {
            const FAMILY: &'static str = #family;
            const ALL: &'static [Self] = Self::ALL;

            fn name(self) -> &'static str {
                self.name()
            }

            fn input(self) -> #k::Size {
                self.input()
            }

            fn rule(self) -> &'static #k::Rule {
                self.rule()
            }

            fn parameters(self) -> usize {
                self.parameters()
            }

            fn bayes_parameters(self) -> usize {
                self.bayes_parameters()
            }
        }
    }
}

/// The trained numbers of the plain model. In module form whether it can be walked is its author's affair, and its
/// fields are asked.
fn parameters(scope: &Scope, member: &Member) -> TokenStream {
    let Scope { k, e, d, .. } = scope;
    match scope.model.form {
        Form::Spec => {
            let plain = plain(scope, member, &quote!(f32), &quote!(#k::Cpu));
            quote!(#k::parameters::<f32, #k::Cpu, #plain>())
        }
        Form::Module { .. } => {
            let params = params(scope, member);
            let fields = scope.layers().map(|field| &field.ty);
            quote! {{
                #[allow(dead_code)]
                type #e = f32;
                #[allow(dead_code)]
                type #d = #k::Cpu;
                #params
                #(#k::parameters::<f32, #k::Cpu, #fields>())+*
            }}
        }
    }
}

/// The struct's const parameters as constants, for what is stated in their terms.
fn params(scope: &Scope, member: &Member) -> TokenStream {
    let params = scope.model.generics.const_params().zip(&member.values);
    let params = params.map(|(param, value)| {
        let (ident, ty) = (&param.ident, &param.ty);
        quote! {
            #[allow(dead_code, unused_braces)]
            const #ident: #ty = #value;
        }
    });
    params.collect()
}

/// From and to the member's name.
fn of_text(scope: &Scope) -> TokenStream {
    let (k, registry) = (&scope.k, &scope.model.options.names.registry);
    quote! {
        #[automatically_derived]
        impl #k::Display for #registry {
            fn fmt(&self, f: &mut #k::fmt::Formatter<'_>) -> #k::fmt::Result {
                f.pad(self.name())
            }
        }

        #[automatically_derived]
        impl #k::FromStr for #registry {
            type Err = #k::UnknownMember;

            fn from_str(name: &str) -> #k::Result<Self, #k::UnknownMember> {
                #k::Registry::named(name)
            }
        }

        #[automatically_derived]
        impl #k::Serialize for #registry {
            fn serialize<S: #k::Serializer>(&self, serializer: S) -> #k::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        #[automatically_derived]
        impl<'de> #k::Deserialize<'de> for #registry {
            fn deserialize<S: #k::Deserializer<'de>>(deserializer: S) -> #k::Result<Self, S::Error> {
                #k::deserialize(deserializer)
            }
        }
    }
}

/// The types of one member, for code that knows its number.
fn types(scope: &Scope, i: usize, member: &Member) -> TokenStream {
    let Scope { k, e, d, model, .. } = scope;
    let (i, registry) = (Literal::usize_unsuffixed(i), &model.options.names.registry);
    let (ident, on_device) = (&member.ident, scope.on_device());
    let spec = match model.form {
        Form::Spec => quote!(#ident),
        Form::Module { .. } => quote!(()),
    };
    let plain = plain(scope, member, e, d);
    let (bayes, quant) = (bayes_type(scope, member, e, d), member.twin("Quant"));
    quote! {
        #[automatically_derived]
        impl #k::Member<#i> for #registry {
            type Spec = #spec;
            type Plain<#on_device> = #plain;
            type Bayes<#on_device> = #bayes;
            type Quant = #quant;
        }
    }
}

/// The member's rule.
fn rule(scope: &Scope, member: &Member) -> TokenStream {
    let k = &scope.k;
    match scope.model.form {
        Form::Spec => {
            let ident = &member.ident;
            quote!(<#ident as #k::Spec>::RULE)
        }
        Form::Module { .. } => {
            let plain = plain(scope, member, &quote!(f32), &quote!(#k::Cpu));
            quote!(<#plain as #k::Bind>::RULE)
        }
    }
}

/// The size of one example.
fn input(scope: &Scope, member: &Member) -> TokenStream {
    let k = &scope.k;
    if let Some(stated) = &member.input {
        return rule::size(scope, Some(stated));
    }
    match scope.model.form {
        Form::Spec => {
            let ident = &member.ident;
            quote!(<#ident as #k::Spec>::INPUT)
        }
        Form::Module { .. } => {
            let (params, input) = (params(scope, member), rule::input(scope));
            quote!({ #params #input })
        }
    }
}

/// One constant per member, with its name's span: what does not fit is a compile error there.
pub fn proofs(scope: &Scope) -> TokenStream {
    let (k, members, constant) = (&scope.k, all(scope), scope.fresh("MEMBERS"));
    if members.is_empty() {
        return TokenStream::new();
    }
    let proofs = members.iter().map(|member| {
        let (name, rule) = (member.ident.unraw().to_string(), rule(scope, member));
        let input = input(scope, member);
        let estimator = match member.config.estimator {
            Some(estimator) => {
                let kind = rule::kind(scope, estimator);
                quote!(#k::Some(#kind))
            }
            None => quote!(#k::None),
        };
        quote!(#k::prove_member(#name, &#rule, #input, #estimator))
    });
    let checks = members.iter().enumerate().map(|(i, member)| {
        let span = member.ident.span();
        let mut i = Literal::usize_unsuffixed(i);
        i.set_span(span);
        let constant = Ident::new(&constant.to_string(), span);
        quote_spanned!(span=> const _: () = #constant[#i].check();)
    });
    let count = Literal::usize_unsuffixed(members.len());
    quote! {
        const #constant: [#k::MemberProof; #count] = [#(#proofs),*];
        #(#checks)*
    }
}
