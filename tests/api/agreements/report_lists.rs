//! The list of reports across agreements.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::case::Case;

on_both!(new:
    what_waits_and_how_it_fared, who_sees_an_agreement_sees_the_reports_on_it, pages_in_each_order,
    what_was_known_on_a_day_and_recorded_by_an_instant, reports_of_one_who_was_merged);

async fn listed(api: &Api, query: &str) -> Vec<String> {
    let path = format!("/reports?with_total=true&limit=200{query}");
    let body = api.read(&path).await.body;
    let ids: Vec<String> = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(body["total"], json!(ids.len()), "{query}");
    ids
}

/// A report of the city, and four of the partner: declined, confirmed, retracted and pending.
async fn reported(case: &Case) -> [String; 5] {
    let own = case.report(1, "2024-01", "in_progress").await;
    let mut ids = vec![own.id().to_owned()];
    let reason = json!({"reason": {"ko": "증빙이 없음"}});
    for (day, act) in [
        ("2023-03-01", "decline"),
        ("2024-05-01", "confirm"),
        ("2025-02-01", "retraction"),
        ("2026-02-01", ""),
    ] {
        let body = json!({"on": {"edtf": day}, "status": "in_progress"});
        let made = case.partner.create(&case.path(0), &body).await;
        let path = format!("{}/{}/{act}", case.path(0), made.id());
        let none = json!({});
        let body = if act == "confirm" { &none } else { &reason };
        if !act.is_empty() {
            case.api.act(&path, body).await;
        }
        ids.push(made.id().to_owned());
    }
    ids.try_into().unwrap()
}

async fn what_waits_and_how_it_fared(api: Api) {
    let case = Case::new(api).await;
    let [own, declined, confirmed, retracted, waits] = reported(&case).await;
    let (city, partner) = (&case.city, &case.association);
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    for (query, expected) in [
        ("", vec![&waits, &retracted, &confirmed, &own, &declined]),
        ("&standing=awaiting_confirmation", vec![&waits]),
        ("&standing=counted", vec![&confirmed, &own]),
        ("&standing=declined,retracted", vec![&retracted, &declined]),
        ("&by_partner=false", vec![&own]),
        ("&by_partner=true&standing=counted", vec![&confirmed]),
        // The city's report is dated January, without a day.
        ("&from=2024-01-31&to=2024-12-31", vec![&confirmed, &own]),
        ("&from=2024-02-01&to=2024-12-31", vec![&confirmed]),
        ("&to=2024-01-01", vec![&own, &declined]),
        ("&sort=on&to=2023-12-31", vec![&declined]),
        (
            &format!("&agreement_id={}", case.id),
            vec![&waits, &retracted, &confirmed, &own, &declined],
        ),
        (&format!("&agreement_id={missing}"), vec![]),
        (
            &format!("&municipality_id={city}&standing=counted"),
            vec![&confirmed, &own],
        ),
        (&format!("&municipality_id={missing}"), vec![]),
        (
            &format!("&organization_id={partner}"),
            vec![&waits, &retracted, &confirmed, &declined],
        ),
        (&format!("&organization_id={city}"), vec![]),
    ] {
        assert_eq!(
            listed(&case.api, query).await,
            expected.into_iter().cloned().collect::<Vec<_>>(),
            "{query}"
        );
    }
    // A row is the report plus its agreement, commitment and municipality.
    let mut found = case
        .api
        .read("/reports?standing=awaiting_confirmation")
        .await;
    let mut row = found.body["items"][0].take();
    let of = |row: &mut Value, name: &str| row.as_object_mut().unwrap().remove(name).unwrap();
    let agreement = of(&mut row, "agreement");
    assert_eq!(
        agreement,
        json!({"id": case.id, "title": {"ko": "협약", "en": null}})
    );
    let commitment = of(&mut row, "commitment");
    assert_eq!(
        (
            &commitment["id"],
            &commitment["text"]["ko"],
            &commitment["due"]["edtf"]
        ),
        (
            &json!(case.commitments[0]),
            &json!("전문인력 교육"),
            &json!("2024")
        )
    );
    assert_eq!(of(&mut row, "municipality")["id"], json!(case.city));
    let one = case.api.read(&format!("{}/{waits}", case.path(0))).await;
    let mut one = one.body;
    for related in ["agreement", "commitment"] {
        of(&mut one, related);
    }
    assert_eq!(row, one);
    let seen = case.api.read("/reports").await;
    let again = [("if-none-match", seen.etag())];
    case.api
        .send("GET", "/reports", &again, None)
        .await
        .expect(304);
    for bad in [
        "standing=pending",
        "sort=day",
        "from=2024",
        "limit=0",
        "by_partner=maybe",
    ] {
        let refused = case.api.get(&format!("/reports?{bad}")).await.expect(400);
        assert_eq!(refused.places(), [bad.split('=').next().unwrap()]);
    }
}

async fn who_sees_an_agreement_sees_the_reports_on_it(api: Api) {
    let case = Case::new(api).await;
    let ids = reported(&case).await;
    let other = case.api.other_municipality().await;
    let stranger = case.api.organization("남").await;
    let stranger = case.api.partner(&stranger).await;
    let callers = [
        (
            "admin",
            case.api.clone(),
            ["public", "partners", "internal"].as_slice(),
        ),
        (
            "editor",
            case.api.staff("editor", &case.city).await,
            &["public", "partners", "internal"],
        ),
        (
            "viewer",
            case.api.staff("viewer", &case.city).await,
            &["public", "partners", "internal"],
        ),
        (
            "other editor",
            case.api.staff("editor", &other).await,
            &["public"],
        ),
        ("partner", case.partner.clone(), &["public", "partners"]),
        ("stranger", stranger, &["public"]),
        ("anonymous", case.api.with(None), &["public"]),
    ];
    for visibility in ["public", "partners", "internal"] {
        let agreement = format!("/agreements/{}?correction_reason=x", case.id);
        let change = json!({"visibility": visibility});
        case.api.update(&agreement, "*", &change).await;
        for (name, caller, sees) in &callers {
            // The same visibility as reads of one agreement.
            let seen = sees.contains(&visibility);
            let one = caller.get(&case.path(0)).await;
            one.expect(if seen { 200 } else { 404 });
            let count = if seen { ids.len() } else { 0 };
            for query in [
                "",
                "&as_of=2026-11-01",
                "&recorded_as_of=2026-11-24T00:00:00Z",
            ] {
                let found = listed(caller, query).await.len();
                assert_eq!(found, count, "{name}, {visibility}, {query}");
            }
            let query = format!(
                "&municipality_id={}&standing=awaiting_confirmation",
                case.city
            );
            assert_eq!(
                listed(caller, &query).await.len(),
                count.min(1),
                "{name}, {visibility}"
            );
        }
    }
}

async fn pages_in_each_order(api: Api) {
    let case = Case::new(api).await;
    let ids = reported(&case).await.to_vec();
    let by_day = [1, 0, 2, 3, 4]
        .map(|place: usize| ids[place].clone())
        .to_vec();
    let down = |ids: &[String]| ids.iter().rev().cloned().collect::<Vec<_>>();
    for (sort, expected) in [
        ("on", by_day.clone()),
        ("-on", down(&by_day)),
        ("created_at", ids.clone()),
        ("-created_at", down(&ids)),
    ] {
        let mut seen = Vec::new();
        let mut next = format!("/reports?limit=2&sort={sort}");
        loop {
            let page = case.api.read(&next).await;
            let items = page.items().iter();
            seen.extend(items.map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                break;
            };
            assert!(page.headers["link"].contains("rel=\"next\""));
            next = format!("/reports?limit=2&sort={sort}&cursor={cursor}");
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

async fn what_was_known_on_a_day_and_recorded_by_an_instant(api: Api) {
    // The signing is known at the end of the year.
    let case = Case::with(api, json!({"signed_on": {"edtf": "2021"}})).await;
    let early = case.report(0, "2021-06-30", "not_started").await;
    let later = case.api.at("2026-12-05T03:00:00Z").await;
    let body = json!({"on": {"edtf": "2023"}, "status": "fulfilled"});
    let late = later.create(&case.path(0), &body).await;
    let (early, late) = (early.id().to_owned(), late.id().to_owned());
    for (query, expected) in [
        ("&as_of=2021-12-30", vec![]),
        ("&as_of=2021-12-31", vec![&early]),
        ("&as_of=2023-12-30", vec![&early]),
        ("&as_of=2023-12-31", vec![&late, &early]),
        ("&as_of=2030-01-01", vec![&late, &early]),
        ("&recorded_as_of=2026-11-22T00:00:00Z", vec![]),
        ("&recorded_as_of=2026-12-01T00:00:00Z", vec![&early]),
        (
            "&recorded_as_of=2026-12-01T00:00:00Z&as_of=2021-12-30",
            vec![],
        ),
        ("&recorded_as_of=2026-12-06T00:00:00Z", vec![&late, &early]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(listed(&later, query).await, expected, "{query}");
    }
    let retraction = format!("{}/{early}/retraction", case.path(0));
    let why = json!({"reason": {"ko": "오기"}});
    later.act(&retraction, &why).await;
    let gone = listed(&later, "&standing=retracted").await;
    assert_eq!(gone, std::slice::from_ref(&early));
    let before = "&standing=counted&recorded_as_of=2026-12-01T00:00:00Z";
    assert_eq!(listed(&later, before).await, [early]);
}

async fn reports_of_one_who_was_merged(api: Api) {
    let case = Case::new(api).await;
    let ids = reported(&case).await;
    let survivor = case.api.organization("협회").await;
    let merged = case
        .api
        .merge_renewing(&case.partner, &case.association, &survivor)
        .await;
    assert_eq!(merged.body["warnings"][0]["code"], "tokens_suspended");
    let body = json!({"on": {"edtf": "2022"}, "status": "in_progress"});
    let made = case.partner.create(&case.path(0), &body).await;
    let mut all = vec![made.id().to_owned()];
    all.extend(ids[1..].iter().cloned());
    all.sort();
    for id in [&survivor, &case.association] {
        for instant in ["", "&recorded_as_of=2026-11-24T00:00:00Z"] {
            let mut found = listed(&case.api, &format!("&organization_id={id}{instant}")).await;
            found.sort();
            assert_eq!(found, all, "{id}{instant}");
        }
    }
}
