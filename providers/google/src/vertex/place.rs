//! Where a project's models are served.
//!
//! Hosts: `https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations`, by excerpts of 2026-11-29.

use ferro_core::{BuildError, Origin};

use crate::root;

/// What stands before a project in every path.
const VERSION: &str = "/v1";
/// Where models that are not finished are served.
const PREVIEW: &str = "/v1beta1";

/// A project in a region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The path up to the project.
    version: String,
    /// `/projects/<project>/locations/<region>`; empty where an operator's base URL names one.
    project: String,
}

impl Place {
    /// The origin and the paths of a project, at an operator's base URL if there is one.
    pub(crate) fn of(
        project: &str,
        region: &str,
        base_url: Option<&str>,
    ) -> Result<(Origin, Self), BuildError> {
        let url = base_url.map_or_else(|| host(region), str::to_owned);
        let (origin, path) = root::split(&url, VERSION)?;
        let path = path.strip_suffix("/endpoints/openapi").unwrap_or(&path);
        let place = match path.find("/projects/") {
            Some(at) => {
                let (version, project) = path.split_at(at);
                Self { version: version.to_owned(), project: project.to_owned() }
            }
            None => Self {
                version: path.to_owned(),
                project: format!("/projects/{project}/locations/{region}"),
            },
        };
        Ok((origin, place))
    }

    /// The path at which `model` is served, up to the project and with it.
    pub(crate) fn path(&self, model: &str) -> String {
        let is_preview = model.contains("preview") || model.contains("-exp");
        let version = match self.version.strip_suffix(VERSION) {
            Some(before) if is_preview => format!("{before}{PREVIEW}"),
            _ => self.version.clone(),
        };
        format!("{version}{}", self.project)
    }
}

/// A region's host; `global` and the two continents have their own.
fn host(region: &str) -> String {
    match region {
        "global" => "https://aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{region}.rep.googleapis.com"),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    }
}

/// Whether a name can stand in a path or a host.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.'))
        && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(region: &str, base_url: Option<&str>, model: &str) -> String {
        let (origin, place) = Place::of("p", region, base_url).unwrap();
        format!("{origin}{}", place.path(model))
    }

    #[test]
    fn a_region_has_its_host_and_so_have_the_world_and_two_continents() {
        for (region, host) in [
            ("europe-west4", "https://europe-west4-aiplatform.googleapis.com"),
            ("global", "https://aiplatform.googleapis.com"),
            ("us", "https://aiplatform.us.rep.googleapis.com"),
            ("eu", "https://aiplatform.eu.rep.googleapis.com"),
        ] {
            let place = format!("{host}/v1/projects/p/locations/{region}");
            assert_eq!(at(region, None, "gemini-2.5-pro"), place);
        }
    }

    #[test]
    fn a_preview_is_served_where_previews_are() {
        let place = "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global";
        assert_eq!(at("global", None, "gemini-3-pro-preview"), place);
        assert_eq!(at("global", None, "gemini-2.0-flash-exp"), place);
    }

    #[test]
    fn an_operators_base_url_may_be_a_host_a_version_or_a_project() {
        let end = "/projects/p/locations/r";
        for (url, path) in [
            ("http://h", format!("/v1{end}")),
            ("http://h/", format!("/v1{end}")),
            ("http://h/v1", format!("/v1{end}")),
            ("http://h/google/v1/", format!("/google/v1{end}")),
            ("http://h/v1/projects/q/locations/s", "/v1/projects/q/locations/s".to_owned()),
            (
                "http://h/v1/projects/q/locations/s/endpoints/openapi",
                "/v1/projects/q/locations/s".to_owned(),
            ),
        ] {
            assert_eq!(at("r", Some(url), "m"), format!("http://h{path}"), "{url}");
        }
    }
}
