//! The reading of a paper: its text, the proposal that it makes, and the organizations that it names.

use chrono::NaiveDate;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::handlers::PaperReading;
use super::lines::Paper;
use super::propose::{Proposal, propose};
use super::renewed::standing;
use crate::db::AnyConnection;
use crate::http::attached::NewFile;
use crate::http::{State, apart};
use crate::imports::rows::names::new_organization;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::wording::PartyName;
use crate::organizations::matching::{Directory, Matched, Wanted, likely_kind};
use crate::texts::FileTextStatus;

/// Number of papers that are read at the same time: each may take much memory.
static READING: Semaphore = Semaphore::const_new(2);

/// What was read of a paper, before its parties are looked up.
pub struct Read {
    pub status: FileTextStatus,
    /// Whether nothing could be read since a password protects the file.
    pub is_protected: bool,
    proposal: Proposal,
}

/// Reads a paper. A day behind `today` is not that of its signing.
///
/// # Errors
/// `unavailable` if the file cannot be opened, or no child can be started.
pub async fn read(state: &State, file: NewFile, today: NaiveDate) -> Result<Read, ApiError> {
    let extractor = state.extractor.clone();
    let _turn = state.db.wait(READING.acquire()).await?;
    apart(move || {
        let opened = file.whole.open().map_err(ApiError::unavailable)?;
        let read = extractor.read(file.whole.kind, opened);
        let text = read.map_err(ApiError::unavailable)?;
        Ok(Read {
            status: text.status.into(),
            is_protected: text.is_protected,
            proposal: propose(&Paper::of(&text.passages), today),
        })
    })
    .await
}

/// Completes a proposal by the organizations that the registry has.
///
/// # Errors
/// `not_found` if the municipality is not recorded.
pub fn completed(
    conn: &mut AnyConnection,
    owner: OrganizationId,
    Read {
        status, proposal, ..
    }: Read,
) -> Result<PaperReading, ApiError> {
    let directory = Directory::load(conn, owner)?;
    let wanted = proposal.parties.iter().map(|party| {
        Wanted::party(&PartyName {
            name: party.name.clone(),
            ..PartyName::default()
        })
    });
    let matched = directory.find(conn, &wanted.collect::<Vec<_>>())?;
    let own = json!({ "organization_id": owner });
    let party = |(named, matched): (&str, Matched)| match matched {
        Matched::Own { .. } => own.clone(),
        Matched::Known(known) => json!({ "organization_id": known.organization.id }),
        Matched::New { kind } => new_organization(named, kind),
        // A person chooses: the refusal of `POST /agreements` lists those that are alike.
        Matched::Unclear(_) => new_organization(named, likely_kind(named)),
    };
    let partners = matched.iter().filter_map(|matched| match matched {
        Matched::Known(known) => Some(known.organization.id),
        _ => None,
    });
    let partners: Vec<OrganizationId> = partners.collect();
    let names = proposal.parties.iter().map(|party| party.name.as_str());
    let parties: Vec<Value> = names.zip(matched).map(party).collect();
    let mut proposal = proposal;
    if let Some((day, line)) = proposal.renews.take()
        && let Some(earlier) = standing(conn, owner, day, &partners)?
    {
        proposal.set("supersedes_id", json!(earlier), &line);
    }
    let Proposal {
        mut body,
        places,
        notes,
        ..
    } = proposal;
    body.insert("municipality_id".into(), json!(owner));
    body.entry("kind").or_insert(json!("mou"));
    body.entry("status").or_insert(json!("draft"));
    body.insert("parties".into(), json!(parties));
    Ok(PaperReading {
        status,
        body,
        places,
        notes,
    })
}
