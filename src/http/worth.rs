//! What kept answers and rows are worth when room is made for others.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Counts lookups, by which the use of what is kept is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uses {
    lookups: u64,
    /// Number of lookups when room was last made.
    shrunk_at: u64,
}

/// Number of the last lookup that found something; 0 if none did.
pub type Used = u64;

impl Uses {
    /// Counts a lookup, and returns its number.
    pub fn look(&mut self) -> Used {
        self.lookups += 1;
        self.lookups
    }

    /// Returns how much it is worth to keep what has this key. What was found since room was last made
    /// goes last, in no order. By the order of the last use, a round through slightly more than there is
    /// room for would find nothing: each would go just before its turn.
    pub fn worth(&self, key: &[u8], used: Used) -> (bool, u64) {
        (used > self.shrunk_at, xxh3_64_with_seed(key, self.lookups))
    }

    /// Notes that room was made.
    pub fn shrunk(&mut self) {
        self.shrunk_at = self.lookups;
    }
}
