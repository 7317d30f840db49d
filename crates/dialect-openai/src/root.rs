//! Where a vendor lives: an API root from what an operator typed, in every form that is in use.

use ferro_core::{BuildContext, BuildError, Origin};

use crate::{Base, Env, Vendor};

/// Endpoints that people paste where a server is asked for.
const ENDPOINTS: [&str; 3] = ["/chat/completions", "/embeddings", "/models"];

impl Vendor {
    /// The API root, without a trailing slash: the target's own, the environment's, or the default.
    ///
    /// # Errors
    ///
    /// Names the variable or the setting that is missing, or what is wrong with the URL.
    pub fn api_root(&self, cx: &BuildContext<'_>) -> Result<String, BuildError> {
        let root = match self.place(cx) {
            Some(url) => self.complete(&url)?,
            None if self.base_url.is_empty() => return Err(self.homeless()),
            None => self.base_url.to_owned(),
        };
        self.with_account(root, cx)
    }

    /// Where an operator says that it is.
    pub(crate) fn place(&self, cx: &BuildContext<'_>) -> Option<String> {
        let from_env = self.env.iter().find_map(|env| match env {
            Env::BaseUrl(name) | Env::Host(name) => cx.var(name),
            _ => None,
        });
        cx.base_url.map(str::to_owned).or(from_env)
    }

    fn homeless(&self) -> BuildError {
        let variable = self.env.iter().find_map(|env| match env {
            Env::BaseUrl(name) | Env::Host(name) => Some(*name),
            _ => None,
        });
        match variable {
            Some(name) => self.missing(name, "base_url"),
            None => BuildError::new(format!("a target of kind `{}` needs a `base_url`", self.kind)),
        }
    }

    fn with_account(&self, root: String, cx: &BuildContext<'_>) -> Result<String, BuildError> {
        let variable = self.env.iter().find_map(|env| match env {
            Env::Account(name) => Some(*name),
            _ => None,
        });
        let (Some(name), true) = (variable, root.contains("{account}")) else { return Ok(root) };
        let account = cx.var(name).ok_or_else(|| self.missing(name, "base_url"))?;
        let is_segment = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !account.chars().all(is_segment) {
            let message = format!("{name} is `{account}`, which is not an account's id");
            return Err(BuildError::new(message));
        }
        Ok(root.replace("{account}", &account))
    }

    fn complete(&self, url: &str) -> Result<String, BuildError> {
        let url = url.trim();
        match self.base {
            Base::Root => self.versioned(url),
            Base::Server { scheme, port, path } => {
                let url = if url.contains("://") {
                    url.to_owned()
                } else {
                    format!("{scheme}://{}", with_port(url, port))
                };
                check(&url)?;
                let url = reachable(&url);
                let mut server = url.trim_end_matches('/');
                for end in ENDPOINTS {
                    server = server.strip_suffix(end).unwrap_or(server);
                }
                Ok(format!("{}{path}", server.strip_suffix(path).unwrap_or(server)))
            }
        }
    }

    fn versioned(&self, url: &str) -> Result<String, BuildError> {
        let path = check(url)?;
        let url = url.trim_end_matches('/');
        let (Ok((_, default)), Some((_, version))) =
            (Origin::split(self.base_url), self.base_url.rsplit_once('/'))
        else {
            return Ok(url.to_owned());
        };
        let is_version = version.strip_prefix('v').is_some_and(|v| v.starts_with(is_digit));
        let unversioned = default.strip_suffix(version).unwrap_or(&default).trim_end_matches('/');
        if is_version && (path.is_empty() || path == unversioned) {
            return Ok(format!("{url}/{version}"));
        }
        Ok(url.to_owned())
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The path of a URL that can be a base.
fn check(url: &str) -> Result<String, BuildError> {
    Origin::split(url).map(|(_, path)| path).map_err(|error| BuildError::new(error.to_string()))
}

/// Servers read the same variable for where to listen. Who listens everywhere is found at home.
fn reachable(url: &str) -> String {
    url.replacen("://0.0.0.0", "://127.0.0.1", 1).replacen("://[::]", "://[::1]", 1)
}

/// A host's name, then its port if it has none.
fn with_port(name: &str, port: Option<u16>) -> String {
    let (host, path) = name.split_at(name.find('/').unwrap_or(name.len()));
    let after_address = &host[host.rfind(']').map_or(0, |end| end + 1)..];
    match port {
        Some(port) if !after_address.contains(':') => format!("{host}:{port}{path}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(base_url: &'static str) -> Vendor {
        Vendor { base_url, ..Vendor::OPENAI_SHAPED }
    }

    #[test]
    fn both_forms_of_a_base_url_lead_to_the_same_place() {
        let groq = at("https://api.groq.com/openai/v1");
        for (url, root) in [
            ("https://api.groq.com/openai", "https://api.groq.com/openai/v1"),
            ("https://api.groq.com/openai/v1/", "https://api.groq.com/openai/v1"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/v1"),
            ("http://127.0.0.1:9/", "http://127.0.0.1:9/v1"),
            ("http://127.0.0.1:9/openai", "http://127.0.0.1:9/openai/v1"),
            ("http://127.0.0.1:9/openai/v1", "http://127.0.0.1:9/openai/v1"),
            ("http://proxy/groq", "http://proxy/groq"),
            (" http://me:pass@proxy ", "http://me:pass@proxy/v1"),
        ] {
            assert_eq!(groq.complete(url).unwrap(), root, "{url}");
        }
        let openai = at("https://api.openai.com/v1");
        assert_eq!(openai.complete("https://h").unwrap(), "https://h/v1");
        assert_eq!(openai.complete("https://h/v1").unwrap(), "https://h/v1");
        assert_eq!(openai.complete("https://h/v1beta").unwrap(), "https://h/v1beta");
    }

    #[test]
    fn a_default_root_without_a_version_gives_none() {
        let perplexity = at("https://api.perplexity.ai");
        assert_eq!(perplexity.complete("http://h").unwrap(), "http://h");
        let deepinfra = at("https://api.deepinfra.com/v1/openai");
        assert_eq!(deepinfra.complete("http://h").unwrap(), "http://h");
        assert_eq!(at("").complete("http://h/").unwrap(), "http://h");
    }

    #[test]
    fn a_query_a_fragment_and_a_missing_scheme_are_refused() {
        let openai = at("https://api.openai.com/v1");
        for url in ["https://h?x=1", "https://h/v1?x", "https://h#f", "https://h/v1#f", "h/v1", ""]
        {
            assert!(openai.complete(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_server_may_be_written_in_many_ways() {
        let base = Base::Server { scheme: "http", port: Some(11434), path: "/v1" };
        let ollama = Vendor { base, ..Vendor::OPENAI_SHAPED };
        for (url, root) in [
            ("localhost", "http://localhost:11434/v1"),
            ("127.0.0.1:1", "http://127.0.0.1:1/v1"),
            ("[::1]", "http://[::1]:11434/v1"),
            ("0.0.0.0", "http://127.0.0.1:11434/v1"),
            ("http://[::]:5", "http://[::1]:5/v1"),
            ("http://h:2/", "http://h:2/v1"),
            ("https://h/v1", "https://h/v1"),
            ("https://h/v1/chat/completions", "https://h/v1"),
            ("https://h/ollama", "https://h/ollama/v1"),
        ] {
            assert_eq!(ollama.complete(url).unwrap(), root, "{url}");
        }
        let path = "/serving-endpoints";
        let databricks = Vendor {
            base: Base::Server { scheme: "https", port: None, path },
            ..Vendor::OPENAI_SHAPED
        };
        for end in ["", "/", "/serving-endpoints", "/serving-endpoints/chat/completions"] {
            let root = databricks.complete(&format!("adb-1.cloud.example{end}")).unwrap();
            assert_eq!(root, "https://adb-1.cloud.example/serving-endpoints", "{end}");
        }
    }
}
