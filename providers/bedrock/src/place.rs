//! Where a target lives: its region, and the hosts that follow from it.

use ferro_core::{BuildContext, BuildError, Origin};

use crate::settings::Own;

/// Where everything is asked of whom nothing else is said.
const REGION: &str = "us-east-1";

/// How regions begin, with the suffixes of their partition's hosts: the usual one, and that of hosts
/// reached by IPv6 too. By AWS's list of partitions, in botocore 1.44.5.
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("", "amazonaws.com", "api.aws"),
];

/// Where a target lives.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) region: String,
    /// Whom chats are asked of, and the path before the service's own.
    pub(crate) runtime: (Origin, String),
    /// Who lists models, likewise.
    pub(crate) control: (Origin, String),
}

impl Place {
    /// Finds it. What the target says goes before variables, and the variable of one service before
    /// that of all.
    pub(crate) fn find(cx: &BuildContext<'_>, own: &Own) -> Result<Self, BuildError> {
        let everywhere = cx.var("AWS_ENDPOINT_URL");
        let runtime = cx.base_url.map(str::to_owned);
        let runtime = runtime.or_else(|| cx.var("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"));
        let runtime = runtime.or_else(|| everywhere.clone());
        let runtime = runtime.as_deref().map(split).transpose()?;
        let said = own.region.clone().or_else(|| Self::in_host(&runtime.as_ref()?.0));
        let region = said.or_else(|| cx.var("AWS_REGION")).or_else(|| cx.var("AWS_DEFAULT_REGION"));
        let region = region.unwrap_or_else(|| REGION.to_owned());
        check(&region)?;
        let home = |service| split(&host(service, &region, own));
        let control = own.control_base_url.clone().or_else(|| cx.var("AWS_ENDPOINT_URL_BEDROCK"));
        let control = match (control.or(everywhere), &runtime) {
            (Some(said), _) => split(&said)?,
            // Whoever stands in for AWS does so for both; nobody else is shown the credential.
            (None, Some(runtime)) if !is_aws(&runtime.0) => runtime.clone(),
            (None, _) => home("bedrock")?,
        };
        let runtime = runtime.map_or_else(|| home("bedrock-runtime"), Ok)?;
        Ok(Self { region, runtime, control })
    }

    /// The region that stands in the name of one of AWS's hosts.
    fn in_host(origin: &Origin) -> Option<String> {
        let mut labels = origin.host().split('.');
        labels.find(|label| matches!(*label, "bedrock-runtime" | "bedrock-runtime-fips"))?;
        is_aws(origin).then(|| labels.next().map(str::to_owned)).flatten()
    }
}

fn split(url: &str) -> Result<(Origin, String), BuildError> {
    Origin::split(url).map_err(|error| BuildError::new(error.to_string()))
}

/// The host of a service.
fn host(service: &str, region: &str, own: &Own) -> String {
    let fips = if own.use_fips { "-fips" } else { "" };
    let (usual, dual) = suffixes(region);
    let suffix = if own.use_dualstack { dual } else { usual };
    format!("https://{service}{fips}.{region}.{suffix}")
}

/// The host that gives keys for a while in exchange for something else.
pub(crate) fn token_service(region: &str) -> String {
    format!("https://sts.{region}.{}", suffixes(region).0)
}

fn suffixes(region: &str) -> (&'static str, &'static str) {
    let found = PARTITIONS.iter().find(|(begins, ..)| region.starts_with(begins));
    found.map(|(_, usual, dual)| (*usual, *dual)).expect("the last begins like every region")
}

fn is_aws(origin: &Origin) -> bool {
    let host = origin.host();
    let ends = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    PARTITIONS.iter().any(|(_, usual, dual)| ends(usual) || ends(dual))
}

/// A region becomes a part of a host's name.
fn check(region: &str) -> Result<(), BuildError> {
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=63).contains(&region.len()) && region.chars().all(is_label) {
        return Ok(());
    }
    let message = format!("the region is `{region}`; write it like `eu-central-1`");
    Err(BuildError::new(message))
}

#[cfg(test)]
mod tests {
    use ferro_core::TargetId;
    use http::HeaderMap;

    use super::*;

    fn found(own: &Own, base_url: Option<&str>, vars: &[(&str, &str)]) -> [String; 3] {
        let (target, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |name: &str| {
            vars.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        };
        let cx = BuildContext::new(&target, &headers, &vars).with_base_url(base_url);
        let place = Place::find(&cx, own).unwrap();
        let url = |(origin, path): (Origin, String)| format!("{origin}{path}");
        [place.region, url(place.runtime), url(place.control)]
    }

    #[test]
    fn hosts_follow_from_the_region_and_its_partition() {
        let at = |region: &str, fips, dual| {
            let own = Own {
                region: Some(region.to_owned()),
                use_fips: fips,
                use_dualstack: dual,
                ..Own::default()
            };
            let [_, runtime, control] = found(&own, None, &[]);
            (runtime, control)
        };
        let pair = |a: &str, b: &str| (format!("https://{a}"), format!("https://{b}"));
        assert_eq!(
            at("eu-west-1", false, false),
            pair("bedrock-runtime.eu-west-1.amazonaws.com", "bedrock.eu-west-1.amazonaws.com")
        );
        assert_eq!(
            at("us-gov-west-1", true, false),
            pair(
                "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
                "bedrock-fips.us-gov-west-1.amazonaws.com"
            )
        );
        assert_eq!(
            at("cn-north-1", false, false),
            pair(
                "bedrock-runtime.cn-north-1.amazonaws.com.cn",
                "bedrock.cn-north-1.amazonaws.com.cn"
            )
        );
        assert_eq!(
            at("us-east-2", true, true),
            pair("bedrock-runtime-fips.us-east-2.api.aws", "bedrock-fips.us-east-2.api.aws")
        );
        assert_eq!(token_service("us-isob-east-1"), "https://sts.us-isob-east-1.sc2s.sgov.gov");
    }

    #[test]
    fn a_region_is_said_by_the_target_then_by_its_host_then_by_variables() {
        let vars = [("AWS_REGION", "ap-south-1"), ("AWS_DEFAULT_REGION", "sa-east-1")];
        let none = Own::default();
        assert_eq!(found(&none, None, &[])[0], "us-east-1");
        assert_eq!(found(&none, None, &vars[1..])[0], "sa-east-1");
        assert_eq!(found(&none, None, &vars)[0], "ap-south-1");
        let host = Some("https://vpce-1.bedrock-runtime.eu-west-3.vpce.amazonaws.com");
        assert_eq!(found(&none, host, &vars)[0], "eu-west-3");
        let own = Own { region: Some("eu-north-1".into()), ..Own::default() };
        assert_eq!(found(&own, host, &vars)[0], "eu-north-1");
    }

    #[test]
    fn nobody_but_aws_and_whom_the_operator_names_is_shown_the_credential() {
        let none = Own::default();
        let here = Some("http://127.0.0.1:9/aws/");
        assert_eq!(found(&none, here, &[])[1..], ["http://127.0.0.1:9/aws"; 2]);
        let lookalike = "https://bedrock-runtime.us-west-2.notamazonaws.com";
        assert_eq!(found(&none, Some(lookalike), &[])[2], lookalike);
        assert_eq!(found(&none, Some(lookalike), &[])[0], "us-east-1");
        let vars = [
            ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://a"),
            ("AWS_ENDPOINT_URL_BEDROCK", "https://b"),
            ("AWS_ENDPOINT_URL", "https://c"),
        ];
        assert_eq!(found(&none, None, &vars)[1..], ["https://a", "https://b"]);
        assert_eq!(found(&none, None, &vars[2..])[1..], ["https://c", "https://c"]);
        assert_eq!(found(&none, Some("https://d"), &vars)[1..], ["https://d", "https://b"]);
    }
}
