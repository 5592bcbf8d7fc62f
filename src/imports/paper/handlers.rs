//! `POST /imports/paper`.

use actix_web::post;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

use super::lines::Paper;
use super::propose::{PaperPlace, Proposal, propose};
use crate::db::AnyConnection;
use crate::http::attached::FilePost;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, apart};
use crate::imports::rows::names::new_organization;
use crate::imports::store::may_import;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::wording::PartyName;
use crate::organizations::matching::{Directory, Matched, Wanted, likely_kind};
use crate::texts::FileTextStatus;

/// Number of papers that are read at the same time: each may take much memory.
static READING: Semaphore = Semaphore::const_new(2);

/// The municipality whose paper is read.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaperOwner {
    /// Id of the municipality that would own the agreement.
    #[param(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: OrganizationId,
}

/// Proposal for an agreement, read from its paper.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaperReading {
    /// How much of the text of the paper could be read.
    pub status: FileTextStatus,
    /// Body that `POST /agreements` takes, for a person to correct: what the paper does not state for
    /// certain is left out. An organization that is not recorded is named, with a likely kind.
    #[schema(example = json!({"municipality_id": "0178d7fa-2c00-7000-8000-000000000001", "kind": "mou",
        "title": {"ko": "클러스터 조성을 위한 업무협약"}}))]
    pub body: Map<String, Value>,
    /// Where each part of the body was read.
    pub places: Vec<PaperPlace>,
}

/// Read an agreement from its paper
///
/// Takes the signed paper (PDF, HWP, HWPX, DOCX), as the body or as the one file of a form
/// (`multipart/form-data`), and proposes the agreement: title, parties, day of signing, purpose, term
/// and renewal, and the commitments of its articles (제1조 …), each with the page or paragraph and the
/// sentence where it was read. Nothing is recorded, and the file is not kept: a person corrects the
/// body, sends it to `POST /agreements`, and adds the file to a document.
#[utoipa::path(tag = "imports", operation_id = "read_paper", params(PaperOwner),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "The proposal", body = PaperReading)))]
#[post("/imports/paper")]
async fn read_paper(post: FilePost<PaperOwner>) -> Result<Answered<PaperReading>, ApiError> {
    let owner = post.query.municipality_id;
    let checking = post.session.read(move |conn, cx| {
        may_import(conn, cx, owner)?;
        Ok(cx.today.year())
    });
    let this_year = checking.await?;
    let (session, file) = post.received().await?;
    let extractor = session.extractor.clone();
    let _turn = session.db.wait(READING.acquire()).await?;
    let read = apart(move || {
        let opened = file.whole.open().map_err(ApiError::unavailable)?;
        let read = extractor.read(file.whole.kind, opened);
        let text = read.map_err(ApiError::unavailable)?;
        let proposal = propose(&Paper::of(&text.passages), this_year);
        Ok((FileTextStatus::from(text.status), proposal))
    });
    let (status, proposal) = read.await?;
    let read = session.read(move |conn, _| body(conn, owner, proposal));
    let (body, places) = read.await?;
    session.value(&PaperReading {
        status,
        body,
        places,
    })
}

/// Completes a proposal by the organizations that the registry has.
fn body(
    conn: &mut AnyConnection,
    owner: OrganizationId,
    proposal: Proposal,
) -> Result<(Map<String, Value>, Vec<PaperPlace>), ApiError> {
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
    let names = proposal.parties.iter().map(|party| party.name.as_str());
    let parties: Vec<Value> = names.zip(matched).map(party).collect();
    let Proposal {
        mut body, places, ..
    } = proposal;
    body.insert("municipality_id".into(), json!(owner));
    body.entry("kind").or_insert(json!("mou"));
    body.entry("status").or_insert(json!("draft"));
    body.insert("parties".into(), json!(parties));
    Ok((body, places))
}

pub fn configure(config: &mut impl Mount) {
    config.route(read_paper, Access::Write);
}
