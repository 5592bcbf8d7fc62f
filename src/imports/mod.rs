//! Ledgers that a municipality has as files, taken over into the registry.
//!
//! A file of any format is read as a [`book`] ([`files`]). [`layout`] finds its table, [`mapping`]
//! maps its columns to fields, and each row becomes the body of the request that records it
//! ([`rows`], [`plan`]). All of that is pure. An import stores the content of the file and the
//! caller's corrections ([`store`]). Its rows are planned anew whenever it is read, against the
//! present registry.

pub mod apply;
pub mod book;
mod contacts;
mod difference;
mod existing;
pub mod exported;
pub mod files;
mod handlers;
pub mod kind;
pub mod layout;
pub mod mapping;
pub mod paper;
mod personal;
pub mod plan;
mod planned;
mod records;
pub mod rows;
pub mod store;
pub mod types;
pub mod undo;
mod view;

pub use handlers::{ImportFilter, configure};
