//! Where a connection may lead, checked on the address that is dialled, after its name was resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an operator's own target may live at `address`. Anything but link-local, where clouds
/// serve the machine's own credentials.
pub(crate) fn is_allowed_target(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    }
}

/// Whether `address` is on the public internet, where anybody may send us.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
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

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 240
        || is_shared
        || is_benchmark
        || v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation())
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let is_teredo_or_documentation = v6.segments()[0] == 0x2001 && v6.segments()[1] < 0x1000;
    !(v6.is_unspecified()
        || v6.is_loopback()
        || v6.is_multicast()
        || v6.is_unique_local()
        || v6.is_unicast_link_local()
        || is_teredo_or_documentation && matches!(v6.segments()[1], 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_a_machines_own_credentials() {
        for hidden in ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1"]
        {
            let address: IpAddr = hidden.parse().unwrap();
            assert!(!is_allowed_target(address) && !is_public(address), "{hidden}");
        }
    }

    #[test]
    fn a_strangers_url_leads_to_public_hosts_only() {
        for private in
            ["127.0.0.1", "10.1.2.3", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "0.0.0.0"]
        {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        assert!(is_public("93.184.216.34".parse().unwrap()));
        assert!(is_public("2606:4700::1111".parse().unwrap()));
        assert!(
            is_allowed_target("127.0.0.1".parse().unwrap()),
            "a local model server is a target"
        );
    }
}
