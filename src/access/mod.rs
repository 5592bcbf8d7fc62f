//! How callers prove who they are: tokens, single sign-on, and the addresses of calendars.

pub mod calendar_address;
pub mod keys;
pub mod oidc;
mod secret;
pub mod tokens;
pub mod types;
