//! `cargo xtask new`: a crate that compiles and passes its tests, to be made into what is wanted.
//!
//! A provider begins as the sample that third parties begin with, `crates/testkit/out-of-tree/acme`,
//! under its own name; a plugin as the files in `xtask/templates/plugin`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::codegen;

const SAMPLE: &str = "crates/testkit/out-of-tree/acme";
const PLUGIN: &str = "xtask/templates/plugin";
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
    println!("Now make it what it is to be: its description, its wire, its tests. Then");
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
    let template = match what {
        "provider" => root.join(SAMPLE).join("src"),
        "plugin" => root.join(PLUGIN),
        other => return Err(format!("`{other}` cannot be made: write `provider` or `plugin`")),
    };
    let folder = root.join(format!("{what}s")).join(name);
    if folder.exists() {
        return Err(format!("{what}s/{name} is there already"));
    }
    let made = new.write(&template, &folder).and_then(|()| new.enter(root));
    made.map_err(|error| error.to_string())?;
    codegen::write(root, false).map(|_| ())
}

impl New<'_> {
    fn write(&self, template: &Path, folder: &Path) -> std::io::Result<()> {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), self.manifest())?;
        for entry in fs::read_dir(template)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // A provider brings no program of its own.
            if name != "main.rs" {
                let place: PathBuf = folder.join("src").join(name.replace(".template", ""));
                fs::write(place, self.renamed(&fs::read_to_string(&path)?))?;
            }
        }
        Ok(())
    }

    fn manifest(&self) -> String {
        let Self { what, name } = self;
        let uses: &[&str] = match *what {
            "provider" => &["bytes", "ferro-core", "ferro-wire", "http", "serde", "serde_json"],
            _ => &["async-trait", "ferro-core", "http", "serde"],
        };
        let uses: Vec<_> = uses.iter().map(|name| format!("{name}.workspace = true\n")).collect();
        let uses = uses.concat();
        let tests = if *what == "plugin" {
            "\n[dev-dependencies]\nserde_json.workspace = true\ntokio.workspace = true\n"
        } else {
            ""
        };
        format!(
            "[package]\nname = \"ferro-{what}-{name}\"\ndescription = \"{}\"\n\
             version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
             license.workspace = true\npublish.workspace = true\n\n\
             [package.metadata.ferro]\nfloor = 3\n\n[lints]\nworkspace = true\n\n\
             [dependencies]\n{uses}{tests}",
            self.pascal()
        )
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
    fn enter(&self, root: &Path) -> std::io::Result<()> {
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
    fn enter_members(&self, root: &Path) -> std::io::Result<()> {
        let path = root.join("Cargo.toml");
        let text = fs::read_to_string(&path)?;
        let glob = format!("\"{}s/*\"", self.what);
        if text.contains(&glob) {
            return Ok(());
        }
        fs::write(path, text.replacen("\"providers/*\"", &format!("\"providers/*\", {glob}"), 1))
    }
}
