//! How callers prove who they are: tokens, single sign-on, and secret addresses; and how secrets are
//! kept.

pub mod address;
pub mod bound_tokens;
pub mod kept_addresses;
pub mod keys;
pub mod oidc;
pub mod open_sessions;
pub mod sealing;
mod secret;
pub mod sign_ins;
pub mod tokens;
pub mod types;
