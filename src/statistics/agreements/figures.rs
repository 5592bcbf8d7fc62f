//! Figures of agreements, and the lists behind them, computed from their facts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::facts::{Facts, Promise, for_each_facts};
use super::types::{
    AgreementFigure, AgreementFigures, AgreementGroupFigures, AgreementRecord,
    AgreementRecordFilter, AgreementStatistics, AgreementStatisticsFilter, AmountFigure,
    RecordedCommitment,
};
use crate::agreements::force::EndedBy;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{AgreementStatus, InForce};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::language::Message;
use crate::kernel::values::{AgreementRef, to_db};
use crate::ledger::RequestContext;
use crate::statistics::counts::{Count, FreshnessCounts, ValueCounts};
use crate::statistics::group::GroupedCounts;
use crate::statistics::page::PageCollector;
use crate::statistics::rules::{COMPLETION_RATE, DUE_RATE, EXECUTION_RATE, Link, Placement, Tally};

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
const ENDED_BY: Message = Message::fixed(
    "그날까지 끝난 협약을 끝난 방식(기간 만료, 완료, 해지, 대체)으로 나눈 수. 끝났는지 알 수 없는 것은 세지 않는다.",
    "Agreements that had certainly ended by the day, by expiry, completion, termination or supersession.",
);
const FRESHNESS: Message = Message::fixed(
    "체결되어 끝나지 않은 협약을 마지막 체결·점검·반영된 보고의 날로 나눈 수. 기준은 그날의 지방자치단체 방침이며, 없으면 12개월이 지나면 ageing, 24개월이 지나면 stale.",
    "Agreements that are signed and have not ended, by the day of their signing, last review or last report that counts, whichever is last: ageing after 12 months and stale after 24, unless the municipality's policy of the day says otherwise.",
);

/// Counts over a set of agreements.
#[derive(Default)]
struct Counts {
    all: u64,
    status: ValueCounts,
    in_force: ValueCounts,
    ended_by: ValueCounts,
    commitments: Tally,
    commitments_due: Tally,
    agreements: Tally,
    freshness: FreshnessCounts,
    /// Sums of amounts by unit.
    amounts: BTreeMap<String, AmountFigure>,
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
        use AgreementFigure::{
            ExecutionRateAgreements, ExecutionRateCommitments, ExecutionRateCommitmentsDue,
        };
        self.all += 1;
        self.status.add(&facts.status);
        self.in_force.add(&in_force(facts));
        if let Some(by) = facts.ended_by {
            self.ended_by.add(&by);
        }
        for (figure, tally) in [
            (ExecutionRateCommitments, &mut self.commitments),
            (ExecutionRateCommitmentsDue, &mut self.commitments_due),
            (ExecutionRateAgreements, &mut self.agreements),
        ] {
            for (_, placement) in facts.placements(figure, day) {
                tally.add(placement);
            }
        }
        self.freshness.add(facts.freshness);
        if facts.status.is_signed() {
            facts
                .promises
                .iter()
                .for_each(|promise| self.add_amount(promise));
        }
    }

    fn add_amount(&mut self, promise: &Promise) {
        use CommitmentStatus::{CarriedOver, Dropped};
        let Some(target) = &promise.target else {
            return;
        };
        if matches!(promise.status, CarriedOver | Dropped) {
            return;
        }
        let sum = self.amounts.entry(target.unit.clone()).or_default();
        sum.commitments += 1;
        sum.promised += target.value;
        if let Some(value) = promise.value {
            sum.reported += 1;
            sum.reached += value;
            sum.promised_of_reported += target.value;
        }
    }

    fn figures(self, link: &Link) -> AgreementFigures {
        use AgreementFigure::{
            ExecutionRateAgreements, ExecutionRateCommitments, ExecutionRateCommitmentsDue,
        };
        let of = |figure: AgreementFigure| link.with("figure", to_db(&figure));
        let all = of(AgreementFigure::Agreements);
        let occurring: Vec<&str> = self.status.values().collect();
        let statuses = AgreementStatus::ALL.iter().map(|status| status.as_str());
        let statuses = statuses.filter(|status| occurring.contains(status));
        let in_force = ["true", "false", "unknown"];
        AgreementFigures {
            count: Count {
                count: self.all,
                formula: COUNT,
                link: all.text(),
            },
            by_status: self.status.breakdown(BY_STATUS, "status", statuses, &all),
            in_force: self
                .in_force
                .breakdown(IN_FORCE, "in_force", in_force, &all),
            ended_by: self.ended_by.breakdown(
                ENDED_BY,
                "ended_by",
                EndedBy::ALL.iter().map(|by| by.as_str()),
                &all,
            ),
            execution_rate_commitments: self
                .commitments
                .figure(EXECUTION_RATE, &of(ExecutionRateCommitments)),
            execution_rate_commitments_due: self
                .commitments_due
                .figure(DUE_RATE, &of(ExecutionRateCommitmentsDue)),
            execution_rate_agreements: self
                .agreements
                .figure(COMPLETION_RATE, &of(ExecutionRateAgreements)),
            freshness: self.freshness.breakdown(FRESHNESS, link),
            amounts: self
                .amounts
                .into_iter()
                .map(|(unit, sum)| AmountFigure { unit, ..sum })
                .collect(),
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
    let day = filter.as_of.unwrap_or(cx.today);
    let mut counts = GroupedCounts::<Counts>::default();
    for_each_facts(conn, cx, filter, None, |facts| {
        counts.add(&facts.keys, |counts, _| counts.add(&facts, day));
        ControlFlow::Continue(())
    })?;
    let (groups, totals) = counts.figures(link, Counts::figures, |key, figures| {
        AgreementGroupFigures { key, figures }
    });
    Ok(AgreementStatistics {
        as_of: day,
        group_by: filter.group_by,
        groups,
        totals,
    })
}

/// Lists the records behind a figure.
pub fn records(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementRecordFilter,
    page: &Page,
) -> Result<Listed<AgreementRecord>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let (figure, shared) = (filter.figure.unwrap_or_default(), filter.shared());
    let mut rows = PageCollector::new(page);
    // The page may start in the middle of the agreement where the last one ended.
    let from = rows.from();
    for_each_facts(conn, cx, &filter.statistics(), from.as_deref(), |facts| {
        if matches_filter(filter, &facts) {
            let mut placements = facts.placements(figure, day);
            placements.retain(|(_, placement)| shared.contains(*placement));
            for (promise, placement) in placements {
                let key = facts.id.to_string();
                let id = promise.map(|p| p.id.to_string()).unwrap_or_default();
                rows.add(key, id, || record(&facts, promise, placement));
            }
        }
        rows.goes_on()
    })?;
    Ok(rows.listed(page))
}

fn matches_filter(filter: &AgreementRecordFilter, facts: &Facts) -> bool {
    let statuses = filter.status.as_ref();
    statuses.is_none_or(|statuses| statuses.contains(&facts.status))
        && filter.in_force.is_none_or(|asked| asked == in_force(facts))
        && filter.ended_by.is_none_or(|by| facts.ended_by == Some(by))
        && filter.shared().matches(&facts.keys, facts.freshness)
}

fn record(facts: &Facts, promise: Option<&Promise>, placement: Placement) -> AgreementRecord {
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
        ended_by: facts.ended_by,
        freshness: facts.freshness,
        commitment: promise.map(|promise| RecordedCommitment {
            id: promise.id,
            text: promise.text.clone(),
            due: promise.due.clone(),
            status: promise.status,
        }),
        standing: placement.into(),
    }
}
