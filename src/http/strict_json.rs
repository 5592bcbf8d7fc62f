//! JSON in which no object has two members of one name. RFC 8259 (4) leaves open which of them
//! counts, so a document with such members is refused.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::contract::escape;
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;

/// Reads a document. Returns the value, and an error for each repeated member.
///
/// # Errors
/// Fails if the text is not JSON.
pub(super) fn read(text: &str) -> serde_json::Result<(Value, Vec<FieldError>)> {
    let reader = Reader::default();
    let mut document = serde_json::Deserializer::from_str(text);
    let value = Node(&reader).deserialize(&mut document)?;
    document.end()?;
    Ok((value, reader.repeated.into_inner()))
}

/// The place that is being read, and the repeated members so far.
#[derive(Default)]
struct Reader {
    at: RefCell<Vec<String>>,
    repeated: RefCell<Vec<FieldError>>,
}

impl Reader {
    fn within<T>(&self, name: String, read: impl FnOnce() -> T) -> T {
        self.at.borrow_mut().push(name);
        let result = read();
        self.at.borrow_mut().pop();
        result
    }

    fn repeats(&self, name: &str) {
        let at = self.at.borrow();
        let place = at.iter().map(String::as_str).chain([name]);
        let pointer: String = place.map(|name| format!("/{}", escape(name))).collect();
        let message = Message::fixed(
            "같은 이름의 항목이 두 번 있습니다.",
            "The object has another member of this name.",
        );
        let error = FieldError::body(pointer, "repeated_member", message);
        self.repeated.borrow_mut().push(error);
    }
}

struct Node<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Self(reader) = self;
        let mut list = Vec::new();
        loop {
            let name = list.len().to_string();
            match reader.within(name, || items.next_element_seed(Node(reader)))? {
                Some(item) => list.push(item),
                None => return Ok(list.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Self(reader) = self;
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if map.contains_key(&name) {
                reader.repeats(&name);
            }
            let value = reader.within(name.clone(), || members.next_value_seed(Node(reader)))?;
            map.insert(name, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kernel::error::Place;

    fn repeated(text: &str) -> Vec<String> {
        let (_, errors) = read(text).unwrap();
        let places = errors.into_iter().map(|error| match error.place {
            Place::Body(pointer) => pointer,
            other => panic!("{other:?}"),
        });
        places.collect()
    }

    #[test]
    fn every_repeated_member_is_named() {
        assert_eq!(repeated(r#"{"a": 1, "a": 1}"#), ["/a"]);
        assert_eq!(
            repeated(r#"{"a": [{}, {"b/c": 1, "b\u002fc": null}], "d": {"ko": 1, "ko": 2}}"#),
            ["/a/1/b~1c", "/d/ko"]
        );
        assert!(repeated(r#"{"a": {"b": 1}, "b": {"b": 1}}"#).is_empty());
    }

    #[test]
    fn values_are_read_as_elsewhere() {
        let text = r#"{"a": [1, -1, 1.5, 1e400000, true, null, "가\n"], "b": {}}"#;
        assert!(read(text).is_err() && serde_json::from_str::<Value>(text).is_err());
        let text = r#"{"a": [1, -1, 1.5, 18446744073709551615, true, null, "가\n"], "b": {}}"#;
        assert_eq!(
            read(text).unwrap().0,
            serde_json::from_str::<Value>(text).unwrap()
        );
        assert_eq!(read(" 1 ").unwrap().0, json!(1));
        for bad in ["", "{", "1 2", "{a: 1}", &"[".repeat(100_000)] {
            assert!(read(bad).is_err(), "{}", &bad[..bad.len().min(9)]);
        }
    }
}
