//! Figures of milestones, and the lists behind them, computed from their facts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::facts::{Facts, Moved, each};
use super::types::{
    MilestoneFigure, MilestoneFigures, MilestoneGroup, MilestoneGroupFigures, MilestoneRecord,
    MilestoneRecordFilter, MilestoneStatistics, MilestoneStatisticsFilter, MoveCount, Moves,
    RecordedMove,
};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::language::Message;
use crate::kernel::values::to_db;
use crate::ledger::RequestContext;
use crate::statistics::gather::{Gatherer, group_of};
use crate::statistics::group::{Count, Freshnesses, GroupKey, breakdown};
use crate::statistics::rules::{Link, Move, ON_TIME_RATE, Place, Slips, Tally, measured};

const COUNT: Message = Message::fixed(
    "추진 단계의 수. 볼 수 있는 사업의 것만 센다.",
    "Milestones, of the projects that the caller sees.",
);
const BY_STATUS: Message = Message::fixed(
    "그날의 상태별 추진 단계의 수.",
    "Milestones by how they stand on the day.",
);
const SLIP: Message = Message::fixed(
    "최초 목표에서 마지막 목표(달성했으면 달성일)까지의 날수. 날짜가 정밀하지 않아 범위이므로, 최소값들의 중앙값과 최대값들의 중앙값, 전체의 최소와 최대를 따로 낸다. 목표가 없거나 한쪽 끝이 열린 것은 뺀다.",
    "Days from the first target to the latest one, or to the day on which it was met. Each is a range, since dates are imprecise: the median of their least and that of their greatest numbers are given, and the least and the greatest of all. Without those that have no target, or of which an end is open.",
);
const MOVES: Message = Message::fixed(
    "바로 앞의 목표보다 마지막 날이 뒤로(later) 또는 앞으로(earlier) 옮겨진 목표 시점의 수. 철회된 것은 세지 않는다.",
    "Statements whose target ends later, or earlier, than the one stated before. What was retracted is not counted.",
);
const MOVED_DAYS: Message = Message::fixed(
    "옮겨진 목표마다 바로 앞의 목표에서 새 목표까지의 날수. 범위이므로 최소값들의 중앙값과 최대값들의 중앙값, 전체의 최소와 최대를 따로 낸다. 한쪽 끝이 열린 것은 뺀다.",
    "Days from the target stated before to the one that was moved to, of each such move. Each is a range: the median of their least and that of their greatest numbers are given, and the least and the greatest of all. Without those of which an end is open.",
);
const FRESHNESS: Message = Message::fixed(
    "달성되거나 취소되지 않은 추진 단계를 마지막 목표 시점 발표나 추진 결과의 날로 나눈 수. 기준은 그날의 지방자치단체 방침이며, 없으면 12개월이 지나면 ageing, 24개월이 지나면 stale.",
    "Milestones that are neither met nor cancelled, by the day of the last statement on them or of what last happened: ageing after 12 months and stale after 24, unless the municipality's policy of the day says otherwise.",
);

/// Numbers of moved targets by direction.
#[derive(Default)]
struct Ways {
    later: u64,
    earlier: u64,
}

impl Ways {
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
    status: BTreeMap<String, u64>,
    on_time: Tally,
    slip: Slips,
    moves: Ways,
    years: BTreeMap<String, Ways>,
    reasons: BTreeMap<String, Ways>,
    days: Slips,
    freshness: Freshnesses,
}

impl Counts {
    fn add<'a>(&mut self, facts: &Facts, moves: impl Iterator<Item = &'a Moved>, day: NaiveDate) {
        self.all += 1;
        *self.status.entry(to_db(&facts.status)).or_default() += 1;
        self.on_time
            .add(facts.place(MilestoneFigure::OnTimeRate, day));
        self.slip.add(facts.slip);
        for one in moves {
            self.moves.add(one.direction);
            self.years.entry(one.year()).or_default().add(one.direction);
            let reason = self.reasons.entry(one.reason()).or_default();
            reason.add(one.direction);
            self.days.add(Some(one.days));
        }
        self.freshness.add(facts.freshness);
    }

    fn figures(self, link: &Link) -> MilestoneFigures {
        let of = |figure: MilestoneFigure| link.with("figure", to_db(&figure));
        let all = of(MilestoneFigure::Milestones);
        let moves = of(MilestoneFigure::Moves);
        let statuses = self.status.iter().map(|(s, count)| (s.as_str(), *count));
        let by = |filter: &'static str, ways: BTreeMap<String, Ways>| {
            let counts = ways.into_iter().map(|(value, ways)| MoveCount {
                link: moves.with(filter, &value).text(),
                value,
                later: ways.later,
                earlier: ways.earlier,
            });
            counts.collect()
        };
        MilestoneFigures {
            count: Count {
                count: self.all,
                formula: COUNT,
                link: all.text(),
            },
            by_status: breakdown(BY_STATUS, "status", statuses, &all),
            on_time_rate: self
                .on_time
                .figure(ON_TIME_RATE, &of(MilestoneFigure::OnTimeRate)),
            slip: self.slip.figure(SLIP, &of(MilestoneFigure::Slip)),
            moves: Moves {
                formula: MOVES,
                later: self.moves.later,
                earlier: self.moves.earlier,
                link: moves.text(),
                by_year: by("stated_year", self.years),
                by_reason: by("reason_code", self.reasons),
                days: self.days.figure(MOVED_DAYS, &moves),
            },
            freshness: self.freshness.breakdown(FRESHNESS, link),
        }
    }
}

/// Computes the statistics of the selected milestones.
pub fn statistics(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &MilestoneStatisticsFilter,
    link: &Link,
) -> Result<MilestoneStatistics, ApiError> {
    let wanted = filter.selection(cx.today);
    let mut totals = Counts::default();
    let mut groups: BTreeMap<_, (GroupKey, Counts)> = BTreeMap::new();
    each(conn, cx, &wanted, None, |facts| {
        totals.add(&facts, facts.moves.iter(), wanted.day);
        for key in &facts.keys {
            let group = groups.entry(key.place());
            let (_, counts) = group.or_insert_with(|| (key.clone(), Counts::default()));
            let moves = facts.moves_of(wanted.group_by, Some(key));
            counts.add(&facts, moves, wanted.day);
        }
        ControlFlow::Continue(())
    })?;
    let groups = groups.into_values().map(|(key, counts)| {
        let figures = counts.figures(&group_of(link, &key));
        MilestoneGroupFigures { key, figures }
    });
    Ok(MilestoneStatistics {
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
    filter: &MilestoneRecordFilter,
    page: &Page,
) -> Result<Listed<MilestoneRecord>, ApiError> {
    let wanted = filter.selection(cx.today);
    let figure = filter.figure.unwrap_or_default();
    let mut rows = Gatherer::new(page);
    let from = rows.from();
    each(conn, cx, &wanted, from.as_deref(), |facts| {
        if !asked_for(filter, &facts) {
            return ControlFlow::Continue(());
        }
        let (key, id) = (facts.project.id.to_string(), facts.id.to_string());
        let holds = |place: Place| {
            filter.part.is_none_or(|part| part.holds(place))
                && filter.reason.is_none_or(|why| place == Place::Out(why))
        };
        if figure == MilestoneFigure::Moves {
            for one in moves(filter, &facts) {
                let place = measured(Some(one.days));
                if holds(place) {
                    let id = format!("{id}/{}", one.id);
                    rows.add(key.clone(), id, || record(&facts, Some(one), place));
                }
            }
        } else {
            let place = facts.place(figure, wanted.day);
            if holds(place) {
                rows.add(key, id, || record(&facts, None, place));
            }
        }
        rows.goes_on()
    })?;
    Ok(rows.listed(page))
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

fn asked_for(filter: &MilestoneRecordFilter, facts: &Facts) -> bool {
    let fresh = facts.freshness.map(|freshness| freshness.state);
    let statuses = filter.status.as_ref();
    statuses.is_none_or(|statuses| statuses.contains(&facts.status))
        && filter.freshness.is_none_or(|state| fresh == Some(state))
        && filter.group.as_ref().is_none_or(|group| {
            facts
                .keys
                .iter()
                .any(|key| key.value.as_ref() == Some(group))
        })
        && (filter.group_unknown != Some(true) || facts.keys.contains(&GroupKey::UNKNOWN))
}

fn record(facts: &Facts, moved: Option<&Moved>, place: Place) -> MilestoneRecord {
    MilestoneRecord {
        milestone_id: facts.id,
        kind: facts.kind,
        title: facts.title.clone(),
        project: facts.project.clone(),
        municipality: facts.municipality.clone(),
        status: facts.status,
        baseline: facts.baseline.clone(),
        target: facts.target.clone(),
        actual: facts.actual.clone(),
        slip: facts.slip,
        freshness: facts.freshness,
        moved: moved.map(|one| RecordedMove {
            forecast_id: one.id,
            direction: one.direction,
            stated_on: one.stated_on.clone(),
            from: one.from.clone(),
            to: one.to.clone(),
            days: one.days,
            reason_code: one.reason,
        }),
        standing: place.into(),
    }
}
