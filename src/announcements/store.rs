//! Queries and writes of announcements.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::not;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::records::ANNOUNCEMENT;
use super::types::{Announcement, AnnouncementContent, AnnouncementCreate, AnnouncementStanding};
use super::{sources, views};
use crate::db::schema::announcements as n;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::known_municipality;
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, AnnouncementId, MilestoneId, OrganizationId};
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{ImpreciseDate, Localized, Meta, Source, to_db};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope};
use crate::projections::gap_codes;
use crate::projections::search_index as search;
use crate::projections::search_index::Owned;

/// Ids per statement at most.
pub(super) const AT_ONCE: usize = 4_096;

/// A recorded agreement or milestone that an announcement can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Agreement(AgreementId),
    Milestone(MilestoneId),
}

impl Target {
    pub fn agreement(self) -> Option<AgreementId> {
        match self {
            Self::Agreement(id) => Some(id),
            Self::Milestone(_) => None,
        }
    }

    pub fn milestone(self) -> Option<MilestoneId> {
        match self {
            Self::Agreement(_) => None,
            Self::Milestone(id) => Some(id),
        }
    }

    pub fn id(self) -> Uuid {
        match self {
            Self::Agreement(id) => id.into(),
            Self::Milestone(id) => id.into(),
        }
    }
}

/// What a person decided of an announcement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub standing: AnnouncementStanding,
    /// What it is confirmed to be about.
    pub about: Option<Target>,
    /// Reason for the rejection.
    pub reason: Option<Localized>,
    /// The source that the agreement got: the announcement as it was when it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Agreements and milestones that it is certainly not about.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ruled_out: BTreeSet<Target>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Doc {
    pub municipality_id: OrganizationId,
    pub content: AnnouncementContent,
    pub verdict: Verdict,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = n)]
pub(super) struct Row {
    id: String,
    version: i64,
    doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    pub fn read(self) -> Result<Stored, ApiError> {
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        let Json(doc) = self.doc;
        Ok(Stored { meta, doc })
    }
}

/// A stored announcement.
#[derive(Clone)]
pub struct Stored {
    pub meta: Meta<AnnouncementId>,
    pub doc: Doc,
}

/// Loads an announcement.
///
/// # Errors
/// `not_found` if it does not exist or the caller cannot see it.
pub fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Stored, ApiError> {
    let row: Row = n::table
        .find(id.to_string())
        .filter(Scope::of(&cx.caller, "announcements"))
        .select(Row::as_select())
        .first(conn)?;
    row.read()
}

/// Reads the announcements of municipalities, and those with these ids, as far as the caller sees
/// them.
///
/// # Errors
/// Fails if the database does.
pub fn of_municipalities(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipalities: &[String],
    ids: &[String],
) -> Result<Vec<Stored>, ApiError> {
    let mut rows: Vec<Row> = n::table
        .filter(Scope::of(&cx.caller, "announcements"))
        .filter(in_list(n::municipality_id, municipalities))
        .order(n::id)
        .select(Row::as_select())
        .load(conn)?;
    for some in ids.chunks(AT_ONCE) {
        let others = n::table
            .filter(Scope::of(&cx.caller, "announcements"))
            .filter(not(in_list(n::municipality_id, municipalities)))
            .filter(in_list(n::id, some));
        rows.extend(others.order(n::id).select(Row::as_select()).load(conn)?);
    }
    rows.into_iter().map(Row::read).collect()
}

/// Loads an announcement in order to change it.
///
/// # Errors
/// `not_found`; `forbidden` if it belongs to another municipality.
pub fn load_own(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Stored, ApiError> {
    let stored = load(conn, cx, id)?;
    cx.caller.may_change(stored.doc.municipality_id)?;
    Ok(stored)
}

/// Reads an announcement.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Announcement, ApiError> {
    let stored = load(conn, cx, id)?;
    views::view(conn, cx, stored)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = n, treat_none_as_null = true)]
struct Columns<'a> {
    visibility: &'static str,
    kind: String,
    standing: String,
    agreement_id: Option<String>,
    milestone_id: Option<String>,
    title: Json<&'a Localized>,
    sort_title: String,
    sort_announced: String,
    announced_earliest: Option<NaiveDate>,
    announced_latest: Option<NaiveDate>,
    publisher: Option<&'a str>,
    url: Option<&'a str>,
    gaps: String,
    doc: Json<&'a Doc>,
}

fn columns(doc: &Doc) -> Columns<'_> {
    let content = &doc.content;
    let announced = content.announced_on.as_ref();
    let about = doc.verdict.about;
    Columns {
        visibility: content.visibility.as_str(),
        kind: to_db(&content.kind),
        standing: to_db(&doc.verdict.standing),
        agreement_id: about.and_then(Target::agreement).map(|id| id.to_string()),
        milestone_id: about.and_then(Target::milestone).map(|id| id.to_string()),
        title: Json(&content.title),
        sort_title: content.title.sort_key(),
        // Undated ones sort first, so the newest come first in descending order.
        sort_announced: announced.map(ImpreciseDate::event_key).unwrap_or_default(),
        announced_earliest: announced.and_then(ImpreciseDate::earliest),
        announced_latest: announced.and_then(ImpreciseDate::latest),
        publisher: content.publisher.as_deref(),
        url: content.url.as_deref(),
        gaps: gap_codes::to_column(&views::gaps(content)),
        doc: Json(doc),
    }
}

/// Returns what the day of an announcement contradicts.
pub fn wrong_days(today: NaiveDate, content: &AnnouncementContent) -> Vec<FieldError> {
    let announced = content.announced_on.as_ref();
    let ahead = announced.and_then(|on| not_passed(on, "/announced_on", today));
    ahead.into_iter().collect()
}

/// Records an announcement.
///
/// # Errors
/// `forbidden` for another municipality; `validation_failed` for an unknown one, or a day that has
/// not come.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &AnnouncementCreate,
) -> Result<Announcement, ApiError> {
    let stored = insert(conn, cx, new)?;
    views::view(conn, cx, stored)
}

/// Records an announcement, like [`create`], without reading what it refers to.
///
/// # Errors
/// Like [`create`].
pub fn insert(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &AnnouncementCreate,
) -> Result<Stored, ApiError> {
    cx.caller.may_change(new.municipality_id)?;
    let doc = Doc {
        municipality_id: new.municipality_id,
        content: new.content.clone(),
        verdict: Verdict::default(),
    };
    let mut errors = wrong_days(cx.today, &doc.content);
    known_municipality(conn, "/municipality_id", doc.municipality_id, &mut errors)?;
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let meta = cx.new_meta();
    put(conn, &meta, &doc)?;
    ledger::append(conn, cx, &ANNOUNCEMENT, &meta.id.to_string(), None)?;
    Ok(Stored { meta, doc })
}

/// Restores an announcement from the log.
///
/// # Errors
/// Fails if the logged state cannot be read.
pub fn restore(conn: &mut AnyConnection, was: &PastState) -> Result<(), ApiError> {
    put(conn, &was.meta()?, &was.doc()?)
}

fn put(conn: &mut AnyConnection, meta: &Meta<AnnouncementId>, doc: &Doc) -> Result<(), ApiError> {
    diesel::insert_into(n::table)
        .values((
            n::id.eq(meta.id.to_string()),
            n::version.eq(meta.version),
            n::municipality_id.eq(doc.municipality_id.to_string()),
            columns(doc),
            n::created_at.eq(meta.created_at.naive_utc()),
            n::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    index(conn, meta.id, doc)
}

fn index(conn: &mut AnyConnection, id: AnnouncementId, doc: &Doc) -> Result<(), ApiError> {
    let content = serde_json::to_value(&doc.content).map_err(ApiError::internal)?;
    search::index(
        conn,
        ANNOUNCEMENT.name,
        id.into(),
        Owned {
            municipality_id: Some(doc.municipality_id),
            visibility: doc.content.visibility,
            context_id: id.into(),
        },
        &[&doc.content.title],
        &content,
    )
}

/// Changes an announcement, and what a confirmed one became a source of.
///
/// # Errors
/// `not_found`; `forbidden`, also if the caller cannot change what it is a source of;
/// `precondition_failed`; `validation_failed` for a day that has not come.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
    expected: &IfMatch,
    patch: &Patch<AnnouncementContent>,
) -> Result<Announcement, ApiError> {
    let mut stored = load_own(conn, cx, id)?;
    expected.check(&stored.meta.revision())?;
    let Some(content) = patch.apply(&stored.doc.content)? else {
        return views::view(conn, cx, stored);
    };
    let errors = wrong_days(cx.today, &content);
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let before = std::mem::replace(&mut stored.doc.content, content);
    let warning = sources::follow(conn, cx, &mut stored, &before)?;
    let mut view = save(conn, cx, stored, None)?;
    view.warnings.extend(warning);
    Ok(view)
}

/// Saves a changed announcement.
///
/// # Errors
/// A collision if another transaction changed it.
pub(super) fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut stored: Stored,
    reason: Option<&Localized>,
) -> Result<Announcement, ApiError> {
    let Stored { meta, doc } = &mut stored;
    let id = meta.id.to_string();
    let changed = diesel::update(n::table.find(&id).filter(n::version.eq(meta.version)))
        .set((
            columns(doc),
            n::version.eq(meta.version + 1),
            n::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    meta.version += 1;
    meta.updated_at = cx.now.and_utc();
    search::remove(conn, ANNOUNCEMENT.name, &id)?;
    index(conn, meta.id, doc)?;
    ledger::append(conn, cx, &ANNOUNCEMENT, &id, reason)?;
    views::view(conn, cx, stored)
}

/// Deletes an announcement.
///
/// # Errors
/// `not_found`; `forbidden`; `precondition_failed` if the version differs; `conflict` if it is
/// confirmed.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let stored = load_own(conn, cx, id)?;
    expected.check(&stored.meta.revision())?;
    if stored.doc.verdict.about.is_some() {
        return Err(ApiError::with(
            Code::Conflict,
            "확인된 발표는 지울 수 없습니다. 먼저 확인을 취소해야 합니다.",
            "A confirmed announcement is not deleted: reopen it first.",
        ));
    }
    diesel::delete(n::table.find(id.to_string())).execute(conn)?;
    search::remove(conn, ANNOUNCEMENT.name, &id.to_string())?;
    ledger::append(conn, cx, &ANNOUNCEMENT, &id.to_string(), None)
}
