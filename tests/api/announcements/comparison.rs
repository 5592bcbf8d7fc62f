//! What was announced compared with what is recorded.

use serde_json::{Value, json};

use super::{PRESS, city, told};
use crate::support::Api;
use crate::support::records::signed_mou;

on_both!(new: announcements_and_records_are_compared);

async fn announcements_and_records_are_compared(api: Api) {
    let (city, university, agreement) = city(&api).await;
    let more = json!({"title": {"ko": "도서관 책 나눔 협약"}, "lead_department": "도서관과"});
    let silent = signed_mou(&[&city, &university], "2022-02-03", more);
    let silent = api.create("/agreements", &silent).await.id().to_owned();
    let tell = async |title: &str, more: Value| {
        let made = api
            .create("/announcements", &told(&city, title, more))
            .await;
        made.id().to_owned()
    };
    let facts = json!({"announced_on": {"edtf": "2024-05-22"}, "happened_on": {"edtf": "2024-05-21"},
        "amount": {"amount": 3_000_000_000_u64, "currency": "KRW", "as_stated": "30억 원"},
        "parties": [{"name": "고양시"}, {"name": "가온대"}, {"name": "을재단"}],
        "targets": [{"kind": "completion", "target": {"edtf": "2027"}}]});
    let first = tell(PRESS, facts.clone()).await;
    let again = tell(
        "고양시 스마트도시 협약 소식",
        json!({"announced_on": {"edtf": "2024-06-01"}}),
    )
    .await;
    for id in [&first, &again] {
        api.act(
            &format!("/announcements/{id}/confirm"),
            &json!({"agreement_id": agreement}),
        )
        .await;
    }
    let new = tell(
        "고양시, 병병원과 치매 안심 마을 협약",
        json!({"announced_on": {"edtf": "2023-07-01"}}),
    )
    .await;
    let event = tell("가을 축제", json!({"kind": "other"})).await;
    let rows = api
        .read(&format!("/reconciliation?municipality_id={city}&sort=day"))
        .await;
    let rows = rows.items();
    let found: Vec<(&str, &Value, &Value)> = rows
        .iter()
        .map(|row| {
            (
                row["finding"].as_str().unwrap(),
                &row["announcement"]["id"],
                &row["agreement"]["id"],
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("not_announced", &Value::Null, &json!(silent)),
            ("not_recorded", &json!(new), &Value::Null),
            ("differs", &json!(first), &json!(agreement)),
            ("announced_twice", &json!(again), &json!(agreement)),
        ],
        "{event}"
    );
    let differences: Vec<(&str, &str, &str)> = rows[2]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            (
                d["member"].as_str().unwrap(),
                d["announced"]["ko"].as_str().unwrap(),
                d["recorded"]["ko"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        differences,
        [
            ("day", "2024년 5월 21일", "2024년 5월 20일"),
            ("amount", "30억 원", "1000000000 KRW"),
            ("parties", "고양시, 가온대, 을재단", "고양시, 가온대학교"),
            ("target", "준공 2027년", "준공 기록 없음"),
        ]
    );
    assert_eq!(rows[3]["others"][0]["id"], json!(first));
    assert_eq!(rows[0]["department"], "도서관과");
    let some = api.read(&format!("/reconciliation?municipality_id={city}&finding=differs&department=%EC%8A%A4%EB%A7%88%ED%8A%B8%EB%8F%84%EC%8B%9C%EA%B3%BC&from=2024-01-01&to=2024-12-31&with_total=true")).await;
    assert_eq!(some.body["total"], 1);
    let file = api
        .get(&format!("/reconciliation.csv?municipality_id={city}"))
        .await
        .expect(200);
    assert!(
        file.text.contains("30억 원") && file.text.contains("발표되지 않음"),
        "{}",
        file.text
    );
    let figures = api
        .read(&format!("/reconciliation/figures?municipality_id={city}"))
        .await
        .body;
    assert_eq!(
        figures["totals"],
        json!({"announcements": 4, "agreements": 2, "announced": 1, "unconfirmed": 0, "not_recorded": 1,
            "not_announced": 1, "announced_twice": 1, "differs": 1})
    );
    let years: Vec<(&Value, &Value)> = figures["years"]
        .as_array()
        .unwrap()
        .iter()
        .map(|y| (&y["year"], &y["announcements"]))
        .collect();
    assert_eq!(
        years,
        [
            (&Value::Null, &json!(1)),
            (&json!(2022), &json!(0)),
            (&json!(2023), &json!(1)),
            (&json!(2024), &json!(2))
        ]
    );
    let departments: Vec<&Value> = figures["departments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["department"])
        .collect();
    assert_eq!(
        departments,
        [&Value::Null, &json!("도서관과"), &json!("스마트도시과")]
    );
    // Once the second is open again, its record is proposed.
    api.act(&format!("/announcements/{first}/reopen"), &json!({}))
        .await;
    let open = api
        .read(&format!(
            "/reconciliation?municipality_id={city}&finding=unconfirmed"
        ))
        .await;
    assert_eq!(
        (
            &open.items()[0]["announcement"]["id"],
            &open.items()[0]["agreement"]["id"]
        ),
        (&json!(first), &json!(agreement))
    );
}
