//! What an agreement's ordinance demands of it, what was done about that, and its steps.

use crate::agreements::duties::types::{Duty, DutyStatus};
use crate::agreements::records::AGREEMENT;
use crate::agreements::types::Agreement;
use crate::changes::types::ChangeList;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::pages::agreements::commitments::stated;
use crate::pages::files::Files;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// A duty.
pub struct DutyRow {
    pub name: String,
    /// `None` for a duty of the municipality itself.
    pub agreement: Option<Link>,
    pub municipality: Text,
    pub due: Dated,
    pub due_stated: Option<String>,
    pub status: String,
    pub is_late: bool,
    pub done_on: Option<Dated>,
    pub legal_basis: Option<Text>,
}

/// Something that happened to an agreement on a day.
pub struct Event {
    pub on: Dated,
    pub name: String,
    pub texts: Vec<Text>,
    pub sources: Vec<Link>,
}

/// Returns duties in their order.
pub fn duties(frame: &Frame, all: &[Duty]) -> Vec<DutyRow> {
    let w = frame.w;
    let rows = all.iter().map(|duty| {
        let done = duty.done_by.as_ref();
        let kind = w.label("DutyKind", &duty.kind);
        let occasion = w.label("Occasion", &duty.occasion);
        let agreement = duty.agreement.as_ref().map(|one| {
            let href = frame.to(&format!("agreements/{}", one.id));
            Link::to(href, Text::of(&one.title, w))
        });
        DutyRow {
            agreement,
            name: match kind == occasion {
                true => kind,
                false => format!("{kind} ({occasion})"),
            },
            municipality: Text::of(&duty.municipality.name, w),
            due: Dated::of(duty.due.as_ref(), w),
            due_stated: duty.due_as_stated.as_ref().map(|words| w.message(words)),
            status: w.label("DutyStatus", &duty.status),
            is_late: matches!(duty.status, DutyStatus::Overdue | DutyStatus::DoneLate),
            done_on: done.map(|done| Dated::of(done.on.as_ref(), w)),
            legal_basis: stated(duty.legal_basis.as_deref(), w),
        }
    });
    rows.collect()
}

/// Returns the steps of an agreement with their reasons.
pub fn steps(w: Words, one: &Agreement) -> Vec<Event> {
    let steps = one.transitions.iter().map(|step| {
        let notified = step.notified_on.as_ref().map(|on| match w.tag() {
            "ko" => format!("{} 통보", w.date(Some(on))),
            _ => format!("notified {}", w.date(Some(on))),
        });
        let notified = notified.map(|text| Text::stated(text, w));
        let urgent = step
            .urgent
            .as_ref()
            .map(|urgent| Text::of(&urgent.reason, w));
        let reason = step.reason.as_ref().map(|reason| Text::of(reason, w));
        Event {
            on: Dated::of(step.on.as_ref(), w),
            name: w.label("AgreementStatus", &step.to),
            texts: reason.into_iter().chain(urgent).chain(notified).collect(),
            sources: Vec::new(),
        }
    });
    steps.collect()
}

/// Returns the reviews and the council's actions, by day.
pub fn acts(w: Words, one: &Agreement, files: Files<'_>) -> Vec<Event> {
    let reviews = one.reviews.iter().map(|review| {
        let content = &review.content;
        let texts = [&content.findings, &content.improvement_plan];
        let mut texts = localized(w, &texts);
        if let Some(renewal) = &content.renewal {
            texts.push(Text::stated(w.label("RenewalDecision", renewal), w));
        }
        let rating = w.label("ReviewRating", &content.rating);
        let sources = content
            .sources
            .iter()
            .map(|source| super::one::source(w, source));
        let event = Event {
            on: Dated::of(Some(&content.on), w),
            name: format!("{}: {rating}", w.t("점검", "Review")),
            texts,
            sources: sources.collect(),
        };
        (content.on.sort_key(), event)
    });
    let actions = one.council_actions.iter().map(|action| {
        let content = &action.content;
        let session = content.session.iter().chain(&content.bill_number);
        let mut texts: Vec<Text> = session.map(|text| Text::stated(text.clone(), w)).collect();
        texts.extend(
            content
                .result
                .map(|result| Text::stated(w.label("CouncilResult", &result), w)),
        );
        texts.extend(localized(w, &[&content.note]));
        let kind = w.label("CouncilActionKind", &content.kind);
        let path = format!("agreements/{}/council-actions/{}", one.meta.id, action.id);
        let file = files.link(action.files.iter(), &path);
        let sources = content.sources.iter();
        let sources = sources.map(|source| super::one::source(w, source));
        let event = Event {
            on: Dated::of(Some(&content.on), w),
            name: format!("{} {kind}", w.t("의회", "Council:")),
            texts,
            sources: file.into_iter().chain(sources).collect(),
        };
        (content.on.sort_key(), event)
    });
    let mut all: Vec<(String, Event)> = reviews.chain(actions).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, event)| event).collect()
}

fn localized(w: Words, texts: &[&Option<Localized>]) -> Vec<Text> {
    let known = texts.iter().filter_map(|text| text.as_ref());
    known.map(|text| Text::of(text, w)).collect()
}

/// Returns the recorded changes in words, the latest first.
pub fn history(frame: &Frame, cx: &RequestContext, changes: &ChangeList) -> Vec<Event> {
    let w = frame.w;
    let events = changes.items.iter().rev().map(|change| {
        let day = change.recorded_at.with_timezone(&cx.zone).date_naive();
        let reason = change.reason.as_ref().map(|reason| Text::of(reason, w));
        let is_own = change.record_type.name == AGREEMENT.name;
        Event {
            on: Dated::day(day, w),
            name: match is_own {
                true => String::new(),
                false => w.label("LoggedType", &change.record_type),
            },
            texts: std::iter::once(Text::of(&change.summary, w))
                .chain(reason)
                .collect(),
            sources: Vec::new(),
        }
    });
    events.collect()
}
