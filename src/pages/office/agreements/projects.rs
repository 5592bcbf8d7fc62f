//! The projects that an agreement serves, as its forms offer them, and the milestones on which its dates
//! hang.

use serde_json::Value;

use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::values::ProjectRef;
use crate::ledger::RequestContext;
use crate::pages::office::form::{Choices, Hanging, hang};
use crate::pages::words::Words;
use crate::projects::{list, store};

/// Projects that a form offers at most, beside those that the agreement serves already.
const MOST: usize = 300;

/// Returns the projects of a municipality by their titles, after those that an agreement serves already.
pub fn choices(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    served: &[ProjectRef],
    w: Words,
) -> Result<Choices, ApiError> {
    let own = served.iter();
    let own = own.map(|one| (one.id.to_string(), one.title.in_language(w.0).to_owned()));
    let own: Choices = own.collect();
    let others = list::named(conn, cx, municipality)?.into_iter();
    let others = others.filter_map(|one| {
        let title = one.titles.first()?.in_language(w.0).to_owned();
        Some((one.id.to_string(), title))
    });
    let mut others: Choices = others
        .filter(|(id, _)| own.iter().all(|(known, _)| known != id))
        .collect();
    others.sort_by(|a, b| a.1.cmp(&b.1));
    others.truncate(MOST);
    Ok(own.into_iter().chain(others).collect())
}

/// Returns the milestones of some projects. One that the caller does not see has none.
pub fn milestones(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    projects: &[ProjectId],
) -> Result<Vec<Hanging>, ApiError> {
    let mut all = Vec::new();
    for id in projects {
        match store::get(conn, cx, *id, None) {
            Ok(one) => all.extend(one.milestones.iter().map(Hanging::on)),
            Err(error) if error.code == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// Makes the due dates of the commitments of a body hang on the milestones that they name.
pub fn hang_commitments(body: &mut Value, milestones: &[Hanging]) {
    let commitments = body.get_mut("commitments").and_then(Value::as_array_mut);
    for commitment in commitments.into_iter().flatten() {
        hang_due(commitment, milestones);
    }
}

/// Makes the due date of a commitment hang on the milestone that it names.
pub fn hang_due(commitment: &mut Value, milestones: &[Hanging]) {
    if let Some(due) = commitment.get_mut("due").filter(|due| due.is_object()) {
        hang(due, milestones);
    }
}
