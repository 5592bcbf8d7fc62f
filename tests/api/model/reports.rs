//! Reports on commitments in the model.

use proptest::sample::Index;
use serde_json::{Value, json};

use super::dates::{Date, passed};
use super::memory::{Agreement, Model, TODAY};
use super::ops::Day;

const ENDS: [&str; 3] = ["completed", "terminated", "superseded"];
const OPEN: [&str; 3] = ["unknown", "not_started", "in_progress"];
/// Statuses of commitments that are no longer owed under the agreement.
const RELEASED: [&str; 2] = ["dropped", "carried_over"];

/// A report on the first or the second commitment of an agreement.
#[derive(Clone, Debug)]
pub struct Report {
    place: usize,
    on: Day,
    status: &'static str,
    standing: &'static str,
    partner: bool,
    confirmed: bool,
    /// Whether the step that ended the agreement recorded it.
    at_end: bool,
    /// The agreement whose signing recorded it.
    by: Option<usize>,
}

impl Agreement {
    /// The report that decides on a commitment as of a day: by date, the latest among the decision
    /// at the last end and the reports recorded after it; of two with the same date, the one
    /// recorded later.
    fn told(&self, place: usize, day: &str) -> Option<&Report> {
        let counts = |r: &&Report| r.place == place && r.standing == "counted";
        let known: Vec<&Report> = self.reports.iter().filter(counts).collect();
        let known: Vec<&Report> = known.into_iter().filter(|r| r.on.as_str() <= day).collect();
        let end = known.iter().rposition(|r| r.at_end).unwrap_or(0);
        known[end..].iter().copied().max_by(|a, b| a.on.cmp(&b.on))
    }

    fn stands(&self, place: usize, day: &str) -> &'static str {
        self.told(place, day).map_or("unknown", |r| r.status)
    }

    fn open(&self) -> Vec<usize> {
        let open = |place: &usize| OPEN.contains(&self.stands(*place, TODAY));
        (0..2).filter(open).collect()
    }

    /// Status, date of its report, overdue, and numbers of counted and pending reports.
    pub fn commitments(&self, day: &str) -> Value {
        let of = |place: usize| {
            let status = self.stands(place, day);
            let due = self.due.as_ref().filter(|_| place == 0);
            let overdue = due.and_then(|due| match self.status_on(day) {
                _ if !OPEN.contains(&status) => Some(false),
                Some("signed") if *due == Date::Words => None,
                Some("signed") => Some(passed(Some(due), self.signed.as_ref(), day)),
                _ => None,
            });
            let on = self.told(place, day).map(|r| &r.on);
            let many = |standing: &str| {
                let all = self.reports.iter().filter(|r| r.place == place);
                all.filter(|r| r.standing == standing && r.on.as_str() <= day)
                    .count()
            };
            json!([
                status,
                on,
                overdue,
                many("counted"),
                many("awaiting_confirmation")
            ])
        };
        json!([of(0), of(1)])
    }

    pub fn fulfilment(&self, day: &str) -> &'static str {
        let mut owed: Vec<&str> = (0..2).map(|place| self.stands(place, day)).collect();
        owed.retain(|status| !RELEASED.contains(status));
        let all = |wanted: &str| owed.iter().all(|status| *status == wanted);
        let goes_on = ["draft", "in_review", "approved", "signed"].map(Some);
        if owed.is_empty() {
            "none"
        } else if all("unknown") {
            "unknown"
        } else if all("fulfilled") {
            "fulfilled"
        } else if all("unfulfilled") {
            "unfulfilled"
        } else if owed.iter().any(|s| OPEN.contains(s)) && goes_on.contains(&self.status_on(day)) {
            "in_progress"
        } else if owed.contains(&"fulfilled") {
            "partly_fulfilled"
        } else {
            "unknown"
        }
    }

    /// The decisions of a step: the same for all open commitments.
    pub fn decided(&self, to: &str, becomes: Option<&'static str>) -> Vec<(usize, &'static str)> {
        let becomes = becomes.filter(|_| ENDS.contains(&to));
        becomes.map_or_else(Vec::new, |becomes| {
            self.open()
                .into_iter()
                .map(|place| (place, becomes))
                .collect()
        })
    }

    pub fn may_become(&self, to: &str, becomes: Option<&'static str>) -> bool {
        let fits = match becomes {
            Some("carried_over") => to == "superseded",
            Some(_) => true,
            None => false,
        };
        !ENDS.contains(&to) || self.open().is_empty() || fits
    }

    pub fn become_at(&mut self, to: &str, becomes: Option<&'static str>, on: &Day) {
        for (place, status) in self.decided(to, becomes) {
            self.reports.push(at_end(place, status, on, None));
        }
    }

    /// Carries open commitments over to another agreement.
    pub fn take_over(&mut self, by: usize, on: &Day) {
        for place in self.open() {
            let report = at_end(place, "carried_over", on, Some(by));
            self.reports.push(report);
        }
    }

    pub fn take_over_back(&mut self, by: usize) {
        for report in self.reports.iter_mut().filter(|r| r.by == Some(by)) {
            report.standing = "retracted";
        }
    }
}

fn at_end(place: usize, status: &'static str, on: &Day, by: Option<usize>) -> Report {
    Report {
        place,
        on: on.clone(),
        status,
        standing: "counted",
        partner: false,
        confirmed: false,
        at_end: true,
        by,
    }
}

impl Model {
    /// Prefers signed agreements.
    pub fn reportable(&self, which: Index) -> Option<usize> {
        let all = 0..self.agreements.len();
        let signed: Vec<usize> = all.filter(|i| self.agreements[*i].was_signed()).collect();
        if signed.is_empty() || which.index(6) == 0 {
            return self.pick(which);
        }
        Some(signed[which.index(signed.len())])
    }

    /// A report, by its agreement and its place in order of recording.
    pub fn reported(&self, which: Index) -> Option<(usize, usize)> {
        self.in_list(which, |_| true)
    }

    /// Prefers reports that await the city.
    pub fn awaiting(&self, which: Index) -> Option<(usize, usize)> {
        let waits = |report: &Report| report.standing == "awaiting_confirmation";
        let waiting = self.in_list(which, waits).filter(|_| which.index(6) > 0);
        waiting.or_else(|| self.reported(which))
    }

    fn in_list(&self, which: Index, wanted: impl Fn(&Report) -> bool) -> Option<(usize, usize)> {
        let mut found = Vec::new();
        for (i, agreement) in self.agreements.iter().enumerate() {
            let all = agreement.reports.iter().enumerate();
            found.extend(all.filter(|(_, r)| wanted(r)).map(|(nth, _)| (i, nth)));
        }
        (!found.is_empty()).then(|| found[which.index(found.len())])
    }

    pub fn report(
        &mut self,
        which: Index,
        place: usize,
        partner: bool,
        status: &'static str,
        on: &Day,
    ) -> (u16, Option<Value>) {
        let Some(i) = self.reportable(which) else {
            return (200, None);
        };
        let a = &mut self.agreements[i];
        // Nobody else sees unsigned agreements, and the partner reports on the first commitment
        // only.
        if a.deleted || (partner && !a.was_signed()) {
            return (404, None);
        }
        if partner && place == 1 {
            return (403, None);
        }
        if a.status() != "signed" && !ENDS.contains(&a.status()) {
            return (409, None);
        }
        if on.as_str() > TODAY || a.signed.as_ref().is_some_and(|signed| on < signed) {
            return (422, None);
        }
        let standing = if partner {
            "awaiting_confirmation"
        } else {
            "counted"
        };
        a.reports.push(Report {
            standing,
            partner,
            at_end: false,
            ..at_end(place, status, on, None)
        });
        (201, Some(json!(standing)))
    }

    pub fn decide(&mut self, which: Index, confirm: bool) -> (u16, Option<Value>) {
        let Some((i, nth)) = self.awaiting(which) else {
            return (200, None);
        };
        let a = &mut self.agreements[i];
        let void = a.status() == "voided";
        let report = &mut a.reports[nth];
        if report.standing != "awaiting_confirmation" || (confirm && void) {
            return (409, None);
        }
        report.confirmed = confirm;
        report.standing = if confirm { "counted" } else { "declined" };
        (200, Some(json!(report.standing)))
    }

    pub fn take_back(&mut self, which: Index, partner: bool) -> (u16, Option<Value>) {
        let Some((i, nth)) = self.reported(which) else {
            return (200, None);
        };
        let report = &mut self.agreements[i].reports[nth];
        if partner && (!report.partner || report.confirmed) {
            return (403, None);
        }
        if report.standing == "retracted" {
            return (409, None);
        }
        report.standing = "retracted";
        (200, Some(json!("retracted")))
    }
}
