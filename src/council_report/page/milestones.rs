//! Section on milestones: moved, overdue and met.

use super::cells::{Cell, NUMBER, Part, Words, numbered, short, text, titled};
use super::words::{UNKNOWN, date, days, deadline_slip, slip};
use crate::council_report::types::{CouncilReport, MilestoneRef};
use crate::kernel::values::{DayRange, Source, moved_days};

/// Returns a cell that describes a source and links to its URL.
fn source(source: Option<&Source>, w: Words) -> Cell {
    let mut cell = text([]);
    let Some(source) = source else {
        cell.lines.push(w.message(&UNKNOWN));
        return cell;
    };
    let published = source.published_on.as_ref().map(|on| date(Some(on), w.0));
    let parts = [source.publisher.clone(), source.title.clone(), published];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let words = parts.join(", ");
    let web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    match source.url.as_ref().filter(web) {
        Some(url) => {
            let words = Some(words).filter(|words| !words.is_empty());
            cell.link = Some((words.unwrap_or_else(|| url.clone()), url.clone()));
        }
        None => cell
            .lines
            .push(w.or_unknown(Some(words).filter(|words| !words.is_empty()))),
    }
    cell
}

fn step(milestone: &MilestoneRef, w: Words) -> Cell {
    titled(
        &milestone.title,
        Some(milestone.project.title.in_language(w.0)),
        w.0,
    )
}

/// Returns a cell with the slip from deadline to deadline, and the possible range in small type if
/// it says more.
fn slipped(range: Option<&DayRange>, deadline: Option<i64>, met: bool, w: Words) -> Cell {
    let range = range.map(|range| slip(range, w.0));
    let deadline = deadline.map(|days| deadline_slip(days, met, w.0));
    let mut cell = short(w.or_unknown(deadline.or(range.clone())));
    let range = range.filter(|range| !cell.lines.contains(range));
    cell.lines.extend(range);
    cell
}

pub(super) fn milestones(report: &CouncilReport, w: Words) -> Vec<Part> {
    w.lettered(vec![
        (w.pick("목표 시점 변경", "Targets moved"), moved(report, w)),
        (w.pick("기한 경과", "Overdue"), overdue(report, w)),
        (w.pick("달성", "Met"), met(report, w)),
    ])
}

fn moved(report: &CouncilReport, w: Words) -> Part {
    let rows = report.moved_milestones.iter().map(|one| {
        let code = one.reason_code.map(|code| w.word(code));
        let reason = match (code, w.of(one.reason.as_ref())) {
            (Some(code), Some(reason)) => format!("{code}: {reason}"),
            (code, reason) => w.or_unknown(code.or(reason)),
        };
        vec![
            step(&one.milestone, w),
            w.date(Some(&one.stated_on)),
            short(date(Some(&one.was), w.0)),
            short(date(Some(&one.became), w.0)),
            slipped(Some(&one.slip), one.deadline_slip_days, false, w),
            text([reason]),
            source(one.source.as_ref(), w),
        ]
    });
    w.part(
        Some(w.pick(
            "변동은 목표의 마지막 날끼리 센 일수이며, 정확한 날이 아니면 가능한 범위를 덧붙임. 목표를 더 좁히거나 넓히기만 한 것은 변경으로 세지 않음",
            "Days from the last day of one target to that of the other, and the possible range where a target is no certain day. A target that only narrows or widens the one before has not moved",
        )),
        &[
            NUMBER,
            ("추진 단계", "Milestone", "w14"),
            ("밝힌 날", "Stated", "w12"),
            ("종전 목표", "Before", "w10"),
            ("새 목표", "Then", "w10"),
            ("변동", "Slip", "w14"),
            ("사유", "Reason", "w14"),
            ("출처", "Source", ""),
        ],
        numbered(rows),
    )
}

fn overdue(report: &CouncilReport, w: Words) -> Part {
    let rows = report.overdue_milestones.iter().map(|one| {
        let baseline = one.baseline.as_ref();
        let moved = baseline.and_then(|from| moved_days(from, &one.target));
        vec![
            step(&one.milestone, w),
            w.date(one.baseline.as_ref()),
            w.date(Some(&one.target)),
            short(days(one.overdue_days, w.0)),
            slipped(None, moved, false, w),
        ]
    });
    w.part(
        Some(w.pick(
            "목표의 마지막 날부터 기준일까지 지난 일수",
            "Days from the last day of the target to the day of the report",
        )),
        &[
            NUMBER,
            ("추진 단계", "Milestone", "w18"),
            ("최초 목표", "First target", "w12"),
            ("현재 목표", "Target", "w12"),
            ("경과", "Overdue by", "w12"),
            ("변동", "Slip", ""),
        ],
        numbered(rows),
    )
}

fn met(report: &CouncilReport, w: Words) -> Part {
    let rows = report.met_milestones.iter().map(|one| {
        let note = w.of(one.note.as_ref());
        vec![
            step(&one.milestone, w),
            w.date(one.baseline.as_ref()),
            w.date(Some(&one.on)),
            slipped(one.slip.as_ref(), one.deadline_slip_days, true, w),
            text(note),
            source(one.source.as_ref(), w),
        ]
    });
    w.part(
        None,
        &[
            NUMBER,
            ("추진 단계", "Milestone", "w18"),
            ("최초 목표", "First target", "w12"),
            ("달성일", "Met", "w12"),
            ("변동", "Slip", "w14"),
            ("내용", "Note", "w18"),
            ("출처", "Source", ""),
        ],
        numbered(rows),
    )
}
