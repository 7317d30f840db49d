//! Which variables of the environment a configuration refers to, and where.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    Config, McpServer, SecretRef, Target, Unresolved, UrlRef,
    paths::{at, join},
    reference::{Piece, pieces},
};

impl Config {
    /// Every `${VARIABLE}` that it holds where one is replaced, with its path, in the order of the
    /// schema: each as the error that it is where the variable is not set.
    ///
    /// ```
    /// use ferro_config::{Config, Format};
    ///
    /// let text = "targets: [{virtual_key: a, api_key: 'team-${KEY}', headers: {X-Team: $TEAM}}]\n";
    /// let config = Config::parse(text, Format::Yaml)?;
    /// let [found] = &config.variables()[..] else { panic!() };
    /// assert_eq!((found.path.as_str(), found.variable.as_str()), ("targets[0].api_key", "KEY"));
    /// # Ok::<(), ferro_config::ConfigError>(())
    /// ```
    pub fn variables(&self) -> Vec<Unresolved> {
        let mut found = Found(Vec::new());
        self.targets.iter().enumerate().for_each(|(n, t)| found.target(&at("targets", n), t));
        for (index, plugin) in self.plugins.iter().enumerate() {
            found.opaque(&format!("{}.config", at("plugins", index)), &plugin.config.0);
        }
        let servers = self.mcp_servers.iter().enumerate();
        servers.for_each(|(n, server)| found.server(&at("mcp_servers", n), server));
        let tracing = &self.observability.tracing;
        found.url("observability.tracing.endpoint", tracing.endpoint.as_ref());
        found.named("observability.tracing.headers", &tracing.headers);
        for (index, exporter) in self.observability.exporters.iter().enumerate() {
            let path = format!("{}.config", at("observability.exporters", index));
            found.opaque(&path, &exporter.config.0);
        }
        found.0
    }
}

struct Found(Vec<Unresolved>);

impl Found {
    fn target(&mut self, path: &str, target: &Target) {
        self.url(&format!("{path}.base_url"), target.base_url.as_ref());
        self.secret(&format!("{path}.api_key"), target.api_key.as_ref());
        for (index, key) in target.keys.iter().enumerate() {
            self.secret(&format!("{path}.keys[{index}].key"), Some(&key.key));
        }
        self.named(&format!("{path}.headers"), &target.headers);
        self.opaque(&format!("{path}.settings"), &target.settings.0);
    }

    fn server(&mut self, path: &str, server: &McpServer) {
        self.url(&format!("{path}.url"), server.url.as_ref());
        self.named(&format!("{path}.headers"), &server.headers);
        for (index, argument) in server.args.iter().enumerate() {
            self.secret(&at(&format!("{path}.args"), index), Some(argument));
        }
        self.named(&format!("{path}.env"), &server.env);
    }

    fn url(&mut self, path: &str, url: Option<&UrlRef>) {
        url.into_iter().for_each(|url| self.text(path, url.typed()));
    }

    fn secret(&mut self, path: &str, secret: Option<&SecretRef>) {
        secret.into_iter().for_each(|secret| self.text(path, secret.typed()));
    }

    fn named(&mut self, path: &str, named: &BTreeMap<String, SecretRef>) {
        for (name, value) in named {
            self.secret(&join(path, name), Some(value));
        }
    }

    fn opaque(&mut self, path: &str, keys: &Map<String, Value>) {
        keys.iter().for_each(|(key, value)| self.value(&join(path, key), value));
    }

    fn value(&mut self, path: &str, value: &Value) {
        match value {
            Value::String(text) => self.text(path, text),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, item)| self.value(&at(path, n), item));
            }
            Value::Object(keys) => self.opaque(path, keys),
            _ => {}
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        let names = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name),
            Piece::Literal(_) => None,
        });
        let place = |name: &str| Unresolved { path: path.to_owned(), variable: name.to_owned() };
        self.0.extend(names.map(place));
    }
}
