//! Differences between what a row states and what a record holds.

use serde_json::{Map, Value};

use super::book::Cell;

/// Returns whether a recorded value says something else than a stated one. What a file does not
/// state, and the wording of a value that is known, make no difference.
pub fn differs(stated: &Value, recorded: &Value) -> bool {
    match (stated, recorded) {
        (Value::Object(stated), recorded) if is_text(stated) => {
            let mut texts = stated.values().filter(|text| !text.is_null());
            texts.any(|text| {
                let in_languages = ["ko", "en"].map(|language| &recorded[language]);
                in_languages.iter().all(|other| differs(text, other))
            })
        }
        (Value::Object(stated), recorded) => {
            let is_known = stated
                .iter()
                .any(|(name, value)| name != WORDING && !value.is_null());
            let mut members = stated.iter().filter(|(name, value)| {
                let is_wording = is_known && *name == WORDING;
                !value.is_null() && !is_wording
            });
            members.any(|(name, value)| differs(value, &recorded[name]))
        }
        (Value::Array(stated), Value::Array(recorded)) => {
            let mut pairs = stated.iter().zip(recorded);
            stated.len() != recorded.len() || pairs.any(|(one, other)| differs(one, other))
        }
        (Value::String(stated), Value::String(recorded)) => words(stated) != words(recorded),
        (stated, recorded) => stated != recorded,
    }
}

/// Member with the words in which a value is stated.
const WORDING: &str = "as_stated";

fn is_text(value: &Map<String, Value>) -> bool {
    let mut names = value.keys();
    !value.is_empty() && names.all(|name| matches!(name.as_str(), "ko" | "en"))
}

/// Returns a text as cells hold it, on one line.
fn words(text: &str) -> Vec<String> {
    let text = Cell::text(text).words();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Returns the merge patch that leads from one value to another.
pub fn patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return to.clone();
    };
    let gone = from.keys().filter(|name| !to.contains_key(*name));
    let mut patch: Map<String, Value> = gone.map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in to {
        let before = from.get(name).unwrap_or(&Value::Null);
        if before != value {
            patch.insert(name.clone(), self::patch(before, value));
        }
    }
    Value::Object(patch)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_file_does_not_state_makes_no_difference() {
        let recorded = json!({
            "title": {"ko": "협약", "en": "Agreement"}, "topics": [{"ko": "바이오", "en": null}],
            "signed_on": {"edtf": "2021-04-16", "as_stated": "지난 16일", "precision": "day"},
            "until": {"edtf": null, "as_stated": "별도 해지 시까지"},
            "cost": {"amount": 5, "currency": "KRW", "approximate": true, "as_stated": "약 5원"},
            "note": {"ko": "첫째  줄\n둘째 줄", "en": null},
        });
        for (stated, right) in [
            (json!({"title": {"ko": "협약"}}), false),
            (json!({"title": {"en": "협약"}}), false),
            (json!({"title": {"ko": "다른 협약"}}), true),
            (
                json!({"signed_on": {"edtf": "2021-04-16", "as_stated": null}}),
                false,
            ),
            (
                json!({"signed_on": {"edtf": "2021-04-16", "as_stated": "2021.4.16"}}),
                false,
            ),
            (
                json!({"signed_on": {"edtf": "2021-04", "as_stated": "2021.4"}}),
                true,
            ),
            (
                json!({"until": {"edtf": null, "as_stated": "별도 해지 시까지"}}),
                false,
            ),
            (json!({"until": {"edtf": null, "as_stated": "미정"}}), true),
            (
                json!({"cost": {"amount": 5, "currency": "KRW", "as_stated": "5원"}}),
                false,
            ),
            (json!({"note": {"ko": "첫째 줄\n둘째 줄"}}), false),
            (json!({"topics": [{"ko": "바이오"}]}), false),
            (json!({"topics": [{"ko": "바이오"}, {"ko": "의료"}]}), true),
            (json!({"venue": null}), false),
        ] {
            assert_eq!(differs(&stated, &recorded), right, "{stated}");
        }
    }

    #[test]
    fn patches_lead_back() {
        let old = json!({"title": {"ko": "가", "en": null}, "until": null, "cost": {"amount": 5}});
        let new = json!({"title": {"ko": "나", "en": null}, "until": {"edtf": "2024"},
            "cost": {"amount": 5, "max_amount": 7}});
        let mut value = new.clone();
        json_patch::merge(&mut value, &patch(&new, &old));
        // A member that is null and one that is absent are the same.
        let right = json!({"title": {"ko": "가", "en": null}, "cost": {"amount": 5}});
        assert_eq!(value, right);
        assert_eq!(patch(&old, &old), json!({}));
    }
}
