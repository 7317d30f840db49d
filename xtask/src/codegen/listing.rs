//! The listing of a build, as source.

use std::fmt::Write;

use super::{Listed, evidence, feature, ident};
use crate::manifest::Crate;

/// `crates/builtins/src/listing.rs`.
pub(super) fn render(listed: &Listed<'_>) -> String {
    let mut out = String::from(
        "//! The crates that this build was made with. Written by `cargo xtask codegen`.\n\n",
    );
    let has = |crates: &[&Crate], name| if crates.is_empty() { "" } else { name };
    let plugins = has(&listed.plugins, "PluginFactory, ");
    let vocabularies = has(&listed.vocabularies, ", Vocabulary");
    let _ = writeln!(
        out,
        "use ferro_core::{{Evidence, Ingress, {plugins}ProviderFactory, Registry{vocabularies}}};\n"
    );
    let dialects =
        listed.dialects.iter().map(|member| format!("    &{}::INGRESS,\n", ident(member)));
    slice(&mut out, "INGRESSES: &[&Ingress]", dialects);
    let providers = listed.providers.iter().map(|member| tried(member));
    slice(&mut out, "PROVIDERS: &[(&[&dyn ProviderFactory], &Evidence)]", providers);
    if !listed.plugins.is_empty() {
        let plugins = listed.plugins.iter().map(|member| entry(member, "PLUGINS"));
        slice(&mut out, "PLUGINS: &[&[&dyn PluginFactory]]", plugins);
    }
    if !listed.vocabularies.is_empty() {
        let all = listed.vocabularies.iter().map(|member| entry(member, "VOCABULARIES"));
        slice(&mut out, "VOCABULARIES: &[&[&Vocabulary]]", all);
    }
    out.push_str(
        "/// Every provider, plugin and dialect of this build.\npub fn registry() -> Registry {\n    \
         let registry = Registry::new();\n    \
         let registry = INGRESSES.iter().fold(registry, |all, one| all.ingress(one));\n",
    );
    let mut steps =
        vec!["PROVIDERS.iter().fold(registry, |all, (some, by)| all.tried_providers(some, by))"];
    if !listed.plugins.is_empty() {
        steps.push("PLUGINS.iter().fold(registry, |all, some| all.plugins(some))");
    }
    if !listed.vocabularies.is_empty() {
        steps.push("VOCABULARIES.iter().fold(registry, |all, some| all.vocabularies(some))");
    }
    let last = steps.pop().unwrap_or_default();
    for step in steps {
        let _ = writeln!(out, "    let registry = {step};");
    }
    let _ = writeln!(out, "    {last}\n}}");
    out
}

fn tried(member: &Crate) -> String {
    let (feature, crate_, by) = (feature(member), ident(member), evidence::ident(member));
    format!(
        "    #[cfg(feature = \"{feature}\")]\n    ({crate_}::PROVIDERS, &crate::evidence::{by}),\n"
    )
}

fn entry(member: &Crate, slice: &str) -> String {
    format!("    #[cfg(feature = \"{}\")]\n    {}::{slice},\n", feature(member), ident(member))
}

/// A static slice, laid out as rustfmt would lay it out.
fn slice(out: &mut String, head: &str, entries: impl Iterator<Item = String>) {
    const WIDTH: usize = 100;
    let entries = entries.collect::<Vec<_>>().concat();
    let words: Vec<_> = entries.lines().map(str::trim).collect();
    let words = words.join(" ");
    let list = format!("&[{}];", words.trim_end_matches(','));
    let forms = [format!("static {head} = {list}"), format!("static {head} =\n    {list}")];
    let fits = |form: &String| form.lines().all(|line| line.len() <= WIDTH);
    let line = forms.into_iter().find(|form| fits(form) && !entries.contains('#'));
    let line = line.unwrap_or_else(|| format!("static {head} = &[\n{entries}];"));
    out.push_str(&line);
    out.push_str("\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, name: &str) -> Crate {
        let manifest = format!("[package]\nname = \"{name}\"\n");
        Crate::parse(&format!("{folder}/Cargo.toml"), &manifest)
    }

    #[test]
    fn what_is_listed_stands_behind_its_feature() {
        let dialects = [
            member("crates/dialect-a", "ferro-dialect-a"),
            member("crates/dialect-b", "ferro-dialect-b"),
        ];
        let vendor = member("providers/acme", "ferro-provider-acme");
        let policy = member("plugins/calm", "ferro-plugin-calm");
        let counter = member("crates/counter", "ferro-counter");
        let listed = Listed {
            dialects: dialects.iter().collect(),
            providers: vec![&vendor],
            plugins: vec![&policy],
            vocabularies: vec![&counter],
        };
        let text = render(&listed);
        for part in [
            "&[&ferro_dialect_a::INGRESS, &ferro_dialect_b::INGRESS];\n",
            "&[\n    #[cfg(feature = \"acme\")]\n    (ferro_provider_acme::PROVIDERS, &crate::evidence::ACME),\n];\n",
            "&[\n    #[cfg(feature = \"calm\")]\n    ferro_plugin_calm::PLUGINS,\n];\n",
            "&[\n    #[cfg(feature = \"counter\")]\n    ferro_counter::VOCABULARIES,\n];\n",
            "let registry = PLUGINS.iter().fold(registry, |all, some| all.plugins(some));\n",
            "VOCABULARIES.iter().fold(registry, |all, some| all.vocabularies(some))\n}\n",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        syn::parse_file(&text).unwrap();
    }
}
