//! Atom feeds (RFC 4287) of the changes of an agreement and of a municipality, as everyone may see
//! them.

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::reader::{Frame, Reader};
use super::words::Words;
use crate::agreements::read as agreements;
use crate::agreements::records::AGREEMENT;
use crate::changes::store::{self as changes, Wanted};
use crate::changes::types::Change;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::ledger::records::Record;
use crate::municipalities::store::KIND;
use crate::organizations::store as organizations;
use crate::projects::records::{MILESTONE, PROJECT};
use crate::records;
use crate::search::store::titles;
use crate::working_groups::records::{MEETING, WORKING_GROUP};

/// Entries of a feed.
const ENTRIES: i64 = 50;

/// Kinds of records whose changes are in the feed of a municipality: those that are on a page.
const KINDS: [&Record; 5] = [&AGREEMENT, &PROJECT, &MILESTONE, &WORKING_GROUP, &MEETING];

/// Under this the ids of feeds and entries are made, of what never changes. An id is no address: a
/// feed that moves with its server keeps its id.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_7f0c_8d1b_4c5e_9a57_3e0c_54b1_2a90);

#[derive(Template)]
#[template(path = "feed.xml")]
pub struct Feed {
    pub tag: &'static str,
    pub id: Uuid,
    pub title: String,
    pub updated: String,
    /// URLs of the feed and of its page.
    pub own: String,
    pub page: String,
    pub author: String,
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub id: Uuid,
    pub title: String,
    pub updated: String,
    pub page: String,
    pub summary: String,
}

/// What a feed is about.
struct About {
    id: Uuid,
    /// Path of its page, below the root.
    path: String,
    name: Localized,
    municipality: Localized,
    recorded_at: DateTime<Utc>,
    wanted: Wanted,
}

#[get("/agreements/{id}.atom")]
pub async fn agreement(
    Path(id): Path<AgreementId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        let one = agreements::get(conn, cx, id, None)?;
        let about = About {
            id: id.into(),
            path: format!("agreements/{id}"),
            name: one.content.title,
            municipality: one.municipality.name,
            recorded_at: one.meta.created_at,
            wanted: Wanted {
                limit: ENTRIES,
                latest: true,
                record: Some((&AGREEMENT, id.into())),
                ..Wanted::default()
            },
        };
        feed(conn, cx, frame, about)
    };
    reader.feed(work).await
}

#[get("/municipalities/{id}.atom")]
pub async fn municipality(
    Path(id): Path<OrganizationId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        let record = organizations::get(conn, id, KIND)?;
        let name = record.doc.content.name;
        // A merged municipality answers with its survivor.
        let id = record.meta.id;
        let about = About {
            id: id.into(),
            path: format!("municipalities/{id}"),
            municipality: name.clone(),
            name,
            recorded_at: record.meta.created_at,
            wanted: Wanted {
                limit: ENTRIES,
                latest: true,
                types: KINDS.to_vec(),
                municipality_id: Some(id),
                ..Wanted::default()
            },
        };
        feed(conn, cx, frame, about)
    };
    reader.feed(work).await
}

fn feed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    about: About,
) -> Result<String, ApiError> {
    let w = frame.w;
    let changed = changes::list(conn, cx, &about.wanted)?.items;
    let titles = titles_of(conn, &changed)?;
    let entries = changed.iter().rev();
    let entries = entries.filter_map(|change| entry(frame, change, &titles));
    let entries: Vec<Entry> = entries.collect();
    let name = about.name.in_language(w.0);
    let last = changed
        .last()
        .map_or(about.recorded_at, |last| last.recorded_at);
    let feed = Feed {
        tag: w.tag(),
        id: id_of(w, &["feed", &about.id.to_string()]),
        title: legible(&match w.tag() {
            "ko" => format!("{name}: 변경 내용"),
            _ => format!("{name}: changes"),
        }),
        updated: instant(last),
        own: frame.linked(&format!("{}.atom", about.path)),
        page: frame.linked(&about.path),
        author: legible(about.municipality.in_language(w.0)),
        entries,
    };
    feed.render().map_err(ApiError::internal)
}

/// Returns the record by which a change is named and on whose page it is seen: the changed one, or
/// the one to which it belongs where that has no title.
pub fn named(change: &Change) -> (&'static Record, Uuid) {
    match change.record_type.record {
        record if record.title.is_some() => (record, change.record_id),
        // Reports belong to agreements.
        _ => (&AGREEMENT, change.context_id),
    }
}

/// Returns the titles of the records by which changes are named, by their ids.
pub fn titles_of(
    conn: &mut AnyConnection,
    changed: &[Change],
) -> Result<HashMap<String, Localized>, ApiError> {
    let mut found = HashMap::new();
    for record in records::ALL {
        let of = changed.iter().map(named);
        let ids = of.filter(|(kind, _)| kind.name == record.name);
        let ids: BTreeSet<String> = ids.map(|(_, id)| id.to_string()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        found.extend(titles(conn, record, &ids)?);
    }
    Ok(found)
}

/// Returns a change as an entry; `None` if its record is gone.
fn entry(frame: &Frame, change: &Change, titles: &HashMap<String, Localized>) -> Option<Entry> {
    let w = frame.w;
    let (record, id) = named(change);
    let title = titles.get(&id.to_string())?.in_language(w.0);
    let (context, kind) = (
        change.context_id,
        w.label("LoggedType", &change.record_type),
    );
    let page = match record.name {
        "agreement" => format!("agreements/{id}"),
        "project" => format!("projects/{id}"),
        "milestone" => format!("projects/{context}#m-{id}"),
        "working_group" => format!("working-groups/{id}"),
        "meeting" => format!("working-groups/{context}#meeting-{id}"),
        _ => return None,
    };
    let summary = change.summary.in_language(w.0).to_owned();
    let reason = change.reason.as_ref();
    let reason = reason.map(|reason| reason.in_language(w.0).to_owned());
    let parts = [
        change.record_id.to_string(),
        change.version.to_string(),
        instant(change.recorded_at),
    ];
    Some(Entry {
        id: id_of(w, &parts.each_ref().map(String::as_str)),
        title: legible(&format!("{kind}: {title}")),
        updated: instant(change.recorded_at),
        page: frame.linked(&page),
        summary: legible(
            &[Some(summary), reason]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
        ),
    })
}

/// Returns the id of a feed or an entry, which in another language is another one.
pub fn id_of(w: Words, parts: &[&str]) -> Uuid {
    let text = format!("{} {}", parts.join(" "), w.tag());
    Uuid::new_v5(&NAMESPACE, text.as_bytes())
}

pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns a text without the characters that XML 1.0 cannot hold.
pub fn legible(text: &str) -> String {
    let holds = |c: &char| matches!(*c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;

    #[test]
    fn ids_depend_on_what_never_changes() {
        let (ko, en) = (Words(Language::Korean), Words(Language::English));
        assert_eq!(id_of(ko, &["feed", "1"]), id_of(ko, &["feed", "1"]));
        assert_ne!(id_of(ko, &["feed", "1"]), id_of(ko, &["feed", "2"]));
        assert_ne!(id_of(ko, &["feed", "1"]), id_of(en, &["feed", "1"]));
        assert_eq!(
            id_of(ko, &["feed", "1"]).to_string(),
            "6b38010e-9b78-5da3-9e60-fd8135e3b5bd"
        );
    }

    #[test]
    fn xml_holds_every_text() {
        assert_eq!(legible("가\u{1}나\u{b}다\n\u{ffff}<&"), "가나다\n<&");
    }
}
