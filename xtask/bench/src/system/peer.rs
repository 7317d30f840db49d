//! A system that the reader runs: named on the command line, measured in the same rounds.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::Path,
    str::FromStr,
};

/// A running system: `name=http://host:port,pid=…,header=…`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Peer {
    /// Its name in tables.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The process whose time is counted, with its children.
    pub pid: u32,
    /// A header that it asks for.
    pub header: Option<String>,
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What follows may be a key, which nobody is to read again.
        let shown = text.split(",header=").next().unwrap_or_default();
        let wrong = |what: String| {
            format!(
                "--peer `{shown}`: {what}; a peer is name=http://host:port,pid=NUMBER[,header=NAME: \
                 VALUE]"
            )
        };
        let (name, rest) = text.split_once('=').unwrap_or_default();
        if name.is_empty() || name.contains(['/', ',']) {
            return Err(wrong("its name is missing".to_owned()));
        }
        // The header comes last: its value may have commas.
        let (rest, header) = match rest.split_once(",header=") {
            Some((rest, header)) => (rest, Some(header.to_owned())),
            None => (rest, None),
        };
        let (url, pid) = rest
            .split_once(",pid=")
            .ok_or_else(|| wrong("pid is missing: the process whose time is counted".to_owned()))?;
        let address = address(url).map_err(wrong)?;
        let pid = process(pid).map_err(wrong)?;
        if let Some(header) = &header {
            check(header).map_err(wrong)?;
        }
        Ok(Self { name: name.to_owned(), address, pid, header })
    }
}

fn address(url: &str) -> Result<SocketAddr, String> {
    let place = url.strip_prefix("http://").map(|place| place.trim_end_matches('/'));
    let place = place.ok_or_else(|| format!("`{url}` does not begin with http://"))?;
    let mut found = place.to_socket_addrs().map_err(|error| {
        format!("`{place}` is not an address like 127.0.0.1:4000 or localhost:4000 ({error})")
    })?;
    found.next().ok_or_else(|| format!("`{place}` has no address"))
}

fn process(pid: &str) -> Result<u32, String> {
    let number = pid.parse::<u32>().ok().filter(|number| *number > 0);
    let number = number.ok_or_else(|| format!("pid `{pid}` is not the number of a process"))?;
    match Path::new("/proc").join(pid).exists() {
        true => Ok(number),
        false => Err(format!("pid {pid}: no such process runs")),
    }
}

fn check(header: &str) -> Result<(), String> {
    let (name, _) =
        header.split_once(": ").ok_or("its header is not like `authorization: Bearer …`")?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
    match !name.is_empty() && name.bytes().all(is_token) && !header.contains(['\r', '\n']) {
        true => Ok(()),
        false => Err(format!("header `{name}` is not the name of one")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> u32 {
        std::process::id()
    }

    #[test]
    fn a_peer_is_read_with_and_without_a_header() {
        let text = format!("other=http://127.0.0.1:4000,pid={},header=x-key: a,b", own());
        let peer: Peer = text.parse().unwrap();
        assert_eq!((peer.pid, peer.header.as_deref()), (own(), Some("x-key: a,b")));
        let text = format!("other=http://localhost:4000/,pid={}", own());
        let peer: Peer = text.parse().unwrap();
        assert_eq!((peer.address.port(), peer.header), (4000, None));
    }

    #[test]
    fn what_is_wrong_with_a_peer_is_named_with_what_would_be_right() {
        let good = format!(",pid={}", own());
        let wrong = [
            ("http://127.0.0.1:4000,pid=1".to_owned(), "name is missing"),
            ("=http://127.0.0.1:4000,pid=1".to_owned(), "name is missing"),
            ("a=127.0.0.1:4000,pid=1".to_owned(), "`127.0.0.1:4000` does not begin with http://"),
            (format!("a=http://127.0.0.1{good}"), "`127.0.0.1` is not an address"),
            (format!("a=http://127.0.0.1:99999{good}"), "`127.0.0.1:99999` is not an address"),
            ("a=http://127.0.0.1:4000".to_owned(), "pid is missing"),
            ("a=http://127.0.0.1:4000,pid=x".to_owned(), "pid `x` is not the number"),
            ("a=http://127.0.0.1:4000,pid=4294967295".to_owned(), "no such process runs"),
            (format!("a=http://127.0.0.1:4000{good},header=x"), "its header is not like"),
            (format!("a=http://127.0.0.1:4000{good},header=x y: z"), "header `x y` is not"),
        ];
        for (text, expected) in wrong {
            let error = text.parse::<Peer>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.contains("name=http://host:port,pid=NUMBER"), "{error}");
            assert!(!error.contains("y: z"), "a header may hold a key: {error}");
        }
    }
}
