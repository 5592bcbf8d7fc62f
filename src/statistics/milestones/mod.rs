//! `/statistics/milestones`: the punctuality of milestones.

mod facts;
mod figures;
mod handlers;
mod serving;
mod types;

pub use handlers::configure;
pub use types::{MilestoneFigure, MilestoneGroup};
