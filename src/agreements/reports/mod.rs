//! Reports on commitments: what became of what was promised, as the city and its partners tell it.
//!
//! A report is never edited. A partner's counts once the city confirms it; a mistaken one is
//! retracted; all stay visible. How a commitment and its agreement stand follows from those that
//! count, by the rules in [`rules`].

mod acts;
mod closing;
mod handlers;
mod list;
pub mod rules;
pub mod store;
pub mod types;
mod views;

pub use closing::{
    carry_over, close, day_of, decided, decided_by_renewal, move_carried, not_asked, take_back,
    unfit,
};
pub use handlers::configure;
pub use list::ReportSort;
pub use store::{Recorded, Reports, restore};
