//! API views of working groups, today and as known on a past day.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::store::{Doc, Record, StoredMember};
use super::types::{GroupMember, WorkingGroup, WorkingGroupContent};
use super::{meetings, merged, rules};
use crate::agreements::read as agreements;
use crate::db::AnyConnection;
use crate::directory::names::{Names, names};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::WorkingGroupId;
use crate::kernel::language::Message;
use crate::kernel::values::{
    AgreementRef, Bounds, Gap, ImpreciseDate, ProjectRef, Warning, no_source,
};
use crate::ledger::{RequestContext, Visibility};
use crate::projects::store as projects;

/// Returns whether a member counts on a day: unless it certainly joined later or certainly left
/// before.
pub(super) fn is_member(member: &StoredMember, day: NaiveDate) -> bool {
    let content = &member.content.content;
    !content.joined.as_ref().is_some_and(|d| d.starts_after(day))
        && !content
            .left
            .as_ref()
            .is_some_and(|d: &ImpreciseDate| d.ends_before(day))
}

/// Removes facts that were not known yet on a past day. An imprecise end counts once its whole
/// range lies on or before the day.
///
/// # Errors
/// `not_found` if the group was certainly established after the day.
pub(super) fn hide_later_facts(doc: &mut Doc, day: NaiveDate) -> Result<(), ApiError> {
    let later = |date: &Option<ImpreciseDate>| date.as_ref().is_some_and(|d| d.starts_after(day));
    if later(&doc.content.established) {
        return Err(ApiError::with(
            Code::NotFound,
            "그날까지 알려진 것이 없습니다.",
            "Nothing was known of it by that day.",
        ));
    }
    let known = |date: &ImpreciseDate| date.known_by(day);
    doc.content.dissolved = doc.content.dissolved.take().filter(known);
    doc.content.sources.retain(|source| source.known_by(day));
    for member in &mut doc.members {
        let terms = &mut member.content.chair_terms;
        terms.retain(|term| !later(&term.from));
        for term in terms {
            term.until = term.until.take().filter(known);
        }
        let content = &mut member.content.content;
        content.left = content.left.take().filter(known);
        content.sources.retain(|source| source.known_by(day));
    }
    Ok(())
}

/// The records that working groups refer to, as far as the caller can see them.
struct References {
    organizations: Names,
    projects: Vec<ProjectRef>,
    agreements: Vec<AgreementRef>,
    last_meetings: HashMap<WorkingGroupId, Bounds>,
}

impl References {
    fn load(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        records: &[Record],
        past: Option<NaiveDate>,
    ) -> Result<Self, ApiError> {
        let organizations = records.iter().flat_map(|record| {
            let members = record.doc.members.iter();
            let members = members.map(|member| member.content.organization_id);
            members.chain([record.doc.municipality_id])
        });
        let contents = || records.iter().map(|record| &record.doc.content);
        let projects: Vec<_> = contents().filter_map(|c| c.project_id).collect();
        let agreements: Vec<_> = contents().filter_map(|c| c.agreement_id).collect();
        let regular = records
            .iter()
            .filter(|record| record.doc.content.meets_every_months.is_some());
        let regular: Vec<_> = regular.map(|record| record.meta.id).collect();
        Ok(Self {
            last_meetings: meetings::last_held(conn, &regular, past)?,
            organizations: names(conn, organizations)?,
            projects: projects::references(conn, cx, &projects)?,
            agreements: agreements::references(conn, cx, &agreements)?,
        })
    }
}

/// Returns the views of working groups, each with its members on a day; with all members without
/// one.
pub(super) fn views(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    records: Vec<Record>,
    as_of: Option<NaiveDate>,
) -> Result<Vec<WorkingGroup>, ApiError> {
    let day = as_of.unwrap_or(cx.today);
    let past = as_of.filter(|day| *day < cx.today);
    let references = References::load(conn, cx, &records, past)?;
    let views = records
        .into_iter()
        .map(|record| view(record, &references, as_of, day));
    views.collect()
}

fn view(
    Record { meta, doc }: Record,
    references: &References,
    as_of: Option<NaiveDate>,
    day: NaiveDate,
) -> Result<WorkingGroup, ApiError> {
    let municipality = references.organizations.owner(doc.municipality_id, day)?;
    let last_meeting = references.last_meetings.get(&meta.id).copied();
    let mut members = doc.members;
    let united = merged::unite(&mut members, &references.organizations)?;
    let chair_ids = rules::chairs(&members, day);
    let members = members
        .into_iter()
        .filter(|member| as_of.is_none_or(|day| is_member(member, day)))
        .map(|member| member_view(member, &references.organizations))
        .collect::<Result<Vec<_>, _>>()?;
    let united = united.into_iter().filter_map(|one| {
        let place = members.iter().position(|member| member.id == one.id)?;
        Some(one.warning(place))
    });
    let united: Vec<Warning> = united.collect();
    let mut content = doc.content;
    let mut projects = references.projects.iter();
    let project = projects.find(|p| Some(p.id) == content.project_id).cloned();
    let mut agreements = references.agreements.iter();
    let agreement = agreements
        .find(|a| Some(a.id) == content.agreement_id)
        .cloned();
    content.project_id = project.as_ref().map(|p| p.id);
    content.agreement_id = agreement.as_ref().map(|a| a.id);
    Ok(WorkingGroup {
        meta,
        municipality_id: municipality.id,
        municipality,
        project,
        agreement,
        gaps: gaps(&content, members.is_empty()),
        warnings: [united, warnings(&content, &members)].concat(),
        next_meeting_due: rules::next_meeting_due(&content, last_meeting),
        content,
        members,
        chair_ids,
    })
}

fn member_view(member: StoredMember, organizations: &Names) -> Result<GroupMember, ApiError> {
    let StoredMember { id, mut content } = member;
    let organization = organizations.get(content.organization_id)?;
    content.organization_id = organization.id;
    Ok(GroupMember {
        id,
        organization,
        content,
    })
}

/// Returns the expected facts that a working group's record lacks.
pub(super) fn gaps(content: &WorkingGroupContent, no_members: bool) -> Vec<Gap> {
    let gaps = [
        content.established.is_none().then(|| {
            Gap::new(
                "/established",
                "established_unknown",
                "언제부터 운영하는지 모릅니다.",
                "Since when it meets is unknown.",
            )
        }),
        no_members.then(|| {
            Gap::new(
                "/members",
                "members_unknown",
                "참여 기관이 없습니다.",
                "No member is recorded.",
            )
        }),
        content.sources.is_empty().then(no_source),
    ];
    gaps.into_iter().flatten().collect()
}

/// Returns a warning for each name of a person that anybody can read and no source states.
fn warnings(content: &WorkingGroupContent, members: &[GroupMember]) -> Vec<Warning> {
    if content.visibility != Visibility::Public || !content.sources.is_empty() {
        return Vec::new();
    }
    let unsourced = members.iter().enumerate().filter(|(_, member)| {
        member.content.person_name.is_some() && member.content.content.sources.is_empty()
    });
    let warning = |(i, _)| Warning {
        code: "name_without_source".into(),
        pointer: format!("/members/{i}/person_name"),
        message: Message::fixed(
            "출처 없이 누구에게나 보이는 이름입니다. 공개된 이름만 적습니다.",
            "Anybody can read this name, and no source is recorded. Record published names only.",
        ),
        organizations: Vec::new(),
        agreements: Vec::new(),
    };
    unsourced.map(warning).collect()
}
