//! Figures of agreements, computed from their facts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::facts::{Facts, for_each_facts};
use super::types::{
    AgreementFigure, AgreementFigures, AgreementGroupFigures, AgreementStatistics,
    AgreementStatisticsFilter, AmountFigure,
};
use crate::agreements::figures::Promise;
use crate::agreements::force::EndedBy;
use crate::agreements::types::{AgreementStatus, InForce};
use crate::db::AnyConnection;
use crate::db::page::Page;
use crate::http::encode_cursor;
use crate::kernel::error::ApiError;
use crate::kernel::values::to_db;
use crate::ledger::RequestContext;
use crate::statistics::counts::{Count, FigurePart, FreshnessCounts, ValueCounts};
use crate::statistics::formulas::OF_AGREEMENTS;
use crate::statistics::group::GroupedCounts;
use crate::statistics::rules::{Link, Tally};

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

/// Returns whether an agreement is in force, as a filter states it.
pub(super) fn in_force(facts: &Facts) -> InForce {
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
        for (promise, placement) in facts.placements(AgreementFigure::Amounts, day) {
            if let Some(promise) = promise.filter(|_| FigurePart::Denominator.contains(placement)) {
                self.add_amount(promise);
            }
        }
    }

    fn add_amount(&mut self, promise: &Promise) {
        let Some((target, unit)) = &promise.target else {
            return;
        };
        let sum = self.amounts.entry(unit.clone()).or_default();
        sum.commitments += 1;
        sum.promised += target;
        if let Some(value) = promise.value {
            sum.reported += 1;
            sum.reached += value;
            sum.promised_of_reported += target;
        }
    }

    fn figures(self, link: &Link) -> AgreementFigures {
        use AgreementFigure::{
            ExecutionRateAgreements, ExecutionRateCommitments, ExecutionRateCommitmentsDue,
        };
        let of = |figure: AgreementFigure| link.with("figure", to_db(&figure));
        let all = of(AgreementFigure::Agreements);
        let amounts = of(AgreementFigure::Amounts).with("part", "denominator");
        let occurring: Vec<&str> = self.status.values().collect();
        let statuses = AgreementStatus::ALL.iter().map(|status| status.as_str());
        let statuses = statuses.filter(|status| occurring.contains(status));
        let in_force = ["true", "false", "unknown"];
        AgreementFigures {
            count: Count {
                count: self.all,
                link: all.text(),
            },
            by_status: self.status.breakdown("status", statuses, &all),
            in_force: self.in_force.breakdown("in_force", in_force, &all),
            ended_by: self.ended_by.breakdown(
                "ended_by",
                EndedBy::ALL.iter().map(|by| by.as_str()),
                &all,
            ),
            execution_rate_commitments: self.commitments.figure(&of(ExecutionRateCommitments)),
            execution_rate_commitments_due: self
                .commitments_due
                .figure(&of(ExecutionRateCommitmentsDue)),
            execution_rate_agreements: self.agreements.figure(&of(ExecutionRateAgreements)),
            freshness: self.freshness.breakdown(link),
            amounts: self
                .amounts
                .into_iter()
                .map(|(unit, sum)| AmountFigure {
                    link: amounts.with("unit", &unit).text(),
                    unit,
                    ..sum
                })
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
    page: &Page,
) -> Result<AgreementStatistics, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let mut counts = GroupedCounts::<Counts>::default();
    for_each_facts(conn, cx, filter, None, |facts| {
        counts.add(&facts.keys, |counts, _| counts.add(&facts, day));
        ControlFlow::Continue(())
    })?;
    let (groups, totals) = counts.figures(link, page, Counts::figures, |key, figures| {
        AgreementGroupFigures { key, figures }
    });
    Ok(AgreementStatistics {
        as_of: day,
        group_by: filter.group_by,
        formulas: OF_AGREEMENTS,
        groups: groups.items,
        next_cursor: groups.next.as_ref().map(encode_cursor),
        total: groups.total,
        totals,
    })
}
