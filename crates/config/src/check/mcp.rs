//! Servers of tools.

use super::{
    numbers::count,
    texts::{headers, http_url, secret},
};
use crate::{
    Config, McpServer,
    finding::Findings,
    paths::{at, join},
};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (index, server) in config.mcp_servers.iter().enumerate() {
        let path = at("mcp_servers", index);
        let name = server.name.as_str();
        let earlier = config.mcp_servers[..index].iter().position(|other| other.name == name);
        if name.is_empty() {
            findings.error(format!("{path}.name"), "the server has no name", "write one");
        } else if let Some(first) = earlier {
            let message = format!("`{name}` is the name of mcp_servers[{first}] already");
            findings.error(format!("{path}.name"), message, "give it a name of its own");
        }
        reach(&path, server, findings);
        headers(&format!("{path}.headers"), &server.headers, findings);
        for (index, value) in server.args.iter().enumerate() {
            secret(at(&format!("{path}.args"), index), value, findings);
        }
        for (name, value) in &server.env {
            secret(join(&format!("{path}.env"), name), value, findings);
        }
        count(format!("{path}.max_call_depth"), server.max_call_depth.into(), 5, findings);
        count(format!("{path}.timeout_seconds"), server.timeout_seconds, 30, findings);
    }
}

/// It is reached in exactly one way.
fn reach(path: &str, server: &McpServer, findings: &mut Findings) {
    let url = server.url.as_ref().filter(|url| !url.typed().is_empty());
    let command = server.command.as_ref().filter(|command| !command.is_empty());
    match (url, command) {
        (Some(url), None) => http_url(format!("{path}.url"), url, findings),
        (None, Some(_)) => {}
        (None, None) => {
            let help = "write `url` for a server over HTTP, `command` for a child process";
            findings.error(path, "nothing says how the server is reached", help);
        }
        (Some(_), Some(_)) => {
            let help = "leave `url` or `command` out";
            findings.error(path, "a server has a `url` or a `command`, not both", help);
        }
    }
}
