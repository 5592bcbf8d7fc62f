//! Publications as what fulfils duties, and the duty to publish what was withheld.
//!
//! - What was withheld, the agreement as a whole or a part of it, is published once the withholding has
//!   ended. The law demands that of every institution (정보공개법 제9조제2항), so no policy needs to.
//! - It falls due on the day after the last day of the withholding: the law sets no term.
//! - A publication fulfils it that was made since, or that shows the full text before: none that is certainly
//!   older than the withholding, none that still leaves the part out, and no summary.
//! - A withholding until the last day of the calendar, 9999-12-31, has no end.

use super::rules::{lies_before, open_duty};
use super::types::{Derived, DoneBy, DoneByKind};
use crate::agreements::council::Occasion;
use crate::agreements::doc::Doc;
use crate::agreements::publications::{
    PublicationContent, PublicationExtent, ends_of_withholdings,
};
use crate::kernel::values::{ImpreciseDate, in_calendar};
use crate::projections::policies::{DutyKind, Policy};

/// The law by which what need no longer be withheld is published.
const LAW: &str = "공공기관의 정보공개에 관한 법률 제9조제2항";

/// Derives the duties to publish what was withheld: one for each day on which a withholding ends.
pub(super) fn releases(doc: &Doc) -> impl Iterator<Item = Derived> {
    let ends = ends_of_withholdings(doc).into_iter().zip(1..);
    ends.filter_map(|((until, stated), place)| {
        let due = ImpreciseDate::from_day(in_calendar(until.succ_opt()?)?);
        let releases = |one: &PublicationContent| {
            let is_since = !lies_before(&one.published_on, Some(&due));
            let shows = match one.extent {
                PublicationExtent::FullText => true,
                PublicationExtent::PartialText => is_since,
                PublicationExtent::Summary => false,
            };
            let follows = |by: &&PublicationContent| {
                let is_older = lies_before(&one.published_on, Some(&by.published_on));
                !is_older && !by.withheld_until(until).any(|part| one.withholds(part))
            };
            shows && stated.iter().all(follows)
        };
        Some(Derived {
            place,
            done_by: first_publication(doc, releases),
            legal_basis: Some(LAW.to_owned()),
            due: Some(due),
            ..open_duty(
                &Policy::default(),
                DutyKind::Disclosure,
                Occasion::WithholdingEnd,
            )
        })
    })
}

/// Returns the first publication that satisfies `does`.
pub(super) fn first_publication(
    doc: &Doc,
    does: impl Fn(&PublicationContent) -> bool,
) -> Option<DoneBy> {
    let fitting = doc.publications.iter().filter(|part| does(&part.content));
    let first = fitting.min_by_key(|part| part.content.published_on.sort_key())?;
    Some(DoneBy {
        kind: DoneByKind::Publication,
        id: Some(first.id),
        on: Some(first.content.published_on.clone()),
    })
}
