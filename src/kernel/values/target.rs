//! Targets as deadlines, and whether one target moved another. Pure: the day is an argument.
//!
//! "2024년까지" is a limit, and "2022" is met on any day of 2022: the last day of a target is its
//! deadline.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ImpreciseDate;

/// Direction in which a statement moved a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    Later,
    Earlier,
}

/// Returns the direction in which `to` certainly moved the target `from`. `None` if they are of the
/// same days, if one only narrows or widens the other, or if it cannot be determined.
///
/// A limit is not an uncertainty: "by 2024" is compared as the year 2024, so that a target in 2023
/// has moved and one in June 2024 is only more precise. Two limits ("by June", "by December") are
/// compared by their last days alone.
fn moved(from: &ImpreciseDate, to: &ImpreciseDate) -> Option<Move> {
    if !from.is_dated() || !to.is_dated() {
        return None;
    }
    if narrows_or_widens(from, to) {
        return None;
    }
    match (from.latest(), to.latest()) {
        (Some(from), Some(to)) => match to.cmp(&from) {
            Ordering::Greater => Some(Move::Later),
            Ordering::Less => Some(Move::Earlier),
            Ordering::Equal => None,
        },
        (Some(last), None) => to.starts_after(last).then_some(Move::Later),
        (None, Some(last)) => from.starts_after(last).then_some(Move::Earlier),
        (None, None) => None,
    }
}

/// Returns the direction in which `to` certainly moved the target that stood, and that target. `stated`
/// holds the dated targets since the last move: the last of them is compared or, if it only was wider,
/// the one that it widened. Otherwise a target could slip by any distance without ever having moved.
/// What an earlier target held all along has not moved.
fn moved_from<'a>(
    stated: &[&'a ImpreciseDate],
    to: &ImpreciseDate,
) -> Option<(Move, &'a ImpreciseDate)> {
    let (&last, before) = stated.split_last()?;
    let way = |from: &'a ImpreciseDate| Some((moved(from, to)?, from));
    if !to.is_dated() || !contains(last, to) || moved(last, to).is_some() {
        return way(last);
    }
    let place = before.iter().rposition(|from| !contains(from, to))?;
    let was_held = before[..place].iter().any(|from| contains(from, to));
    way(before[place]).filter(|_| !was_held)
}

/// Returns, for each of several targets in the order in which they were stated, whether and from which
/// target it moved.
pub fn moves<'a>(
    targets: impl IntoIterator<Item = &'a ImpreciseDate>,
) -> impl Iterator<Item = Option<(Move, &'a ImpreciseDate)>> {
    let mut stated: Vec<&ImpreciseDate> = Vec::new();
    targets.into_iter().map(move |to| {
        let moved = moved_from(&stated, to);
        if moved.is_some() {
            stated.clear();
        }
        stated.extend(Some(to).filter(|to| to.is_dated()));
        moved
    })
}

/// Returns true if one target names all days of the other. Of two limits neither does: each names
/// another last day.
fn narrows_or_widens(from: &ImpreciseDate, to: &ImpreciseDate) -> bool {
    let limits = from.earliest().is_none() && to.earliest().is_none();
    !limits && (contains(from, to) || contains(to, from))
}

/// Like [`deadline_slip_days`] of a target that is not met, but 0 for one that only narrows or widens
/// the other: it has not moved.
pub fn moved_days(from: &ImpreciseDate, to: &ImpreciseDate) -> Option<i64> {
    match from.is_dated() && to.is_dated() && narrows_or_widens(from, to) {
        true => Some(0),
        false => deadline_slip_days(from, to, false),
    }
}

/// Returns true if all days that `inner` names are days that `outer` names.
fn contains(outer: &ImpreciseDate, inner: &ImpreciseDate) -> bool {
    let starts = inner.named_from() >= outer.named_from();
    let ends = outer
        .latest()
        .is_none_or(|outer| inner.latest().is_some_and(|inner| inner <= outer));
    starts && ends
}

/// Returns the number of days from the last day of one target to the last day of another, or of the
/// date it was met: then 0 if that does not lie after the target. `None` unless both have a last
/// day. `None` also if it was met on a day that may lie in the target or after it: "2021" may be in
/// time for June 2021, and so may one recorded in words alone, which was met by the day of its
/// recording.
pub fn deadline_slip_days(from: &ImpreciseDate, to: &ImpreciseDate, met: bool) -> Option<i64> {
    let last = from.latest()?;
    let days = (to.latest()? - last).num_days();
    match met {
        true if days > 0 && !to.starts_after(last) => None,
        true => Some(days.max(0)),
        false => Some(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(edtf: &str) -> ImpreciseDate {
        ImpreciseDate::parse(edtf).unwrap()
    }

    #[test]
    fn a_target_that_narrows_or_widens_another_has_not_moved() {
        let cases = [
            ("2022", "2023", Some(Move::Later)),
            ("2023-09", "2022", Some(Move::Earlier)),
            ("../2024", "2026-41", Some(Move::Later)),
            ("2026", "../2024", Some(Move::Earlier)),
            ("2023/2024", "2024/2025", Some(Move::Later)),
            ("2023", "../2024", Some(Move::Later)),
            ("../2024", "2023-06", Some(Move::Earlier)),
            // Narrower or wider.
            ("2024", "2024-06", None),
            ("2021-03", "2021", None),
            ("2021", "2021-12", None),
            ("2026-12~", "2026-41", None),
            ("../2024", "2024-06", None),
            ("2024", "../2024", None),
            ("2024-06", "../2024", None),
            ("2024/..", "2025", None),
            ("2024", "2024", None),
            // A limit that was extended or shortened.
            ("../2021-06-30", "../2021-12-31", Some(Move::Later)),
            ("../2024", "../2023", Some(Move::Earlier)),
            ("../2024", "../2024-12-31", None),
            // An open end, beyond the other target or not.
            ("2024", "2025/..", Some(Move::Later)),
            ("2025/..", "2024", Some(Move::Earlier)),
            ("2024/2025", "2025/..", None),
            ("2024/..", "2025/..", None),
        ];
        for (from, to, way) in cases {
            let (from, to) = (date(from), date(to));
            assert_eq!(moved(&from, &to), way, "{from:?} {to:?}");
            let days = moved_days(&from, &to);
            let sign = days.map_or(0, i64::signum);
            match way {
                Some(Move::Later) => assert_ne!(sign, -1, "{from:?} {to:?}"),
                Some(Move::Earlier) => assert_ne!(sign, 1, "{from:?} {to:?}"),
                None => assert_eq!(sign, 0, "{from:?} {to:?}"),
            }
        }
        let words: ImpreciseDate =
            serde_json::from_value(serde_json::json!({"as_stated": "사업 완료 시까지"})).unwrap();
        assert_eq!(moved(&words, &date("2024")), None);
        assert_eq!(moved(&date("2024"), &words), None);
    }

    #[test]
    fn a_target_that_was_widened_or_left_open_still_stands() {
        let words: ImpreciseDate =
            serde_json::from_value(serde_json::json!({"as_stated": "미정"})).unwrap();
        let target = |text: &str| match text {
            "미정" => words.clone(),
            edtf => date(edtf),
        };
        let later = Some(Move::Later);
        for (stated, ways) in [
            (&["2022", "미정", "2025"][..], &[None, None, later][..]),
            (&["2022", "2022/2025", "2025"], &[None, None, later]),
            (&["2022", "2022/2025", "2022-06"], &[None, None, None]),
            (&["2024/2025", "2025/..", "2026"], &[None, None, later]),
            (&["2022-03", "2022", "2022-09"], &[None, None, later]),
            (&["2022", "2022-03", "2022-09"], &[None, None, later]),
            (&["미정", "2022", "2023"], &[None, None, later]),
            // It lies in what had been stated before it was narrowed.
            (
                &["2021", "2021-03", "2021", "2021-12"],
                &[None, None, None, None],
            ),
            // A move counts once.
            (
                &["2022", "2025", "2025", "2024/2026", "2025-06"],
                &[None, later, None, None, None],
            ),
        ] {
            let all: Vec<ImpreciseDate> = stated.iter().copied().map(target).collect();
            let found = moves(&all).map(|way| way.map(|(way, _)| way));
            assert_eq!(found.collect::<Vec<_>>(), ways, "{stated:?}");
        }
    }

    #[test]
    fn deadlines_are_compared_by_their_last_days() {
        let cases = [
            ("../2021-06-30", "../2021-12-31", false, Some(184)),
            ("../2024", "2026-12~", false, Some(730)),
            ("2021", "2021-08", false, Some(-122)),
            ("2022", "2022", false, Some(0)),
            ("2022", "2022-01-01", true, Some(0)),
            ("2022", "2022-12-31", true, Some(0)),
            ("2022", "2023-01-01", true, Some(1)),
            ("2022", "2021-05", true, Some(0)),
            ("../2024", "2024", true, Some(0)),
            ("2021", "2023-10-26", true, Some(664)),
            ("2021-06-30", "2021", true, None),
            ("2021-06-30", "2020/2022", true, None),
            ("../2021-06", "2021-07", true, Some(31)),
            ("2021-06-30", "2021", false, Some(184)),
            ("2024/..", "2025", false, None),
            ("2024", "2025/..", false, None),
        ];
        for (from, to, met, days) in cases {
            let found = deadline_slip_days(&date(from), &date(to), met);
            assert_eq!(found, days, "{from} {to}");
        }
    }

    #[test]
    fn a_target_met_on_a_day_in_words_alone_is_late_by_no_known_days() {
        let words: ImpreciseDate =
            serde_json::from_value(serde_json::json!({"as_stated": "지난달 개통"})).unwrap();
        let met = words.happened_by("2024-06-30".parse().unwrap());
        assert_eq!(deadline_slip_days(&date("2023"), &met, true), None);
        assert_eq!(deadline_slip_days(&date("2024"), &met, true), Some(0));
    }
}
