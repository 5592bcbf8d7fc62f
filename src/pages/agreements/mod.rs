//! Pages of agreements.

mod chain;
mod commitments;
mod compare;
mod facts;
mod follow_up;
mod list;
mod one;
mod publications;

pub use follow_up::{DutyRow, duties};
pub use list::{Served, agreements, list_page};
pub use one::{DaysForm, Doing, Warned, agreement, agreement_page, gaps, source};
pub use publications::{Published, published};
