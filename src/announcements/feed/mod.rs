//! `POST /announcements/feed`: announcements of a feed in RSS or Atom.

mod parse;
pub mod schedule;

use std::collections::{HashMap, HashSet};

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::list::shown;
use super::records::ANNOUNCEMENT;
use super::store::{self, Doc};
use super::types::{AnnouncementContent, AnnouncementCreate, AnnouncementSummary};
use crate::db::schema::{announcements as n, changes as c};
use crate::db::{AnyConnection, Json};
use crate::http::checked::decode;
use crate::http::contract::Members;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::upload::Upload;
use crate::http::{Posted, input_name};
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{ImpreciseDate, Localized, Revision, Versioned, stored};
use crate::ledger::chain::Entry;
use crate::ledger::{RequestContext, Scope, Visibility};
use parse::Feed;

/// What a feed holds.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedTarget {
    /// Municipality about whose agreements or projects the feed is.
    #[param(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: OrganizationId,
    /// Publisher of the announcements. Defaults to the title of the feed.
    #[param(min_length = 1, max_length = 300, pattern = r"\S", example = "고양시")]
    pub publisher: Option<String>,
    /// Visibility of the records. Defaults to `public`.
    pub visibility: Option<Visibility>,
}

/// What was recorded of a feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnouncementFeed {
    /// Announcements that were recorded, in the order of the feed.
    pub recorded: Vec<AnnouncementSummary>,
    /// Number of items that had been recorded before, also if they were deleted since.
    #[schema(minimum = 0, example = 12)]
    pub known_count: usize,
    /// Why items cannot be recorded. The others are recorded.
    pub problems: Vec<AnnouncementFeedProblem>,
}

/// Why an item of a feed cannot be recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnouncementFeedProblem {
    /// JSON Pointer to the item by its place in the feed, counted from 0, and to what is wrong in it.
    #[schema(example = "/items/3/url")]
    pub pointer: String,
    /// Machine-readable error code.
    #[schema(example = "format_url")]
    pub code: String,
    /// The error and the accepted values.
    pub message: Message,
}

impl From<FieldError> for AnnouncementFeedProblem {
    fn from(error: FieldError) -> Self {
        Self {
            pointer: match error.place {
                Place::Body(pointer) => pointer,
                Place::Query(_) | Place::Header(_) => String::new(),
            },
            code: error.code,
            message: error.message,
        }
    }
}

impl Versioned for AnnouncementFeed {
    // It is no record.
    fn revision(&self) -> Revision {
        Revision::default()
    }
}

/// Record the announcements of a feed
///
/// Takes RSS (1.0, 2.0) or Atom as the body or as the one file of a form (`multipart/form-data`), and
/// records each item that is new: one whose address is not recorded yet or, without an address, whose title
/// and date are not. One that was deleted is not recorded again. The event is told by the words of the
/// title (체결, 착공, 준공), and is `other` otherwise. An item without a title has the beginning of its text
/// for one. Telephone numbers, addresses of mail and numbers that identify a person are left out. `problems`
/// name the items that cannot be recorded; the others are.
#[utoipa::path(tag = "announcements", operation_id = "create_announcement_feed", params(FeedTarget),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "What was recorded", body = AnnouncementFeed)))]
#[post("/announcements/feed")]
async fn create_announcement_feed(
    upload: Upload<FeedTarget>,
) -> Result<Posted<AnnouncementFeed>, ApiError> {
    let FeedTarget {
        municipality_id,
        publisher,
        visibility,
    } = upload.query;
    let checking = upload
        .session
        .read(move |_, cx| cx.caller.may_change(municipality_id));
    checking.await?;
    let bytes = upload.file.bytes.clone();
    let mut feed = upload.file.apart(move || parse::read(&bytes)).await?;
    feed.title = publisher.or(feed.title);
    let location = move |_: &AnnouncementFeed| {
        format!("/api/v1/announcements?municipality_id={municipality_id}")
    };
    let target = (municipality_id, visibility.unwrap_or_default());
    let work = move |conn: &mut _, cx: &_| record(conn, cx, target, &feed)?.whole(conn, cx);
    upload
        .keyed
        .created(&upload.session, upload.file.digest, location, work)
        .await
}

/// What became of the items of a feed.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Ids of the announcements that were recorded, in the order of the feed.
    ids: Vec<String>,
    /// Number of items that had been recorded before, also if they were deleted since.
    known_count: usize,
    /// Errors of items that cannot be recorded.
    refused: Vec<FieldError>,
}

impl Recorded {
    /// Returns what became of the whole feed.
    fn whole(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
    ) -> Result<AnnouncementFeed, ApiError> {
        let mut rows = shown(conn, cx, &self.ids)?;
        let places = self.ids.iter().zip(0_usize..);
        let places: HashMap<&String, usize> = places.collect();
        rows.sort_by_key(|row| places.get(&row.key).copied());
        Ok(AnnouncementFeed {
            recorded: rows.into_iter().map(|row| row.row).collect(),
            known_count: self.known_count,
            problems: self.refused.into_iter().map(Into::into).collect(),
        })
    }
}

/// Records the items of a feed that are new and can be recorded.
///
/// # Errors
/// `forbidden` for another municipality.
fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (municipality, visibility): (OrganizationId, Visibility),
    feed: &Feed,
) -> Result<Recorded, ApiError> {
    let mut known = known(conn, cx, municipality)?;
    let mut recorded = Recorded::default();
    let schema = input_name("AnnouncementCreate");
    for (i, item) in feed.items.iter().enumerate() {
        let body = item.body(municipality, visibility, feed.title.as_deref(), cx.zone);
        let made = decode::<AnnouncementCreate>(&schema, Members::Closed, body).and_then(|new| {
            if !known.insert(identity_of(&new.content)) {
                recorded.known_count += 1;
                return Ok(None);
            }
            store::insert(conn, cx, &new).map(Some)
        });
        match made {
            Ok(made) => recorded.ids.extend(made.map(|one| one.meta.id.to_string())),
            Err(refused) if refused.code == Code::Invalid => {
                let at = format!("/items/{i}");
                let errors = refused.errors.into_iter();
                recorded
                    .refused
                    .extend(errors.map(|error| error.below(&at)));
            }
            Err(refused) => return Err(refused),
        }
    }
    Ok(recorded)
}

/// Returns what tells an announcement with a content from others.
fn identity_of(content: &AnnouncementContent) -> String {
    let day = content.announced_on.as_ref().map(ImpreciseDate::sort_key);
    identity(
        content.url.as_deref(),
        &content.title,
        &day.unwrap_or_default(),
    )
}

/// What tells an announcement from others: its address or, without one, its title and date.
fn identity(url: Option<&str>, title: &Localized, day: &str) -> String {
    if let Some(url) = url {
        return url.to_owned();
    }
    let title = title.texts().next().map(squeeze).unwrap_or_default();
    format!("{title} {day}")
}

/// Returns what tells the announcements of a municipality from others: those that are recorded, without
/// reading their texts, since the only writer waits for it, and those that were deleted.
fn known(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<HashSet<String>, ApiError> {
    let rows: Vec<(Option<String>, Json<Localized>, String)> = n::table
        .filter(Scope::of(&cx.caller, "announcements"))
        .filter(n::municipality_id.eq(municipality.to_string()))
        .select((n::url, n::title, n::sort_announced))
        .load(conn)?;
    let rows = rows.into_iter();
    let recorded = rows.map(|(url, Json(title), day)| identity(url.as_deref(), &title, &day));
    let mut all: HashSet<String> = recorded.collect();
    all.extend(deleted(conn, municipality)?);
    Ok(all)
}

/// Returns what tells the deleted announcements of a municipality from others. A feed holds them still,
/// and each reading would bring them back.
fn deleted(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
) -> Result<Vec<String>, ApiError> {
    let entries: Vec<String> = c::table
        .filter(c::municipality_id.eq(municipality.to_string()))
        .filter(c::record_type.eq(ANNOUNCEMENT.name))
        .filter(c::record_id.ne_all(n::table.select(n::id)))
        .select(c::entry)
        .load(conn)?;
    let mut all = Vec::new();
    for entry in &entries {
        let entry: Entry = stored(entry)?;
        if entry.after.is_null() {
            let Doc { content, .. } =
                Doc::deserialize(&entry.before["doc"]).map_err(ApiError::internal)?;
            all.push(identity_of(&content));
        }
    }
    Ok(all)
}

pub fn configure(config: &mut impl Mount) {
    config.route(create_announcement_feed, Access::Write);
}
