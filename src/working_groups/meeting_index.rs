//! Rows derived from meetings: timeline entries, participants and the search index.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::store;
use super::types::{MeetingContent, MeetingStatus};
use crate::db::AnyConnection;
use crate::db::schema::meeting_organizations as o;
use crate::directory::names::names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MeetingId, OrganizationId, WorkingGroupId};
use crate::kernel::values::ImpreciseDate;
use crate::ledger::RequestContext;
use crate::projections::search_index::Owned;
use crate::projections::timeline_entry::{Entry, EntryKind, EntryType, NEVER_ENDS, Phase};
use crate::projections::{search_index as search, timeline_entry as entry};

/// A recorded meeting with its working group.
pub(super) struct Recorded<'a> {
    pub id: MeetingId,
    pub created_at: NaiveDateTime,
    pub content: &'a MeetingContent,
    pub group_id: WorkingGroupId,
    pub group: &'a store::Doc,
}

/// Writes the derived rows of a meeting.
pub(super) fn index(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    meeting: &Recorded,
) -> Result<(), ApiError> {
    entry::insert(conn, vec![meeting.timeline_entry(cx)])?;
    let participants = meeting.participants();
    for organization in names(conn, participants.iter().copied())?.all(&participants)? {
        diesel::insert_into(o::table)
            .values((
                o::meeting_id.eq(meeting.id.to_string()),
                o::organization_id.eq(organization.id.to_string()),
            ))
            .execute(conn)?;
    }
    let owned = Owned {
        municipality_id: Some(meeting.group.municipality_id),
        visibility: meeting.group.content.visibility,
        context_id: meeting.group_id.into(),
    };
    let texts = serde_json::to_value(meeting.content).map_err(ApiError::internal)?;
    let shown = [&meeting.content.title];
    search::index(conn, "meeting", meeting.id.into(), owned, &shown, &texts)
}

/// Deletes the derived rows of a meeting.
pub(super) fn unindex(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    entry::remove(conn, id)?;
    diesel::delete(o::table.filter(o::meeting_id.eq(id))).execute(conn)?;
    search::remove(conn, "meeting", id)
}

impl Recorded<'_> {
    fn timeline_entry(&self, cx: &RequestContext) -> Entry {
        let held_on = Some(self.content.held_on.clone());
        let (phase, target, actual) = match self.content.status {
            MeetingStatus::Planned => (Phase::Open, held_on.clone(), None),
            MeetingStatus::Held => (Phase::Met, None, held_on.clone()),
            MeetingStatus::Cancelled => (Phase::Cancelled, held_on.clone(), None),
        };
        Entry {
            type_: EntryType::Meeting,
            kind: EntryKind::Meeting,
            record_id: self.id.into(),
            owner_id: self.id.into(),
            municipality_id: self.group.municipality_id,
            visibility: self.group.content.visibility,
            project_id: self.group.content.project_id,
            project_phase: None,
            agreement: None,
            working_group_id: Some(self.group_id),
            known_from: self.known_from(cx),
            known_until: NEVER_ENDS,
            title: self.content.title.clone(),
            phase,
            when: held_on,
            baseline: None,
            target,
            actual,
            slip: None,
            follows: Vec::new(),
        }
    }

    /// Returns the day from which the meeting is known.
    ///
    /// A held meeting is known from its day on. The time at which a planned meeting became known is
    /// not recorded: assume the establishment of its group, or if that is unknown, the recording.
    fn known_from(&self, cx: &RequestContext) -> NaiveDate {
        let since = match self.content.status {
            MeetingStatus::Held => Some(&self.content.held_on),
            MeetingStatus::Planned | MeetingStatus::Cancelled => {
                self.group.content.established.as_ref()
            }
        };
        let recorded = self.created_at.and_utc().with_timezone(&cx.zone);
        since
            .and_then(ImpreciseDate::latest)
            .unwrap_or_else(|| recorded.date_naive())
    }

    /// Returns the organizations that attended, and those that were members at the time.
    fn participants(&self) -> Vec<OrganizationId> {
        let attendees = self.content.attendee_ids.iter().copied();
        let members = store::members_during(self.group, &self.content.held_on);
        attendees.chain(members).collect()
    }
}
