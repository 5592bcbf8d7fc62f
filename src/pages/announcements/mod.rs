//! Pages of what was announced, and of how it compares with the record.

mod comparison;
mod list;
mod one;

pub use comparison::{reconciliation, reconciliation_page};
pub use list::{announcements, list_page};
pub use one::{Doing, Proposal, announcement, announcement_page};

use super::markup::{Link, Text};
use super::reader::Frame;
use crate::announcements::types::AnnouncedMilestone;
use crate::kernel::values::AgreementRef;

/// Returns a link to the agreement or the milestone that an announcement is about.
pub fn about(
    frame: &Frame,
    agreement: Option<&AgreementRef>,
    milestone: Option<&AnnouncedMilestone>,
) -> Option<Link> {
    let w = frame.w;
    let agreement = agreement.map(|one| {
        let href = frame.to(&format!("agreements/{}", one.id));
        Link::to(href, Text::of(&one.title, w))
    });
    let milestone = || {
        milestone.map(|one| {
            let href = frame.to(&format!("projects/{}#m-{}", one.project.id, one.id));
            let project = one.project.title.in_language(w.0);
            let step = one.title.in_language(w.0);
            Link::to(href, Text::stated(format!("{project}: {step}"), w))
        })
    };
    agreement.or_else(milestone)
}
