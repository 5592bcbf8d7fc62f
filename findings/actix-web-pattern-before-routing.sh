#!/usr/bin/env bash
# crates.io actix-web 4.18.1: behind a guarded scope without a prefix, a request has no pattern before it is
# routed.
#
# `scope("")` with a guard mounts services that only some requests reach. Requests that the guard turns away
# reach what is mounted later, and there `match_pattern` names their pattern. A middleware that asks before
# it calls the service is told `None` for the same requests: the map of paths knows no guards, enters the
# first scope whose prefix fits, and an empty prefix always fits. Mounted before such a scope, the same
# service has its pattern at both times.
#
# Why it matters: a middleware that counts requests by their pattern counts all such services as one, while
# every answer is right. Exits with an error when the behaviour has changed. Needs cargo.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cargo init --quiet --vcs none --name probe
cat >>Cargo.toml <<'TOML'
actix-web = { version = "=4.18.1", default-features = false, features = ["macros"] }
TOML
cat >src/main.rs <<'RUST'
use std::sync::Mutex;

use actix_web::dev::Service;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, guard, web};

static BEFORE: Mutex<Option<String>> = Mutex::new(None);

#[actix_web::main]
async fn main() {
    let answer = || async { HttpResponse::Ok().finish() };
    let elsewhere = web::scope("").guard(guard::fn_guard(|_| false));
    let app = App::new()
        .wrap_fn(|req, service| {
            *BEFORE.lock().unwrap() = req.match_pattern();
            service.call(req)
        })
        .route("/first/{id}", web::get().to(answer))
        .service(elsewhere.route("/other", web::get().to(answer)))
        .route("/later/{id}", web::get().to(answer));
    let app = init_service(app).await;
    let mut changed = false;
    // Path, its pattern, and what a middleware was told before routing when this was written.
    for (path, pattern, seen) in [
        ("/first/1", "/first/{id}", Some("/first/{id}")),
        ("/later/1", "/later/{id}", None),
    ] {
        let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        let after = answer.request().match_pattern();
        let before = BEFORE.lock().unwrap().take();
        println!("{path}: {}, before routing {before:?}, after it {after:?}", answer.status());
        changed |= before.as_deref() != seen || after.as_deref() != Some(pattern);
    }
    std::process::exit(i32::from(changed));
}
RUST
cargo run --quiet
