//! Allowed destinations of requests. Pure.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use url::{Host, Url};

/// Addresses outside of the public internet: IANA's registries of special-purpose addresses,
/// multicast, and for IPv6 everything that is not global unicast (`2000::/3`): the unspecified
/// address, loopback, NAT64, discard-only, unique local, link-local and multicast.
static NON_PUBLIC: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let all = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/3",
        "4000::/2",
        "8000::/1",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    ];
    all.iter().filter_map(|net| net.parse().ok()).collect()
});

/// The reason why a URL is refused before any request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlRefusal {
    NotHttps,
    UserInfo,
    Fragment,
    ForbiddenAddress,
}

/// The allowed destinations.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub allowed: Vec<IpNet>,
    pub http: bool,
}

impl Rules {
    pub fn allows(&self, address: IpAddr) -> bool {
        // Treat an IPv4-mapped IPv6 address as the IPv4 address.
        let address = address.to_canonical();
        let in_list = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
        in_list(&self.allowed) || !in_list(&NON_PUBLIC)
    }

    pub fn check(&self, url: &Url) -> Result<(), UrlRefusal> {
        let secure = url.scheme() == "https" || self.http && url.scheme() == "http";
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        match () {
            () if !secure => Err(UrlRefusal::NotHttps),
            () if !url.username().is_empty() || url.password().is_some() => {
                Err(UrlRefusal::UserInfo)
            }
            () if url.fragment().is_some() => Err(UrlRefusal::Fragment),
            () if address.is_some_and(|a| !self.allows(a)) => Err(UrlRefusal::ForbiddenAddress),
            () => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::network::network;

    /// Addresses of special-purpose networks, in several notations.
    const SPECIAL_ADDRESSES: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.1.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];

    /// Public addresses, many of them next to a special-purpose network.
    const INTERNET_ADDRESSES: &[&str] = &[
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.0",
        "211.45.66.1",
        "223.255.255.255",
        "::ffff:1.1.1.1",
        "2001:200::1",
        "2400:cb00::1",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ];

    #[test]
    fn only_the_internet_is_reached() {
        assert_eq!(NON_PUBLIC.len(), 26, "every network is one");
        let rules = Rules::default();
        for address in SPECIAL_ADDRESSES {
            assert!(!rules.allows(address.parse().unwrap()), "{address}");
        }
        for address in INTERNET_ADDRESSES {
            assert!(rules.allows(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_is_allowed_is_reached_in_either_notation() {
        let rules = Rules {
            allowed: vec![network("10.1.0.0/16").unwrap(), network("::1").unwrap()],
            http: false,
        };
        for (address, allowed) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("::1", true),
            ("127.0.0.1", false),
        ] {
            assert_eq!(rules.allows(address.parse().unwrap()), allowed, "{address}");
        }
    }
}
