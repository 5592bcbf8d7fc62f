//! Ledgers that a municipality has as files, taken over into the registry.
//!
//! A file is read as a [`book`], whatever its format ([`files`]); its table is found ([`layout`]) and
//! its columns are understood ([`mapping`]); each row becomes the body of the request that records it
//! ([`rows`], [`plan`]). All of that is pure. An import stores the content of the file and what its
//! officer corrected ([`store`]); what it would become is derived whenever it is read, as the registry
//! is then.

pub mod apply;
pub mod book;
mod existing;
pub mod files;
mod handlers;
pub mod kind;
pub mod layout;
pub mod mapping;
pub mod plan;
pub mod rows;
pub mod store;
pub mod types;
mod view;

pub use handlers::configure;
