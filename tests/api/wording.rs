//! What the registry makes of the wording of ledgers and forms.

use serde_json::{Value, json};

use crate::support::Api;

on_both!(new:
    texts_are_read_as_agreements_take_them, two_readings_are_choices, a_column_settles_an_order,
    what_is_not_understood_is_kept, the_readings_make_an_agreement, a_length_is_no_year,
    wrong_questions_are_refused, an_unknown_enumeration_is_refused_with_the_known_ones);

async fn ask(api: &Api, question: &Value) -> Value {
    let answer = api.post("/reference/wording", question).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["readings"].clone()
}

/// The only reading of a text as one kind.
async fn reading(api: &Api, kind: &str, text: &str) -> Value {
    let readings = ask(api, &json!({"texts": [text], "kinds": [kind]})).await;
    assert_eq!(readings[0]["as_stated"], text);
    readings[0][kind].clone()
}

async fn texts_are_read_as_agreements_take_them(api: Api) {
    for (text, edtf) in [
        ("2021. 4. 16.", "2021-04-16"),
        ("'21.4.16", "2021-04-16"),
        ("2022년 상반기", "2022-40"),
        ("2022년 3/4분기", "2022-35"),
        ("2024년까지", "../2024"),
        ("2013.07.~09.", "2013-07/2013-09"),
    ] {
        let read = reading(&api, "date", text).await;
        assert_eq!(read["value"]["edtf"], edtf, "{text}");
        assert_eq!(read["value"]["as_stated"], text);
        assert_eq!(
            (&read["choices"], &read["notes"]),
            (&json!([]), &json!([])),
            "{text}"
        );
    }
    let text = "체결일로부터 2년(이의 없으면 1년씩 자동 연장)";
    let term = reading(&api, "term", text).await["value"].clone();
    let until = &term["effective_until"];
    assert_eq!(
        (
            &until["relative_to"]["anchor"],
            &until["relative_to"]["years"]
        ),
        (&json!("signing"), &json!(2))
    );
    assert_eq!(
        (&term["auto_renews"], &term["renewal"]["months"]),
        (&json!(true), &json!(12))
    );
    let money = reading(&api, "money", "약 8,493억 원").await["value"].clone();
    let expected = json!({"amount": 849_300_000_000_i64, "min_amount": null, "max_amount": null, "currency": "KRW",
        "approximate": true, "as_stated": "약 8,493억 원"});
    assert_eq!(money, expected);
    let area = reading(&api, "area", "976,152㎡(약 30만 평)").await["value"].clone();
    assert_eq!(area["square_metres"].as_f64(), Some(976_152.0));
    let question = json!({"texts": ["130"], "kinds": ["money", "count"], "unit": "억원"});
    let both = ask(&api, &question).await;
    assert_eq!(both[0]["money"]["value"]["amount"], 13_000_000_000_i64);
    assert_eq!(
        both[0]["count"]["value"]["value"].as_f64(),
        Some(13_000_000_000.0)
    );
    assert_eq!(both[0]["date"], Value::Null);
    let parties =
        reading(&api, "parties", "LH(85%), 경기도(2%) 외 3개 기관").await["value"].clone();
    assert_eq!(parties["named"][0]["share_percent"].as_f64(), Some(85.0));
    assert_eq!(parties["named"][1]["name"], "경기도");
    assert_eq!(
        parties["other_parties"],
        json!({"count": 3, "as_stated": "외 3개 기관"})
    );
}

async fn two_readings_are_choices(api: Api) {
    let read = reading(&api, "date", "04.05.06").await;
    assert_eq!(read["value"], Value::Null);
    let days: Vec<&Value> = read["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["value"]["edtf"])
        .collect();
    assert_eq!(days, ["2004-05-06", "2006-05-04", "2006-04-05"]);
    let reason = json!({"ko": "연·월·일의 순서로 읽음", "en": "Read as year, month, day"});
    assert_eq!(read["choices"][0]["reason"], reason);
    let bare = reading(&api, "money", "15,000").await;
    assert_eq!(
        (&bare["value"], bare["choices"].as_array().map(Vec::len)),
        (&Value::Null, Some(4))
    );
}

async fn a_column_settles_an_order(api: Api) {
    let question = json!({"texts": ["04.05.06", "98.1.14"], "kinds": ["date"], "past": true});
    let column = ask(&api, &question).await;
    assert_eq!(column[0]["date"]["value"]["edtf"], "2004-05-06");
    assert_eq!(column[0]["date"]["notes"][0]["code"], "order_of_column");
    let question = json!({"texts": ["'21.3.5", "31.12.20"], "kinds": ["date"], "past": true});
    let column = ask(&api, &question).await;
    assert_eq!(column[0]["date"]["value"], Value::Null);
    assert_eq!(column[1]["date"]["value"]["edtf"], "2020-12-31");
}

async fn what_is_not_understood_is_kept(api: Api) {
    let read = reading(&api, "date", "2021.2.30").await;
    assert_eq!(
        (&read["value"]["edtf"], &read["value"]["as_stated"]),
        (&Value::Null, &json!("2021.2.30"))
    );
    assert_eq!(read["notes"][0]["code"], "no_such_day");
    assert!(
        read["notes"][0]["message"]["en"].is_string()
            && read["notes"][0]["message"]["ko"].is_string()
    );
    let blank = reading(&api, "date", "-").await;
    assert_eq!(blank, json!({"value": null, "choices": [], "notes": []}));
    let anonymous = api.with(None);
    let question = json!({"texts": ["미정"], "kinds": ["date"]});
    assert_eq!(
        ask(&anonymous, &question).await[0]["date"]["notes"][0]["code"],
        "no_date_stated"
    );
}

/// A plain text in a request is read by the same parser.
async fn the_readings_make_an_agreement(api: Api) {
    let city = api.municipality().await;
    let text = "체결일로부터 2년(이의 없으면 1년씩 자동 연장)";
    let term = reading(&api, "term", text).await["value"].clone();
    // The other members of a date are derived.
    let until = &term["effective_until"];
    let until = json!({"as_stated": until["as_stated"], "relative_to": until["relative_to"]});
    let partner = api.organization("을전자㈜").await;
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "을 협약"}, "status": "signed",
        "signed_on": "'21.4.16", "effective_until": until, "auto_renews": term["auto_renews"],
        "renewal": term["renewal"], "cost": reading(&api, "money", "약 1조 6천억 원").await["value"],
        "parties": [{"organization_id": city}, {"organization_id": partner}]});
    let made = api.create("/agreements", &new).await.body;
    assert_eq!(
        (&made["signed_on"]["edtf"], &made["signed_on"]["as_stated"]),
        (&json!("2021-04-16"), &json!("'21.4.16"))
    );
    assert_eq!(made["effective_until"]["latest"], "2023-04-16");
    assert_eq!(made["cost"]["amount"], 1_600_000_000_000_i64);
}

/// A plain text that counts from the signing is a relative date, another length its wording.
async fn a_length_is_no_year(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("을전자㈜").await;
    let commitment = |due: &str| json!({"text": {"ko": "고용"}, "due": due});
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "을 협약"}, "status": "signed",
        "signed_on": "2021. 4. 16.", "effective_until": "체결일로부터 2년",
        "parties": [{"organization_id": city}, {"organization_id": partner}],
        "commitments": [commitment("체결일로부터 3년"), commitment("1년 이내"), commitment("2024년")]});
    let made = api.create("/agreements", &new).await.body;
    let until = &made["effective_until"];
    assert_eq!(
        (&until["latest"], &until["relative_to"]["anchor"]),
        (&json!("2023-04-16"), &json!("signing"))
    );
    let due = |n: usize| &made["commitments"][n]["due"];
    assert_eq!(due(0)["relative_to"]["years"], 3);
    assert_eq!(due(0)["latest"], "2024-04-16");
    assert_eq!(due(0)["as_stated"], "체결일로부터 3년");
    assert_eq!(
        (&due(1)["latest"], &due(1)["as_stated"]),
        (&Value::Null, &json!("1년 이내"))
    );
    assert_eq!(due(2)["latest"], "2024-12-31");
    // A day of signing is counted from no other.
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "병 협약"}, "status": "signed",
        "signed_on": "체결일로부터 3년", "parties": [{"organization_id": city}, {"organization_id": partner}]});
    let made = api.create("/agreements", &new).await.body;
    assert_eq!(made["signed_on"]["latest"], Value::Null);
}

async fn wrong_questions_are_refused(api: Api) {
    for (question, pointer) in [
        (json!({"texts": [], "kinds": ["date"]}), "/texts"),
        (json!({"texts": ["2021"], "kinds": []}), "/kinds"),
        (json!({"texts": ["2021"], "kinds": ["day"]}), "/kinds/0"),
        (json!({"kinds": ["date"]}), "/texts"),
        (
            json!({"texts": ["2".repeat(2001)], "kinds": ["date"]}),
            "/texts/0",
        ),
        (
            json!({"texts": ["2021"], "kinds": ["date"], "order": "year"}),
            "/order",
        ),
    ] {
        let refused = api.post("/reference/wording", &question).await;
        assert_eq!(refused.status, 422, "{question}: {}", refused.body);
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{question}");
    }
}

async fn an_unknown_enumeration_is_refused_with_the_known_ones(api: Api) {
    let known = api
        .read("/reference/labels?enumeration=AgreementStatus")
        .await;
    assert_eq!(known.items().len(), 1);
    let refused = api.get("/reference/labels?enumeration=x").await.expect(400);
    let error = &refused.body["errors"][0];
    assert_eq!(
        (&error["parameter"], &error["code"]),
        (&json!("enumeration"), &json!("unknown_enumeration"))
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("AgreementStatus"), "{message}");
}
