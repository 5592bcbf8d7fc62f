//! Who chairs a working group on a day, and when its next meeting is due.

use chrono::NaiveDate;

use super::store::StoredMember;
use super::types::{ChairTerm, WorkingGroupContent};
use super::views::is_member;
use crate::kernel::ids::MembershipId;
use crate::kernel::legal_days::months_after;
use crate::kernel::values::{Bounds, ImpreciseDate};

/// Returns the members who chair a group on a day, unless that is certainly not so.
pub(super) fn chairs(members: &[StoredMember], day: NaiveDate) -> Vec<MembershipId> {
    let chairs = |term: &ChairTerm| {
        !term.from.as_ref().is_some_and(|d| d.starts_after(day))
            && !term.until.as_ref().is_some_and(|d| d.ends_before(day))
    };
    members
        .iter()
        .filter(|member| is_member(member, day))
        .filter(|member| member.content.chair_terms.iter().any(chairs))
        .map(|member| member.id)
        .collect()
}

/// Returns the day of the last of several meetings, as bounds; `None` if there is none.
pub(super) fn last_meeting<'a>(held: impl Iterator<Item = &'a ImpreciseDate>) -> Option<Bounds> {
    held.map(|day| Bounds::of(Some(day))).reduce(Bounds::max)
}

/// Returns the day by which a group is to meet again: its interval after its last meeting, counted as
/// the Civil Act counts months (민법 157, 160).
///
/// `None` if it has no interval, if the day of its last meeting is unknown, or if the group may be
/// dissolved by then.
pub(super) fn next_meeting_due(
    group: &WorkingGroupContent,
    last: Option<Bounds>,
) -> Option<ImpreciseDate> {
    let months = group.meets_every_months?;
    let last = last?;
    let later = |day: NaiveDate| months_after(day, months);
    let (from, until) = (last.earliest.and_then(later), last.latest.and_then(later));
    let goes_on = |dissolved: &ImpreciseDate| until.is_some_and(|day| dissolved.starts_after(day));
    if !group.dissolved.as_ref().is_none_or(goes_on) {
        return None;
    }
    let text = match (from, until) {
        (Some(from), Some(until)) if from == until => from.to_string(),
        (Some(from), Some(until)) => format!("{from}/{until}"),
        (Some(from), None) => format!("{from}/.."),
        (None, Some(until)) => format!("../{until}"),
        (None, None) => return None,
    };
    ImpreciseDate::parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn date(text: &str) -> ImpreciseDate {
        serde_json::from_value(json!({"edtf": text})).unwrap()
    }

    fn due(group: Value, held: &[&str]) -> Option<String> {
        let mut content = json!({"name": {"ko": "협의체"}});
        for (name, value) in group.as_object().unwrap() {
            content[name] = value.clone();
        }
        let group = serde_json::from_value(content).unwrap();
        let held: Vec<_> = held.iter().map(|text| date(text)).collect();
        next_meeting_due(&group, last_meeting(held.iter()))?.edtf()
    }

    #[rstest]
    #[case(&["2021-08-31"], Some("2022-02-28"))]
    #[case(&["2021-08-31", "2020-01-01"], Some("2022-02-28"))]
    #[case(&["2021-08"], Some("2022-02-01/2022-02-28"))]
    // The last of two is in the month if not on the day.
    #[case(&["2021-08-15", "2021-08"], Some("2022-02-15/2022-02-28"))]
    #[case(&["../2021-08-31"], Some("../2022-02-28"))]
    #[case(&["2021-03-01/.."], Some("2021-09-01/.."))]
    // Months are counted from the next day (민법 160).
    #[case(&["2022-02-28"], Some("2022-08-31"))]
    #[case(&[], None)]
    fn the_next_meeting_is_due_after_the_last(#[case] held: &[&str], #[case] right: Option<&str>) {
        let group = json!({"meets_every_months": 6});
        assert_eq!(due(group, held).as_deref(), right);
    }

    #[rstest]
    #[case(1, "2025-02-28", "2025-03-31")]
    #[case(1, "2025-04-30", "2025-05-31")]
    #[case(1, "2025-01-30", "2025-02-28")]
    #[case(12, "2023-02-28", "2024-02-29")]
    fn an_interval_from_the_end_of_a_month_ends_with_one(
        #[case] months: u32,
        #[case] held: &str,
        #[case] right: &str,
    ) {
        let group = json!({"meets_every_months": months});
        assert_eq!(due(group, &[held]).as_deref(), Some(right));
    }

    #[test]
    fn nothing_is_due_without_an_interval_or_after_the_end() {
        let held = ["2021-08-31"];
        assert_eq!(due(json!({}), &held), None);
        for (dissolved, is_due) in [("2022-02-28", false), ("2022", false), ("2022-03", true)] {
            let group = json!({"meets_every_months": 6, "dissolved": {"edtf": dissolved}});
            assert_eq!(due(group, &held).is_some(), is_due, "{dissolved}");
        }
    }

    #[test]
    fn words_alone_give_no_day() {
        let words: ImpreciseDate = serde_json::from_value(json!({"as_stated": "지난달"})).unwrap();
        let group = json!({"name": {"ko": "협의체"}, "meets_every_months": 1});
        let group = serde_json::from_value(group).unwrap();
        assert_eq!(
            next_meeting_due(&group, last_meeting([&words].into_iter())),
            None
        );
    }
}
