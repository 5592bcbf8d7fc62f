//! What is derived from the records is held against the log, too.

use mou_registry::audit::verify::verify;
use mou_registry::db::AnyConnection;
use serde_json::json;

use crate::agreements::agreement;
use crate::audit::{meddle, program, unguarded, wrong};
use crate::duties::{busan, demand, record};
use crate::harness::{Api, Backend, run};
use crate::reports::Case;

on_both!(with_demo: meddling_with_what_is_derived_is_found);
mod new {
    on_both!(new: what_was_merged_fits, what_is_written_on_other_days_fits, reports_fit,
        what_an_older_version_derived_is_written_anew);
    use super::{
        reports_fit, what_an_older_version_derived_is_written_anew,
        what_is_written_on_other_days_fits, what_was_merged_fits,
    };
}

/// What is wrong once a piece of SQL was run, which is undone.
fn meddled(conn: &mut AnyConnection, sql: &str) -> Option<String> {
    run(conn, "BEGIN");
    run(conn, sql);
    let verified = verify(conn, chrono_tz::Asia::Seoul, None);
    run(conn, "ROLLBACK");
    verified.err().map(|broken| broken.to_string())
}

async fn meddling_with_what_is_derived_is_found(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    demand(&api, &city, json!([busan()])).await.expect(200);
    let group = api.find("/working-groups").await;
    let meeting =
        json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2021-05-03"}, "status": "held"});
    let path = format!("/working-groups/{group}/meetings");
    api.post(&path, &meeting).await.expect(201);
    let hook = json!({"name": "w", "url": "https://hooks.example.com/"});
    api.post("/webhooks", &hook).await.expect(201);
    let mut conn = unguarded(&api);
    let agreement = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let of = |table: &str, of: &str| format!("{table} {of}{agreement}");
    let its = |column: &str| format!("{column} is not what follows from the log");
    let (added, lost) = (
        "it does not follow from the log",
        "it follows from the log, and is not there",
    );
    let mut ways = vec![
        // What lists show, and to whom.
        (
            "UPDATE agreements SET visibility = 'internal'".into(),
            of("agreements", ""),
            its("visibility"),
        ),
        (
            "UPDATE agreements SET audience = 'internal'".into(),
            of("agreements", ""),
            its("audience"),
        ),
        (
            format!("UPDATE agreements SET status = 'completed' WHERE id = '{agreement}'"),
            of("agreements", ""),
            its("status"),
        ),
        (
            format!("UPDATE agreements SET last_sign = '2026-11-01' WHERE id = '{agreement}'"),
            of("agreements", ""),
            its("last_sign"),
        ),
        (
            format!("UPDATE agreements SET report_changes = 1 WHERE id = '{agreement}'"),
            of("agreements", ""),
            its("report_changes"),
        ),
        (
            format!(
                "UPDATE agreements SET summary = replace(summary, 'mou', 'moa') WHERE id = '{agreement}'"
            ),
            of("agreements", ""),
            its("summary"),
        ),
        (
            "UPDATE projects SET status = 'completed'".into(),
            "projects ".into(),
            its("status"),
        ),
        (
            "UPDATE working_groups SET audience = 'internal'".into(),
            "working_groups ".into(),
            its("audience"),
        ),
        (
            "UPDATE milestones SET kind = 'other'".into(),
            "milestones ".into(),
            its("kind"),
        ),
        (
            "UPDATE meetings SET sort_held = '~'".into(),
            "meetings ".into(),
            its("sort_held"),
        ),
        (
            "UPDATE organizations SET policies = NULL".into(),
            "organizations ".into(),
            its("policies"),
        ),
        // Who takes part.
        (
            format!(
                "DELETE FROM agreement_parties WHERE agreement_id = '{agreement}' AND organization_id <> '{city}'"
            ),
            of("agreement_parties", ""),
            lost.into(),
        ),
        (
            format!(
                "INSERT INTO agreement_parties SELECT '{agreement}', max(organization_id) FROM working_group_members"
            ),
            of("agreement_parties", ""),
            added.into(),
        ),
        (
            "DELETE FROM agreement_projects".into(),
            "agreement_projects ".into(),
            lost.into(),
        ),
        (
            "DELETE FROM project_implementers".into(),
            "project_implementers ".into(),
            lost.into(),
        ),
        (
            "DELETE FROM working_group_members".into(),
            "working_group_members ".into(),
            lost.into(),
        ),
        (
            "DELETE FROM meeting_organizations".into(),
            "meeting_organizations ".into(),
            lost.into(),
        ),
        (
            "DELETE FROM organization_names WHERE name_key LIKE '한국%'".into(),
            "organization_names 한국".into(),
            lost.into(),
        ),
        (
            format!("INSERT INTO organization_identifiers VALUES ('other', '~', '{city}')"),
            "organization_identifiers other ~".into(),
            added.into(),
        ),
        // The timeline and the duties.
        (
            "UPDATE timeline_entries SET audience = 'internal' WHERE type = 'signing'".into(),
            "timeline_entries signing:".into(),
            its("audience"),
        ),
        (
            format!(
                "UPDATE timeline_entries SET known_until = '2021-04-20' WHERE entry_id = 'signing:{agreement}'"
            ),
            of("timeline_entries", "signing:"),
            its("known_until"),
        ),
        (
            format!(
                "DELETE FROM timeline_entries WHERE owner_id = '{agreement}' AND type = 'signing'"
            ),
            of("timeline_entries", "signing:"),
            lost.into(),
        ),
        (
            format!(
                "INSERT INTO timeline_entries (entry_id, known_from, known_until, owner_id, record_id, type, kind, municipality_id, sort_when, begins, phase, audience, doc) \
            SELECT entry_id, '2026-01-01', known_until, owner_id, record_id, type, kind, municipality_id, sort_when, begins, phase, audience, doc \
            FROM timeline_entries WHERE entry_id = 'signing:{agreement}'"
            ),
            of("timeline_entries", "signing:"),
            added.into(),
        ),
        (
            format!(
                "UPDATE duties SET due_latest = '2030-01-01' WHERE agreement_id = '{agreement}'"
            ),
            "duties ".into(),
            its("due_latest"),
        ),
        ("DELETE FROM duties".into(), "duties ".into(), lost.into()),
        // The search, and its index.
        (
            format!(
                "UPDATE search_entries SET names = '다른 이름' WHERE record_id = '{agreement}'"
            ),
            of("search_entries", "agreement "),
            its("names"),
        ),
        (
            format!(
                "UPDATE search_entries SET context_id = '{city}' WHERE record_id = '{agreement}'"
            ),
            of("search_entries", "agreement "),
            its("context_id"),
        ),
        (
            "DELETE FROM search_entries WHERE record_type = 'project'".into(),
            "search_entries project ".into(),
            lost.into(),
        ),
        // What keys are looked up by.
        (
            "UPDATE tokens SET handle = 'x'".into(),
            "tokens ".into(),
            its("handle"),
        ),
        (
            match api.backend() {
                Backend::Sqlite => "UPDATE webhooks SET enabled = 0",
                Backend::Postgres => "UPDATE webhooks SET enabled = FALSE",
            }
            .into(),
            "webhooks ".into(),
            its("enabled"),
        ),
    ];
    let index = of("search_entries", "agreement ");
    let entry = format!("SELECT seq FROM search_entries WHERE record_id = '{agreement}'");
    match api.backend() {
        Backend::Sqlite => ways.extend([
            (format!("DELETE FROM search_terms WHERE rowid = ({entry})"), index.clone(), its("terms")),
            (format!("DELETE FROM search_terms WHERE rowid = ({entry}); INSERT INTO search_terms (rowid, terms) SELECT seq, 'aaaaa' FROM ({entry})"), index, its("terms")),
            ("INSERT INTO search_terms (rowid, terms) VALUES (99999, 'aaaaa')".into(), "search_terms 99999".into(),
 added.into()),
        ]),
        Backend::Postgres => ways.push((format!("UPDATE search_entries SET terms = to_tsvector('simple', 'aaaaa') WHERE record_id = '{agreement}'"), index, its("terms"))),
    }
    assert_eq!(wrong(&api), None);
    for (sql, which, what) in &ways {
        let says = meddled(&mut conn, sql).unwrap_or_else(|| panic!("not found: {sql}"));
        assert!(
            says.starts_with(which) && says.ends_with(what),
            "{sql}: {says}"
        );
    }
    assert_eq!(meddled(&mut conn, "SELECT 1"), None);
    // All of it at once is written anew; what stands beside the records of keys is not.
    let keys = ["UPDATE tokens", "UPDATE webhooks"];
    for (sql, ..) in &ways {
        if !keys.iter().any(|key| sql.starts_with(key)) {
            run(&mut conn, sql);
        }
    }
    assert!(wrong(&api).is_some());
    assert!(derived(&api).contains("Written anew as it follows from the log: "));
    assert_eq!(wrong(&api), None);
    assert_eq!(
        derived(&api),
        "All that follows from the log was what it is to be.\n"
    );
    let found = api
        .get("/search?q=%EB%B0%94%EC%9D%B4%EC%98%A4")
        .await
        .expect(200); // 바이오
    assert!(found.text.contains(&agreement));
    // Where the log and the records do not fit, nothing follows from them.
    run(&mut conn, "UPDATE milestones SET version = version + 1");
    let refused = program(&api, &["audit", "derive"]);
    assert!(!refused.status.success());
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("milestone ")
    );
}

/// What the command says that writes what is derived anew.
fn derived(api: &Api) -> String {
    let output = program(api, &["audit", "derive"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn what_was_merged_fits(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let all = json!([{"organization_id": gone}, {"organization_id": city}]);
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "implementers": all});
    let project = api.post("/projects", &project).await.expect(201);
    let parties = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"}, "parties": all});
    let signed = agreement(&api, &city, parties).await;
    api.post("/agreements", &signed).await.expect(201);
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": all});
    let group = api.post("/working-groups", &group).await.expect(201);
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-20"}, "status": "held", "attendee_ids": [gone, keep]});
    let path = format!("/working-groups/{}/meetings", group.id());
    api.post(&path, &meeting).await.expect(201);
    let merge = json!({"into_id": keep});
    api.post(&format!("/organizations/{gone}/merge"), &merge)
        .await
        .expect(200);
    assert_eq!(wrong(&api), None);
    // A change of what refers to the duplicate still means the survivor.
    let path = format!("/projects/{}", project.id());
    let change = json!({"title": {"ko": "다른 사업"}});
    api.patch(&path, "*", &change).await.expect(200);
    assert_eq!(wrong(&api), None);
    let later = api.at("2026-11-24T03:00:00Z").await;
    for then in ["", "&recorded_as_of=2026-11-23T04:00:00Z"] {
        let path = format!("/projects?organization_id={keep}&with_total=true{then}");
        assert_eq!(later.get(&path).await.expect(200).body["total"], 1);
    }
}

async fn what_is_written_on_other_days_fits(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([busan()])).await.expect(200);
    // What had happened by the day on which it is written, and by no day that is known.
    let steps = json!({"status": "signed", "signed_on": {"edtf": "2026-11"}, "transitions": [{"to": "approved"}]});
    let made = record(&api, &city, steps).await;
    assert_eq!(wrong(&api), None);
    for (day, interval) in [("2026-11-24", 6), ("2026-11-25", 6), ("2027-02-01", 12)] {
        let later = api.at(&format!("{day}T03:00:00Z")).await;
        let change = json!({"venue": {"ko": day}});
        let path = format!("/agreements/{}?correction_reason=x", made.id());
        later.patch(&path, "*", &change).await.expect(200);
        assert_eq!(wrong(&api), None, "{day}");
        let policy = json!({"valid_from": "2022-01-01", "review_interval_months": interval});
        demand(&later, &city, json!([policy])).await.expect(200);
        assert_eq!(wrong(&api), None, "{day}");
    }
    // Also where the agreement was there before there was a policy.
    demand(&api, &city, json!([])).await.expect(200);
    assert_eq!(wrong(&api), None);
    demand(&api, &city, json!([busan()])).await.expect(200);
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
    case.api.post(&path, &why).await.expect(200);
    assert_eq!(wrong(&case.api), None);
}

async fn what_an_older_version_derived_is_written_anew(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([{"self_approval": true}]))
        .await
        .expect(200);
    let more = json!({"status": "signed", "signed_on": {"edtf": "2026-11"}, "reviews": [{"on": {"edtf": "2026-11-20"}, "rating": "stalled"}]});
    record(&api, &city, more).await;
    assert_eq!(wrong(&api), None);
    // As the migrations leave behind what was recorded before them.
    meddle(
        &api,
        "UPDATE organizations SET policies = '[{\"self_approval\":true}]' WHERE policies IS NOT NULL; \
         UPDATE agreements SET last_sign = signed_latest",
    );
    assert!(wrong(&api).is_some());
    derived(&api);
    assert_eq!(wrong(&api), None);
}
