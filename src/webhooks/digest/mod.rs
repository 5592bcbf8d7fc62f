//! The daily digest: changes that the start of a day brings by itself to a municipality's records,
//! for the webhooks that request it.
//!
//! Much of what a registry of agreements reports is not a change of a record: a day passes, and
//! something is overdue. One event a day reports this. The server that leases the webhook plans it
//! once ([`plan`]); it is built from what the webhook's token sees when it is sent ([`read`]).

pub mod plan;
pub mod read;
mod rules;
pub mod types;
