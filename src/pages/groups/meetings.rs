//! The meetings of a working group, and who took part.

use chrono::NaiveDate;

use super::members::{is_recorded, may_be_member};
use crate::pages::agreements::source;
use crate::pages::files::Files;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;
use crate::working_groups::types::{Meeting, MeetingStatus, WorkingGroup};

/// A meeting as a row.
pub struct MeetingRow {
    /// Id of the row, to which links from elsewhere lead.
    pub id: String,
    pub on: Dated,
    pub title: Text,
    pub status: String,
    pub venue: Option<Text>,
    pub agenda: Option<Text>,
    pub decisions: Option<Text>,
    /// How many members took part; `None` for a meeting that was not held.
    pub attendance: Option<String>,
    pub attendees: Vec<Link>,
    pub links: Vec<Link>,
}

/// Returns the meetings that were known of on a past day; all of them without one.
pub fn known(meetings: Vec<Meeting>, past: Option<NaiveDate>) -> Vec<Meeting> {
    let mut meetings = meetings;
    if let Some(day) = past {
        meetings.retain(|meeting| meeting.content.held_on.known_by(day));
    }
    meetings
}

/// Returns meetings in their order.
pub fn rows(
    frame: &Frame,
    group: &WorkingGroup,
    meetings: &[Meeting],
    files: Files<'_>,
) -> Vec<MeetingRow> {
    let w = frame.w;
    let rows = meetings.iter().map(|meeting| {
        let content = &meeting.content;
        let attendees = meeting.attendees.iter().map(|one| {
            let href = frame.to(&format!("organizations/{}", one.id));
            Link::to(href, Text::of(&one.name, w))
        });
        let documents = content.documents.iter();
        let documents =
            documents.map(|one| Link::elsewhere(one.url.as_deref(), Text::of(&one.title, w)));
        let sources = content.sources.iter().map(|one| source(w, one));
        let files = files.links(&meeting.files, &format!("meetings/{}", meeting.meta.id));
        let text = |text: &Option<_>| text.as_ref().map(|text| Text::of(text, w));
        MeetingRow {
            id: format!("meeting-{}", meeting.meta.id),
            on: Dated::of(Some(&content.held_on), w),
            title: Text::of(&content.title, w),
            status: w.label("MeetingStatus", &content.status),
            venue: text(&content.venue),
            agenda: text(&content.agenda),
            decisions: text(&content.decisions),
            attendance: (content.status == MeetingStatus::Held)
                .then(|| attendance(frame, group, meeting)),
            attendees: attendees.collect(),
            links: documents.chain(files).chain(sources).collect(),
        }
    });
    rows.collect()
}

/// Returns how many of the organizations that were members, or may have been, took part.
fn attendance(frame: &Frame, group: &WorkingGroup, meeting: &Meeting) -> String {
    let w = frame.w;
    if !is_recorded(meeting) {
        return w.unknown().to_owned();
    }
    let on = &meeting.content.held_on;
    let members = group.members.iter();
    let members = members.filter(|member| may_be_member(&member.content.content, on));
    // One organization can have several seats.
    let mut ids: Vec<_> = members.map(|member| member.organization.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let came = ids
        .iter()
        .filter(|id| meeting.content.attendee_ids.contains(id));
    let (came, all) = (came.count(), ids.len());
    let guests = meeting.attendees.len() - came;
    let members = match w.tag() {
        "ko" => format!("구성 기관 {all}곳 중 {came}곳"),
        _ => format!("{came} of {all} members"),
    };
    match (guests, w.tag()) {
        (0, _) => members,
        (_, "ko") => format!("{members}, 그 밖에 {guests}곳"),
        _ => format!("{members}, {guests} others"),
    }
}
