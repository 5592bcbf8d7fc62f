//! Facts that a survivor takes over from its duplicate, and gives back.

use serde_json::{Map, Value};

/// The most items of each list of an organization or a membership.
const MOST: [(&str, usize); 6] = [
    ("other_names", 50),
    ("identifiers", 20),
    ("officers", 200),
    ("activities", 100),
    // Of a membership; an organization has 100.
    ("sources", 20),
    ("chair_terms", 20),
];

/// The result of a transfer of facts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Filled {
    /// Facts that were taken over, by member: a value, or the items added to a list.
    pub taken: Map<String, Value>,
    /// Facts that were not, by member.
    pub lost: Vec<(String, Value)>,
}

/// Fills the empty members of `into` from `from`, and adds to its lists.
pub(super) fn fill(into: &mut Map<String, Value>, from: &Map<String, Value>) -> Filled {
    let mut filled = Filled::default();
    for (member, value) in from {
        let own = into.entry(member.clone()).or_insert(Value::Null);
        match (own, value) {
            (_, Value::Null) => {}
            (own, value) if own == value => {}
            (own, value) if own.is_null() => {
                own.clone_from(value);
                filled.taken.insert(member.clone(), value.clone());
            }
            (Value::Array(own), Value::Array(items)) => {
                let room = most(member).saturating_sub(own.len());
                let new = items.iter().filter(|item| !own.contains(item));
                let (mut new, rest): (Vec<_>, Vec<_>) =
                    new.cloned().enumerate().partition(|(i, _)| *i < room);
                let new: Vec<Value> = new.drain(..).map(|(_, item)| item).collect();
                own.extend(new.iter().cloned());
                if !new.is_empty() {
                    filled.taken.insert(member.clone(), new.into());
                }
                let rest = rest.into_iter().map(|(_, item)| (member.clone(), item));
                filled.lost.extend(rest);
            }
            (_, value) => filled.lost.push((member.clone(), value.clone())),
        }
    }
    filled
}

fn most(member: &str) -> usize {
    let limit = MOST.iter().find(|(name, _)| *name == member);
    limit.map_or(usize::MAX, |(_, most)| *most)
}

/// Takes facts out of `into` that it took over, and returns the members that were changed since.
pub(super) fn give_back(into: &mut Map<String, Value>, taken: &Map<String, Value>) -> Vec<String> {
    let mut changed = Vec::new();
    for (member, value) in taken {
        let own = into.entry(member.clone()).or_insert(Value::Null);
        match (own, value) {
            (Value::Array(own), Value::Array(items)) => {
                let before = own.len();
                own.retain(|item| !items.contains(item));
                if before - own.len() < items.len() {
                    changed.push(member.clone());
                }
            }
            (own, value) if own == value => *own = Value::Null,
            _ => changed.push(member.clone()),
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_empty_is_filled_and_given_back() {
        let before = map(json!({"website": null, "founded": "1999", "officers": [1, 2]}));
        let from = map(json!({"website": "a", "founded": "2001", "officers": [2, 3]}));
        let mut into = before.clone();
        let filled = fill(&mut into, &from);
        assert_eq!(
            into,
            map(json!({"website": "a", "founded": "1999", "officers": [1, 2, 3]}))
        );
        assert_eq!(filled.lost, [("founded".to_owned(), json!("2001"))]);
        assert_eq!(filled.taken, map(json!({"website": "a", "officers": [3]})));
        assert_eq!(give_back(&mut into, &filled.taken), Vec::<String>::new());
        assert_eq!(into, before);
    }

    #[test]
    fn what_was_changed_since_is_named() {
        let taken = map(json!({"website": "a", "officers": [3, 4], "founded": "1999"}));
        let mut into = map(json!({"website": "b", "officers": [1, 4], "founded": "1999"}));
        assert_eq!(give_back(&mut into, &taken), ["officers", "website"]);
        assert_eq!(
            into,
            map(json!({"website": "b", "officers": [1], "founded": null}))
        );
    }

    #[test]
    fn a_full_list_takes_no_more() {
        let many: Vec<usize> = (0..50).collect();
        let mut into = map(json!({"other_names": many}));
        let filled = fill(&mut into, &map(json!({"other_names": [99]})));
        assert_eq!(filled.lost, [("other_names".to_owned(), json!(99))]);
        assert!(filled.taken.is_empty());
    }
}
