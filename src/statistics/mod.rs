//! Figures over many records: the execution of agreements and commitments, the punctuality of
//! milestones, and the freshness of both.

pub mod agreements;
pub mod counts;
mod filter;
pub mod formulas;
mod group;
pub mod milestones;
mod municipalities;
mod page;
pub mod rules;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "statistics",
            "통계: figures with their formulas and the underlying records",
        )
        .schema::<agreements::AgreementFigure>()
        .schema::<agreements::AgreementGroup>()
        .schema::<milestones::MilestoneFigure>()
        .schema::<milestones::MilestoneGroup>()
        .schema::<counts::FigurePart>();
    agreements::configure(config);
    milestones::configure(config);
}
