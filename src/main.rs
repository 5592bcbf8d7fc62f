//! The commands of mou-registry.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the program talks to whoever started it"
)]

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;
use clap::error::ErrorKind;
use mou_registry::app::config::{Cli, Command};
use mou_registry::app::{commands, connect_modules, demo, server, spec};
use mou_registry::db;
use mou_registry::extract;
use mou_registry::kernel::redact::without_passwords;

/// Responses are allocated on one thread and freed on another, which the system's allocator handles
/// slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error)
            if error.use_stderr()
                && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand =>
        {
            let text = error.to_string();
            let text = text.lines().next().unwrap_or_default();
            complain(unquoted(text.trim_start_matches("error: ")).as_ref());
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    // Large, since it holds the settings of every command.
    match Box::pin(run(cli)).await {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output. Ignores errors, so the work continues if nobody reads it.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Leaves the value out of a complaint about a database URL: it can hold a password anywhere.
fn unquoted(error: &str) -> Cow<'_, str> {
    match error.split_once("for '--database-url") {
        Some((_, reason)) => format!("invalid value for '--database-url{reason}").into(),
        None => error.into(),
    }
}

/// Writes the reason the program stops to standard error, in one line.
fn complain(error: &str) {
    let words: Vec<&str> = error.split_whitespace().collect();
    eprintln!("mou-registry: {}", without_passwords(&words.join(" ")));
}

/// The hint printed while there is no admin.
const FIRST_TOKEN: &str = "Nobody may change anything yet. Make a token for an admin with:\n  \
    mou-registry token create --name NAME --role admin --municipality all\n";

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::ExtractText { kind } = &cli.command {
        say(&extract::child::serve(kind)?);
        return Ok(ExitCode::SUCCESS);
    }
    connect_modules();
    if let Command::Import { data, import } = &cli.command {
        return commands::import::run(&data.database_url, import);
    }
    if let Command::Load {
        source,
        files_from,
        files,
        data,
        days,
    } = &cli.command
    {
        let files = files_from.as_ref().map(|from| (from, files));
        return commands::load::run(source, &data.database_url, days, files).or_else(|error| {
            complain(&format!("{error:#}"));
            Ok(commands::load::exit_code(&error))
        });
    }
    carry_out(cli).await.map(|()| ExitCode::SUCCESS)
}

async fn carry_out(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        // These have exit codes of their own.
        Command::Import { .. } | Command::Load { .. } | Command::ExtractText { .. } => Ok(()),
        Command::Serve { data, settings } => {
            server::start_logging(&settings);
            let state = server::open(&data.database_url, &settings)?;
            let has_admin = server::has_admin(&state).await?;
            server::serve(state, &settings, |url| {
                let first = if has_admin { "" } else { FIRST_TOKEN };
                say(&format!(
                    "mou-registry serves on {url} (documentation: {url}/docs/)\n{first}"
                ));
            })
            .await
        }
        Command::Demo {
            database_url,
            settings,
        } => {
            server::start_logging(&settings);
            let state = server::open(&database_url, &settings)?;
            demo::load(&state).await?;
            let tokens = demo::make_tokens(&state).await?;
            server::serve(state, &settings, |url| say(&demo::greeting(url, &tokens))).await
        }
        Command::Migrate { data } => {
            let url = &data.database_url;
            let mut conn =
                db::dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
            db::dialect::migrate(&mut conn).with_context(|| format!("cannot migrate {url}"))?;
            println!("The tables are up to date.");
            Ok(())
        }
        Command::Token { data, command } => commands::token::run(&data.database_url, command),
        Command::Municipalities { data, command } => {
            commands::municipalities::run(&data.database_url, command)
        }
        Command::Secrets { data, command } => commands::secrets::run(&data.database_url, &command),
        Command::Backup {
            target,
            data,
            files,
            key,
        } => commands::backup::back_up(&data.database_url, &files, &target, &key),
        Command::Restore {
            source,
            data,
            files,
            without_missing_files,
            against,
            days,
        } => {
            let place = (&data.database_url, &files, without_missing_files);
            commands::backup::bring_back(&source, place, &against, &days)
        }
        Command::Files { data, command } => commands::files::run(&data.database_url, command).await,
        Command::Audit { data, command } => commands::audit::run(&data.database_url, command),
        Command::Openapi { check, file } => openapi(check, &file),
    }
}

fn openapi(check: bool, file: &Path) -> anyhow::Result<()> {
    let (text, name) = (spec().indented(), file.display().to_string());
    if !check {
        return std::fs::write(file, text).context(name);
    }
    if std::fs::read_to_string(file).context(name.clone())? != text {
        bail!("{name} differs from what the program offers; write it with `mou-registry openapi`");
    }
    println!("{name} is what the program offers.");
    Ok(())
}
