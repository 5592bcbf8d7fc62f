//! The notice against an automatic renewal: a duty that follows from the agreement itself.

use serde_json::{Value, json};

use crate::support::records::{demand, signed, with};
use crate::support::{Answer, Api, log};

on_both!(new:
    a_notice_is_a_duty_with_or_without_a_policy, a_notified_termination_is_the_notice, a_notified_end_on_an_unknown_day,
    a_holiday_moves_its_last_working_day);

/// The terms of an agreement of two years that renews by a year, unless notice is given 30 days ahead.
fn renews() -> Value {
    json!({"effective_until": {"edtf": "2023-04-15"}, "auto_renews": true,
        "renewal": {"months": 12, "notice_days": 30}})
}

async fn record(api: &Api, city: &str) -> Answer {
    signed(api, city, "2021-04-16", renews()).await
}

/// The notices in the list of duties as `due status last_working_day`.
async fn notices(api: &Api, more: &str) -> Vec<String> {
    let list = api
        .read(&format!("/duties?kind=renewal_notice{more}"))
        .await;
    let told = list.items().iter().map(|duty| {
        let status = duty["status"].as_str().unwrap();
        let due = duty["due"]["edtf"].as_str().unwrap();
        format!("{due} {status} {}", duty["last_working_day"])
    });
    told.collect()
}

async fn a_notice_is_a_duty_with_or_without_a_policy(api: Api) {
    let city = api.other_municipality().await;
    let made = record(&api, &city).await;
    let duty = &made.body["duties"][0];
    assert_eq!(duty["id"], format!("{}:renewal_notice:expiry:5", made.id()));
    assert_eq!(duty["legal_basis"], Value::Null);
    let open = ["2027-03-16 open null"];
    assert_eq!(notices(&api, "").await, open);
    // A Saturday.
    let saturday = "2024-03-16 open \"2024-03-15\"";
    assert_eq!(notices(&api, "&as_of=2024-03-16").await, [saturday]);
    assert_eq!(
        notices(&api, "&as_of=2024-03-17").await,
        ["2025-03-16 open \"2025-03-14\""]
    );
    assert_eq!(log::wrong(&api), None);
    demand(&api, &city, json!([{"review_interval_months": 12}])).await;
    assert_eq!(notices(&api, "").await, open);
    demand(&api, &city, json!([])).await;
    assert_eq!(notices(&api, "").await, open);
    assert_eq!(log::wrong(&api), None);
    let decided = json!({"on": {"edtf": "2026-11-20"}, "rating": "good", "renewal": "renew"});
    let reviews = format!("/agreements/{}/reviews", made.id());
    let made = api.create(&reviews, &decided).await;
    assert_eq!(made.body["duties"][0]["done_by"]["kind"], "review");
    assert_eq!(notices(&api, "").await, ["2027-03-16 done null"]);
    assert_eq!(notices(&api, "&as_of=2026-11-19").await, open);
    assert_eq!(log::wrong(&api), None);
}

async fn a_notified_termination_is_the_notice(api: Api) {
    let city = api.municipality().await;
    let made = record(&api, &city).await;
    let step = json!({"to": "terminated", "on": {"edtf": "2027-04-15"}, "notified_on": {"edtf": "2026-11-23"},
        "reason": {"ko": "연장하지 않음"}});
    let steps = format!("/agreements/{}/transitions", made.id());
    let made = api.act(&steps, &step).await;
    let notice = made.body["duties"].as_array().unwrap().iter();
    let mut notice = notice.filter(|duty| duty["kind"] == "renewal_notice");
    let done_by = &notice.next().unwrap()["done_by"];
    assert_eq!(
        (&done_by["kind"], &done_by["on"]["edtf"]),
        (&json!("transition"), &json!("2026-11-23"))
    );
    assert_eq!(notices(&api, "").await, ["2027-03-16 done null"]);
    assert_eq!(log::wrong(&api), None);
    // Until it takes effect, the agreement and the list tell the same of every day.
    let later = api.at("2027-02-01T03:00:00Z").await;
    let path = format!("/agreements/{}", made.id());
    for (day, expected) in [
        ("2026-11-22", "open"),
        ("2026-11-23", "done"),
        ("2027-01-31", "done"),
        ("2027-04-14", "overdue"),
    ] {
        let one = later.read(&format!("{path}?as_of={day}")).await.body;
        let listed = later.read(&format!("/duties?as_of={day}")).await.body;
        assert_eq!(one["duties"], listed["items"], "{day}");
        if day < "2027-03" {
            assert_eq!(one["duties"][0]["status"], expected, "{day}");
        }
    }
}

async fn a_holiday_moves_its_last_working_day(api: Api) {
    let city = api.other_municipality().await;
    record(&api, &city).await;
    let holiday = json!({"day": "2027-03-16", "name": {"ko": "임시공휴일"}, "kind": "temporary", "basis": "관공서의 공휴일에 관한 규정 제2조제11호",
        "source": "관보 제20917호"});
    let declared = api.create("/reference/holidays", &holiday).await;
    assert_eq!(notices(&api, "").await, ["2027-03-16 open \"2027-03-15\""]);
    assert_eq!(log::wrong(&api), None);
    let at = format!("/reference/holidays/{}", declared.id());
    api.delete(&at, "*").await.expect(204);
    assert_eq!(notices(&api, "").await, ["2027-03-16 open null"]);
    assert_eq!(log::wrong(&api), None);
    // Without the days of notice nobody knows by when it is due.
    let more = with(
        renews(),
        json!({"renewal": {"months": 12, "notice_days": null}}),
    );
    let made = signed(&api, &city, "2021-04-16", more).await;
    assert_eq!(made.body["duties"], json!([]));
}

/// That a termination was notified tells nothing of the day on which it takes effect.
async fn a_notified_end_on_an_unknown_day(api: Api) {
    let city = api.municipality().await;
    let at = |seen: &Value| {
        (
            seen["status"].clone(),
            seen["in_force"].clone(),
            seen["ended_by"].clone(),
        )
    };
    for (on, sure) in [
        (json!({"edtf": null, "as_stated": "이주가 끝난 때"}), false),
        (json!({"edtf": "2027/.."}), false),
        (json!({"edtf": "2026"}), true),
    ] {
        let term = json!({"effective_until": {"edtf": "2030-12-31"}});
        let made = signed(&api, &city, "2021-04-16", term).await;
        let path = format!("/agreements/{}", made.id());
        let step = json!({"to": "terminated", "on": on, "notified_on": {"edtf": "2026-11-01"}, "reason": {"ko": "해지 통보"}});
        api.act(&format!("{path}/transitions"), &step).await;
        let on_day = async |day: &str| at(&api.read(&format!("{path}?as_of={day}")).await.body);
        let (signed, open) = (json!("signed"), Value::Null);
        assert_eq!(
            on_day("2026-10-31").await,
            (signed.clone(), json!(true), open.clone()),
            "{on}"
        );
        let today = match on["edtf"].as_str() {
            Some("2027/..") => json!(true),
            _ => open.clone(),
        };
        assert_eq!(
            on_day("2026-11-23").await,
            (signed.clone(), today.clone(), open.clone()),
            "{on}"
        );
        assert_eq!(
            at(&api.read(&path).await.body),
            (signed.clone(), today, open.clone()),
            "{on}"
        );
        let over = match sure {
            true => (json!("terminated"), json!(false), json!("termination")),
            false => (signed, open.clone(), open),
        };
        assert_eq!(on_day("2027-01-01").await, over, "{on}");
        let listed = api.read("/agreements?status=terminated").await;
        assert_eq!(listed.items().len(), 0, "{on}");
        let expiry = api.read("/timeline?types=expiry").await;
        let expiry = expiry.items().last().unwrap().clone();
        let status = match on["edtf"].as_str() {
            None => "unknown",
            Some("2026") => "due",
            Some(_) => "planned",
        };
        assert_eq!(
            (&expiry["status"], &expiry["when"]["edtf"]),
            (&json!(status), &on["edtf"])
        );
        // The day on which it took effect is stated later.
        let corrected = format!("{path}/transitions/1?correction_reason=x");
        api.update(
            &corrected,
            "*",
            &json!({"on": {"edtf": "2026-11-20", "as_stated": null}}),
        )
        .await;
        assert_eq!(at(&api.read(&path).await.body).0, "terminated", "{on}");
        assert_eq!(log::wrong(&api), None);
        let void = json!({"to": "voided", "reason": {"ko": "오기"}});
        api.act(&format!("{path}/transitions"), &void).await;
    }
}
