//! Rules for targets that are relative to another date: to which milestones and agreements they can be.

use std::collections::{BTreeMap, BTreeSet};

use super::agreements;
use super::derived::title;
use super::store::Doc;
use super::targets::{AnchorId, of_project, reached};
use super::types::MilestoneCreate;
use crate::db::AnyConnection;
use crate::directory::names::unknown;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, MilestoneId, ProjectId};
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{Anchor, ImpreciseDate};
use crate::ledger::RequestContext;

/// Describes a date that would depend on itself.
const CIRCULAR: Message = Message::fixed(
    "그 추진 단계의 날짜가 이 단계를 기준으로 합니다. 서로를 기준으로 할 수 없습니다.",
    "The date of that milestone is counted from this one: they cannot depend on each other.",
);

/// Returns an error for each target that is relative to an agreement that the caller cannot see, or to
/// the term of one that is counted from a milestone itself. Each target is given with its pointer.
fn wrong_agreements<'a>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    targets: impl Iterator<Item = (String, &'a ImpreciseDate)>,
) -> Result<Vec<FieldError>, ApiError> {
    let named = targets.filter_map(|(at, target)| {
        let to = target.relative_to()?;
        Some((at, to.agreement_id?, to.anchor))
    });
    let named: Vec<(String, AgreementId, Anchor)> = named.collect();
    let ids = named.iter().map(|(_, id, _)| *id);
    let seen = agreements::visible(conn, cx, ids, true)?;
    let wrong = named.iter().filter_map(|(at, id, anchor)| {
        let Some(dates) = seen.get(id) else {
            return Some(unknown(&format!("{at}/relative_to/agreement_id")));
        };
        dates.of(*anchor).is_none().then(|| {
            let message = Message::fixed(
                "이 협약의 기간은 추진 단계를 기준으로 합니다. 그 추진 단계를 기준으로 하십시오.",
                "The term of this agreement is counted from a milestone: count from that milestone.",
            );
            FieldError::body(format!("{at}/relative_to/anchor"), "circular", message)
        })
    });
    Ok(wrong.collect())
}

/// Returns an error for each target of a milestone that is relative to no other milestone of the
/// project, or to one that depends on this one itself. Each target is given with its pointer.
fn wrong_anchors<'a>(
    docs: &BTreeMap<MilestoneId, Doc>,
    id: Option<MilestoneId>,
    targets: impl Iterator<Item = (String, &'a ImpreciseDate)>,
) -> Vec<FieldError> {
    let wrong = targets.filter_map(|(at, target)| {
        let to = target.relative_to()?;
        if to.milestone.is_some() {
            let message = Message::fixed(
                "사업을 새로 등록할 때만 쓸 수 있습니다. milestone_id를 쓰십시오.",
                "Only a new project names a milestone by its index: give `milestone_id`.",
            );
            let at = format!("{at}/relative_to/milestone");
            return Some(FieldError::body(at, "unexpected", message));
        }
        let anchor = to.milestone_id?;
        let at = format!("{at}/relative_to/milestone_id");
        if !docs.contains_key(&anchor) {
            let message = Message::fixed(
                "이 사업의 추진 단계가 아닙니다.",
                "This is no milestone of the project.",
            );
            return Some(FieldError::body(at, "not_of_its_project", message));
        }
        let from = std::iter::once(AnchorId::Milestone(anchor));
        let before = reached(docs, from, |doc| doc.counted_from().collect());
        let circular = id.is_some_and(|id| before.contains(&id));
        circular.then(|| FieldError::body(at, "circular", CIRCULAR))
    });
    wrong.collect()
}

/// Checks a new target of a milestone. On PostgreSQL, the caller has locked the project.
///
/// # Errors
/// `validation_failed`
pub(super) fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (project, id): (ProjectId, MilestoneId),
    target: &ImpreciseDate,
) -> Result<(), ApiError> {
    let docs = of_project(conn, project)?;
    let targets = || std::iter::once(("/target".to_owned(), target));
    let mut wrong = wrong_anchors(&docs, Some(id), targets());
    wrong.extend(wrong_agreements(conn, cx, targets())?);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(wrong))
    }
}

fn targets_of<'a>(
    at: &'a str,
    new: &'a MilestoneCreate,
) -> impl Iterator<Item = (String, &'a ImpreciseDate)> {
    let forecasts = new.forecasts.iter().enumerate();
    forecasts.map(move |(i, f)| (format!("{at}/forecasts/{i}/target"), &f.target))
}

/// Returns what is wrong with the targets of a new milestone of a project that exists.
pub(super) fn wrong_in(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project: ProjectId,
    new: &MilestoneCreate,
) -> Result<Vec<FieldError>, ApiError> {
    if targets_of("", new).all(|(_, target)| target.relative_to().is_none()) {
        return Ok(Vec::new());
    }
    let docs = of_project(conn, project)?;
    // No other milestone can name one that has no id yet.
    let mut wrong = wrong_anchors(&docs, None, targets_of("", new));
    wrong.extend(wrong_agreements(conn, cx, targets_of("", new))?);
    Ok(wrong)
}

/// Returns what is wrong with the targets of the milestones of a new project.
pub fn wrong_in_project(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    milestones: &[MilestoneCreate],
) -> Result<Vec<FieldError>, ApiError> {
    let at: Vec<String> = (0..milestones.len())
        .map(|i| format!("/milestones/{i}"))
        .collect();
    let targets = at.iter().zip(milestones);
    let targets = targets.flat_map(|(at, one)| targets_of(at, one));
    let mut wrong = wrong_indices(milestones);
    wrong.extend(wrong_agreements(conn, cx, targets)?);
    Ok(wrong)
}

/// Returns what is wrong with the targets of the milestones of a new project, which name each other
/// by their index.
fn wrong_indices(milestones: &[MilestoneCreate]) -> Vec<FieldError> {
    let named = |target: &ImpreciseDate| target.relative_to().and_then(|to| to.milestone);
    let next = |i: usize| {
        let targets = milestones.get(i).into_iter().flat_map(|one| &one.forecasts);
        targets.filter_map(|f| named(&f.target)).map(|i| i as usize)
    };
    let depends = |from: usize, on: usize| {
        let (mut found, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(i) = left.pop() {
            if found.insert(i) {
                left.extend(next(i));
            }
        }
        found.contains(&on)
    };
    let mut wrong = Vec::new();
    for (i, milestone) in milestones.iter().enumerate() {
        for (at, target) in targets_of(&format!("/milestones/{i}"), milestone) {
            let by_id = target.relative_to().and_then(|to| to.milestone_id);
            let index = named(target).map(|index| index as usize);
            let at = format!("{at}/relative_to/milestone");
            if by_id.is_some() {
                let message = Message::fixed(
                    "새 사업의 추진 단계는 milestone에 순번으로 적습니다.",
                    "In a new project, name the milestone by its index in `milestone`.",
                );
                wrong.push(FieldError::body(at + "_id", "not_of_its_project", message));
            } else if index.is_some_and(|index| index >= milestones.len()) {
                let message = Message::fixed(
                    "milestones에 없는 순번입니다.",
                    "There is no such milestone in `milestones`.",
                );
                wrong.push(FieldError::body(at, "not_of_its_project", message));
            } else if index.is_some_and(|index| depends(index, i)) {
                wrong.push(FieldError::body(at, "circular", CIRCULAR));
            }
        }
    }
    wrong
}

/// Returns the milestones of a new project, which name each other by ids. If any does, each has its
/// own id, in their order.
pub fn with_ids(
    milestones: &[MilestoneCreate],
    new_id: impl Fn() -> MilestoneId,
) -> Vec<(Option<MilestoneId>, MilestoneCreate)> {
    let index = |target: &ImpreciseDate| target.relative_to()?.milestone;
    let targets = milestones.iter().flat_map(|one| &one.forecasts);
    let named = targets.filter_map(|f| index(&f.target)).next().is_some();
    let ids: Vec<MilestoneId> = match named {
        true => milestones.iter().map(|_| new_id()).collect(),
        false => Vec::new(),
    };
    let with_id = |(i, mut one): (usize, MilestoneCreate)| {
        for forecast in &mut one.forecasts {
            let target = &mut forecast.target;
            let anchor = index(target).and_then(|i| ids.get(i as usize));
            if let Some(id) = anchor {
                target.set_milestone(*id);
            }
        }
        (ids.get(i).copied(), one)
    };
    milestones
        .iter()
        .cloned()
        .enumerate()
        .map(with_id)
        .collect()
}

/// Refuses to delete a milestone to which a target of another one is or was relative.
///
/// # Errors
/// `conflict`
pub(super) fn check_unused(
    conn: &mut AnyConnection,
    project: ProjectId,
    id: MilestoneId,
) -> Result<(), ApiError> {
    let docs = of_project(conn, project)?;
    let user = docs
        .values()
        .find(|doc| doc.anchors().any(|anchor| anchor.milestone() == Some(id)));
    let Some(user) = user else {
        return Ok(());
    };
    let title = title(&user.content);
    Err(ApiError::with(
        Code::Conflict,
        format!(
            "다른 추진 단계의 목표 시점이 이 단계를 기준으로 합니다: {}",
            title.in_language(Language::Korean)
        ),
        format!(
            "The target of another milestone is relative to this one: {}",
            title.in_language(Language::English)
        ),
    ))
}
