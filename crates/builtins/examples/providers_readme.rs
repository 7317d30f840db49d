//! Prints the vendors of this build as a page of Markdown: `cargo xtask codegen` writes it to
//! `providers/README.md`.
#![expect(clippy::print_stdout, reason = "it prints the page")]

use ferro_core::{Description, EnvVar, Tried};

fn main() {
    println!("{HEAD}");
    let registry = ferro_builtins::registry();
    for factory in registry.provider_factories() {
        let description = factory.describe();
        println!("{}", row(&description, registry.tried(description.kind)));
    }
}

const HEAD: &str = "\
# Providers

Every kind of provider that a full build knows. A target selects one by `provider:` (or by its
`virtual_key`, where it is the same word). Without a configuration file, every kind whose required
variables are set becomes a target, in this order.

Written by `cargo xtask codegen` from what the factories say of themselves, and from their tests.
*Tested* counts what vendors answer, kept in files: those of the kind alone, and behind the plus those
that it shares with the other kinds of its crate; and it names the vendor's own library where that
judges what is sent. `ferrogw providers KIND` says where they come from.

| Kind | Variables (**required**) | API root | Serves | Tested |
|---|---|---|---|---|";

fn row(description: &Description, tried: Option<&Tried>) -> String {
    let variables: Vec<_> = description.env.iter().map(variable).collect();
    let base = match description.base_url {
        "" => "`base_url` of the target".to_owned(),
        url => format!("`{url}`"),
    };
    let surfaces: Vec<_> = description.surfaces.iter().map(|s| s.as_str()).collect();
    let kind = description.kind;
    let (variables, surfaces) = (variables.join(", "), surfaces.join(", "));
    let tried = tried.map(tested).unwrap_or_default();
    format!("| `{kind}` | {variables} | {base} | {surfaces} | {tried} |")
}

fn tested(tried: &Tried) -> String {
    let counts = format!("{}+{}", tried.own.total(), tried.shared.total());
    [&[counts.as_str()], tried.oracles].concat().join(", ")
}

fn variable(variable: &EnvVar) -> String {
    let EnvVar { name, meaning, required } = variable;
    if *required { format!("**`{name}`** ({meaning})") } else { format!("`{name}` ({meaning})") }
}
