//! Property tests of cursors, pages and merge patches.

use json_patch::merge;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::query::{decode_cursor, encode_cursor};
use crate::db::page::{Cursor, Order, Page};

/// Generates JSON without nulls: the possible results of a merge patch.
fn without_nulls() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a가]{0,2}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-d]", without_nulls(), 0..5)
        .prop_map(|map| map.into_iter().collect())
}

/// Returns the patch that turns `from` into `to`.
fn difference(from: &Value, to: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (from, to) else {
        return to.clone();
    };
    let gone = old
        .keys()
        .filter(|name| !new.contains_key(*name))
        .map(|name| (name.clone(), Value::Null));
    let changed = new
        .iter()
        .filter(|(name, value)| old.get(*name) != Some(value));
    let changed = changed.map(|(name, value)| {
        // An object replaces a value that is not one; nulls in it would be removed, but it has
        // none.
        let patch = old
            .get(name)
            .map_or_else(|| value.clone(), |old| difference(old, value));
        (name.clone(), patch)
    });
    gone.chain(changed).collect()
}

proptest! {
    #[test]
    fn a_cursor_survives_its_text(key in "[^\u{0}]{0,40}", id in "[0-9a-f-]{0,36}", order in "-?[a-z_.]{1,20}") {
        let cursor = Cursor { order, key, id };
        prop_assert_eq!(decode_cursor(&encode_cursor(&cursor)), Some(cursor));
    }

    #[test]
    fn any_text_is_a_cursor_or_refused(text in "\\PC{0,60}") {
        let _ = decode_cursor(&text);
    }

    #[test]
    fn pages_visit_each_row_once(keys in prop::collection::vec("[ab가나]{0,2}", 0..30), limit in 1_usize..8, descending: bool) {
        let rows: Vec<(String, String)> = keys.into_iter().enumerate().map(|(n, key)| (key, format!("{n:03}"))).collect();
        let mut page = Page {
            order: Order { key: "key", id: "id", descending },
            limit,
            after: None,
            with_total: true,
        };
        let mut seen = Vec::new();
        loop {
            let listed = page.of(rows.clone(), |row| row.0.clone(), |row| row.1.clone());
            prop_assert!(listed.items.len() <= limit);
            prop_assert_eq!(listed.total, Some(rows.len() as i64));
            seen.extend(listed.items);
            match listed.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        let mut expected = rows;
        expected.sort();
        if descending {
            expected.reverse();
        }
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn a_patch_leads_from_one_to_the_other(from in object(), to in object()) {
        let patch = difference(&from, &to);
        let mut value = from;
        merge(&mut value, &patch);
        prop_assert_eq!(&value, &to);
        // Applying the patch again changes nothing.
        merge(&mut value, &patch);
        prop_assert_eq!(value, to);
    }
}

/// The examples of RFC 7396, appendix A.
#[test]
fn merge_patches_are_those_of_the_rfc() {
    let cases = [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (
            json!({"a": "b"}),
            json!({"b": "c"}),
            json!({"a": "b", "b": "c"}),
        ),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (
            json!({"a": "b", "b": "c"}),
            json!({"a": null}),
            json!({"b": "c"}),
        ),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (
            json!({"a": [{"b": "c"}]}),
            json!({"a": [1]}),
            json!({"a": [1]}),
        ),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!(null), json!(null)),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
        (
            json!({"e": null}),
            json!({"a": 1}),
            json!({"e": null, "a": 1}),
        ),
        (
            json!([1, 2]),
            json!({"a": "b", "c": null}),
            json!({"a": "b"}),
        ),
        (
            json!({}),
            json!({"a": {"bb": {"ccc": null}}}),
            json!({"a": {"bb": {}}}),
        ),
    ];
    for (mut target, patch, result) in cases {
        let what = format!("{target} and {patch}");
        merge(&mut target, &patch);
        assert_eq!(target, result, "{what}");
    }
}
