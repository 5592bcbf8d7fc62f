//! How callers prove who they are: tokens, single sign-on, and secret addresses.

pub mod address;
pub mod kept_addresses;
pub mod keys;
pub mod oidc;
mod secret;
pub mod tokens;
pub mod types;
