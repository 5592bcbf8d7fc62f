//! Webhooks: delivery of the log of changes to receivers chosen by token holders, per Standard
//! Webhooks.
//!
//! Each change becomes a delivery of every webhook whose token sees it ([`queue`]), and is sent
//! until it arrives ([`dispatch`]). Its body is built again for each attempt, from what the token
//! sees then. Changes that a new day brings by itself are sent once a day ([`digest`]).

mod attempts;
pub mod deliveries;
pub mod digest;
pub mod dispatch;
pub mod event;
pub mod handlers;
mod queue;
pub mod rules;
pub mod sealed;
mod secret;
mod settle;
pub mod store;
pub mod types;

pub use dispatch::{Dispatcher, Intervals};
pub use handlers::{WebhookSort, configure};
