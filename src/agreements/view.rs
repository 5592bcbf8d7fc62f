//! Agreements in their API form. Pure: the day is an argument.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::council::{CouncilAction, CouncilActionContent};
use super::doc::{Doc, Part};
use super::duties::types::Duty;
use super::force::Force;
use super::gaps::gaps;
use super::publications::{Publication, before_signing};
use super::read::{Related, State, Stored};
use super::reports::{Reports, rules as reported};
use super::reviews::Review;
use super::sharing;
use super::types::{
    Agreement, AgreementStatus, Commitment, CommitmentContent, Document, DocumentContent, Party,
    PartyContent,
};
use super::{duties, freshness};
use crate::directory::names::Names;
use crate::files::{RecordFile, of_document};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::language::Message;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::{AgreementRef, OrganizationRef, Warning};
use crate::projections::policies::Policy;

/// Derives the API form of an agreement from its state on a day, without its successor and the
/// agreements linked to it.
pub(super) fn present(
    Stored {
        id,
        meta,
        mut doc,
        reports,
        policies,
        ..
    }: Stored,
    related: Related,
    holidays: &Holidays,
    (state, day): (&State, NaiveDate),
) -> Result<Agreement, ApiError> {
    // The last status may be an end that lies ahead, which no other can follow.
    let (names, status, last) = (related.names, state.status, doc.status());
    let municipality = names.owner(doc.municipality_id, day)?;
    let of_others = &related.policies_of_others;
    let rules = Rules::new(&doc, (&policies, of_others), holidays, &names);
    let duties = duty_views(&doc, id, &rules, day)?;
    let warned = warned(&doc, &rules, (state, day))?;
    let co_owners = name_owners(&mut doc, &names, day)?;
    let freshness = freshness::freshness(&doc, &reports, state, &policies, day);
    let parties = party_views(doc.parties, &names)?;
    let commitments = commitment_views(doc.commitments, &names, &reports, (status, day))?;
    let stand = commitments.iter().map(|c| c.progress.status);
    let documents = document_views(doc.documents, &doc.files);
    let gaps = gaps(
        status,
        &doc.content,
        &doc.transitions,
        parties.iter().map(|p| &p.content),
        commitments.iter().map(|c| &c.content),
        documents.iter().map(|d| (&d.content, !d.files.is_empty())),
        doc.publications.iter().map(|part| &part.content),
    );
    let force = state.force.filter(|_| status.is_signed());
    Ok(Agreement {
        municipality_id: municipality.id,
        municipality,
        co_owners,
        in_force: state.in_force(day),
        expires_in_days: force.and_then(|force| force.expires_in_days(day)),
        expires_in: force.and_then(|force| force.expires_in(day)),
        ended_by: state.ended_by(day),
        current_term: state.current_term(&doc.content, day),
        allowed_transitions: last.next().to_vec(),
        fulfilment: reported::fulfilment(stand.clone(), status),
        gaps: [gaps, reported::gaps(status, stand)].concat(),
        freshness,
        warnings: [merged_parties(&parties), warned].concat(),
        meta,
        status,
        content: doc.content,
        projects: related.projects,
        parties,
        commitments,
        documents,
        reviews: part_views(doc.reviews, |id, content| Review { id, content }),
        council_actions: action_views(doc.council_actions, &doc.files),
        publications: part_views(doc.publications, |id, content| Publication { id, content }),
        duties,
        transitions: doc.transitions,
        corrections: doc.corrections,
        supersedes: related.supersedes,
        superseded_by: None,
        implements: related.bases.implements,
        annex_to: related.bases.annex_to,
        amends: related.bases.amends,
        continues: related.bases.continues,
        implemented_by: Vec::new(),
        annexes: Vec::new(),
        amended_by: Vec::new(),
        continued_by: Vec::new(),
    })
}

fn document_views(parts: Vec<Part<DocumentContent>>, files: &[RecordFile]) -> Vec<Document> {
    part_views(parts, |id, content| Document {
        id,
        content,
        files: of_document(files, id).cloned().collect(),
    })
}

fn action_views(
    parts: Vec<Part<CouncilActionContent>>,
    files: &[RecordFile],
) -> Vec<CouncilAction> {
    part_views(parts, |id, content| CouncilAction {
        id,
        content,
        files: of_document(files, id).cloned().collect(),
    })
}

/// Returns the duties of an agreement in their API form, as they stand on a day: those of the owner,
/// then those of each co-owner.
fn duty_views(
    doc: &Doc,
    id: AgreementId,
    rules: &Rules<'_>,
    day: NaiveDate,
) -> Result<Vec<Duty>, ApiError> {
    let mut all = Vec::new();
    for owner in sharing::owners_on(doc, rules.names, day) {
        let municipality = rules.names.owner(owner, day)?;
        let policies = (rules.of(owner), rules.holidays);
        let duties = duties::duties_of(doc, owner, policies, day).into_iter();
        all.extend(duties.map(|duty| {
            let title = doc.content.title.clone();
            let department = doc.content.lead_department.clone();
            let about = (Some(AgreementRef { id, title }), municipality.clone());
            Duty::of(duty.id(id), duty, about, department, day)
        }));
    }
    Ok(all)
}

/// Returns the warnings about what the policies of each municipality demand of an agreement. Those of
/// a co-owner name it.
fn demanded(doc: &Doc, rules: &Rules<'_>, day: NaiveDate) -> Result<Vec<Warning>, ApiError> {
    let mut all = Vec::new();
    for owner in sharing::owners_on(doc, rules.names, day) {
        let own = sharing::with_acts_of(doc, owner);
        let mut warnings = duties::warnings(&own, rules.of(owner), day);
        if owner != doc.municipality_id {
            let name = rules.names.owner(owner, day)?;
            for warning in &mut warnings {
                warning.organizations = vec![name.clone()];
            }
        }
        all.append(&mut warnings);
    }
    Ok(all)
}

/// The policies of the municipalities of an agreement, and what they are applied with.
struct Rules<'a> {
    owner: OrganizationId,
    policies: &'a [Policy],
    of_others: &'a HashMap<OrganizationId, Vec<Policy>>,
    holidays: &'a Holidays,
    names: &'a Names,
}

impl<'a> Rules<'a> {
    fn new(
        doc: &Doc,
        (policies, of_others): (&'a [Policy], &'a HashMap<OrganizationId, Vec<Policy>>),
        holidays: &'a Holidays,
        names: &'a Names,
    ) -> Self {
        Self {
            owner: doc.municipality_id,
            policies,
            of_others,
            holidays,
            names,
        }
    }

    fn of(&self, municipality: OrganizationId) -> &[Policy] {
        if municipality == self.owner {
            return self.policies;
        }
        let found = self.of_others.get(&municipality);
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Names the co-owners, and the municipality of each act that is one's, as they are on a day.
fn name_owners(
    doc: &mut Doc,
    names: &Names,
    day: NaiveDate,
) -> Result<Vec<OrganizationRef>, ApiError> {
    let co_owners = sharing::co_owners(doc, names, day)?;
    doc.content.co_owner_ids = co_owners.iter().map(|other| other.id).collect();
    let reviews = doc.reviews.iter_mut();
    let reviews = reviews.map(|part| &mut part.content.municipality_id);
    let actions = doc.council_actions.iter_mut();
    let actions = actions.map(|part| &mut part.content.municipality_id);
    let documents = doc.documents.iter_mut();
    let documents = documents.map(|part| &mut part.content.municipality_id);
    let publications = doc.publications.iter_mut();
    let publications = publications.map(|part| &mut part.content.municipality_id);
    let acts = reviews.chain(actions).chain(documents).chain(publications);
    for by in acts.flatten() {
        *by = names.successor(*by, day);
    }
    Ok(co_owners)
}

/// Returns parts in their API form.
fn part_views<C, T>(parts: Vec<Part<C>>, show: impl Fn(PartId, C) -> T) -> Vec<T> {
    let parts = parts.into_iter();
    parts.map(|part| show(part.id, part.content)).collect()
}

/// Returns parties in their API form, each with the name of its organization.
fn party_views(parts: Vec<Part<PartyContent>>, names: &Names) -> Result<Vec<Party>, ApiError> {
    let parties = parts.into_iter().map(|part| {
        let (id, mut content) = (part.id, part.content);
        let organization = names.get(content.organization_id)?;
        content.organization_id = organization.id;
        Ok(Party {
            id,
            organization,
            content,
        })
    });
    parties.collect()
}

/// Returns commitments in their API form, each with its progress on a day, when the agreement has a
/// status.
fn commitment_views(
    parts: Vec<Part<CommitmentContent>>,
    names: &Names,
    reports: &Reports,
    (status, day): (AgreementStatus, NaiveDate),
) -> Result<Vec<Commitment>, ApiError> {
    let commitments = parts.into_iter().map(|part| {
        let (id, mut content) = (part.id, part.content);
        survivors(names, &mut content.owed_by);
        survivors(names, &mut content.owed_to);
        let reports = reports.on(id);
        let progress = reported::progress(reports, content.due.as_ref(), status, day);
        let target = content.target.as_ref();
        let percent_of_target = target.zip(progress.value).and_then(|(t, v)| t.percent(v));
        Ok(Commitment {
            id,
            owed_by_organizations: names.all(&content.owed_by)?,
            owed_to_organizations: names.all(&content.owed_to)?,
            content,
            progress,
            percent_of_target,
        })
    });
    commitments.collect()
}

/// Replaces merged duplicates by their surviving organizations, each listed once.
fn survivors(names: &Names, ids: &mut Vec<OrganizationId>) {
    let mut shown = Vec::with_capacity(ids.len());
    for id in ids.iter().map(|id| names.survivor(*id)) {
        if !shown.contains(&id) {
            shown.push(id);
        }
    }
    *ids = shown;
}

/// Returns the warnings of an agreement beside those of its parties.
fn warned(
    doc: &Doc,
    rules: &Rules<'_>,
    (state, day): (&State, NaiveDate),
) -> Result<Vec<Warning>, ApiError> {
    let mut all = [before_signing(doc), demanded(doc, rules, day)?].concat();
    all.extend(terminated_after_expiry(doc, state));
    Ok(all)
}

/// Warns that an agreement was terminated after its term had run out.
fn terminated_after_expiry(doc: &Doc, state: &State) -> Option<Warning> {
    state.force.filter(Force::is_terminated_after_term)?;
    let mut steps = doc.transitions.iter();
    let place = steps.position(|step| step.to == AgreementStatus::Terminated)?;
    let message = Message::fixed(
        "유효기간이 끝난 뒤에 해지된 것으로 등록되어 있습니다. 해지일이나 유효기간이 맞는지 확인하십시오.",
        "This was recorded as terminated after its term had run out: check the day and the term.",
    );
    let at = format!("/transitions/{place}/on");
    Some(Warning::new("terminated_after_expiry", at, message))
}

/// Returns warnings for parties that were merged into one organization.
fn merged_parties(parties: &[Party]) -> Vec<Warning> {
    let again = |i: usize| {
        let (earlier, id) = (&parties[..i], parties[i].organization.id);
        let same = |party: &&Party| party.organization.id == id;
        let mut earlier = earlier.iter().filter(same);
        earlier.any(|party| party.content.overlaps(&parties[i].content))
    };
    let places = (0..parties.len()).filter(|i| again(*i));
    places
        .map(|i| Warning {
            code: "parties_merged".into(),
            pointer: format!("/parties/{i}"),
            message: Message::fixed(
                "합쳐진 기관이어서 앞의 당사자와 같은 기관입니다.",
                "It was merged into the organization of an earlier party: the two are one.",
            ),
            organizations: vec![parties[i].organization.clone()],
            agreements: Vec::new(),
        })
        .collect()
}
