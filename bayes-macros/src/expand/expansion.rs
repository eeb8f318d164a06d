//! Compares whole expansions with the files that the workspace's tests compile and run. `BLESS=1` writes them anew.

use super::{expand, expand_pass};
use crate::parse::{analyse, analyse_pass};
use proc_macro2::TokenStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use syn::{Attribute, File, Item, ItemImpl, ItemStruct, Meta, parse_quote};

fn file(folder: &str, name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/macro");
    tests.join(folder).join(name).with_extension("rs")
}

fn read(path: &Path) -> File {
    let named = |error: String| format!("{}: {error}", path.display());
    let source = std::fs::read_to_string(path)
        .map_err(|error| named(error.to_string()))
        .unwrap();
    syn::parse_file(&source)
        .map_err(|error| named(error.to_string()))
        .unwrap()
}

/// The source with its annotated struct, and its forward pass, expanded.
fn expanded(source: File) -> File {
    let items = source.items.into_iter().flat_map(|item| match item {
        Item::Struct(item) => expanded_struct(item),
        Item::Impl(block) => expanded_impl(block),
        other => vec![other],
    });
    File {
        shebang: None,
        attrs: vec![parse_quote! {
            #![doc = " What `#[bayesian]` writes for the struct of this name in `sources/`."]
        }],
        items: items.collect(),
    }
}

fn expanded_struct(mut item: ItemStruct) -> Vec<Item> {
    let keys = keys(&mut item.attrs);
    let model = analyse(keys, item);
    let model = model.unwrap_or_else(|failure| panic!("{}", failure.errors));
    let file: File = syn::parse2(expand(&model)).unwrap();
    file.items
}

fn expanded_impl(mut block: ItemImpl) -> Vec<Item> {
    let keys = keys(&mut block.attrs);
    let pass = analyse_pass(keys, block);
    let pass = pass.unwrap_or_else(|failure| panic!("{}", failure.errors));
    let file: File = syn::parse2(expand_pass(&pass)).unwrap();
    file.items
}

/// Takes our attribute, and gives what stands in its parentheses.
fn keys(attributes: &mut Vec<Attribute>) -> TokenStream {
    let is_ours = |attribute: &mut Attribute| attribute.path().is_ident("bayesian");
    let attribute = attributes.extract_if(.., is_ours).next();
    match attribute.map(|attribute| attribute.meta) {
        Some(Meta::List(list)) => list.tokens,
        _ => TokenStream::new(),
    }
}

fn bless(path: &Path, expansion: &str) {
    std::fs::write(path, expansion).unwrap();
    let formatted = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .arg(path)
        .status()
        .unwrap();
    assert!(formatted.success());
}

/// The lines of `got` that are not where `want` has them, from the first on.
fn first_difference(got: &str, want: &str) -> Option<String> {
    let (mut got, mut want) = (got.lines(), want.lines());
    loop {
        match (got.next(), want.next()) {
            (None, None) => return None,
            (got, want) if got == want => {}
            (got, want) => return Some(format!("expected {want:?}, the macro writes {got:?}")),
        }
    }
}

fn compare(name: &str) {
    let expansion = prettyplease::unparse(&expanded(read(&file("sources", name))));
    let path = file("expansions", name);
    if std::env::var_os("BLESS").is_some() {
        bless(&path, &expansion);
    }
    // Both in one format: how a file is laid out says nothing.
    let committed = prettyplease::unparse(&read(&path));
    if let Some(difference) = first_difference(&expansion, &committed) {
        panic!("{}: {difference}", path.display());
    }
}

#[test]
fn sources_expand_as_written() {
    for name in [
        "block", "family", "forecast", "lenet", "modules", "nested", "residual", "small",
    ] {
        compare(name);
    }
}
