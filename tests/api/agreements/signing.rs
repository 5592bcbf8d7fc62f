//! Signings with their signatures, and the days of steps that are corrected.

use serde_json::{Value, json};

use crate::support::records::{demand, mou, with};
use crate::support::{Answer, Api};

on_both!(new: a_signing_takes_its_signatures, signatures_are_all_or_nothing,
    an_approved_signatory_stays, a_day_is_corrected_between_its_neighbours,
    a_corrected_signing_moves_what_follows, a_corrected_end_moves_its_outcomes,
    a_day_is_corrected_by_whoever_could_take_the_step);

fn on(day: &str) -> Value {
    json!({"edtf": day})
}

async fn step(api: &Api, id: &str, body: Value) -> Answer {
    api.act(&format!("/agreements/{id}/transitions"), &body)
        .await
}

/// An agreement of Goyang and a hospital that is approved, with the path of its steps.
async fn approved(api: &Api, city: &str, more: Value) -> Answer {
    let hospital = api.organization("명지병원").await;
    let made = api
        .create("/agreements", &mou(&[city, &hospital], more))
        .await;
    step(
        api,
        made.id(),
        json!({"to": "in_review", "on": on("2026-11-10")}),
    )
    .await;
    step(
        api,
        made.id(),
        json!({"to": "approved", "on": on("2026-11-20")}),
    )
    .await
}

fn party(agreement: &Answer, n: usize) -> &str {
    agreement.body["parties"][n]["id"].as_str().unwrap()
}

fn place(agreement: &Answer, n: usize) -> String {
    format!("/agreements/{}/transitions/{n}", agreement.id())
}

async fn a_signing_takes_its_signatures(api: Api) {
    let city = api.municipality().await;
    demand(
        &api,
        &city,
        json!([{"self_approval": true, "required_at_signing": ["signatories"]}]),
    )
    .await;
    let made = approved(&api, &city, json!({})).await;
    let signing = |signatures: Value| json!({"to": "signed", "on": on("2026-11-23"), "signatures": signatures});
    let mayor = json!({"party_id": party(&made, 0), "signed_on": on("2026-11-22"),
        "signatory": {"title": {"ko": "부시장"}, "name": "이정형", "on_behalf_of": {"ko": "시장"}}});
    let director = json!({"party_id": party(&made, 1), "signatory": {"title": {"ko": "병원장"}}});
    let path = format!("/agreements/{}/transitions", made.id());
    let refused = api.post(&path, &signing(json!([mayor]))).await.expect(422);
    assert_eq!(refused.places(), ["/parties/1/signatory"]);
    let unsigned = api.read(&format!("/agreements/{}", made.id())).await;
    assert_eq!(unsigned.body["parties"][0]["signatory"], Value::Null);
    let signed = step(&api, made.id(), signing(json!([director, mayor]))).await;
    let parties = &signed.body["parties"];
    assert_eq!(parties[0]["signatory"]["on_behalf_of"]["ko"], "시장");
    assert_eq!(parties[0]["signed_on"]["edtf"], "2026-11-22");
    assert_eq!(parties[1]["signatory"]["title"]["ko"], "병원장");
    assert_eq!(parties[1]["signed_on"], Value::Null);
    assert_eq!(signed.body["signed_on"]["edtf"], "2026-11-23");
    assert_eq!(
        api.find("/agreements?q=%EC%9D%B4%EC%A0%95%ED%98%95").await,
        made.id()
    );
}

async fn signatures_are_all_or_nothing(api: Api) {
    let city = api.municipality().await;
    let made = approved(&api, &city, json!({})).await;
    let path = format!("/agreements/{}/transitions", made.id());
    let by = |id: &str| json!({"party_id": id, "signatory": {"name": "이동환"}});
    let late = with(by(party(&made, 1)), json!({"signed_on": on("2026-11-22")}));
    let stranger = "0178d7fa-2c00-7000-8000-00000000ffff";
    for (to, signatures, places) in [
        (
            "signed",
            json!([by(party(&made, 0)), by(party(&made, 0))]),
            &["/signatures/1/party_id"][..],
        ),
        ("signed", json!([by(stranger)]), &["/signatures/0/party_id"]),
        (
            "signed",
            json!([by(party(&made, 0)), late]),
            &["/signatures/1/signed_on"],
        ),
        (
            "signed",
            json!([{"party_id": party(&made, 0), "signatory": {}}]),
            &["/signatures/0/signatory/name"],
        ),
        ("withdrawn", json!([by(party(&made, 0))]), &["/signatures"]),
    ] {
        let body = json!({"to": to, "on": on("2026-11-21"), "signatures": signatures, "reason": {"ko": "시험"}});
        let refused = api.post(&path, &body).await.expect(422);
        assert_eq!(refused.places(), places, "{body}");
    }
    let read = api.read(&format!("/agreements/{}", made.id())).await;
    assert_eq!(
        (&read.body["status"], &read.body["version"]),
        (&json!("approved"), &made.body["version"])
    );
    // Of a new agreement they are in its parties.
    let new = json!({"status": "signed", "transitions":
        [{"to": "signed", "on": on("2026-11-22"), "signatures": [by(stranger)]}]});
    let refused = api
        .post("/agreements", &mou(&[&city, &city], new))
        .await
        .expect(422);
    assert!(refused.places().contains(&"/transitions/0/signatures"));
}

async fn an_approved_signatory_stays(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([])).await;
    let (editor, approver) = (
        api.staff("editor", &city).await,
        api.staff("approver", &city).await,
    );
    let hospital = api.organization("명지병원").await;
    let mut new = mou(&[&city, &hospital], json!({}));
    new["parties"][0]["signatory"] = json!({"name": "이동환"});
    let made = editor.create("/agreements", &new).await;
    step(
        &editor,
        made.id(),
        json!({"to": "in_review", "on": on("2026-11-10")}),
    )
    .await;
    let approved = step(
        &approver,
        made.id(),
        json!({"to": "approved", "on": on("2026-11-20")}),
    )
    .await;
    let signing = |n: usize, name: &str| {
        let signatures = [json!({"party_id": party(&approved, n), "signatory": {"name": name}})];
        json!({"to": "signed", "on": on("2026-11-22"), "signatures": signatures})
    };
    let path = format!("/agreements/{}/transitions", made.id());
    editor.post(&path, &signing(0, "이정형")).await.expect(403);
    // Who signs for the other one is part of the signing.
    step(&editor, made.id(), signing(1, "이왕준")).await;
}

async fn a_day_is_corrected_between_its_neighbours(api: Api) {
    let city = api.municipality().await;
    let made = approved(&api, &city, json!({})).await;
    let path = format!("/agreements/{}/transitions", made.id());
    // The true day of signing lies before the day on which the approval was recorded.
    let signing = json!({"to": "signed", "on": on("2026-11-18")});
    assert_eq!(
        api.post(&path, &signing).await.expect(422).places(),
        ["/on"]
    );
    let reason = "?correction_reason=%EA%B2%B0%EC%9E%AC%EC%9D%BC%EC%98%A4%EA%B8%B0";
    let (first, second) = (place(&made, 1), place(&made, 2));
    for (step, day, right) in [
        (&second, "2026-11-09", "reversed"),
        (&first, "2026-11-21", "reversed"),
        (&second, "2026-12-24", "in_future"),
        (&second, "2026-11-01/..", "open_ended"),
    ] {
        let refused = api
            .patch(&format!("{step}{reason}"), "*", &json!({"on": on(day)}))
            .await
            .expect(422);
        let error = &refused.body["errors"][0];
        assert_eq!(error["pointer"], "/on", "{day}");
        assert_eq!(error["code"], right, "{day}");
    }
    api.patch(&second, "*", &json!({"on": on("2026-11-17")}))
        .await
        .expect(400);
    api.patch(
        &format!("{second}{reason}"),
        "\"1-0-0\"",
        &json!({"on": on("2026-11-17")}),
    )
    .await
    .expect(412);
    api.patch(
        &format!("{}{reason}", place(&made, 3)),
        "*",
        &json!({"on": on("2026-11-17")}),
    )
    .await
    .expect(404);
    let later = api.at("2026-11-23T04:00:00Z").await;
    let corrected = later
        .update(
            &format!("{second}{reason}"),
            made.etag(),
            &json!({"on": on("2026-11-17")}),
        )
        .await;
    assert_eq!(corrected.body["transitions"][2]["on"]["edtf"], "2026-11-17");
    assert_eq!(
        corrected.body["corrections"][0]["reason"]["ko"],
        "결재일오기"
    );
    assert_eq!(corrected.body["status"], "approved");
    // Nothing changes without a change.
    let same = later
        .update(&second, "*", &json!({"on": on("2026-11-17")}))
        .await;
    assert_eq!(same.body["version"], corrected.body["version"]);
    let agreement = format!("/agreements/{}", made.id());
    let past = later
        .read(&format!("{agreement}?recorded_as_of=2026-11-23T03:30:00Z"))
        .await;
    assert_eq!(past.body["transitions"][2]["on"]["edtf"], "2026-11-20");
    let on_day = later.read(&format!("{agreement}?as_of=2026-11-18")).await;
    assert_eq!(on_day.body["status"], "approved");
    let history = later.read(&format!("{agreement}/history")).await;
    let reasons = history
        .items()
        .iter()
        .filter(|c| c["reason"]["ko"] == "결재일오기");
    assert_eq!(reasons.count(), 1);
    step(&later, made.id(), signing).await;
}

async fn a_corrected_signing_moves_what_follows(api: Api) {
    let city = api.municipality().await;
    let made = approved(&api, &city, json!({})).await;
    let signed = step(
        &api,
        made.id(),
        json!({"to": "signed", "on": on("2026-11-21")}),
    )
    .await;
    let renewal =
        json!({"supersedes_id": made.id(), "status": "signed", "signed_on": on("2026-11-22")});
    let other = signed.body["parties"][1]["organization_id"]
        .as_str()
        .unwrap();
    let renewal = api
        .create("/agreements", &mou(&[&city, other], renewal))
        .await;
    let reason = "?correction_reason=x";
    // An agreement is not signed after the one that renews it.
    let signing = format!("{}{reason}", place(&made, 3));
    api.patch(&signing, "*", &json!({"on": on("2026-11-23")}))
        .await
        .expect(422);
    let corrected = api
        .update(&signing, "*", &json!({"on": on("2026-11-20")}))
        .await;
    assert_eq!(corrected.body["signed_on"]["edtf"], "2026-11-20");
    let timeline = api.read("/timeline?types=signing&to=2026-11-20").await;
    assert_eq!(timeline.items().len(), 1);
    // That of the end follows from the renewal.
    let end = format!("{}{reason}", place(&made, 4));
    api.patch(&end, "*", &json!({"on": on("2026-11-23")}))
        .await
        .expect(409);
    let first = renewal.body["transitions"].as_array().unwrap().len() - 1;
    api.patch(
        &format!("{}{reason}", place(&renewal, first)),
        "*",
        &json!({"on": on("2026-11-19")}),
    )
    .await
    .expect(422);
    api.update(
        &format!("{}{reason}", place(&renewal, first)),
        "*",
        &json!({"on": on("2026-11-23")}),
    )
    .await;
    let old = api.read(&format!("/agreements/{}", made.id())).await;
    assert_eq!(old.body["transitions"][4]["on"]["edtf"], "2026-11-23");
}

async fn a_corrected_end_moves_its_outcomes(api: Api) {
    let city = api.municipality().await;
    let more = json!({"commitments": [{"text": {"ko": "일"}}]});
    let made = approved(&api, &city, more).await;
    step(
        &api,
        made.id(),
        json!({"to": "signed", "on": on("2026-11-20")}),
    )
    .await;
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let end = json!({"to": "terminated", "on": on("2026-11-23"), "reason": {"ko": "합의"},
        "commitments": [{"commitment_id": commitment, "becomes": "dropped"}]});
    step(&api, made.id(), end).await;
    let path = format!("{}?correction_reason=x", place(&made, 4));
    let corrected = api
        .update(&path, "*", &json!({"on": on("2026-11-21")}))
        .await;
    let of = &corrected.body["commitments"][0];
    assert_eq!(
        (&of["status"], &of["reported_on"]["edtf"]),
        (&json!("dropped"), &json!("2026-11-21"))
    );
    let then = api
        .read(&format!("/agreements/{}?as_of=2026-11-22", made.id()))
        .await;
    assert_eq!(
        (&then.body["status"], &then.body["in_force"]),
        (&json!("terminated"), &json!(false))
    );
}

async fn a_day_is_corrected_by_whoever_could_take_the_step(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([])).await;
    let other = api.other_municipality().await;
    let (editor, approver) = (
        api.staff("editor", &city).await,
        api.staff("approver", &city).await,
    );
    let hospital = api.organization("명지병원").await;
    let made = editor
        .create(
            "/agreements",
            &mou(&[&city, &hospital], json!({"visibility": "public"})),
        )
        .await;
    step(
        &editor,
        made.id(),
        json!({"to": "in_review", "on": on("2026-11-10")}),
    )
    .await;
    let reason = "?correction_reason=x";
    let day = |day: &str| json!({"on": on(day)});
    let first = format!("{}{reason}", place(&made, 1));
    let second = format!("{}{reason}", place(&made, 2));
    editor.update(&first, "*", &day("2026-11-09")).await;
    step(
        &approver,
        made.id(),
        json!({"to": "approved", "on": on("2026-11-20")}),
    )
    .await;
    // What is approved is corrected by those who may approve it.
    editor
        .patch(&first, "*", &day("2026-11-08"))
        .await
        .expect(403);
    editor
        .patch(&second, "*", &day("2026-11-19"))
        .await
        .expect(403);
    approver.update(&second, "*", &day("2026-11-19")).await;
    let signed = step(
        &editor,
        made.id(),
        json!({"to": "signed", "on": on("2026-11-21")}),
    )
    .await;
    editor
        .update(
            &format!("{}{reason}", place(&signed, 3)),
            "*",
            &day("2026-11-20"),
        )
        .await;
    editor
        .patch(&second, "*", &day("2026-11-18"))
        .await
        .expect(403);
    api.staff("editor", &other)
        .await
        .patch(&first, "*", &day("2026-11-08"))
        .await
        .expect(403);
    api.staff("viewer", &city)
        .await
        .patch(&first, "*", &day("2026-11-08"))
        .await
        .expect(403);
}
