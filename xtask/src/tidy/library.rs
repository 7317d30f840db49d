//! Every method of the library is used by a program that stands outside the workspace.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{ExprMethodCall, ExprPath, ImplItem, Item, Visibility, visit::Visit};

use crate::{finding::Finding, source::Source, tree::Tree};

/// Where the library's methods are written.
const LIBRARY: &[&str] = &[
    "crates/gateway/src/build.rs",
    "crates/gateway/src/call.rs",
    "crates/gateway/src/discovery.rs",
    "crates/gateway/src/gateway.rs",
];
/// The program that uses them.
const PROGRAM: &str = "crates/testkit/out-of-tree/embed/src/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut calls = Calls::default();
    let program = tree.sources().iter().filter(|source| source.path.starts_with(PROGRAM));
    for file in program.filter_map(|source| source.items.as_ref()) {
        calls.visit_file(file);
    }
    let library = LIBRARY.iter().filter_map(|path| tree.source(path));
    library
        .flat_map(|source| {
            methods(source).into_iter().map(move |(name, line)| (source, name, line))
        })
        .filter(|(_, name, _)| !calls.names.contains(name))
        .map(|(source, name, line)| {
            let message = format!("`{name}` is used nowhere in {PROGRAM}: use it there");
            Finding::new(&source.path, line, message)
        })
        .collect()
}

/// Public methods, with their lines.
fn methods(source: &Source) -> Vec<(String, usize)> {
    let items = source.items.iter().flat_map(|file| &file.items);
    let blocks = items.filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    });
    let methods = blocks.flat_map(|block| &block.items).filter_map(|item| match item {
        ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => Some(&method.sig),
        _ => None,
    });
    methods.map(|sig| (sig.ident.to_string(), sig.ident.span().start().line)).collect()
}

#[derive(Default)]
struct Calls {
    names: BTreeSet<String>,
}

impl Calls {
    /// A name in front of parentheses is a call.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut name = None;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => name = Some(ident.to_string()),
                TokenTree::Group(group) => {
                    if group.delimiter() == Delimiter::Parenthesis {
                        self.names.extend(name.take());
                    }
                    self.tokens(group.stream());
                    name = None;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => name = None,
            }
        }
    }
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.names.insert(call.method.to_string());
        syn::visit::visit_expr_method_call(self, call);
    }

    /// What stands in a macro (most often in an assertion) is tokens and not yet expressions.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.names.extend(path.path.segments.last().map(|segment| segment.ident.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_no_program_uses_is_found() {
        let library = "//! A.\nimpl Gateway {\n    pub fn builder() {}\n    pub async fn chat(&self) {}\n\
                       pub(crate) fn inner(&self) {}\n    pub fn reload(&self) {}\n}\n\
                       impl Drop for Gateway {\n    fn drop(&mut self) {}\n}\n";
        let program = "//! A.\nfn main() {\n    let g = Gateway::builder();\n    assert!(!(g.chat().is_ok()));\n}\n";
        let tree = Tree::of(&[
            ("crates/gateway/src/gateway.rs", library),
            ("crates/testkit/out-of-tree/embed/src/main.rs", program),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("crates/gateway/src/gateway.rs:6: `reload`"));
    }
}
