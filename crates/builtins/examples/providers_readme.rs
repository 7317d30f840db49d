//! Prints the vendors of this build as a page of Markdown: `cargo xtask codegen` writes it to
//! `providers/README.md`.
#![expect(clippy::print_stdout, reason = "it prints the page")]

use ferro_core::{Description, EnvVar, Registry, SurfaceKind, Tried, Way};

fn main() {
    println!("{HEAD}");
    let registry = ferro_builtins::registry();
    let factories = registry.provider_factories().iter();
    let listed: Vec<_> = factories.map(|factory| factory.describe()).collect();
    for description in &listed {
        println!("{}", row(description, registry.tried(description.kind)));
    }
    println!("{SERVED}");
    print_matrix(&registry, &listed);
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

| Kind | Variables (**required**) | API root | Tested |
|---|---|---|---|";

const SERVED: &str = "
## What each serves

`●` it has the surface: its vendor is asked for it, and the suite's laws for the surface hold. `○` it is
served over another surface that the vendor has: completions over chat. `→` what is asked is passed on
as it is. A request that finds nothing here is refused before anybody is asked.
";

/// Surfaces against kinds, with where each surface is asked for.
fn print_matrix(registry: &Registry, listed: &[Description]) {
    let is_served = |surface: &SurfaceKind| listed.iter().any(|kind| kind.way(*surface).is_some());
    let surfaces: Vec<_> = SurfaceKind::ALL.iter().copied().filter(is_served).collect();
    println!("| Surface | Asked for by | Kinds |\n|---|---|---|");
    for surface in &surfaces {
        let ways = || listed.iter().filter_map(|kind| kind.way(*surface));
        let own = ways().filter(|way| *way == Way::Own).count();
        let over = match ways().count() - own {
            0 => String::new(),
            over => format!(" and {over} over another"),
        };
        println!("| {} | {} | {own}{over} |", surface.as_str(), routes(registry, *surface));
    }
    let heads: Vec<_> = surfaces.iter().map(|surface| surface.as_str()).collect();
    println!("\n| Kind | {} |", heads.join(" | "));
    println!("|---|{}", ":-:|".repeat(surfaces.len()));
    for kind in listed {
        let marks: Vec<_> = surfaces.iter().map(|surface| mark(kind, *surface)).collect();
        println!("| `{}` | {} |", kind.kind, marks.join(" | "));
    }
}

/// The paths of a surface, in every dialect.
fn routes(registry: &Registry, surface: SurfaceKind) -> String {
    let all = registry.ingresses().iter().flat_map(|ingress| ingress.routes);
    let mut paths: Vec<_> =
        all.filter(|route| route.surface == surface).map(|it| it.path).collect();
    paths.dedup();
    let paths: Vec<_> = paths.into_iter().map(|path| format!("`{path}`")).collect();
    let passed = " that no other surface has: files, batches, ids of responses, and the rest";
    format!("{}{}", paths.join(", "), if surface == SurfaceKind::Forward { passed } else { "" })
}

fn mark(kind: &Description, surface: SurfaceKind) -> &'static str {
    match kind.way(surface) {
        Some(Way::Own) if surface == SurfaceKind::Forward => "→",
        Some(Way::Own) => "●",
        Some(Way::Over(_)) => "○",
        None => "",
    }
}

fn row(description: &Description, tried: Option<&Tried>) -> String {
    let variables: Vec<_> = description.env.iter().map(variable).collect();
    let base = match description.base_url {
        "" => "`base_url` of the target".to_owned(),
        url => format!("`{url}`"),
    };
    let (kind, variables) = (description.kind, variables.join(", "));
    let tried = tried.map(tested).unwrap_or_default();
    format!("| `{kind}` | {variables} | {base} | {tried} |")
}

fn tested(tried: &Tried) -> String {
    let counts = format!("{}+{}", tried.own.total(), tried.shared.total());
    [&[counts.as_str()], tried.oracles].concat().join(", ")
}

fn variable(variable: &EnvVar) -> String {
    let EnvVar { name, meaning, required } = variable;
    if *required { format!("**`{name}`** ({meaning})") } else { format!("`{name}` ({meaning})") }
}
