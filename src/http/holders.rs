//! Holders of tokens that are kept while nobody's rights change.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::access::tokens::{Digest, Holder};
use crate::ledger::tail::Tail;
use crate::ledger::{Caller, RequestContext};

/// Number of holders that are kept.
const MOST: usize = 10_000;

/// The kept holders of tokens.
#[derive(Default)]
pub(super) struct Holders(HashMap<Digest, Kept>);

struct Kept {
    holder: Holder,
    /// Number of the last entry of the log that it knows.
    read_at: i64,
    /// The day for which its reach was widened.
    day: NaiveDate,
}

impl Holders {
    /// Returns the holder of a token for a read at entry `at`, `Some(None)` if the token has expired;
    /// `None` if it is not kept.
    pub fn of(
        &mut self,
        tail: &Tail,
        digest: &Digest,
        at: i64,
        cx: &RequestContext,
    ) -> Option<Option<Caller>> {
        let kept = self.0.get_mut(digest)?;
        let holds = tail.callers_hold(kept.read_at) && kept.read_at <= at && kept.day == cx.today;
        if !holds {
            return None;
        }
        let caller = kept.holder.at(cx.now);
        // Its request notes the use.
        if caller
            .as_ref()
            .is_some_and(|caller| caller.unnoted_use.is_some())
        {
            kept.holder.use_at(cx.now);
        }
        Some(caller)
    }

    /// Keeps the holder of a token that was read at entry `at`, whose request notes its use.
    pub fn keep(&mut self, digest: &Digest, at: i64, cx: &RequestContext, mut holder: Holder) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        if holder
            .at(cx.now)
            .is_some_and(|caller| caller.unnoted_use.is_some())
        {
            holder.use_at(cx.now);
        }
        let kept = Kept {
            holder,
            read_at: at,
            day: cx.today,
        };
        self.0.insert(digest.clone(), kept);
    }
}
