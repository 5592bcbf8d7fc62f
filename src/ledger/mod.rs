//! The log of changes and those who write it.
//!
//! The log is append-only. Each entry is written in the transaction of its change and bound to the
//! entry before it by its hash.

pub mod caller;
pub mod chain;
mod context;
pub mod feed;
mod names;
pub mod personal;
pub mod records;
pub mod scope;
pub mod tail;
pub mod visible;
pub mod works;

pub use caller::{Caller, Reach, Role, Use};
pub use chain::{append, append_written, hash, head};
pub use context::RequestContext;
pub use names::names_ever;
pub use scope::{Scope, Visibility, is_inside};
pub use visible::sees;
