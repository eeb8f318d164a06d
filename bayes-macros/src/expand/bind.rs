//! Views: one generic struct with the model's field names, whatever the twin and the mode; a struct for each where an
//! `impl` block has to name them.

use super::forward::Chain;
use super::scope::Scope;
use super::{own, rule};
use crate::model::{Form, Mode, Twin, View};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub fn definition(scope: &Scope) -> TokenStream {
    if scope.model.options.own_forward {
        return own::definitions(scope);
    }
    let (vis, ident, user) = (&scope.model.vis, scope.named("View"), &scope.model.ident);
    let layers = scope.numbered("F", scope.fields().len());
    let doc = format!(" [`{user}`] in one draw: a view of each field.");
    let mut types = layers.iter();
    let body = scope.body(&TokenStream::new(), |_| types.next().into_token_stream());
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Debug)]
        #vis struct #ident<#(#layers),*> #body
    }
}

/// The views' forward pass, and `Bind` of the plain model.
pub fn impls(scope: &Scope) -> TokenStream {
    let forward = if scope.model.options.own_forward {
        own::impls(scope)
    } else {
        chained(scope)
    };
    let plain = of_plain(scope);
    quote!(#forward #plain)
}

/// A view runs its fields one after the other.
fn chained(scope: &Scope) -> TokenStream {
    let (k, ident) = (&scope.k, scope.named("View"));
    let layers = scope.numbered("F", scope.fields().len());
    let run = scope.fields().iter().zip(&layers);
    let run = run.filter(|(field, _)| field.is_layer());
    let chain = Chain::new(scope, run.map(|(_, layer)| quote!(#layer)).collect());
    let (generics, this) = (quote!(#(#layers,)*), quote!(#ident<#(#layers),*>));
    let inherent = chain.inherent(&generics, &this);
    let module = chain.module(&generics, &this);
    quote! {
        #inherent
        #module

        #[automatically_derived]
        impl<#(#layers),*> #k::NonMutableModule for #this {}
    }
}

/// `Bind` of the plain model.
fn of_plain(scope: &Scope) -> TokenStream {
    let rule = match scope.model.form {
        Form::Spec => of_spec(scope),
        Form::Module { .. } => rule::of_model(scope),
    };
    let fields = scope.fields().iter();
    let method = |name| {
        fields
            .clone()
            .map(move |field| scope.bind_method(field, name))
    };
    let bound = Bound {
        twin: Twin::Plain,
        generics: scope.plain_generics(),
        this: scope.device_type(&scope.e, &scope.d),
        layers: fields.clone().map(|field| scope.built(field)).collect(),
        eval: method("eval").collect(),
        train: method("train").collect(),
        int8: in_int8(scope),
        rule,
    };
    bind(scope, &bound)
}

/// `Bind` of the Bayesian model.
pub fn of_bayes(scope: &Scope) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    let rule = match scope.model.form {
        Form::Spec => of_spec(scope),
        Form::Module { .. } => {
            let plain = scope.device_type(&scope.e, &scope.d);
            quote!(<#plain as #k::Bind>::RULE)
        }
    };
    let fields = scope.fields();
    let bound = Bound {
        twin: Twin::Bayes,
        generics: scope.bayes_generics(),
        this: scope.bayes_type(&scope.e, &scope.d, &quote!(#c)),
        layers: fields
            .iter()
            .map(|field| scope.bayes(field, &quote!(#c)))
            .collect(),
        eval: vec![quote!(#k::Bind::eval); fields.len()],
        train: vec![quote!(#k::Bind::train); fields.len()],
        int8: {
            let plain = scope.device_type(&scope.e, &scope.d);
            (
                quote!(#k::InInt8<'a, #plain>),
                quote!(<#plain as #k::Bind>::int8(stand_ins, name)),
            )
        },
        rule,
    };
    bind(scope, &bound)
}

/// The view in integers, its type and how it is made: of the plain layers, whose sizes it has.
fn in_int8(scope: &Scope) -> (TokenStream, TokenStream) {
    let k = &scope.k;
    let layers: Vec<_> = scope
        .fields()
        .iter()
        .map(|field| scope.built(field))
        .collect();
    let (ident, ty) = seen(scope, View::INT8, &layers);
    let fields = scope.fields().iter().zip(&layers).map(|(field, layer)| {
        let (member, name) = (&field.member, field.name());
        match &field.options.value {
            // Integers have no copy of the model's: the attribute's expression stands for it.
            Some(value) => quote!(#member: #value),
            None => quote!(#member: <#layer as #k::Bind>::int8(stand_ins, &name.field(#name))),
        }
    });
    let view = quote!(#ident { #(#fields),* });
    (ty, view)
}

fn of_spec(scope: &Scope) -> TokenStream {
    let (k, user, args) = (&scope.k, &scope.model.ident, scope.args());
    quote!(<#user<#args> as #k::Spec>::RULE)
}

/// A struct that can be looked at in a draw.
struct Bound {
    twin: Twin,
    generics: TokenStream,
    this: TokenStream,
    layers: Vec<TokenStream>,
    /// `Bind::eval` and `Bind::train` of each field.
    eval: Vec<TokenStream>,
    train: Vec<TokenStream>,
    /// The type and the value of the view in integers.
    int8: (TokenStream, TokenStream),
    rule: TokenStream,
}

fn bind(scope: &Scope, bound: &Bound) -> TokenStream {
    let Bound {
        twin,
        generics,
        this,
        layers,
        eval,
        train,
        int8: (int8_type, int8),
        rule,
    } = bound;
    let (k, bounds) = (&scope.k, scope.where_clause());
    let [of_eval, of_train] =
        [Mode::Eval, Mode::Train].map(|mode| seen(scope, View::new(*twin, mode), layers));
    let ((eval_view, eval_type), (train_view, train_type)) = (of_eval, of_train);
    let seen = |bind: &[TokenStream], borrow: &TokenStream| {
        let fields = scope.fields().iter().zip(bind);
        let fields = fields.map(|(field, bind)| {
            let (member, name) = (&field.member, field.name());
            if field.is_layer() {
                quote!(#member: #bind(#borrow self.#member, &draw.field(#name)))
            } else {
                quote!(#member: #k::Clone::clone(&self.#member))
            }
        });
        fields.collect::<Vec<_>>()
    };
    let (evals, trains) = (seen(eval, &quote!(&)), seen(train, &quote!(&mut)));
    quote! {
        #[automatically_derived]
        impl<#generics> #k::Bind for #this #bounds {
            const RULE: #k::Rule = #rule;
            type Eval<'a> = #eval_type where Self: 'a;
            type Train<'a> = #train_type where Self: 'a;
            type Int8<'a> = #int8_type;

            fn eval<'a>(&'a self, draw: &#k::Draw) -> Self::Eval<'a> {
                #eval_view { #(#evals),* }
            }

            fn train<'a>(&'a mut self, draw: &#k::Draw) -> Self::Train<'a> {
                #train_view { #(#trains),* }
            }

            fn int8<'a>(stand_ins: &#k::StandIns<'a>, name: &#k::Name<'_>) -> Self::Int8<'a> {
                #int8
            }
        }
    }
}

/// The constructor and the type of a view of `layers`.
fn seen(scope: &Scope, view: View, layers: &[TokenStream]) -> (TokenStream, TokenStream) {
    if scope.model.options.own_forward {
        let ident = own::view_ident(&scope.model.ident, view);
        return (quote!(#ident), own::view_type(scope, view, &quote!('a)));
    }
    let ident = scope.named("View");
    let of = match (view.twin, view.mode) {
        (Twin::Int8, _) => quote!(InInt8),
        (_, Mode::Eval) => quote!(Eval),
        (_, Mode::Train) => quote!(Train),
    };
    let fields = scope.fields().iter().zip(layers);
    let seen = fields.map(|(field, layer)| scope.viewed(field, &of, layer));
    (quote!(#ident), quote!(#ident<#(#seen),*>))
}
