//! The members of a working group over time, and how often they took part.

use chrono::NaiveDate;

use crate::kernel::values::ImpreciseDate;
use crate::organizations::types::MemberContent;
use crate::pages::agreements::source;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;
use crate::pages::scale::{Scale, place};
use crate::pages::words::Words;
use crate::working_groups::types::{
    GroupMember, GroupMemberContent, Meeting, MeetingStatus, WorkingGroup,
};

/// A member with the time of its membership.
pub struct MemberRow {
    pub name: Link,
    /// The post or the person by which the organization takes part.
    pub seat: Option<Text>,
    pub role: Option<Text>,
    pub joined: Dated,
    /// `None` while the membership lasts, or if its end is unknown.
    pub left: Option<Dated>,
    pub chaired: Vec<String>,
    pub is_chair: bool,
    pub stay: Option<Stay>,
    pub attendance: String,
    pub sources: Vec<Link>,
}

/// A membership as parts of a picture: the days on which it is possible, and those on which it is
/// certain.
#[derive(Debug, PartialEq, Eq)]
pub struct Stay {
    pub possible: (String, String),
    pub certain: Option<(String, String)>,
}

/// Returns the members who chair a group.
pub fn chairs(w: Words, one: &WorkingGroup) -> Vec<Text> {
    let chairs = one.members.iter();
    let chairs = chairs.filter(|member| one.chair_ids.contains(&member.id));
    chairs.map(|member| seat_of(w, member)).collect()
}

fn seat_of(w: Words, member: &GroupMember) -> Text {
    match seat(w, &member.content) {
        Some(seat) => {
            let name = member.organization.name.in_language(w.0);
            Text::stated(format!("{name} {}", seat.plain()), w)
        }
        None => Text::of(&member.organization.name, w),
    }
}

fn seat(w: Words, content: &GroupMemberContent) -> Option<Text> {
    let post = content
        .post
        .as_ref()
        .map(|post| post.in_language(w.0).to_owned());
    let parts: Vec<String> = post
        .into_iter()
        .chain(content.person_name.clone())
        .collect();
    (!parts.is_empty()).then(|| Text::stated(parts.join(" "), w))
}

/// Returns the scale of the years in which a group had members.
pub fn scale(one: &WorkingGroup, day: NaiveDate, width: f64) -> Option<Scale> {
    let content = &one.content;
    let members = one.members.iter().map(|member| &member.content.content);
    let dates = members.flat_map(|member| [member.joined.as_ref(), member.left.as_ref()]);
    let dates = dates.chain([content.established.as_ref(), content.dissolved.as_ref()]);
    let days = dates
        .flatten()
        .flat_map(|date| [date.earliest(), date.latest()]);
    let days: Vec<NaiveDate> = days.flatten().collect();
    // Nothing is drawn of days that nobody stated.
    (!days.is_empty()).then(|| Scale::of(days.into_iter().chain([day]), 0.0, width))?
}

/// Returns the members in their order.
pub fn members(
    frame: &Frame,
    one: &WorkingGroup,
    meetings: &[Meeting],
    scale: Option<Scale>,
    day: NaiveDate,
) -> Vec<MemberRow> {
    let w = frame.w;
    let rows = one.members.iter().map(|member| {
        let (content, term) = (&member.content, &member.content.content);
        let href = frame.to(&format!("organizations/{}", member.organization.id));
        MemberRow {
            name: Link::to(href, Text::of(&member.organization.name, w)),
            seat: seat(w, content),
            role: term.role.as_ref().map(|role| Text::of(role, w)),
            joined: Dated::of(term.joined.as_ref(), w),
            left: term.left.as_ref().map(|left| Dated::of(Some(left), w)),
            chaired: chaired(w, content),
            is_chair: one.chair_ids.contains(&member.id),
            stay: scale.map(|scale| stay(scale, term, day)),
            attendance: attendance(w, member, meetings),
            sources: term.sources.iter().map(|one| source(w, one)).collect(),
        }
    });
    rows.collect()
}

/// Returns the terms in which a member chairs the group, in words.
fn chaired(w: Words, content: &GroupMemberContent) -> Vec<String> {
    let terms = content.chair_terms.iter().map(|term| {
        let from = w.date(term.from.as_ref());
        match &term.until {
            Some(until) => format!("{from} ~ {}", w.date(Some(until))),
            None => format!("{from} ~"),
        }
    });
    terms.collect()
}

/// Returns a membership as parts of a picture. One without an end lasts until the day of the page.
fn stay(scale: Scale, term: &MemberContent, day: NaiveDate) -> Stay {
    let ends = |date: Option<&ImpreciseDate>| {
        let date = date.filter(|date| date.is_dated());
        (
            date.and_then(ImpreciseDate::earliest),
            date.and_then(ImpreciseDate::latest),
        )
    };
    let (joined, left) = (ends(term.joined.as_ref()), ends(term.left.as_ref()));
    let after = |day: NaiveDate| day.succ_opt().unwrap_or(day);
    let part = |from: NaiveDate, until: NaiveDate| {
        let (from, until) = (scale.at(from), scale.at(after(until)));
        (until > from).then(|| (place(from), place(until - from)))
    };
    let last = left.1.unwrap_or(match term.left {
        Some(_) => scale.last(),
        None => day,
    });
    let possible = part(joined.0.unwrap_or(scale.first()), last);
    let certain = joined.1.and_then(|from| {
        let until = match term.left {
            Some(_) => left.0?,
            None => day,
        };
        part(from, until)
    });
    Stay {
        possible: possible.unwrap_or_else(|| (place(0.0), place(0.0))),
        certain,
    }
}

/// Returns at how many meetings a member took part, of those whose attendance is recorded and that
/// were held while it was a member, or may have been.
fn attendance(w: Words, member: &GroupMember, meetings: &[Meeting]) -> String {
    let held = meetings.iter().filter(|meeting| is_recorded(meeting));
    let attended = |meeting: &Meeting| {
        meeting
            .content
            .attendee_ids
            .contains(&member.organization.id)
    };
    let theirs = held.filter(|meeting| {
        attended(meeting) || may_be_member(&member.content.content, &meeting.content.held_on)
    });
    let (mut all, mut came) = (0, 0);
    for meeting in theirs {
        all += 1;
        came += usize::from(attended(meeting));
    }
    match (all, w.tag()) {
        (0, _) => w.unknown().to_owned(),
        (_, "ko") => format!("{all}회 중 {came}회"),
        _ => format!("{came} of {all}"),
    }
}

/// Returns true for a meeting that was held and of which attendees are recorded: without them,
/// nobody knows who came.
pub fn is_recorded(meeting: &Meeting) -> bool {
    meeting.content.status == MeetingStatus::Held && !meeting.attendees.is_empty()
}

/// Returns true unless a membership certainly began after or ended before a date.
pub fn may_be_member(term: &MemberContent, on: &ImpreciseDate) -> bool {
    let (earliest, latest) = (on.earliest(), on.latest());
    let later = |day| {
        term.joined
            .as_ref()
            .is_some_and(|date| date.starts_after(day))
    };
    let gone = |day| term.left.as_ref().is_some_and(|date| date.ends_before(day));
    !latest.is_some_and(later) && !earliest.is_some_and(gone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn drawn(joined: Option<&str>, left: Option<&str>) -> Stay {
        let date = |text: Option<&str>| text.map(|text| json!({"edtf": text}));
        let term = json!({"joined": date(joined), "left": date(left)});
        let term: MemberContent = serde_json::from_value(term).unwrap();
        let days = ["2021-01-01", "2023-12-31"].map(day);
        // Three years of 365 days: one unit is one day.
        let scale = Scale::of(days.into_iter(), 0.0, 1095.0).unwrap();
        stay(scale, &term, day("2022-12-31"))
    }

    fn part(at: &str, width: &str) -> (String, String) {
        (format!("{at}.0"), format!("{width}.0"))
    }

    #[test]
    fn a_membership_is_certain_between_its_ends_only() {
        let exact = drawn(Some("2021-01-11"), Some("2021-01-20"));
        assert_eq!(exact.possible, part("10", "10"));
        assert_eq!(exact.certain, Some(part("10", "10")));
        // A month in which it joined is possible; from its last day on it is certain.
        let month = drawn(Some("2021-01"), None);
        assert_eq!(month.possible, part("0", "730"));
        assert_eq!(month.certain, Some(part("30", "700")));
        let year = drawn(Some("2021-01-01"), Some("2022"));
        assert_eq!(year.possible, part("0", "730"));
        assert_eq!(year.certain, Some(part("0", "366")));
    }

    #[test]
    fn an_unknown_end_makes_nothing_certain() {
        assert_eq!(drawn(None, None).certain, None);
        assert_eq!(drawn(None, None).possible, part("0", "730"));
        assert_eq!(
            drawn(Some("2021-01-01"), Some("2022/..")).certain,
            Some(part("0", "366"))
        );
        assert_eq!(drawn(Some("2021"), Some("2021")).certain, None);
    }
}
