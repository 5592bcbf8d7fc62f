//! Announcements, what they are matched with, and how they compare with the record.

mod comparison;
mod files;
mod records;
mod steps;

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{signed_mou, with};

/// An id that no record has.
const NOBODY: &str = "0178d7fa-2c00-7000-8000-00000000ffff";

fn told(city: &str, title: &str, more: Value) -> Value {
    with(
        json!({"municipality_id": city, "kind": "signing", "title": {"ko": title}}),
        more,
    )
}

/// A city with a university, and a signed agreement of both. Returns their ids and the agreement's.
async fn city(api: &Api) -> (String, String, String) {
    let city = api.municipality().await;
    let new = json!({"kind": "university", "name": {"ko": "가온대학교"}});
    let university = api.create("/organizations", &new).await.id().to_owned();
    let more = json!({"title": {"ko": "스마트도시 조성 업무협약"}, "lead_department": "스마트도시과",
        "cost": {"amount": 1_000_000_000, "currency": "KRW"}});
    let new = signed_mou(&[&city, &university], "2024-05-20", more);
    let agreement = api.create("/agreements", &new).await.id().to_owned();
    (city, university, agreement)
}

const PRESS: &str = "고양시, 가온대와 스마트도시 조성 손잡는다";

/// A project with a milestone of a kind. Returns the ids of both.
async fn project(api: &Api, city: &str, kind: &str) -> (String, String) {
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "새별 물류단지"}, "milestones": [{"kind": kind,
        "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2022-01-03"}}]}]});
    let made = api.create("/projects", &new).await;
    let milestone = made.body["milestones"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    (made.id().to_owned(), milestone)
}
