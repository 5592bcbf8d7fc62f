//! Networks as settings name them.

use std::net::IpAddr;

use ipnet::IpNet;

/// Parses an address or a network.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let one = text.parse::<IpAddr>().map(IpNet::from);
    one.or_else(|_| text.parse())
        .map_err(|_| "expected an address or a network, as 10.0.0.5 or 10.0.0.0/8".into())
}
