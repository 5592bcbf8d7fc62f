//! Agreements that were perhaps recorded twice, and those that lack a fact.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{mou, signed_mou, with};

on_both!(new: agreements_recorded_twice_warn, agreements_are_found_by_their_gaps);

fn alike(agreement: &Value) -> Vec<&str> {
    let warnings = agreement["warnings"].as_array().unwrap().iter();
    let alike = warnings.filter(|w| w["code"] == "similar_agreement");
    alike
        .flat_map(|w| w["agreements"].as_array().unwrap())
        .map(|a| a["id"].as_str().unwrap())
        .collect()
}

async fn agreements_recorded_twice_warn(api: Api) {
    let city = api.municipality().await;
    let (one, two) = (api.organization("가").await, api.organization("나").await);
    let titled = |title: &str| json!({"title": {"ko": title}});
    let first = signed_mou(&[&city, &one], "2021-04-16", titled("바이오 업무협약"));
    let first = api.create("/agreements", &first).await;
    assert_eq!(alike(&first.body), Vec::<&str>::new());
    for (parties, on, title, warns) in [
        (&[&city, &one][..], "2021-04-16", "바이오 업무 협약", true),
        (&[&city, &one], "2021-04", "바이오·업무협약", true),
        (&[&city, &one], "2022-04-16", "바이오 업무협약", false),
        (&[&city, &two], "2021-04-16", "바이오 업무협약", false),
        (&[&city, &one], "2021-04-16", "의료 업무협약", false),
    ] {
        let parties: Vec<&str> = parties.iter().map(|id| id.as_str()).collect();
        let made = api
            .create("/agreements", &signed_mou(&parties, on, titled(title)))
            .await;
        let named = alike(&made.body).contains(&first.id());
        assert_eq!(named, warns, "{title} {on}");
        api.act(
            &format!("/agreements/{}/transitions", made.id()),
            &json!({"to": "voided", "reason": {"ko": "시험"}}),
        )
        .await;
    }
    // A draft is signed later, unless it states the day.
    let draft = api
        .create(
            "/agreements",
            &mou(&[&city, &one], titled("바이오 업무협약")),
        )
        .await;
    assert_eq!(alike(&draft.body), Vec::<&str>::new());
    let again = api
        .create(
            "/agreements",
            &mou(&[&city, &one], titled("바이오업무협약")),
        )
        .await;
    assert_eq!(alike(&again.body), [draft.id()]);
    // Those of which one names the other are two on purpose.
    for link in [
        json!({"supersedes_id": first.id()}),
        json!({"implements_id": first.id()}),
        json!({"annex_to_id": first.id()}),
        json!({"amends_id": first.id()}),
        json!({"continues_ids": [first.id()]}),
    ] {
        let more = with(titled("바이오 업무협약"), link.clone());
        let linked = with(more, json!({"signed_on": {"edtf": "2021-04-16"}}));
        let linked = api
            .create("/agreements", &mou(&[&city, &one], linked))
            .await;
        assert!(!alike(&linked.body).contains(&first.id()), "{link}");
        let path = format!("/agreements/{}", first.id());
        let named = api.read(&path).await;
        assert!(!alike(&named.body).contains(&linked.id()), "{link}");
    }
}

async fn agreements_are_found_by_their_gaps(api: Api) {
    let city = api.municipality().await;
    let one = api.organization("가").await;
    let undated = mou(&[&city, &one], json!({"status": "signed"}));
    let undated = api.create("/agreements", &undated).await;
    let lasting = signed_mou(
        &[&city, &one],
        "2021-04-16",
        json!({"effective_until": {"edtf": "2024"}}),
    );
    let lasting = api.create("/agreements", &lasting).await;
    api.create(
        "/agreements",
        &mou(&[&city, &one], json!({"effective_until": {"edtf": "2030"}})),
    )
    .await;
    assert_eq!(
        api.find("/agreements?gap=signed_on_unknown").await,
        undated.id()
    );
    assert_eq!(
        api.find("/agreements?gap=effective_until_unknown").await,
        undated.id()
    );
    let change = format!("/agreements/{}?correction_reason=x", undated.id());
    api.update(
        &change,
        "*",
        &json!({"signed_on": {"edtf": "2020"}, "effective_until": {"edtf": "2023"}}),
    )
    .await;
    let none = api
        .read("/agreements?gap=signed_on_unknown,effective_until_unknown")
        .await;
    assert_eq!(none.items().len(), 0);
    let open = api
        .read("/agreements?gap=signatory_unknown&status=signed")
        .await;
    assert!(open.items().iter().any(|a| a["id"] == json!(lasting.id())));
    api.get("/agreements?gap=no_such").await.expect(400);
}
