//! A set of public keys (JWKS, RFC 7517), as published by an issuer.

use std::sync::Arc;

use anyhow::{Context, ensure};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, crypto};
use serde::Deserialize;
use serde_json::Value;

/// Accepted length of an RSA key, in bytes: at least 2048 bits, and short enough to verify quickly.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// A key with the one algorithm that it is used with.
pub struct Key {
    pub id: Option<String>,
    pub algorithm: Algorithm,
    pub decoding: DecodingKey,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Parses a set and returns its usable keys.
///
/// # Errors
/// Fails if the text is not a JWKS or holds no usable key.
pub fn key_set(text: &str) -> anyhow::Result<Vec<Arc<Key>>> {
    let set: KeySet = serde_json::from_str(text).context("it is no JWKS")?;
    // Issuers also publish keys for other purposes.
    let keys: Vec<_> = set.keys.into_iter().filter_map(usable).collect();
    ensure!(
        !keys.is_empty(),
        "it holds no key for RS256, ES256 or EdDSA"
    );
    Ok(keys)
}

/// Returns the key if it verifies signatures of an accepted algorithm.
fn usable(key: Value) -> Option<Arc<Key>> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let common = &jwk.common;
    let meant = common.key_algorithm.is_none_or(|said| said == named)
        && (common.public_key_use.as_ref()).is_none_or(|u| *u == PublicKeyUse::Signature)
        && (common.key_operations.as_ref()).is_none_or(|o| o.contains(&KeyOperations::Verify));
    let decoding = DecodingKey::from_jwk(&jwk).ok().filter(|_| meant)?;
    // The crate accepts keys of other lengths, and does not handle keys that are too short.
    let length_fits = match decoding.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => {
            let leading = n.iter().take_while(|byte| **byte == 0).count();
            RSA_BYTES.contains(&(n.len() - leading))
        }
        DecodingKeyKind::SecretOrDer(point) if algorithm == Algorithm::ES256 => point.len() == 65,
        DecodingKeyKind::SecretOrDer(point) => point.len() == 32,
    };
    // A point that is not on its curve only fails when it is used.
    let works = length_fits && crypto::verify("AA", b"", &decoding, algorithm).is_ok();
    works.then(|| {
        Arc::new(Key {
            id: jwk.common.key_id,
            algorithm,
            decoding,
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_for_other_ends_and_broken_ones_are_left_out() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"; // RFC 8037
        let good = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "a"});
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            usable(key)
        };
        let key = usable(good.clone()).unwrap();
        assert_eq!(
            (key.id.as_deref(), key.algorithm),
            (Some("a"), Algorithm::EdDSA)
        );
        assert!(with("use", json!("sig")).is_some());
        assert!(with("alg", json!("EdDSA")).is_some());
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("HS256")),
            ("key_ops", json!(["sign"])),
            ("crv", json!("X25519")),
            ("x", json!("AAAA")),
            ("x", json!(format!("{x}AAAA"))),
        ] {
            assert!(with(name, value.clone()).is_none(), "{name}: {value}");
        }
        let short = "u".repeat(171); // 1024 bits
        for key in [
            json!({"kty": "oct", "k": x}),
            json!({"kty": "EC", "crv": "P-256", "x": x, "y": x}),
            json!({"kty": "EC", "crv": "P-256", "x": x, "y": "AA"}),
            json!({"kty": "RSA", "n": short, "e": "AQAB"}),
            json!({}),
        ] {
            assert!(usable(key.clone()).is_none(), "{key}");
        }
    }
}
