//! The clock, the registry's days, and the source of new ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The source of the current time.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Tz,
    fixed: Option<DateTime<Utc>>,
}

impl Clock {
    /// Returns the system's clock; days begin and end in the time zone `zone`.
    pub fn system(zone: Tz) -> Self {
        Self { zone, fixed: None }
    }

    /// Returns a clock that always shows `instant`, for tests and examples.
    pub fn fixed(zone: Tz, instant: DateTime<Utc>) -> Self {
        Self {
            zone,
            fixed: Some(instant),
        }
    }

    /// The instant, in UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(Utc::now)
    }

    /// The time zone whose days count.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The day of an instant in the registry's time zone.
    pub fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }
}

/// Returns the instant at which a day begins in a time zone; `None` where the clocks skip midnight.
pub fn begin_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Tz>> {
    zone.from_local_datetime(&day.and_time(NaiveTime::MIN))
        .earliest()
}

/// The source of new record ids.
#[derive(Clone, Debug)]
pub enum NewIds {
    /// UUIDv7 of the current time.
    Random,
    /// The same sequence every time, for the demonstration record.
    Sequence(Arc<AtomicU64>),
}

impl NewIds {
    /// Returns the next id.
    pub fn next(&self) -> Uuid {
        match self {
            Self::Random => Uuid::now_v7(),
            Self::Sequence(next) => {
                let n = next.fetch_add(1, Ordering::Relaxed);
                // 2021-04-16T00:00:00Z, the day of the agreement that started the registry.
                uuid::Builder::from_unix_timestamp_millis(1_618_531_200_000, &counter_bytes(n))
                    .into_uuid()
            }
        }
    }
}

fn counter_bytes(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&n.to_be_bytes());
    bytes
}

/// Formats an instant as RFC 3339 with six digits of the second: what both databases keep. Chrono
/// itself leaves out zeros, so that texts of the same column would differ in length.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Serializes an instant, or an optional one, by [`rfc3339`].
///
/// # Errors
/// Fails if the serializer does.
pub fn six_digits<T: Copy + Into<Option<DateTime<Utc>>>, S: Serializer>(
    at: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*at).into().map(rfc3339).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Row {
        #[serde(serialize_with = "six_digits")]
        at: DateTime<Utc>,
        #[serde(serialize_with = "six_digits")]
        last_at: Option<DateTime<Utc>>,
    }

    #[test]
    fn instants_have_six_digits() {
        for (text, shown) in [
            ("2026-11-24T03:00:00Z", "2026-11-24T03:00:00.000000Z"),
            ("2026-11-24T12:00:00.5+09:00", "2026-11-24T03:00:00.500000Z"),
            (
                "2026-11-24T03:00:00.123456789Z",
                "2026-11-24T03:00:00.123456Z",
            ),
        ] {
            let at = text.parse().unwrap();
            for last_at in [None, Some(at)] {
                let json = serde_json::to_value(Row { at, last_at }).unwrap();
                let last = last_at.map(|_| shown);
                assert_eq!(json, serde_json::json!({"at": shown, "last_at": last}));
            }
        }
    }
}
