//! Both trees of migrations give the same tables, up, down and up again.

use diesel::prelude::*;
use diesel::sql_types::Text;
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};
use serde_json::json;

use crate::harness::{Api, Backend, database, run};

on_both!(new: meetings_of_before_tell_who_took_part);

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

fn columns(conn: &mut AnyConnection) -> Vec<Column> {
    let sql = match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT m.name || '.' || c.name AS name, CASE WHEN c.\"notnull\" OR c.pk > 0 THEN 'no' ELSE 'yes' END AS nullable \
             FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'search_terms%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT table_name || '.' || column_name AS name, lower(is_nullable) AS nullable FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' AND NOT (table_name = 'search_entries' AND column_name = 'terms')"
        }
    };
    let mut columns: Vec<Column> = diesel::sql_query(sql).load(conn).unwrap();
    columns.sort();
    columns
}

fn up_down_up(backend: Backend) -> Vec<Column> {
    let mut conn = dialect::connect(&database(backend)).unwrap();
    let first = columns(&mut conn);
    dialect::revert(&mut conn).unwrap();
    assert_eq!(columns(&mut conn), []);
    dialect::migrate(&mut conn).unwrap();
    assert_eq!(columns(&mut conn), first);
    assert!(dialect::is_migrated(&mut conn).unwrap());
    first
}

#[test]
fn sqlite_goes_down_and_up() {
    assert!(up_down_up(Backend::Sqlite).len() > 80);
}

#[test]
#[cfg_attr(
    not(postgres_programs),
    ignore = "PostgreSQL's programs are not installed"
)]
fn both_trees_are_the_same() {
    assert_eq!(up_down_up(Backend::Sqlite), up_down_up(Backend::Postgres));
}

async fn meetings_of_before_tell_who_took_part(api: Api) {
    macro_rules! migration {
        ($tree:literal, $way:literal) => {
            include_str!(concat!(
                "../../migrations/",
                $tree,
                "/2026-11-24-000004_meeting_organizations/",
                $way,
                ".sql"
            ))
        };
    }
    let city = api.municipality().await;
    let (member, twin) = (api.organization("가").await, api.organization("가 ").await);
    let later = api.organization("나").await;
    for established in [json!(null), json!({"edtf": "2025-05"})] {
        let body = json!({"municipality_id": city, "name": {"ko": "협의체"}, "established": established, "members": [
            {"organization_id": twin, "left": {"edtf": "2026-06"}},
            {"organization_id": later, "joined": {"edtf": "2026-06-02"}}]});
        let group = api.post("/working-groups", &body).await.expect(201);
        let path = format!("/working-groups/{}/meetings", group.id());
        for (day, status, attendee) in [
            ("2026-06-01", "held", &later),
            ("2026-05", "held", &city),
            ("2027", "planned", &member),
            ("2027/..", "cancelled", &twin),
        ] {
            let body = json!({"title": {"ko": day}, "held_on": {"edtf": day}, "status": status, "attendee_ids": [attendee]});
            api.post(&path, &body).await.expect(201);
        }
    }
    let merge = json!({"into_id": member});
    api.post(&format!("/organizations/{twin}/merge"), &merge)
        .await
        .expect(200);
    let seen = async || {
        let mut seen = Vec::new();
        for id in [&city, &member, &later] {
            for day in ["2025-05-30", "2025-05-31", "2026-11-22", "2026-11-23"] {
                let line = format!("/timeline?types=meeting&organization_id={id}&as_of={day}");
                seen.push(api.get(&line).await.expect(200).body);
            }
        }
        seen
    };
    let now = seen().await;
    let (up, down) = match api.url {
        DatabaseUrl::Sqlite(_) => (migration!("sqlite", "up"), migration!("sqlite", "down")),
        DatabaseUrl::Postgres(_) => (migration!("postgres", "up"), migration!("postgres", "down")),
    };
    let mut conn = dialect::connect(&api.url).unwrap();
    run(&mut conn, down);
    run(
        &mut conn,
        "UPDATE timeline_entries SET known_from = '0001-01-01' WHERE type = 'meeting' AND phase <> 'met'",
    );
    run(&mut conn, up);
    assert_eq!(seen().await, now);
}
