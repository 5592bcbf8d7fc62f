//! Writes grouped in one transaction: a failed one is undone alone.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::join_all;
use mou_registry::db::AnyConnection;
use mou_registry::db::schema::organization_names as n;
use mou_registry::kernel::error::{ApiError, Code};
use serde_json::json;

use crate::support::{Api, Backend};

on_both!(new: failures_among_successes);
tests!(async: a_full_disk_changes_nothing_and_passes);

async fn failures_among_successes(api: Api) {
    let id = api.organization("가").await;
    let writes = (0..60).map(|i: usize| {
        let (db, id) = (api.state.db.clone(), id.clone());
        async move {
            let write = db.write(move |conn| {
                let name = (n::name_key.eq(format!("w{i}")), n::organization_id.eq(&id));
                diesel::insert_into(n::table).values(name).execute(conn)?;
                match i % 10 {
                    3 => Err(ApiError::new(Code::Conflict)),
                    7 => panic!("a write that panics"),
                    _ => Ok(i),
                }
            });
            (i, write.await)
        }
    });
    let mut written = Vec::new();
    for (i, outcome) in join_all(writes).await {
        match (i % 10, outcome) {
            (3, Err(error)) => assert_eq!(error.code, Code::Conflict),
            (7, Err(error)) => assert_eq!(error.code, Code::Internal),
            (_, Ok(n)) => written.push(format!("w{n}")),
            (_, Err(error)) => panic!("write {i}: {error}"),
        }
    }
    assert_eq!(written.len(), 48);
    written.sort();
    let found = api.state.db.read(|conn| {
        let names = n::table.filter(n::name_key.like("w%")).select(n::name_key);
        Ok(names.order(n::name_key).load::<String>(conn)?)
    });
    assert_eq!(found.await.unwrap(), written);
}

async fn a_full_disk_changes_nothing_and_passes() {
    let api = Api::new(Backend::Sqlite).await;
    let full = api.state.db.write(|conn| {
        if let AnyConnection::Sqlite(conn) = conn {
            conn.batch_execute("PRAGMA max_page_count = 1")?; // No more than the present pages.
        }
        Ok(())
    });
    full.await.unwrap();
    let body = |i: usize| {
        let name = format!("{i} {}", "긴 이름".repeat(1_000));
        json!({"kind": "company", "name": {"ko": name}})
    };
    let mut statuses = Vec::new();
    for i in 0..4 {
        let bodies: Vec<_> = (0..8).map(|n| body(8 * i + n)).collect();
        let answers = join_all(bodies.iter().map(|body| api.post("/organizations", body))).await;
        statuses.extend(answers.iter().map(|a| a.status.as_u16()));
    }
    assert!(statuses.contains(&503), "{statuses:?}");
    assert!(
        statuses.iter().all(|s| [201, 503].contains(s)),
        "{statuses:?}"
    );
    let created = statuses.iter().filter(|s| **s == 201).count();
    let roomy = api.state.db.write(|conn| {
        if let AnyConnection::Sqlite(conn) = conn {
            conn.batch_execute("PRAGMA max_page_count = 1000000")?;
        }
        Ok(())
    });
    roomy.await.unwrap();
    api.create("/organizations", &body(99)).await;
    let listed = api.get("/organizations?with_total=true&limit=1").await;
    assert_eq!(listed.body["total"], created + 1);
}
