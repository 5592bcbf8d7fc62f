use super::*;
use crate::projections::agreement_kind::AgreementKind;

pub fn policy(from: Option<&str>, until: Option<&str>) -> Policy {
    let day = |text: &str| text.parse().unwrap();
    Policy {
        valid_from: from.map(day),
        valid_until: until.map(day),
        ..Policy::default()
    }
}

#[test]
fn two_policies_never_hold_on_one_day() {
    let one = policy(None, Some("2023-12-31"));
    let two = policy(Some("2024-01-01"), None);
    assert!(check_no_overlap(&[one.clone(), two.clone()]).is_ok());
    assert!(check_no_overlap(&[two.clone(), one.clone()]).is_ok());
    let third = policy(Some("2023-12-31"), Some("2023-12-31"));
    assert!(check_no_overlap(&[one, two, third.clone()]).is_err());
    assert!(check_no_overlap(&[policy(None, None), third.clone(), third]).is_err());
    // A policy that is never in force overlaps none.
    let never = policy(Some("2024-01-02"), Some("2024-01-01"));
    assert!(check_no_overlap(&[policy(None, None), never]).is_ok());
}

#[test]
fn of_an_unknown_day_only_what_always_holds_is_certain() {
    let day = |text: &str| Some(text.parse().unwrap());
    let always = [policy(None, None)];
    assert!(in_force_on(&always, None).is_some());
    let since = [policy(Some("2024-01-01"), None)];
    assert!(in_force_on(&since, None).is_none());
    assert!(in_force_on(&since, day("2023-12-31")).is_none());
    assert!(in_force_on(&since, day("2024-01-01")).is_some());
}

#[test]
fn the_council_has_a_policy_of_its_own() {
    let of = |organ: Option<Organ>| Policy {
        applies_to: Some(PolicyScope {
            except: Vec::new(),
            organ,
        }),
        ..Policy::default()
    };
    let (own, others) = (of(Some(Organ::Council)), of(Some(Organ::Executive)));
    let both = [own.clone(), others.clone()];
    assert!(check_no_overlap(&both).is_ok());
    assert!(check_no_overlap(&[own.clone(), of(None)]).is_err());
    assert!(check_no_overlap(&[own.clone(), own.clone()]).is_err());
    // Beside the agreements, that of the executive counts.
    assert_eq!(in_force_on(&both, None), Some(&others));
    assert_eq!(in_force_on(&both[..1], None), Some(&own));
    let applied = |organ| applying(&both, AgreementKind::Mou, organ).into_owned();
    assert_eq!(applied(Some(Organ::Council)), [own]);
    assert_eq!(
        applied(Some(Organ::Executive)),
        std::slice::from_ref(&others)
    );
    assert_eq!(applied(None), [others]);
}
