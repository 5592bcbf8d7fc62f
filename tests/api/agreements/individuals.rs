//! Parties who are individuals, whose names are personal data.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::wrong;
use crate::support::records::{attempt, mou, signed, with};

on_both!(new: an_individual_is_a_party, the_name_of_an_individual_is_personal);

fn ambassador() -> Value {
    json!({"individual_parties": [{"name": "홍길동", "title": {"ko": "고양시 홍보대사"}}]})
}

async fn an_individual_is_a_party(api: Api) {
    let city = api.municipality().await;
    // The city and one individual are two parties.
    let steps = json!({"status": "signed", "signed_on": {"edtf": "2024-04-16"}});
    let alone = mou(&[&city], steps.clone());
    api.post("/agreements", &alone).await.expect(422);
    let made = api
        .create("/agreements", &mou(&[&city], with(steps, ambassador())))
        .await;
    assert_eq!(made.body["individual_parties"][0]["role"], "partner");
    let row = api.read("/agreements").await.body;
    assert_eq!(row["items"][0]["individual_party_count"], 1);
    let report = format!("/municipalities/{city}/council-report?from=2024-01-01&to=2024-12-31");
    let report = api.read(&report).await;
    assert!(report.text.contains("\"individual_party_count\":1"));
    let found = api
        .read("/search?q=%ED%99%8D%EB%B3%B4%EB%8C%80%EC%82%AC")
        .await;
    assert_eq!(found.items().len(), 1);
    let nobody = json!({"individual_parties": [{"role": "partner"}]});
    let refused = attempt(&api, &city, nobody).await.expect(422);
    assert_eq!(refused.places(), ["/individual_parties/0/name"]);
    assert_eq!(wrong(&api), None);
}

async fn the_name_of_an_individual_is_personal(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2024-04-16", ambassador()).await;
    let path = format!("/agreements/{}", made.id());
    assert_eq!(made.body["individual_parties"][0]["name"], "홍길동");
    let staff = api.staff("viewer", &city).await;
    assert!(staff.read(&path).await.text.contains("홍길동"));
    // Who is shown the name is recorded.
    let reads = api
        .read(&format!("/personal-data-reads?agreement_id={}", made.id()))
        .await;
    assert_eq!(reads.items().len(), 2);
    for caller in [
        api.with(None),
        api.partner(&api.organization("기자협회").await).await,
    ] {
        let seen = caller.read(&path).await;
        assert_eq!(seen.body["individual_parties"][0]["name"], Value::Null);
        assert_eq!(
            seen.body["individual_parties"][0]["title"]["ko"],
            "고양시 홍보대사"
        );
    }
    // Neither the log, the past, the lists nor the search have it.
    let asked = [
        format!("{path}/history"),
        format!("{path}/parties"),
        format!("{path}?recorded_as_of=2026-11-23T03:00:00Z"),
        "/changes".to_owned(),
        "/agreements".to_owned(),
        "/timeline".to_owned(),
    ];
    for asked in asked {
        assert!(!api.read(&asked).await.text.contains("홍길동"), "{asked}");
    }
    assert_eq!(
        api.read("/search?q=%ED%99%8D%EA%B8%B8%EB%8F%99")
            .await
            .items()
            .len(),
        0
    );
    assert_eq!(wrong(&api), None);
    // It is erased like a contact.
    let erase = json!({"individual_parties": [{"title": {"ko": "고양시 홍보대사"}}]});
    let erased = api
        .update(&format!("{path}?correction_reason=x"), "*", &erase)
        .await;
    assert_eq!(erased.body["individual_parties"][0]["name"], Value::Null);
    assert_eq!(wrong(&api), None);
}
