//! The end of the log as a process follows it, to know whether what it keeps in memory still holds.
//!
//! A value that is kept comes with its place in the log and its [`Basis`]. It holds as long as no
//! later entry concerns the basis. Entries of other processes and servers are read from the log like
//! those of this one.

use std::collections::{HashMap, VecDeque};

use diesel::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::chain::Place;
use super::records::{Record, Spread};
use crate::db::schema::changes as c;
use crate::db::{AnyConnection, directly};
use crate::kernel::error::ApiError;
use crate::kernel::values::stored;

/// The records and municipalities on which a row or record depends, as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// Records that no later entry may name, however it does.
    pub named: Vec<Uuid>,
    /// Records that no later entry may be about, or belong to.
    pub shown: Vec<Uuid>,
    /// Municipalities of which no record may have changed since.
    pub municipalities: Vec<Uuid>,
}

/// Number of entries from which reading them takes longer than rendering everything anew.
const MOST: i64 = 2_000;

/// Number of ids that are remembered.
const MOST_IDS: usize = 100_000;

/// Number of places passed that are remembered, for reads on older snapshots.
const MOST_PLACES: usize = 256;

/// The entries that this process has read from the end of the log.
pub struct Tail {
    kinds: &'static [&'static Record],
    place: Option<Place>,
    passed: VecDeque<(i64, String)>,
    /// Number of the last entry after which nothing earlier holds.
    floor: i64,
    /// Like `floor`, for the rights of callers.
    callers: i64,
    /// Numbers of the last entries that name a record.
    named: HashMap<Uuid, i64>,
    /// Numbers of the last entries about a record, or about one that belongs to it.
    about: HashMap<Uuid, i64>,
    /// Numbers of the last entries about a record of a municipality.
    municipalities: HashMap<Uuid, i64>,
}

/// An entry as far as it is followed.
#[derive(Queryable, Selectable)]
#[diesel(table_name = c)]
struct Followed {
    seq: i64,
    record_type: String,
    record_id: String,
    municipality_id: Option<String>,
    context_id: String,
    entry: String,
    previous_hash: String,
    hash: String,
}

/// Entries after a place, read before the tail is changed: nobody waits for the database with it.
pub struct Later(Vec<Followed>);

impl Tail {
    /// Creates the tail of a log with these kinds of records.
    #[must_use]
    pub fn new(kinds: &'static [&'static Record]) -> Self {
        Self {
            kinds,
            place: None,
            passed: VecDeque::new(),
            floor: 0,
            callers: 0,
            named: HashMap::new(),
            about: HashMap::new(),
            municipalities: HashMap::new(),
        }
    }

    /// Returns the place after which entries have to be read before a read at `place` can use what is
    /// kept; `None` if there are none.
    #[must_use]
    pub fn missing(&self, place: &Place) -> Option<Place> {
        let known = self.place.as_ref()?;
        let follows = known.seq < place.seq && known.repairs == place.repairs;
        (follows && place.seq - known.seq <= MOST).then(|| known.clone())
    }

    /// Returns true if the tail ends at a place.
    #[must_use]
    pub fn is_at(&self, place: &Place) -> bool {
        self.place.as_ref() == Some(place)
    }

    /// Takes the entries up to `place`, of which `later` are those that were missing. Returns true if
    /// a read at `place` can use what is kept.
    pub fn follow(&mut self, place: &Place, later: Option<Later>) -> Result<bool, ApiError> {
        let Some(known) = &self.place else {
            self.start_at(place);
            return Ok(true);
        };
        if known == place {
            return Ok(true);
        }
        if place.seq < known.seq {
            // An older snapshot of the same log, or another log that was restored.
            let mut passed = self.passed.iter();
            let is_passed = passed.any(|(seq, hash)| (*seq, hash) == (place.seq, &place.hash));
            return Ok(is_passed && known.repairs == place.repairs);
        }
        let later = later.map(|later| later.0).unwrap_or_default();
        // Another read may have taken some of them meanwhile.
        let new: Vec<Followed> = later.into_iter().filter(|e| e.seq > known.seq).collect();
        let continues = new
            .first()
            .is_some_and(|first| first.seq == known.seq + 1 && first.previous_hash == known.hash);
        let ends = new
            .last()
            .is_some_and(|last| (last.seq, &last.hash) == (place.seq, &place.hash));
        if !continues || !ends || known.repairs != place.repairs {
            self.start_at(place);
            return Ok(true);
        }
        for entry in new {
            self.take(&entry)?;
            self.pass(entry.seq, entry.hash);
        }
        if self.named.len() > MOST_IDS {
            self.start_at(place);
        } else {
            self.place = Some(place.clone());
        }
        Ok(true)
    }

    /// Forgets everything before a place.
    fn start_at(&mut self, place: &Place) {
        // Rows read at the same number of another log, or before a repair, can still arrive. In that
        // case nothing holds before the next entry.
        let known = self.place.as_ref().map(|known| known.seq);
        let floor = known.map_or(place.seq, |known| place.seq.max(known + 1));
        self.passed.clear();
        self.pass(place.seq, place.hash.clone());
        self.place = Some(place.clone());
        (self.floor, self.callers) = (floor, floor);
        self.named.clear();
        self.about.clear();
        self.municipalities.clear();
    }

    fn pass(&mut self, seq: i64, hash: String) {
        if self.passed.len() == MOST_PLACES {
            self.passed.pop_front();
        }
        self.passed.push_back((seq, hash));
    }

    fn take(&mut self, entry: &Followed) -> Result<(), ApiError> {
        let mut kinds = self.kinds.iter();
        let kind = kinds.find(|kind| kind.name == entry.record_type);
        let seq = entry.seq;
        match kind.map_or(Spread::All, |kind| kind.spread) {
            Spread::Named => {}
            Spread::AllButByNew if is_new(&entry.entry)? => {}
            Spread::AllButByNew | Spread::All => (self.floor, self.callers) = (seq, seq),
            Spread::Callers => {
                self.callers = seq;
                return Ok(());
            }
        }
        self.named.extend(ids_in(&entry.entry).map(|id| (id, seq)));
        let about = [&entry.record_id, &entry.context_id].into_iter();
        self.about
            .extend(about.flat_map(|id| ids_in(id)).map(|id| (id, seq)));
        let municipality = entry.municipality_id.iter();
        self.municipalities
            .extend(municipality.flat_map(|id| ids_in(id)).map(|id| (id, seq)));
        Ok(())
    }

    /// Returns true if what was read at a place still held at the end of the tail.
    #[must_use]
    pub fn holds(&self, read_at: i64, basis: &Basis) -> bool {
        let unchanged = |last: &HashMap<Uuid, i64>, ids: &[Uuid]| {
            let mut ids = ids.iter();
            ids.all(|id| last.get(id).is_none_or(|changed| *changed <= read_at))
        };
        self.floor <= read_at
            && unchanged(&self.named, &basis.named)
            && unchanged(&self.about, &basis.shown)
            && unchanged(&self.municipalities, &basis.municipalities)
    }

    /// Returns true if the rights of callers that were read at a place still held at the end of the
    /// tail.
    #[must_use]
    pub fn callers_hold(&self, read_at: i64) -> bool {
        self.callers <= read_at
    }
}

/// Reads the entries after one place up to another.
///
/// # Errors
/// Fails if the database does.
pub fn later(conn: &mut AnyConnection, after: &Place, to: &Place) -> Result<Later, ApiError> {
    let later = c::table
        .filter(c::seq.gt(after.seq).and(c::seq.le(to.seq)))
        .order(c::seq);
    let later = directly!(conn, later.select(Followed::as_select()), load);
    Ok(Later(later?))
}

/// Returns true if an entry records a new record.
fn is_new(entry: &str) -> Result<bool, ApiError> {
    #[derive(Deserialize)]
    struct States {
        before: Option<IgnoredAny>,
    }
    Ok(stored::<States>(entry)?.before.is_none())
}

/// Length of an id as text.
const ID: usize = 36;

/// Returns the ids of records in a text.
pub fn ids_in(text: &str) -> impl Iterator<Item = Uuid> {
    let bytes = text.as_bytes();
    let is_id = |text: &[u8]| [8, 13, 18, 23].iter().all(|dash| text[*dash] == b'-');
    let mut next = 0;
    std::iter::from_fn(move || {
        while next + ID <= bytes.len() {
            // The first dash of an id is the eighth character after its beginning.
            let dash = bytes[next + 8..].iter().position(|byte| *byte == b'-')?;
            let at = next + dash;
            next = at + 1;
            let Some(part) = bytes.get(at..at + ID).filter(|part| is_id(part)) else {
                continue;
            };
            if let Ok(id) = Uuid::try_parse_ascii(part) {
                next = at + ID;
                return Some(id);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::records::{KEY, OWNED, SHARED};

    static THING: Record = Record {
        name: "thing",
        ..OWNED
    };
    static TOKEN: Record = Record {
        name: "token",
        ..KEY
    };
    static BODY: Record = Record {
        name: "body",
        spread: Spread::AllButByNew,
        ..SHARED
    };
    static KINDS: [&Record; 3] = [&THING, &TOKEN, &BODY];

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
    }

    fn place(seq: i64) -> Place {
        Place {
            seq,
            hash: format!("h{seq}"),
            repairs: 0,
        }
    }

    /// An entry about the record `n` of the kind, which names the others.
    fn entry(seq: i64, kind: &Record, n: u128, before: &str, others: &[u128]) -> Followed {
        let named: Vec<String> = others.iter().map(|n| id(*n).to_string()).collect();
        Followed {
            seq,
            record_type: kind.name.into(),
            record_id: id(n).to_string(),
            municipality_id: Some(id(99).to_string()),
            context_id: id(n + 1).to_string(),
            entry: format!(
                r#"{{"record_id": "{}", "before": {before}, "after": {named:?}}}"#,
                id(n)
            ),
            previous_hash: format!("h{}", seq - 1),
            hash: format!("h{seq}"),
        }
    }

    fn tail(entries: Vec<Followed>) -> Tail {
        let mut tail = Tail::new(&KINDS);
        assert!(tail.follow(&place(0), None).unwrap());
        let last = place(entries.len() as i64);
        assert!(tail.follow(&last, Some(Later(entries))).unwrap());
        tail
    }

    fn named(n: u128) -> Basis {
        Basis {
            named: vec![id(n)],
            ..Basis::default()
        }
    }

    fn shown(n: u128) -> Basis {
        Basis {
            shown: vec![id(n)],
            ..Basis::default()
        }
    }

    #[test]
    fn ids_are_found_wherever_they_are() {
        let text = format!(
            "a-b {}-{} \"milestone:{}\" 01900000-0000",
            id(1),
            id(2),
            id(3)
        );
        assert_eq!(ids_in(&text).collect::<Vec<_>>(), [id(1), id(2), id(3)]);
        assert_eq!(ids_in("").next(), None);
        assert_eq!(ids_in(&format!("-{}", id(7))).next(), Some(id(7)));
        assert_eq!(ids_in("가나다라-마바사아자차카타파하").next(), None);
    }

    #[test]
    fn what_an_entry_is_about_or_names_holds_no_longer() {
        let tail = tail(vec![entry(1, &THING, 1, "{}", &[5])]);
        for changed in [named(1), named(5), shown(1), shown(2)] {
            assert!(!tail.holds(0, &changed), "{changed:?}");
            assert!(tail.holds(1, &changed), "{changed:?}");
        }
        for same in [named(6), shown(5), shown(6)] {
            assert!(tail.holds(0, &same), "{same:?}");
        }
        let of = |n| Basis {
            municipalities: vec![id(n)],
            ..Basis::default()
        };
        assert!(!tail.holds(0, &of(99)));
        assert!(tail.holds(0, &of(98)));
        assert!(tail.callers_hold(0));
    }

    #[test]
    fn organizations_change_everything_and_keys_only_rights() {
        let new = tail(vec![entry(1, &BODY, 1, "null", &[])]);
        assert!(new.holds(0, &named(7)) && new.callers_hold(0));
        let changed = tail(vec![entry(1, &BODY, 1, "{\"before\": null}", &[])]);
        assert!(!changed.holds(0, &named(7)) && !changed.callers_hold(0));
        let key = tail(vec![entry(1, &TOKEN, 1, "null", &[])]);
        assert!(key.holds(0, &named(1)) && !key.callers_hold(0));
        let unknown = Record {
            name: "unknown",
            ..OWNED
        };
        assert!(!tail(vec![entry(1, &unknown, 1, "null", &[])]).holds(0, &named(7)));
    }

    #[test]
    fn older_snapshots_are_those_that_were_passed() {
        let mut tail = tail(vec![
            entry(1, &THING, 1, "{}", &[]),
            entry(2, &THING, 2, "{}", &[]),
        ]);
        assert!(tail.follow(&place(1), None).unwrap());
        let other = Place {
            hash: "x".into(),
            ..place(1)
        };
        assert!(!tail.follow(&other, None).unwrap());
        assert!(tail.holds(2, &named(7)));
    }

    #[test]
    fn another_log_and_a_repair_begin_anew() {
        // What was read before has the number of the last entry known, or a lower one.
        for (next, before, holds_from) in [
            (
                Place {
                    hash: "x".into(),
                    ..place(1)
                },
                1,
                2,
            ),
            (
                Place {
                    repairs: 1,
                    ..place(1)
                },
                1,
                2,
            ),
            (place(4), 3, 4),
        ] {
            let mut tail = tail(vec![entry(1, &THING, 1, "{}", &[])]);
            let gap = Some(Later(vec![entry(4, &THING, 1, "{}", &[])]));
            assert!(tail.follow(&next, gap).unwrap());
            assert!(!tail.holds(before, &named(7)), "{next:?}");
            assert!(!tail.callers_hold(before), "{next:?}");
            assert!(tail.holds(holds_from, &named(7)), "{next:?}");
        }
    }
}
