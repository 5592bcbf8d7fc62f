//! `/statistics/milestones`: how milestones keep their dates.

mod facts;
mod figures;
mod handlers;
mod types;

pub use handlers::configure;
pub use types::{MilestoneFigure, MilestoneGroup};
