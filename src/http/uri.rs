//! Addresses that every language reads: absolute `http` and `https` URIs (RFC 3986).
//!
//! Browsers repair what others refuse, such as a space or a `%` that encodes nothing, so an address
//! is taken only if it needs no repair.

use url::{Position, Url};

/// The characters, besides ASCII letters and digits, that can follow the authority of a URI
/// unencoded, except `%` and `#` (RFC 3986 3.3, 3.4).
const PLAIN: &[u8] = b"-._~!$&'()*+,;=:@/?";

/// Returns true if the text is an absolute `http` or `https` URI with a host.
pub fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(authority);
    // An IPv6 address has brackets, which are encoded everywhere else.
    let plain = authority.replace(['[', ']'], "");
    Url::parse(text).is_ok_and(|url| is_web(&url) && scheme.eq_ignore_ascii_case(url.scheme()))
        && encode(&plain) == plain
        && encode(rest) == rest
}

/// Returns the URI that a browser would ask for instead of `text`; none if it would not understand it.
pub fn encoded(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(is_web)?;
    let start = &url[..Position::BeforePath];
    let whole = start.to_owned() + &encode(&url[Position::BeforePath..]);
    is_web_address(&whole).then_some(whole)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Encodes what a URI cannot have unencoded in a path, a query or a fragment. Keeps what is encoded.
fn encode(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut encoded = String::with_capacity(part.len());
    let mut in_fragment = false;
    for (at, byte) in bytes.iter().enumerate() {
        let is_kept = match byte {
            b'%' => {
                let digits = bytes.get(at + 1..at + 3);
                digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            b'#' => !std::mem::replace(&mut in_fragment, true),
            _ => byte.is_ascii_alphanumeric() || PLAIN.contains(byte),
        };
        if is_kept {
            encoded.push(char::from(*byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_uri() {
        for right in [
            "https://www.hankyung.com/article/202104199856Y",
            "https://a.example",
            "http://[2001:db8::1]:8080/?q=%ED%95%9C&x=1;2#part",
            "https://user:pass@a.example/~x/(1)",
        ] {
            assert!(is_web_address(right), "{right}");
            assert!(encoded(right).is_some(), "{right}");
        }
        for (wrong, instead) in [
            ("https://a.example/a b", Some("https://a.example/a%20b")),
            (
                "https://a.example/?q=a|b",
                Some("https://a.example/?q=a%7Cb"),
            ),
            ("https://a.example/%zz", Some("https://a.example/%25zz")),
            ("https://a.example/50%", Some("https://a.example/50%25")),
            (
                "https://a.example/협약",
                Some("https://a.example/%ED%98%91%EC%95%BD"),
            ),
            (
                "https://고양.example/",
                Some("https://xn--299a718b.example/"),
            ),
            (" https://a.example/", Some("https://a.example/")),
            ("https://a.example/\n", Some("https://a.example/")),
            ("https://a.example/#a#b", Some("https://a.example/#a%23b")),
            ("https://a.example/[1]", Some("https://a.example/%5B1%5D")),
            ("https:a.example", Some("https://a.example/")),
            ("www.goyang.go.kr", None),
            ("ftp://a.example/", None),
            ("mailto:a@a.example", None),
            ("https://", None),
            ("", None),
        ] {
            assert!(!is_web_address(wrong), "{wrong}");
            assert_eq!(encoded(wrong).as_deref(), instead, "{wrong}");
        }
    }
}
