//! Calendars that are read at an address of their own, by clients that can send no header: each as
//! the token that made it, until either is revoked.

mod address;
mod handlers;
pub mod store;
pub mod types;

pub use address::{Address, is_address, shown};
pub use handlers::{CalendarSort, configure};
