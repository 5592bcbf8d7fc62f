//! Whoever does not see a change does not learn that it was made.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::body::MessageBody;
use serde_json::json;

use crate::support::Api;
use crate::support::city::City;

on_both!(new: who_sees_less_learns_no_number);

async fn who_sees_less_learns_no_number(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let anyone = api.with(None);
    let partner = api.partner(&city.partner).await;
    let last = async |caller: &Api| {
        let seen = caller.read("/changes?limit=500").await;
        seen.body["last_seq"].as_i64().unwrap()
    };
    let hidden = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "내부"}, "visibility": "internal"});
    for _ in 0..3 {
        city.editor.create("/projects", &hidden).await;
    }
    let (all, own) = (last(&api).await, last(&city.editor).await);
    assert_eq!(all, own);
    for caller in [&anyone, &partner] {
        let seen = last(caller).await;
        assert!(seen < all - 2);
        let city = format!("/municipalities/{}/history", city.id);
        let mut said = Vec::new();
        for path in ["/changes", "/changes/stream", &city] {
            for after in [seen + 1, all, all + 1, all + 100] {
                let refused = caller
                    .get(&format!("{path}?after={after}"))
                    .await
                    .expect(400);
                said.push(refused.body["errors"].clone());
            }
            caller.open(&format!("{path}?after={seen}"), &[]).await;
        }
        let number = [("last-event-id", &*all.to_string())];
        caller
            .send("GET", "/changes/stream", &number, None)
            .await
            .expect(400);
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0][0]["code"], "beyond_the_end");
        let stream = caller.open("/changes/stream", &[]).await;
        let mut body = stream.into_body();
        let first = poll_fn(|cx| Pin::new(&mut body).poll_next(cx))
            .await
            .unwrap()
            .unwrap();
        let first = String::from_utf8(first.to_vec()).unwrap();
        assert_eq!(first, format!("retry: 3000\nid: {seen}\n\n"));
        let tag = caller.read("/changes?limit=500").await.etag().to_owned();
        api.create("/projects", &hidden).await;
        let same = [("if-none-match", &*tag)];
        caller
            .send("GET", "/changes?limit=500", &same, None)
            .await
            .expect(304);
    }
}
