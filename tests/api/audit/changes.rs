//! The log of changes as shown to callers: visibility and wording.

use serde_json::{Value, json};

use crate::support::Api;

on_both!(with_demo:
    changes_are_told_in_order_to_those_who_may_know, a_history_says_who_what_and_why,
    what_belongs_to_what_was_taken_back_is_not_told);

async fn changes_are_told_in_order_to_those_who_may_know(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let anonymous = api.with(None);
    let all = api.read("/changes?limit=500").await;
    let items = all.items();
    let seqs: Vec<u64> = items
        .iter()
        .map(|item| item["seq"].as_u64().unwrap())
        .collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    // Paging returns the same changes.
    let (mut after, mut paged) = (0, Vec::new());
    loop {
        let page = api.read(&format!("/changes?limit=7&after={after}")).await;
        let items = page.items().clone();
        after = page.body["last_seq"].as_u64().unwrap();
        if items.is_empty() {
            break;
        }
        paged.extend(items);
    }
    assert_eq!(&paged, items);
    let last = all.body["last_seq"].clone();
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "비공개 초안"}});
    let draft = api.create("/agreements", &new).await;
    let of_draft = format!("/agreements/{}/history", draft.id());
    let later = format!("/changes?after={last}");
    assert_eq!(anonymous.get(&later).await.body["items"], json!([]));
    anonymous.get(&of_draft).await.expect(404);
    let told = api.get(&later).await;
    assert_eq!(told.body["items"][0]["record_id"], draft.id());
    assert_eq!(told.body["items"][0]["operation"], "create_agreement");
    assert_eq!(told.body["items"][0]["actor"]["name"], "tests");
    // Only admins see changes of tokens, and nobody sees their digests.
    let tokens = api.get("/changes?types=token").await;
    assert!(!tokens.items().is_empty() && !tokens.text.contains("hash"));
    assert_eq!(
        anonymous.get("/changes?types=token").await.body["items"],
        json!([])
    );
    // A record that is no longer public is only shown as removed.
    let agreement = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let path = format!("/agreements/{agreement}");
    anonymous.read(&format!("{path}/history")).await;
    let etag = api.get(&path).await.etag().to_owned();
    let hidden = json!({"visibility": "internal"});
    api.update(&format!("{path}?correction_reason=x"), &etag, &hidden)
        .await;
    anonymous.get(&format!("{path}/history")).await.expect(404);
    let gone = json!([{"op": "replace", "path": "", "value": null}]);
    assert_eq!(
        told_of(&anonymous, &agreement).await,
        std::slice::from_ref(&gone)
    );
    // Once public again, it is shown as a whole.
    let shown = json!({"visibility": "public"});
    api.update(&format!("{path}?correction_reason=x"), "*", &shown)
        .await;
    let [first, whole] = &told_of(&anonymous, &agreement).await[..] else {
        panic!("it came and went")
    };
    assert_eq!(*first, gone);
    assert_eq!(
        (&whole[0]["path"], whole.as_array().unwrap().len()),
        (&json!(""), 1)
    );
    assert_eq!(whole[0]["value"]["visibility"], "public");
    // So is a draft once it is signed.
    let city = api.find("/municipalities?code=4128000000").await;
    let draft = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "새 협약"},
        "parties": [{"organization_id": city}, {"organization_id": api.organization("새 기업").await}]});
    let draft = api.create("/agreements", &draft).await;
    let steps = format!("/agreements/{}/transitions", draft.id());
    let reviewer = json!({"name": "r", "role": "approver", "all_municipalities": true});
    let reviewer = api.caller(reviewer).await;
    for to in ["in_review", "approved", "signed"] {
        reviewer
            .act(&steps, &json!({"to": to, "on": {"edtf": "2026-11-23"}}))
            .await;
    }
    let [whole] = &told_of(&anonymous, draft.id()).await[..] else {
        panic!("it was told before it was signed")
    };
    assert_eq!(whole[0]["value"]["title"]["ko"], "새 협약");
    assert_eq!(told_of(&api, draft.id()).await.len(), 4);
    for (query, place) in [
        ("after=-1", "after"),
        ("after=100000", "after"),
        ("limit=501", "limit"),
        ("types=mayor", "types"),
    ] {
        assert_eq!(
            api.get(&format!("/changes?{query}"))
                .await
                .expect(400)
                .places(),
            [place]
        );
    }
    api.get(&format!("/mayors/{agreement}/history"))
        .await
        .expect(404);
}

/// The patches of an agreement that a caller sees.
async fn told_of(api: &Api, agreement: &str) -> Vec<Value> {
    let told = api.read("/changes?limit=500&types=agreement").await;
    let items = told.items().iter();
    let own = items.filter(|change| change["record_id"] == agreement);
    own.map(|change| change["patch"].clone()).collect()
}

async fn a_history_says_who_what_and_why(api: Api) {
    let agreement = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let path = format!("/agreements/{agreement}");
    let etag = api.get(&path).await.etag().to_owned();
    let reason = "correction_reason=%EC%98%A4%EA%B8%B0"; // 오기
    let changed = json!({"venue": {"ko": "고양시청"}});
    api.update(&format!("{path}?{reason}"), &etag, &changed)
        .await;
    let history = api.read(&format!("{path}/history")).await;
    let [first, second] = history.items().as_slice() else {
        panic!("{}", history.text)
    };
    assert_eq!(first["summary"]["ko"], "mou-registry: 등록");
    assert_eq!(second["reason"]["ko"], "오기");
    assert_eq!(
        (&second["version"], &second["actor"]["name"]),
        (&json!(2), &json!("tests"))
    );
    assert_eq!(
        second["summary"],
        json!({"ko": "tests: 변경 (정정, 장소)", "en": "tests: changed corrections, venue"})
    );
    let step = json!({"op": "replace", "path": "/venue/ko", "value": "고양시청"});
    assert!(
        second["patch"].as_array().unwrap().contains(&step),
        "{second}"
    );
    let rest = api
        .read(&format!("{path}/history?after={}", first["seq"]))
        .await;
    assert_eq!(rest.items().len(), 1);
    // Removed records keep their history.
    let gone = api.organization("사라질 기업").await;
    api.delete(&format!("/organizations/{gone}"), "*")
        .await
        .expect(204);
    let history = api.read(&format!("/organizations/{gone}/history")).await;
    assert_eq!(history.body["items"][1]["summary"]["ko"], "tests: 삭제");
}

async fn what_belongs_to_what_was_taken_back_is_not_told(api: Api) {
    let public = api.with(None);
    let told = async || {
        let told = public.read("/changes?types=milestone&limit=500").await;
        told.items().len()
    };
    assert!(told().await > 0);
    let path = format!("/projects/{}", api.find("/projects").await);
    let hide = json!({"visibility": "internal"});
    api.update(&path, "*", &hide).await;
    assert_eq!(told().await, 0);
    let hide = json!({"visibility": "public"});
    api.update(&path, "*", &hide).await;
    // Once withdrawn, it stays hidden.
    assert_eq!(told().await, 0);
}
