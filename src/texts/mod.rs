//! Texts of the files that the registry keeps, for the search: read in the background, once for each
//! content, however many records use it.

pub mod found;
mod handlers;
pub mod reader;
pub mod table;

pub use handlers::{FileTextStatus, configure};
