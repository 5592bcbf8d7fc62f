//! Webhooks: the log of changes, sent to where the holder of a token wants it, as Standard Webhooks
//! has it.
//!
//! A change becomes a delivery of every webhook whose token sees it ([`queue`]), which is sent until
//! it arrives ([`dispatch`]). Its body is made anew for each attempt, from what the token sees then.
//! What a new day changes by itself is told once a day ([`digest`]), in a body that is kept.

mod attempts;
mod deliveries;
pub mod digest;
pub mod dispatch;
pub mod event;
mod handlers;
mod queue;
pub mod rules;
mod secret;
mod settle;
mod store;
pub mod types;

pub use dispatch::{Dispatcher, Pace};
pub use handlers::{WebhookSort, configure};
pub use store::is_on;
