//! Tokens of Entra ID, in place of a key.

mod ask;
mod identity;
mod source;

use ferro_core::EnvVar;

pub(crate) use identity::Entra;
pub(crate) use source::EntraSource;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";

/// The variables that say who asks for tokens. Those that a platform sets for its own are not listed.
pub(crate) const ENV: &[EnvVar] = &[
    optional(TENANT, "the tenant, for tokens of Entra ID"),
    optional(CLIENT, "the client, for tokens of Entra ID"),
    optional(SECRET, "the client's secret, for tokens of Entra ID"),
    optional(TOKEN_FILE, "the file with a workload's token, for tokens of Entra ID"),
    optional(AUTHORITY, "who issues tokens, unless it is login.microsoftonline.com"),
];

const fn optional(name: &'static str, meaning: &'static str) -> EnvVar {
    EnvVar { name, meaning, required: false }
}

#[cfg(test)]
mod tests;
