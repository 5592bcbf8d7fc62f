//! `/statistics/milestones`: the punctuality of milestones.

mod agreement_groups;
mod facts;
mod figures;
mod handlers;
mod types;

pub use handlers::configure;
pub use types::{MilestoneFigure, MilestoneGroup};
