//! Municipalities in their API form.

use chrono::NaiveDate;

use super::types::{Municipality, MunicipalityContent, Predecessor, SuccessionView};
use crate::db::AnyConnection;
use crate::directory::municipalities::municipality as official;
use crate::directory::names::{Names, names};
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::values::{Gap, no_source};
use crate::organizations::store::Record;
use crate::organizations::types::OrganizationContent;
use crate::projections::policies;
use crate::projections::policies::Policy;

/// Returns the API view of a municipality on a day.
///
/// # Errors
/// `internal_error` if the official list lacks a recorded code.
pub fn view(
    conn: &mut AnyConnection,
    record: Record,
    today: NaiveDate,
) -> Result<Municipality, ApiError> {
    let mut views = views(conn, vec![record], today)?;
    views.pop().ok_or_else(ApiError::not_found)
}

/// Like [`view`], but for several municipalities.
///
/// # Errors
/// Like [`view`].
pub fn views(
    conn: &mut AnyConnection,
    records: Vec<Record>,
    today: NaiveDate,
) -> Result<Vec<Municipality>, ApiError> {
    let successions = Successions::load(conn)?;
    let ids = || records.iter().map(|record| record.meta.id);
    let related = ids().flat_map(|id| {
        let before = successions.predecessors(id);
        let after = successions.of(id).into_iter();
        let after = after.flat_map(|next| next.successor_ids.clone());
        before.into_iter().map(|(id, _)| id).chain(after)
    });
    let names = names(conn, related.collect::<Vec<_>>())?;
    let mut all = policies::of_all(conn, ids())?;
    let views = records.into_iter().map(|record| {
        let policies = all.remove(&record.meta.id).unwrap_or_default();
        let policy = policies::in_force_on(&policies, Some(today)).cloned();
        present(record, policy, &successions, &names)
    });
    views.collect()
}

fn present(
    record: Record,
    policy: Option<Policy>,
    successions: &Successions,
    names: &Names,
) -> Result<Municipality, ApiError> {
    let code = record.code.unwrap_or_default();
    let entry = official(&code)
        .ok_or_else(|| ApiError::internal(format!("no municipality has the code {code}")))?;
    let parent = entry.parent_code.as_deref().and_then(official);
    let predecessors = successions.predecessors(record.meta.id);
    let predecessors = predecessors.into_iter().map(|(id, on)| {
        let municipality = names.get(id)?;
        Ok(Predecessor { municipality, on })
    });
    let succession = successions.of(record.meta.id).map(|next| {
        let successors = names.all(&next.successor_ids)?;
        Ok::<_, ApiError>(SuccessionView {
            on: next.on,
            successors,
        })
    });
    Ok(Municipality {
        gaps: gaps(&record.doc.content),
        meta: record.meta,
        level: entry.level,
        kind: entry.kind,
        parent_code: entry.parent_code.clone(),
        parent_name: parent.map(|p| p.name.clone()),
        valid_from: entry.valid_from,
        valid_to: entry.valid_to,
        succeeded_by: entry.succeeded_by.clone(),
        succession: succession.transpose()?,
        predecessors: predecessors.collect::<Result<_, ApiError>>()?,
        code,
        policy,
        content: MunicipalityContent {
            content: record.doc.content,
            policies: record.doc.policies,
            annual_reports: record.doc.annual_reports,
        },
        warnings: record.warnings,
    })
}

/// Returns the expected facts that a municipality's record lacks.
fn gaps(content: &OrganizationContent) -> Vec<Gap> {
    let gaps = [
        content.officers.is_empty().then(|| {
            Gap::new(
                "/officers",
                "officers_unknown",
                "단체장이 등록되어 있지 않습니다.",
                "No officer is recorded.",
            )
        }),
        content.sources.is_empty().then(no_source),
    ];
    gaps.into_iter().flatten().collect()
}
