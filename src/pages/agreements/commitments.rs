//! What was promised in an agreement, and what came of each promise.

use crate::agreements::reports::types::{CommitmentReport, CommitmentStatus, Standing};
use crate::agreements::reports::views;
use crate::agreements::types::{Agreement, Commitment};
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::text::squeeze;
use crate::kernel::values::{ImpreciseDate, OrganizationRef};
use crate::ledger::RequestContext;
use crate::pages::files::Files;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;
use crate::pages::words::{Words, decimal};

/// A promise.
pub struct Promise {
    pub text: Text,
    pub owed_by: Vec<Text>,
    pub owed_to: Vec<Text>,
    pub due: Dated,
    pub due_stated: Option<Text>,
    pub target: Option<String>,
    pub status: String,
    pub is_late: bool,
    pub overdue: bool,
    /// Reports on it, the latest last.
    pub reports: Vec<Report>,
}

/// A report on a promise.
pub struct Report {
    pub on: Dated,
    pub status: String,
    /// Share that was done, and the number that was reached.
    pub figures: Vec<String>,
    /// The partner that made it; `None` for the city.
    pub by: Option<Text>,
    /// It does not count, for this reason.
    pub standing: Option<String>,
    pub note: Option<Text>,
    pub evidence: Vec<Link>,
}

/// Returns the promises of an agreement with all reports on them.
pub fn promises(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    agreement: &Agreement,
    files: Files<'_>,
) -> Result<Vec<Promise>, ApiError> {
    let count = |one: &Commitment| one.progress.report_count + one.progress.pending_reports;
    let reports = match agreement.commitments.iter().any(|one| count(one) > 0) {
        true => views::all(conn, cx, agreement.meta.id, frame.as_of)?,
        false => Vec::new(),
    };
    let all = agreement.commitments.iter().map(|commitment| {
        let reports = reports
            .iter()
            .filter(|one| one.commitment_id == commitment.id);
        promise(frame.w, commitment, reports, files)
    });
    Ok(all.collect())
}

fn promise<'a>(
    w: Words,
    one: &Commitment,
    reports: impl Iterator<Item = &'a CommitmentReport>,
    files: Files<'_>,
) -> Promise {
    let names = |all: &[OrganizationRef]| {
        let names = all
            .iter()
            .map(|organization| Text::of(&organization.name, w));
        names.collect::<Vec<_>>()
    };
    let due = one.content.due.as_ref();
    let progress = &one.progress;
    let target = one.content.target.as_ref();
    Promise {
        text: Text::of(&one.content.text, w),
        owed_by: names(&one.owed_by_organizations),
        owed_to: names(&one.owed_to_organizations),
        due: Dated::of(due, w),
        due_stated: due.and_then(|due| words_of(due, w)),
        target: target.map(|target| {
            let reached = one.percent_of_target;
            let reached = reached.map(|percent| format!(" ({}%)", decimal(percent)));
            format!("{}{}", w.amount(target), reached.unwrap_or_default())
        }),
        status: w.label("CommitmentStatus", &progress.status),
        is_late: progress.overdue == Some(true) || progress.status == CommitmentStatus::Unfulfilled,
        overdue: progress.overdue == Some(true),
        reports: reports.map(|one| report(w, one, files)).collect(),
    }
}

/// Returns the words of a source.
pub fn stated(words: Option<&str>, w: Words) -> Option<Text> {
    words.map(|words| Text::stated(words, w))
}

/// Returns the words of a source for a date, unless they are those in which it is shown.
pub fn words_of(date: &ImpreciseDate, w: Words) -> Option<Text> {
    let words = date.as_stated()?;
    let is_shown = squeeze(words) == squeeze(&w.date(Some(date)));
    (!is_shown).then(|| Text::stated(words, w))
}

fn report(w: Words, one: &CommitmentReport, files: Files<'_>) -> Report {
    let content = &one.content;
    let percent = content.percent.map(|percent| format!("{percent}%"));
    let value = content.value.map(decimal);
    let evidence = content
        .evidence
        .iter()
        .map(|document| Link::elsewhere(document.url.as_deref(), Text::of(&document.title, w)));
    let path = format!(
        "agreements/{}/commitments/{}/reports/{}",
        one.agreement_id, one.commitment_id, one.meta.id
    );
    let by = one.reported_by.organization.as_ref();
    Report {
        on: Dated::of(Some(&content.on), w),
        status: w.label("ReportedStatus", &content.status),
        figures: percent.into_iter().chain(value).collect(),
        by: by.map(|organization| Text::of(&organization.name, w)),
        standing: (one.standing != Standing::Counted).then(|| w.label("Standing", &one.standing)),
        note: content.note.as_ref().map(|note| Text::of(note, w)),
        evidence: evidence.chain(files.links(&one.files, &path)).collect(),
    }
}
