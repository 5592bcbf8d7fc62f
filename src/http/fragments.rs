//! Rows and records that are kept as they are sent, while nothing that they show changes.
//!
//! Unlike an [answer](super::kept), a fragment outlasts changes of other records: each names what it
//! [depends on](Basis), and holds until an entry of the log is about that. A page is joined from the
//! fragments of its rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web::Bytes;

use super::holders::Holders;
use super::question::Question;
use super::worth::{Used, Uses};
use crate::access::tokens::{Digest, Holder};
use crate::db::{AnyConnection, FileState};
use crate::kernel::error::ApiError;
use crate::ledger::chain::Place;
use crate::ledger::records::Record;
use crate::ledger::tail::{Basis, Tail, later};
use crate::ledger::{Caller, RequestContext};

/// A row or record as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub text: Bytes,
    /// The entity tag of a record.
    pub tag: Option<String>,
}

impl Fragment {
    /// Returns about how much memory it takes, in bytes.
    fn size(&self) -> usize {
        self.text.len() + self.tag.as_ref().map_or(0, String::len)
    }
}

/// A fragment that was just rendered.
pub struct Rendered {
    /// What identifies it among those of its view, such as the id of its record.
    pub key: String,
    pub fragment: Fragment,
    /// What it depends on; `None` if that is unknown, so that it is not kept.
    pub basis: Option<Basis>,
}

/// The kept fragments, up to a number of bytes.
#[derive(Clone)]
pub struct Fragments(Arc<Inner>);

struct Inner {
    limit: usize,
    kept: Mutex<Kept>,
}

struct Kept {
    tail: Tail,
    rows: Shelf,
    texts: Shelf,
    holders: Holders,
    /// The end of the log in a state of SQLite's file.
    known: Option<(FileState, Place)>,
}

/// Kinds of fragments, each with room of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows and records.
    Rows,
    /// Texts, such as the entries of a calendar. One request shows thousands of them, which would
    /// displace the rows of all lists: they have a quarter of the room.
    Texts,
}

/// Fragments of a kind, up to a number of bytes.
struct Shelf {
    limit: usize,
    /// By their view: everything that determines how a row is shown, beside the row.
    views: HashMap<Question, HashMap<String, Entry>>,
    bytes: usize,
    uses: Uses,
}

struct Entry {
    fragment: Fragment,
    /// Number of the last entry of the log that it knows.
    read_at: i64,
    basis: Basis,
    used: Used,
}

impl Entry {
    fn size(&self, key: &str) -> usize {
        let Basis {
            named,
            shown,
            municipalities,
        } = &self.basis;
        let ids = named.len() + shown.len() + municipalities.len();
        self.fragment.size() + key.len() + ids * 16 + 250
    }
}

impl Fragments {
    /// Creates the store for fragments of `limit` bytes in all, of records of these kinds.
    pub fn new(limit: usize, kinds: &'static [&'static Record]) -> Self {
        Self(Arc::new(Inner {
            limit,
            kept: Mutex::new(Kept {
                tail: Tail::new(kinds),
                rows: Shelf::new(limit - limit / 4),
                texts: Shelf::new(limit / 4),
                holders: Holders::default(),
                known: None,
            }),
        }))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the log to a place, from the snapshot that is at it. Returns true if what is kept can
    /// be used there.
    ///
    /// # Errors
    /// Fails if the database does.
    pub(super) fn follow(&self, conn: &mut AnyConnection, place: &Place) -> Result<bool, ApiError> {
        if self.0.limit == 0 {
            return Ok(false);
        }
        let missing = self.kept().tail.missing(place);
        let later = match &missing {
            Some(known) => Some(later(conn, known, place)?),
            None => None,
        };
        self.kept().tail.follow(place, later)
    }

    /// Notes the end of the log in a state of SQLite's file.
    pub(super) fn note(&self, state: FileState, place: Place) {
        if self.0.limit > 0 {
            self.kept().known = Some((state, place));
        }
    }

    /// Returns the end of the log in a state of SQLite's file, if it is known and followed, so that what
    /// is kept can be used there.
    pub(super) fn place_in(&self, state: FileState) -> Option<Place> {
        let Kept { tail, known, .. } = &*self.kept();
        let (of, place) = known.as_ref()?;
        (*of == state && tail.is_at(place)).then(|| place.clone())
    }

    /// Returns the holder of a token for a read at entry `at`, `Some(None)` if the token has expired;
    /// `None` if it is not kept.
    pub(super) fn holder(
        &self,
        digest: &Digest,
        at: i64,
        cx: &RequestContext,
    ) -> Option<Option<Caller>> {
        let Kept { tail, holders, .. } = &mut *self.kept();
        holders.of(tail, digest, at, cx)
    }

    /// Keeps the holder of a token that was read at entry `at`.
    pub(super) fn keep_holder(
        &self,
        digest: &Digest,
        at: i64,
        cx: &RequestContext,
        holder: Holder,
    ) {
        self.kept().holders.keep(digest, at, cx, holder);
    }

    /// Returns the fragments of a view with these keys that a read at entry `at` can use.
    pub(super) fn of(
        &self,
        (kind, view): (Kind, Question),
        at: i64,
        keys: &[String],
    ) -> Vec<Option<Fragment>> {
        let mut kept = self.kept();
        let (shelf, tail) = kept.shelf(kind);
        shelf.of(tail, view, at, keys)
    }

    /// Like [`Self::of`], for one record.
    pub(super) fn one(&self, view: Question, at: i64, key: &[String; 1]) -> Option<Fragment> {
        self.of((Kind::Rows, view), at, key).pop().flatten()
    }

    /// Keeps fragments of a view that were rendered at entry `at`. If there is no room, drops others of
    /// the kind.
    pub(super) fn keep(&self, (kind, view): (Kind, Question), at: i64, rendered: Vec<Rendered>) {
        let mut kept = self.kept();
        let (shelf, tail) = kept.shelf(kind);
        shelf.keep(tail, view, at, rendered);
    }
}

impl Kept {
    fn shelf(&mut self, kind: Kind) -> (&mut Shelf, &Tail) {
        let shelf = match kind {
            Kind::Rows => &mut self.rows,
            Kind::Texts => &mut self.texts,
        };
        (shelf, &self.tail)
    }
}

impl Shelf {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            views: HashMap::new(),
            bytes: 0,
            uses: Uses::default(),
        }
    }

    fn of(
        &mut self,
        tail: &Tail,
        view: Question,
        at: i64,
        keys: &[String],
    ) -> Vec<Option<Fragment>> {
        let now = self.uses.look();
        let Self { views, bytes, .. } = self;
        let Some(fragments) = views.get_mut(&view) else {
            return vec![None; keys.len()];
        };
        let mut of = |key: &String| {
            let entry = fragments.get_mut(key)?;
            if !tail.holds(entry.read_at, &entry.basis) {
                *bytes -= entry.size(key);
                fragments.remove(key);
                return None;
            }
            // A read on an older snapshot has to see that.
            if entry.read_at > at {
                return None;
            }
            entry.used = now;
            Some(entry.fragment.clone())
        };
        keys.iter().map(&mut of).collect()
    }

    fn keep(&mut self, tail: &Tail, view: Question, at: i64, rendered: Vec<Rendered>) {
        for Rendered {
            key,
            fragment,
            basis,
        } in rendered
        {
            let Some(basis) = basis.filter(|basis| tail.holds(at, basis)) else {
                continue;
            };
            let entry = Entry {
                fragment,
                read_at: at,
                basis,
                used: 0,
            };
            // One alone does not displace all the others.
            let size = entry.size(&key);
            if size > self.limit / 4 {
                continue;
            }
            self.bytes += size;
            let replaced = self
                .views
                .entry(view)
                .or_default()
                .insert(key.clone(), entry);
            if let Some(replaced) = replaced {
                self.bytes -= replaced.size(&key);
            }
        }
        self.shrink(tail);
    }

    /// Drops what holds no longer if there is no room, then what is [worth](Uses::worth) least, down to
    /// three quarters: that finds them less often.
    fn shrink(&mut self, tail: &Tail) {
        if self.bytes <= self.limit {
            return;
        }
        let room = self.limit - self.limit / 4;
        let uses = self.uses;
        let worth = |key: &String, entry: &Entry| uses.worth(key.as_bytes(), entry.used);
        let mut worths = Vec::new();
        for fragments in self.views.values_mut() {
            fragments.retain(|_, entry| tail.holds(entry.read_at, &entry.basis));
            let kept = fragments.iter();
            worths.extend(kept.map(|(key, entry)| (worth(key, entry), entry.size(key))));
        }
        worths.sort_unstable_by_key(|(worth, _)| std::cmp::Reverse(*worth));
        self.bytes = 0;
        let mut least = (false, 0);
        for (worth, size) in worths {
            if self.bytes + size > room {
                break;
            }
            self.bytes += size;
            least = worth;
        }
        for fragments in self.views.values_mut() {
            fragments.retain(|key, entry| worth(key, entry) >= least);
        }
        self.views.retain(|_, fragments| !fragments.is_empty());
        self.uses.shrunk();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room of 10,000 bytes for rows.
    const ROOM: usize = 13_334;

    fn fragments(limit: usize) -> Fragments {
        let fragments = Fragments::new(limit, &[]);
        let place = Place {
            seq: 5,
            hash: "h5".into(),
            repairs: 0,
        };
        assert!(fragments.kept().tail.follow(&place, None).unwrap());
        fragments
    }

    fn rows(view: u128) -> (Kind, Question) {
        (Kind::Rows, Question::numbered(view))
    }

    fn rendered(key: &str, size: usize) -> Rendered {
        Rendered {
            key: key.into(),
            fragment: Fragment {
                text: " ".repeat(size).into(),
                tag: None,
            },
            basis: Some(Basis::default()),
        }
    }

    fn found(fragments: &Fragments, view: u128, at: i64, keys: &[&str]) -> Vec<bool> {
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let found = fragments.of(rows(view), at, &keys);
        found.iter().map(Option::is_some).collect()
    }

    #[test]
    fn fragments_are_found_in_their_view_and_at_their_place() {
        let fragments = fragments(ROOM);
        fragments.keep(rows(1), 5, vec![rendered("a", 10)]);
        assert_eq!(found(&fragments, 1, 5, &["b", "a"]), [false, true]);
        assert_eq!(found(&fragments, 2, 5, &["a"]), [false]);
        assert_eq!(found(&fragments, 1, 4, &["a"]), [false]);
        // One that was rendered before the tail began is not kept, nor one without a basis.
        fragments.keep(rows(1), 4, vec![rendered("c", 10)]);
        let unknown = Rendered {
            basis: None,
            ..rendered("d", 10)
        };
        fragments.keep(rows(1), 5, vec![unknown]);
        assert_eq!(found(&fragments, 1, 5, &["c", "d"]), [false, false]);
    }

    #[test]
    fn fragments_that_were_used_stay_when_room_is_made() {
        let fragments = fragments(ROOM);
        for n in 0..8 {
            let key = n.to_string();
            fragments.keep(rows(1), 5, vec![rendered(&key, 1_000)]);
            assert_eq!(found(&fragments, 1, 5, &["0"]), [true]);
        }
        fragments.keep(rows(2), 5, vec![rendered("8", 1_000)]);
        assert_eq!(found(&fragments, 1, 5, &["0"]), [true]);
        let left = fragments.kept().rows.bytes;
        assert!((3_000..=10_000).contains(&left), "{left}");
        fragments.keep(rows(1), 5, vec![rendered("9", 5_000)]);
        assert_eq!(found(&fragments, 1, 5, &["9"]), [false]);
    }

    #[test]
    fn a_round_through_more_than_there_is_room_for_finds_most_of_it() {
        let fragments = fragments(ROOM * 10);
        let (mut asked, mut hits) = (0, 0);
        for round in 0..10 {
            // A tenth more than there is room for.
            for n in 0..85 {
                let key = n.to_string();
                let is_kept = found(&fragments, 1, 5, &[&key]) == [true];
                if !is_kept {
                    fragments.keep(rows(1), 5, vec![rendered(&key, 1_000)]);
                }
                if round > 0 {
                    asked += 1;
                    hits += i32::from(is_kept);
                }
            }
        }
        assert!(hits * 2 > asked, "{hits} of {asked}");
    }

    #[test]
    fn texts_do_not_displace_rows() {
        let fragments = fragments(ROOM);
        fragments.keep(rows(1), 5, vec![rendered("a", 1_000)]);
        let many = (0..100).map(|n| rendered(&n.to_string(), 500)).collect();
        let texts = (Kind::Texts, Question::numbered(1));
        fragments.keep(texts, 5, many);
        assert_eq!(found(&fragments, 1, 5, &["a"]), [true]);
        let kept = fragments.kept();
        assert!(kept.texts.bytes <= ROOM / 4);
    }
}
