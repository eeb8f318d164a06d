//! Tokens of annotated items for tests, and what random mistakes make of them.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;

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

/// Deletes, duplicates or swaps one token tree, at any depth.
pub fn mutate(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    if trees.is_empty() {
        return TokenStream::new();
    }
    let (i, j) = (random.below(trees.len()), random.below(trees.len()));
    match (&trees[i], random.below(6)) {
        (TokenTree::Group(group), 1..) => {
            let inner = mutate(group.stream(), random);
            trees[i] = Group::new(group.delimiter(), inner).into();
        }
        (_, 0 | 1) => drop(trees.remove(i)),
        (_, 2 | 3) => trees.insert(j, trees[i].clone()),
        _ => trees.swap(i, j),
    }
    trees.into_iter().collect()
}
