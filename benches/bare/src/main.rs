//! A server made by hand over the same answers as the registry's, without rights, checks, history or
//! log: what the framework and SQLite leave to be gained. `bare serve --listen ADDRESS --database-url
//! sqlite:FILE`, with a file that the load benchmark has filled.

use std::cell::RefCell;
use std::error::Error;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};

use actix_web::web::{self, Bytes, Data, Path, Query};
use actix_web::{App, HttpResponse, HttpServer, Responder, error, get, post};
use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;
use tokio::sync::oneshot;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

static FILE: OnceLock<String> = OnceLock::new();

thread_local! {
    /// The connection of a thread of the blocking pool.
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

fn open() -> rusqlite::Result<Connection> {
    let connection = Connection::open(FILE.get().map_or("", String::as_str))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
         PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -16000",
    )?;
    Ok(connection)
}

/// Runs a query on a connection of its own.
async fn read<T: Send + 'static>(
    query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> actix_web::Result<T> {
    web::block(move || {
        CONNECTION.with_borrow_mut(|connection| {
            let connection = match connection {
                Some(connection) => connection,
                None => connection.insert(open()?),
            };
            query(connection)
        })
    })
    .await?
    .map_err(error::ErrorInternalServerError)
}

fn json(body: impl Into<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body.into())
}

/// The limit: so many bytes, from memory.
#[get("/hello/{bytes}")]
async fn hello(bytes: Path<usize>) -> impl Responder {
    static BODY: OnceLock<Bytes> = OnceLock::new();
    let body = BODY.get_or_init(|| vec![b' '; 1_000_000].into());
    json(body.slice(..bytes.into_inner().min(body.len())))
}

#[get("/api/v1/agreements/{id}")]
async fn agreement(id: Path<String>) -> actix_web::Result<HttpResponse> {
    let body: Option<String> = read(move |c| {
        c.prepare_cached("SELECT body FROM agreements WHERE id = ?1")?
            .query_row([&*id], |row| row.get(0))
            .optional()
    })
    .await?;
    Ok(body.map_or_else(|| HttpResponse::NotFound().finish(), json))
}

/// Joins rows to a page: fifty of them, with the total and a cursor.
fn page(rows: &[String], total: i64) -> String {
    let mut body = String::with_capacity(rows.iter().map(|row| row.len() + 1).sum::<usize>() + 200);
    body.push_str("{\"items\":[");
    for (n, row) in rows.iter().take(50).enumerate() {
        if n > 0 {
            body.push(',');
        }
        body.push_str(row);
    }
    let next = if rows.len() > 50 { "\"c\"" } else { "null" };
    body.push_str(&format!("],\"next_cursor\":{next},\"total\":{total}}}"));
    body
}

#[derive(Deserialize)]
struct Listed {
    municipality_id: String,
    status: String,
}

#[get("/api/v1/agreements")]
async fn agreements(query: Query<Listed>) -> actix_web::Result<HttpResponse> {
    let Listed {
        municipality_id,
        status,
    } = query.into_inner();
    let body = read(move |c| {
        let asked = [&municipality_id, &status];
        let rows = c
            .prepare_cached(
                "SELECT row FROM agreements WHERE municipality_id = ?1 AND status = ?2
                 ORDER BY position LIMIT 51",
            )?
            .query_map(asked, |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        let total = c
            .prepare_cached(
                "SELECT count(*) FROM agreements WHERE municipality_id = ?1 AND status = ?2",
            )?
            .query_row(asked, |row| row.get(0))?;
        Ok(page(&rows, total))
    });
    Ok(json(body.await?))
}

#[derive(Deserialize)]
struct Span {
    municipality_id: String,
    from: String,
    to: String,
}

#[get("/api/v1/timeline")]
async fn timeline(query: Query<Span>) -> actix_web::Result<HttpResponse> {
    let asked = query.into_inner();
    let body = read(move |c| {
        let rows = c
            .prepare_cached(
                "SELECT row FROM timeline WHERE municipality_id = ?1 AND first <= ?3 AND last >= ?2
                 ORDER BY position LIMIT 51",
            )?
            .query_map([&asked.municipality_id, &asked.from, &asked.to], |row| {
                row.get(0)
            })?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        Ok(page(&rows, 0))
    });
    Ok(json(body.await?))
}

#[derive(Deserialize)]
struct NewAgreement {
    municipality_id: String,
    parties: Vec<Party>,
}

#[derive(Deserialize)]
struct Party {
    organization_id: String,
    role: String,
}

/// A write that waits for its commit.
struct Waiting {
    new: NewAgreement,
    body: String,
    done: oneshot::Sender<bool>,
}

/// Commits what has come together since the last commit, durably.
fn write_all(connection: &mut Connection, waiting: &Receiver<Waiting>) -> rusqlite::Result<()> {
    let mut number: i64 =
        connection.query_row("SELECT max(rowid) FROM agreements", [], |row| row.get(0))?;
    while let Ok(first) = waiting.recv() {
        let mut done = Vec::new();
        let transaction = connection.transaction()?;
        for Waiting {
            new,
            body,
            done: sender,
        } in
            std::iter::once(first).chain(std::iter::from_fn(|| waiting.try_recv().ok()).take(255))
        {
            number += 1;
            let id = format!("{number:036}");
            transaction
                .prepare_cached("INSERT INTO agreements VALUES (?1, ?2, 'signed', ?3, ?4, '')")?
                .execute((&id, &new.municipality_id, number, &body))?;
            for party in &new.parties {
                transaction
                    .prepare_cached("INSERT INTO parties VALUES (?1, ?2, ?3)")?
                    .execute((&id, &party.organization_id, &party.role))?;
            }
            done.push(sender);
        }
        transaction.commit()?;
        for sender in done {
            let _ = sender.send(true);
        }
    }
    Ok(())
}

#[post("/api/v1/agreements")]
async fn create(
    body: Bytes,
    writer: Data<Sender<Waiting>>,
    answer: Data<Arc<str>>,
) -> actix_web::Result<HttpResponse> {
    let new = serde_json::from_slice(&body)?;
    let (done, committed) = oneshot::channel();
    let body = String::from_utf8(body.to_vec()).map_err(error::ErrorBadRequest)?;
    writer
        .send(Waiting { new, body, done })
        .map_err(error::ErrorServiceUnavailable)?;
    committed.await.map_err(error::ErrorServiceUnavailable)?;
    Ok(HttpResponse::Created()
        .content_type("application/json")
        .body(answer.to_string()))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|at| arguments.get(at + 1))
            .cloned()
            .ok_or(format!("{name} is missing"))
    };
    let listen = value("--listen")?;
    let file = value("--database-url")?;
    FILE.set(file.trim_start_matches("sqlite:").to_owned())?;
    let mut connection = open()?;
    let answer: String = connection.query_row("SELECT body FROM created", [], |row| row.get(0))?;
    let (sender, waiting) = mpsc::channel();
    std::thread::spawn(move || write_all(&mut connection, &waiting));
    let answer: Arc<str> = answer.into();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(sender.clone()))
            .app_data(Data::new(answer.clone()))
            .service(hello)
            .service(agreement)
            .service(agreements)
            .service(timeline)
            .service(create)
    })
    .workers(2)
    .bind(listen)?;
    println!("bare serves on http://{} ", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
