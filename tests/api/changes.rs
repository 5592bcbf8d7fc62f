//! The log of changes as it is told: to whom, what, and in which words.

use serde_json::{Value, json};

use crate::city::token;
use crate::harness::Api;

on_both!(with_demo: changes_are_told_in_order_to_those_who_may_know,
    a_history_says_who_what_and_why,
    what_belongs_to_what_was_taken_back_is_not_told);

async fn changes_are_told_in_order_to_those_who_may_know(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let anonymous = api.with(None);
    let all = api.get("/changes?limit=500").await.expect(200);
    let items = all.body["items"].as_array().unwrap();
    let seqs: Vec<u64> = items
        .iter()
        .map(|item| item["seq"].as_u64().unwrap())
        .collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    // Page by page the same, without one left out.
    let (mut after, mut paged) = (0, Vec::new());
    loop {
        let page = api
            .get(&format!("/changes?limit=7&after={after}"))
            .await
            .expect(200);
        let items = page.body["items"].as_array().unwrap().clone();
        after = page.body["last_seq"].as_u64().unwrap();
        if items.is_empty() {
            break;
        }
        paged.extend(items);
    }
    assert_eq!(&paged, items);
    let last = all.body["last_seq"].clone();
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "비공개 초안"}});
    let draft = api.post("/agreements", &new).await.expect(201);
    let of_draft = format!("/agreements/{}/history", draft.id());
    let later = format!("/changes?after={last}");
    assert_eq!(anonymous.get(&later).await.body["items"], json!([]));
    anonymous.get(&of_draft).await.expect(404);
    let told = api.get(&later).await;
    assert_eq!(told.body["items"][0]["record_id"], draft.id());
    assert_eq!(told.body["items"][0]["operation"], "create_agreement");
    assert_eq!(told.body["items"][0]["actor"]["name"], "tests");
    // Tokens are the admins' business, and their digests nobody's.
    let tokens = api.get("/changes?types=token").await;
    assert!(!tokens.body["items"].as_array().unwrap().is_empty() && !tokens.text.contains("hash"));
    assert_eq!(
        anonymous.get("/changes?types=token").await.body["items"],
        json!([])
    );
    // What was public and is no longer is not told any more, but for that it is gone.
    let agreement = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let path = format!("/agreements/{agreement}");
    anonymous.get(&format!("{path}/history")).await.expect(200);
    let etag = api.get(&path).await.etag().to_owned();
    let hidden = json!({"visibility": "internal"});
    api.patch(&format!("{path}?correction_reason=x"), &etag, &hidden)
        .await
        .expect(200);
    anonymous.get(&format!("{path}/history")).await.expect(404);
    let gone = json!([{"op": "replace", "path": "", "value": null}]);
    assert_eq!(
        told_of(&anonymous, &agreement).await,
        std::slice::from_ref(&gone)
    );
    // Shown again, it is told whole.
    let shown = json!({"visibility": "public"});
    api.patch(&format!("{path}?correction_reason=x"), "*", &shown)
        .await
        .expect(200);
    let [first, whole] = &told_of(&anonymous, &agreement).await[..] else {
        panic!("it came and went")
    };
    assert_eq!(*first, gone);
    assert_eq!(
        (&whole[0]["path"], whole.as_array().unwrap().len()),
        (&json!(""), 1)
    );
    assert_eq!(whole[0]["value"]["visibility"], "public");
    // So is what was drafted, once it is signed.
    let city = api.find("/municipalities?code=4128000000").await;
    let draft = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "새 협약"},
        "parties": [{"organization_id": city}, {"organization_id": api.organization("새 기업").await}]});
    let draft = api.post("/agreements", &draft).await.expect(201);
    let steps = format!("/agreements/{}/transitions", draft.id());
    let reviewer = json!({"name": "r", "role": "approver", "all_municipalities": true});
    let reviewer = api.with(Some(&token(&api, reviewer).await));
    for to in ["in_review", "approved", "signed"] {
        reviewer.post(&steps, &json!({"to": to})).await.expect(200);
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

/// The patches that a caller is told of an agreement.
async fn told_of(api: &Api, agreement: &str) -> Vec<Value> {
    let told = api
        .get("/changes?limit=500&types=agreement")
        .await
        .expect(200);
    let items = told.body["items"].as_array().unwrap().iter();
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
    api.patch(&format!("{path}?{reason}"), &etag, &changed)
        .await
        .expect(200);
    let history = api.get(&format!("{path}/history")).await.expect(200);
    let [first, second] = history.body["items"].as_array().unwrap().as_slice() else {
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
        .get(&format!("{path}/history?after={}", first["seq"]))
        .await
        .expect(200);
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 1);
    // What was removed keeps its history.
    let gone = api.organization("사라질 기업").await;
    api.delete(&format!("/organizations/{gone}"), "*")
        .await
        .expect(204);
    let history = api
        .get(&format!("/organizations/{gone}/history"))
        .await
        .expect(200);
    assert_eq!(history.body["items"][1]["summary"]["ko"], "tests: 삭제");
}

async fn what_belongs_to_what_was_taken_back_is_not_told(api: Api) {
    let public = api.with(None);
    let told = async || {
        let told = public.get("/changes?types=milestone&limit=500").await;
        told.expect(200).body["items"].as_array().unwrap().len()
    };
    assert!(told().await > 0);
    let path = format!("/projects/{}", api.find("/projects").await);
    let hide = json!({"visibility": "internal"});
    api.patch(&path, "*", &hide).await.expect(200);
    assert_eq!(told().await, 0);
    let hide = json!({"visibility": "public"});
    api.patch(&path, "*", &hide).await.expect(200);
    // It was taken back once, and stays so.
    assert_eq!(told().await, 0);
}
