use super::*;
use crate::kernel::language::Language;

const W: Words = Words(Language::Korean);

const FIELDS: &[Group] = &[Group::of_body(
    ("", ""),
    &[
        Field::plain("signed_on", Kind::Past, ("", "")),
        Field::plain("effective_until", Kind::Term, ("", "")),
        Field::plain("due", Kind::Due, ("", "")),
        Field::plain("cost", Kind::Money, ("", "")),
        Field::plain("area", Kind::Area, ("", "")),
        Field::plain("topics", Kind::Texts, ("", "")),
        Field::plain("project_ids", Kind::Several, ("", "")),
        Field::plain("organization", Kind::Organization, ("", "")),
        Field::plain("signatory_not_stated", Kind::Yes, ("", "")),
    ],
)];

/// Returns the record after the form changed some of its fields.
fn after(record: &Value, typed: &[(&str, &str)]) -> Value {
    let shown = own_filled(FIELDS, record, W);
    let kept = shown
        .fields()
        .filter(|(name, _)| typed.iter().all(|(other, _)| other != name));
    let mut fields: Vec<(String, String)> =
        kept.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    fields.extend(
        typed
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
    );
    let today = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let typed = changes(FIELDS, &Form::of(fields), record, W, today);
    assert_eq!(typed.unclear, []);
    let mut record = record.clone();
    json_patch::merge(&mut record, &typed.body);
    record
}

fn date(edtf: &str) -> Value {
    json!({"edtf": edtf, "as_stated": null, "earliest": edtf, "latest": edtf})
}

#[test]
fn a_date_in_words_alone_replaces_the_one_before() {
    let before = json!({"signed_on": date("2021-04-16"), "effective_until": date("2025-03-13")});
    let after = after(
        &before,
        &[("signed_on", "미상일"), ("effective_until", "무기한")],
    );
    for member in ["signed_on", "effective_until"] {
        assert!(after[member]["edtf"].is_null(), "{after}");
    }
    assert_eq!(after["signed_on"]["as_stated"], "미상일");
    assert_eq!(after["effective_until"]["as_stated"], "무기한");
}

#[test]
fn a_term_replaces_all_that_the_one_before_meant() {
    let renewing = after(
        &json!({}),
        &[(
            "effective_until",
            "체결일로부터 3년, 이의 없으면 1년씩 자동 연장",
        )],
    );
    assert_eq!(renewing["auto_renews"], true);
    assert_eq!(renewing["renewal"]["months"], 12);
    let fixed = after(&renewing, &[("effective_until", "체결일로부터 2년")]);
    assert!(
        fixed["auto_renews"].is_null() && fixed["renewal"].is_null(),
        "{fixed}"
    );
    assert_eq!(fixed["effective_until"]["relative_to"]["years"], 2);
    // From a time after the signing to a day, and back.
    let day = after(&fixed, &[("effective_until", "2025. 3. 13.까지")]);
    assert!(day["effective_until"]["relative_to"].is_null(), "{day}");
    let back = after(&day, &[("effective_until", "체결일로부터 2년")]);
    assert!(back["effective_until"]["edtf"].is_null(), "{back}");
    assert_eq!(back["effective_until"]["relative_to"]["anchor"], "signing");
    let none = after(&renewing, &[("effective_until", "")]);
    for member in terms::MEMBERS {
        assert!(none[member].is_null(), "{member}: {none}");
    }
    assert_eq!(after(&renewing, &[]), renewing);
}

#[test]
fn a_due_date_hangs_on_the_signing_or_on_none() {
    let hanging = after(
        &json!({"due": date("2027")}),
        &[("due", "체결일로부터 6개월 이내")],
    );
    assert_eq!(hanging["due"]["relative_to"]["months"], 6);
    assert!(hanging["due"]["edtf"].is_null());
    let fixed = after(&hanging, &[("due", "2027년")]);
    assert!(fixed["due"]["relative_to"].is_null());
    assert_eq!(fixed["due"]["edtf"], "2027");
}

#[test]
fn a_quantity_is_a_figure_a_range_or_words() {
    let mut record = json!({"cost": null, "area": null});
    for (typed, amount, low) in [
        ("약 3억원", json!(300_000_000), json!(null)),
        ("3억~5억원", json!(null), json!(300_000_000)),
        ("추후 협의", json!(null), json!(null)),
        ("4억원", json!(400_000_000), json!(null)),
    ] {
        record = after(&record, &[("cost", typed)]);
        let cost = &record["cost"];
        let read = |member: &str| cost.get(member).cloned().unwrap_or_default();
        assert_eq!(
            (read("amount"), read("min_amount")),
            (amount, low),
            "{typed}: {record}"
        );
        assert_eq!(cost["as_stated"], typed);
    }
    record = after(&record, &[("area", "약 87만㎡")]);
    record = after(&record, &[("area", "미정")]);
    assert!(record["area"]["square_metres"].is_null(), "{record}");
    let range = json!({"cost": {"min_amount": 1, "max_amount": 5, "currency": "KRW"}});
    assert_eq!(own_filled(FIELDS, &range, W).get("cost"), "1 KRW ~ 5 KRW");
}

#[test]
fn several_values_are_replaced_together() {
    let before = json!({"project_ids": ["a", "b"],
        "topics": [{"ko": "바이오", "en": "Bio"}, {"ko": "의료", "en": null}]});
    let shown = own_filled(FIELDS, &before, W);
    assert_eq!(shown.get("topics"), "바이오\n의료");
    assert_eq!(shown.all("project_ids").count(), 2);
    assert_eq!(after(&before, &[]), before);
    let after = after(
        &before,
        &[("project_ids", ""), ("topics", "바이오\nDrones")],
    );
    assert_eq!(after["project_ids"], json!([]));
    assert_eq!(
        after["topics"],
        json!([{"ko": "바이오", "en": "Bio"}, {"ko": null, "en": "Drones"}])
    );
}

#[test]
fn an_organization_is_shown_by_its_name_and_replaced_by_another() {
    let before = json!({"organization": {"id": "1", "name": {"ko": "가", "en": null}}});
    assert_eq!(own_filled(FIELDS, &before, W).get("organization"), "가");
    assert_eq!(after(&before, &[]), before);
    let today = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let chosen = [
        ("organization", "나"),
        ("organization/for", "나"),
        ("organization/choice", "2"),
    ];
    let form = Form::of(chosen.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec());
    let typed = changes(FIELDS, &form, &before, W, today);
    assert_eq!(typed.body, json!({"organization_id": "2"}));
}

#[test]
fn a_condition_that_is_not_chosen_does_not_hold() {
    let before = json!({"signatory_not_stated": true});
    let after = after(&before, &[("signatory_not_stated", "")]);
    assert_eq!(after["signatory_not_stated"], false);
}
