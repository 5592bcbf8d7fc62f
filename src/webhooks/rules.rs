//! Pure rules for retrying deliveries and for switching webhooks off.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};

use super::types::{Reason, WebhookContent};
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;
use crate::outbound::{Failure, UrlRefusal};

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Waits before the retries of a delivery, in seconds: about three days in all.
pub const SCHEDULE: [u64; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];
/// Maximum pause of a webhook after a failure, in seconds.
const REST: u64 = 5 * MINUTE;
/// Random share added to each wait, so that deliveries that failed together are not retried
/// together.
const JITTER: f64 = 0.1;

/// Scale of all waits; shorter in tests.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Factor for every wait.
    pub scale: f64,
}

impl Backoff {
    fn seconds(self, seconds: f64) -> TimeDelta {
        let wait = Duration::from_secs_f64((seconds * self.scale).max(0.0));
        TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX)
    }

    /// Returns the wait after a number of failures, or `None` if there were too many. `chance` is
    /// between 0 and 1.
    fn again(self, tries: usize, chance: f64) -> Option<TimeDelta> {
        let wait = SCHEDULE.get(tries.checked_sub(1)?)?;
        Some(self.seconds(*wait as f64 * (1.0 + JITTER * chance)))
    }

    /// Returns the pause of a webhook after a number of failures in a row.
    pub fn rest(self, failures: i64) -> TimeDelta {
        let doubled = u32::try_from(failures - 1).ok();
        let rest = doubled.and_then(|n| 1_u64.checked_shl(n)).unwrap_or(REST);
        self.seconds(rest.min(REST) as f64)
    }

    /// Returns the time without a success after which a webhook is switched off, whatever the state
    /// of its deliveries.
    fn lasting(self) -> TimeDelta {
        self.seconds(SCHEDULE.iter().sum::<u64>() as f64)
    }
}

/// The state of a delivery and its webhook after a failed attempt.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    pub now: NaiveDateTime,
    /// Number of attempts of the delivery.
    pub tries: usize,
    pub first_attempt_at: NaiveDateTime,
    pub last_success_at: Option<NaiveDateTime>,
    pub failing_since: NaiveDateTime,
    /// Number of failed attempts of the webhook since `failing_since`.
    pub failures: i64,
    /// HTTP status of the answer, if there was one.
    pub status: Option<u16>,
}

/// The consequence of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Retry the delivery at this instant.
    Again(NaiveDateTime),
    /// Give the delivery up; others arrive.
    GiveUp,
    /// Switch the webhook off; its deliveries wait.
    SwitchOff,
}

impl Failed {
    pub fn verdict(&self, backoff: Backoff, chance: f64) -> Verdict {
        let gone = self.status == Some(410);
        // A webhook that was hardly tried because no server ran is not switched off.
        let lasting = self.now - self.failing_since >= backoff.lasting()
            && self.failures > SCHEDULE.len() as i64;
        let again = backoff.again(self.tries, chance);
        // Nothing has arrived since the first attempt of this delivery.
        let stale = self
            .last_success_at
            .is_none_or(|last| last < self.first_attempt_at);
        match again {
            _ if gone || lasting => Verdict::SwitchOff,
            Some(wait) => Verdict::Again(self.now + wait),
            None if stale => Verdict::SwitchOff,
            None => Verdict::GiveUp,
        }
    }

    /// Returns the reason for switching the webhook off.
    pub fn reason(&self, failure: Option<Failure>) -> Reason {
        if self.status == Some(410) {
            return Reason::Gone;
        }
        Reason::Failing {
            since: self.failing_since.and_utc(),
            status: self.status,
            error: failure,
        }
    }
}

/// Checks that a webhook requests something, and that digests name a municipality.
pub fn check_content(content: &WebhookContent) -> Option<FieldError> {
    let nothing = content.record_types.as_ref().is_some_and(Vec::is_empty);
    match (content.daily_digest, content.municipality_id) {
        (true, None) => {
            let message = Message::fixed(
                "하루 요약은 어느 지방자치단체의 것인지 밝혀야 합니다.",
                "A daily digest needs the municipality whose it is.",
            );
            let code = "municipality_needed";
            Some(FieldError::body("/municipality_id", code, message))
        }
        (false, _) if nothing => {
            let message = Message::fixed(
                "하루 요약도 받지 않는 웹훅에는 종류가 하나 이상 있어야 합니다.",
                "Without a daily digest it needs one type at least.",
            );
            Some(FieldError::body("/record_types", "min_items", message))
        }
        _ => None,
    }
}

/// Converts a refused URL into a field error.
pub fn url_error(refused: UrlRefusal) -> FieldError {
    let (code, ko, en) = match refused {
        UrlRefusal::NotHttps => (
            "not_https",
            "https 주소여야 합니다.",
            "Expected a URL with https.",
        ),
        UrlRefusal::UserInfo => (
            "user_info",
            "주소에 사용자 이름이나 비밀번호를 넣을 수 없습니다.",
            "The URL must not hold a user or a password.",
        ),
        UrlRefusal::Fragment => (
            "fragment",
            "주소에 #으로 시작하는 부분을 넣을 수 없습니다.",
            "The URL must not have a fragment.",
        ),
        UrlRefusal::ForbiddenAddress => (
            "forbidden_address",
            "인터넷의 주소가 아닙니다.",
            "The address is none of the internet.",
        ),
    };
    FieldError::body("/url", code, Message::fixed(ko, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { scale: 1.0 };

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn failed(tries: usize) -> Failed {
        Failed {
            now: at("2026-11-23T03:00:00"),
            tries,
            first_attempt_at: at("2026-11-23T02:00:00"),
            last_success_at: Some(at("2026-11-23T02:30:00")),
            failing_since: at("2026-11-23T02:31:00"),
            failures: 10,
            status: Some(500),
        }
    }

    #[test]
    fn a_delivery_is_tried_for_days() {
        let waits = (1..=9).map(|tries| match failed(tries).verdict(BACKOFF, 0.0) {
            Verdict::Again(at) => (at - failed(tries).now).num_seconds(),
            other => panic!("{other:?}"),
        });
        let waits: Vec<i64> = waits.collect();
        assert_eq!(
            waits,
            [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
        );
        assert_eq!(failed(10).verdict(BACKOFF, 0.0), Verdict::GiveUp);
        // Jitter only lengthens the wait.
        let Verdict::Again(late) = failed(2).verdict(BACKOFF, 1.0) else {
            panic!("it is tried again");
        };
        assert_eq!((late - failed(2).now).num_seconds(), 330);
    }

    #[test]
    fn a_webhook_is_switched_off_when_nothing_arrives() {
        let stale = Failed {
            last_success_at: Some(at("2026-11-23T01:59:59")),
            ..failed(10)
        };
        assert_eq!(stale.verdict(BACKOFF, 0.0), Verdict::SwitchOff);
        let never = Failed {
            last_success_at: None,
            ..stale
        };
        assert_eq!(never.verdict(BACKOFF, 0.0), Verdict::SwitchOff);
        assert!(matches!(
            Failed { tries: 9, ..never }.verdict(BACKOFF, 0.0),
            Verdict::Again(_)
        ));
        // With many pending deliveries, none may have been tried often although all failed for
        // days.
        let days = Failed {
            failing_since: at("2026-11-19T23:20:00"),
            ..failed(2)
        };
        assert_eq!(days.verdict(BACKOFF, 0.0), Verdict::SwitchOff);
        let untried = Failed {
            failures: 9,
            ..days
        };
        assert!(matches!(untried.verdict(BACKOFF, 0.0), Verdict::Again(_)));
        let gone = Failed {
            status: Some(410),
            ..failed(1)
        };
        assert_eq!(gone.verdict(BACKOFF, 0.0), Verdict::SwitchOff);
    }

    #[test]
    fn a_webhook_rests_longer_with_each_failure() {
        let rests = [1, 2, 3, 8, 9, 10, 64, 65, i64::MAX].map(|n| BACKOFF.rest(n).num_seconds());
        assert_eq!(rests, [1, 2, 4, 128, 256, 300, 300, 300, 300]);
    }
}
