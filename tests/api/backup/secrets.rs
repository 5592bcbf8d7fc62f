//! Passwords in URLs, and the secrets of webhooks.

use std::process::Command;

use diesel::prelude::*;
use diesel::sql_types::Text;
use mou_registry::access::sealing::Sealing;
use mou_registry::db::dialect;
use serde_json::json;

use super::{done, program, scratch};
use crate::support::Api;
use crate::support::databases::run;
use crate::support::receiver::{Receiver, Reply, all_sent, dispatcher, sending, webhook};
use crate::support::server::Server;

on_both!(new: secrets_of_webhooks_are_encrypted);
tests!(sync: passwords_are_never_echoed);

fn passwords_are_never_echoed() {
    let urls = [
        "postgre://mou:geheim@127.0.0.1:1/mou",
        "postgres://mou:geheim@127.0.0.1:1/mou",
        "postgres://mou:geheim/x@127.0.0.1:1/mou",
        "postgres://mou:geheim%zz@127.0.0.1:1/mou",
        "postgres://mou@127.0.0.1:1/mou?password=geheim",
        "mou:geheim@127.0.0.1",
    ];
    for url in urls {
        for command in [
            &["migrate"][..],
            &["serve", "--listen", "127.0.0.1:0", "--log", "debug"],
            &["audit", "verify"],
            &["backup", "x.jsonl"],
            &["serve", "--help"],
            &["serve", url],
        ] {
            // Without a scheme it cannot be told from any other word.
            if command.contains(&url) && !url.contains("://") {
                continue;
            }
            let output = Command::new(env!("CARGO_BIN_EXE_mou-registry"))
                .args(command)
                .env("DATABASE_URL", url)
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(
                !said.is_empty() && !said.contains("geheim"),
                "{command:?}: {said}"
            );
        }
    }
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    secret: String,
    #[diesel(sql_type = Text)]
    earlier: String,
}

async fn secrets_of_webhooks_are_encrypted(mut api: Api) {
    let dir = scratch(&format!("secrets-{:?}", api.backend()));
    let own = dir.join("secret-key").display().to_string();
    api.state.sealing = Sealing::new(Some(own.as_ref()), &api.url);
    let api = sending(api).await;
    let receiver = Receiver::new(|_| Reply::Status(204));
    let made = webhook(&api, &receiver, json!({"record_types": ["organization"]})).await;
    let id = made.id().to_owned();
    let rotated = api.act(&format!("/webhooks/{id}/secret"), &json!({})).await;
    let secret = rotated.body["secret"].as_str().unwrap().to_owned();
    let mut conn = dialect::connect(&api.url).unwrap();
    let mut stored = || -> Stored {
        let all = "SELECT secret, earlier_secrets AS earlier FROM webhooks";
        diesel::sql_query(all).get_result(&mut conn).unwrap()
    };
    let before = stored();
    assert!(before.secret.starts_with("sealed:"), "{}", before.secret);
    assert!(before.earlier.contains("sealed:") && !before.earlier.contains("whsec_"));
    // Another key encrypts them, and a server that runs goes on.
    let said = done(&program(
        &dir,
        &api.url,
        &["secrets", "rotate", "--secret-key-file", &own],
    ));
    assert!(said.contains("webhooks: 1."), "{said}");
    assert_ne!(stored().secret, before.secret);
    let running = dispatcher(&api, 1.0);
    api.organization("가").await;
    all_sent(&api, &id).await;
    running.stop().await;
    assert!(receiver.got().iter().all(|got| got.verify(&secret)));
    // A secret of an older version is encrypted when a server starts.
    let mut plain = dialect::connect(&api.url).unwrap();
    run(
        &mut plain,
        "UPDATE webhooks SET secret = 'whsec_b2xkIHNlY3JldA==', earlier_secrets = '[]'",
    );
    drop(plain);
    let flags = ["--secret-key-file", own.as_str()];
    drop(Server::start_with(&api.url, &flags));
    assert!(stored().secret.starts_with("sealed:"));
    std::fs::remove_dir_all(&dir).unwrap();
}
