//! The log of changes: complete, append-only and tamper-evident.

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use crate::support::log::{connect, meddle, program, wrong};
use crate::support::{Api, Backend};

on_both!(with_demo:
    the_log_of_the_demonstration_fits, nothing_in_the_log_is_changed_or_removed, meddling_is_found,
    a_checkpoint_finds_what_the_log_cannot,
    personal_data_is_not_in_the_log);

async fn the_log_of_the_demonstration_fits(api: Api) {
    assert_eq!(wrong(&api), None);
    let output = program(&api, &["audit", "verify"]);
    assert!(output.status.success(), "{output:?}");
    // All changes over the API are in the log.
    let city = api.find("/municipalities?code=4128000000").await;
    let partners = [api.organization("가").await, api.organization("나").await];
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "기록"}, "parties": [{"organization_id": partners[0]}]});
    let agreement = api.create("/agreements", &new).await;
    let path = format!("/agreements/{}", agreement.id());
    let changed = api
        .update(&path, agreement.etag(), &json!({"venue": {"ko": "시청"}}))
        .await;
    api.create(
        &format!("{path}/parties"),
        &json!({"organization_id": partners[1]}),
    )
    .await;
    api.delete(&path, "*").await.expect(204);
    api.patch(&path, changed.etag(), &json!({}))
        .await
        .expect(404);
    api.act(
        &format!("/organizations/{}/merge", partners[0]),
        &json!({"into_id": partners[1]}),
    )
    .await;
    let associations = api.get("/associations").await;
    let association = associations.body["items"][0]["id"].as_str().unwrap();
    api.create(
        &format!("/associations/{association}/members"),
        &json!({"organization_id": partners[1]}),
    )
    .await;
    let third = api.organization("다").await;
    api.act(
        &format!("/organizations/{}/merge", partners[1]),
        &json!({"into_id": third}),
    )
    .await;
    assert_eq!(wrong(&api), None);
}

async fn nothing_in_the_log_is_changed_or_removed(api: Api) {
    for sql in [
        "UPDATE changes SET hash = ''",
        "DELETE FROM changes WHERE seq = 1",
        "INSERT OR REPLACE INTO changes SELECT * FROM changes WHERE seq = 1",
    ] {
        let mut conn = connect(&api);
        if sql.contains("REPLACE") && api.backend() == Backend::Postgres {
            continue;
        }
        let refused = diesel::sql_query(sql).execute(&mut conn).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    assert_eq!(wrong(&api), None);
}

async fn meddling_is_found(api: Api) {
    let ways = [
        (
            "UPDATE changes SET entry = replace(entry, '고양시', '과천시') WHERE seq = 2",
            "entry 2: its text",
        ),
        (
            "UPDATE agreements SET doc = replace(doc, '고양인재교육원', '시청')",
            "agreement ",
        ),
        (
            "DELETE FROM changes WHERE seq = 5",
            "entry 5: it is missing",
        ),
        (
            "UPDATE changes SET seq = seq + 100000 WHERE seq IN (7, 8); UPDATE changes SET seq = 100015 - seq WHERE seq > 100000",
            "entry 7: it does not follow",
        ),
        (
            "DELETE FROM changes WHERE seq > 20",
            "the log ends after entry 20",
        ),
        (
            "UPDATE changes SET recorded_at = '2021-01-01 00:00:00' WHERE seq = 3",
            "entry 3: the columns",
        ),
        (
            "UPDATE changes SET visibility = 'internal' WHERE seq = 3",
            "entry 3: the columns",
        ),
        (
            "DELETE FROM meetings; DELETE FROM working_groups",
            "working_group ",
        ),
        (
            "UPDATE tokens SET role = 'admin' WHERE role <> 'admin'; UPDATE tokens SET revoked_at = '2021-01-01 00:00:00'",
            "token ",
        ),
        ("UPDATE milestones SET version = version + 1", "milestone "),
        (
            // A duplicate member, of which parsers take the last.
            r#"UPDATE agreements SET doc = '{"municipality_id":"x",' || substr(doc, 2)"#,
            "agreement ",
        ),
        (
            "INSERT INTO organizations (id, version, kind, name, sort_name, gaps, doc, created_at, updated_at) \
          SELECT '0178d7fa-2c00-7000-8000-00000000fffe', version, kind, name, sort_name, gaps, doc, created_at, updated_at FROM organizations \
          WHERE kind = 'association' LIMIT 1",
            "organization 0178d7fa-2c00-7000-8000-00000000fffe: it is recorded, and",
        ),
        ("UPDATE changes_head SET hash = ''", "its text is not"),
    ];
    for (sql, found) in ways {
        let api = Api::with_demo(api.backend()).await;
        assert_eq!(wrong(&api), None);
        meddle(&api, sql);
        let says = wrong(&api).unwrap_or_else(|| panic!("not found: {sql}"));
        assert!(says.contains(found), "{sql}: {says}");
    }
    // The program fails with one line.
    meddle(&api, "DELETE FROM changes WHERE seq = 5");
    let output = program(&api, &["audit", "verify"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && said.ends_with("mou-registry: entry 5: it is missing\n"),
        "{said}"
    );
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    entry: String,
}

/// Tables of records whose sources the forgery rewrites.
const SOURCED: [&str; 7] = [
    "announcements",
    "organizations",
    "association_members",
    "projects",
    "milestones",
    "agreements",
    "working_groups",
];

/// The original address of a source, and the forged one.
const ADDRESS: [&str; 2] = ["article/202104199856Y", "article/202104199856X"];

/// Rewrites the records and the whole hash chain consistently.
fn forge(api: &Api) {
    let mut conn = connect(api);
    let rows: Vec<Stored> = diesel::sql_query("SELECT entry FROM changes ORDER BY seq")
        .load(&mut conn)
        .unwrap();
    let mut previous = String::new();
    for (seq, row) in (1..).zip(rows) {
        let entry = row.entry.replace(ADDRESS[0], ADDRESS[1]);
        let hash = mou_registry::ledger::hash(&previous, &entry);
        let entry = entry.replace('\'', "''");
        meddle(
            api,
            &format!(
                "UPDATE changes SET entry = '{entry}', previous_hash = '{previous}', hash = '{hash}' WHERE seq = {seq}"
            ),
        );
        previous = hash;
    }
    let [from, to] = ADDRESS;
    let rewritten =
        SOURCED.map(|table| format!("UPDATE {table} SET doc = replace(doc, '{from}', '{to}')"));
    let rewritten = rewritten.join("; ");
    let rewritten =
        format!("{rewritten}; UPDATE announcements SET url = replace(url, '{from}', '{to}')");
    meddle(
        api,
        &format!("UPDATE changes_head SET hash = '{previous}'; {rewritten}"),
    );
}

async fn a_checkpoint_finds_what_the_log_cannot(api: Api) {
    let directory = std::env::temp_dir().join(format!(
        "mou-checkpoint-{}-{:?}",
        std::process::id(),
        api.backend()
    ));
    std::fs::create_dir_all(&directory).unwrap();
    let file = |name: &str| directory.join(name).display().to_string();
    let (out, key) = (file("checkpoint.json"), file("key"));
    let made = program(&api, &["audit", "checkpoint", "--out", &out, "--key", &key]);
    assert!(made.status.success(), "{made:?}");
    let checkpoint: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let public = checkpoint["public_key"].as_str().unwrap().to_owned();
    let verify = |arguments: &[&str]| {
        let output = program(
            &api,
            &[&["audit", "verify", "--checkpoint"], arguments].concat(),
        );
        (
            output.status.success(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    // The log may grow after a checkpoint.
    api.organization("나중").await;
    assert!(verify(&[&out, "--public-key", &public]).0);
    assert!(
        verify(&[&out, "--public-key", &"0".repeat(64)])
            .1
            .contains("another key")
    );
    let forged = file("forged.json");
    let mut other = checkpoint.clone();
    other["size"] = json!(1);
    std::fs::write(&forged, other.to_string()).unwrap();
    assert!(verify(&[&forged]).1.contains("signature"));
    // A chain that is rewritten as a whole is consistent, but contradicts the checkpoint.
    forge(&api);
    assert_eq!(wrong(&api), None);
    assert!(
        verify(&[&out])
            .1
            .contains("the log is not the one of the checkpoint")
    );
    // So does a log that was truncated together with its head.
    let api = Api::with_demo(api.backend()).await;
    let made = program(&api, &["audit", "checkpoint", "--out", &out, "--key", &key]);
    assert!(made.status.success());
    let last = api.organization("마지막").await;
    let made = program(&api, &["audit", "checkpoint", "--out", &out, "--key", &key]);
    assert!(made.status.success());
    let terms = match api.backend() {
        Backend::Sqlite => format!(
            "DELETE FROM search_terms WHERE rowid = (SELECT seq FROM search_entries WHERE record_id = '{last}'); "
        ),
        Backend::Postgres => String::new(),
    };
    meddle(
        &api,
        &format!(
            "{terms}DELETE FROM search_entries WHERE record_id = '{last}'; \
        DELETE FROM organization_names WHERE organization_id = '{last}'; DELETE FROM organizations WHERE id = '{last}'; \
        DELETE FROM changes WHERE record_id = '{last}'; \
        UPDATE changes_head SET seq = seq - 1, hash = (SELECT hash FROM changes ORDER BY seq DESC LIMIT 1)"
        ),
    );
    assert_eq!(wrong(&api), None);
    let cut = program(&api, &["audit", "verify", "--checkpoint", &out]);
    assert!(
        String::from_utf8(cut.stderr)
            .unwrap()
            .contains("the log ends after entry")
    );
    std::fs::remove_dir_all(directory).unwrap();
}

async fn personal_data_is_not_in_the_log(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let contact = json!({"name": "홍길동", "phone": "031-123-4567", "email": "hong@example.com"});
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "담당자"}, "contact": contact});
    let made = api.create("/agreements", &new).await;
    let path = format!("/agreements/{}", made.id());
    let changes = api.read("/changes?limit=500").await;
    for secret in ["홍길동", "031-123-4567", "hong@example.com"] {
        assert!(!changes.text.contains(secret));
    }
    assert!(changes.text.contains("digest"));
    assert_eq!(wrong(&api), None);
    // Tampering with personal data is found, although the log does not hold it.
    meddle(
        &api,
        "UPDATE agreements SET doc = replace(doc, '031-123-4567', '031-765-4321')",
    );
    assert!(wrong(&api).unwrap().contains("it is not what"));
    meddle(
        &api,
        "UPDATE agreements SET doc = replace(doc, '031-765-4321', '031-123-4567')",
    );
    // After erasure nothing of it is left, and the log still verifies.
    let erased = api
        .update(&path, made.etag(), &json!({"contact": null}))
        .await;
    assert_eq!(erased.body["contact"], Value::Null);
    assert_eq!(wrong(&api), None);
}
