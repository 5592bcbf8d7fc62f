//! The address of a client: of its connection, or as forwarded by a trusted proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

/// The trusted proxies.
#[derive(Debug)]
pub struct Proxies(pub Vec<IpNet>);

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client: the peer, unless it is trusted; then the last entry of `X-Forwarded-For`
    /// that is not a trusted proxy. Anyone may have written the entries left of it.
    pub fn client(&self, peer: Option<SocketAddr>, forwarded: &[&str]) -> IpAddr {
        let mut client = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |p| p.ip().to_canonical());
        let mut entries = forwarded.iter().rev().flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            // An entry that is not an address cannot be the client: use the last known proxy.
            match entries.next().and_then(|entry| address(entry.trim())) {
                Some(entry) => client = entry.to_canonical(),
                None => break,
            }
        }
        client
    }
}

/// Parses an entry of `X-Forwarded-For`. Some proxies append a port to the address.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let with_port = || entry.parse::<SocketAddr>().map(|a| a.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

/// Returns the part of an address that is counted as one client. For IPv6 that is the /64, since
/// the holder of one address usually has all of its /64.
pub fn client_key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => u128::from(v6) & !u128::from(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::network::network;

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
            // Entries written by the client itself are left of the one that the proxy added.
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
        let of = |text: &str| client_key(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
