//! A past that is copied from the present is the one that is rebuilt from the log.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use mou_registry::changes::copied::copied;
use mou_registry::changes::rebuild::rebuild;
use mou_registry::db::{AnyConnection, dialect};
use mou_registry::kernel::clock::NewIds;
use mou_registry::kernel::error::ApiError;
use mou_registry::ledger::{RequestContext, head};
use serde_json::{Value, json};

use crate::support::full::full;
use crate::support::log::connect;
use crate::support::records::{mou, signed_mou};
use crate::support::{Api, Backend, CITY, run};

tests!(async: a_copied_past_is_the_rebuilt_one);

/// Columns with values that the database assigns, or that tell when a file was stored.
const ASSIGNED: [(&str, &str); 2] = [("search_entries", "seq"), ("files", "stored_at")];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

fn texts(conn: &mut AnyConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Row> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

/// A value of a column: of JSON, without the order of its members.
fn read(value: Value) -> Value {
    let parsed = value.as_str().filter(|text| text.starts_with(['{', '[']));
    let parsed = parsed.and_then(|text| serde_json::from_str(text).ok());
    parsed.unwrap_or(value)
}

/// The rows of all tables of a past, and the terms by which its records are found.
fn rows(conn: &mut AnyConnection) -> BTreeSet<String> {
    let tables = "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_terms%' \
                  AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";
    let mut all = BTreeSet::new();
    for table in texts(conn, tables) {
        let columns = format!("SELECT name AS text FROM pragma_table_info('{table}')");
        let mut columns = texts(conn, &columns);
        columns.retain(|column| !ASSIGNED.contains(&(table.as_str(), column.as_str())));
        let select = format!(
            "SELECT json_array({}) AS text FROM {table}",
            columns.join(", ")
        );
        for row in texts(conn, &select) {
            let row: Vec<Value> = serde_json::from_str(&row).unwrap();
            let row: Vec<Value> = row.into_iter().map(read).collect();
            all.insert(format!("{table} {}", json!(row)));
        }
    }
    run(
        conn,
        "CREATE VIRTUAL TABLE temp.found USING fts5vocab('main', 'search_terms', 'instance')",
    );
    let terms = "SELECT e.record_id || ' ' || f.term || ' ' || f.offset AS text \
                 FROM temp.found AS f JOIN search_entries AS e ON e.seq = f.doc";
    all.extend(texts(conn, terms));
    all
}

/// Changes of every kind that leaves other records as they are.
async fn change(api: &Api) {
    let partner = api.organization("새 기관").await;
    api.partner(&partner).await;
    let stated = json!([{"target": {"edtf": "2028"}, "stated_on": {"edtf": "2026-01"}}]);
    let project = json!({"municipality_id": CITY, "kind": "facility", "title": {"ko": "새 사업"},
        "implementers": [{"organization_id": partner}], "milestones": [{"kind": "completion", "forecasts": stated}]});
    let project = api.create("/projects", &project).await;
    let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
    let project = project.id();
    let after = json!({"as_stated": "준공 후", "relative_to": {"anchor": "milestone", "milestone_id": milestone, "months": 6}});
    let more = json!({"title": {"ko": "따르는 협약"}, "project_ids": [project], "effective_until": after,
        "commitments": [{"text": {"ko": "할 일"}, "due": after}]});
    let following = signed_mou(&[CITY, &partner], "2026-02-03", more);
    let following = api.create("/agreements", &following).await;
    let signed = signed_mou(
        &[CITY, &partner],
        "2026-02",
        json!({"title": {"ko": "기준 협약"}}),
    );
    let signed = api.create("/agreements", &signed).await;
    let target = json!({"as_stated": "체결 2년 뒤",
        "relative_to": {"anchor": "signing", "agreement_id": signed.id(), "years": 2}});
    let stated = json!([{"target": target, "stated_on": {"edtf": "2026-02-10"}}]);
    let counted = json!({"kind": "groundbreaking", "forecasts": stated});
    let milestones = format!("/projects/{project}/milestones");
    let counted = api.create(&milestones, &counted).await;
    let moved = json!({"target": {"edtf": "2029"}, "stated_on": {"edtf": "2026-03"}});
    api.act(&format!("/milestones/{milestone}/forecasts"), &moved)
        .await;
    let correction = format!("/agreements/{}?correction_reason=x", signed.id());
    let dated = json!({"signed_on": {"edtf": "2026-02-20"}, "contact": {"name": "홍길동"}});
    api.update(&correction, "*", &dated).await;
    let commitment = following.body["commitments"][0]["id"].as_str().unwrap();
    let reports = format!(
        "/agreements/{}/commitments/{commitment}/reports",
        following.id()
    );
    let report = json!({"on": {"edtf": "2026-10-01"}, "status": "in_progress"});
    api.create(&reports, &report).await;
    let group = json!({"municipality_id": CITY, "name": {"ko": "새 협의체"}, "project_id": project,
        "members": [{"organization_id": partner}]});
    let group = api.create("/working-groups", &group).await;
    let meeting =
        json!({"title": {"ko": "협의"}, "held_on": {"edtf": "2026-10-01"}, "status": "held"});
    let group = format!("/working-groups/{}", group.id());
    api.create(&format!("{group}/meetings"), &meeting).await;
    patch(
        api,
        &group,
        json!({"name": {"ko": "고친 협의체"}, "project_id": null}),
    )
    .await;
    let renamed = json!({"title": {"ko": "고친 사업"}, "visibility": "internal"});
    patch(api, &format!("/projects/{project}"), renamed).await;
    let told = json!({"municipality_id": CITY, "kind": "signing", "title": {"ko": "새 보도"},
        "announced_on": {"edtf": "2026-02-04"}, "publisher": "고양시", "url": "https://city.example/2"});
    let confirmed = api.create("/announcements", &told).await;
    let confirmed = format!("/announcements/{}", confirmed.id());
    let about = json!({"agreement_id": following.id()});
    api.act(&format!("{confirmed}/confirm"), &about).await;
    patch(api, &confirmed, json!({"title": {"ko": "고친 보도"}})).await;
    let removed = api.create("/announcements", &told).await;
    api.delete(&format!("/announcements/{}", removed.id()), "*")
        .await;
    let draft = mou(&[CITY, &partner], json!({}));
    let draft = api.create("/agreements", &draft).await;
    api.delete(&format!("/agreements/{}", draft.id()), "*")
        .await;
    api.delete(&format!("/milestones/{}", counted.id()), "*")
        .await;
    for item in api.read("/agreements?limit=8").await.items() {
        let id = item["id"].as_str().unwrap();
        let path = format!("/agreements/{id}?correction_reason=x");
        patch(api, &path, json!({"note": {"ko": "확인함"}})).await;
    }
}

/// Changes a record if it can be changed so.
async fn patch(api: &Api, path: &str, body: Value) {
    let headers = [
        ("content-type", "application/merge-patch+json"),
        ("if-match", "*"),
    ];
    let body = body.to_string().into_bytes();
    api.send("PATCH", path, &headers, Some(body)).await;
}

async fn a_copied_past_is_the_rebuilt_one() {
    let api = full(Api::with_demo(Backend::Sqlite).await).await;
    let first = head(&mut connect(&api)).unwrap().0;
    change(&api).await;
    let last = head(&mut connect(&api)).unwrap().0;
    assert!(last > first + 15, "{first} to {last}");
    let program = RequestContext::new(&api.state.clock, NewIds::Random);
    let mut conn = connect(&api);
    for until in first..=last {
        let mut copied = dialect::read(&mut conn, |conn| copied(conn, &program, until)).unwrap();
        let copied = &mut copied
            .as_mut()
            .expect("nothing alters records of all kinds")
            .conn;
        let mut empty = dialect::temporary().unwrap();
        dialect::migrate(&mut empty).unwrap();
        let rebuilt = dialect::read(&mut conn, |conn| {
            rebuild(conn, empty, &program, until, &mut |_| Ok::<_, ApiError>(()))
        });
        let (copied, rebuilt) = (rows(copied), rows(&mut rebuilt.unwrap().conn));
        let more: Vec<&String> = copied.difference(&rebuilt).collect();
        let less: Vec<&String> = rebuilt.difference(&copied).collect();
        assert!(
            more.is_empty() && less.is_empty(),
            "{until}: {more:#?} {less:#?}"
        );
    }
    // What alters records of all kinds is not copied.
    let holiday = json!({"day": "2029-10-05", "name": {"ko": "임시공휴일"}, "source": "관보"});
    api.create("/reference/holidays", &holiday).await;
    let copied = dialect::read(&mut conn, |conn| copied(conn, &program, last)).unwrap();
    assert!(copied.is_none());
}
