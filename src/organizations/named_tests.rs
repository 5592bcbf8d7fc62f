use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn id(n: u128) -> OrganizationId {
    Uuid::from_u128(n).into()
}

fn brn(number: &str) -> Value {
    json!([{"scheme": "KR-BRN", "id": number}])
}

const ONE: &str = "1248100998";
const OTHER: &str = "2208162517";

fn named(value: Value) -> NamedOrganization {
    serde_json::from_value(value).unwrap()
}

/// Chooses among recorded organizations, which have the ids 1, 2, … in their order.
fn choose(wanted: Value, recorded: &[Value], earlier: &[u128]) -> Choice {
    let wanted = named(wanted);
    let alike = recorded.iter().zip(1..).map(|(value, n)| {
        let mut content =
            OrganizationContent::named(serde_json::from_value(value["name"].clone()).unwrap());
        if let Some(numbers) = value.get("identifiers") {
            content.identifiers = serde_json::from_value(numbers.clone()).unwrap();
        }
        content.country = value["country"].as_str().map(str::to_owned);
        let kind = serde_json::from_value(value["kind"].clone()).unwrap();
        Alike {
            id: id(n),
            kind,
            likeness: wanted.likeness(kind, &content),
            name: content.name,
            code: None,
            identifiers: content.identifiers,
        }
    });
    let alike: Vec<Alike> = alike.collect();
    let earlier: Vec<OrganizationId> = earlier.iter().copied().map(id).collect();
    wanted.choose(&alike, &earlier)
}

fn company(name: &str) -> Value {
    json!({"kind": "company", "name": {"ko": name}})
}

#[rstest]
#[case::none(&[], Choice::New)]
#[case::the_same(&["하나"], Choice::Known(id(1)))]
#[case::with_its_form(&["㈜하나"], Choice::Known(id(1)))]
#[case::spaced(&["하 나"], Choice::Known(id(1)))]
#[case::one_is_the_same(&["㈜하나", "하나"], Choice::Known(id(2)))]
#[case::two_are_alike(&["㈜하나", "(재)하나"], Choice::Unclear)]
#[case::two_are_the_same(&["하나", "하나"], Choice::Unclear)]
fn a_name_means_the_one_that_has_it(#[case] recorded: &[&str], #[case] right: Choice) {
    let recorded: Vec<Value> = recorded.iter().map(|name| company(name)).collect();
    assert_eq!(choose(company("하나"), &recorded, &[]), right);
}

#[test]
fn what_differs_is_not_meant() {
    let hospital = json!({"kind": "hospital", "name": {"ko": "하나"}});
    let numbered =
        |number| json!({"kind": "company", "name": {"ko": "하나"}, "identifiers": brn(number)});
    let abroad = json!({"kind": "company", "name": {"ko": "하나"}, "country": "JP"});
    let korean = json!({"kind": "company", "name": {"ko": "하나"}, "country": "KR"});
    for (wanted, recorded, right) in [
        (hospital.clone(), company("하나"), Choice::Unclear),
        (
            json!({"name": {"ko": "하나"}}),
            company("하나"),
            Choice::Known(id(1)),
        ),
        (numbered(ONE), numbered(OTHER), Choice::Unclear),
        (numbered(ONE), company("하나"), Choice::Known(id(1))),
        (abroad, korean.clone(), Choice::Unclear),
        (company("하나"), korean, Choice::Known(id(1))),
    ] {
        assert_eq!(choose(wanted, &[recorded], &[]), right);
    }
    let both = [company("하나"), hospital.clone()];
    assert_eq!(choose(hospital, &both, &[]), Choice::Known(id(2)));
}

#[test]
fn an_identifier_decides() {
    let other_name =
        json!({"kind": "hospital", "name": {"ko": "둘"}, "identifiers": brn("124-81-00998")});
    let wanted = json!({"name": {"ko": "하나"}, "identifiers": brn(ONE)});
    let recorded = [company("하나"), other_name.clone()];
    assert_eq!(choose(wanted, &recorded, &[]), Choice::Known(id(2)));
    assert_eq!(
        choose(json!({"identifiers": brn(ONE)}), &[], &[]),
        Choice::New
    );
    let two = json!({"kind": "company", "name": {"ko": "셋"}, "identifiers": brn(OTHER)});
    let mut both = brn(ONE);
    both.as_array_mut()
        .unwrap()
        .extend(brn(OTHER).as_array().unwrap().clone());
    let wanted = json!({"identifiers": both});
    assert_eq!(choose(wanted, &[other_name, two], &[]), Choice::Unclear);
}

#[test]
fn another_one_can_be_recorded_anew() {
    let mut wanted = company("하나");
    wanted["record_anew"] = json!(true);
    assert_eq!(choose(wanted, &[company("하나")], &[]), Choice::New);
    // The one that this request recorded is meant by what follows.
    let recorded = [company("하나"), company("하나")];
    assert_eq!(
        choose(company("하나"), &recorded, &[2]),
        Choice::Known(id(2))
    );
}

#[test]
fn what_is_recorded_needs_a_name_and_a_kind() {
    let lacks = |value| {
        let errors = named(value).to_record().unwrap_err();
        errors
            .into_iter()
            .map(|e| format!("{:?} {}", e.place, e.code))
            .collect::<Vec<_>>()
    };
    let at = |at: &str, code: &str| format!("Body({at:?}) {code}");
    assert_eq!(
        lacks(json!({"name": {"ko": "하나"}})),
        [at("/kind", "required")]
    );
    assert_eq!(
        lacks(json!({})),
        [at("/name", "required"), at("/kind", "required")]
    );
    let city = json!({"name": {"ko": "고양시"}, "kind": "municipality"});
    assert_eq!(lacks(city), [at("/kind", "use_municipalities")]);
    assert!(named(company("하나")).to_record().is_ok());
}
