//! Tokens of annotated items for tests, what random mistakes make of them, and what the macro makes of those.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{File, Item};

use super::{Annotated, Failure, PassFailure, analyse_after_cfg, annotated};
use crate::expand::{
    expand, expand_beside, expand_deferred, expand_failed, expand_failed_pass, expand_pass,
};
use crate::model::{Model, Pass};

pub fn tokens(source: &str) -> TokenStream {
    source.parse().expect("test sources are Rust tokens")
}

/// `#[bayesian(attr)] item` in two, as the compiler hands it over, with positions in one source.
pub fn split(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut tokens = tokens.into_iter();
    let attribute = tokens.nth(1).map(TokenTree::into_token_stream);
    let group = |tokens: TokenStream| {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        })
    };
    let attr = attribute.and_then(group).and_then(group);
    (attr.unwrap_or_default(), tokens.collect())
}

/// SplitMix64 (Steele, Lea and Flood, 2014), reduced to `0..bound`.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

/// What a mistake may put anywhere.
const STRAY: &str = "value skip prior = , : ; . -1 0 1e9 \"x\" 'a' 'a ! & < > :: # E D L Spec Dtype Device cfg cfg_attr \
                     bayes bayesian forward self Self r#in const where struct impl fn dyn () (A) [B; 3] { x }";

/// Deletes, duplicates, swaps or puts in one token tree, at any depth.
pub fn mutate(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    if trees.is_empty() {
        return TokenStream::new();
    }
    let (i, j) = (random.below(trees.len()), random.below(trees.len()));
    match (&trees[i], random.below(8)) {
        (TokenTree::Group(group), 2..) => {
            let inner = mutate(group.stream(), random);
            trees[i] = Group::new(group.delimiter(), inner).into();
        }
        (_, 0 | 1) => drop(trees.remove(i)),
        (_, 2 | 3) => trees.insert(j, trees[i].clone()),
        (_, 4 | 5) => trees.insert(j, stray(random)),
        _ => trees.swap(i, j),
    }
    trees.into_iter().collect()
}

fn stray(random: &mut Random) -> TokenTree {
    thread_local!(static TREES: Vec<TokenTree> = tokens(STRAY).into_iter().collect());
    TREES.with(|trees| trees[random.below(trees.len())].clone())
}

/// How often the macro accepted and refused.
#[derive(Debug, Default)]
pub struct Seen {
    pub accepted: usize,
    pub refused: usize,
}

/// Mutates each of the sources in turn, `rounds` times in all, and expands what comes of it: nothing panics, what is
/// written is a file of Rust, and each refusal says something.
pub fn survive(sources: &[&str], rounds: usize, seed: u64) -> Seen {
    let (mut random, mut seen) = (Random(seed), Seen::default());
    let sources: Vec<_> = sources.iter().map(|source| split(tokens(source))).collect();
    for round in 0..rounds {
        let (mut attr, mut item) = sources[round % sources.len()].clone();
        // Mostly one mistake: of several one hides the others.
        for _ in 0..=random.below(8) / 6 {
            match random.below(3) {
                0 => attr = mutate(attr, &mut random),
                _ => item = mutate(item, &mut random),
            }
        }
        let written = match analysed(attr.clone(), item.clone()) {
            Analysed::Accepted(expand) => {
                seen.accepted += 1;
                expand()
            }
            Analysed::Refused(errors, expand) => {
                let mut errors = errors.into_iter();
                assert!(errors.all(|error| !error.to_string().is_empty()));
                seen.refused += 1;
                // What is written beside errors is much the same each time.
                if seen.refused % 256 > 0 {
                    continue;
                }
                expand()
            }
        };
        if let Err(error) = syn::parse2::<File>(written) {
            panic!("{error}, where the macro expands\n({attr}) {item}");
        }
    }
    seen
}

type Expand = Box<dyn FnOnce() -> TokenStream>;

/// What the macro makes of its tokens: what the user is told, and what is written.
enum Analysed {
    Accepted(Expand),
    Refused(syn::Error, Expand),
}

/// As the macro itself goes about it.
fn analysed(attr: TokenStream, item: TokenStream) -> Analysed {
    let deferred = match annotated(attr, item) {
        Annotated::Pass(result) => return of_block(*result),
        Annotated::Model(result) => return of_struct(*result, expand),
        Annotated::Deferred(deferred) => expand_deferred(&deferred),
    };
    let Ok(Item::Struct(mut item)) = syn::parse2(deferred.clone()) else {
        panic!("a derive needs its struct, found {deferred}");
    };
    item.attrs
        .retain(|attribute| !attribute.path().is_ident("derive"));
    of_struct(analyse_after_cfg(item.into_token_stream()), expand_beside)
}

fn of_struct(result: Result<Model, Failure>, expand: fn(&Model) -> TokenStream) -> Analysed {
    match result {
        Ok(model) => Analysed::Accepted(Box::new(move || expand(&model))),
        Err(failure) => {
            let errors = failure.errors.clone();
            Analysed::Refused(errors, Box::new(|| expand_failed(failure)))
        }
    }
}

fn of_block(result: Result<Pass, PassFailure>) -> Analysed {
    match result {
        Ok(pass) => Analysed::Accepted(Box::new(move || expand_pass(&pass))),
        Err(failure) => {
            let errors = failure.errors.clone();
            Analysed::Refused(errors, Box::new(|| expand_failed_pass(failure)))
        }
    }
}
