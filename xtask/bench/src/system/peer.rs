//! A system that the reader runs: named on the command line, measured in the same rounds.

use std::{net::SocketAddr, str::FromStr};

/// A running system: `name=http://host:port,pid=…,header=…`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Peer {
    /// Its name in tables.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The process whose time is counted.
    pub pid: u32,
    /// A header that it asks for.
    pub header: Option<String>,
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!(
                "`{text}`: {what}; a peer is name=http://host:port,pid=NUMBER[,header=NAME: VALUE]"
            )
        };
        let (name, rest) = text.split_once('=').ok_or_else(|| wrong("it has no name"))?;
        let mut parts = rest.splitn(3, ',');
        let address = parts.next().and_then(|url| url.strip_prefix("http://")).map(str::parse);
        let Some(Ok(address)) = address else { return Err(wrong("its address is not one")) };
        let pid = parts.next().and_then(|part| part.strip_prefix("pid=")).map(str::parse);
        let Some(Ok(pid)) = pid else { return Err(wrong("its process is not said")) };
        let header = parts.next().map(|part| {
            part.strip_prefix("header=").map(str::to_owned).ok_or_else(|| wrong("what follows pid"))
        });
        Ok(Self { name: name.to_owned(), address, pid, header: header.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_read_with_and_without_a_header() {
        let peer: Peer = "other=http://127.0.0.1:4000,pid=7,header=x-key: a,b".parse().unwrap();
        assert_eq!((peer.pid, peer.header.as_deref()), (7, Some("x-key: a,b")));
        assert!("other=http://127.0.0.1:4000,pid=7".parse::<Peer>().is_ok());
        let error = "other=127.0.0.1:4000".parse::<Peer>().unwrap_err();
        assert!(error.contains("its address"), "{error}");
    }
}
