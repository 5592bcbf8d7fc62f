use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;

use super::*;
use crate::kernel::values::Localized;

fn date(text: &str) -> ImpreciseDate {
    ImpreciseDate::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn only_the_stated_steps_are_allowed() {
    use Status::*;
    let allowed = [
        (Draft, InReview),
        (InReview, Approved),
        (Approved, Signed),
        (Signed, Completed),
        (Signed, Terminated),
        (Signed, Superseded),
        (Draft, Withdrawn),
        (InReview, Withdrawn),
        (Approved, Withdrawn),
    ];
    for from in Status::ALL {
        for to in Status::ALL {
            let voids = to == Voided && from != Voided;
            let expected = voids || allowed.contains(&(from, to));
            assert_eq!(from.next().contains(&to), expected, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn a_step_counts_when_its_whole_range_has_passed() {
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let step = |to, on: Option<&str>| Transition {
        to,
        on: on.map(date),
        notified_on: None,
        reason: None,
        urgent: None,
        recorded_at: now,
    };
    let steps = [
        step(Status::Signed, Some("2021-04-16")),
        step(Status::Terminated, Some("2022-03")),
    ];
    let zone = chrono_tz::Asia::Seoul;
    let on = |steps: &[Transition], at: &str| status_on(steps, day(at), &zone.into());
    assert_eq!(on(&steps, "2021-04-15"), None);
    assert_eq!(on(&steps, "2022-03-30"), Some(Status::Signed));
    assert_eq!(on(&steps, "2022-03-31"), Some(Status::Terminated));
    // 2023-11-14 22:13 UTC is the next morning in Seoul.
    let undated = [step(Status::Signed, None)];
    assert_eq!(on(&undated, "2023-11-14"), None);
    assert_eq!(on(&undated, "2023-11-15"), Some(Status::Signed));
}

#[rstest]
#[case(Status::Terminated, "2025-03-01", false, "/reason")]
#[case(Status::Terminated, "2027", true, "/on")]
#[case(Status::Completed, "2021-04-15", true, "/on")]
#[case(Status::Terminated, "2025/..", true, "/on")]
fn a_step_that_does_not_fit_is_refused(
    #[case] to: Status,
    #[case] on: &str,
    #[case] with_reason: bool,
    #[case] pointer: &str,
) {
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let signed = [Transition {
        to: Status::Signed,
        on: Some(date("2021-04-16")),
        notified_on: None,
        reason: None,
        urgent: None,
        recorded_at: now,
    }];
    let step = TransitionCreate {
        to,
        on: Some(date(on)),
        notified_on: None,
        reason: with_reason.then(|| Localized::ko("합의")),
        commitments: Vec::new(),
        signatures: Vec::new(),
        urgent: None,
    };
    let errors = check_step(Status::Signed, &signed, &step, day("2026-11-23")).unwrap();
    assert_eq!(pointers(&errors), [pointer]);
}

#[rstest]
#[case(Status::Superseded, "supersedes_id")]
#[case(Status::Terminated, "notified_on")]
fn a_step_ahead_of_its_day_can_be_recorded_in_another_way(#[case] to: Status, #[case] named: &str) {
    let error = ahead(to, "/on");
    assert_eq!(error.code, "in_future");
    for language in [Language::Korean, Language::English] {
        assert!(error.message.in_language(language).contains(named));
    }
}

fn content(signed_on: Option<&str>) -> AgreementContent {
    let signed_on = signed_on.map(|edtf| serde_json::json!({"edtf": edtf}));
    let content =
        serde_json::json!({"kind": "mou", "title": {"ko": "협약"}, "signed_on": signed_on});
    serde_json::from_value(content).unwrap()
}

fn pointers(errors: &[FieldError]) -> Vec<String> {
    let pointer = |error: &FieldError| match &error.place {
        crate::kernel::error::Place::Body(pointer) => pointer.clone(),
        _ => String::new(),
    };
    errors.iter().map(pointer).collect()
}

#[rstest]
#[case(Status::Signed, Some("2026-11-23"), None, &[])]
#[case(Status::Signed, Some("2026-10"), None, &[])]
#[case(Status::Signed, Some("2026"), None, &["/signed_on"])]
#[case(Status::Signed, Some("2026-12"), None, &["/signed_on"])]
#[case(Status::Draft, Some("2026-12"), None, &[])]
#[case(Status::Signed, None, Some("2026-12"), &["/transitions/0/on"])]
#[case(Status::Signed, Some("2021"), Some("2021"), &[])]
#[case(Status::Signed, Some("2021"), Some("2021-04"), &["/transitions/0/on"])]
#[case(Status::Voided, Some("2021"), Some("2022"), &["/transitions/0/on"])]
fn a_signing_has_one_day_that_has_come(
    #[case] status: Status,
    #[case] signed_on: Option<&str>,
    #[case] step: Option<&str>,
    #[case] expected: &[&str],
) {
    let given = step.map(|on| TransitionCreate {
        to: Status::Signed,
        on: Some(date(on)),
        notified_on: None,
        reason: None,
        commitments: Vec::new(),
        signatures: Vec::new(),
        urgent: None,
    });
    let wrong = first_days(
        status,
        given.as_slice(),
        &content(signed_on),
        day("2026-11-23"),
    );
    assert_eq!(pointers(&wrong), expected);
}

#[rstest]
#[case(Some("2021-04-16"), None)]
#[case(None, None)]
#[case(Some("2021-04"), None)]
#[case(Some("2021-03"), Some("reversed"))]
#[case(Some("2025-02-28"), None)]
#[case(Some("2025-04"), Some("reversed"))]
#[case(Some("2027"), Some("in_future"))]
fn a_corrected_signing_lies_between_the_other_steps(
    #[case] on: Option<&str>,
    #[case] code: Option<&str>,
) {
    let step = |to, on: Option<&str>| Transition {
        to,
        on: on.map(date),
        notified_on: None,
        reason: None,
        urgent: None,
        recorded_at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
    };
    let steps = [
        step(Status::InReview, Some("2021-04-10")),
        step(Status::Approved, None),
        step(Status::Signed, on),
        step(Status::Terminated, Some("2025-03")),
    ];
    let wrong = corrected_signing(&steps, day("2026-11-23"));
    assert_eq!(wrong.as_ref().map(|w| w.code.as_str()), code);
}

#[rstest]
#[case(Some("2021-04-15"), Some("2021-04-16"), true)]
#[case(Some("2021-04-16"), Some("2021-04-16"), false)]
#[case(Some("2021"), Some("2021-04-16"), false)]
#[case(Some("2020"), Some("2021"), true)]
#[case(None, Some("2021"), false)]
#[case(Some("2020"), None, false)]
#[case(Some("2020"), Some("../2021"), false)]
fn a_renewal_is_not_signed_before_what_it_renews(
    #[case] signed: Option<&str>,
    #[case] predecessor: Option<&str>,
    #[case] refused: bool,
) {
    let (signed, predecessor) = (signed.map(date), predecessor.map(date));
    let wrong = signed_too_early(signed.as_ref(), predecessor.as_ref());
    assert_eq!(wrong.is_some(), refused);
}

proptest! {
    #[test]
    fn every_walk_ends_and_returns_nowhere(wishes in vec(select(&Status::ALL[..]), 0..60)) {
        let mut walk = vec![Status::Draft];
        for to in wishes {
            let from = walk[walk.len() - 1];
            let reason = Some(Localized::ko("합의"));
            let step = TransitionCreate {
                to,
                on: None,
                notified_on: None,
                reason,
                commitments: Vec::new(),
                signatures: Vec::new(),
                urgent: None,
            };
            let taken = check_step(from, &[], &step, day("2026-11-23")).is_ok();
            prop_assert_eq!(taken, from.next().contains(&to));
            if taken {
                prop_assert!(!walk.contains(&to));
                walk.push(to);
            }
        }
        let fulfilled = [Status::Completed, Status::Terminated, Status::Superseded];
        prop_assert!(walk.contains(&Status::Signed) || !walk.iter().any(|s| fulfilled.contains(s)));
        prop_assert_eq!(walk[walk.len() - 1].next().is_empty(), walk.contains(&Status::Voided));
    }
}

#[rstest]
#[case(1, "2026-11-12", None)]
#[case(1, "2026-11-20", None)]
#[case(1, "2026-11-01/2026-11-23", None)]
#[case(1, "2026-11", Some("in_future"))]
#[case(1, "2026-11-21", Some("reversed"))]
#[case(2, "2026-11-09", Some("reversed"))]
#[case(2, "2026-11-10", None)]
#[case(2, "2026-11-23", Some("reversed"))]
#[case(3, "2026-11-24", Some("in_future"))]
#[case(3, "2026-11-19", Some("reversed"))]
#[case(0, "2026-11-01", None)]
#[case(0, "2026-11-11", Some("reversed"))]
fn a_corrected_day_fits_between_its_neighbours(
    #[case] place: usize,
    #[case] on: &str,
    #[case] code: Option<&str>,
) {
    let step = |to, on: Option<&str>| Transition {
        to,
        on: on.map(date),
        notified_on: None,
        reason: None,
        urgent: None,
        recorded_at: DateTime::default(),
    };
    let mut steps = [
        step(Status::Draft, None),
        step(Status::InReview, Some("2026-11-10")),
        step(Status::Approved, Some("2026-11-20")),
        step(Status::Signed, Some("2026-11-22")),
    ];
    steps[place].on = Some(date(on));
    let wrong = corrected_day(&steps, place, day("2026-11-23"), "/on");
    assert_eq!(wrong.as_ref().map(|error| error.code.as_str()), code);
}
