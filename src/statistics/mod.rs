//! Figures over many records: the execution of agreements and commitments, the punctuality of
//! milestones, and the freshness of both.

pub mod agreements;
mod gather;
pub mod group;
pub mod milestones;
mod owners;
pub mod rules;

/// Number of records read per query.
const CHUNK: i64 = 500;

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
        .schema::<group::FigurePart>();
    agreements::configure(config);
    milestones::configure(config);
}
