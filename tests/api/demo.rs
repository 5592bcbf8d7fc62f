//! The demonstration of Goyang: every fact is recorded, and past days show what was known then.

use serde_json::{Value, json};

use mou_registry::ledger::Role;

use crate::support::Api;
use crate::support::log::wrong;

on_both!(with_demo:
    the_agreement_of_2021, history_of_ilsan_technovalley, what_readers_knew, how_its_dates_moved,
    loading_again_changes_nothing, every_row_is_there,
    the_partner_has_something_to_report_on, what_the_documents_ask_is_answered);

/// The requests in README and docs that need no token, as a reader copies them.
async fn what_the_documents_ask_is_answered(api: Api) {
    const DOCUMENTS: [&str; 6] = [
        include_str!("../../README.md"),
        include_str!("../../README.ko.md"),
        include_str!("../../docs/api.md"),
        include_str!("../../docs/guide.md"),
        include_str!("../../docs/ko/guide.md"),
        include_str!("../../docs/operations.md"),
    ];
    const BASE: &str = "curl -s 'http://127.0.0.1:8080/api/v1";
    let lines = DOCUMENTS.into_iter().flat_map(str::lines);
    let asked = lines.filter_map(|line| line.strip_prefix(BASE)?.strip_suffix('\''));
    let asked: Vec<&str> = asked.collect();
    assert!(asked.len() > 20, "{asked:?}");
    for path in asked {
        let answer = api.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

async fn the_agreement_of_2021(api: Api) {
    let found = api
        .read("/agreements?signed_from=2021-04-01&signed_to=2021-04-30")
        .await;
    let id = found.body["items"][0]["id"].as_str().unwrap();
    let agreement = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(agreement["signed_on"]["as_stated"], "지난 16일");
    assert_eq!(agreement["venue"]["ko"], "고양인재교육원");
    assert_eq!(
        agreement["parties"][1]["organization"]["name"]["ko"],
        "한국바이오의약품협회"
    );
    assert_eq!(agreement["parties"][1]["signatory_not_stated"], true);
    assert_eq!(agreement["commitments"].as_array().unwrap().len(), 3);
    assert_eq!(agreement["statements"][1]["speaker"], "이정석");
    assert_eq!(agreement["in_force"], Value::Null);
    let gaps: Vec<&str> = agreement["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["pointer"].as_str().unwrap())
        .collect();
    for lacking in [
        "/effective_until",
        "/commitments/0/owed_by",
        "/commitments/2/due",
        "/parties/0/signatory",
        "/financial_obligation",
    ] {
        assert!(gaps.contains(&lacking), "{lacking}: {gaps:?}");
    }
    let association = api
        .read("/associations?q=%EB%B0%94%EC%9D%B4%EC%98%A4%EC%9D%98%EC%95%BD%ED%92%88")
        .await
        .body;
    let association = &association["items"][0];
    assert_eq!(
        association["member_count"],
        json!({"value": 132, "as_of": association["member_count"]["as_of"]})
    );
    assert_eq!(association["activities"][0]["since"]["edtf"], "2011");
    assert_eq!(
        (
            &association["officers"][0]["name"],
            &association["recorded_members"]
        ),
        (&json!("이정석"), &json!(3))
    );
    let groups = api.read("/working-groups").await.body;
    assert_eq!(groups["items"][0]["members"].as_array().unwrap().len(), 6);
}

async fn statuses(api: &Api, query: &str) -> Vec<(String, String, Value, Value)> {
    let page = api
        .read(&format!("/timeline?types=milestone&{query}"))
        .await;
    let items = page.items().iter();
    items
        .map(|i| {
            (
                i["kind"].as_str().unwrap().to_owned(),
                i["status"].as_str().unwrap().to_owned(),
                i["slip"].clone(),
                i["when"]["edtf"].clone(),
            )
        })
        .collect()
}

fn milestone(
    kind: &str,
    status: &str,
    slip: Option<(i64, i64)>,
    when: &str,
) -> (String, String, Value, Value) {
    let slip = slip.map_or(
        Value::Null,
        |(min, max)| json!({"min_days": min, "max_days": max}),
    );
    (kind.into(), status.into(), slip, json!(when))
}

async fn history_of_ilsan_technovalley(api: Api) {
    let overdue = statuses(&api, "as_of=2023-06-30&status=overdue").await;
    assert!(
        overdue.contains(&milestone("land_supply", "overdue", Some((0, 0)), "2022")),
        "{overdue:?}"
    );
    let then = statuses(
        &api,
        "as_of=2024-12-31&kinds=plan_approval,groundbreaking,land_supply,completion",
    )
    .await;
    assert_eq!(
        then,
        [
            milestone("plan_approval", "met_late", Some((243, 273)), "2021-08-31"),
            milestone(
                "groundbreaking",
                "met_late",
                Some((664, 1028)),
                "2023-10-26"
            ),
            milestone("land_supply", "planned", Some((732, 1460)), "2025"),
            milestone("completion", "planned", Some((913, 1460)), "2026-41"),
        ]
    );
    let project = api.find("/projects").await;
    let same = api
        .read(&format!(
            "/projects/{project}/timeline?types=milestone&as_of=2024-12-31&with_total=true"
        ))
        .await;
    assert_eq!(same.body["total"], 7);
    // The milestone and the timeline agree.
    let listed = api
        .read(&format!("/projects/{project}/milestones?as_of=2024-12-31"))
        .await;
    for m in listed.items() {
        let one = api
            .read(&format!(
                "/milestones/{}?as_of=2024-12-31",
                m["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(one.body["status"], m["status"]);
        let line = same.items().iter().find(|i| i["id"] == m["id"]).unwrap();
        assert_eq!(
            (&line["status"], &line["slip"], &line["target"]),
            (&m["status"], &m["slip"], &m["target"])
        );
    }
}

async fn what_readers_knew(api: Api) {
    let then = statuses(
        &api,
        "as_of=2021-12-31&kinds=groundbreaking,land_supply,completion",
    )
    .await;
    assert_eq!(
        then,
        [
            milestone("groundbreaking", "due", Some((-30, 364)), "2021-12"),
            milestone("land_supply", "planned", Some((0, 0)), "2022"),
            (
                String::from("completion"),
                "due".into(),
                json!({"min_days": null, "max_days": 730}),
                json!("../2024")
            ),
        ]
    );
    assert_eq!(
        statuses(&api, "as_of=2023-12-31&kinds=groundbreaking").await,
        [milestone(
            "groundbreaking",
            "met_late",
            Some((664, 1028)),
            "2023-10-26"
        )]
    );
    assert!(
        statuses(&api, "as_of=2019-12-19&kinds=groundbreaking")
            .await
            .is_empty()
    );
    let signings = api.read("/timeline?types=signing&as_of=2021-04-15").await;
    assert_eq!(
        signings.items().len(),
        1,
        "only that of 2020 had been signed"
    );
    let window = api
        .read("/timeline?types=signing&from=2021-01-01&to=2021-12-31")
        .await;
    assert_eq!(window.items().len(), 2);
    assert_eq!(
        window.body["items"][0]["organizations"][0]["name"]["ko"],
        "고양시"
    );
}

async fn loading_again_changes_nothing(api: Api) {
    let before = api
        .read("/search?q=%EA%B3%A0%EC%96%91&with_total=true")
        .await
        .text;
    mou_registry::app::demo::load(&api.state).await.unwrap();
    assert_eq!(
        api.read("/search?q=%EA%B3%A0%EC%96%91&with_total=true")
            .await
            .text,
        before
    );
}

async fn every_row_is_there(api: Api) {
    assert_eq!(
        api.read("/agreements?with_total=true").await.body["total"],
        6
    );
    let project = api.find("/projects").await;
    let project = api.read(&format!("/projects/{project}")).await.body;
    let count = |list: &str| -> usize {
        project["milestones"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m[list].as_array().unwrap().len())
            .sum()
    };
    // The history has 26 rows.
    assert_eq!((count("forecasts"), count("outcomes")), (19, 7));
    // A share held jointly by two bodies is not the share of either.
    let implementers = project["implementers"].as_array().unwrap();
    let gaps = project["gaps"].as_array().unwrap();
    for (n, joint) in ["65%", "65%", "35%", "35%"].into_iter().enumerate() {
        assert_eq!(implementers[n]["share_percent"], Value::Null);
        assert!(
            implementers[n]["note"]["ko"]
                .as_str()
                .unwrap()
                .ends_with(joint)
        );
        let lacking = format!("/implementers/{n}/share_percent");
        assert!(
            gaps.iter()
                .any(|g| g["pointer"] == lacking && g["code"] == "share_unknown")
        );
    }
    assert_eq!(project["area"]["as_stated"], "약 87만㎡ (26만 평)");
    let seven = api
        .read("/agreements?q=%EB%9E%A9%ED%97%88%EB%B8%8C")
        .await
        .body;
    assert_eq!(seven["items"][0]["parties"].as_array().unwrap().len(), 7);
    // None of its sources names a lead.
    let parties = seven["items"][0]["parties"].as_array().unwrap();
    assert!(parties.iter().all(|p| p["role"] == "partner"));
    let undated = api.read("/agreements?sort=signed_on&limit=1").await.body;
    assert_eq!(undated["items"][0]["signed_on"], Value::Null);
}

/// A milestone's slip history: type, date stated, target and slip.
fn told(milestone: &Value) -> Vec<(String, String, String, Value)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let points = milestone["points"].as_array().unwrap().iter();
    let points = points.map(|p| {
        let (on, target) = (&p["stated_on"]["edtf"], &p["target"]["edtf"]);
        (text(&p["event"]), text(on), text(target), p["slip"].clone())
    });
    points.collect()
}

async fn how_its_dates_moved(api: Api) {
    let project = api.find("/projects").await;
    let path = format!("/projects/{project}/slip-history");
    let history = api.with(None).read(&path).await.body;
    assert_eq!(history["as_of"], "2026-11-23");
    assert_eq!(history["project"]["title"]["ko"], "고양 일산테크노밸리");
    let of = |history: &Value, kind: &str| {
        let all = history["milestones"].as_array().unwrap();
        all.iter().find(|m| m["kind"] == kind).unwrap().clone()
    };
    let point = |event: &str, on: &str, target: &str, slip: (i64, i64)| {
        let slip = json!({"min_days": slip.0, "max_days": slip.1});
        (event.to_owned(), on.to_owned(), target.to_owned(), slip)
    };
    let completion = of(&history, "completion");
    assert_eq!(
        told(&completion)[2..],
        [
            point("forecast", "2023-02-07", "2026-12~", (1066, 1460)),
            point("forecast", "2024-02-13", "2026-41", (913, 1460)),
        ]
    );
    let last = &completion["points"][3];
    assert_eq!(last["source"]["publisher"], "경기일보");
    assert_eq!(last["note"]["ko"], "2026년 하반기");
    assert_eq!(last["slip"], completion["slip"]);
    let groundbreaking = of(&history, "groundbreaking");
    let all = told(&groundbreaking);
    assert_eq!(all.len(), 6);
    assert_eq!(all[0], point("forecast", "2019-12-20", "2021", (0, 0)));
    assert_eq!(
        all[5],
        point("met", "2023-10-26", "2023-10-26", (664, 1028))
    );
    assert_eq!(
        groundbreaking["points"][5]["slip_from_previous"],
        json!({"min_days": 26, "max_days": 55})
    );
    assert_eq!(
        of(&history, "land_supply")["points"]
            .as_array()
            .unwrap()
            .len(),
        7
    );
    // On a past day, later statements are left out, and so are milestones without statements.
    let then = api.read(&format!("{path}?as_of=2021-04-16")).await;
    let then = then.body;
    assert_eq!(told(&of(&then, "completion")), told(&completion)[..2]);
    assert!(
        then["milestones"]
            .as_array()
            .unwrap()
            .iter()
            .all(|m| m["kind"] != "plan_amendment")
    );
    let unrecorded = format!("{path}?recorded_as_of=2000-01-01T00:00:00Z");
    api.get(&unrecorded).await.expect(404);
    let recorded = api
        .read(&format!("{path}?recorded_as_of=2100-01-01T00:00:00Z"))
        .await;
    assert_eq!(recorded.body, history);
    let tag = api.get(&path).await.etag().to_owned();
    api.send("GET", &path, &[("if-none-match", &tag)], None)
        .await
        .expect(304);
}

/// The secret of a role's token in the demonstration.
async fn secret(api: &Api, role: Role) -> String {
    let tokens = mou_registry::app::demo::make_tokens(&api.state).await;
    let mut tokens = tokens.unwrap().into_iter();
    let (_, secret) = tokens.find(|(of, _)| *of == role).unwrap();
    secret.as_str().to_owned()
}

async fn the_partner_has_something_to_report_on(api: Api) {
    // The second start adds nothing.
    secret(&api, Role::Partner).await;
    let partner = secret(&api, Role::Partner).await;
    let partner = api.with(Some(&partner));
    let example = format!(
        "/agreements/{}",
        partner.find("/agreements?q=%EC%8B%9C%EC%97%B0").await
    );
    let example = partner.read(&example).await;
    let own = &partner.read("/me").await.body["organization"];
    let commitment = &example.body["commitments"][0];
    assert_eq!(commitment["owed_by_organizations"], json!([own]));
    let reports = format!(
        "/agreements/{}/commitments/{}/reports",
        example.id(),
        commitment["id"].as_str().unwrap()
    );
    let report = json!({"on": {"edtf": "2026-10"}, "status": "in_progress"});
    let report = partner.create(&reports, &report).await;
    assert_eq!(report.body["standing"], "awaiting_confirmation");
    // It is marked as an example, and the public does not see it.
    assert!(
        example.body["title"]["ko"]
            .as_str()
            .unwrap()
            .contains("예시")
    );
    api.with(None)
        .get(&format!("/agreements/{}", example.id()))
        .await
        .expect(404);
    assert_eq!(wrong(&api), None);
}
