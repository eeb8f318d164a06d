//! From an `impl` block under `#[bayesian(forward)]` to its [`Pass`], with every error that it holds.

use proc_macro2::TokenStream;
use syn::{
    Attribute, FnArg, GenericArgument, Generics, ImplItem, ImplItemFn, ItemImpl, Pat, Path,
    PathArguments, ReturnType, Signature, Type, parse_quote,
};

use super::entries::entries;
use super::values;
use crate::check::errors::Errors;
use crate::check::{forward as rules, keys};
use crate::model::{
    Forward, Key, Method, Numbers, Owner, Pass, has_kernels_of, is_device_of, is_dtype,
};

/// What is left to emit when an `impl` block cannot be expanded.
pub struct PassFailure {
    /// Whose forward pass it would have been.
    pub owner: Option<Box<Owner>>,
    /// All errors, in source order.
    pub errors: syn::Error,
}

/// Reads `#[bayesian(attr)] impl Net { .. }`.
pub fn analyse(attr: TokenStream, block: ItemImpl) -> Result<Pass, PassFailure> {
    let mut errors = Errors::default();
    let krate = attribute(attr, &block, &mut errors);
    let ty = ungrouped(&block.self_ty);
    if let Type::Reference(_) = ty {
        errors.push(rules::not_a_struct(ty));
    }
    let owner = errors.take(owner(krate, &block));
    let parts = match rules::of_a_trait(&block) {
        // What else is wrong follows from it.
        Some(error) => {
            errors.push(error);
            None
        }
        None => parts(block, &mut errors),
    };
    let (owner, errors) = match (errors.finish(), owner, parts) {
        (Ok(()), Some(owner), Some(parts)) => return Ok(parts.of(owner)),
        (Ok(()), owner, _) => (owner, rules::unreadable()),
        (Err(errors), owner, _) => (owner, errors),
    };
    let owner = owner.map(Box::new);
    Err(PassFailure { owner, errors })
}

/// The path to `bayes_core`, after the keys are checked.
fn attribute(attr: TokenStream, block: &ItemImpl, errors: &mut Errors) -> Path {
    let entries = entries(attr, Key::ON_IMPL, errors);
    errors.extend(keys::repeated(&entries));
    let mut krate = parse_quote!(::bayes_core);
    for entry in &entries {
        match entry.key {
            Key::Forward => errors.extend(keys::value_after(entry)),
            Key::Crate => {
                if let Some(path) = errors.take(values::crate_path(entry)) {
                    krate = path;
                }
            }
            _ => errors.push(keys::not_on_impl(entry)),
        }
    }
    if !entries.iter().any(|entry| entry.key == Key::Forward) {
        errors.push(rules::without_the_word(block));
    }
    krate
}

fn owner(krate: Path, block: &ItemImpl) -> syn::Result<Owner> {
    let mut ty = ungrouped(&block.self_ty);
    while let Type::Reference(reference) = ty {
        ty = ungrouped(&reference.elem);
    }
    let Type::Path(ty) = ty else {
        return Err(rules::not_a_struct(&block.self_ty));
    };
    let mut path = ty.path.clone();
    let last = path.segments.last_mut();
    let (Some(last), None) = (last, &ty.qself) else {
        return Err(rules::not_a_struct(&block.self_ty));
    };
    let args = std::mem::take(&mut last.arguments);
    let args = match args {
        PathArguments::AngleBracketed(args) => args.args.into_iter().collect(),
        _ => Vec::new(),
    };
    let numbers = numbers(&block.generics).ok();
    let names = |arg: &GenericArgument| {
        let Some(Numbers { dtype, device }) = &numbers else {
            return false;
        };
        let GenericArgument::Type(Type::Path(arg)) = arg else {
            return false;
        };
        arg.path.is_ident(dtype) || arg.path.is_ident(device)
    };
    Ok(Owner {
        krate,
        ty: Type::Path(ty.clone()),
        path,
        args: args.into_iter().filter(|arg| !names(arg)).collect(),
        generics: block.generics.clone(),
        attrs: block.attrs.iter().filter(is_lint).cloned().collect(),
    })
}

fn is_lint(attribute: &&Attribute) -> bool {
    let lints = ["allow", "warn", "deny", "forbid", "expect"];
    lints.iter().any(|lint| attribute.path().is_ident(lint))
}

/// Everything in the block.
struct Parts {
    forward: Forward,
    methods: Vec<Method>,
    shared: Vec<ImplItem>,
}

impl Parts {
    fn of(self, owner: Owner) -> Pass {
        Pass {
            owner,
            forward: self.forward,
            methods: self.methods,
            shared: self.shared,
        }
    }
}

/// `None` with at least one error.
fn parts(block: ItemImpl, errors: &mut Errors) -> Option<Parts> {
    let (mut forwards, mut methods, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    let names: Vec<_> = method_names(&block).cloned().collect();
    for item in block.items {
        match item {
            ImplItem::Fn(item) if item.sig.ident == "forward" => forwards.push(item),
            ImplItem::Fn(item) if item.sig.receiver().is_some() => {
                errors.extend(rules::receiver(&item.sig));
                let generics = merged(&block.generics, &item.sig.generics);
                let numbers = numbers(&generics).ok();
                methods.push(Method { item, numbers });
            }
            ImplItem::Fn(_) | ImplItem::Const(_) | ImplItem::Type(_) => shared.push(item),
            other => errors.push(rules::not_an_item(&other)),
        }
    }
    let mut forwards = forwards.into_iter();
    let Some(item) = forwards.next() else {
        errors.push(rules::no_forward(&block.self_ty, &names));
        return None;
    };
    errors.extend(forwards.map(|second| rules::second_forward(&second)));
    let methods_named = methods.iter().map(|method: &Method| &method.item);
    errors.extend(methods_named.filter_map(rules::of_every_view));
    let forward = forward(&block.generics, item, errors)?;
    Some(Parts {
        forward,
        methods,
        shared,
    })
}

fn method_names(block: &ItemImpl) -> impl Iterator<Item = &syn::Ident> {
    block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(item) => Some(&item.sig.ident),
        _ => None,
    })
}

fn forward(block: &Generics, item: ImplItemFn, errors: &mut Errors) -> Option<Forward> {
    let sig = &item.sig;
    errors.extend(rules::qualified(sig));
    errors.extend(rules::receiver(sig));
    let generics = merged(block, &sig.generics);
    let numbers = errors.take(numbers(&generics).map_err(|missing| missing.error(sig)));
    let inputs = inputs(sig);
    errors.extend(inputs.iter().filter_map(|(_, ty)| rules::not_by_value(ty)));
    let result = errors.take(result(sig));
    let numbers = numbers?;
    errors.extend(rules::no_tensor(sig, &inputs, &numbers));
    errors.extend(rules::unbound(&generics, &inputs, &numbers));
    let (output, error) = result?;
    errors.extend(rules::other_error(&error, &numbers));
    Some(Forward {
        inputs,
        output,
        error,
        numbers,
        item,
    })
}

/// What is taken besides `self`.
fn inputs(sig: &Signature) -> Vec<(Pat, Type)> {
    let typed = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(((*input.pat).clone(), ungrouped(&input.ty).clone())),
        FnArg::Receiver(_) => None,
    });
    typed.collect()
}

/// `Y` and `Error` of `Result<Y, Error>`.
fn result(sig: &Signature) -> syn::Result<(Type, Type)> {
    let wrong = || rules::not_a_result(sig);
    let ReturnType::Type(_, ty) = &sig.output else {
        return Err(wrong());
    };
    let Type::Path(path) = ungrouped(ty) else {
        return Err(wrong());
    };
    let last = path.path.segments.last().ok_or_else(wrong)?;
    let PathArguments::AngleBracketed(args) = &last.arguments else {
        return Err(wrong());
    };
    let types = args.args.iter().map(|arg| match arg {
        GenericArgument::Type(ty) => Some(ungrouped(ty).clone()),
        _ => None,
    });
    let types: Option<Vec<Type>> = types.collect();
    match types.as_deref() {
        Some([output, error]) if last.ident == "Result" => Ok((output.clone(), error.clone())),
        _ => Err(wrong()),
    }
}

/// The parameters of the block and of one of its methods.
fn merged(block: &Generics, method: &Generics) -> Generics {
    let mut all = block.clone();
    all.params.extend(method.params.iter().cloned());
    if let Some(clause) = &method.where_clause {
        let predicates = clause.predicates.iter().cloned();
        all.make_where_clause().predicates.extend(predicates);
    }
    all
}

/// The type parameters that stand for a number type and a device, or what is missing.
fn numbers(generics: &Generics) -> Result<Numbers, rules::Missing> {
    let types = || generics.type_params();
    let dtype = types()
        .find(|param| is_dtype(generics, param))
        .ok_or(rules::Missing::Dtype)?;
    let is_device = |param: &&syn::TypeParam| {
        is_device_of(generics, param, &dtype.ident) || has_kernels_of(generics, param, &dtype.ident)
    };
    let device = types()
        .find(is_device)
        .ok_or_else(|| rules::Missing::Device(dtype.ident.clone()))?;
    Ok(Numbers {
        dtype: dtype.ident.clone(),
        device: device.ident.clone(),
    })
}

/// Without the invisible groups and the parentheses around a type.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        _ => ty,
    }
}

#[cfg(test)]
mod tests {
    //! Whole blocks: what is read, what is refused, and no panic on any tokens.

    use super::super::mutations::{split, survive, tokens};
    use super::*;

    const BLOCK: &str = r"#[bayesian(forward)]
    impl<const C: usize> Block<C> {
        const SCALE: f64 = 2.0;

        fn width() -> usize { C }

        pub fn branch<E, D, T>(&self, x: Tensor<Rank1<C>, E, D, T>) -> Result<Tensor<Rank1<C>, E, D, T>, D::Err>
        where E: Dtype, D: Device<E>, T: Tape<E, D>,
        { self.conv.try_forward(x) }

        /// A residual block.
        fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
            &self,
            mut x: Tensor<(B, Const<C>), E, D, T>,
            (y, z): (Tensor<(B, Const<C>), E, D, T>, usize),
        ) -> Result<Tensor<(B, Const<C>), E, D, T>, D::Err> {
            for _ in 0..z { x = self.branch(x)?; }
            x.try_add(y)
        }
    }";

    const MODULE: &str = r"#[bayesian(forward, crate = crate::inner)]
    impl<E: Dtype, D: Device<E>, const H: usize> nets::Net<H, E, D> where Linear<H, 1>: Clone {
        fn forward<T>(&self, x: Tensor<Rank1<H>, E, D, T>) -> Result<Tensor<Rank1<1>, E, D, T>, <D as HasErr>::Err>
        where T: Tape<E, D> { self.fc.try_forward(x) }
    }";

    fn read(source: &str) -> Pass {
        let (attr, item) = split(tokens(source));
        let block = syn::parse2(item).expect("an impl block");
        analyse(attr, block).unwrap_or_else(|failure| panic!("{}", failure.errors))
    }

    #[test]
    fn a_block_is_read_whole() {
        let pass = read(BLOCK);
        assert_eq!(pass.owner.args.len(), 1);
        assert_eq!((pass.methods.len(), pass.shared.len()), (1, 2));
        let forward = &pass.forward;
        assert_eq!(forward.numbers.dtype, "E");
        assert_eq!(forward.inputs.len(), 2);
        assert_eq!(forward.error, parse_quote!(D::Err));
        let want: Pat = parse_quote!((mut x, (y, z)));
        assert_eq!(forward.pattern(), want);
    }

    #[test]
    fn the_numbers_of_a_module_are_the_blocks() {
        let owner = read(MODULE).owner;
        let args: Vec<GenericArgument> = vec![parse_quote!(H)];
        assert_eq!(owner.args, args);
        assert_eq!(owner.path, parse_quote!(nets::Net));
        assert_eq!(owner.krate, parse_quote!(crate::inner));
    }

    #[test]
    fn all_errors_come_at_once_in_source_order() {
        let source = "#[bayesian(moped = 0.5)]
            impl Net {
                async fn forward<E: Dtype, F>(
                    self,
                    x: &Tensor<Rank1<2>, E, Cpu>,
                ) -> Result<E, CpuError> { x }
                fn reset(&mut self) {}
                layers!();
                fn try_forward(&self) {}
            }";
        let (attr, item) = split(tokens(source));
        let block = syn::parse2(item).expect("an impl block");
        let errors = analyse(attr, block).expect_err("mistakes").errors;
        let brief = |error: syn::Error| {
            let message = error.to_string();
            let end = message.find([',', ':']).unwrap_or(message.len());
            (error.span().start().line, message[..end].to_string())
        };
        let found: Vec<(usize, String)> = errors.into_iter().map(brief).collect();
        let want = [
            (1, "`moped` belongs to the struct"),
            (
                2,
                "on an `impl` block the attribute says that it holds the forward pass",
            ),
            (3, "`forward` becomes dfdx's `Module"),
            (3, "`forward` runs on every device"),
            (4, "`forward` takes `&self`"),
            (5, "`forward` takes its inputs by value"),
            (7, "`reset` takes `&self`"),
            (8, "expected methods"),
            (9, "`try_forward` is made from `forward`"),
        ];
        assert_eq!(
            found,
            want.map(|(line, message)| (line, message.to_string()))
        );
    }

    #[test]
    fn no_tokens_make_it_panic() {
        let seen = survive(&[BLOCK, MODULE], 40_000, 11);
        assert!(seen.accepted > 3_000 && seen.refused > 10_000, "{seen:?}");
    }
}
