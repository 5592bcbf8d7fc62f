//! Figures of milestones, and the lists behind them, computed from their facts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::facts::{Facts, Moved, for_each_facts};
use super::types::{
    MilestoneFigure, MilestoneFigures, MilestoneGroup, MilestoneGroupFigures, MilestoneRecord,
    MilestoneRecordFilter, MilestoneStatistics, MilestoneStatisticsFilter, MoveCount, Moves,
    RecordedMove,
};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::http::encode_cursor;
use crate::kernel::error::ApiError;
use crate::kernel::values::{Move, to_db};
use crate::ledger::RequestContext;
use crate::statistics::counts::{Count, FreshnessCounts, ValueCounts};
use crate::statistics::formulas::OF_MILESTONES;
use crate::statistics::group::GroupedCounts;
use crate::statistics::page::PageCollector;
use crate::statistics::rules::{Link, Placement, Slips, Tally, place_slip};

/// Numbers of moved targets by direction.
#[derive(Default)]
struct MoveCounts {
    later: u64,
    earlier: u64,
}

impl MoveCounts {
    fn add(&mut self, direction: Move) {
        match direction {
            Move::Later => self.later += 1,
            Move::Earlier => self.earlier += 1,
        }
    }
}

/// Counts over a set of milestones.
#[derive(Default)]
struct Counts {
    all: u64,
    status: ValueCounts,
    on_time: Tally,
    slip: Slips,
    moves: MoveCounts,
    years: BTreeMap<String, MoveCounts>,
    reasons: BTreeMap<String, MoveCounts>,
    days: Slips,
    freshness: FreshnessCounts,
}

impl Counts {
    fn add<'a>(&mut self, facts: &Facts, moves: impl Iterator<Item = &'a Moved>, day: NaiveDate) {
        self.all += 1;
        self.status.add(&facts.status);
        let on_time = facts.placement(MilestoneFigure::OnTimeRate, day);
        self.on_time.add(on_time);
        self.slip.add(facts.slip, facts.deadline_slip_days);
        for one in moves {
            self.moves.add(one.direction);
            self.years.entry(one.year()).or_default().add(one.direction);
            let reason = self.reasons.entry(one.reason()).or_default();
            reason.add(one.direction);
            self.days.add(Some(one.days), one.deadline_days);
        }
        self.freshness.add(facts.freshness);
    }

    fn figures(self, link: &Link) -> MilestoneFigures {
        let of = |figure: MilestoneFigure| link.with("figure", to_db(&figure));
        let all = of(MilestoneFigure::Milestones);
        let moves = of(MilestoneFigure::Moves);
        let statuses = self.status.values();
        let by = |filter: &'static str, counts: BTreeMap<String, MoveCounts>| {
            let counts = counts.into_iter().map(|(value, counts)| MoveCount {
                link: moves.with(filter, &value).text(),
                value,
                later: counts.later,
                earlier: counts.earlier,
            });
            counts.collect()
        };
        MilestoneFigures {
            count: Count {
                count: self.all,
                link: all.text(),
            },
            by_status: self.status.breakdown("status", statuses, &all),
            on_time_rate: self.on_time.figure(&of(MilestoneFigure::OnTimeRate)),
            slip: self.slip.figure(&of(MilestoneFigure::Slip)),
            moves: Moves {
                later: self.moves.later,
                earlier: self.moves.earlier,
                link: moves.text(),
                by_year: by("stated_year", self.years),
                by_reason: by("reason_code", self.reasons),
                days: self.days.figure(&moves),
            },
            freshness: self.freshness.breakdown(link),
        }
    }
}

/// Computes the statistics of the selected milestones.
pub fn statistics(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &MilestoneStatisticsFilter,
    link: &Link,
    page: &Page,
) -> Result<MilestoneStatistics, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let mut counts = GroupedCounts::<Counts>::default();
    for_each_facts(conn, cx, filter, None, |facts| {
        counts.add(&facts.keys, |counts, key| {
            counts.add(&facts, facts.moves_of(filter.group_by, key), day);
        });
        ControlFlow::Continue(())
    })?;
    let (groups, totals) = counts.figures(link, page, Counts::figures, |key, figures| {
        MilestoneGroupFigures { key, figures }
    });
    Ok(MilestoneStatistics {
        as_of: day,
        group_by: filter.group_by,
        formulas: OF_MILESTONES,
        groups: groups.items,
        next_cursor: groups.next.as_ref().map(encode_cursor),
        total: groups.total,
        totals,
    })
}

/// Lists the records behind a figure.
pub fn records(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &MilestoneRecordFilter,
    page: &Page,
) -> Result<Listed<MilestoneRecord>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let (figure, shared) = (filter.figure.unwrap_or_default(), filter.shared());
    let mut rows = PageCollector::new(page);
    let from = rows.from();
    for_each_facts(conn, cx, &filter.statistics(), from.as_deref(), |facts| {
        if matches_filter(filter, &facts) {
            let mut placements = placements(filter, figure, &facts, day);
            placements.retain(|(_, placement)| shared.contains(*placement));
            for (moved, placement) in placements {
                let mut id = facts.id.to_string();
                id.extend(moved.map(|moved| format!("/{}", moved.id)));
                let key = facts.project.id.to_string();
                rows.add(key, id, || record(&facts, moved, placement));
            }
        }
        rows.goes_on()
    })?;
    Ok(rows.listed(page))
}

/// Returns the placements of a milestone, or of its moves, in a figure.
fn placements<'a>(
    filter: &MilestoneRecordFilter,
    figure: MilestoneFigure,
    facts: &'a Facts,
    day: NaiveDate,
) -> Vec<(Option<&'a Moved>, Placement)> {
    if figure != MilestoneFigure::Moves {
        return vec![(None, facts.placement(figure, day))];
    }
    let moves = moves(filter, facts).into_iter();
    let moves = moves.map(|moved| {
        let placement = place_slip(Some(moved.days), moved.deadline_days);
        (Some(moved), placement)
    });
    moves.collect()
}

/// Returns the moves that match the filter, ordered by id.
fn moves<'a>(filter: &MilestoneRecordFilter, facts: &'a Facts) -> Vec<&'a Moved> {
    let of_reason = filter.group_by == Some(MilestoneGroup::Reason);
    let in_group = |one: &&Moved| {
        let known = one.reason.map(|_| one.reason());
        !of_reason
            || (filter.group.is_none() || known == filter.group)
                && (filter.group_unknown != Some(true) || known.is_none())
    };
    let mut moves: Vec<&Moved> = facts
        .moves
        .iter()
        .filter(in_group)
        .filter(|one| filter.direction.is_none_or(|way| one.direction == way))
        .filter(|one| filter.stated_year.as_ref().is_none_or(|y| one.year() == *y))
        .filter(|one| {
            filter
                .reason_code
                .as_ref()
                .is_none_or(|r| one.reason() == *r)
        })
        .collect();
    moves.sort_by_key(|one| one.id);
    moves
}

fn matches_filter(filter: &MilestoneRecordFilter, facts: &Facts) -> bool {
    let statuses = filter.status.as_ref();
    statuses.is_none_or(|statuses| statuses.contains(&facts.status))
        && filter.shared().matches(&facts.keys, facts.freshness)
}

fn record(facts: &Facts, moved: Option<&Moved>, placement: Placement) -> MilestoneRecord {
    MilestoneRecord {
        milestone_id: facts.id,
        kind: facts.kind,
        title: facts.title.clone(),
        project: facts.project.clone(),
        municipality: facts.municipality.clone(),
        status: facts.status,
        overdue_days: facts.overdue_days,
        baseline: facts.baseline.clone(),
        target: facts.target.clone(),
        actual: facts.actual.clone(),
        slip: facts.slip,
        deadline_slip_days: facts.deadline_slip_days,
        freshness: facts.freshness,
        moved: moved.map(|one| RecordedMove {
            forecast_id: one.id,
            direction: one.direction,
            stated_on: one.stated_on.clone(),
            from: one.from.clone(),
            to: one.to.clone(),
            days: one.days,
            deadline_slip_days: one.deadline_days,
            reason_code: one.reason,
        }),
        standing: placement.into(),
    }
}
