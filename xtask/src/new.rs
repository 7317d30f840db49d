//! `cargo xtask new`: a crate that compiles and passes its tests, to be made into what is wanted.
//!
//! A provider begins as the sample that third parties begin with, `crates/testkit/out-of-tree/acme`,
//! under its own name; a plugin as the sample in `xtask/templates/plugin`.

use std::{fs, io, path::Path};

use crate::{
    codegen,
    steps::{cargo, output},
};

const SAMPLE: &str = "crates/testkit/out-of-tree/acme";
const TEMPLATES: &str = "xtask/templates";
const BUILTINS: &str = "crates/builtins/Cargo.toml";

/// A crate to be made.
struct New<'a> {
    /// `provider` or `plugin`.
    what: &'a str,
    /// `my-vendor`.
    name: &'a str,
}

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let [what, name] = arguments else {
        return Err("write `cargo xtask new provider NAME` or `new plugin NAME`".to_owned());
    };
    make(&crate::root(), what, name)?;
    println!("{what}s/{name} is there and in the builds; `cargo test -p ferro-{what}-{name}`.");
    println!(
        "Now make it what it is to be: its description, its wire, its tests, the shared suite"
    );
    println!("in tests/conformance.rs (CONTRIBUTING.md says how). Then");
    println!("`cargo xtask codegen` writes it into the list of the vendors.");
    Ok(())
}

/// Makes the crate in the tree at `root`.
pub(crate) fn make(root: &Path, what: &str, name: &str) -> Result<(), String> {
    let new = New { what, name };
    let is_kebab = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.ends_with('-');
    if !is_kebab {
        return Err(format!("`{name}`: a name is in lower case, with dashes, like `my-vendor`"));
    }
    let templates = root.join(TEMPLATES).join(what);
    let sources = match what {
        "provider" => root.join(SAMPLE).join("src"),
        "plugin" => templates.join("src"),
        other => return Err(format!("`{other}` cannot be made: write `provider` or `plugin`")),
    };
    let folder = root.join(format!("{what}s")).join(name);
    if folder.exists() {
        return Err(format!("{what}s/{name} is there already"));
    }
    let made = new.write(&templates, &sources, &folder).and_then(|()| new.enter(root));
    made.map_err(|error| error.to_string())?;
    codegen::write(root, false)?;
    // A name that is longer than the sample's breaks lines elsewhere.
    let (good, text) = output(cargo(root).args(["fmt", "-p", &format!("ferro-{what}-{name}")]))?;
    if good { Ok(()) } else { Err(text) }
}

impl New<'_> {
    fn write(&self, templates: &Path, sources: &Path, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder.join("src"))?;
        let manifest = fs::read_to_string(templates.join("Cargo.toml.template"))?;
        fs::write(folder.join("Cargo.toml"), self.renamed(&manifest))?;
        for entry in fs::read_dir(sources)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // A provider brings no program of its own.
            if name != "main.rs" {
                let place = folder.join("src").join(name.replace(".template", ""));
                fs::write(place, self.renamed(&fs::read_to_string(&path)?))?;
            }
        }
        Ok(())
    }

    /// The sample's text with this crate's name in each of its spellings.
    fn renamed(&self, text: &str) -> String {
        let Self { what, name } = self;
        let snake = name.replace('-', "_");
        text.replace("acme::", &format!("ferro_{what}_{snake}::"))
            .replace("acme_", &format!("{snake}_"))
            .replace("ACME", &snake.to_uppercase())
            .replace("Acme", &self.pascal())
            .replace("acme", name)
    }

    fn pascal(&self) -> String {
        let words = self.name.split('-').map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            first.to_uppercase() + rest
        });
        words.collect()
    }

    /// Writes the one line that puts it into the builds.
    fn enter(&self, root: &Path) -> io::Result<()> {
        let path = root.join(BUILTINS);
        let text = fs::read_to_string(&path)?;
        let line = format!(
            "ferro-{}-{} = {{ workspace = true, optional = true }}\n",
            self.what, self.name
        );
        let mut out = String::new();
        let (mut is_inside, mut is_entered) = (false, false);
        for old in text.split_inclusive('\n') {
            let is_behind = old.trim().is_empty() || old > line.as_str();
            if is_inside && !is_entered && is_behind {
                out.push_str(&line);
                is_entered = true;
            }
            is_inside = old == "[dependencies]\n" || is_inside && !old.starts_with('[');
            out.push_str(old);
        }
        self.enter_members(root)?;
        fs::write(path, out)
    }

    /// Cargo refuses a glob that matches nothing, so a room enters the workspace with its first crate.
    fn enter_members(&self, root: &Path) -> io::Result<()> {
        let path = root.join("Cargo.toml");
        let text = fs::read_to_string(&path)?;
        let glob = format!("\"{}s/*\"", self.what);
        if text.contains(&glob) {
            return Ok(());
        }
        fs::write(path, text.replacen("\"providers/*\"", &format!("\"providers/*\", {glob}"), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_crate_can_have_is_refused_before_anything_is_written() {
        for name in ["", "My-Vendor", "my_vendor", "9lives", "vendor-"] {
            let error = make(Path::new("nowhere"), "provider", name).unwrap_err();
            assert!(error.contains("lower case"), "{name}: {error}");
        }
        let error = make(Path::new("nowhere"), "strategy", "mine").unwrap_err();
        assert!(error.contains("`provider` or `plugin`"), "{error}");
    }

    #[test]
    fn a_samples_text_gets_the_new_name_in_each_spelling() {
        let new = New { what: "provider", name: "my-vendor" };
        assert_eq!(
            new.renamed("acme::PROVIDERS Acme acme ACME_API_KEY acme_key x-acme-key"),
            "ferro_provider_my_vendor::PROVIDERS MyVendor my-vendor MY_VENDOR_API_KEY my_vendor_key \
             x-my-vendor-key"
        );
    }
}
