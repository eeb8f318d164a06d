//! Reads `members(..)`: names, the values of the struct's parameters, keys, and the lists that make a member of each value.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Attribute, ConstParam, Expr, ExprLit, Generics, Ident, Lit, UnOp};

use super::entries::entries;
use super::{options, values};
use crate::check::errors::Errors;
use crate::check::{keys, members as check};
use crate::model::{Config, Entry, Form, Input, Key, Member, Members};

/// The struct whose members are read.
pub struct Family<'a> {
    pub ident: &'a Ident,
    pub generics: &'a Generics,
    pub own_forward: bool,
}

/// The value of `members`; `None` where no member could be read.
pub fn read(family: &Family, entry: &Entry, errors: &mut Errors) -> Option<Members> {
    if Form::of(family.generics) == Some(Form::Spec)
        && let Some(layer) = family.generics.type_params().next()
    {
        errors.push(check::over_layers(&entry.ident, family.ident, &layer.ident));
        return None;
    }
    let tokens = entry.value.clone().unwrap_or_default();
    let mut trees = tokens.clone().into_iter();
    let inner = match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => {
            group.stream()
        }
        _ => {
            errors.push(check::not_a_list(&entry.ident, &tokens));
            return None;
        }
    };
    let parts = parts(inner, |comma| {
        errors.push(check::nothing_between_commas(&comma))
    });
    if parts.is_empty() {
        errors.push(check::none(&entry.ident));
    }
    let read = parts.into_iter().filter_map(|part| {
        let written = errors.take(Written::read(part))?;
        members(family, written, errors)
    });
    let all: Vec<Member> = read.flatten().collect();
    (!all.is_empty()).then_some(Members { all, tokens })
}

/// What stands between commas, where `<..>` holds commas of its own. `empty` is told of a comma behind nothing.
fn parts(tokens: TokenStream, mut empty: impl FnMut(TokenStream)) -> Vec<TokenStream> {
    let (mut parts, mut part, mut depth) = (Vec::new(), Vec::new(), 0usize);
    for tree in tokens {
        if let TokenTree::Punct(punct) = &tree {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    if part.is_empty() {
                        empty(tree.into_token_stream());
                    } else {
                        parts.push(part.drain(..).collect());
                    }
                    continue;
                }
                _ => {}
            }
        }
        part.push(tree);
    }
    if !part.is_empty() {
        parts.push(part.into_iter().collect());
    }
    parts
}

/// One member as written, in its parts.
struct Written {
    docs: Vec<Attribute>,
    ident: Ident,
    /// What stands in `<..>`.
    values: TokenStream,
    /// What stands in `(..)`.
    keys: TokenStream,
}

impl Written {
    fn read(part: TokenStream) -> syn::Result<Self> {
        let split = |input: syn::parse::ParseStream| {
            let docs = input.call(Attribute::parse_outer)?;
            Ok((docs, input.parse::<TokenStream>()?))
        };
        let (docs, rest) = split.parse2(part)?;
        if let Some(other) = docs.iter().find(|docs| !docs.path().is_ident("doc")) {
            return Err(check::attribute(other));
        }
        let mut trees = rest.clone().into_iter();
        let name = trees.next().map(TokenTree::into_token_stream);
        let name = name.and_then(|name| syn::parse2::<Ident>(name).ok());
        let ident = name.ok_or_else(|| check::without_name(&rest))?;
        let rest: Vec<TokenTree> = trees.collect();
        let (values, rest) = of_parameters(&ident, &rest)?;
        let keys = match rest {
            [] => TokenStream::new(),
            [TokenTree::Group(group), after @ ..]
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                if !after.is_empty() {
                    return Err(check::after_keys(&ident, &after.iter().cloned().collect()));
                }
                group.stream()
            }
            other => {
                let other = other.iter().cloned().collect();
                return Err(match values {
                    Some(_) => check::after_values(&ident, &other),
                    None => check::after_name(&ident, &other),
                });
            }
        };
        Ok(Self {
            docs,
            ident,
            values: values.unwrap_or_default(),
            keys,
        })
    }
}

/// The tokens in `= <..>`, where there is one, and what follows.
fn of_parameters<'a>(
    ident: &Ident,
    trees: &'a [TokenTree],
) -> syn::Result<(Option<TokenStream>, &'a [TokenTree])> {
    let is = |tree: &TokenTree, sign| matches!(tree, TokenTree::Punct(p) if p.as_char() == sign);
    let rest = match trees {
        [equals, open, rest @ ..] if is(equals, '=') && is(open, '<') => rest,
        _ => return Ok((None, trees)),
    };
    let mut depth = 1usize;
    for (i, tree) in rest.iter().enumerate() {
        depth += usize::from(is(tree, '<'));
        depth -= usize::from(is(tree, '>'));
        if depth == 0 {
            let values = rest[..i].iter().cloned().collect();
            return Ok((Some(values), &rest[i + 1..]));
        }
    }
    Err(check::without_end(ident, &trees.iter().cloned().collect()))
}

/// One of the values of a list, with what it adds to the member's name; a value that stands alone adds nothing.
#[derive(Clone)]
struct Choice<T> {
    name: String,
    value: T,
}

/// What one axis of a family decides in a member.
#[derive(Clone)]
enum Decided {
    Value(Expr),
    Config(Config),
    Input(Input),
}

/// A member for each combination of the values in its lists.
fn members(family: &Family, written: Written, errors: &mut Errors) -> Option<Vec<Member>> {
    let Written {
        docs,
        ident,
        values,
        keys,
    } = written;
    let values = parts(values, |comma| {
        errors.push(check::nothing_between_commas(&comma));
    });
    let given = values.len();
    let mut axes: Vec<Option<Vec<Choice<Decided>>>> = Vec::new();
    for value in values {
        let choices = choices(value, errors);
        let choices = choices.map(|choices| {
            read_each(choices, |value| {
                errors.take(parameter(value)).map(Decided::Value)
            })
        });
        axes.push(choices.flatten());
    }
    let entries = entries(keys, Key::ON_MEMBER, errors);
    errors.extend(keys::repeated(&entries));
    for entry in entries {
        if !Key::ON_MEMBER.contains(&entry.key) {
            errors.push(check::misplaced(&entry, &ident));
        } else if entry.key == Key::Input && family.own_forward {
            errors.push(check::input_beside_forward(&entry));
        } else {
            axes.push(of_key(&entry, errors));
        }
    }
    let params: Vec<&ConstParam> = family.generics.const_params().collect();
    let needed = params
        .iter()
        .filter(|param| param.default.is_none())
        .count();
    if !(needed..=params.len()).contains(&given) {
        errors.push(check::count(family.ident, &ident, &params, given));
        return None;
    }
    let axes: Vec<Vec<Choice<Decided>>> = axes.into_iter().collect::<Option<_>>()?;
    let mut all = vec![Member {
        docs,
        ident,
        values: Vec::new(),
        config: Config::default(),
        input: None,
    }];
    for axis in axes {
        let with = |member: &Member| {
            axis.iter()
                .map(|choice| decided(member, choice))
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    for member in &mut all {
        add_defaults(member, &params);
    }
    Some(all)
}

/// The member with one choice more.
fn decided(member: &Member, choice: &Choice<Decided>) -> Member {
    let mut member = member.clone();
    if !choice.name.is_empty() {
        let (ident, name) = (member.ident.unraw(), &choice.name);
        member.ident = format_ident!("{ident}{name}", span = member.ident.span());
    }
    match &choice.value {
        Decided::Value(value) => member.values.push(value.clone()),
        Decided::Config(config) => member.config.add(config),
        Decided::Input(input) => member.input = Some(input.clone()),
    }
    member
}

/// Values of parameters that the member leaves to the struct's defaults; a default may be an earlier parameter.
fn add_defaults(member: &mut Member, params: &[&ConstParam]) {
    for param in &params[member.values.len()..] {
        let Some(default) = &param.default else {
            return;
        };
        let of_earlier = params.iter().zip(&member.values).find(|(earlier, _)| {
            matches!(default, Expr::Path(path) if path.path.is_ident(&earlier.ident))
        });
        let value = of_earlier.map_or(default, |(_, value)| value).clone();
        member.values.push(value);
    }
}

/// The choices of a key.
fn of_key(entry: &Entry, errors: &mut Errors) -> Option<Vec<Choice<Decided>>> {
    let Some(value) = entry.value.clone().filter(|value| !value.is_empty()) else {
        errors.push(keys::without_value(entry));
        return None;
    };
    let choices = choices(value, errors)?;
    read_each(choices, |value| {
        let entry = Entry {
            key: entry.key,
            ident: entry.ident.clone(),
            value: Some(value),
        };
        if entry.key == Key::Input {
            return values::input(&entry, errors).map(Decided::Input);
        }
        let mut config = Config::default();
        options::shared(&entry, &mut config, errors);
        config.states().then_some(Decided::Config(config))
    })
}

fn read_each<T>(
    choices: Vec<Choice<TokenStream>>,
    mut read: impl FnMut(TokenStream) -> Option<T>,
) -> Option<Vec<Choice<T>>> {
    let read = choices.into_iter().map(|Choice { name, value }| {
        let value = read(value)?;
        Some(Choice { name, value })
    });
    // All are read, so that each is reported.
    let read: Vec<Option<Choice<T>>> = read.collect();
    read.into_iter().collect()
}

/// `[2, Wide: 16]`, or one value.
fn choices(value: TokenStream, errors: &mut Errors) -> Option<Vec<Choice<TokenStream>>> {
    let trees: Vec<TokenTree> = ungrouped(value.clone()).into_iter().collect();
    let inner = match &trees[..] {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Bracket => group.stream(),
        _ => {
            return Some(vec![Choice {
                name: String::new(),
                value,
            }]);
        }
    };
    let parts = parts(inner, |comma| {
        errors.push(check::nothing_between_commas(&comma))
    });
    if parts.is_empty() {
        errors.push(check::empty_list(&value));
        return None;
    }
    let read: Vec<Option<_>> = parts
        .into_iter()
        .map(|part| errors.take(choice(part)))
        .collect();
    read.into_iter().collect()
}

/// `value`, which names itself, or `Name: value`.
fn choice(part: TokenStream) -> syn::Result<Choice<TokenStream>> {
    let trees: Vec<TokenTree> = part.clone().into_iter().collect();
    if let [TokenTree::Ident(name), TokenTree::Punct(colon), value @ ..] = &trees[..]
        && colon.as_char() == ':'
        && colon.spacing() == Spacing::Alone
        && !value.is_empty()
    {
        return Ok(Choice {
            name: name.unraw().to_string(),
            value: value.iter().cloned().collect(),
        });
    }
    let expr = syn::parse2::<Expr>(part.clone()).ok();
    let name = expr.as_ref().and_then(name_of);
    let name = name.ok_or_else(|| check::nameless(&part))?;
    Ok(Choice { name, value: part })
}

/// The digits of a whole number, or a name such as `Flipout`.
fn name_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => Some(int.base10_digits().to_owned()),
        Expr::Path(path) if path.qself.is_none() => {
            let name = path.path.get_ident()?.unraw().to_string();
            let mut letters = name.chars();
            let is_capital = letters.next().is_some_and(char::is_uppercase);
            (is_capital && letters.any(char::is_lowercase)).then_some(name)
        }
        Expr::Group(group) => name_of(&group.expr),
        _ => None,
    }
}

/// A value of a const parameter.
fn parameter(value: TokenStream) -> syn::Result<Expr> {
    let expr = syn::parse2::<Expr>(value.clone()).map_err(|_| check::not_a_value(&value))?;
    if is_value(&expr) {
        Ok(expr)
    } else {
        Err(check::not_a_value(&value))
    }
}

fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) | Expr::Block(_) => true,
        Expr::Unary(unary) => {
            matches!(unary.op, UnOp::Neg(_)) && matches!(&*unary.expr, Expr::Lit(_))
        }
        Expr::Group(group) => is_value(&group.expr),
        _ => false,
    }
}

/// Without the invisible group around what a `macro_rules!` macro passed on.
fn ungrouped(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match &trees[..] {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            ungrouped(group.stream())
        }
        _ => tokens,
    }
}
