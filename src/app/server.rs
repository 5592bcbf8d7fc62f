//! Starts the server and lets it finish requests in progress when it is stopped.

use std::future::poll_fn;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;
use actix_web::rt::net::TcpStream;
use actix_web::rt::signal::ctrl_c;
use anyhow::{Context, ensure};
use listenfd::ListenFd;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
#[cfg(target_os = "linux")]
use sd_notify::NotifyState;
#[cfg(target_os = "linux")]
use socket2::SockRef;

use super::config::Settings;
use super::{api, build_app};
use crate::access::oidc::Oidc;
use crate::access::sealing::Sealing;
use crate::access::tokens;
use crate::announcements::feed::schedule::Feeds;
use crate::backup::schedule::Backups;
use crate::changes::Pasts;
use crate::db::{DatabaseUrl, Db};
use crate::edge::Edge;
use crate::edge::connections::ConnectionWatch;
use crate::extract::child::Extractor;
use crate::files::{Files, sweep};
use crate::http::{Answers, Fragments, State};
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::chain;
use crate::ledger::RequestContext;
use crate::ledger::feed::{Feed, Pace};
use crate::ledger::works::Works;
use crate::organizations::named::Recorded;
use crate::outbound::{Outbound, TIMEOUT};
use crate::records;
use crate::texts::reader::Reader;
use crate::webhooks::sealed;
use crate::webhooks::{Dispatcher, Intervals};

/// Upper bounds of the histogram buckets for durations, in seconds.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Sets up logging. Call it once.
pub fn start_logging(settings: &Settings) {
    let builder = tracing_subscriber::fmt()
        .with_ansi(has_colours())
        .with_env_filter(settings.log.clone())
        .with_writer(std::io::stderr);
    if settings.log_json {
        builder.json().init();
    } else {
        builder.init();
    }
}

/// Returns true if the log goes to a terminal and `NO_COLOR` (no-color.org) is unset or empty.
#[expect(
    clippy::disallowed_methods,
    reason = "a custom of terminals and no setting"
)]
fn has_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Starts recording metrics.
///
/// # Errors
/// Fails if the process already records metrics.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("seconds".into()), BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)?;
    // Samples accumulate until they are aggregated, and nobody may ever request /metrics.
    let counted = handle.clone();
    std::thread::Builder::new()
        .name("metrics".into())
        .spawn(move || {
            loop {
                #[expect(clippy::disallowed_methods, reason = "this thread does nothing else")]
                std::thread::sleep(std::time::Duration::from_secs(1));
                counted.run_upkeep();
            }
        })?;
    Ok(handle)
}

/// Opens the database and creates the state shared by handlers.
///
/// # Errors
/// Fails if a setting of the single sign-on is wrong, or the database cannot be opened or migrated.
pub fn open(url: &DatabaseUrl, settings: &Settings) -> anyhow::Result<State> {
    let oidc = Oidc::open(&settings.oidc)?.map(std::sync::Arc::new);
    let sealing = Sealing::new(settings.secret_key_file.secret_key_file.as_deref(), url);
    if oidc.as_ref().is_some_and(|oidc| oidc.client().is_some()) {
        let (public, sealed) = (settings.public_url.is_some(), sealing.has_file());
        ensure!(public, "--oidc-client-id needs --public-url as well");
        ensure!(sealed, "--oidc-client-id needs --secret-key-file as well");
    }
    let standbys = &settings.read_database_urls;
    let db = Db::open_with(url, standbys, &settings.pools)
        .with_context(|| format!("cannot open {url}"))?;
    Ok(State {
        feed: Feed::new(&db, Pace::default()),
        works: Works::default(),
        db,
        clock: Clock::system(settings.days.time_zone),
        metrics: Some(start_metrics()?),
        max_body: settings.max_body as usize,
        max_import: u64::from(settings.max_import),
        files: Files::new(settings.files.store(url)?, u64::from(settings.max_file)),
        extractor: Extractor::new(own_program()?),
        public_url: settings.public_url.clone(),
        anonymous_served: settings.anonymous,
        history: std::sync::Arc::new(Pasts::default()),
        organizations: std::sync::Arc::new(Recorded),
        answers: Answers::new(settings.answer_cache as usize * 500_000),
        fragments: Fragments::new(settings.answer_cache as usize * 500_000, &records::ALL),
        oidc,
        edge: Edge::new(&settings.edge),
        sealing,
        outbound: Outbound::new(&settings.outbound, TIMEOUT),
    })
}

/// Returns the path of the program, as children are started from it: on Linux also once it was replaced
/// by another version.
fn own_program() -> anyhow::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    match own.exists() {
        true => Ok(own),
        false => std::env::current_exe().context("the program does not know its own path"),
    }
}

/// Returns true if an admin of all municipalities exists: a holder of a token, or a possible user
/// of the single sign-on.
///
/// # Errors
/// Fails if the database cannot be queried.
pub async fn has_admin(state: &State) -> anyhow::Result<bool> {
    if state.oidc.as_ref().is_some_and(|oidc| oidc.has_admin()) {
        return Ok(true);
    }
    let now = RequestContext::new(&state.clock, NewIds::Random).now;
    let found = state.db.read(move |conn| tokens::has_admin(conn, now));
    Ok(found.await?)
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// Fails if the address cannot be bound.
pub async fn serve(
    state: State,
    settings: &Settings,
    greet: impl FnOnce(&str),
) -> anyhow::Result<()> {
    open_more_files();
    let (feed, db) = (state.feed.clone(), state.db.clone());
    let backups = Backups::start(&settings.backups, db.url(), state.files.set_store())?;
    let dispatching = state.clone();
    api::make_spec(state.public_url.clone())?;
    let public_url = state.public_url.clone();
    seal_secrets(&state).await?;
    let (server, address) = bind(state, settings)?;
    sweep_files(&dispatching);
    let dispatcher = Dispatcher::start(&dispatching, Intervals::default());
    let feeds = Feeds::start(&dispatching, &settings.feeds);
    let reader = Reader::start(&dispatching);
    tracing::info!(%address, max_body = settings.max_body, "listening");
    greet(&public_url.map_or(format!("http://{address}"), |url| url.join("")));
    // The server waits for requests in progress; streams, which never end, are stopped here.
    actix_web::rt::spawn(async move {
        // Runs once the server has been polled, and so handles signals.
        #[cfg(target_os = "linux")]
        report_ready();
        told_to_stop().await;
        feed.stop();
    });
    let served = server.await;
    dispatcher.stop().await;
    if let Some(feeds) = feeds {
        feeds.stop().await;
    }
    if let Some(reader) = reader {
        reader.stop().await;
    }
    if let Some(backups) = backups {
        backups.stop();
    }
    db.close();
    Ok(served?)
}

/// Tells the service manager that the program listens (`Type=notify` of systemd).
#[cfg(target_os = "linux")]
fn report_ready() {
    if let Err(error) = sd_notify::notify(&[NotifyState::Ready]) {
        tracing::warn!(%error, "the service manager was not told");
    }
}

/// Encrypts the secrets of webhooks that were stored before secrets were encrypted.
async fn seal_secrets(state: &State) -> anyhow::Result<()> {
    if !state.db.read(sealed::has_plain).await? {
        return Ok(());
    }
    let sealing = state.sealing.clone();
    let sealed = state.db.write(move |conn| sealed::seal_all(conn, &sealing));
    match sealed.await {
        Ok(sealed) => tracing::info!(
            webhooks = sealed.anew,
            "secrets of webhooks are encrypted now"
        ),
        Err(error) => tracing::warn!(
            error = chain(&error),
            "secrets of webhooks are not encrypted: see --secret-key-file"
        ),
    }
    Ok(())
}

/// Removes the content of erased files, and what was not received as a whole, in the background.
fn sweep_files(state: &State) {
    let (db, now) = (state.db.clone(), state.clock.now());
    let Some(store) = state.files.set_store().cloned() else {
        return;
    };
    actix_web::rt::spawn(async move {
        match sweep::sweep(&db, &store, now.to_utc(), false).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "files without need are removed"),
            Err(error) => tracing::warn!(error = chain(&error), "files without need stay"),
        }
    });
}

/// Raises the limit of open files as far as the system allows: a connection takes two of them.
fn open_more_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Returns the sockets on which the service manager listens for the program (`sd_listen_fds(3)`).
/// Clients that connect while the program starts or restarts wait there.
///
/// # Errors
/// Fails if one of them is no TCP socket.
fn passed_sockets() -> anyhow::Result<Vec<TcpListener>> {
    let mut passed = ListenFd::from_env();
    let sockets = (0..passed.len()).filter_map(|at| passed.take_tcp_listener(at).transpose());
    let sockets: Result<_, _> = sockets.collect();
    sockets.context("the service manager passed a socket that is not for TCP")
}

/// Listens on the address, or on the sockets that the service manager passed. The server responds as
/// soon as it is awaited.
///
/// # Errors
/// Fails if the address cannot be bound.
pub fn bind(state: State, settings: &Settings) -> anyhow::Result<(Server, SocketAddr)> {
    let patience = state.feed.pace().patience;
    let seconds = |n: u16| Duration::from_secs(n.into());
    let edge = &settings.edge;
    // The longest time that waiting for a request, its head and its body may take together.
    let watch = ConnectionWatch::watch(
        seconds(edge.keep_alive) + seconds(edge.header_timeout) + seconds(edge.body_timeout),
    );
    let server = HttpServer::new(move || build_app(state.clone()))
        .workers(usize::from(settings.workers))
        .client_request_timeout(seconds(edge.header_timeout))
        .keep_alive(seconds(edge.keep_alive))
        .max_connections(edge.max_connections as usize)
        .shutdown_timeout(30)
        .on_connect(move |connection, data| {
            let Some(connection) = connection.downcast_ref::<TcpStream>() else {
                return;
            };
            give_up_after(connection, patience);
            match watch.open(connection) {
                Ok(connection) => drop(data.insert(connection)),
                Err(error) => tracing::warn!(%error, "a connection is not watched"),
            }
        });
    let passed = passed_sockets()?;
    let server = match passed.is_empty() {
        true => server.bind(settings.listen),
        false => passed.into_iter().try_fold(server, HttpServer::listen),
    };
    let server = server.with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = server.addrs().first().copied().unwrap_or(settings.listen);
    Ok((server.run(), address))
}

/// Waits for SIGTERM or SIGINT, the signals on which the server stops.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use actix_web::rt::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            let mut interrupt = pin!(ctrl_c());
            return poll_fn(|cx| match terminate.poll_recv(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => interrupt.as_mut().poll(cx).map(drop),
            })
            .await;
        }
    }
    let _ = ctrl_c().await;
}

/// Makes the system close a connection whose client does not read what it was sent: neither the
/// framework nor a stream notices.
fn give_up_after(connection: &TcpStream, patience: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(connection).set_tcp_user_timeout(Some(patience)) {
        tracing::debug!(%error, "a connection has no limit for being unread");
    }
}
