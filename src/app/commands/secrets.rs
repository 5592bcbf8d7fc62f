//! `mou-registry secrets`: the key that encrypts the secrets of webhooks.

use anyhow::Context;

use crate::access::sealing::Sealing;
use crate::app::config::SecretsCommand;
use crate::db::{DatabaseUrl, dialect};
use crate::webhooks::sealed::seal_all;

/// Runs a command and prints its result.
///
/// # Errors
/// Returns the cause.
pub fn run(url: &DatabaseUrl, command: &SecretsCommand) -> anyhow::Result<()> {
    let SecretsCommand::Rotate { key_file } = command;
    let sealing = Sealing::new(key_file.secret_key_file.as_deref(), url);
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    dialect::migrate(&mut conn).with_context(|| format!("cannot migrate {url}"))?;
    // Within the transaction, so that on SQLite two rotations take turns.
    let sealed = dialect::write(&mut conn, |conn| {
        sealing.rotate()?;
        seal_all(conn, &sealing)
    })?;
    println!(
        "A new key encrypts the secrets of webhooks: {}. The keys before it stay in the file, for older backups.",
        sealed.anew
    );
    if sealed.lost > 0 {
        println!(
            "The key of some secrets is lost; these webhooks need another secret (POST /webhooks/{{id}}/secret): {}.",
            sealed.lost
        );
    }
    Ok(())
}
