//! Builds a digest as of its day.

use std::fmt::Display;

use chrono::NaiveDate;

use super::rules;
use super::rules::{DUE_DAYS_LEFT, EXPIRING_DAYS_LEFT};
use super::types::{
    DailyDigest, DigestItem, DigestList, DigestStatus, DigestType, MAX_ITEMS, StoredDigest,
};
use crate::agreements::duties::handlers::DutyFilter;
use crate::agreements::duties::store as duties;
use crate::agreements::duties::types::{Duty, DutyStatus};
use crate::agreements::stale;
use crate::agreements::stale::StaleAgreement;
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::directory::names::names;
use crate::http::{BASE, Filter};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{ImpreciseDate, Localized, to_db};
use crate::kernel::words::Word;
use crate::ledger::RequestContext;
use crate::projections::policies::DutyKind;
use crate::projections::timeline_entry::{EntryType, TimelineStatus as Status};
use crate::timeline::handlers::{Restriction, TimelineFilter, TimelineItem};
use crate::timeline::store as timeline;

/// Returns the path of a record.
fn link(resource: &str, id: impl Display) -> String {
    format!("{BASE}/{resource}/{id}")
}

/// Builds the digest of a day from what the caller sees.
pub fn digest(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &StoredDigest,
) -> Result<DailyDigest, ApiError> {
    let (municipality, day) = (stored.municipality_id, stored.day);
    let reader = DigestReader {
        municipality,
        day,
        cx,
    };
    Ok(DailyDigest {
        municipality: names(conn, [municipality])?.get(municipality)?,
        day,
        time_zone: cx.zone.name().to_owned(),
        left_out_from: stored.left_out_from,
        fell_due: reader.fell_due(conn)?,
        expiring: reader.expiring(conn)?,
        went_stale: reader.went_stale(conn)?,
    })
}

struct DigestReader<'a> {
    municipality: OrganizationId,
    day: NaiveDate,
    cx: &'a RequestContext,
}

impl DigestReader<'_> {
    fn fell_due(&self, conn: &mut AnyConnection) -> Result<DigestList, ApiError> {
        let mut list = DigestList::default();
        for days in DUE_DAYS_LEFT {
            let Some(last) = rules::ahead(self.day, days) else {
                continue;
            };
            let filter = TimelineFilter {
                types: Some(vec![EntryType::Milestone, EntryType::Commitment]),
                // All statuses that are not settled; `partially_met` has no other status.
                status: Some(vec![Status::Due, Status::Overdue, Status::PartiallyMet]),
                ..self.dated(last)
            };
            let found = timeline::list(conn, self.cx, &filter, &first(&filter))?;
            add(&mut list, found, |item| dated(item, self.day, days));
            let filter = DutyFilter {
                municipality_id: Some(self.municipality),
                status: Some(vec![DutyStatus::Open, DutyStatus::Overdue]),
                as_of: Some(self.day),
                ends_on: Some(last),
                ..DutyFilter::default()
            };
            let found = duties::list(conn, self.cx, &filter, &first(&filter))?;
            add(&mut list, found, |duty| {
                let due = duty.due.clone()?;
                Some(of_duty(duty, due, self.day, days))
            });
            if days < 0 {
                let (cx, city) = (self.cx, self.municipality);
                let found = duties::missed_again(conn, cx, city, self.day, MAX_ITEMS)?;
                add(&mut list, found, |duty| {
                    let due = ImpreciseDate::from_day(last);
                    Some(of_duty(duty, due, self.day, days))
                });
            }
        }
        Ok(list)
    }

    fn expiring(&self, conn: &mut AnyConnection) -> Result<DigestList, ApiError> {
        let mut list = DigestList::default();
        for days in EXPIRING_DAYS_LEFT {
            let Some(last) = rules::ahead(self.day, days) else {
                continue;
            };
            let filter = TimelineFilter {
                types: Some(vec![EntryType::Expiry]),
                // With an imprecise date it may be due from an earlier day.
                status: Some(vec![Status::Planned, Status::Due]),
                ..self.dated(last)
            };
            let found = timeline::list(conn, self.cx, &filter, &first(&filter))?;
            add(&mut list, found, |item| dated(item, self.day, days));
            // On its day a notice falls due, like other duties.
            if days > 0 {
                let found = self.notices(conn, last)?;
                add(&mut list, found, |duty| {
                    let due = duty.due.clone()?;
                    Some(DigestItem {
                        status: DigestStatus::Expiring,
                        ..of_duty(duty, due, self.day, days)
                    })
                });
            }
        }
        Ok(list)
    }

    /// Returns the notices against renewals whose last day is `last`.
    fn notices(&self, conn: &mut AnyConnection, last: NaiveDate) -> Result<Listed<Duty>, ApiError> {
        let filter = DutyFilter {
            municipality_id: Some(self.municipality),
            kind: Some(vec![DutyKind::RenewalNotice]),
            status: Some(vec![DutyStatus::Open]),
            as_of: Some(self.day),
            ends_on: Some(last),
            ..DutyFilter::default()
        };
        duties::list(conn, self.cx, &filter, &first(&filter))
    }

    fn went_stale(&self, conn: &mut AnyConnection) -> Result<DigestList, ApiError> {
        let mut list = DigestList::default();
        let last = stale::since(conn, self.municipality, self.day)?;
        // Under a policy more lenient than that of the day before, nothing goes stale.
        if last.is_empty() {
            return Ok(list);
        }
        let (count, agreements) = stale::list(conn, self.cx, self.municipality, &last, MAX_ITEMS)?;
        rules::add(
            &mut list,
            count,
            agreements.into_iter().map(stale_agreement),
        );
        let filter = TimelineFilter {
            municipality_id: Some(self.municipality),
            types: Some(vec![EntryType::Milestone]),
            status: Some(vec![
                Status::Planned,
                Status::Due,
                Status::Overdue,
                Status::PartiallyMet,
                Status::Suspended,
                Status::Unknown,
            ]),
            as_of: Some(self.day),
            // A milestone's known state dates from its last forecast or outcome.
            only: Some(Restriction::KnownFrom(last)),
            ..TimelineFilter::default()
        };
        let found = timeline::list_with_known_from(conn, self.cx, &filter, &first(&filter))?;
        add(&mut list, found, |(item, last)| {
            Some(of_timeline(item, ImpreciseDate::from_day(last)))
        });
        Ok(list)
    }

    /// Selects entries of the municipality whose last day is `last`, as known on the digest's day.
    fn dated(&self, last: NaiveDate) -> TimelineFilter {
        TimelineFilter {
            municipality_id: Some(self.municipality),
            as_of: Some(self.day),
            only: Some(Restriction::EndingIn(last..=last)),
            ..TimelineFilter::default()
        }
    }
}

/// Returns the first page of a list, with the total count.
fn first(filter: &impl Filter) -> Page {
    Page {
        order: filter.order(),
        limit: MAX_ITEMS,
        after: None,
        with_total: true,
    }
}

fn add<T>(list: &mut DigestList, found: Listed<T>, item: impl Fn(T) -> Option<DigestItem>) {
    let count = found.total.unwrap_or(0);
    rules::add(list, count, found.items.into_iter().filter_map(item));
}

/// Converts an item that falls due or expires. Items without a date are not requested.
fn dated(item: TimelineItem, day: NaiveDate, days: i64) -> Option<DigestItem> {
    let when = item.when.clone()?;
    let open = item.status;
    let range = rules::days_left(&when, day);
    let mut item = of_timeline(item, when);
    // A target is a deadline: it is met until its last day. An agreement ends on one of its days.
    let ends = item.type_ == DigestType::Agreement;
    item.days_left = Some(days).filter(|_| !ends || range.min_days == range.max_days);
    item.days_left_range = Some(range);
    item.status = match open {
        _ if ends => DigestStatus::Expiring,
        Status::PartiallyMet => DigestStatus::PartiallyMet,
        _ => rules::due(days),
    };
    Some(item)
}

/// Converts an item that is stale.
fn of_timeline(item: TimelineItem, when: ImpreciseDate) -> DigestItem {
    let (type_, resource) = match item.type_ {
        EntryType::Milestone => (DigestType::Milestone, "milestones"),
        EntryType::Commitment => (DigestType::Commitment, "agreements"),
        EntryType::Expiry | EntryType::RenewalNotice | EntryType::Signing | EntryType::Meeting => {
            (DigestType::Agreement, "agreements")
        }
    };
    let read_at = item.agreement.as_ref();
    let read_at = read_at.map_or(item.id, |owner| owner.id.into());
    DigestItem {
        type_,
        kind: to_db(&item.kind),
        id: item.id.to_string(),
        title: item.title,
        status: DigestStatus::Stale,
        when,
        days_left: None,
        days_left_range: None,
        missed: None,
        project: item.project,
        agreement: item.agreement,
        link: link(resource, read_at),
    }
}

fn stale_agreement(stale: StaleAgreement) -> DigestItem {
    let StaleAgreement {
        agreement,
        kind,
        last,
    } = stale;
    DigestItem {
        type_: DigestType::Agreement,
        kind: to_db(&kind),
        id: agreement.id.to_string(),
        title: agreement.title.clone(),
        status: DigestStatus::Stale,
        when: ImpreciseDate::from_day(last),
        days_left: None,
        days_left_range: None,
        missed: None,
        project: None,
        link: link("agreements", agreement.id),
        agreement: Some(agreement),
    }
}

fn of_duty(duty: Duty, due: ImpreciseDate, day: NaiveDate, days: i64) -> DigestItem {
    let (title, link) = match &duty.agreement {
        Some(agreement) => (agreement.title.clone(), link("agreements", agreement.id)),
        None => (
            name(duty.kind),
            link("municipalities", duty.municipality.id),
        ),
    };
    DigestItem {
        type_: DigestType::Duty,
        kind: to_db(&duty.kind),
        id: duty.id,
        title,
        status: rules::due(days),
        days_left_range: Some(rules::days_left(&due, day)),
        when: due,
        days_left: Some(days),
        missed: duty.missed,
        project: None,
        link,
        agreement: duty.agreement,
    }
}

/// Returns the title of a duty that belongs to no agreement: the name of its kind.
fn name(kind: DutyKind) -> Localized {
    let Message { ko, en } = kind.word();
    Localized {
        ko: Some(ko.into()),
        en: Some(en.into()),
    }
}
