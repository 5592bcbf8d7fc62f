//! `/statistics/milestones`: the punctuality of milestones.

mod agreement_groups;
mod facts;
pub mod figures;
mod handlers;
pub mod types;

pub use handlers::configure;
pub use types::{MilestoneFigure, MilestoneGroup};
