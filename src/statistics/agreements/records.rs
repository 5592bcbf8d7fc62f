//! The lists behind figures of agreements.
//!
//! The records are found by the same pass that yields the figures. Their texts are read from the documents
//! of those on the page.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::facts::{Facts, for_each_facts};
use super::figures::in_force;
use super::types::{AgreementRecord, AgreementRecordFilter, RecordedCommitment};
use crate::agreements::doc::Doc;
use crate::agreements::figures::Promise;
use crate::agreements::{anchors, read};
use crate::db::page::{Listed, Page};
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{AgreementRef, ImpreciseDate, stored_id};
use crate::ledger::RequestContext;
use crate::statistics::page::PageCollector;
use crate::statistics::rules::Placement;

/// Lists the records behind a figure.
pub fn records(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementRecordFilter,
    page: &Page,
) -> Result<Listed<AgreementRecord>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let (figure, shared) = (filter.figure.unwrap_or_default(), filter.shared());
    let mut rows = PageCollector::new(page);
    // The page may start in the middle of the agreement where the last one ended.
    let from = rows.from();
    for_each_facts(conn, cx, &filter.statistics(), from.as_deref(), |facts| {
        if matches_filter(filter, &facts) {
            let mut placements = facts.placements(figure, day);
            placements.retain(|(promise, placement)| {
                shared.contains(*placement) && has_unit(filter, *promise)
            });
            for (promise, placement) in placements {
                let key = facts.id.to_string();
                let id = promise.map(|p| p.id.to_string()).unwrap_or_default();
                rows.add(key, id, || Found::of(&facts, promise, placement));
            }
        }
        rows.goes_on()
    })?;
    let listed = rows.listed(page);
    let docs = documents(conn, cx, &listed.items, day)?;
    listed.try_map(|found| found.into_iter().map(|one| one.shown(&docs)).collect())
}

fn matches_filter(filter: &AgreementRecordFilter, facts: &Facts) -> bool {
    let statuses = filter.status.as_ref();
    statuses.is_none_or(|statuses| statuses.contains(&facts.status))
        && filter.in_force.is_none_or(|asked| asked == in_force(facts))
        && filter.ended_by.is_none_or(|by| facts.ended_by == Some(by))
        && filter.shared().matches(&facts.keys, facts.freshness)
}

fn has_unit(filter: &AgreementRecordFilter, promise: Option<&Promise>) -> bool {
    let unit = promise.and_then(|promise| Some(promise.target.as_ref()?.1.as_str()));
    filter
        .unit
        .as_deref()
        .is_none_or(|asked| unit == Some(asked))
}

/// A record of the list, without its texts.
struct Found {
    facts: Facts,
    promise: Option<Promise>,
    placement: Placement,
}

impl Found {
    fn of(facts: &Facts, promise: Option<&Promise>, placement: Placement) -> Self {
        Self {
            facts: facts.without_promises(),
            promise: promise.cloned(),
            placement,
        }
    }

    fn shown(self, docs: &HashMap<AgreementId, Doc>) -> Result<AgreementRecord, ApiError> {
        let facts = self.facts;
        let gone = || ApiError::internal(format!("agreement {} is gone", facts.id));
        let doc = docs.get(&facts.id).ok_or_else(gone)?;
        let commitment = self.promise.map(|promise| {
            let mut parts = doc.commitments.iter();
            let part = parts.find(|part| part.id == promise.id).ok_or_else(gone)?;
            Ok::<_, ApiError>(RecordedCommitment {
                id: promise.id,
                text: part.content.text.clone(),
                due: part.content.due.as_ref().map(ImpreciseDate::plain),
                status: promise.status,
            })
        });
        Ok(AgreementRecord {
            agreement: AgreementRef {
                id: facts.id,
                title: doc.content.title.clone(),
            },
            municipality: facts.municipality,
            kind: facts.kind,
            status: facts.status,
            signed_on: doc.content.signed_on.clone(),
            in_force: facts.in_force,
            ended_by: facts.ended_by,
            freshness: facts.freshness,
            commitment: commitment.transpose()?,
            standing: self.placement.into(),
        })
    }
}

/// Reads the documents of the agreements on a page, as known on a day.
fn documents(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    found: &[Found],
    day: NaiveDate,
) -> Result<HashMap<AgreementId, Doc>, ApiError> {
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<String> = found.iter().map(|one| one.facts.id.to_string()).collect();
    let rows = a::table.filter(in_list(a::id, ids));
    let mut rows: Vec<(String, Json<Doc>)> = rows.select((a::id, a::doc)).load(conn)?;
    anchors::attach(conn, rows.iter_mut().map(|(_, doc)| &mut doc.0), day)?;
    let docs = rows.into_iter().map(|(id, Json(mut doc))| {
        read::rewind_to(&mut doc, cx, day)?;
        Ok((stored_id(&id)?, doc))
    });
    docs.collect()
}
