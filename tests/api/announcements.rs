//! Announcements, what they are matched with, and how they compare with the record.

use mou_registry::announcements::feed::schedule::{self, NamedFeed};
use serde_json::{Value, json};

use crate::support::Api;
use crate::support::receiver::{Receiver, Reply};
use crate::support::records::{signed_mou, with};

on_both!(new:
    announcements_are_recorded_found_and_changed, candidates_come_with_reasons,
    a_confirmed_announcement_becomes_a_source, targets_become_forecasts_only_when_given,
    a_milestone_is_met_by_its_announcement, candidates_and_announcements_are_rejected,
    a_draft_is_made_of_an_announcement, all_that_is_wrong_with_a_confirmation_is_named,
    announcements_and_records_are_compared, drafts_are_the_staffs, partners_see_what_is_theirs,
    a_feed_is_recorded_once, a_feed_at_an_address_is_read, a_list_comes_in_and_goes, pasts_know_what_was_confirmed);

/// An id that no record has.
const NOBODY: &str = "0178d7fa-2c00-7000-8000-00000000ffff";

fn told(city: &str, title: &str, more: Value) -> Value {
    with(
        json!({"municipality_id": city, "kind": "signing", "title": {"ko": title}}),
        more,
    )
}

/// A city with a university, and a signed agreement of both. Returns their ids and the agreement's.
async fn city(api: &Api) -> (String, String, String) {
    let city = api.municipality().await;
    let new = json!({"kind": "university", "name": {"ko": "가온대학교"}});
    let university = api.create("/organizations", &new).await.id().to_owned();
    let more = json!({"title": {"ko": "스마트도시 조성 업무협약"}, "lead_department": "스마트도시과",
        "cost": {"amount": 1_000_000_000, "currency": "KRW"}});
    let new = signed_mou(&[&city, &university], "2024-05-20", more);
    let agreement = api.create("/agreements", &new).await.id().to_owned();
    (city, university, agreement)
}

const PRESS: &str = "고양시, 가온대와 스마트도시 조성 손잡는다";

async fn announcements_are_recorded_found_and_changed(api: Api) {
    let city = api.municipality().await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}, "publisher": "고양시", "url": "https://city.example/1",
        "text": {"ko": "시청에서 업무협약을 맺었다."}, "parties": [{"name": "가온대"}]});
    let made = api
        .create("/announcements", &told(&city, PRESS, more))
        .await;
    assert_eq!(
        (&made.body["standing"], &made.body["gaps"]),
        (&json!("open"), &json!([]))
    );
    let path = format!("/announcements/{}", made.id());
    for query in [
        "q=%EC%8B%9C%EC%B2%AD",
        "kind=signing",
        "from=2024-05-21&to=2024-05-21",
    ] {
        assert_eq!(
            api.find(&format!("/announcements?{query}")).await,
            made.id(),
            "{query}"
        );
    }
    let found = api.read("/search?q=%EC%8A%A4%EB%A7%88%ED%8A%B8").await;
    assert_eq!(found.items()[0]["type"], "announcement");
    let ahead = json!({"announced_on": {"edtf": "2026-12-01"}});
    let refused = api.patch(&path, made.etag(), &ahead).await.expect(422);
    assert_eq!(refused.places(), ["/announced_on"]);
    let changed = api
        .update(&path, made.etag(), &json!({"publisher": null}))
        .await;
    assert_eq!(changed.body["gaps"][0]["code"], "publisher_unknown");
    let history = api.read(&format!("{path}/history")).await;
    assert_eq!(history.items().len(), 2);
    let unknown = told(NOBODY, PRESS, json!({}));
    assert_eq!(
        api.post("/announcements", &unknown)
            .await
            .expect(422)
            .places(),
        ["/municipality_id"]
    );
    api.delete(&path, changed.etag()).await.expect(204);
    assert_eq!(api.read("/announcements").await.items().len(), 0);
}

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

/// A project with a milestone of a kind. Returns the ids of both.
async fn project(api: &Api, city: &str, kind: &str) -> (String, String) {
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "새별 물류단지"}, "milestones": [{"kind": kind,
        "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2022-01-03"}}]}]});
    let made = api.create("/projects", &new).await;
    let milestone = made.body["milestones"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    (made.id().to_owned(), milestone)
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

async fn drafts_are_the_staffs(api: Api) {
    let (city, ..) = city(&api).await;
    let new = told(
        &city,
        "고양시, 병병원과 협약",
        json!({"announced_on": {"edtf": "2025-03-04"}}),
    );
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &new).await.id()
    );
    let viewer = api.staff("viewer", &city).await;
    viewer
        .post(&format!("{path}/draft"), &json!({"kind": "mou"}))
        .await
        .expect(403);
    api.act(&format!("{path}/draft"), &json!({"kind": "mou"}))
        .await;
    let public = api.with(None);
    assert_eq!(public.read(&path).await.body["agreement"], Value::Null);
    assert_ne!(viewer.read(&path).await.body["agreement"], Value::Null);
    assert_eq!(
        public.read(&format!("{path}/matches")).await.items().len(),
        0
    );
    let compared = format!("/reconciliation?municipality_id={city}");
    for (caller, seen) in [(&public, 1), (&viewer, 1)] {
        let rows = caller.read(&compared).await;
        assert_eq!(rows.items().len(), seen, "{}", rows.text);
        assert_eq!(rows.items()[0]["finding"], "not_announced");
    }
    // Nothing is announced of a municipality that nobody recorded.
    let unknown = format!("municipality_id={NOBODY}");
    let rows = api.read(&format!("/reconciliation?{unknown}")).await;
    assert_eq!(rows.items().len(), 0);
    let figures = api
        .read(&format!("/reconciliation/figures?{unknown}"))
        .await;
    assert_eq!(figures.body["municipality"], Value::Null);
    let internal = json!({"visibility": "internal"});
    api.update(&path, "*", &internal).await;
    public.get(&path).await.expect(404);
    assert_eq!(public.read("/announcements").await.items().len(), 0);
}

async fn partners_see_what_is_theirs(api: Api) {
    let (city, university, agreement) = city(&api).await;
    let new = told(&city, PRESS, json!({"visibility": "partners"}));
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &new).await.id()
    );
    let party = api.partner(&university).await;
    party.get(&path).await.expect(404);
    api.act(
        &format!("{path}/confirm"),
        &json!({"agreement_id": agreement}),
    )
    .await;
    assert_eq!(
        party.read(&path).await.body["agreement"]["id"],
        json!(agreement)
    );
    api.with(None).get(&path).await.expect(404);
}

const FEED: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>고양시 보도자료</title>
    <item><title>고양시, 가온대와 협약</title><link>https://city.example/1</link><pubDate>Tue, 21 May 2024 10:00:00 +0900</pubDate></item>
    <item><title>가을 축제</title><link>https://city.example/2</link></item></channel></rss>"#;

async fn a_feed_is_recorded_once(api: Api) {
    let city = api.municipality().await;
    let path = format!("/announcements/feed?municipality_id={city}");
    let send = async |text: &str| {
        let kind = [("content-type", "application/rss+xml")];
        api.send("POST", &path, &kind, Some(text.into())).await
    };
    let made = send(FEED).await.expect(201);
    let kinds: Vec<&Value> = made.body["recorded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["signing", "other"]);
    assert_eq!(made.body["recorded"][0]["publisher"], "고양시 보도자료");
    let more = FEED.replace(
        "</channel>",
        "<item><title>청사 준공</title></item></channel>",
    );
    let again = send(&more).await.expect(201);
    assert_eq!(
        (
            again.body["recorded"].as_array().unwrap().len(),
            &again.body["known_count"]
        ),
        (1, &json!(2))
    );
    let bad = FEED
        .replace("https://city.example/2", "javascript:alert(1)")
        .replace("example/1", "example/9");
    let refused = send(&bad).await.expect(422);
    assert_eq!(refused.places(), ["/items/1/url"]);
    assert_eq!(
        send("협약명,협약기관").await.expect(422).body["errors"][0]["code"],
        "no_feed"
    );
    assert_eq!(api.read("/announcements").await.items().len(), 3);
}

async fn a_feed_at_an_address_is_read(api: Api) {
    api.municipality().await;
    // What cannot be recorded does not keep the rest back.
    let feed = FEED.replace("https://city.example/2", "javascript:alert(1)");
    let receiver = Receiver::new(move |_| {
        let length = feed.len();
        Reply::Raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{feed}"
        ))
    });
    let named = |code: &str| format!("{code}={}", receiver.url()).parse::<NamedFeed>();
    let goyang = named("4128000000").unwrap();
    schedule::read(&api.state, &goyang).await.unwrap();
    schedule::read(&api.state, &goyang).await.unwrap();
    let listed = api.read("/announcements").await;
    assert_eq!(listed.items().len(), 1, "{}", listed.text);
    assert_eq!(listed.items()[0]["url"], "https://city.example/1");
    let nobody = named("1111000000").unwrap();
    let refused = schedule::read(&api.state, &nobody).await.unwrap_err();
    assert!(format!("{refused:#}").contains("1111000000"), "{refused:#}");
    receiver.now(|_| Reply::Status(404));
    let refused = schedule::read(&api.state, &goyang).await.unwrap_err();
    assert_eq!(refused.to_string(), "it answers 404 Not Found");
}

const LIST: &str = "연번,보도자료명,배포일,협약기관,투자금액(억원),링크\n\
    1,\"고양시, 가온대와 협약\",2024. 5. 21.,\"고양시, 가온대학교\",30,https://city.example/1\n\
    2,물류단지 기공식,2024.6.,,,\n\
    3,,2024-07-01,,,\n";

async fn a_list_comes_in_and_goes(api: Api) {
    let city = api.municipality().await;
    let path = format!("/imports?municipality_id={city}&file_name=list.csv&kind=announcements");
    let kind = [("content-type", "text/csv")];
    let send = async || api.send("POST", &path, &kind, Some(LIST.into())).await;
    let made = send().await.expect(201);
    assert_eq!(made.body["counts"]["valid"], 2, "{}", made.text);
    let body = &made.body["rows"][0]["body"];
    assert_eq!(
        (&body["kind"], &body["amount"]["amount"]),
        (&json!("signing"), &json!(3_000_000_000_u64))
    );
    assert_eq!(
        body["parties"],
        json!([{"name": "고양시"}, {"name": "가온대학교"}])
    );
    assert_eq!(made.body["rows"][1]["body"]["kind"], "groundbreaking");
    assert_eq!(made.body["rows"][2]["problems"][0]["code"], "title_missing");
    let import = format!("/imports/{}", made.id());
    let applied = api.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 2, "{}", applied.text);
    let listed = api.read("/announcements?sort=announced_on").await;
    assert_eq!(listed.items()[1]["announced_on"]["edtf"], "2024-06");
    let again = send().await.expect(201);
    assert_eq!(again.body["counts"]["same"], 2, "{}", again.text);
    let undone = api.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]));
    assert_eq!(api.read("/announcements").await.items().len(), 0);
}

async fn pasts_know_what_was_confirmed(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let made = api
        .create("/announcements", &told(&city, PRESS, json!({})))
        .await;
    let path = format!("/announcements/{}", made.id());
    let later = api.at("2026-11-24T03:00:00Z").await;
    later
        .act(
            &format!("{path}/confirm"),
            &json!({"agreement_id": agreement}),
        )
        .await;
    let past = later.rebuilding().await;
    let then = past
        .read(&format!("{path}?recorded_as_of=2026-11-23T12:00:00Z"))
        .await;
    assert_eq!(then.body["standing"], "open");
    let now = past
        .read(&format!("{path}?recorded_as_of=2026-11-24T12:00:00Z"))
        .await;
    assert_eq!(now.body["agreement"]["id"], json!(agreement));
}
