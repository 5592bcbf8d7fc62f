//! An agreement that several municipalities share stands once, and is each one's own.

use serde_json::{Value, json};

use crate::support::records::{demand, mou, signed_mou, with};
use crate::support::{Answer, Api, log};

on_both!(new:
    it_stands_once_and_shows_in_both, staff_of_all_see_it_and_nobody_else,
    who_no_longer_shares_it_sees_no_past_of_it, a_co_owner_reports_on_what_it_owes, pages_hold_own_and_shared_rows_in_order,
    only_a_party_shares, a_successor_shares_what_its_predecessor_did);

pub(super) const PAJU: &str = "4148000000";

pub(super) async fn town(api: &Api, code: &str) -> String {
    let new = json!({"code": code});
    let created = api.create("/municipalities", &new).await;
    created.id().to_owned()
}

/// Goyang and Paju, the parties of an agreement that they share, and a third town.
pub(super) struct Towns {
    pub goyang: String,
    pub paju: String,
    pub suwon: String,
}

impl Towns {
    pub async fn new(api: &Api) -> Self {
        Self {
            goyang: api.municipality().await,
            paju: town(api, PAJU).await,
            suwon: api.other_municipality().await,
        }
    }

    pub fn all(&self) -> [&str; 3] {
        [&self.goyang, &self.paju, &self.suwon]
    }

    pub fn shared(&self, more: Value) -> Value {
        let more = with(json!({"co_owner_ids": [self.paju]}), more);
        mou(&[&self.goyang, &self.paju], more)
    }

    pub async fn signed(&self, api: &Api, more: Value) -> Answer {
        let signed = json!({"status": "signed", "signed_on": {"edtf": "2024-03-04"}});
        let new = self.shared(with(signed, more));
        api.create("/agreements", &new).await
    }
}

pub(super) fn strings(list: &Value, pointer: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    let texts = items.map(|item| item.pointer(pointer).unwrap().as_str().unwrap().to_owned());
    texts.collect()
}

async fn it_stands_once_and_shows_in_both(api: Api) {
    let towns = Towns::new(&api).await;
    let more = json!({"effective_until": {"edtf": "2028-02-28"}, "commitments": [{"text": {"ko": "버스를 잇는다"}}],
        "title": {"ko": "광역버스 협약"}});
    let made = towns.signed(&api, more).await;
    assert_eq!(made.body["co_owner_ids"], json!([towns.paju]));
    assert_eq!(made.body["co_owners"][0]["name"]["ko"], "파주시");
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let reports = format!("/agreements/{}/commitments/{commitment}/reports", made.id());
    let report = json!({"status": "in_progress", "on": {"edtf": "2026-01-02"}});
    api.create(&reports, &report).await;
    for path in [
        "/agreements?with_total=true",
        "/agreements?status=signed&sort=title",
        "/timeline?with_total=true",
        "/reports?with_total=true",
        "/search?q=%EB%B2%84%EC%8A%A4&types=agreement",
        "/changes?types=agreement",
    ] {
        let all = api.read(path).await.items().len();
        for (town, count) in towns.all().into_iter().zip([all, all, 0]) {
            let list = api.read(&format!("{path}&municipality_id={town}")).await;
            assert_eq!(list.items().len(), count, "{path} {town}");
            let total = list.body["total"].as_u64();
            assert!(total.is_none_or(|total| total == count as u64), "{path}");
        }
    }
    let row = api.read("/agreements").await.items()[0].clone();
    assert_eq!(
        strings(&row["co_owners"], "/id"),
        std::slice::from_ref(&towns.paju)
    );
    let figures = "/statistics/agreements?group_by=municipality";
    let all = api.read(figures).await;
    assert_eq!(all.body["totals"]["count"]["count"], 1, "{}", all.body);
    assert_eq!(all.body["groups"].as_array().unwrap().len(), 2);
    let records = "/statistics/agreements/records?group_by=municipality";
    for (town, count) in towns.all().into_iter().zip([1, 1, 0]) {
        let group = api.read(&format!("{records}&group={town}")).await;
        assert_eq!(group.items().len(), count);
        let own = api.read(&format!("{figures}&municipality_id={town}")).await;
        assert_eq!(own.body["totals"]["count"]["count"], count);
        assert_eq!(own.body["groups"].as_array().unwrap().len(), count);
        let period = "from=2024-01-01&to=2024-12-31";
        let report = format!("/municipalities/{town}/council-report?{period}");
        let report = api.read(&report).await;
        assert_eq!(report.body["signed"].as_array().unwrap().len(), count);
        assert_eq!(report.body["totals"]["signed"], count);
    }
    assert_eq!(log::wrong(&api), None);
}

async fn staff_of_all_see_it_and_nobody_else(api: Api) {
    let towns = Towns::new(&api).await;
    demand(
        &api,
        &towns.paju,
        json!([{"prior_consent": {"money": "consent"}}]),
    )
    .await;
    let company = api.organization("회사").await;
    let mut new = towns.shared(json!({"status": "approved", "financial_obligation": true,
        "visibility": "partners", "contact": {"name": "홍길동"}, "title": {"ko": "상생협약"}}));
    let party = json!({"organization_id": company});
    new["parties"].as_array_mut().unwrap().push(party);
    let id = api.create("/agreements", &new).await.id().to_owned();
    let path = format!("/agreements/{id}");
    let paths = [
        path.clone(),
        format!("{path}/history"),
        format!("{path}/parties"),
        format!("{path}?as_of=2026-11-23"),
    ];
    let lists = [
        "/agreements?status=approved",
        "/changes?types=agreement",
        "/search?q=%EC%83%81%EC%83%9D&types=agreement",
        "/duties?kind=consent",
    ];
    for role in ["viewer", "editor"] {
        for (town, sees) in towns.all().into_iter().zip([true, true, false]) {
            let staff = api.staff(role, town).await;
            for path in &paths {
                staff.get(path).await.expect(if sees { 200 } else { 404 });
            }
            for list in lists {
                let shown = staff.read(list).await.items().len();
                assert_eq!(shown, usize::from(sees), "{role} {town} {list}");
            }
        }
    }
    // The contact is the owner's.
    let other = api.staff("viewer", &towns.paju).await;
    assert_eq!(other.read(&path).await.body["contact"], Value::Null);
    let own = api.staff("viewer", &towns.goyang).await;
    assert_eq!(own.read(&path).await.body["contact"]["name"], "홍길동");
    // A partner of the co-owner sees what a partner sees: nothing before the signing.
    let bound = json!({"name": "협력", "role": "partner", "organization_id": company, "municipality_ids": [towns.paju]});
    let partner = api.caller(bound).await;
    partner.get(&path).await.expect(404);
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-23"}});
    api.act(&format!("{path}/transitions"), &sign).await;
    partner.read(&path).await;
    let etag = api.get(&path).await.etag().to_owned();
    let internal = json!({"visibility": "internal"});
    api.update(&format!("{path}?correction_reason=x"), &etag, &internal)
        .await;
    partner.get(&path).await.expect(404);
    other.read(&path).await;
    assert_eq!(log::wrong(&api), None);
}

async fn who_no_longer_shares_it_sees_no_past_of_it(api: Api) {
    let towns = Towns::new(&api).await;
    demand(
        &api,
        &towns.paju,
        json!([{"prior_consent": {"money": "consent"}}]),
    )
    .await;
    let new = towns.shared(json!({"status": "approved", "financial_obligation": true}));
    let id = api.create("/agreements", &new).await.id().to_owned();
    let path = format!("/agreements/{id}");
    let then = "recorded_as_of=2026-11-24T00:00:00Z";
    let later = api.at("2026-11-25T03:00:00Z").await;
    let other = later.staff("viewer", &towns.paju).await;
    let seen = async |count: usize| {
        let status = if count > 0 { 200 } else { 404 };
        other.get(&path).await.expect(status);
        other.get(&format!("{path}?{then}")).await.expect(status);
        for list in ["/agreements", "/duties", "/changes?types=agreement"] {
            let shown = other.read(list).await;
            // Of the log, only that it is gone.
            let gone =
                |one: &Value| one["patch"][0]["path"] == "" && one["patch"][0]["value"].is_null();
            let shown = shown.items().iter().filter(|one| !gone(one)).count();
            assert!(shown == 0 || count > 0, "{list} {shown}");
            if !list.starts_with("/changes") {
                let sign = if list.contains('?') { '&' } else { '?' };
                let past = other.read(&format!("{list}{sign}{then}")).await;
                assert_eq!(past.items().len(), count, "{list}");
            }
        }
        other.get(&format!("{path}/history")).await.expect(status);
    };
    let share = async |ids: Value| {
        let etag = later.get(&path).await.etag().to_owned();
        later
            .update(&path, &etag, &json!({"co_owner_ids": ids}))
            .await;
    };
    seen(1).await;
    share(json!([])).await;
    seen(0).await;
    // The owner's staff still see what was recorded then.
    let own = later.staff("viewer", &towns.goyang).await;
    let past = own.read(&format!("{path}?{then}")).await;
    assert_eq!(past.body["co_owner_ids"], json!([towns.paju]));
    share(json!([towns.paju])).await;
    seen(1).await;
    assert_eq!(log::wrong(&later), None);
}

async fn a_co_owner_reports_on_what_it_owes(api: Api) {
    let towns = Towns::new(&api).await;
    let owed = |by: &str| json!({"text": {"ko": "버스를 잇는다"}, "owed_by": [by]});
    let more = json!({"commitments": [owed(&towns.goyang), owed(&towns.paju)]});
    let made = towns.signed(&api, more).await;
    let path = |n: usize| {
        let commitment = made.body["commitments"][n]["id"].as_str().unwrap();
        format!("/agreements/{}/commitments/{commitment}/reports", made.id())
    };
    let (own, other) = (
        api.staff("editor", &towns.goyang).await,
        api.staff("editor", &towns.paju).await,
    );
    let report = json!({"status": "fulfilled", "on": {"edtf": "2026-01-02"}});
    other.post(&path(0), &report).await.expect(403);
    let made = other.create(&path(1), &report).await;
    assert_eq!(made.body["standing"], "awaiting_confirmation");
    let confirm = format!("{}/{}/confirm", path(1), made.id());
    other.post(&confirm, &json!({})).await.expect(403);
    let reason = json!({"reason": {"ko": "잘못 보고함"}});
    let retract = format!("{}/{}/retraction", path(1), made.id());
    other.act(&retract, &reason).await;
    let made = other.create(&path(1), &report).await;
    let confirm = format!("{}/{}/confirm", path(1), made.id());
    own.act(&confirm, &json!({})).await;
    let retract = format!("{}/{}/retraction", path(1), made.id());
    other.post(&retract, &reason).await.expect(403);
    assert_eq!(log::wrong(&api), None);
}

async fn pages_hold_own_and_shared_rows_in_order(api: Api) {
    let towns = Towns::new(&api).await;
    for day in ["2021-01-01", "2023-01-01", "2025-01-01"] {
        let own = json!({"title": {"ko": day}, "effective_until": {"edtf": "2030"}});
        let own = signed_mou(&[&towns.paju, &towns.suwon], day, own);
        api.create("/agreements", &own).await;
    }
    for day in ["2020-01-01", "2022-01-01", "2024-01-01"] {
        let shared = json!({"co_owner_ids": [towns.paju], "title": {"ko": day}});
        let shared = signed_mou(&[&towns.goyang, &towns.paju], day, shared);
        api.create("/agreements", &shared).await;
    }
    for (list, count) in [
        ("/agreements?sort=signed_on", 6),
        ("/agreements?sort=-title", 6),
        ("/agreements?sort=id&status=signed", 6),
        ("/timeline?types=signing", 6),
        ("/timeline?sort=-when", 9),
    ] {
        let whole = format!("{list}&municipality_id={}&with_total=true", towns.paju);
        let all = api.read(&whole).await;
        assert_eq!(all.body["total"], count, "{list}");
        let (mut paged, mut next) = (Vec::new(), String::new());
        loop {
            let page = api.read(&format!("{whole}&limit=2{next}")).await;
            paged.extend(page.items().clone());
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                break;
            };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(&paged, all.items(), "{list}");
    }
    let sorted = format!("/agreements?municipality_id={}", towns.paju);
    let days = strings(&api.read(&sorted).await.body["items"], "/title/ko");
    let newest_first = days.iter().rev().is_sorted();
    assert!(newest_first && days.len() == 6, "{days:?}");
}

async fn only_a_party_shares(api: Api) {
    let towns = Towns::new(&api).await;
    let company = api.organization("회사").await;
    let nobody = "0178d7fa-2c00-7000-8000-00000000ffff";
    let ids = json!([
        towns.suwon,
        company,
        nobody,
        towns.goyang,
        towns.paju,
        towns.paju
    ]);
    let refused = towns.shared(json!({"co_owner_ids": ids}));
    let refused = api.post("/agreements", &refused).await.expect(422);
    let codes = strings(&refused.body["errors"], "/code");
    let places = refused.places();
    let all: Vec<String> = (places.iter().zip(&codes))
        .map(|(at, code)| format!("{at} {code}"))
        .collect();
    assert_eq!(
        all,
        [
            "/co_owner_ids/0 not_a_party",
            "/co_owner_ids/1 not_a_municipality",
            "/co_owner_ids/2 unknown_id",
            "/co_owner_ids/3 owner_already",
            "/co_owner_ids/5 owner_already"
        ]
    );
    let made = towns.signed(&api, json!({})).await;
    let party = made.body["parties"][1]["id"].as_str().unwrap();
    let party = format!(
        "/agreements/{}/parties/{party}?correction_reason=x",
        made.id()
    );
    let kept = api.delete(&party, "*").await;
    kept.expect(409);
}

async fn a_successor_shares_what_its_predecessor_did(api: Api) {
    let towns = Towns::new(&api).await;
    let old = town(&api, "4613000000").await;
    demand(&api, &old, json!([{"review_interval_months": 12}])).await;
    let more = json!({"co_owner_ids": [old], "effective_until": {"edtf": "2028-02-28"}, "visibility": "internal"});
    let new = signed_mou(&[&towns.goyang, &old], "2025-03-01", more);
    let id = api.create("/agreements", &new).await.id().to_owned();
    let path = format!("/agreements/{id}");
    let new = town(&api, "1213000000").await;
    for town in [&old, &new] {
        for (path, count) in [("/agreements", 1), ("/timeline", 2), ("/duties", 1)] {
            let list = api.read(&format!("{path}?municipality_id={town}")).await;
            assert_eq!(list.items().len(), count, "{path} {town}");
        }
        let staff = api.staff("editor", town).await;
        let shown = staff.read(&path).await;
        assert_eq!(shown.body["co_owner_ids"], json!([new]));
        assert_eq!(shown.body["duties"][0]["municipality"]["id"], json!(new));
        let report = "council-report?from=2025-01-01&to=2025-12-31";
        let report = format!("/municipalities/{town}/{report}");
        let report = api.read(&report).await;
        assert_eq!(report.body["signed"].as_array().unwrap().len(), 1);
    }
    // On an earlier day it is the predecessor's.
    let before = api.read(&format!("{path}?as_of=2026-06-30")).await;
    assert_eq!(before.body["co_owner_ids"], json!([old]));
    for (town, count) in [(&old, 2), (&new, 0)] {
        let list = format!("/timeline?municipality_id={town}&as_of=2026-06-30");
        assert_eq!(api.read(&list).await.items().len(), count);
    }
    let staff = api.staff("editor", &new).await;
    let review = json!({"on": {"edtf": "2026-11-02"}, "rating": "good", "municipality_id": new});
    let done = staff.create(&format!("{path}/reviews"), &review).await;
    assert_eq!(done.body["reviews"][0]["municipality_id"], json!(new));
    let open = api.read("/duties?status=done,done_late").await;
    assert_eq!(open.items().len(), 1);
    // Content that names the party before its succession stays valid.
    let note = json!({"note": {"ko": "비고"}});
    api.update(&format!("{path}?correction_reason=x"), "*", &note)
        .await;
    assert_eq!(log::wrong(&api), None);
}
