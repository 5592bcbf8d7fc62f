//! Names in generated clients.

use serde_json::{Map, Value, json};

/// The vendor extension that client generators read.
const NAMES: &str = "x-enum-varnames";

/// Names each value of each string enum after its schema: `TokenSortId` for `id`.
///
/// Generators for Go put the constants of all enums into one namespace, and most drop the `-` of
/// a descending sort order, so names made of the values alone collide.
pub fn name_enum_values(schemas: &mut Map<String, Value>) {
    for (name, schema) in schemas {
        let values = schema["enum"].as_array().into_iter().flatten();
        let names: Vec<String> = values
            .filter_map(Value::as_str)
            .map(|value| name.clone() + &constant(value))
            .collect();
        if !names.is_empty() {
            schema[NAMES] = json!(names);
        }
    }
}

/// Returns the value in capitalized words: `SignedOnDescending` for `-signed_on`.
fn constant(value: &str) -> String {
    let mut name = capitalized_words(value);
    if value.starts_with('-') {
        name += "Descending";
    }
    name
}

/// Returns the words of a text capitalized and without what separates them: `SignedOn`.
pub fn capitalized_words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at_checked(1).unwrap_or_default();
    first.to_ascii_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descending_order_has_its_own_name() {
        let mut schemas = Map::new();
        schemas.insert(
            "AgreementSort".into(),
            json!({"enum": ["signed_on", "-signed_on"]}),
        );
        schemas.insert("Title".into(), json!({"type": "string"}));
        name_enum_values(&mut schemas);
        let names = ["AgreementSortSignedOn", "AgreementSortSignedOnDescending"];
        assert_eq!(schemas["AgreementSort"][NAMES], json!(names));
        assert_eq!(schemas["Title"], json!({"type": "string"}));
    }
}
