//! Verification also checks the derived tables against the log.

use mou_registry::changes::verify::verify;
use mou_registry::db::AnyConnection;
use serde_json::json;

use crate::support::case::Case;
use crate::support::log::{meddle, program, unguarded, wrong};
use crate::support::records::{busan, demand, record};
use crate::support::{Api, Backend, run};

on_both!(with_demo: meddling_with_what_is_derived_is_found);
on_both!(new:
    what_was_merged_fits, what_is_written_on_other_days_fits, reports_fit,
    what_an_older_version_derived_is_written_anew);

/// The messages for a row that does not follow from the log, and for one that is missing.
const ADDED: &str = "it does not follow from the log";
const LOST: &str = "it follows from the log, and is not there";

/// A tampering statement, the row that is then wrong, and the column or message. `@it` is the MOU
/// of Goyang, `@city` is Goyang.
type Way = (&'static str, &'static str, &'static str);

/// Columns of lists, and visibility.
const SHOWN: [Way; 11] = [
    (
        "UPDATE agreements SET visibility = 'internal'",
        "agreements @it",
        "visibility",
    ),
    (
        "UPDATE agreements SET visibility = 'internal'",
        "agreements @it",
        "visibility",
    ),
    (
        "UPDATE agreements SET status = 'completed' WHERE id = '@it'",
        "agreements @it",
        "status",
    ),
    (
        "UPDATE agreements SET last_sign = '2026-11-01' WHERE id = '@it'",
        "agreements @it",
        "last_sign",
    ),
    (
        "UPDATE agreements SET report_changes = 1 WHERE id = '@it'",
        "agreements @it",
        "report_changes",
    ),
    (
        "UPDATE agreements SET summary = replace(summary, 'mou', 'moa') WHERE id = '@it'",
        "agreements @it",
        "summary",
    ),
    (
        "UPDATE projects SET status = 'completed'",
        "projects ",
        "status",
    ),
    (
        "UPDATE working_groups SET visibility = 'internal'",
        "working_groups ",
        "visibility",
    ),
    (
        "UPDATE milestones SET kind = 'other'",
        "milestones ",
        "kind",
    ),
    (
        "UPDATE meetings SET sort_held = '~'",
        "meetings ",
        "sort_held",
    ),
    (
        "UPDATE organizations SET policies = NULL",
        "organizations ",
        "policies",
    ),
];

/// Participation, and where it is recorded.
const PARTS: [Way; 9] = [
    (
        "DELETE FROM agreement_parties WHERE agreement_id = '@it' AND organization_id <> '@city'",
        "agreement_parties @it",
        LOST,
    ),
    (
        "INSERT INTO agreement_parties SELECT '@it', max(organization_id), max(organization_id), '2024-01-01', '9999-12-31' FROM working_group_members",
        "agreement_parties @it",
        ADDED,
    ),
    (
        "INSERT INTO agreement_owners SELECT '@it', '@city'",
        "agreement_owners @it",
        ADDED,
    ),
    (
        "DELETE FROM agreement_projects",
        "agreement_projects ",
        LOST,
    ),
    (
        "DELETE FROM project_implementers",
        "project_implementers ",
        LOST,
    ),
    (
        "DELETE FROM working_group_members",
        "working_group_members ",
        LOST,
    ),
    (
        "DELETE FROM meeting_organizations",
        "meeting_organizations ",
        LOST,
    ),
    (
        "DELETE FROM organization_names WHERE name_key LIKE '한국%'",
        "organization_names 한국",
        LOST,
    ),
    (
        "INSERT INTO organization_identifiers VALUES ('other', '~', '@city')",
        "organization_identifiers other ~",
        ADDED,
    ),
];

/// Dates, facts for figures, and duties.
const DATED: [Way; 7] = [
    (
        "UPDATE agreement_figures SET facts = NULL WHERE agreement_id = '@it'",
        "agreement_figures @it",
        "facts",
    ),
    (
        "UPDATE timeline_entries SET visibility = 'internal' WHERE type = 'signing'",
        "timeline_entries signing:",
        "visibility",
    ),
    (
        "UPDATE timeline_entries SET known_until = '2021-04-20' WHERE entry_id = 'signing:@it'",
        "timeline_entries signing:@it",
        "known_until",
    ),
    (
        "DELETE FROM timeline_entries WHERE entry_id = 'signing:@it'",
        "timeline_entries signing:@it",
        LOST,
    ),
    (
        "INSERT INTO timeline_entries (entry_id, known_from, known_until, owner_id, record_id, type, kind, municipality_id, \
        sort_when, begins, phase, visibility, doc) \
      SELECT entry_id, '2026-01-01', known_until, owner_id, record_id, type, kind, municipality_id, \
        sort_when, begins, phase, visibility, doc FROM timeline_entries WHERE entry_id = 'signing:@it'",
        "timeline_entries signing:@it",
        ADDED,
    ),
    (
        "UPDATE duties SET due_latest = '2030-01-01' WHERE agreement_id = '@it'",
        "duties ",
        "due_latest",
    ),
    ("DELETE FROM duties", "duties ", LOST),
];

/// Search terms.
const FOUND: [Way; 3] = [
    (
        "UPDATE search_entries SET names = '다른 이름' WHERE record_id = '@it'",
        "search_entries agreement @it",
        "names",
    ),
    (
        "UPDATE search_entries SET context_id = '@city' WHERE record_id = '@it'",
        "search_entries agreement @it",
        "context_id",
    ),
    (
        "DELETE FROM search_entries WHERE record_type = 'project'",
        "search_entries project ",
        LOST,
    ),
];

/// The search indexes themselves.
const INDEXED_ON_SQLITE: [Way; 3] = [
    (
        "DELETE FROM search_terms WHERE rowid = (SELECT seq FROM search_entries WHERE record_id = '@it')",
        "search_entries agreement @it",
        "terms",
    ),
    (
        "UPDATE search_terms SET terms = 'aaaaa' WHERE rowid = (SELECT seq FROM search_entries WHERE record_id = '@it')",
        "search_entries agreement @it",
        "terms",
    ),
    (
        "INSERT INTO search_terms (rowid, terms) VALUES (99999, 'aaaaa')",
        "search_terms 99999",
        ADDED,
    ),
];
const INDEXED_ON_POSTGRES: [Way; 1] = [(
    "UPDATE search_entries SET terms = to_tsvector('simple', 'aaaaa') WHERE record_id = '@it'",
    "search_entries agreement @it",
    "terms",
)];

/// Lookup keys.
const KEYS: [Way; 3] = [
    ("UPDATE tokens SET handle = id", "tokens ", "handle"),
    ("UPDATE addresses SET handle = id", "addresses ", "handle"),
    (
        "UPDATE webhooks SET enabled = NOT enabled",
        "webhooks ",
        "enabled",
    ),
];

/// The finding after a statement, which is rolled back.
fn meddled(conn: &mut AnyConnection, sql: &str) -> Option<String> {
    run(conn, "BEGIN");
    run(conn, sql);
    let verified = verify(conn, chrono_tz::Asia::Seoul, None);
    run(conn, "ROLLBACK");
    verified.err().map(|broken| broken.to_string())
}

async fn meddling_with_what_is_derived_is_found(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    demand(&api, &city, json!([busan()])).await;
    let group = api.find("/working-groups").await;
    let meeting =
        json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2021-05-03"}, "status": "held"});
    let path = format!("/working-groups/{group}/meetings");
    api.create(&path, &meeting).await;
    let hook = json!({"name": "w", "url": "https://hooks.example.com/"});
    api.create("/webhooks", &hook).await;
    api.create("/calendars", &json!({"name": "c"})).await;
    let mut conn = unguarded(&api);
    let it = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let named = |text: &str| text.replace("@it", &it).replace("@city", &city);
    let indexed: &[Way] = match api.backend() {
        Backend::Sqlite => &INDEXED_ON_SQLITE,
        Backend::Postgres => &INDEXED_ON_POSTGRES,
    };
    let ways = [&SHOWN[..], &PARTS, &DATED, &FOUND, indexed, &KEYS].concat();
    assert_eq!(wrong(&api), None);
    for (sql, row, what) in &ways {
        let says = meddled(&mut conn, &named(sql)).unwrap_or_else(|| panic!("not found: {sql}"));
        let column = format!(": {what} is not what follows from the log");
        let said =
            says.starts_with(&named(row)) && (says.ends_with(what) || says.ends_with(&column));
        assert!(said, "{sql}: {says}");
    }
    assert_eq!(meddled(&mut conn, "SELECT 1"), None);
    // All of it is repaired at once.
    for (sql, ..) in ways {
        run(&mut conn, &named(sql));
    }
    assert!(wrong(&api).is_some());
    assert!(derive(&api).contains("Written anew as it follows from the log: "));
    assert_eq!(wrong(&api), None);
    assert_eq!(
        derive(&api),
        "All that follows from the log was what it is to be.\n"
    );
    let found = api.read("/search?q=%EB%B0%94%EC%9D%B4%EC%98%A4").await; // 바이오
    assert!(found.text.contains(&it));
    // Nothing is derived from records that contradict the log.
    run(&mut conn, "UPDATE milestones SET version = version + 1");
    let refused = program(&api, &["audit", "derive"]);
    assert!(!refused.status.success());
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("milestone ")
    );
}

/// The output of `audit derive`.
fn derive(api: &Api) -> String {
    let output = program(api, &["audit", "derive"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn what_was_merged_fits(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let all = json!([{"organization_id": gone}, {"organization_id": city}]);
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "implementers": all});
    let project = api.create("/projects", &project).await;
    let parties = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"}, "parties": all});
    record(&api, &city, parties).await;
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": all});
    let group = api.create("/working-groups", &group).await;
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-20"}, "status": "held", "attendee_ids": [gone, keep]});
    let path = format!("/working-groups/{}/meetings", group.id());
    api.create(&path, &meeting).await;
    api.merge(&gone, &keep).await;
    assert_eq!(wrong(&api), None);
    // A change of a record that refers to the duplicate still resolves to the survivor.
    let path = format!("/projects/{}", project.id());
    let change = json!({"title": {"ko": "다른 사업"}});
    api.update(&path, "*", &change).await;
    assert_eq!(wrong(&api), None);
    let later = api.at("2026-11-24T03:00:00Z").await;
    for then in ["", "&recorded_as_of=2026-11-23T04:00:00Z"] {
        let path = format!("/projects?organization_id={keep}&with_total=true{then}");
        assert_eq!(later.read(&path).await.body["total"], 1);
    }
}

async fn what_is_written_on_other_days_fits(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([busan()])).await;
    // Steps without a date, and a signing on an unknown day of a month.
    let steps = json!({"status": "signed", "signed_on": {"edtf": "2026-11-01/2026-11-23"}, "transitions": [{"to": "approved"}]});
    let made = record(&api, &city, steps).await;
    assert_eq!(wrong(&api), None);
    for (day, interval) in [("2026-11-24", 6), ("2026-11-25", 6), ("2027-02-01", 12)] {
        let later = api.at(&format!("{day}T03:00:00Z")).await;
        let change = json!({"venue": {"ko": day}});
        let path = format!("/agreements/{}?correction_reason=x", made.id());
        later.update(&path, "*", &change).await;
        assert_eq!(wrong(&api), None, "{day}");
        let policy = json!({"valid_from": "2022-01-01", "review_interval_months": interval});
        demand(&later, &city, json!([policy])).await;
        assert_eq!(wrong(&api), None, "{day}");
    }
    // Also for an agreement that is older than the policy.
    demand(&api, &city, json!([])).await;
    assert_eq!(wrong(&api), None);
    demand(&api, &city, json!([busan()])).await;
    assert_eq!(wrong(&api), None);
}

async fn reports_fit(api: Api) {
    let case = Case::new(api).await;
    case.report(0, "2026-01-01", "in_progress").await;
    case.report(1, "2026-02-01", "fulfilled").await;
    let path = format!("{}?limit=1", case.path(0));
    let report = case.api.get(&path).await.body["items"][0].clone();
    let report = report["id"].as_str().unwrap();
    let why = json!({"reason": {"ko": "오기"}});
    let path = format!("{}/{report}/retraction", case.path(0));
    case.api.act(&path, &why).await;
    assert_eq!(wrong(&case.api), None);
}

async fn what_an_older_version_derived_is_written_anew(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([{"self_approval": true}])).await;
    let more = json!({"status": "signed", "signed_on": {"edtf": "2026-11-01/2026-11-23"}, "reviews": [{"on": {"edtf": "2026-11-20"}, "rating": "stalled"}]});
    record(&api, &city, more).await;
    assert_eq!(wrong(&api), None);
    // The state that migrations leave for older records.
    meddle(
        &api,
        "UPDATE organizations SET policies = '[{\"self_approval\":true}]' WHERE policies IS NOT NULL; \
         UPDATE agreements SET last_sign = signed_latest",
    );
    assert!(wrong(&api).is_some());
    derive(&api);
    assert_eq!(wrong(&api), None);
}
