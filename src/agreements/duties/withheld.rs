//! Publications as what fulfils duties, and the duty to publish what was withheld.
//!
//! - What was withheld, the agreement as a whole or a part of it, is published once the withholding has
//!   ended. The law demands that of every institution (정보공개법 제9조제2항), so no policy needs to.
//! - It falls due on the day after the last day of the withholding: the law sets no term.
//! - A later publication fulfils it that was made since, or that shows the full text before.

use super::rules::{lies_before, open_duty};
use super::types::{Derived, DoneBy, DoneByKind};
use crate::agreements::council::Occasion;
use crate::agreements::doc::Doc;
use crate::agreements::publications::{
    PublicationContent, PublicationExtent, ends_of_withholdings,
};
use crate::kernel::values::ImpreciseDate;
use crate::projections::policies::{DutyKind, Policy};

/// The law by which what need no longer be withheld is published.
const LAW: &str = "공공기관의 정보공개에 관한 법률 제9조제2항";

/// Derives the duties to publish what was withheld: one for each day on which a withholding ends.
pub(super) fn releases(doc: &Doc) -> impl Iterator<Item = Derived> {
    let ends = ends_of_withholdings(doc).into_iter().zip(1..);
    ends.filter_map(|((until, stated), place)| {
        let due = ImpreciseDate::from_day(until.succ_opt()?);
        let releases = |one: &PublicationContent| {
            let is_full = one.extent == PublicationExtent::FullText;
            let is_later = one.published_on.sort_key() > stated;
            is_later && (is_full || !lies_before(&one.published_on, Some(&due)))
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
