//! Items of the timeline as rows of pages.

use chrono::{Days, NaiveDate};

use super::markup::{Dated, Link, Text};
use super::reader::Frame;
use super::words::Words;
use crate::kernel::values::to_db;
use crate::projections::timeline_entry::{EntryType, TimelineStatus};
use crate::timeline::TimelineSort;
use crate::timeline::handlers::{Restriction, TimelineFilter, TimelineItem};

/// How the end of an item is called, where the general words say something else: a signing is no promise
/// that was kept.
const ENDS: [(EntryType, TimelineStatus, &str, &str); 7] = [
    (EntryType::Signing, TimelineStatus::Met, "체결", "Signed"),
    (EntryType::Expiry, TimelineStatus::Met, "만료", "Expired"),
    (
        EntryType::RenewalNotice,
        TimelineStatus::Met,
        "지남",
        "Passed",
    ),
    (EntryType::Meeting, TimelineStatus::Met, "개최", "Held"),
    (
        EntryType::Commitment,
        TimelineStatus::Met,
        "이행",
        "Fulfilled",
    ),
    (
        EntryType::Commitment,
        TimelineStatus::MetLate,
        "늦게 이행",
        "Fulfilled late",
    ),
    (
        EntryType::Commitment,
        TimelineStatus::PartiallyMet,
        "일부 이행",
        "Partly fulfilled",
    ),
];

/// A dated item.
pub struct Item {
    pub when: Dated,
    /// Kind of the item: signing, milestone, commitment, …
    pub kind: String,
    pub title: Link,
    /// The project or agreement to which it belongs.
    pub of: Option<Link>,
    pub municipality: Text,
    pub status: String,
    pub is_overdue: bool,
    /// Days since the last day of the target.
    pub overdue: Option<String>,
}

/// Selects the items whose last possible day is a day or one of some days after it. A target such as
/// "by 2035" can be reached at any time, and falls due at its end alone.
pub fn falling_due(day: NaiveDate, ahead: u64) -> TimelineFilter {
    let last = day.checked_add_days(Days::new(ahead)).unwrap_or(day);
    TimelineFilter {
        only: Some(Restriction::EndingIn(day..=last)),
        status: Some(vec![TimelineStatus::Planned, TimelineStatus::Due]),
        ..TimelineFilter::default()
    }
}

/// Selects the items that are overdue, the latest first.
pub fn overdue() -> TimelineFilter {
    TimelineFilter {
        status: Some(vec![TimelineStatus::Overdue]),
        sort: Some(TimelineSort::WhenDown),
        ..TimelineFilter::default()
    }
}

/// Returns an item in the words of a page.
pub fn item(frame: &Frame, item: &TimelineItem) -> Item {
    let w = frame.w;
    let agreement = item.agreement.as_ref();
    let project = item.project.as_ref();
    let agreement_page = agreement.map(|one| frame.to(&format!("agreements/{}", one.id)));
    let project_page = project.map(|one| frame.to(&format!("projects/{}", one.id)));
    let (href, of) = match item.type_ {
        EntryType::Milestone => (
            project.map(|one| frame.to(&format!("projects/{}#m-{}", one.id, item.id))),
            project_page.zip(project.map(|one| Text::of(&one.title, w))),
        ),
        // The title of these is that of the agreement.
        EntryType::Signing | EntryType::Expiry | EntryType::RenewalNotice => (agreement_page, None),
        EntryType::Commitment => (
            None,
            agreement_page.zip(agreement.map(|one| Text::of(&one.title, w))),
        ),
        EntryType::Meeting => {
            let group = item.working_group.as_ref();
            let page = group.map(|one| frame.to(&format!("working-groups/{}", one.id)));
            let meeting = page
                .as_deref()
                .map(|page| format!("{page}#meeting-{}", item.id));
            (meeting, page.zip(group.map(|one| Text::of(&one.name, w))))
        }
    };
    Item {
        when: Dated::of(item.when.as_ref(), w),
        kind: w.label("EntryType", &item.type_),
        title: Link::perhaps(href, Text::of(&item.title, w)),
        of: of.map(|(href, text)| Link::to(href, text)),
        municipality: Text::of(&item.municipality.name, w),
        status: status(item, w),
        is_overdue: item.status == TimelineStatus::Overdue,
        overdue: item.overdue_days.map(|days| match w.tag() {
            "ko" => format!("{} 지남", w.days(days)),
            _ => format!("{} over", w.days(days)),
        }),
    }
}

fn status(item: &TimelineItem, w: Words) -> String {
    let mut ends = ENDS.iter();
    let own = ends.find(|(of, end, ..)| *of == item.type_ && *end == item.status);
    match own {
        Some((.., ko, en)) => w.t(ko, en).to_owned(),
        None => w.label("TimelineStatus", &item.status),
    }
}

/// Returns the statuses for a choice, each with all words by which rows of a type name it; of any type for
/// `None`.
pub fn status_choices(type_: Option<&str>, w: Words) -> Vec<(String, String)> {
    let is_of = |of: &EntryType| type_.is_none_or(|chosen| to_db(of) == chosen);
    let all = w.choices("TimelineStatus").into_iter();
    let named = all.map(|(code, general)| {
        let ends = ENDS
            .iter()
            .filter(|(of, end, ..)| is_of(of) && to_db(end) == code);
        let own: Vec<&str> = ends.map(|(.., ko, en)| w.t(ko, en)).collect();
        let label = match (type_, &own[..]) {
            (_, []) => general,
            (Some(_), [one]) => (*one).to_owned(),
            _ => format!("{general} ({})", own.join(", ")),
        };
        (code, label)
    });
    named.collect()
}
