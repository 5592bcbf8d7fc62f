//! Test data for the benchmark, deterministic for a given scale.
//!
//! The first municipalities with their agreements, 100 each, go through the registry's own stores.
//! For a larger registry the database copies them as a whole, with other ids: every municipality
//! has the same number of agreements at any scale, and the number of municipalities grows.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use chrono::{Days, NaiveDate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use mou_registry::agreements;
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};
use mou_registry::directory::municipalities::MUNICIPALITIES as OFFICIAL;
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::kernel::ids::{OrganizationId, ProjectId};
use mou_registry::ledger::RequestContext;
use mou_registry::municipalities::store as municipalities;
use mou_registry::organizations::store as organizations;
use mou_registry::organizations::store::Doc;
use mou_registry::organizations::types::OrganizationKind;
use mou_registry::projections::search_index::terms_of;
use mou_registry::projects::store as projects;
use serde_json::{Value, json};

const AGREEMENTS_EACH: usize = 100;
const ORGANIZATIONS: usize = 2_000;
const TOPICS: [&str; 8] = [
    "바이오",
    "스마트시티",
    "청년 일자리",
    "문화관광",
    "탄소중립",
    "의료",
    "교통",
    "평생교육",
];
const STEPS: [&str; 4] = [
    "plan_approval",
    "groundbreaking",
    "land_supply",
    "completion",
];

/// Tables with ids in their texts, each after the tables that it refers to.
const TABLES: [&str; 13] = [
    "organizations",
    "organization_identifiers",
    "organization_names",
    "association_members",
    "projects",
    "project_implementers",
    "milestones",
    "agreements",
    "agreement_parties",
    "agreement_projects",
    "agreement_figures",
    "timeline_entries",
    "search_entries",
];

/// xorshift64*: a small seeded generator with the same output everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }
}

type Error = Box<dyn std::error::Error>;

/// Fills an empty database with `scale` times a hundred agreements of each of so many municipalities.
pub fn generate(url: &DatabaseUrl, municipalities: usize, scale: u32) -> Result<(), Error> {
    let mut conn = dialect::connect(url)?;
    dialect::migrate(&mut conn)?;
    if let AnyConnection::Sqlite(conn) = &mut conn {
        conn.batch_execute(
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY",
        )?;
    } else {
        run(
            &mut conn,
            "SET statement_timeout = 0; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'",
        )?;
    }
    dialect::write_alone(&mut conn, |conn| base(conn, municipalities))?;
    if scale > 1 {
        multiply(&mut conn, scale)?;
    }
    match &mut conn {
        AnyConnection::Sqlite(conn) => {
            conn.batch_execute("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        AnyConnection::Postgres(conn) => conn.batch_execute("VACUUM ANALYZE")?,
    }
    Ok(())
}

fn run(conn: &mut AnyConnection, sql: &str) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.batch_execute(sql)?,
        AnyConnection::Postgres(conn) => conn.batch_execute(sql)?,
    }
    Ok(())
}

fn base(conn: &mut AnyConnection, count: usize) -> Result<(), Error> {
    let random = &mut Random(0x006d_6f75_2021_0416);
    let clock = Clock::fixed(chrono_tz::Asia::Seoul, "2026-11-23T03:00:00Z".parse()?);
    let cx = RequestContext::new(&clock, NewIds::Sequence(Arc::new(AtomicU64::new(1))));
    let mut cities = Vec::new();
    for official in OFFICIAL
        .iter()
        .filter(|m| m.is_active_on(cx.today))
        .take(count)
    {
        let new = serde_json::from_value(json!({"code": official.code}))?;
        cities.push(
            municipalities::create(conn, &cx, &new)?
                .into_organization()
                .meta
                .id,
        );
    }
    let partners = partners(conn, &cx)?;
    for (c, city) in cities.iter().enumerate() {
        records_of(conn, &cx, random, (c, *city), &partners)?;
    }
    Ok(())
}

fn partners(conn: &mut AnyConnection, cx: &RequestContext) -> Result<Vec<OrganizationId>, Error> {
    let mut partners = Vec::new();
    for n in 0..ORGANIZATIONS {
        let content = serde_json::from_value(json!({"name": {"ko": format!("제{n}협력기관")}}))?;
        let doc = Doc::of(content);
        let kind = if n % 10 == 0 {
            OrganizationKind::Hospital
        } else {
            OrganizationKind::Company
        };
        partners.push(
            organizations::create(conn, cx, kind, &doc)?
                .into_organization()
                .meta
                .id,
        );
    }
    Ok(partners)
}

/// Records the projects and agreements of a city, the `c`th one.
fn records_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    random: &mut Random,
    (c, city): (usize, OrganizationId),
    partners: &[OrganizationId],
) -> Result<(), Error> {
    let mut own = Vec::new();
    for n in 0..2 {
        let milestones: Vec<Value> = STEPS
                .iter()
                .enumerate()
                .map(|(i, kind)| {
                    let said = |target: usize, on: &str| json!({"target": {"edtf": target.to_string()}, "stated_on": {"edtf": on}});
                    json!({"kind": kind, "forecasts": [said(2024 + i, "2021-04-16"), said(2026 + i, "2025-03-02")]})
                })
                .collect();
        let new = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": format!("{c}-{n} 도시개발사업")},
                "milestones": milestones, "implementers": [{"organization_id": partners[random.below(ORGANIZATIONS)]}]});
        own.push(
            projects::create(conn, cx, &serde_json::from_value(new)?)?
                .meta
                .id,
        );
    }
    for n in 0..AGREEMENTS_EACH {
        let partner = random.below(ORGANIZATIONS - 1);
        let new = agreement(
            random,
            n,
            city,
            [partners[partner], partners[partner + 1]],
            own[n % 2],
        )?;
        agreements::create(conn, cx, &serde_json::from_value(new)?)?;
    }
    Ok(())
}

/// Returns an agreement as a city would send it.
pub fn agreement_of(n: usize, city: &str, partner: &str) -> String {
    json!({
        "municipality_id": city, "kind": "mou", "title": {"ko": format!("{} 업무협약 {n}", TOPICS[n % TOPICS.len()])},
        "status": "signed", "signed_on": {"edtf": "2026-11-20"}, "effective_until": {"edtf": "2029-11-19"},
        "parties": [{"organization_id": city, "role": "lead"}, {"organization_id": partner, "role": "partner"}],
        "commitments": [{"text": {"ko": "행정적 지원과 기반시설 조성에 협력한다"}, "due": {"edtf": "2028"}}],
        "sources": [{"publisher": "보도자료", "title": "업무협약 체결", "published_on": {"edtf": "2026-11-20"}}],
    })
    .to_string()
}

fn agreement(
    random: &mut Random,
    n: usize,
    city: OrganizationId,
    partners: [OrganizationId; 2],
    project: ProjectId,
) -> Result<Value, Error> {
    let first = NaiveDate::from_ymd_opt(2012, 1, 1).ok_or("a day that exists")?;
    let signed = first + Days::new(random.below(5_400) as u64);
    let until = signed + Days::new(365 * (2 + random.below(4)) as u64);
    let mut body: Value = serde_json::from_str(&agreement_of(
        n,
        &city.to_string(),
        &partners[0].to_string(),
    ))?;
    body["signed_on"] = json!({"edtf": signed.to_string()});
    body["effective_until"] = if random.below(3) == 0 {
        Value::Null
    } else {
        json!({"edtf": until.to_string()})
    };
    body["commitments"][0]["due"] = json!({"edtf": until.format("%Y").to_string()});
    body["project_ids"] = json!([project]);
    if n.is_multiple_of(2) {
        let third = json!({"organization_id": partners[1], "role": "partner"});
        body["parties"].as_array_mut().ok_or("a list")?.push(third);
    }
    Ok(body)
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    doc: String,
}

/// Copies all rows `scale - 1` times. In documents and columns, ids of the base contain
/// `-7000-8000-` and those of copy k `-7000-8kkk-`.
fn multiply(conn: &mut AnyConnection, scale: u32) -> Result<(), Error> {
    let sqlite = matches!(conn, AnyConnection::Sqlite(_));
    let indexes: Vec<Index> = diesel::sql_query(if sqlite {
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    } else {
        "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = current_schema() \
         AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' AND tablename <> '__diesel_schema_migrations'"
    })
    .load(conn)?;
    // Building an index over all rows is much faster than updating it for each.
    for index in &indexes {
        run(conn, &format!("DROP INDEX {}", index.name))?;
    }
    if sqlite {
        run(conn, "PRAGMA foreign_keys = OFF")?;
        remember_terms(conn)?;
    } else {
        run(conn, "SET session_replication_role = replica")?;
    }
    let mut copies = Vec::new();
    for table in TABLES {
        copies.push((table, columns(conn, table, sqlite)?));
    }
    for k in 1..scale {
        for (table, columns) in &copies {
            copy(conn, k, table, columns)?;
        }
        if sqlite {
            let offset = u64::from(k) * 1_000_000;
            run(
                conn,
                &format!(
                    "INSERT INTO search_terms (rowid, terms) SELECT seq + {offset}, terms FROM temp.base_terms"
                ),
            )?;
        }
        eprint!("\r{} of {scale} copies", k + 1);
    }
    eprintln!();
    for index in &indexes {
        run(conn, &index.sql)?;
    }
    Ok(())
}

/// Makes copy `k` of the base's rows of a table.
fn copy(
    conn: &mut AnyConnection,
    k: u32,
    table: &str,
    columns: &[(String, String)],
) -> Result<(), Error> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|(_, value)| {
            value
                .replace(":k:", &format!("{k:03x}"))
                .replace(":d:", &k.to_string())
        })
        .collect();
    let (names, values) = (names.join(", "), values.join(", "));
    let base = if names.starts_with("seq") {
        "record_id LIKE '%-7000-8000-%'".to_owned()
    } else {
        format!(
            "{} LIKE '%-7000-8000-%'",
            names
                .split(", ")
                .find(|n| n.ends_with("id"))
                .ok_or("an id")?
        )
    };
    run(
        conn,
        &format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {base}"),
    )
}

/// Returns the columns of a table with the expression for a copy's value of each.
fn columns(
    conn: &mut AnyConnection,
    table: &str,
    sqlite: bool,
) -> Result<Vec<(String, String)>, Error> {
    let found: Vec<Column> = diesel::sql_query(if sqlite {
        format!("SELECT name, lower(type) AS kind FROM pragma_table_info('{table}')")
    } else {
        format!("SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position")
    })
    .load(conn)?;
    let copies =
        found
            .into_iter()
            .filter(|c| sqlite || c.name != "seq")
            .map(|Column { name, kind }| {
                let value = match name.as_str() {
                    // Copies are not official municipalities; their codes only need to differ.
                    "code" => "substr(code, 1, 5) || '00:k:'".to_owned(),
                    "seq" => "seq + :d:000000".to_owned(),
                    _ if kind == "text" => format!("replace({name}, '-7000-8000-', '-7000-8:k:-')"),
                    _ => name.clone(),
                };
                (name, value)
            });
    Ok(copies.collect())
}

/// Computes the terms again, since SQLite's full-text index does not return them.
fn remember_terms(conn: &mut AnyConnection) -> Result<(), Error> {
    run(
        conn,
        "CREATE TEMP TABLE base_terms (seq INTEGER PRIMARY KEY, terms TEXT NOT NULL)",
    )?;
    for table in ["organizations", "projects", "agreements"] {
        let title = if table == "organizations" {
            "name"
        } else {
            "title"
        };
        let entries: Vec<Entry> = diesel::sql_query(format!(
            "SELECT seq, {title} AS title, doc FROM search_entries JOIN {table} ON id = record_id"
        ))
        .load(conn)?;
        conn.transaction(|conn| {
            for entry in entries {
                let terms = terms_of(
                    &[&serde_json::from_str(&entry.title)?],
                    &serde_json::from_str(&entry.doc)?,
                );
                diesel::sql_query("INSERT INTO base_terms (seq, terms) VALUES (?, ?)")
                    .bind::<BigInt, _>(entry.seq)
                    .bind::<Text, _>(terms)
                    .execute(conn)?;
            }
            Ok::<(), Error>(())
        })?;
    }
    Ok(())
}
