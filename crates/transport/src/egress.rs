//! Where a connection may lead, checked on the address that is dialled, after its name was resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whose address it is, and so where it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Egress {
    /// The operator's own choice: anywhere but link-local, where clouds serve the machine's own
    /// credentials. A model server on this machine is a target like another.
    Target,
    /// Anybody's choice, such as the URL of an image: the public internet.
    Public,
    /// The machine's own cloud: link-local, where it serves this machine's credentials, and nowhere
    /// else.
    Metadata,
}

/// A host that must not be connected to.
#[derive(Debug, thiserror::Error)]
#[error("{host} {why}")]
pub(crate) struct Refused {
    host: String,
    why: &'static str,
    /// Whose host it was to be.
    pub(crate) egress: Egress,
}

impl Egress {
    /// Whether `address` may be dialled.
    pub(crate) fn check(self, address: IpAddr) -> Result<(), Refused> {
        let fail = |why| Err(self.refuse(&address.to_string(), why));
        let canonical = canonical(address);
        match (self, serves_credentials(canonical)) {
            (Self::Metadata, true) => return Ok(()),
            (Self::Metadata, false) => return fail("is not where a cloud serves credentials"),
            (_, true) => {
                return fail("is link-local or a cloud's metadata, which no target may be");
            }
            (_, false) => {}
        }
        match (self, canonical) {
            (Self::Target | Self::Metadata, _) => Ok(()),
            (Self::Public, IpAddr::V4(v4)) if is_public_v4(v4) => Ok(()),
            (Self::Public, IpAddr::V6(v6)) if is_public_v6(v6) => Ok(()),
            (Self::Public, _) => fail("is not a public address"),
        }
    }

    /// Whether `host` may be asked for, as far as is known without its addresses: an address, and a
    /// number that a resolver would read as one, is checked here. What a name means is checked by
    /// whoever resolves it.
    pub(crate) fn check_host(self, host: &str) -> Result<(), Refused> {
        if let Ok(address) = host.parse() {
            return self.check(address);
        }
        let fail = |why| Err(self.refuse(host, why));
        if self == Self::Public && is_local_name(host) {
            return fail("is not a public host");
        }
        let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        if last.starts_with(|first: char| first.is_ascii_digit()) {
            return fail("is an address in disguise; write it as four numbers");
        }
        Ok(())
    }

    pub(crate) fn refuse(self, host: &str, why: &'static str) -> Refused {
        Refused { host: host.to_owned(), why, egress: self }
    }
}

/// Whether a name stands for this machine wherever it is looked up.
pub(crate) fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// An IPv4 address in IPv6 clothes is judged as what it is.
fn canonical(address: IpAddr) -> IpAddr {
    const NAT64: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];
    match address {
        IpAddr::V6(v6) if v6.segments()[..6] == NAT64 => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        other => other.to_canonical(),
    }
}

/// Where clouds serve credentials outside the link-local ranges: Alibaba's metadata.
const OUTSIDE_V4: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
/// The same over IPv6: Amazon's metadata, its agent for pods
/// (`docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html`), and Google's metadata.
const OUTSIDE_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

fn serves_credentials(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4 == OUTSIDE_V4,
        IpAddr::V6(v6) => v6.is_unicast_link_local() || OUTSIDE_V6.contains(&v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (18..20).contains(&b);
    let is_protocol = (a, b, c) == (192, 0, 0);
    !(a == 0
        || a >= 240
        || is_shared
        || is_benchmark
        || is_protocol
        || v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation())
}

/// Global unicast, without the ranges in it that stand for something else.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, ..] = v6.segments();
    let is_global = a & 0xe000 == 0x2000;
    let is_protocol = a == 0x2001 && b < 0x200;
    let is_documentation = (a, b) == (0x2001, 0xdb8) || (a == 0x3fff && b < 0x1000);
    let is_tunnel_to_v4 = a == 0x2002;
    is_global && !is_protocol && !is_documentation && !is_tunnel_to_v4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(egress: Egress, address: &str) -> bool {
        egress.check(address.parse().unwrap()).is_ok()
    }

    #[test]
    fn nobody_is_led_to_a_machines_own_credentials() {
        for hidden in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "100.100.100.200",
        ] {
            assert!(!may(Egress::Target, hidden) && !may(Egress::Public, hidden), "{hidden}");
            assert!(may(Egress::Metadata, hidden), "{hidden}");
        }
        for other in ["127.0.0.1", "10.0.0.1", "8.8.8.8", "::1", "fd00:ec2::1", "100.100.100.100"] {
            assert!(!may(Egress::Metadata, other), "{other}");
        }
    }

    #[test]
    fn a_strangers_url_leads_to_public_hosts_only() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.0.8",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "::127.0.0.1",
            "fd00::1",
            "fec0::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!may(Egress::Public, private), "{private}");
        }
        for public in ["93.184.216.34", "2606:4700::1111", "2001:4860:4860::8888"] {
            assert!(may(Egress::Public, public), "{public}");
        }
        assert!(may(Egress::Target, "127.0.0.1"), "a local model server is a target");
    }

    #[test]
    fn a_proxy_is_not_asked_for_an_address_that_would_be_refused() {
        for disguise in ["169.254.169.254", "2852039166", "0xa9.254.169.254", "169.254.169.254."] {
            assert!(Egress::Target.check_host(disguise).is_err(), "{disguise}");
            assert!(Egress::Public.check_host(disguise).is_err(), "{disguise}");
        }
        assert!(Egress::Public.check_host("10.0.0.1").is_err());
        assert!(Egress::Target.check_host("10.0.0.1").is_ok());
        assert!(Egress::Public.check_host("api.example.com").is_ok());
        assert!(Egress::Public.check_host("Localhost.").is_err());
    }
}
