//! A bounded map that forgets entries that have not been used for a while.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};

/// The subject of a limit: an address, or the digest of a token.
pub type Key = u128;

/// Time without use after which the state of a limit is forgotten. Limits are per minute, so an
/// older one has no effect.
const SPAN: Duration = Duration::from_secs(60);
/// Number of shards, each with a lock.
const SHARDS: usize = 16;
/// Maximum number of entries per shard: 100,000 in all, of about 50 bytes each.
const SHARD_CAPACITY: usize = 6_250;

#[derive(Debug)]
struct Shard<V> {
    entries: HashMap<Key, (V, Instant)>,
    swept: Instant,
}

/// Values that were used a short time ago.
#[derive(Debug)]
pub struct Recent<V> {
    /// Time without use after which a value is forgotten.
    span: Duration,
    shards: Vec<Mutex<Shard<V>>>,
    hasher: RandomState,
}

impl<V> Default for Recent<V> {
    /// Keeps values for a minute.
    fn default() -> Self {
        Self::new(SPAN)
    }
}

impl<V> Recent<V> {
    pub fn new(span: Duration) -> Self {
        let shard = |_| {
            Mutex::new(Shard {
                entries: HashMap::new(),
                swept: Instant::now(),
            })
        };
        Self {
            span,
            shards: (0..SHARDS).map(shard).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Runs `work` on the value of a key, which is created if missing. Returns `None` if there is
    /// no room for it.
    pub fn get_or_insert<T>(
        &self,
        key: Key,
        make: impl FnOnce() -> V,
        work: impl FnOnce(&mut V) -> T,
    ) -> Option<T> {
        self.at(key, Some(make), work, Instant::now())
    }

    /// Runs `work` on the value of a key, if it exists.
    pub fn get<T>(&self, key: Key, work: impl FnOnce(&mut V) -> T) -> Option<T> {
        self.at(key, None::<fn() -> V>, work, Instant::now())
    }

    fn at<T>(
        &self,
        key: Key,
        make: Option<impl FnOnce() -> V>,
        work: impl FnOnce(&mut V) -> T,
        now: Instant,
    ) -> Option<T> {
        let shard = &self.shards[self.hasher.hash_one(key) as usize % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(shard.swept) >= self.span {
            let recent = |_: &Key, (_, used): &mut (V, Instant)| {
                now.saturating_duration_since(*used) < self.span
            };
            shard.entries.retain(recent);
            shard.entries.shrink_to(SHARD_CAPACITY / 8);
            shard.swept = now;
        }
        if let Some((value, used)) = shard.entries.get_mut(&key) {
            *used = now;
            return Some(work(value));
        }
        let make = make?;
        if shard.entries.len() >= SHARD_CAPACITY {
            return None;
        }
        let (value, _) = shard.entries.entry(key).or_insert((make(), now));
        Some(work(value))
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|p| p.lock().unwrap().entries.len())
            .sum()
    }
}

/// The states of a limit. Keys without room share one state: a flood of keys is slowed down
/// together with those that come after it, and does not affect those that were there before.
#[derive(Debug, Default)]
pub struct States {
    recent: Recent<InMemoryState>,
    rest: InMemoryState,
}

impl StateStore for States {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let one = |state: &mut InMemoryState| state.measure_and_replace(&NotKeyed::NonKey, &f);
        let found = self.recent.get_or_insert(*key, InMemoryState::default, one);
        found.unwrap_or_else(|| self.rest.measure_and_replace(&NotKeyed::NonKey, &f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_outgrow_its_bound_and_forgets() {
        let store = Recent::default();
        let now = Instant::now();
        let put = |key: Key, now| store.at(key, Some(|| key), |v| *v, now);
        let kept = (0..300_000).filter(|k| put(*k, now).is_some()).count();
        assert_eq!(
            (kept, store.len()),
            (SHARDS * SHARD_CAPACITY, SHARDS * SHARD_CAPACITY)
        );
        let known = (0..).find(|k| store.get(*k, |_| ()).is_some());
        assert_eq!(put(known.unwrap(), now), known, "who is there stays");
        // After a minute, each shard is swept when it is next used.
        let later = now + SPAN * 2;
        assert!((300_000..301_000).all(|k| put(k, later).is_some()));
        assert_eq!(store.len(), 1_000);
    }
}
