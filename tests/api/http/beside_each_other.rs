//! Changes made at the same moment that together would break what each of them alone keeps.

use futures_util::future::join;
use serde_json::json;

use crate::support::Api;
use crate::support::log::{program, started, wrong};
use crate::support::records::{demand, record, signed, signed_mou};

on_both!(new: agreements_are_linked_in_no_circle, a_merge_leaves_no_reference_behind,
    chains_of_merges_have_one_end, a_succession_leaves_nothing_behind,
    a_municipality_and_its_successor_find_each_other);

/// Number of tries: how often two changes meet depends on the machine.
const TRIES: usize = 12;

async fn agreements_are_linked_in_no_circle(api: Api) {
    let city = api.municipality().await;
    for i in 0..TRIES {
        let (a, b) = (
            record(&api, &city, json!({})).await,
            record(&api, &city, json!({})).await,
        );
        let link = |to: &str| match i % 2 {
            0 => json!({"supersedes_id": to}),
            _ => json!({"continues_ids": [to]}),
        };
        let (path_a, path_b) = (
            format!("/agreements/{}", a.id()),
            format!("/agreements/{}", b.id()),
        );
        let (to_a, to_b) = (link(a.id()), link(b.id()));
        let (one, other) = join(
            api.patch(&path_a, "*", &to_b),
            api.patch(&path_b, "*", &to_a),
        )
        .await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "{} {}", one.text, other.text);
    }
}

async fn a_merge_leaves_no_reference_behind(api: Api) {
    let city = api.municipality().await;
    for _ in 0..TRIES {
        let (gone, keep) = (api.organization("가").await, api.organization("나").await);
        let made = signed(&api, &city, "2021-04-16", json!({})).await;
        let path = format!("/agreements/{}/parties?correction_reason=x", made.id());
        let party = json!({"organization_id": gone, "role": "partner"});
        let merge = format!("/organizations/{gone}/merge");
        let into = json!({"into_id": keep});
        let (added, merged) = join(api.post(&path, &party), api.post(&merge, &into)).await;
        assert_eq!((added.status.as_u16(), merged.status.as_u16()), (201, 200));
        let found = api
            .read(&format!("/agreements?organization_id={keep}"))
            .await
            .body;
        assert_eq!(found["items"][0]["id"], json!(made.id()));
    }
    let verified = program(&api, &["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

async fn chains_of_merges_have_one_end(api: Api) {
    for _ in 0..TRIES {
        let (a, b, c) = (
            api.organization("가").await,
            api.organization("나").await,
            api.organization("다").await,
        );
        let merge = |from: &str, into: &str| {
            let (path, into) = (
                format!("/organizations/{from}/merge"),
                json!({"into_id": into}),
            );
            let api = api.clone();
            async move { api.post(&path, &into).await }
        };
        join(merge(&a, &b), merge(&b, &c)).await;
        for id in [&a, &b] {
            let shown = api.read(&format!("/organizations/{id}")).await.body;
            assert_eq!(shown["id"], json!(c));
        }
    }
}

/// Two that record the same succession, beside changes of what passes over by it.
async fn a_succession_leaves_nothing_behind(api: Api) {
    let company = api.organization("회사").await;
    for (old, new) in [
        ("4115000000", "4117000000"),
        ("4119000000", "4121000000"),
        ("4122000000", "4125000000"),
        ("4127000000", "4129000000"),
    ] {
        let (city, next) = (town(&api, old).await, town(&api, new).await);
        // What the successor demands holds for the agreements that it takes over.
        let policy = json!([{"valid_from": "2026-08-01", "review_interval_months": 6}]);
        demand(&api, &next, policy).await;
        let made = signed(&api, &city, "2025-03-01", json!({})).await;
        let correct = format!("/agreements/{}?correction_reason=x", made.id());
        let succeed = [
            "municipalities",
            "succeed",
            "--apply",
            "--code",
            old,
            "--into",
            new,
        ];
        let succeed = [&succeed[..], &["--on", "2026-07-01"]].concat();
        let mut both = [started(&api, &succeed), started(&api, &succeed)];
        let mut count = 1;
        while both.iter_mut().any(|one| one.try_wait().unwrap().is_none()) {
            let more = signed_mou(&[&city, &company], "2025-03-01", json!({}));
            let venue = json!({"venue": {"ko": format!("시청 {count}")}});
            let (added, changed) = join(
                api.post("/agreements", &more),
                api.patch(&correct, "*", &venue),
            )
            .await;
            assert_eq!((added.status.as_u16(), changed.status.as_u16()), (201, 200));
            count += 1;
        }
        for done in both {
            let done = done.wait_with_output().unwrap();
            assert!(done.status.success(), "{done:?}");
        }
        let held = format!("/agreements?municipality_id={next}&with_total=true&limit=1");
        assert_eq!(api.read(&held).await.body["total"], count);
    }
    assert_eq!(wrong(&api), None);
}

async fn town(api: &Api, code: &str) -> String {
    let created = api.create("/municipalities", &json!({"code": code})).await;
    created.id().to_owned()
}

/// The official list knows their succession, whichever is recorded first.
async fn a_municipality_and_its_successor_find_each_other(api: Api) {
    for (old, new) in [
        ("4511000000", "5211000000"),
        ("4513000000", "5213000000"),
        ("4514000000", "5214000000"),
        ("4518000000", "5218000000"),
        ("4519000000", "5219000000"),
        ("4521000000", "5221000000"),
    ] {
        let (city, next) = join(town(&api, old), town(&api, new)).await;
        let seen = api.read(&format!("/municipalities/{city}")).await.body;
        assert_eq!(seen["succession"]["successors"][0]["id"], json!(next));
    }
    assert_eq!(wrong(&api), None);
}
