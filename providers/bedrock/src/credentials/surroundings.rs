//! What the environment says about where a key is, taken down when a target is built.

use std::path::PathBuf;

use ferro_core::{BuildContext, Secret};

/// What the environment says.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// The target's region, whose token service is asked.
    pub(super) region: String,
    /// The profile, where somebody names one.
    pub(super) profile: Option<String>,
    /// Files that hold profiles: keys first, then what says how keys are had.
    pub(super) files: [Option<PathBuf>; 2],
    /// A key in variables, for profiles that build on it.
    pub(super) pair: Option<(String, Secret, Option<Secret>)>,
    identity: (Option<String>, Option<String>, Option<String>),
    pub(super) container_path: Option<String>,
    pub(super) container_url: Option<String>,
    pub(super) container_token: Option<Secret>,
    pub(super) container_token_file: Option<String>,
    is_machine_silent: bool,
    pub(super) machine: String,
    /// Where keys are exchanged, unless at the region's own host.
    pub(super) token_service: Option<String>,
}

/// A web identity, and the role that it is exchanged for.
#[derive(Debug)]
pub(super) struct WebIdentity {
    pub(super) role: String,
    pub(super) session: Option<String>,
    pub(super) token_file: String,
}

impl Surroundings {
    pub(crate) fn new(cx: &BuildContext<'_>, profile: Option<String>, region: &str) -> Self {
        const MACHINE: &str = "http://169.254.169.254";
        let var = |name| cx.var(name);
        let home = var("HOME").or_else(|| var("USERPROFILE")).map(PathBuf::from);
        let file = |name, usual: &str| {
            let usual = || home.as_ref().map(|home| home.join(".aws").join(usual));
            var(name).map(PathBuf::from).or_else(usual)
        };
        let silent = var("AWS_EC2_METADATA_DISABLED");
        let machine = var("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        let pair = var("AWS_ACCESS_KEY_ID").zip(var("AWS_SECRET_ACCESS_KEY"));
        Self {
            region: region.to_owned(),
            profile: profile.or_else(|| var("AWS_PROFILE")),
            files: [
                file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                file("AWS_CONFIG_FILE", "config"),
            ],
            pair: pair.map(|(id, secret)| {
                (id, Secret::new(secret), var("AWS_SESSION_TOKEN").map(Secret::new))
            }),
            identity: (
                var("AWS_ROLE_ARN"),
                var("AWS_ROLE_SESSION_NAME"),
                var("AWS_WEB_IDENTITY_TOKEN_FILE"),
            ),
            container_path: var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
            container_url: var("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            container_token: var("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Secret::new),
            container_token_file: var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
            is_machine_silent: silent.is_some_and(|said| said.eq_ignore_ascii_case("true")),
            machine: machine.unwrap_or_else(|| MACHINE.to_owned()).trim_end_matches('/').to_owned(),
            token_service: var("AWS_ENDPOINT_URL_STS").or_else(|| var("AWS_ENDPOINT_URL")),
        }
    }

    /// The web identity of variables, if they name one.
    pub(super) fn web_identity(&self) -> Option<WebIdentity> {
        let (role, session, file) = self.identity.clone();
        Some(WebIdentity { role: role?, session, token_file: file? })
    }

    pub(super) fn asks_the_machine(&self) -> bool {
        !self.is_machine_silent
    }
}
