//! The records that an announcement is perhaps about, and the steps with it.

use serde_json::{Value, json};

use super::{NOBODY, PRESS, city, project, told};
use crate::support::Api;
use crate::support::records::signed_mou;

on_both!(new:
    candidates_come_with_reasons, a_confirmed_announcement_becomes_a_source,
    targets_become_forecasts_only_when_given, a_milestone_is_met_by_its_announcement,
    candidates_and_announcements_are_rejected, a_draft_is_made_of_an_announcement,
    all_that_is_wrong_with_a_confirmation_is_named);

async fn candidates_come_with_reasons(api: Api) {
    let (city, university, agreement) = city(&api).await;
    // The same parties on the same theme, three years before.
    let more = json!({"title": {"ko": "스마트도시 조성 업무협약"}});
    let old = signed_mou(&[&city, &university], "2021-05-18", more);
    api.create("/agreements", &old).await;
    let new = told(
        &city,
        PRESS,
        json!({"announced_on": {"edtf": "2024-05-21"}}),
    );
    let made = api.create("/announcements", &new).await;
    let found = api
        .read(&format!("/announcements/{}/matches", made.id()))
        .await;
    let first = &found.items()[0];
    assert_eq!(
        (&first["agreement"]["id"], &first["proposed"]),
        (&json!(agreement), &json!(true))
    );
    let codes: Vec<&str> = first["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["parties", "day", "title"]);
    let sum: i64 = first["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["points"].as_i64().unwrap())
        .sum();
    assert_eq!(first["score"], sum);
    assert_eq!(
        found.items().len(),
        1,
        "the other one is three years off: {}",
        found.text
    );
    let file = api
        .get(&format!("/announcements/{}/matches.csv", made.id()))
        .await
        .expect(200);
    assert!(
        file.text.contains("스마트도시 조성 업무협약"),
        "{}",
        file.text
    );
}

async fn a_confirmed_announcement_becomes_a_source(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}, "publisher": "고양시", "url": "https://city.example/1"});
    let made = api
        .create("/announcements", &told(&city, PRESS, more))
        .await;
    let path = format!("/announcements/{}", made.id());
    let confirm = json!({"agreement_id": agreement});
    let confirmed = api.act(&format!("{path}/confirm"), &confirm).await;
    assert_eq!(
        (
            &confirmed.body["standing"],
            &confirmed.body["agreement"]["id"]
        ),
        (&json!("confirmed"), &json!(agreement))
    );
    let record = api.read(&format!("/agreements/{agreement}")).await.body;
    assert_eq!(record["sources"][0]["url"], "https://city.example/1");
    assert_eq!(
        record["corrections"][0]["reason"]["ko"],
        "출처 추가: 확인된 발표"
    );
    assert_eq!(
        api.find(&format!("/announcements?agreement_id={agreement}"))
            .await,
        made.id()
    );
    // A second confirmation, and a deletion of either record, would lose it.
    api.post(&format!("{path}/confirm"), &confirm)
        .await
        .expect(409);
    api.delete(&path, "*").await.expect(409);
    // The source follows the announcement, and is removed all the same.
    let change = json!({"publisher": "연합뉴스", "url": "https://city.example/2", "announced_on": {"edtf": "2024-05-22"}});
    api.update(&path, "*", &change).await;
    let record = api.read(&format!("/agreements/{agreement}")).await.body;
    let source = &record["sources"][0];
    assert_eq!(
        (
            &source["publisher"],
            &source["url"],
            &source["published_on"]["edtf"]
        ),
        (
            &json!("연합뉴스"),
            &json!("https://city.example/2"),
            &json!("2024-05-22")
        )
    );
    assert_eq!(record["sources"].as_array().unwrap().len(), 1);
    assert_eq!(
        record["corrections"][1]["reason"]["ko"],
        "출처 정정: 확인된 발표를 고침"
    );
    // What is no part of the source corrects nothing.
    api.update(&path, "*", &json!({"text": {"ko": "협약을 맺었다."}}))
        .await;
    let same = api.read(&format!("/agreements/{agreement}")).await.body;
    assert_eq!(same["version"], record["version"]);
    let reopened = api.act(&format!("{path}/reopen"), &json!({})).await;
    assert_eq!(
        (&reopened.body["standing"], &reopened.body["agreement"]),
        (&json!("open"), &Value::Null)
    );
    let record = api.read(&format!("/agreements/{agreement}")).await.body;
    assert_eq!(record["sources"], json!([]));
    api.post(&format!("{path}/reopen"), &json!({}))
        .await
        .expect(409);
}

async fn targets_become_forecasts_only_when_given(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let (_, milestone) = project(&api, &city, "completion").await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}, "publisher": "고양시",
        "targets": [{"kind": "completion", "target": {"edtf": "2027"}}]});
    let made = api
        .create("/announcements", &told(&city, PRESS, more))
        .await;
    let path = format!("/announcements/{}", made.id());
    let confirm = json!({"agreement_id": agreement, "forecasts": [{"milestone_id": milestone, "target": {"edtf": "2027"}}]});
    api.act(&format!("{path}/confirm"), &confirm).await;
    let forecasts = api
        .read(&format!("/milestones/{milestone}/forecasts"))
        .await;
    let last = &forecasts.items()[1];
    assert_eq!(
        (&last["target"]["edtf"], &last["stated_on"]["edtf"]),
        (&json!("2027"), &json!("2024-05-21"))
    );
    assert_eq!(
        (&last["stated_by"], &last["source"]["publisher"]),
        (&json!("고양시"), &json!("고양시"))
    );
    // Its source follows the announcement.
    let change = json!({"url": "https://city.example/2", "title": {"ko": "고양시-가온대 협약"}});
    api.update(&path, "*", &change).await;
    let forecasts = api
        .read(&format!("/milestones/{milestone}/forecasts"))
        .await;
    let source = &forecasts.items()[1]["source"];
    assert_eq!(
        (&source["url"], &source["title"]),
        (
            &json!("https://city.example/2"),
            &json!("고양시-가온대 협약")
        )
    );
    assert_eq!(forecasts.items()[0]["source"], Value::Null);
    let other = api
        .create("/announcements", &told(&city, PRESS, json!({})))
        .await;
    let path = format!("/announcements/{}/confirm", other.id());
    let refused = api.post(&path, &confirm).await.expect(422);
    assert_eq!(
        refused.places(),
        ["/forecasts"],
        "the day of the statement is unknown"
    );
    api.act(&path, &json!({"agreement_id": agreement})).await;
    let forecasts = api
        .read(&format!("/milestones/{milestone}/forecasts"))
        .await;
    assert_eq!(forecasts.items().len(), 2);
    // The forecast stays when the confirmation is taken back, and another one does not repeat it.
    let first = format!("/announcements/{}", made.id());
    api.act(&format!("{first}/reopen"), &json!({})).await;
    api.act(&format!("{first}/confirm"), &confirm).await;
    let forecasts = api
        .read(&format!("/milestones/{milestone}/forecasts"))
        .await;
    assert_eq!(forecasts.items().len(), 2);
}

async fn a_milestone_is_met_by_its_announcement(api: Api) {
    let city = api.municipality().await;
    let (_, milestone) = project(&api, &city, "groundbreaking").await;
    let more = json!({"kind": "groundbreaking", "announced_on": {"edtf": "2024-10-26"}});
    let made = api
        .create(
            "/announcements",
            &told(&city, "새별 물류단지 기공식 열려", more),
        )
        .await;
    let path = format!("/announcements/{}", made.id());
    let found = api.read(&format!("{path}/matches")).await;
    assert_eq!(
        (
            &found.items()[0]["milestone"]["id"],
            &found.items()[0]["proposed"]
        ),
        (&json!(milestone), &json!(true))
    );
    let confirm = json!({"milestone_id": milestone, "met_on": {"edtf": "2024-10-25"}});
    let confirmed = api.act(&format!("{path}/confirm"), &confirm).await;
    assert_eq!(
        confirmed.body["milestone"]["project"]["title"]["ko"],
        "새별 물류단지"
    );
    let record = api.read(&format!("/milestones/{milestone}")).await.body;
    assert_eq!(
        (&record["status"], &record["actual"]["edtf"]),
        (&json!("met"), &json!("2024-10-25"))
    );
    assert_eq!(record["sources"][0]["title"], "새별 물류단지 기공식 열려");
    api.update(&path, "*", &json!({"title": {"ko": "새별 물류단지 첫 삽"}}))
        .await;
    let record = api.read(&format!("/milestones/{milestone}")).await.body;
    assert_eq!(record["sources"][0]["title"], "새별 물류단지 첫 삽");
    api.act(&format!("{path}/reopen"), &json!({})).await;
    api.act(&format!("{path}/confirm"), &confirm).await;
    let again = api.read(&format!("/milestones/{milestone}")).await.body;
    assert_eq!(again["outcomes"], record["outcomes"]);
    assert_eq!(
        api.find(&format!("/announcements?milestone_id={milestone}"))
            .await,
        made.id()
    );
}

async fn candidates_and_announcements_are_rejected(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let new = told(
        &city,
        PRESS,
        json!({"announced_on": {"edtf": "2024-05-21"}}),
    );
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &new).await.id()
    );
    let rejected = api
        .act(
            &format!("{path}/reject"),
            &json!({"agreement_id": agreement}),
        )
        .await;
    assert_eq!(rejected.body["standing"], "open");
    assert_eq!(api.read(&format!("{path}/matches")).await.items().len(), 0);
    let reason = json!({"reason": {"ko": "행사 안내이다."}});
    let rejected = api.act(&format!("{path}/reject"), &reason).await;
    assert_eq!(
        (
            &rejected.body["standing"],
            &rejected.body["rejection_reason"]["ko"]
        ),
        (&json!("rejected"), &json!("행사 안내이다."))
    );
    assert_eq!(
        api.read("/announcements?standing=rejected")
            .await
            .items()
            .len(),
        1
    );
    api.act(&format!("{path}/reopen"), &json!({})).await;
    assert_eq!(api.read(&format!("{path}/matches")).await.items().len(), 1);
}

async fn a_draft_is_made_of_an_announcement(api: Api) {
    let (city, university, _) = city(&api).await;
    let more = json!({"announced_on": {"edtf": "2025-03-04"}, "happened_on": {"edtf": "2025-03-03"}, "publisher": "고양시",
        "parties": [{"name": "고양시"}, {"name": "가온대학교"}, {"name": "을재단"}]});
    let new = told(&city, "고양시·가온대·을재단 도서관 협약", more);
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &new).await.id()
    );
    let drafted = api
        .act(&format!("{path}/draft"), &json!({"kind": "cooperation"}))
        .await;
    let id = drafted.body["agreement"]["id"].as_str().unwrap();
    let draft = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(
        (&draft["status"], &draft["kind"]),
        (&json!("draft"), &json!("cooperation"))
    );
    assert_eq!(draft["signed_on"]["edtf"], "2025-03-03");
    let parties: Vec<&Value> = draft["parties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["organization"]["id"])
        .collect();
    assert_eq!(parties, [&json!(city), &json!(university)]);
    assert_eq!(draft["other_parties"]["as_stated"], "을재단");
    assert_eq!(
        (&draft["purpose"], &draft["commitments"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(draft["sources"][0]["publisher"], "고양시");
    api.post(&format!("{path}/draft"), &json!({"kind": "mou"}))
        .await
        .expect(409);
    // The draft is deleted only once the announcement no longer names it.
    api.delete(&format!("/agreements/{id}"), "*")
        .await
        .expect(409);
    api.act(&format!("{path}/reopen"), &json!({})).await;
    api.delete(&format!("/agreements/{id}"), "*")
        .await
        .expect(204);
}

async fn all_that_is_wrong_with_a_confirmation_is_named(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let other = api.other_municipality().await;
    let (_, foreign) = project(&api, &other, "completion").await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}});
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &told(&city, PRESS, more))
            .await
            .id()
    );
    let confirm = format!("{path}/confirm");
    for (body, places) in [
        (json!({}), &["/agreement_id"][..]),
        (json!({"agreement_id": NOBODY}), &["/agreement_id"]),
        (json!({"milestone_id": foreign}), &["/milestone_id"]),
        (
            json!({"agreement_id": agreement, "milestone_id": foreign}),
            &["/milestone_id"],
        ),
        (
            json!({"agreement_id": agreement, "met_on": {"edtf": "2024"}}),
            &["/met_on"],
        ),
        (
            json!({"agreement_id": agreement, "forecasts": [{"milestone_id": NOBODY, "target": {"edtf": "2027"}},
            {"milestone_id": foreign, "target": {"edtf": "2027"}}, {"milestone_id": NOBODY, "target": {"edtf": "2028"}}]}),
            &["/forecasts/0/milestone_id", "/forecasts/2/milestone_id"],
        ),
    ] {
        let refused = api.post(&confirm, &body).await.expect(422);
        assert_eq!(refused.places(), places, "{body}");
    }
    let forecasts = api.read(&format!("/milestones/{foreign}/forecasts")).await;
    assert_eq!(forecasts.items().len(), 1, "nothing was changed");
}
