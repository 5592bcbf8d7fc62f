//! Feeds that the server reads by itself: of municipalities, at addresses that the operator names.

use std::str::FromStr;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::timeout;
use anyhow::Context;
use clap::Args;
use tokio::sync::watch;
use url::Url;

use super::{Recorded, parse, record};
use crate::directory::codes::{self, is_code};
use crate::http::{State, apart};
use crate::kernel::clock::NewIds;
use crate::kernel::duration::duration;
use crate::kernel::error::{ApiError, chain};
use crate::ledger::{RequestContext, Visibility};
use crate::outbound::OperatorClient;

/// Largest feed that is read, in bytes.
const MOST: u64 = 10 * 1024 * 1024;

/// Settings of the feeds that the server reads by itself.
#[derive(Clone, Debug, Args)]
pub struct FeedSettings {
    /// Feed in RSS or Atom whose announcements are recorded, as the code of the municipality and the
    /// URL: 4128000000=https://city.example/press.xml; can be repeated
    #[arg(
        long = "announcement-feed",
        env = "MOU_ANNOUNCEMENT_FEEDS",
        value_delimiter = ' ',
        value_name = "CODE=URL"
    )]
    pub feeds: Vec<NamedFeed>,
    /// Time between two readings of each feed, such as 30m, 6h or 1d
    #[arg(
        long = "announcement-feed-every",
        env = "MOU_ANNOUNCEMENT_FEED_EVERY",
        default_value = "6h",
        value_parser = duration,
        value_name = "DURATION"
    )]
    pub every: Duration,
}

/// The feed of a municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFeed {
    /// Official code of the municipality.
    code: String,
    url: Url,
}

impl FromStr for NamedFeed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('=');
        let parsed = parts.and_then(|(code, url)| {
            let url: Url = url.parse().ok()?;
            let is_web = matches!(url.scheme(), "http" | "https");
            (is_code(code) && is_web).then(|| Self {
                code: code.to_owned(),
                url,
            })
        });
        parsed
            .ok_or_else(|| "expected CODE=URL, as 4128000000=https://city.example/press.xml".into())
    }
}

/// The running readings of feeds.
pub struct Feeds {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Feeds {
    /// Starts to read the feeds, now and at the interval. What is read a second time is known by then.
    pub fn start(state: &State, settings: &FeedSettings) -> Option<Self> {
        if settings.feeds.is_empty() {
            return None;
        }
        let (stop, mut stopped) = watch::channel(false);
        let (state, settings) = (state.clone(), settings.clone());
        let task = actix_web::rt::spawn(async move {
            loop {
                for feed in &settings.feeds {
                    if *stopped.borrow() {
                        return;
                    }
                    report(feed, read(&state, feed).await);
                }
                if timeout(settings.every, stopped.changed()).await.is_ok() {
                    break;
                }
            }
        });
        Some(Self { stop, task })
    }

    /// Stops, after the feed that is being read.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(error = chain(&error), "the reading of feeds broke down");
        }
    }
}

fn report(feed: &NamedFeed, read: anyhow::Result<Recorded>) {
    let url = feed.url.as_str();
    let outcome = match read {
        Ok(Recorded { ids, refused, .. }) => {
            tracing::info!(url, recorded = ids.len(), "a feed of announcements is read");
            for error in &refused {
                let reason = error.message.en.as_ref();
                tracing::warn!(url, at = ?error.place, reason, "an item of a feed is left out");
            }
            "read"
        }
        Err(error) => {
            let error = format!("{error:#}");
            tracing::warn!(url, error, "a feed of announcements could not be read");
            "failed"
        }
    };
    metrics::counter!("announcement_feeds_total", "outcome" => outcome).increment(1);
}

/// Reads a feed, and records what is new. Items that cannot be recorded are left out.
///
/// # Errors
/// Fails if there is no such municipality, no feed at the URL, or no database.
pub async fn read(state: &State, feed: &NamedFeed) -> anyhow::Result<Recorded> {
    let bytes = OperatorClient::default().bytes(feed.url.as_str(), MOST);
    let bytes = bytes.await?;
    let parsed = apart(move || parse::read(&bytes)).await;
    let parsed = parsed.context("it is no feed in RSS or Atom")?;
    let (clock, code) = (state.clock.clone(), feed.code.clone());
    let recorded = state.db.write(move |conn| {
        let cx = RequestContext::new(&clock, NewIds::Random);
        let municipality = codes::recorded(conn, &code)?.ok_or_else(ApiError::not_found)?;
        record(conn, &cx, (municipality, Visibility::Public), &parsed)
    });
    recorded
        .await
        .with_context(|| format!("the municipality {}", feed.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_named_by_code_and_url() {
        let named = "4128000000=https://city.example/press.xml?a=b".parse::<NamedFeed>();
        let named = named.unwrap();
        assert_eq!(named.code, "4128000000");
        assert_eq!(named.url.as_str(), "https://city.example/press.xml?a=b");
        for wrong in [
            "",
            "4128000000",
            "4128=https://a.example/",
            "4128000000=ftp://a.example/",
            "4128000000=a",
        ] {
            assert!(wrong.parse::<NamedFeed>().is_err(), "{wrong}");
        }
    }
}
