//! The timeline as an iCalendar text (RFC 5545, RFC 7986). Pure: the day is an argument, and equal
//! entries always yield equal text.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::lines::Lines;
use crate::kernel::BASE;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{DayRange, ImpreciseDate, Localized, to_db};
use crate::projections::timeline_entry::{EntryType, TimelineStatus};
use crate::timeline::handlers::TimelineItem;

/// Refresh interval for clients, as a duration of RFC 5545.
const AGAIN: &str = "PT1H";
/// Maximum length of a title in a summary, in characters. The description holds the whole title.
const SUMMARY: usize = 150;
/// Maximum number of organizations named in a description.
const NAMED: usize = 20;

/// Version and time of change of an entry, by which clients detect updates.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Version of the entry's record with the reports on it, and of the milestones from which its date
    /// is counted.
    pub version: i64,
    /// Time of the last change of the shown data, or the time at which it became known.
    pub changed_at: DateTime<Utc>,
}

impl Stamp {
    /// Returns the value of SEQUENCE, which grows with each change. It includes the seconds,
    /// because data can become known without a change of any record.
    fn sequence(self) -> i64 {
        /// 2020-01-01T00:00:00Z
        const BEGIN: i64 = 1_577_836_800;
        let seconds = (self.changed_at.timestamp() - BEGIN).max(0);
        seconds
            .saturating_add(self.version)
            .min(i64::from(i32::MAX))
    }
}

/// Numbers of entries that a calendar leaves out.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeftOut {
    /// Undated entries.
    pub undated: i64,
    /// Older entries than those shown, because there are too many.
    pub older: i64,
}

fn say(language: Language, ko: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Korean => ko,
        Language::English => en,
    }
}

/// Writes a calendar of entries that [`event`] wrote.
pub fn calendar<'a>(
    language: Language,
    name: Option<&str>,
    left_out: LeftOut,
    events: impl Iterator<Item = &'a str>,
) -> String {
    let usual = say(language, "협약과 사업의 일정", "Agreements and projects");
    let name = name.unwrap_or(usual);
    let about = about(left_out);
    let about = about.in_language(language);
    let mut lines = Lines::default();
    lines
        .plain("BEGIN", "VCALENDAR")
        .plain("VERSION", "2.0")
        .text(
            "PRODID",
            &format!(
                "-//mou-registry//mou-registry {}//{}",
                env!("CARGO_PKG_VERSION"),
                language.tag().to_uppercase()
            ),
        )
        .plain("CALSCALE", "GREGORIAN")
        .plain("METHOD", "PUBLISH")
        .text("NAME", name)
        .text("X-WR-CALNAME", name)
        .text("DESCRIPTION", about)
        .text("X-WR-CALDESC", about)
        .plain("REFRESH-INTERVAL;VALUE=DURATION", AGAIN)
        .plain("X-PUBLISHED-TTL", AGAIN)
        .plain("X-MOU-UNDATED", &left_out.undated.to_string())
        .plain("X-MOU-OLDER", &left_out.older.to_string());
    let mut events = events.filter(|event| !event.is_empty()).peekable();
    if events.peek().is_none() {
        nothing(&mut lines);
    }
    events.for_each(|event| lines.written(event));
    lines.plain("END", "VCALENDAR");
    lines.into_text()
}

/// Describes the entries that are left out.
fn about(left_out: LeftOut) -> Message {
    let (mut ko, mut en) = (String::new(), String::new());
    if left_out.undated > 0 {
        let n = left_out.undated;
        ko += &format!("날짜를 모르는 {n}건은 빠져 있습니다. ");
        en += &format!("Left out, since they have no date: {n}. ");
    }
    if left_out.older > 0 {
        let n = left_out.older;
        ko += &format!("너무 많아 오래된 {n}건은 빠져 있습니다. ");
        en += &format!("Left out, since there are too many, the oldest: {n}. ");
    }
    if ko.is_empty() {
        return Message::fixed("빠진 것이 없습니다.", "Nothing is left out.");
    }
    Message::new(ko.trim_end(), en.trim_end())
}

/// Writes an unused time zone, since a calendar without events still needs one component.
fn nothing(lines: &mut Lines) {
    lines
        .plain("BEGIN", "VTIMEZONE")
        .plain("TZID", "Etc/UTC")
        .plain("BEGIN", "STANDARD")
        .plain("DTSTART", "19700101T000000")
        .plain("TZOFFSETFROM", "+0000")
        .plain("TZOFFSETTO", "+0000")
        .plain("END", "STANDARD")
        .plain("END", "VTIMEZONE");
}

/// Returns the first day of an entry and the day after its last, covering all the days that its
/// date can mean. An open-ended date covers its known day only.
fn days(when: &ImpreciseDate) -> Option<(NaiveDate, Option<NaiveDate>)> {
    let first = when.earliest().or(when.latest())?;
    let last = when.latest().unwrap_or(first);
    // The last representable day has no successor; an entry without an end lasts one day.
    Some((first, last.succ_opt().filter(|end| end.year() < 10_000)))
}

/// Writes an entry; nothing if it has no date. `base` is the URL of the server.
pub fn event(item: &TimelineItem, stamp: Stamp, language: Language, base: &str) -> String {
    let mut lines = Lines::default();
    let Some((when, (first, end))) = item
        .when
        .as_ref()
        .and_then(|when| Some((when, days(when)?)))
    else {
        return String::new();
    };
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let changed = stamp.changed_at.format("%Y%m%dT%H%M%SZ").to_string();
    lines
        .plain("BEGIN", "VEVENT")
        .text(
            "UID",
            &format!("{}-{}@mou-registry", to_db(&item.type_), item.id),
        )
        .plain("DTSTAMP", &changed)
        .plain("LAST-MODIFIED", &changed)
        .plain("SEQUENCE", &stamp.sequence().to_string())
        .plain("DTSTART;VALUE=DATE", &day(first));
    if let Some(end) = end {
        lines.plain("DTEND;VALUE=DATE", &day(end));
    }
    lines
        .text("SUMMARY", &summary(item, when, language))
        .text("DESCRIPTION", &description(item, when, language))
        .text("CATEGORIES", type_name(item.type_, language))
        .plain("STATUS", status(item, when))
        .plain("TRANSP", "TRANSPARENT")
        .plain(
            &organizer(item, language),
            &format!("urn:uuid:{}", item.municipality.id),
        )
        .plain("URL", &format!("{base}{BASE}{}", path(item)))
        .plain("END", "VEVENT");
    lines.into_text()
}

/// Returns the property ORGANIZER, which published entries have (RFC 5546, 3.2.1), with the name of
/// the municipality. A quoted parameter value contains neither quotes nor control characters.
fn organizer(item: &TimelineItem, language: Language) -> String {
    let name = item.municipality.name.in_language(language);
    let name = name.replace('"', "'").replace(char::is_control, " ");
    format!("ORGANIZER;CN=\"{name}\"")
}

/// Returns the path of the record behind an entry, below [`BASE`].
fn path(item: &TimelineItem) -> String {
    let id = item.id;
    let agreement = item.agreement.as_ref().map_or(id, |a| a.id.into());
    match item.type_ {
        EntryType::Milestone => format!("/milestones/{id}"),
        EntryType::Meeting => format!("/meetings/{id}"),
        EntryType::Commitment => format!("/agreements/{agreement}/commitments/{id}"),
        EntryType::Signing | EntryType::Expiry | EntryType::RenewalNotice => {
            format!("/agreements/{agreement}")
        }
    }
}

/// Returns the value of STATUS. Items that have happened or certainly failed are confirmed, and so
/// are items agreed for a certain day. A milestone's target is a forecast however exact it is, so
/// it stays tentative.
fn status(item: &TimelineItem, when: &ImpreciseDate) -> &'static str {
    let agreed = item.type_ != EntryType::Milestone && when.is_certain_day();
    match item.status {
        TimelineStatus::Cancelled => "CANCELLED",
        TimelineStatus::Met | TimelineStatus::MetLate | TimelineStatus::Failed => "CONFIRMED",
        TimelineStatus::Unknown => "TENTATIVE",
        _ if agreed => "CONFIRMED",
        _ => "TENTATIVE",
    }
}

fn type_name(type_: EntryType, language: Language) -> &'static str {
    let (ko, en) = match type_ {
        EntryType::Milestone => ("추진 단계", "Milestone"),
        EntryType::Signing => ("협약 체결", "Signing"),
        EntryType::Expiry => ("협약 만료", "Expiry"),
        EntryType::RenewalNotice => ("협약 연장 거절 통지 기한", "Notice against renewal"),
        EntryType::Commitment => ("협약 사항", "Commitment"),
        EntryType::Meeting => ("회의", "Meeting"),
    };
    say(language, ko, en)
}

fn status_name(status: TimelineStatus, language: Language) -> &'static str {
    let (ko, en) = match status {
        TimelineStatus::Planned => ("예정", "planned"),
        TimelineStatus::Due => ("도래", "due"),
        TimelineStatus::Overdue => ("기한 지남", "overdue"),
        TimelineStatus::PartiallyMet => ("일부 이행", "partially met"),
        TimelineStatus::Met => ("이행", "met"),
        TimelineStatus::MetLate => ("늦게 이행", "met late"),
        TimelineStatus::Failed => ("불이행", "not fulfilled"),
        TimelineStatus::Suspended => ("중단", "suspended"),
        TimelineStatus::Cancelled => ("취소", "cancelled"),
        TimelineStatus::Unknown => ("알 수 없음", "unknown"),
    };
    say(language, ko, en)
}

/// Builds the summary: project, working group or type; title; the date in words if it is not a
/// certain day; and the status if overdue, failed, suspended or cancelled.
fn summary(item: &TimelineItem, when: &ImpreciseDate, language: Language) -> String {
    let title = item.title.in_language(language);
    let mut text = match (item.type_, &item.project, &item.working_group) {
        (EntryType::Milestone, Some(project), _) => {
            format!("{}: {title}", project.title.in_language(language))
        }
        (EntryType::Meeting, _, Some(group)) => {
            format!("{}: {title}", group.name.in_language(language))
        }
        (type_, ..) => format!("{}: {title}", type_name(type_, language)),
    };
    if text.chars().count() > SUMMARY {
        text = text.chars().take(SUMMARY).chain(['…']).collect();
    }
    if !when.is_certain_day() {
        text += &format!(" ({})", when.words(language));
    }
    let marked = [
        TimelineStatus::Overdue,
        TimelineStatus::Failed,
        TimelineStatus::Suspended,
        TimelineStatus::Cancelled,
    ];
    if marked.contains(&item.status) {
        text += &format!(" [{}]", status_name(item.status, language));
    }
    text
}

fn description(item: &TimelineItem, when: &ImpreciseDate, language: Language) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |ko, en, text: &str| lines.push(format!("{}: {text}", say(language, ko, en)));
    let local = |text: &Localized| text.in_language(language).to_owned();
    add("내용", "What", &local(&item.title));
    if let Some(project) = &item.project {
        add("사업", "Project", &local(&project.title));
    }
    if let Some(agreement) = &item.agreement {
        add("협약", "Agreement", &local(&agreement.title));
    }
    if let Some(group) = &item.working_group {
        add("실무협의체", "Working group", &local(&group.name));
    }
    add(
        "지방자치단체",
        "Municipality",
        &local(&item.municipality.name),
    );
    if !item.organizations.is_empty() {
        let named = item.organizations.iter().take(NAMED);
        let mut names = named.map(|o| local(&o.name)).collect::<Vec<_>>().join(", ");
        if item.organizations.len() > NAMED {
            names += ", …";
        }
        add("기관", "Organizations", &names);
    }
    add("시점", "When", &dated(when, language));
    add("상태", "Status", status_name(item.status, language));
    if let Some(baseline) = item.baseline.as_ref().filter(|first| *first != when) {
        add("최초 목표", "First target", &dated(baseline, language));
    }
    if let Some(slip) = item.slip.and_then(|slip| moved(slip, language)) {
        add("최초 목표와의 차이", "Slip from the first target", &slip);
    }
    if let Some(days) = item.deadline_slip_days {
        let days = match language {
            Language::Korean => format!("{days}일"),
            Language::English => format!("{days} days"),
        };
        add("기한 사이의 날수", "From deadline to deadline", &days);
    }
    lines.join("\n")
}

/// Formats a date in words, followed by the source's wording.
fn dated(date: &ImpreciseDate, language: Language) -> String {
    let words = date.words(language);
    match date.as_stated().filter(|stated| *stated != words) {
        Some(stated) => format!("{words} (“{stated}”)"),
        None => words,
    }
}

/// Formats a slip in words, or returns `None` if neither bound is known.
fn moved(slip: DayRange, language: Language) -> Option<String> {
    let text = match (slip.min_days, slip.max_days, language) {
        (None, None, _) => return None,
        (Some(a), Some(b), Language::Korean) if a == b => format!("{a}일"),
        (Some(a), Some(b), Language::English) if a == b => format!("{a} days"),
        (Some(a), Some(b), Language::Korean) => format!("{a}일에서 {b}일 사이"),
        (Some(a), Some(b), Language::English) => format!("{a} to {b} days"),
        (Some(a), None, Language::Korean) => format!("{a}일 이상"),
        (Some(a), None, Language::English) => format!("{a} days or more"),
        (None, Some(b), Language::Korean) => format!("{b}일 이하"),
        (None, Some(b), Language::English) => format!("{b} days or less"),
    };
    Some(text)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
