//! A forward pass of one's own, re-emitted for each twin and mode: its body token for token, its parameters on the
//! `impl`.

use super::own::{asked_ident, view_ident};
use super::scope::{collect, fresh};
use crate::model::{Forward, Method, Numbers, Owner, Pass, Twin, View};
use crate::parse::PassFailure;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::{
    GenericParam, Generics, ImplItemFn, Path, PredicateType, Type, WherePredicate, parse_quote,
};

pub fn expand(pass: &Pass) -> TokenStream {
    let names = Names::of(pass);
    let (mark, imports) = (mark(&pass.owner, &names.k), imports(&pass.owner, &names));
    let shared = shared(pass);
    let views = View::ALL.map(|view| {
        let beside = beside(pass, &names, view);
        let forward = module(pass, &names, view);
        quote!(#beside #forward)
    });
    let (krate, attrs, k) = (&pass.owner.krate, &pass.owner.attrs, &names.k);
    quote! {
        #shared

        #(#attrs)*
        const _: () = {
            use #krate::__private as #k;
            #imports

            #mark
            #(#views)*
        };
    }
}

/// The errors, and the mark that there is a forward pass, so that its absence is no second error.
pub fn expand_failed(failure: PassFailure) -> TokenStream {
    let errors = failure.errors.to_compile_error();
    let mark = failure.owner.map(|owner| {
        let k = &owner.krate;
        mark(&of_the_struct(&owner), &quote!(#k::__private))
    });
    quote!(#mark #errors)
}

/// The owner with the parameters that its type names: an impl of a trait may have others.
fn of_the_struct(owner: &Owner) -> Owner {
    let mut named = BTreeSet::new();
    collect(owner.ty.to_token_stream(), &mut named);
    let mut owner = owner.clone();
    let params = std::mem::take(&mut owner.generics.params).into_iter();
    let (kept, others): (Vec<_>, Vec<_>) = params.partition(|param| match param {
        GenericParam::Type(param) => named.contains(&param.ident.to_string()),
        GenericParam::Const(param) => named.contains(&param.ident.to_string()),
        GenericParam::Lifetime(_) => false,
    });
    owner.generics.params.extend(kept);
    if !others.is_empty() {
        owner.generics.where_clause = None;
    }
    owner
}

/// The names of generated code, none of them one that the user's tokens hold.
#[derive(Clone)]
struct Names {
    /// The module of what generated code calls.
    k: TokenStream,
    /// The views, in the order of [`View::ALL`].
    views: [Ident; View::ALL.len()],
    /// The configuration of a Bayesian twin.
    c: Ident,
    /// Number type and device of a method that has none.
    numbers: Numbers,
}

impl Names {
    fn of(pass: &Pass) -> Self {
        let mut taken = BTreeSet::new();
        let Pass {
            owner,
            forward,
            methods,
            shared,
        } = pass;
        collect(owner.ty.to_token_stream(), &mut taken);
        collect(owner.generics.to_token_stream(), &mut taken);
        collect(owner.generics.where_clause.to_token_stream(), &mut taken);
        collect(forward.item.to_token_stream(), &mut taken);
        for method in methods {
            collect(method.item.to_token_stream(), &mut taken);
        }
        for item in shared {
            collect(item.to_token_stream(), &mut taken);
        }
        let fresh = |name| fresh(name, &taken);
        Self {
            k: fresh("bayes").into_token_stream(),
            views: View::ALL.map(|view| fresh(view.suffix())),
            c: fresh("C"),
            numbers: Numbers {
                dtype: fresh("E"),
                device: fresh("D"),
            },
        }
    }
}

impl Names {
    fn of_view(&self, view: View) -> &Ident {
        let mut named = View::ALL.iter().zip(&self.views);
        let found = named.find(|(other, _)| **other == view);
        found.map_or(&self.views[0], |(_, ident)| ident)
    }
}

fn mark(owner: &Owner, k: &TokenStream) -> TokenStream {
    let Owner { ty, generics, .. } = owner;
    let (params, _, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #params #k::OwnForward for #ty #bounds {}
    }
}

/// The views, brought in by one `use`: where the struct does not say `forward` they are one error.
fn imports(owner: &Owner, names: &Names) -> TokenStream {
    let mut views = View::ALL.map(|view| (view_path(owner, view), names.of_view(view)));
    // In the order of a formatted file.
    views.sort_by_key(|(_, ident)| (*ident).clone());
    let mut asked = owner.path.clone();
    let mut span = Span::call_site();
    if let Some(last) = asked.segments.last_mut() {
        span = last.ident.span();
        last.ident = asked_ident(&last.ident);
    }
    // All at one place, so that all that is missing is one error.
    let views = views.map(|(path, ident)| {
        let ident = Ident::new(&ident.to_string(), span);
        quote_spanned!(span=> #path as #ident)
    });
    let asked = quote_spanned!(span=> #asked as _);
    quote! {
        #[allow(unused_imports)]
        use {#asked, #(#views),*};
    }
}

/// The path of a view, beside the struct's.
fn view_path(owner: &Owner, view: View) -> Path {
    let mut path = owner.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident = view_ident(&last.ident, view);
    }
    path
}

/// Constants and functions without `self` belong to the struct, too.
fn shared(pass: &Pass) -> TokenStream {
    let (owner, items) = (&pass.owner, &pass.shared);
    if items.is_empty() {
        return TokenStream::new();
    }
    let (params, _, bounds) = owner.generics.split_for_impl();
    let (ty, attrs) = (&owner.ty, &owner.attrs);
    quote! {
        #(#attrs)*
        #[allow(dead_code)]
        impl #params #ty #bounds {
            #(#items)*
        }
    }
}

/// Everything besides `forward`, on a view: a block for each method, whose parameters have names of their own.
fn beside(pass: &Pass, names: &Names, view: View) -> TokenStream {
    let shared = (!pass.shared.is_empty()).then(|| {
        let items = &pass.shared;
        let header = Header::new(pass, names, view, None);
        header.inherent(&quote!(#(#items)*))
    });
    let methods = pass.methods.iter().map(|method| {
        let mut header = Header::new(pass, names, view, method.numbers.as_ref());
        let item = header.take_numbers(method);
        header.inherent(&item)
    });
    quote!(#shared #(#methods)*)
}

/// `Module` of a view: the user's body, on the view's fields.
fn module(pass: &Pass, names: &Names, view: View) -> TokenStream {
    let Forward {
        item,
        numbers,
        output,
        error,
        ..
    } = &pass.forward;
    let (k, input, pattern) = (&names.k, pass.forward.input(), pass.forward.pattern());
    let mut header = Header::new(pass, names, view, Some(numbers));
    header
        .generics
        .params
        .extend(item.sig.generics.params.iter().cloned());
    header.require(
        item.sig
            .generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates),
    );
    let Header { this, .. } = &header;
    let (params, bounds) = header.written();
    let (attrs, self_, result, body) = (
        &item.attrs,
        item.sig.receiver(),
        &item.sig.output,
        &item.block,
    );
    quote! {
        impl #params #k::Module<#input> for #this #bounds {
            type Output = #output;
            type Error = #error;

            #(#attrs)*
            fn try_forward(#self_, #pattern: #input) #result #body
        }
    }
}

/// What stands before the body of an impl for a view.
struct Header {
    /// The parameters of the user's block and method.
    generics: Generics,
    numbers: Numbers,
    this: TokenStream,
    names: Names,
    twin: Twin,
}

impl Header {
    /// For a view, with the parameters of the block; `numbers` are those of a method, where it has them.
    fn new(pass: &Pass, names: &Names, view: View, numbers: Option<&Numbers>) -> Self {
        let owner = &pass.owner;
        let mut generics = owner.generics.clone();
        let Names { k, c, .. } = names;
        let numbers = numbers.cloned().unwrap_or_else(|| {
            let Numbers { dtype, device } = &names.numbers;
            generics.params.push(parse_quote!(#dtype: #k::Dtype));
            generics
                .params
                .push(parse_quote!(#device: #k::Device<#dtype>));
            names.numbers.clone()
        });
        let (view_ident, args) = (names.of_view(view), &owner.args);
        let Numbers { dtype, device } = &numbers;
        let config = (view.twin == Twin::Bayes).then(|| quote!(, #c));
        Self {
            this: quote!(#view_ident<'_, #(#args,)* #dtype, #device #config>),
            names: names.clone(),
            twin: view.twin,
            generics,
            numbers,
        }
    }

    /// Moves a method's number type and device here, with what is asked of them.
    fn take_numbers(&mut self, method: &Method) -> ImplItemFn {
        let mut item = method.item.clone();
        let generics = &mut item.sig.generics;
        let Numbers { dtype, device } = &self.numbers;
        let is_number = |ident: &Ident| ident == dtype || ident == device;
        let (taken, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut generics.params).into_iter().partition(
                |param| matches!(param, GenericParam::Type(param) if is_number(&param.ident)),
            );
        generics.params.extend(left);
        self.generics.params.extend(taken);
        if let Some(clause) = &mut generics.where_clause {
            let (asked, left): (Vec<_>, Vec<_>) = std::mem::take(&mut clause.predicates)
                .into_iter()
                .partition(|predicate| bounded(predicate).is_some_and(is_number));
            clause.predicates.extend(left);
            self.require(&asked);
        }
        item
    }

    fn require<'a>(&mut self, predicates: impl IntoIterator<Item = &'a WherePredicate>) {
        let mut predicates = predicates.into_iter().cloned().peekable();
        if predicates.peek().is_some() {
            self.generics
                .make_where_clause()
                .predicates
                .extend(predicates);
        }
    }

    /// The parameters in the order that Rust asks for, with our layers' bound on the device, and the where clause.
    fn written(&self) -> (TokenStream, TokenStream) {
        let Names { k, c, .. } = &self.names;
        let Numbers { dtype, device } = &self.numbers;
        let mut generics = self.generics.clone();
        for param in generics.type_params_mut() {
            param.default = None;
            param.eq_token = None;
            if param.ident == *device {
                param.bounds.push(parse_quote!(#k::Kernels<#dtype>));
            }
        }
        let lifetimes = generics.lifetimes();
        let others = generics.params.iter();
        let others = others.filter(|param| !matches!(param, GenericParam::Lifetime(_)));
        let config = (self.twin == Twin::Bayes).then(|| quote!(#c: #k::Config));
        let bounds = generics.where_clause.to_token_stream();
        (quote!(<#(#lifetimes,)* #(#others,)* #config>), bounds)
    }

    fn inherent(&self, items: &impl ToTokens) -> TokenStream {
        let ((params, bounds), this) = (self.written(), &self.this);
        // The types of tensors are long by nature.
        quote! {
            #[allow(dead_code, clippy::type_complexity)]
            impl #params #this #bounds {
                #items
            }
        }
    }
}

/// The type parameter that a predicate is about.
fn bounded(predicate: &WherePredicate) -> Option<&Ident> {
    match predicate {
        WherePredicate::Type(PredicateType {
            bounded_ty: Type::Path(ty),
            ..
        }) => ty.path.get_ident(),
        _ => None,
    }
}
