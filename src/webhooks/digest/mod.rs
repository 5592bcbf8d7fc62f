//! The daily digest: what the beginning of a day changes of a municipality's records by itself, for
//! the webhooks that ask for it.
//!
//! Most of what a registry of promises has to say is no change of a record: a day passes, and
//! something is overdue. One event a day tells it. It is ordered once, by the server that holds the
//! webhook ([`plan`]), and made of what the webhook's token sees when it is sent ([`read`]).

pub mod plan;
pub mod read;
mod rules;
pub mod types;
