//! Changes made at the same moment that together would break what each of them alone keeps.

use futures_util::future::join;
use serde_json::json;

use crate::support::Api;
use crate::support::log::program;
use crate::support::records::{record, signed};

on_both!(new: agreements_are_linked_in_no_circle, a_merge_leaves_no_reference_behind,
    chains_of_merges_have_one_end);

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
