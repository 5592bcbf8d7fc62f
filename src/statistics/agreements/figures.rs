//! Figures of agreements, and the lists behind them, computed from their facts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::facts::{Facts, Promise, each};
use super::types::{
    AgreementFigure, AgreementFigures, AgreementGroupFigures, AgreementRecord,
    AgreementRecordFilter, AgreementStatistics, AgreementStatisticsFilter, RecordedCommitment,
};
use crate::agreements::types::{AgreementStatus, InForce};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::language::Message;
use crate::kernel::values::{AgreementRef, to_db};
use crate::ledger::RequestContext;
use crate::statistics::gather::{Gatherer, group_of};
use crate::statistics::group::{Count, Freshnesses, GroupKey, breakdown};
use crate::statistics::rules::{COMPLETION_RATE, EXECUTION_RATE, Link, Place, Tally};

const COUNT: Message = Message::fixed(
    "협약의 수. 상태를 가리지 않으며, 볼 수 있는 것만 센다.",
    "Agreements, whatever their status, of those that the caller sees.",
);
const BY_STATUS: Message = Message::fixed(
    "그날의 상태별 협약의 수.",
    "Agreements by their status on the day.",
);
const IN_FORCE: Message = Message::fixed(
    "그날 유효한 협약, 유효하지 않은 협약, 날짜로는 알 수 없는 협약의 수.",
    "Agreements that are in force on the day, that are not, and of which their dates do not tell.",
);
const FRESHNESS: Message = Message::fixed(
    "체결되어 끝나지 않은 협약을 마지막 체결·점검·반영된 보고의 날로 나눈 수. 기준은 그날의 지방자치단체 방침이며, 없으면 12개월이 지나면 ageing, 24개월이 지나면 stale.",
    "Agreements that are signed and have not ended, by the day of their signing, last review or last report that counts, whichever is last: ageing after 12 months and stale after 24, unless the municipality's policy of the day says otherwise.",
);

/// Counts over a set of agreements.
#[derive(Default)]
struct Counts {
    all: u64,
    status: BTreeMap<&'static str, u64>,
    in_force: BTreeMap<String, u64>,
    commitments: Tally,
    agreements: Tally,
    freshness: Freshnesses,
}

fn in_force(facts: &Facts) -> InForce {
    match facts.in_force {
        Some(true) => InForce::True,
        Some(false) => InForce::False,
        None => InForce::Unknown,
    }
}

impl Counts {
    fn add(&mut self, facts: &Facts, day: NaiveDate) {
        self.all += 1;
        *self.status.entry(facts.status.as_str()).or_default() += 1;
        *self.in_force.entry(to_db(&in_force(facts))).or_default() += 1;
        for (figure, tally) in [
            (
                AgreementFigure::ExecutionRateCommitments,
                &mut self.commitments,
            ),
            (
                AgreementFigure::ExecutionRateAgreements,
                &mut self.agreements,
            ),
        ] {
            let places = facts.places(figure, day);
            places.into_iter().for_each(|(_, place)| tally.add(place));
        }
        self.freshness.add(facts.freshness);
    }

    fn figures(&self, link: &Link) -> AgreementFigures {
        let of = |figure: AgreementFigure| link.with("figure", to_db(&figure));
        let all = of(AgreementFigure::Agreements);
        let statuses = AgreementStatus::ALL.iter().map(|status| status.as_str());
        let statuses = statuses.filter_map(|s| Some((s, *self.status.get(s)?)));
        let stands = ["true", "false", "unknown"];
        let stands = stands.map(|s| (s, self.in_force.get(s).copied().unwrap_or(0)));
        AgreementFigures {
            count: Count {
                count: self.all,
                formula: COUNT,
                link: all.text(),
            },
            by_status: breakdown(BY_STATUS, "status", statuses, &all),
            in_force: breakdown(IN_FORCE, "in_force", stands.into_iter(), &all),
            execution_rate_commitments: self.commitments.figure(
                EXECUTION_RATE,
                &of(AgreementFigure::ExecutionRateCommitments),
            ),
            execution_rate_agreements: self.agreements.figure(
                COMPLETION_RATE,
                &of(AgreementFigure::ExecutionRateAgreements),
            ),
            freshness: self.freshness.breakdown(FRESHNESS, link),
        }
    }
}

/// Computes the statistics of the selected agreements.
pub fn statistics(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementStatisticsFilter,
    link: &Link,
) -> Result<AgreementStatistics, ApiError> {
    let wanted = filter.selection(cx.today);
    let mut totals = Counts::default();
    let mut groups: BTreeMap<_, (GroupKey, Counts)> = BTreeMap::new();
    each(conn, cx, &wanted, None, |facts| {
        totals.add(&facts, wanted.day);
        for key in &facts.keys {
            let group = groups.entry(key.place());
            let (_, counts) = group.or_insert_with(|| (key.clone(), Counts::default()));
            counts.add(&facts, wanted.day);
        }
        ControlFlow::Continue(())
    })?;
    let groups = groups.into_values().map(|(key, counts)| {
        let figures = counts.figures(&group_of(link, &key));
        AgreementGroupFigures { key, figures }
    });
    Ok(AgreementStatistics {
        as_of: wanted.day,
        group_by: filter.group_by,
        groups: groups.collect(),
        totals: totals.figures(link),
    })
}

/// Lists the records behind a figure.
pub fn records(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementRecordFilter,
    page: &Page,
) -> Result<Listed<AgreementRecord>, ApiError> {
    let wanted = filter.selection(cx.today);
    let figure = filter.figure.unwrap_or_default();
    let mut rows = Gatherer::new(page);
    // The page may start in the middle of the agreement where the last one ended.
    let from = rows.from();
    each(conn, cx, &wanted, from.as_deref(), |facts| {
        if !asked_for(filter, &facts) {
            return ControlFlow::Continue(());
        }
        let mut places = facts.places(figure, wanted.day);
        places.retain(|(_, place)| {
            filter.part.is_none_or(|part| part.holds(*place))
                && filter.reason.is_none_or(|why| *place == Place::Out(why))
        });
        places.sort_by_key(|(promise, _)| promise.map(|p| p.id));
        for (promise, place) in places {
            let key = facts.id.to_string();
            let id = promise.map(|p| p.id.to_string()).unwrap_or_default();
            rows.add(key, id, || record(&facts, promise, place));
        }
        rows.goes_on()
    })?;
    Ok(rows.listed(page))
}

fn asked_for(filter: &AgreementRecordFilter, facts: &Facts) -> bool {
    let fresh = facts.freshness.map(|freshness| freshness.state);
    let statuses = filter.status.as_ref();
    statuses.is_none_or(|statuses| statuses.contains(&facts.status))
        && filter
            .in_force
            .is_none_or(|stands| stands == in_force(facts))
        && filter.freshness.is_none_or(|state| fresh == Some(state))
        && filter.group.as_ref().is_none_or(|group| {
            facts
                .keys
                .iter()
                .any(|key| key.value.as_ref() == Some(group))
        })
        && (filter.group_unknown != Some(true) || facts.keys.contains(&GroupKey::UNKNOWN))
}

fn record(facts: &Facts, promise: Option<&Promise>, place: Place) -> AgreementRecord {
    AgreementRecord {
        agreement: AgreementRef {
            id: facts.id,
            title: facts.title.clone(),
        },
        municipality: facts.municipality.clone(),
        kind: facts.kind,
        status: facts.status,
        signed_on: facts.signed_on.clone(),
        in_force: facts.in_force,
        freshness: facts.freshness,
        commitment: promise.map(|promise| RecordedCommitment {
            id: promise.id,
            text: promise.text.clone(),
            due: promise.due.clone(),
            status: promise.status,
        }),
        standing: place.into(),
    }
}
