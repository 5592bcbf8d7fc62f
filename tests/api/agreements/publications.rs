//! What is public of an agreement, what is withheld, and what is newly published.

use serde_json::{Value, json};

use super::duties::words;
use crate::support::city::City;
use crate::support::records::{demand, signed, signed_mou};
use crate::support::{Answer, Api, log};

on_both!(new:
    a_publication_does_the_disclosure, contradictions_are_refused, what_was_withheld_falls_due,
    what_releases_nothing_does_no_duty, an_imprecise_publication_counts_unless_it_is_certainly_older,
    the_last_day_of_the_calendar_is_no_end, a_partial_text_names_what_it_withholds,
    a_text_from_before_the_signing_is_told, those_of_all_agreements_are_listed, the_past_has_what_was_published_then);

const LAW: &str = "공공기관의 정보공개에 관한 법률 제9조제1항제7호";

fn published(extent: &str, on: &str) -> Value {
    json!({"extent": extent, "published_on": {"edtf": on}})
}

fn withheld(on: &str, until: Option<&str>) -> Value {
    let mut one = published("partial_text", on);
    one["withheld"] =
        json!([{"part": {"ko": "제5조(투자 금액)"}, "legal_basis": LAW, "until": until}]);
    one
}

fn duties(one: &Answer) -> Vec<String> {
    let duties = one.body["duties"].as_array().unwrap();
    duties.iter().map(words).collect()
}

async fn a_publication_does_the_disclosure(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([{"disclosure_within_days": 30}])).await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    assert_eq!(duties(&made), ["disclosure/signing 2026-10-01 overdue"]);
    let list = format!("/agreements/{}/publications", made.id());
    let mut new = withheld("2026-09-20", None);
    new["url"] = json!("https://www.goyang.go.kr/mou/17");
    new["place"] = json!({"ko": "고양시보 제1234호"});
    let added = api.create(&list, &new).await;
    assert_eq!(duties(&added), ["disclosure/signing 2026-10-01 done"]);
    let one = &added.body["publications"][0];
    let done = &added.body["duties"][0]["done_by"];
    assert_eq!(done["kind"], "publication");
    assert_eq!(
        (&done["id"], &done["on"]),
        (&one["id"], &one["published_on"])
    );
    assert_eq!(one["withheld"][0]["legal_basis"], LAW);
    // It is read, changed and removed like other parts, with the version of the agreement.
    let path = &added.headers["location"];
    let read = api.read(path).await;
    let version = |answer: &Answer| answer.etag().split('-').next().map(str::to_owned);
    assert_eq!((&read.body, version(&read)), (one, version(&added)));
    assert_eq!(api.read(&list).await.items(), std::slice::from_ref(one));
    let late = json!({"published_on": {"edtf": "2026-10-05"}});
    api.patch(path, made.etag(), &late).await.expect(412);
    let changed = api.update(path, added.etag(), &late).await;
    assert_eq!(
        duties(&changed),
        ["disclosure/signing 2026-10-01 done_late"]
    );
    let found = api.read("/search?q=1234%ED%98%B8").await; // 1234호
    assert_eq!(found.body["items"][0]["id"], json!(made.id()));
    api.delete(path, changed.etag()).await.expect(204);
    let left = api.read(&format!("/agreements/{}", made.id())).await;
    assert_eq!(duties(&left), ["disclosure/signing 2026-10-01 overdue"]);
    let history = api
        .read(&format!("/agreements/{}/history", made.id()))
        .await;
    for operation in ["create", "update", "delete"] {
        let operation = format!("{operation}_agreement_publication");
        assert_eq!(history.text.matches(&operation).count(), 1, "{operation}");
    }
    assert_eq!(log::wrong(&api), None);
}

/// A text cannot be public before it is signed, but a summary can.
async fn a_text_from_before_the_signing_is_told(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    let list = format!("/agreements/{}/publications", made.id());
    for new in [
        published("summary", "2026-08-20"),
        published("full_text", "2026-09-01"),
        published("full_text", "2026-08"),
    ] {
        let added = api.create(&list, &new).await;
        let warnings = added.body["warnings"].as_array().unwrap();
        let early = warnings
            .iter()
            .filter(|one| one["code"] == "published_before_signing");
        let early: Vec<&Value> = early.map(|one| &one["pointer"]).collect();
        match new["published_on"]["edtf"].as_str() {
            Some("2026-08") => assert_eq!(early, ["/publications/2/published_on"]),
            _ => assert!(early.is_empty(), "{new}"),
        }
    }
}

async fn contradictions_are_refused(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    let list = format!("/agreements/{}/publications", made.id());
    let mut wrong = withheld("2026-09-20", Some("2026-09-19"));
    wrong["extent"] = json!("full_text");
    let refused = api.post(&list, &wrong).await.expect(422);
    assert_eq!(refused.places(), ["/extent", "/withheld/0/until"]);
    let codes = refused.body["errors"].as_array().unwrap().iter();
    let codes: Vec<&Value> = codes.map(|error| &error["code"]).collect();
    assert_eq!(codes, ["withheld_from_full_text", "reversed"]);
    for (change, place) in [
        (json!({"extent": "secret"}), "/extent"),
        (
            json!({"published_on": {"edtf": "2026-12"}}),
            "/published_on",
        ),
        (json!({"url": "nowhere"}), "/url"),
        (
            json!({"withheld": [{"part": {"ko": "제5조"}}]}),
            "/withheld/0/legal_basis",
        ),
        (
            json!({"withheld": [{"legal_basis": LAW}]}),
            "/withheld/0/part",
        ),
        (json!({"municipality_id": made.id()}), "/municipality_id"),
    ] {
        let mut new = published("partial_text", "2026-09-20");
        for (name, value) in change.as_object().unwrap() {
            new[name] = value.clone();
        }
        let refused = api.post(&list, &new).await;
        assert!(refused.status.is_client_error(), "{change}");
        if refused.status == 422 {
            assert_eq!(refused.places(), [place], "{change}");
        } else {
            assert_eq!(place, "/municipality_id");
        }
    }
    let voided = json!({"to": "voided", "reason": {"ko": "잘못 등록"}});
    api.create(&list, &published("summary", "2026-09-20")).await;
    let steps = format!("/agreements/{}/transitions", made.id());
    api.act(&steps, &voided).await;
    let new = published("full_text", "2026-09-20");
    let refused = api.post(&list, &new).await.expect(409);
    assert!(refused.text.contains("무효"), "{}", refused.text);
    assert!(api.read("/publications").await.items().is_empty());
}

async fn what_was_withheld_falls_due(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    let list = format!("/agreements/{}/publications", made.id());
    let added = api
        .create(&list, &withheld("2026-09-20", Some("2026-12-31")))
        .await;
    // No policy demands it: the law does.
    assert_eq!(
        duties(&added),
        ["disclosure/withholding_end 2027-01-01 open"]
    );
    let basis = &added.body["duties"][0]["legal_basis"];
    assert_eq!(basis, "공공기관의 정보공개에 관한 법률 제9조제2항");
    let later = api.at("2027-01-04T03:00:00Z").await;
    let overdue = "/duties?kind=disclosure&status=overdue";
    assert!(api.read(overdue).await.items().is_empty());
    let listed = later.read(overdue).await;
    assert_eq!(
        words(&listed.items()[0]),
        "disclosure/withholding_end 2027-01-01 overdue"
    );
    let done = later
        .create(&list, &published("full_text", "2027-01-03"))
        .await;
    assert_eq!(
        duties(&done),
        ["disclosure/withholding_end 2027-01-01 done_late"]
    );
    assert!(later.read(overdue).await.items().is_empty());
    assert_eq!(log::wrong(&later), None);
}

async fn what_releases_nothing_does_no_duty(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    let list = format!("/agreements/{}/publications", made.id());
    api.create(&list, &withheld("2026-09-20", Some("2026-12-31")))
        .await;
    let later = api.at("2027-02-02T03:00:00Z").await;
    let overdue = ["disclosure/withholding_end 2027-01-01 overdue"];
    let summary = published("summary", "2027-02-01");
    assert_eq!(duties(&later.create(&list, &summary).await), overdue);
    // The part is still left out, whatever the reason.
    let mut still = withheld("2027-02-01", None);
    still["withheld"][0]["legal_basis"] = json!("정보공개법 제9조제1항제5호");
    assert_eq!(duties(&later.create(&list, &still).await), overdue);
    let mut other = withheld("2027-02-01", None);
    other["withheld"][0]["part"] = json!({"ko": "제6조(위약금)"});
    assert_eq!(
        duties(&later.create(&list, &other).await),
        ["disclosure/withholding_end 2027-01-01 done_late"]
    );
}

async fn an_imprecise_publication_counts_unless_it_is_certainly_older(api: Api) {
    let city = api.municipality().await;
    let later = api.at("2027-01-04T03:00:00Z").await;
    let on = |edtf: &str| json!({"edtf": edtf});
    let words = json!({"as_stated": "체결 직후"});
    for (partial, until, full, duty) in [
        (words, "2026-12-31", "2027-01-03", "2027-01-01 done_late"),
        (
            on("2026"),
            "2026-06-30",
            "2026-08-01",
            "2026-07-01 done_late",
        ),
        (on("2026-10"), "2026-10-15", "2026-10", "2026-10-16 done"),
        (
            on("2026-10-05"),
            "2026-12-31",
            "2026-10-05",
            "2027-01-01 done",
        ),
        (
            on("2026-10-05"),
            "2026-12-31",
            "2026-09",
            "2027-01-01 overdue",
        ),
    ] {
        let made = signed(&later, &city, "2026-05-01", json!({})).await;
        let list = format!("/agreements/{}/publications", made.id());
        let mut first = withheld("2026-09-20", Some(until));
        first["published_on"] = partial;
        later.create(&list, &first).await;
        let done = later.create(&list, &published("full_text", full)).await;
        assert_eq!(
            duties(&done),
            [format!("disclosure/withholding_end {duty}")]
        );
    }
}

/// Nobody means the year 10000, which no date of the registry can state.
async fn the_last_day_of_the_calendar_is_no_end(api: Api) {
    let city = api.municipality().await;
    let withholding = json!({"legal_basis": LAW, "until": "9999-12-31"});
    let one = json!({"withholding": withholding, "visibility": "internal",
        "publications": [withheld("2026-09-20", Some("9999-12-31"))]});
    let made = signed(&api, &city, "2026-09-01", one).await;
    assert_eq!(duties(&made), [""; 0]);
    // Nor does a term that renews beyond it demand a notice there.
    let renewing = json!({"effective_until": {"edtf": "9999-06-30"}, "auto_renews": true,
        "renewal": {"months": 12, "notice_days": 30}});
    let renewing = signed(&api, &city, "2026-09-01", renewing).await;
    assert_eq!(duties(&renewing), ["renewal_notice/expiry 9999-05-31 open"]);
    for query in ["", "?as_of=9999-12-01"] {
        api.read(&format!("/duties{query}")).await;
        api.read(&format!("/timeline{query}")).await;
    }
    assert_eq!(log::wrong(&api), None);
}

async fn a_partial_text_names_what_it_withholds(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    let list = format!("/agreements/{}/publications", made.id());
    let added = api
        .create(&list, &published("partial_text", "2026-09-20"))
        .await;
    let gaps = |one: &Answer| {
        one.body["gaps"]
            .to_string()
            .contains("/publications/0/withheld")
    };
    assert!(gaps(&added));
    let found = async || {
        api.read("/agreements?gap=withheld_unknown")
            .await
            .items()
            .len()
    };
    assert_eq!(found().await, 1);
    let named = json!({"withheld": withheld("2026-09-20", None)["withheld"]});
    let path = &added.headers["location"];
    let named = api.update(path, added.etag(), &named).await;
    assert!(!gaps(&named));
    assert_eq!(found().await, 0);
}

async fn those_of_all_agreements_are_listed(api: Api) {
    let goyang = City::new(&api, "4128000000").await;
    let suwon = City::new(&api, "4111000000").await;
    for (city, title, visibility, on, extent) in [
        (&goyang, "공개 협약", "public", "2026-10-31", "full_text"),
        (&goyang, "내부 협약", "internal", "2026-11-01", "summary"),
        (&suwon, "수원 협약", "public", "2026-11-20", "summary"),
    ] {
        let more = json!({"title": {"ko": title}, "visibility": visibility,
            "publications": [published(extent, on)]});
        let new = signed_mou(&[&city.id, &city.partner], "2026-09-01", more);
        city.editor.create("/agreements", &new).await;
    }
    let titles = async |caller: &Api, query: &str| {
        let listed = caller.read(&format!("/publications{query}")).await;
        let items = listed.items().iter();
        let titles = items.map(|one| one["agreement"]["title"]["ko"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>()
    };
    let anyone = api.with(None);
    assert_eq!(titles(&anyone, "").await, ["수원 협약", "공개 협약"]);
    assert_eq!(
        titles(&anyone, "?sort=published_on").await,
        ["공개 협약", "수원 협약"]
    );
    let month = "?published_from=2026-11-01&published_to=2026-11-30";
    assert_eq!(titles(&anyone, month).await, ["수원 협약"]);
    assert_eq!(
        titles(&goyang.viewer, month).await,
        ["수원 협약", "내부 협약"]
    );
    assert_eq!(titles(&anyone, "?extent=full_text").await, ["공개 협약"]);
    let own = format!("?municipality_id={}", goyang.id);
    assert_eq!(titles(&anyone, &own).await, ["공개 협약"]);
    let one = anyone.read("/publications?limit=1").await;
    assert_eq!(one.items()[0]["municipality"]["id"], json!(suwon.id));
    assert_eq!(one.items()[0]["municipality_id"], Value::Null);
    let file = anyone.get("/publications.csv").await.expect(200);
    assert!(
        file.text.contains("수원 협약,2026-11-20,요약"),
        "{}",
        file.text
    );
}

async fn the_past_has_what_was_published_then(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2026-09-01", json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let list = format!("{path}/publications");
    let later = api.at("2026-11-25T03:00:00Z").await;
    let added = later
        .create(&list, &withheld("2026-11-24", Some("2026-12-31")))
        .await;
    let count = async |query: &str| {
        let listed = later
            .read(&format!("/publications{query}"))
            .await
            .items()
            .len();
        let shown = later.read(&format!("{path}{query}")).await;
        let shown = shown.body["publications"].as_array().unwrap().len();
        (listed, shown)
    };
    assert_eq!(count("").await, (1, 1));
    assert_eq!(count("?recorded_as_of=2026-11-24T03:00:00Z").await, (0, 0));
    let known = later.read(&format!("{path}?as_of=2026-11-23")).await;
    assert_eq!(
        (&known.body["publications"], duties(&known)),
        (&json!([]), vec![])
    );
    // What is hidden at present was so in the past, too.
    let hidden = json!({"visibility": "internal"});
    let corrected = format!("{path}?correction_reason=x");
    let last = api.at("2026-11-26T03:00:00Z").await;
    last.update(&corrected, added.etag(), &hidden).await;
    let then = "/publications?recorded_as_of=2026-11-25T03:00:00Z";
    assert_eq!(last.read(then).await.items().len(), 1);
    assert!(last.with(None).read(then).await.items().is_empty());
}
