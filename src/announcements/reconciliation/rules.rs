//! What was announced and not recorded, recorded and never announced, announced twice. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};

use super::types::{
    AnnouncedDifference, ReconciliationCounts, ReconciliationDepartment, ReconciliationFinding,
    ReconciliationYear,
};
use crate::announcements::store::{Stored, Target};
use crate::announcements::types::{AnnouncementKind, AnnouncementStanding};
use crate::kernel::ids::{AgreementId, AnnouncementId};
use crate::kernel::text::squeeze;
use crate::kernel::values::{Bounds, ImpreciseDate};

/// Days between announcements of the same title that tell of the same.
const SAME_NEWS: i64 = 14;

/// An agreement as far as it is compared.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub id: AgreementId,
    /// Whether it was signed.
    pub is_signed: bool,
    pub department: Option<String>,
    /// The key by which its day of signing sorts.
    pub sort_key: String,
    pub day: Bounds,
}

/// What is compared.
pub struct Compared<'a> {
    /// The announcements that the caller sees.
    pub announcements: &'a [Stored],
    /// The agreements that the caller sees, without those that were given up.
    pub agreements: &'a [Recorded],
    /// Milestones that announcements are or may be about, as far as the caller sees them.
    pub milestones: &'a HashSet<Target>,
    /// What is likely for open announcements, with its score: one alone is proposed.
    pub likely: &'a HashMap<AnnouncementId, Vec<(Target, i32)>>,
    /// Whether the caller sees what is proposed.
    pub shows_proposals: bool,
    /// How records differ from confirmed announcements.
    pub differences: HashMap<AnnouncementId, Vec<AnnouncedDifference>>,
}

/// A finding, with what it is about.
#[derive(Clone, Debug)]
pub struct Finding {
    pub finding: ReconciliationFinding,
    /// The key by which it sorts.
    pub sort_key: String,
    pub day: Bounds,
    pub announcement: Option<AnnouncementId>,
    pub others: Vec<AnnouncementId>,
    pub about: Option<Target>,
    pub department: Option<String>,
    pub score: Option<i32>,
    pub differences: Vec<AnnouncedDifference>,
}

impl Finding {
    /// Returns what tells it from every other one.
    pub fn key(&self) -> String {
        let announcement = self.announcement.map(|id| id.to_string());
        let about = self.about.map(|about| about.id().to_string());
        format!(
            "{:?} {}",
            self.finding,
            announcement.or(about).unwrap_or_default()
        )
    }
}

impl Compared<'_> {
    /// Returns what a confirmed announcement is about, as far as it is there for the caller: what was given
    /// up since, or what the caller cannot see, is not recorded.
    fn about(&self, one: &Stored, by_id: &HashMap<Target, &Recorded>) -> Option<Target> {
        let about = one.doc.verdict.about;
        about.filter(|about| by_id.contains_key(about) || self.milestones.contains(about))
    }
}

/// Returns everything that the comparison finds.
pub fn findings(mut compared: Compared<'_>) -> Vec<Finding> {
    let by_id: HashMap<Target, &Recorded> = compared
        .agreements
        .iter()
        .map(|one| (Target::Agreement(one.id), one))
        .collect();
    let mut differences = std::mem::take(&mut compared.differences);
    let (mut all, mut announced) = (Vec::new(), BTreeSet::new());
    for one in compared.announcements {
        if one.doc.verdict.standing == AnnouncementStanding::Rejected {
            continue;
        }
        let finding = |finding, about: Option<Target>| Finding {
            finding,
            sort_key: announced_key(one),
            day: Bounds::of(one.doc.content.announced_on.as_ref()),
            announcement: Some(one.meta.id),
            others: Vec::new(),
            about,
            department: department(one, about, &by_id),
            score: None,
            differences: Vec::new(),
        };
        let likely = compared
            .likely
            .get(&one.meta.id)
            .map_or(&[][..], Vec::as_slice);
        match (compared.about(one, &by_id), likely) {
            (Some(about), _) => {
                announced.insert(about);
                let differs = differences.remove(&one.meta.id).unwrap_or_default();
                if !differs.is_empty() {
                    all.push(Finding {
                        differences: differs,
                        ..finding(ReconciliationFinding::Differs, Some(about))
                    });
                }
            }
            (None, [(about, score)]) if compared.shows_proposals => {
                announced.insert(*about);
                all.push(Finding {
                    score: Some(*score),
                    ..finding(ReconciliationFinding::Unconfirmed, Some(*about))
                });
            }
            // What tells of no event is nothing that could be recorded.
            (None, []) if one.doc.content.kind == AnnouncementKind::Other => {}
            (None, []) => all.push(finding(ReconciliationFinding::NotRecorded, None)),
            // Whether it is the one, or which of several, a person must say.
            (None, several) => {
                announced.extend(several.iter().map(|(about, _)| *about));
                all.push(finding(ReconciliationFinding::Unconfirmed, None));
            }
        }
    }
    let signed = compared.agreements.iter().filter(|one| one.is_signed);
    let silent = signed.filter(|one| !announced.contains(&Target::Agreement(one.id)));
    all.extend(silent.map(not_announced));
    all.extend(twice(&compared, &by_id));
    all
}

fn not_announced(one: &Recorded) -> Finding {
    Finding {
        finding: ReconciliationFinding::NotAnnounced,
        sort_key: one.sort_key.clone(),
        day: one.day,
        announcement: None,
        others: Vec::new(),
        about: Some(Target::Agreement(one.id)),
        department: one.department.clone(),
        score: None,
        differences: Vec::new(),
    }
}

/// Returns the department in charge of what an announcement is about, or else the one that it states.
fn department(
    one: &Stored,
    about: Option<Target>,
    by_id: &HashMap<Target, &Recorded>,
) -> Option<String> {
    let recorded = about.and_then(|about| by_id.get(&about)?.department.clone());
    recorded.or_else(|| one.doc.content.lead_department.clone())
}

fn announced_key(one: &Stored) -> String {
    let day = one.doc.content.announced_on.as_ref();
    day.map(ImpreciseDate::sort_key).unwrap_or_default()
}

/// Returns a finding for each announcement that repeats another one: of the same record and event,
/// at the same address, or with the same title within some days. Of two days the later repeats; an
/// announcement of unknown day repeats those that have one, without an order.
fn twice(compared: &Compared<'_>, by_id: &HashMap<Target, &Recorded>) -> Vec<Finding> {
    let counted = compared.announcements.iter();
    let counted = counted.filter(|one| one.doc.verdict.standing != AnnouncementStanding::Rejected);
    let mut sorted: Vec<&Stored> = counted.collect();
    let is_undated = |one: &Stored| one.doc.content.announced_on.is_none();
    sorted.sort_by_key(|one| (is_undated(one), announced_key(one), one.meta.id));
    let mut told: HashMap<String, &Stored> = HashMap::new();
    let mut found = Vec::new();
    for one in sorted {
        let content = &one.doc.content;
        let about = compared.about(one, by_id);
        let title = content.title.texts().next().map(squeeze);
        let keys = [
            about.map(|about| format!("about {} {:?}", about.id(), content.kind)),
            content.url.as_ref().map(|url| format!("at {url}")),
            title.map(|title| format!("titled {title}")),
        ];
        let keys: Vec<String> = keys.into_iter().flatten().collect();
        let mut others: Vec<AnnouncementId> = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let is_title = i + 1 == keys.len();
            let same = told.get(key);
            let same = same.filter(|other| !is_title || is_same_news(other, one));
            others.extend(same.map(|other| other.meta.id));
        }
        others.sort_unstable();
        others.dedup();
        for key in keys {
            told.insert(key, one);
        }
        if others.is_empty() {
            continue;
        }
        found.push(Finding {
            finding: ReconciliationFinding::AnnouncedTwice,
            sort_key: announced_key(one),
            day: Bounds::of(content.announced_on.as_ref()),
            announcement: Some(one.meta.id),
            others,
            about,
            department: department(one, about, by_id),
            score: None,
            differences: Vec::new(),
        });
    }
    found
}

/// Returns whether announcements of the same title are so close that they tell of the same.
fn is_same_news(one: &Stored, other: &Stored) -> bool {
    let bounds = |one: &Stored| Bounds::of(one.doc.content.announced_on.as_ref());
    let (one, other) = (bounds(one), bounds(other));
    let apart = |from: Option<NaiveDate>, until: Option<NaiveDate>| {
        from.zip(until)
            .map(|(from, until)| (until - from).num_days())
    };
    let gap = apart(one.latest, other.earliest).max(apart(other.latest, one.earliest));
    gap.is_none_or(|days| days <= SAME_NEWS)
}

/// Returns the year of a day; `None` if it lies in one of several.
pub fn year(day: Bounds) -> Option<i32> {
    let (first, last) = day.earliest.zip(day.latest)?;
    (first.year() == last.year()).then(|| first.year())
}

/// Numbers of a group of findings.
#[derive(Default)]
struct Groups {
    totals: ReconciliationCounts,
    years: BTreeMap<Option<i32>, ReconciliationCounts>,
    departments: BTreeMap<Option<String>, ReconciliationCounts>,
}

impl Groups {
    fn count(
        &mut self,
        year: Option<i32>,
        department: Option<&String>,
        add: impl Fn(&mut ReconciliationCounts),
    ) {
        add(&mut self.totals);
        add(self.years.entry(year).or_default());
        add(self.departments.entry(department.cloned()).or_default());
    }
}

/// The figures of a comparison: in all, by year and by department.
pub type Figures = (
    ReconciliationCounts,
    Vec<ReconciliationYear>,
    Vec<ReconciliationDepartment>,
);

/// Counts what was compared and found.
pub fn figures(announcements: &[Stored], agreements: &[Recorded], found: &[Finding]) -> Figures {
    let mut groups = Groups::default();
    let departments: HashMap<AgreementId, &String> = agreements
        .iter()
        .filter_map(|one| Some((one.id, one.department.as_ref()?)))
        .collect();
    let mut confirmed: HashSet<AgreementId> = HashSet::new();
    for one in announcements {
        let verdict = &one.doc.verdict;
        if verdict.standing == AnnouncementStanding::Rejected {
            continue;
        }
        let agreement = verdict.about.and_then(Target::agreement);
        confirmed.extend(agreement);
        let department = agreement.and_then(|id| departments.get(&id).copied());
        let department = department.or(one.doc.content.lead_department.as_ref());
        let day = Bounds::of(one.doc.content.announced_on.as_ref());
        groups.count(year(day), department, |counts| counts.announcements += 1);
    }
    for one in agreements.iter().filter(|one| one.is_signed) {
        let is_announced = confirmed.contains(&one.id);
        groups.count(year(one.day), one.department.as_ref(), |counts| {
            counts.agreements += 1;
            counts.announced += i64::from(is_announced);
        });
    }
    for one in found {
        groups.count(year(one.day), one.department.as_ref(), |counts| {
            *match one.finding {
                ReconciliationFinding::Unconfirmed => &mut counts.unconfirmed,
                ReconciliationFinding::NotRecorded => &mut counts.not_recorded,
                ReconciliationFinding::NotAnnounced => &mut counts.not_announced,
                ReconciliationFinding::AnnouncedTwice => &mut counts.announced_twice,
                ReconciliationFinding::Differs => &mut counts.differs,
            } += 1;
        });
    }
    let years = groups.years.into_iter();
    let departments = groups.departments.into_iter();
    (
        groups.totals,
        years
            .map(|(year, counts)| ReconciliationYear { year, counts })
            .collect(),
        departments
            .map(|(department, counts)| ReconciliationDepartment { department, counts })
            .collect(),
    )
}
