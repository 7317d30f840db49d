//! The listing of a build, as source.

use std::fmt::Write;

use super::{Listed, feature, ident};
use crate::manifest::Crate;

/// `crates/builtins/src/listing.rs`.
pub(super) fn render(listed: &Listed<'_>) -> String {
    let mut out = String::from(
        "//! The crates that this build was made with. Written by `cargo xtask codegen`.\n\n",
    );
    let plugins = if listed.plugins.is_empty() { "" } else { "PluginFactory, " };
    let _ = writeln!(out, "use ferro_core::{{Ingress, {plugins}ProviderFactory, Registry}};\n");
    let dialects =
        listed.dialects.iter().map(|member| format!("    &{}::INGRESS,\n", ident(member)));
    slice(&mut out, "INGRESSES: &[&Ingress]", dialects);
    let providers = listed.providers.iter().map(|member| entry(member, "PROVIDERS"));
    slice(&mut out, "PROVIDERS: &[&[&dyn ProviderFactory]]", providers);
    if !listed.plugins.is_empty() {
        let plugins = listed.plugins.iter().map(|member| entry(member, "PLUGINS"));
        slice(&mut out, "PLUGINS: &[&[&dyn PluginFactory]]", plugins);
    }
    out.push_str(
        "/// Every provider, plugin and dialect of this build.\npub fn registry() -> Registry {\n    \
         let registry = Registry::new();\n    \
         let registry = INGRESSES.iter().fold(registry, |all, one| all.ingress(one));\n",
    );
    let fold = |slice: &str, method: &str| {
        format!("{slice}.iter().fold(registry, |all, some| all.{method}(some))")
    };
    let providers = fold("PROVIDERS", "providers");
    if listed.plugins.is_empty() {
        let _ = writeln!(out, "    {providers}\n}}");
    } else {
        let _ = writeln!(out, "    let registry = {providers};");
        let _ = writeln!(out, "    {}\n}}", fold("PLUGINS", "plugins"));
    }
    out
}

fn entry(member: &Crate, slice: &str) -> String {
    format!("    #[cfg(feature = \"{}\")]\n    {}::{slice},\n", feature(member), ident(member))
}

fn slice(out: &mut String, head: &str, entries: impl Iterator<Item = String>) {
    let entries: Vec<_> = entries.collect();
    // As rustfmt would write it.
    match &entries[..] {
        [] => {
            let _ = writeln!(out, "static {head} = &[];\n");
        }
        [one] if one.lines().count() == 1 => {
            let one = one.trim().trim_end_matches(',');
            let _ = writeln!(out, "static {head} = &[{one}];\n");
        }
        _ => {
            let _ = writeln!(out, "static {head} = &[\n{}];\n", entries.concat());
        }
    }
}
