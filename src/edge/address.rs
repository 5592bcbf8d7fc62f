//! Whose request it is: the address that connects, or the one for which a trusted proxy does.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

/// Reads an address or a network.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let one = text.parse::<IpAddr>().map(IpNet::from);
    one.or_else(|_| text.parse())
        .map_err(|_| "expected an address or a network, as 10.0.0.5 or 10.0.0.0/8".into())
}

/// The proxies that are believed.
#[derive(Debug)]
pub struct Proxies(pub Vec<IpNet>);

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client: the peer, unless it is trusted; then the last entry of `X-Forwarded-For` that is
    /// no trusted proxy. What stands left of it may have been written by anyone.
    pub fn client(&self, peer: Option<SocketAddr>, forwarded: &[&str]) -> IpAddr {
        let mut client = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |p| p.ip().to_canonical());
        let mut entries = forwarded.iter().rev().flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            // An entry that is no address is no client either: the last proxy that is known is.
            match entries.next().and_then(|entry| address(entry.trim())) {
                Some(entry) => client = entry.to_canonical(),
                None => break,
            }
        }
        client
    }
}

/// An entry of `X-Forwarded-For`; some proxies write a port behind the address.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let with_port = || entry.parse::<SocketAddr>().map(|a| a.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

/// What of an address is counted as one: of IPv6 the /64, since whoever has one address has all of
/// its /64.
pub fn counted(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => u128::from(v6) & !u128::from(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "::1", "fd00::/8"].map(|t| network(t).unwrap());
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        let client = Proxies(trusted.into()).client(Some(peer), forwarded);
        client.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            // What the client itself wrote is left of what the proxy added.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (
                "10.0.0.1",
                &["203.0.113.9", "198.51.100.7, 10.2.0.1"],
                "198.51.100.7",
            ),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
            ("::ffff:10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            assert_eq!(client(peer, forwarded), expected, "{peer} {forwarded:?}");
        }
        assert!(network("10.0.0.0/33").is_err() && network("proxy").is_err());
    }

    #[test]
    fn ipv6_is_counted_by_its_64() {
        let of = |text: &str| counted(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
