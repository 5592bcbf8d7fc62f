//! `/municipalities/{id}/policy-preview`: what policies would demand, before they are recorded.

use actix_web::post;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::store::KIND;
use crate::agreements::duties::preview::{DutyChange, PreviewedDuty, differences};
use crate::agreements::duties::types::DutyStatus;
use crate::db::AnyConnection;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, Ask, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;
use crate::organizations::store as organizations;
use crate::projections::policies::{self, DutyKind, Policy, RequiredFact};

/// Duties that a preview lists at most.
const MOST: usize = 100;

/// Policies that a municipality might have.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "do_not_overlap", skip_on_field_errors = false))]
pub struct PolicyPreviewCreate {
    /// All its policies, as they would replace those that it has.
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub policies: Vec<Policy>,
}

fn do_not_overlap(preview: &PolicyPreviewCreate) -> Result<(), ValidationError> {
    policies::check_no_overlap(&preview.policies)
}

/// What policies would demand of the agreements that are recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyPreview {
    /// Day on which the duties are compared: today, or the first day of a new policy that begins
    /// later.
    #[schema(example = "2026-11-30")]
    pub on: NaiveDate,
    /// Number of the municipality's agreements.
    #[schema(example = 42)]
    pub agreement_count: usize,
    /// Numbers of the duties that would differ, by kind. Duties that are fulfilled are left out.
    pub counts: Vec<DutyChangeCount>,
    /// Facts that the policies would demand before a signing, and that agreements lack which are not
    /// signed yet.
    pub lacking: Vec<LackingFact>,
    /// The first 100 of the duties that would differ, by due date.
    #[schema(max_items = 100)]
    pub duties: Vec<PreviewedDuty>,
}

/// Number of duties of a kind that would differ.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct DutyChangeCount {
    /// Kind of the duties.
    #[schema(example = "review")]
    pub kind: DutyKind,
    /// Duties that would be demanded, and are not now.
    #[schema(example = 12)]
    pub added: usize,
    /// Duties that would no longer be demanded.
    #[schema(example = 0)]
    pub removed: usize,
    /// Duties that would be due on another date.
    #[schema(example = 3)]
    pub moved: usize,
    /// Of those added and moved, the ones that would be overdue at once.
    #[schema(example = 5)]
    pub overdue: usize,
}

/// A fact that agreements lack which are not signed yet.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LackingFact {
    /// The fact.
    #[schema(example = "lead_department")]
    pub fact: RequiredFact,
    /// Number of the agreements.
    #[schema(example = 2)]
    pub agreement_count: usize,
}

/// Preview policies
///
/// Returns the duties that the municipality's agreements would have, and those that they would lose,
/// if it had these policies. Nothing is recorded: `PATCH /municipalities/{id}` with the same
/// `policies` records them.
#[utoipa::path(tag = "municipalities", operation_id = "preview_municipality_policies",
    params(("id" = Uuid, Path, description = "The municipality's id")), request_body = PolicyPreviewCreate,
    responses((status = 200, description = "What the policies would demand", body = PolicyPreview)))]
#[post("/municipalities/{id}/policy-preview")]
async fn preview_municipality_policies(
    Path(id): Path<OrganizationId>,
    ask: Ask<PolicyPreviewCreate>,
) -> Result<Answered<PolicyPreview>, ApiError> {
    ask.value(move |conn, cx, new| preview(conn, cx, id, &new.policies))
        .await
}

/// Returns what policies would demand of the agreements of a municipality.
///
/// # Errors
/// `not_found`; `forbidden` if the caller may not change the municipality.
pub fn preview(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    proposed: &[Policy],
) -> Result<PolicyPreview, ApiError> {
    let row = organizations::row(conn, id, KIND)?;
    row.may_be_changed(cx)?;
    let now = &row.doc.0.policies;
    let new = proposed.iter().filter(|policy| !now.contains(policy));
    let begins = new.filter_map(|policy| policy.valid_from).min();
    let on = begins.map_or(cx.today, |day| day.max(cx.today));
    let mut found = differences(conn, cx, (id, proposed), on)?;
    let counts = counts(&found.duties);
    found.duties.truncate(MOST);
    let lacking = found.lacking.into_iter();
    Ok(PolicyPreview {
        on,
        agreement_count: found.agreements,
        counts,
        lacking: lacking
            .map(|(fact, agreement_count)| LackingFact {
                fact,
                agreement_count,
            })
            .collect(),
        duties: found.duties,
    })
}

fn counts(duties: &[PreviewedDuty]) -> Vec<DutyChangeCount> {
    let mut all: Vec<DutyChangeCount> = Vec::new();
    for PreviewedDuty { change, duty } in duties {
        let place = all.iter().position(|count| count.kind == duty.kind);
        let place = place.unwrap_or_else(|| {
            all.push(DutyChangeCount {
                kind: duty.kind,
                added: 0,
                removed: 0,
                moved: 0,
                overdue: 0,
            });
            all.len() - 1
        });
        let count = &mut all[place];
        match change {
            DutyChange::Added => count.added += 1,
            DutyChange::Removed => count.removed += 1,
            DutyChange::Moved => count.moved += 1,
        }
        let demanded = *change != DutyChange::Removed;
        count.overdue += usize::from(demanded && duty.status == DutyStatus::Overdue);
    }
    all
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<DutyChange>();
    config.route(preview_municipality_policies, Access::Manage.to_figures());
}
