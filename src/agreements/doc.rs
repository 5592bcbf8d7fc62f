//! Stored form of an agreement, and the timeline entries derived from it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::anchors::Anchors;
use super::council::CouncilActionContent;
use super::duties;
use super::parts::PartContent;
use super::publications::PublicationContent;
use super::renewal;
use super::reviews::ReviewContent;
use super::rules::few_parties;
use super::sharing;
use super::start::Start;
use super::types::{
    AgreementContent, AgreementStatus, CommitmentContent, Correction, DocumentContent,
    OtherParties, PartyContent, Transition,
};
use crate::directory::names::Names;
use crate::files::RecordFile;
use crate::kernel::error::FieldError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId, TokenId};
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{ImpreciseDate, Localized};
use crate::ledger::{RequestContext, Visibility};
use crate::projections::policies::Policy;

/// Part of an agreement, with its own id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part<T> {
    pub id: PartId,
    /// Instant of the recording or last change, or of that by which everybody sees it, of parts that
    /// [keep](PartContent::KEEPS_INSTANT) it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    pub content: T,
}

impl<T: PartContent> Part<T> {
    pub fn new(cx: &RequestContext, content: T) -> Self {
        Self {
            id: cx.id(),
            changed_at: T::KEEPS_INSTANT.then(|| cx.now.and_utc()),
            content,
        }
    }

    /// Replaces the content.
    pub fn change(&mut self, cx: &RequestContext, content: T) {
        *self = Self {
            id: self.id,
            ..Self::new(cx, content)
        };
    }
}

/// State before a change, against which the change is checked.
#[derive(Default)]
pub struct Before {
    /// Ids of the parties, each with the id of its organization as recorded.
    pub parties: Vec<(PartId, OrganizationId)>,
    /// Ids of the co-owners as recorded.
    pub co_owners: Vec<OrganizationId>,
    /// Council actions, reviews, documents and publications of co-owners.
    pub acts: Vec<(PartId, OrganizationId)>,
    pub signed: bool,
    /// Whether everybody saw it.
    pub public: bool,
    /// Whether it was approved and not signed yet, so that a signing is the next step.
    pub approved: bool,
    /// Whether it was signed under a policy that demands an approval.
    pub approval_demand: duties::ApprovalDemand,
    pub signed_on: Option<ImpreciseDate>,
    /// Agreement that was superseded by this one.
    pub supersedes: Option<AgreementId>,
}

impl Before {
    pub fn of(doc: &Doc, policies: &[Policy]) -> Self {
        let party = |p: &Part<PartyContent>| (p.id, p.content.organization_id);
        Self {
            parties: doc.parties.iter().map(party).collect(),
            co_owners: doc.content.co_owner_ids.clone(),
            acts: sharing::acts_of_others(doc),
            signed: doc.status().is_signed(),
            public: doc.visibility() == Visibility::Public,
            approved: doc.status() == AgreementStatus::Approved,
            approval_demand: duties::approval_demand(doc, policies),
            signed_on: doc.content.signed_on.clone(),
            supersedes: renewal::supersedes(doc),
        }
    }
}

fn distinct(ids: impl Iterator<Item = OrganizationId>) -> usize {
    ids.collect::<BTreeSet<_>>().len()
}

/// Stored form of an agreement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doc {
    pub municipality_id: OrganizationId,
    pub content: AgreementContent,
    pub parties: Vec<Part<PartyContent>>,
    pub commitments: Vec<Part<CommitmentContent>>,
    pub documents: Vec<Part<DocumentContent>>,
    /// Files of the documents and council actions, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<RecordFile>,
    pub reviews: Vec<Part<ReviewContent>>,
    pub council_actions: Vec<Part<CouncilActionContent>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Part<PublicationContent>>,
    pub transitions: Vec<Transition>,
    pub corrections: Vec<Correction>,
    /// Agreement that superseded this one, or took over before it was completed or terminated; `None` if
    /// none is signed, even if a user made that transition.
    pub superseded_by: Option<AgreementId>,
    /// The transition as a user made it before that agreement was signed, which dates it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_as_stated: Option<Box<Transition>>,
    /// When that agreement begins to be in force, followed by the starts of its own successors that may
    /// come first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successor_starts: Vec<Start>,
    /// Token that drafted the agreement, which cannot approve it by default.
    pub drafted_by: Option<TokenId>,
    /// Other tokens that changed the agreement before its approval; the same applies to them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rewritten_by: BTreeSet<TokenId>,
    /// Salt that hides the contact in the log. It is removed with the contact, after which the log
    /// reveals nothing about it.
    pub contact_salt: Option<String>,
    /// Like `contact_salt`, but for the names of individuals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_salt: Option<String>,
    /// Milestones to which dates are relative, read with the agreement.
    #[serde(skip)]
    pub anchors: Anchors,
    /// Steps that lie ahead of the day of a view.
    #[serde(skip)]
    pub ahead: Ahead,
}

/// What is known on the day of a view of steps that take effect later.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    /// Number of the transitions that have taken effect; `None` for all.
    pub effective: Option<usize>,
    /// Date on which a termination was notified.
    pub notified: Option<ImpreciseDate>,
    /// Whether the agreement ended on an unknown day, which can lie before that of the view.
    pub may_have_ended: bool,
}

impl Doc {
    /// Returns the present status, which is that of the last transition.
    pub fn status(&self) -> AgreementStatus {
        self.transitions
            .last()
            .map_or(AgreementStatus::Draft, |step| step.to)
    }

    /// Returns the reason for a change, if one was given: that of the correction that made the
    /// version, or of the transition recorded at that instant.
    pub fn reason_of(&self, version: i64, at: DateTime<Utc>) -> Option<&Localized> {
        let corrected = self.corrections.last().filter(|c| c.version == version);
        let stepped = self.transitions.last().filter(|s| s.recorded_at == at);
        corrected
            .map(|c| &c.reason)
            .or_else(|| stepped.and_then(|s| s.reason.as_ref()))
    }

    /// Returns `true` if the agreement was signed, even if it was voided since.
    pub fn was_signed(&self) -> bool {
        let signed = |step: &Transition| step.to == AgreementStatus::Signed;
        self.transitions.iter().any(signed)
    }

    /// Returns the effective visibility: internal to the municipality's staff until the signing.
    pub fn visibility(&self) -> Visibility {
        if self.was_signed() {
            self.content.visibility
        } else {
            Visibility::Internal
        }
    }

    /// Dates by `day` the past events of which only the wording is known.
    pub fn date_past_events(&mut self, day: NaiveDate) {
        let reviews = self.reviews.iter_mut().map(|part| &mut part.content.on);
        let actions = self.council_actions.iter_mut();
        let actions = actions.map(|part| &mut part.content.on);
        let publications = self.publications.iter_mut();
        let publications = publications.map(|part| &mut part.content.published_on);
        for on in reviews.chain(actions).chain(publications) {
            *on = on.clone().happened_by(day);
        }
    }

    /// Returns the organizations of the parties, each with its JSON Pointer.
    pub fn organizations(&self) -> Vec<(String, OrganizationId)> {
        let parties = self.parties.iter().enumerate();
        parties
            .map(|(i, p)| {
                (
                    format!("/parties/{i}/organization_id"),
                    p.content.organization_id,
                )
            })
            .collect()
    }

    /// Removes the parties that did not take part on a day. Statements of such parties stay, without
    /// a party.
    pub fn keep_parties_on(&mut self, day: NaiveDate) {
        let kept: Vec<bool> = self
            .parties
            .iter()
            .map(|p| p.content.takes_part_on(day))
            .collect();
        if kept.iter().all(|kept| *kept) {
            return;
        }
        for statement in &mut self.content.statements {
            let place = statement
                .party
                .filter(|place| kept.get(*place) == Some(&true));
            statement.party = place.map(|at| kept[..at].iter().filter(|kept| **kept).count());
        }
        self.parties
            .retain(|party| party.content.takes_part_on(day));
    }

    /// Returns the organizations to which commitments refer.
    pub fn owing(&self) -> impl Iterator<Item = OrganizationId> {
        self.commitments.iter().flat_map(|c| {
            let CommitmentContent {
                owed_by, owed_to, ..
            } = &c.content;
            owed_by.iter().chain(owed_to).copied()
        })
    }

    /// Returns an error for each party that certainly signed after the agreement was signed: the
    /// agreement is signed when the last party signs. An agreement without a day has nothing that
    /// could be contradicted.
    fn misdated_signatures(&self) -> Vec<FieldError> {
        let signing = self.content.signed_on.as_ref();
        let Some(signing) = signing.filter(|_| self.was_signed()) else {
            return Vec::new();
        };
        // Who joins later signs later.
        let joined_later = |party: &PartyContent| {
            let from = party.from.as_ref();
            from.is_some_and(|from| !signing.latest().is_some_and(|day| from.known_by(day)))
        };
        let contradicts = |party: &PartyContent| {
            let own = party.signed_on.as_ref().and_then(ImpreciseDate::earliest);
            own.is_some_and(|own| signing.ends_before(own)) && !joined_later(party)
        };
        let parties = self.parties.iter().enumerate();
        let misdated = parties.filter(|(_, party)| contradicts(&party.content));
        misdated
            .map(|(i, _)| {
                let on = |language| signing.words(language);
                let message = Message::new(
                    format!(
                        "협약의 체결일({})보다 뒤입니다. 체결일은 마지막 당사자가 서명한 날입니다.",
                        on(Language::Korean)
                    ),
                    format!(
                        "This lies after the agreement was signed ({}), which is when the last party signs.",
                        on(Language::English)
                    ),
                );
                FieldError::body(format!("/parties/{i}/signed_on"), "after_signing", message)
            })
            .collect()
    }

    /// Checks rules that span several parts: parties must be different organizations, and
    /// commitments and statements must refer to parties. Merged duplicates count as one
    /// organization. Parties that existed `before` and became one by a merge do not block other
    /// changes.
    pub fn check(&self, names: &Names, before: &Before, errors: &mut Vec<FieldError>) {
        let survivor = |party: &Part<PartyContent>| names.survivor(party.content.organization_id);
        let ids: Vec<OrganizationId> = self.parties.iter().map(survivor).collect();
        let merged = |party: &Part<PartyContent>| {
            let recorded = (party.id, party.content.organization_id);
            before.parties.contains(&recorded)
        };
        let mut add = |pointer: String, code: &str, ko: &'static str, en: &'static str| {
            errors.push(FieldError::body(pointer, code, Message::fixed(ko, en)));
        };
        for (i, id) in ids.iter().enumerate() {
            let same = (0..i).filter(|j| ids[*j] == *id);
            let news = |j: usize| !merged(&self.parties[i]) || !merged(&self.parties[j]);
            let at_once = |j: &usize| self.parties[i].content.overlaps(&self.parties[*j].content);
            if same.into_iter().filter(at_once).any(news) {
                let at = format!("/parties/{i}/organization_id");
                add(
                    at,
                    "party_already",
                    "이미 당사자인 기관입니다.",
                    "This organization is a party already.",
                );
            }
        }
        for (i, commitment) in self.commitments.iter().enumerate() {
            let content = &commitment.content;
            for (member, list) in [("owed_by", &content.owed_by), ("owed_to", &content.owed_to)] {
                let stranger = |id: &OrganizationId| !ids.contains(&names.survivor(*id));
                for (j, _) in list.iter().enumerate().filter(|(_, id)| stranger(id)) {
                    let at = format!("/commitments/{i}/{member}/{j}");
                    add(
                        at,
                        "not_a_party",
                        "협약 당사자가 아닙니다.",
                        "This organization is no party.",
                    );
                }
            }
        }
        for (i, statement) in self.content.statements.iter().enumerate() {
            if statement.party.is_some_and(|place| place >= ids.len()) {
                let at = format!("/statements/{i}/party");
                add(
                    at,
                    "not_a_party",
                    "협약 당사자의 순번이 아닙니다.",
                    "No party stands in this place.",
                );
            }
        }
        errors.extend(self.misdated_signatures());
        let mut count = distinct(ids.into_iter());
        let then = before.parties.iter().map(|(_, id)| names.survivor(*id));
        if before.signed && distinct(then) < 2 {
            count = self.parties.len();
        }
        let others = self.content.other_parties.as_ref();
        count += others.map_or(0, OtherParties::at_least);
        count += self.content.individual_parties.len();
        errors.extend(few_parties(self.status(), count));
    }
}
