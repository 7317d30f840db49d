//! Which kind of provider each source's vendors are: `crates/catalog/data/kinds.tsv`.

use super::genai::Provider;

/// A kind of provider, and what the sources call it.
pub(crate) struct Kind {
    pub(crate) name: String,
    /// Files of `portkey-pricing`.
    pub(crate) pricing: Vec<String>,
    /// Files of `portkey-general`.
    pub(crate) general: Vec<String>,
    /// Providers of `genai-prices.json`; `NAME_*` are vendors behind one router.
    pub(crate) genai: Vec<String>,
    /// How its ids begin in the last of these; others are not its own.
    only: Vec<String>,
}

impl Kind {
    /// Reads the table.
    pub(crate) fn read(text: &str) -> Result<Vec<Self>, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(Self::parse).collect()
    }

    fn parse(line: &str) -> Result<Self, String> {
        let columns: Vec<_> = line.split('\t').collect();
        let &[name, pricing, general, genai, only] = columns.as_slice() else {
            return Err(format!("kinds.tsv: `{line}` has not five columns"));
        };
        let words = |text: &str| -> Vec<String> {
            let words = text.split(',').filter(|word| *word != "-");
            words.map(str::to_owned).collect()
        };
        Ok(Self {
            name: name.to_owned(),
            pricing: words(pricing),
            general: words(general),
            genai: words(genai),
            only: words(only),
        })
    }

    /// Whether a provider of the collection of rules is of this kind.
    pub(crate) fn is(&self, provider: &Provider) -> bool {
        self.genai.iter().any(|name| match name.strip_suffix('*') {
            Some(start) => provider.id.starts_with(start),
            None => provider.id == *name,
        })
    }

    /// The id that a provider's id has here: behind a router, with the vendor behind it.
    pub(crate) fn id_of(&self, provider: &Provider, id: &str) -> Option<String> {
        let is_own = self.only.is_empty() || self.only.iter().any(|start| id.starts_with(start));
        is_own.then(|| match self.vendor(provider) {
            Some(vendor) => format!("{id}:{vendor}"),
            None => id.to_owned(),
        })
    }

    /// The id that one from here has at a provider.
    pub(crate) fn own_id(&self, provider: &Provider, id: &str) -> Option<String> {
        match self.vendor(provider) {
            Some(vendor) => {
                let (id, of) = id.rsplit_once(':')?;
                (of == vendor).then(|| id.to_owned())
            }
            None => Some(id.to_owned()),
        }
    }

    fn vendor<'a>(&self, provider: &'a Provider) -> Option<&'a str> {
        let mut starts = self.genai.iter().filter_map(|name| name.strip_suffix('*'));
        starts.find_map(|start| provider.id.strip_prefix(start))
    }
}
