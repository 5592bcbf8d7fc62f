use super::*;
use crate::kernel::values::{OrganizationRef, ProjectRef};
use crate::projections::timeline_entry::EntryKind;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn stamp(version: i64, changed: &str) -> Stamp {
    Stamp {
        version,
        changed_at: day(changed).and_hms_opt(1, 2, 3).unwrap().and_utc(),
    }
}

fn item(type_: EntryType, when: Option<&str>, status: TimelineStatus) -> TimelineItem {
    let id = "0178d7fa-2c00-7000-8000-000000000032".parse().unwrap();
    let when = when.map(|text| ImpreciseDate::parse(text).unwrap());
    TimelineItem {
        type_,
        kind: EntryKind::Groundbreaking,
        id,
        title: Localized {
            ko: Some("착공".into()),
            en: Some("Groundbreaking".into()),
        },
        municipality: OrganizationRef {
            id: id.into(),
            name: Localized::ko("고양시"),
            code: None,
        },
        project: Some(ProjectRef {
            id: id.into(),
            title: Localized::ko("테크노밸리"),
        }),
        phase: None,
        agreement: None,
        working_group: None,
        organizations: Vec::new(),
        baseline: None,
        target: when.clone(),
        when,
        actual: None,
        status,
        overdue_days: None,
        slip: None,
        deadline_slip_days: None,
    }
}

fn written(item: TimelineItem, language: Language) -> String {
    let base = "https://city.example/mou";
    let event = event(&item, stamp(3, "2023-10-27"), language, base);
    let events = std::iter::once(event.as_str());
    calendar(language, None, LeftOut::default(), events).replace("\r\n ", "")
}

#[test]
fn dates_are_all_the_days_that_they_may_mean() {
    use TimelineStatus::Planned;
    for (edtf, start, end) in [
        ("2023-10-26", "20231026", Some("20231027")),
        ("2024-02", "20240201", Some("20240301")),
        ("2026-41", "20260701", Some("20270101")),
        ("2022/2024", "20220101", Some("20250101")),
        // An open side is unknown.
        ("../2024", "20241231", Some("20250101")),
        ("2024-02/..", "20240201", Some("20240202")),
        ("0001", "00010101", Some("00020101")),
        ("9999-12-31", "99991231", None),
    ] {
        let text = written(
            item(EntryType::Milestone, Some(edtf), Planned),
            Language::Korean,
        );
        assert!(
            text.contains(&format!("\r\nDTSTART;VALUE=DATE:{start}\r\n")),
            "{edtf}: {text}"
        );
        let said = end.map(|end| format!("\r\nDTEND;VALUE=DATE:{end}\r\n"));
        match said {
            Some(end) => assert!(text.contains(&end), "{edtf}: {text}"),
            None => assert!(!text.contains("DTEND"), "{edtf}: {text}"),
        }
    }
}

#[test]
fn what_is_imprecise_says_so() {
    let mut due = item(
        EntryType::Milestone,
        Some("../2024"),
        TimelineStatus::Overdue,
    );
    due.when = due.when.map(|when| when.stated("2024년까지; 준공"));
    due.baseline = Some(ImpreciseDate::parse("2023").unwrap());
    due.slip = Some(DayRange {
        min_days: Some(1),
        max_days: Some(730),
    });
    due.deadline_slip_days = Some(366);
    let ko = written(due.clone(), Language::Korean);
    assert!(
        ko.contains("\r\nSUMMARY:테크노밸리: 착공 (2024년까지) [기한 지남]\r\n"),
        "{ko}"
    );
    assert!(ko.contains("시점: 2024년까지 (“2024년까지\\; 준공”)\\n상태: 기한 지남\\n최초 목표: 2023년\\n최초 목표와의 차이: 1일에서 730일 사이\\n기한 사이의 날수: 366일\r\n"), "{ko}");
    let en = written(due, Language::English);
    assert!(
        en.contains("\r\nSUMMARY:테크노밸리: Groundbreaking (by 2024) [overdue]\r\n"),
        "{en}"
    );
    assert!(
        en.contains(
            "Slip from the first target: 1 to 730 days\\nFrom deadline to deadline: 366 days\r\n"
        ),
        "{en}"
    );
}

#[test]
fn what_is_certain_is_confirmed() {
    use EntryType::{Commitment, Expiry, Meeting, Milestone, Signing};
    use TimelineStatus::{
        Cancelled, Due, Failed, Met, MetLate, PartiallyMet, Planned, Suspended, Unknown,
    };
    for (type_, when, status, expected) in [
        (Milestone, "2027-01-01", Planned, "TENTATIVE"),
        (Milestone, "2026", Due, "TENTATIVE"),
        (Milestone, "2026-01-01", PartiallyMet, "TENTATIVE"),
        (Milestone, "2023-10", MetLate, "CONFIRMED"),
        (Signing, "2021-04-16", Met, "CONFIRMED"),
        (Expiry, "2030-01-01", Planned, "CONFIRMED"),
        (Expiry, "2030", Planned, "TENTATIVE"),
        (Meeting, "2027-01-01~", Planned, "TENTATIVE"),
        (Meeting, "2027-01-01", Cancelled, "CANCELLED"),
        (Commitment, "2024", Failed, "CONFIRMED"),
        (Milestone, "2026", Unknown, "TENTATIVE"),
        (Milestone, "2026", Suspended, "TENTATIVE"),
    ] {
        let text = written(item(type_, Some(when), status), Language::English);
        assert!(
            text.contains(&format!("\r\nSTATUS:{expected}\r\n")),
            "{when}: {text}"
        );
    }
}

#[test]
fn a_suspension_is_marked() {
    let suspended = item(
        EntryType::Milestone,
        Some("2018"),
        TimelineStatus::Suspended,
    );
    let ko = written(suspended.clone(), Language::Korean);
    assert!(ko.contains("착공 (2018년) [중단]\r\n"), "{ko}");
    let en = written(suspended, Language::English);
    assert!(en.contains("Groundbreaking (2018) [suspended]\r\n"), "{en}");
}

#[test]
fn a_broken_promise_is_no_cancelled_one() {
    for (language, words, mark) in [
        (Language::Korean, "상태: 불이행", " [불이행]"),
        (
            Language::English,
            "Status: not fulfilled",
            " [not fulfilled]",
        ),
    ] {
        let failed = item(EntryType::Commitment, Some("2024"), TimelineStatus::Failed);
        let text = written(failed, language);
        assert!(text.contains(words), "{text}");
        let mut lines = text.lines();
        let summary = lines.find(|line| line.starts_with("SUMMARY:")).unwrap();
        assert!(summary.ends_with(mark), "{summary}");
    }
}

#[test]
fn a_sequence_grows_with_what_is_recorded_and_what_becomes_known() {
    let first = stamp(1, "2021-08-31");
    assert!(stamp(2, "2021-08-31").sequence() > first.sequence());
    assert!(stamp(1, "2021-09-01").sequence() > first.sequence());
    assert_eq!(stamp(1, "0001-01-01").sequence(), 1);
    assert_eq!(
        stamp(i64::MAX / 2, "9999-12-31").sequence(),
        i64::from(i32::MAX)
    );
}

#[test]
fn an_empty_calendar_has_a_component() {
    let left_out = LeftOut {
        undated: 1,
        older: 2,
    };
    let undated = item(EntryType::Commitment, None, TimelineStatus::Unknown);
    let undated = event(&undated, stamp(1, "2021-01-01"), Language::English, "");
    let events = std::iter::once(undated.as_str());
    let text = calendar(Language::English, Some("a, b"), left_out, events).replace("\r\n ", "");
    assert!(
        !text.contains("VEVENT") && text.contains("BEGIN:VTIMEZONE\r\n"),
        "{text}"
    );
    assert!(text.contains("\r\nNAME:a\\, b\r\n"), "{text}");
    assert!(
        text.contains("\r\nX-MOU-UNDATED:1\r\nX-MOU-OLDER:2\r\n"),
        "{text}"
    );
    assert!(
        text.contains("no date: 1. Left out\\, since there are too many\\, the oldest: 2.\r\n"),
        "{text}"
    );
}

#[test]
fn a_long_title_is_cut_in_the_summary_alone() {
    let mut long = item(EntryType::Commitment, Some("2024"), TimelineStatus::Planned);
    long.title = Localized::ko("가".repeat(1000));
    let text = written(long, Language::Korean);
    let summary = text
        .lines()
        .find(|line| line.starts_with("SUMMARY:"))
        .unwrap();
    assert!(
        summary.ends_with("… (2024년)") && summary.chars().count() < 180,
        "{summary}"
    );
    assert!(text.contains(&format!("내용: {}\\n", "가".repeat(1000))));
}
