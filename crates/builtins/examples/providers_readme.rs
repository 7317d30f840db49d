//! Prints the vendors of this build as a page of Markdown: `cargo xtask codegen` writes it to
//! `providers/README.md`.
#![expect(clippy::print_stdout, reason = "it prints the page")]

use ferro_core::{Description, EnvVar};

fn main() {
    println!("{HEAD}");
    let registry = ferro_builtins::registry();
    for factory in registry.provider_factories() {
        println!("{}", row(&factory.describe()));
    }
}

const HEAD: &str = "\
# Providers

Every kind of provider that a full build knows. A target selects one by `provider:` (or by its
`virtual_key`, where it is the same word). Without a configuration file, every kind whose required
variables are set becomes a target, in this order.

Written by `cargo xtask codegen` from what the factories say of themselves.

| Kind | Variables (**required**) | API root | Serves |
|---|---|---|---|";

fn row(description: &Description) -> String {
    let variables: Vec<_> = description.env.iter().map(variable).collect();
    let base = match description.base_url {
        "" => "`base_url` of the target".to_owned(),
        url => format!("`{url}`"),
    };
    let surfaces: Vec<_> = description.surfaces.iter().map(|s| s.as_str()).collect();
    let kind = description.kind;
    format!("| `{kind}` | {} | {base} | {} |", variables.join(", "), surfaces.join(", "))
}

fn variable(variable: &EnvVar) -> String {
    let EnvVar { name, meaning, required } = variable;
    if *required { format!("**`{name}`** ({meaning})") } else { format!("`{name}` ({meaning})") }
}
