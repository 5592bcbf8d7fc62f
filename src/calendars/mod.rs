//! Calendars with secret addresses, for clients that cannot send headers. Each is read with the
//! rights of the token that made it, until either is revoked.

mod handlers;
pub mod store;
pub mod types;

pub use handlers::configure;
