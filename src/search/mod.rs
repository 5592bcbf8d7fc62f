//! Search over all names, titles and texts.

mod handlers;
pub mod held;
pub mod store;
pub mod terms;

pub use handlers::{FoundType, configure};
