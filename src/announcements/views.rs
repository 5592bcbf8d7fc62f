//! API views of announcements.

use std::collections::HashMap;

use diesel::prelude::*;

use super::store::{Stored, Target};
use super::types::{AnnouncedMilestone, Announcement, AnnouncementContent, AnnouncementSummary};
use crate::agreements::read as agreements;
use crate::db::schema::milestones as m;
use crate::db::{AnyConnection, in_list};
use crate::directory::names::{Names, names};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, MilestoneId, ProjectId};
use crate::kernel::values::{AgreementRef, Gap, Localized, stored_id};
use crate::ledger::RequestContext;
use crate::projects::milestones::derived::titles;
use crate::projects::store as projects;

/// The records that announcements refer to, as far as the caller sees them.
pub(super) struct Related {
    names: Names,
    agreements: HashMap<AgreementId, AgreementRef>,
    milestones: HashMap<MilestoneId, AnnouncedMilestone>,
    /// The projects of all milestones, also of those that the caller does not see.
    pub projects: HashMap<MilestoneId, ProjectId>,
}

impl Related {
    pub fn load(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        all: &[Stored],
    ) -> Result<Self, ApiError> {
        let about = || all.iter().filter_map(|one| one.doc.verdict.about);
        let ids: Vec<AgreementId> = about().filter_map(Target::agreement).collect();
        let agreements = agreements::references(conn, cx, &ids)?.into_iter();
        let agreements = agreements.map(|one| (one.id, one)).collect();
        let projects = projects_of(conn, about().filter_map(Target::milestone))?;
        Ok(Self {
            names: names(conn, all.iter().map(|one| one.doc.municipality_id))?,
            agreements,
            milestones: milestones(conn, cx, &projects)?,
            projects,
        })
    }

    /// Returns the agreement that an announcement is about.
    pub fn agreement(&self, about: Option<Target>) -> Option<AgreementRef> {
        let id = about.and_then(Target::agreement)?;
        self.agreements.get(&id).cloned()
    }

    /// Returns the milestone that an announcement is about.
    pub fn milestone(&self, about: Option<Target>) -> Option<AnnouncedMilestone> {
        let id = about.and_then(Target::milestone)?;
        self.milestones.get(&id).cloned()
    }
}

/// Returns the projects of milestones.
pub(super) fn projects_of(
    conn: &mut AnyConnection,
    ids: impl Iterator<Item = MilestoneId>,
) -> Result<HashMap<MilestoneId, ProjectId>, ApiError> {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String)> = m::table
        .filter(in_list(m::id, ids))
        .select((m::id, m::project_id))
        .load(conn)?;
    let rows = rows.into_iter();
    rows.map(|(id, project)| Ok((stored_id(&id)?, stored_id(&project)?)))
        .collect()
}

/// Returns references to milestones, given with their projects, as far as the caller sees them.
pub(super) fn milestones(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    all: &HashMap<MilestoneId, ProjectId>,
) -> Result<HashMap<MilestoneId, AnnouncedMilestone>, ApiError> {
    if all.is_empty() {
        return Ok(HashMap::new());
    }
    let projects: Vec<ProjectId> = all.values().copied().collect();
    let projects = projects::references(conn, cx, &projects)?.into_iter();
    let projects: HashMap<ProjectId, _> = projects.map(|one| (one.id, one)).collect();
    let ids: Vec<String> = all.keys().map(ToString::to_string).collect();
    let mut titled: HashMap<MilestoneId, Localized> = HashMap::new();
    for (id, title) in titles(conn, &ids)? {
        titled.insert(stored_id(&id)?, title);
    }
    let seen = titled.into_iter().filter_map(|(id, title)| {
        let project = projects.get(all.get(&id)?)?.clone();
        Some((id, AnnouncedMilestone { id, title, project }))
    });
    Ok(seen.collect())
}

/// Returns an announcement in its API form.
pub(super) fn view(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: Stored,
) -> Result<Announcement, ApiError> {
    let related = Related::load(conn, cx, std::slice::from_ref(&stored))?;
    let Stored { meta, doc } = stored;
    let about = doc.verdict.about;
    Ok(Announcement {
        meta,
        municipality_id: doc.municipality_id,
        municipality: related.names.owner(doc.municipality_id, cx.today)?,
        standing: doc.verdict.standing,
        agreement: related.agreement(about),
        milestone: related.milestone(about),
        rejection_reason: doc.verdict.reason,
        gaps: gaps(&doc.content),
        content: doc.content,
        warnings: Vec::new(),
    })
}

/// Returns an announcement as a row of a list.
pub(super) fn summary(
    cx: &RequestContext,
    stored: Stored,
    related: &Related,
) -> Result<AnnouncementSummary, ApiError> {
    let Stored { meta, doc } = stored;
    let (content, about) = (doc.content, doc.verdict.about);
    Ok(AnnouncementSummary {
        meta,
        municipality: related.names.owner(doc.municipality_id, cx.today)?,
        kind: content.kind,
        title: content.title,
        publisher: content.publisher,
        announced_on: content.announced_on,
        url: content.url,
        happened_on: content.happened_on,
        parties: content.parties,
        amount: content.amount,
        lead_department: content.lead_department,
        standing: doc.verdict.standing,
        agreement: related.agreement(about),
        milestone: related.milestone(about),
        visibility: content.visibility,
    })
}

/// Returns the expected facts that an announcement lacks.
pub(super) fn gaps(content: &AnnouncementContent) -> Vec<Gap> {
    let gaps = [
        content.announced_on.is_none().then(|| {
            Gap::new(
                "/announced_on",
                "announced_on_unknown",
                "언제 발표했는지 모릅니다.",
                "When it was announced is unknown.",
            )
        }),
        content.publisher.is_none().then(|| {
            Gap::new(
                "/publisher",
                "publisher_unknown",
                "누가 발표했는지 모릅니다.",
                "Who announced it is unknown.",
            )
        }),
        content.url.is_none().then(|| {
            Gap::new(
                "/url",
                "url_unknown",
                "주소를 모릅니다.",
                "The URL is unknown.",
            )
        }),
    ];
    gaps.into_iter().flatten().collect()
}
