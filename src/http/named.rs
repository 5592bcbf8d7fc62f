//! Organizations that a request names in place of their ids: by name or by identifier.
//!
//! A named organization gets a stand-in id when the body is read, so that the body can be converted
//! and checked as if it contained ids alone. In the transaction of the request, the organization is
//! found or recorded, and its id replaces the stand-in.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::contract::escape;
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{OrganizationRef, Versioned, Warning};
use crate::ledger::RequestContext;

/// Member of a request in which an organization is named.
pub const ORGANIZATION: &str = "organization";
/// Member that has its id.
pub const ORGANIZATION_ID: &str = "organization_id";
/// Member of a reference that is the place of a party in the same request.
pub const PARTY: &str = "party";
/// Name of the schema of a named organization.
pub const NAMED: &str = "NamedOrganization";
/// Name of the schema of an item in a list of organizations.
pub const REFERENCE: &str = "OrganizationReference";

/// Types whose requests can name an organization in place of its id.
pub const NAMED_IN: &[&str] = &[
    "PartyContent",
    "GroupMemberContent",
    "MemberCreate",
    "Implementer",
];

/// Types with lists of organizations, each of which can be named in a request.
pub const REFERRED_IN: &[(&str, &[&str])] = &[
    ("CommitmentContent", &["owed_by", "owed_to"]),
    ("MeetingContent", &["attendee_ids"]),
];

/// Returns whether a place in a body is an item of a list of organizations.
pub(super) fn is_reference(pointer: &str) -> bool {
    let mut tokens = pointer.rsplit('/');
    let is_item = tokens.next().is_some_and(|at| at.parse::<usize>().is_ok());
    is_item && tokens.next().is_some_and(is_list)
}

fn is_list(member: &str) -> bool {
    REFERRED_IN.iter().any(|(_, lists)| lists.contains(&member))
}

/// The organization of a named one.
pub enum Resolved {
    /// It was recorded before, or earlier in this request.
    Known(OrganizationRef),
    /// It was recorded for this request.
    Recorded(OrganizationRef),
    /// It is unclear which one is meant. The transaction cannot be committed: the organization with
    /// the id was recorded only so that the other errors of the request are found.
    Refused(OrganizationId, Vec<FieldError>),
}

/// Finds or records the organizations that requests name.
pub trait Organizations: Send + Sync {
    /// Finds or records an organization; `earlier` are those named earlier in the request.
    ///
    /// # Errors
    /// `forbidden` if the caller cannot record organizations.
    fn resolve(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        named: &Value,
        earlier: &[OrganizationId],
    ) -> Result<Resolved, ApiError>;
}

/// An organization that a body names, at one place or several.
#[derive(Clone, Debug, PartialEq)]
struct Named {
    stand_in: OrganizationId,
    value: Value,
    places: Vec<String>,
}

/// A body with stand-ins, and the organizations for which they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    value: Value,
    named: Vec<Named>,
}

/// What became of the organizations that a body names.
#[derive(Default)]
pub(super) struct Resolution {
    ids: HashMap<String, String>,
    /// Warnings that show which organizations were found and recorded.
    pub warnings: Vec<Warning>,
    pub errors: Vec<FieldError>,
}

impl Body {
    /// Puts stand-ins into a body in place of the organizations that it names. Adds an error for
    /// each reference that is none.
    pub fn of(mut value: Value, errors: &mut Vec<FieldError>) -> Self {
        let mut found = Found::default();
        found.walk(&mut value, "");
        found.place_parties(&mut value);
        errors.append(&mut found.errors);
        let mut named = found.named;
        // The fullest first: it can be recorded, and is then found for the others.
        named.sort_by_key(|Named { value, .. }| {
            let lacks = |member: &str| match value.get(member) {
                Some(Value::Array(items)) => items.is_empty(),
                given => given.is_none_or(Value::is_null),
            };
            (lacks("kind"), lacks("identifiers"))
        });
        Self { value, named }
    }

    /// Returns a body that names no organization.
    pub fn plain(value: Value) -> Self {
        let named = Vec::new();
        Self { value, named }
    }

    /// Returns the value with the stand-ins. It is kept only if there are any.
    pub fn take_plain(&mut self) -> Value {
        match self.named.is_empty() {
            true => self.value.take(),
            false => self.value.clone(),
        }
    }

    /// Finds or records the organizations.
    ///
    /// # Errors
    /// `forbidden` if the caller cannot record organizations.
    pub fn resolve(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        organizations: &dyn Organizations,
    ) -> Result<Resolution, ApiError> {
        let mut resolution = Resolution::default();
        let mut earlier = Vec::new();
        for Named {
            stand_in,
            value,
            places,
        } in &self.named
        {
            let at = places.first().map_or("", String::as_str);
            let id = match organizations.resolve(conn, cx, value, &earlier)? {
                Resolved::Known(known) => resolution.tell(at, known, false),
                Resolved::Recorded(new) => resolution.tell(at, new, true),
                Resolved::Refused(id, errors) => {
                    resolution
                        .errors
                        .extend(errors.into_iter().map(|e| e.below(at)));
                    id
                }
            };
            earlier.push(id);
            resolution.ids.insert(stand_in.to_string(), id.to_string());
        }
        Ok(resolution)
    }

    /// Returns whether the body names any organization.
    pub fn is_naming(&self) -> bool {
        !self.named.is_empty()
    }

    /// Returns the body with the ids of the organizations.
    pub fn with(&self, resolution: &Resolution) -> Value {
        let mut value = self.value.clone();
        substitute(&mut value, &resolution.ids);
        value
    }

    /// Returns the result of the work, with warnings that show the organizations.
    ///
    /// # Errors
    /// Returns the error of the work, which points to the names.
    pub fn settled<R: Versioned>(
        &self,
        result: Result<R, ApiError>,
        warnings: Vec<Warning>,
    ) -> Result<R, ApiError> {
        match result {
            Ok(mut record) => {
                record.warn(warnings);
                Ok(record)
            }
            Err(mut error) => {
                error.errors = self.pointing(std::mem::take(&mut error.errors));
                Err(error)
            }
        }
    }

    /// Points the errors in the id of an organization to the place where it was named.
    pub fn pointing(&self, mut errors: Vec<FieldError>) -> Vec<FieldError> {
        let places = || self.named.iter().flat_map(|named| &named.places);
        for error in &mut errors {
            if let Place::Body(pointer) = &mut error.place
                && let Some(place) = pointer.strip_suffix("_id")
                && places().any(|named| named == place)
            {
                *pointer = place.to_owned();
            }
        }
        errors
    }
}

impl Resolution {
    fn tell(&mut self, at: &str, organization: OrganizationRef, is_new: bool) -> OrganizationId {
        let id = organization.id;
        let (code, message) = if is_new {
            let message = Message::fixed(
                "이 기관이 없어서 새로 등록했습니다.",
                "This organization was not recorded yet and is now.",
            );
            ("organization_recorded", message)
        } else {
            let message = Message::fixed(
                "이미 등록된 이 기관으로 적었습니다.",
                "This organization was recorded already and is meant.",
            );
            ("organization_matched", message)
        };
        self.warnings.push(Warning {
            organizations: vec![organization],
            ..Warning::new(code, at, message)
        });
        id
    }
}

/// What a walk through a body has found.
#[derive(Default)]
struct Found {
    named: Vec<Named>,
    /// Places that refer to a party of the request, and its place among these.
    parties: Vec<(String, u64)>,
    errors: Vec<FieldError>,
}

impl Found {
    fn walk(&mut self, value: &mut Value, at: &str) {
        match value {
            Value::Object(map) => {
                self.object(map, at);
                for (name, member) in map {
                    let at = format!("{at}/{}", escape(name));
                    match member {
                        Value::Array(items) if is_list(name) => self.list(items, &at),
                        member => self.walk(member, &at),
                    }
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.walk(item, &format!("{at}/{i}"));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, at: &str) {
        let named = map.remove(ORGANIZATION).filter(|named| !named.is_null());
        let Some(named) = named else {
            return;
        };
        let at = format!("{at}/{ORGANIZATION}");
        if map.get(ORGANIZATION_ID).is_some_and(|id| !id.is_null()) {
            let message = Message::fixed(
                "organization_id와 organization 가운데 하나만 적으십시오.",
                "Only one of organization_id and organization is accepted.",
            );
            self.errors
                .push(FieldError::body(at, "organization_twice", message));
            return;
        }
        let id = self.name(named, at);
        map.insert(ORGANIZATION_ID.into(), id);
    }

    fn list(&mut self, items: &mut [Value], at: &str) {
        for (i, item) in items.iter_mut().enumerate() {
            let at = format!("{at}/{i}");
            if let Some(place) = item.get(PARTY).and_then(Value::as_u64) {
                self.parties.push((at, place));
            } else if let Some(named) = item.get_mut(ORGANIZATION).map(Value::take) {
                *item = self.name(named, format!("{at}/{ORGANIZATION}"));
            }
        }
    }

    /// Returns the stand-in for an organization.
    fn name(&mut self, value: Value, at: String) -> Value {
        let known = self.named.iter_mut().find(|named| named.value == value);
        if let Some(named) = known {
            named.places.push(at);
            return named.stand_in.to_string().into();
        }
        let stand_in = OrganizationId::from(Uuid::now_v7());
        self.named.push(Named {
            stand_in,
            value,
            places: vec![at],
        });
        stand_in.to_string().into()
    }

    /// Replaces the references to parties of the request.
    fn place_parties(&mut self, body: &mut Value) {
        for (at, place) in std::mem::take(&mut self.parties) {
            let party = body.pointer(&format!("/parties/{place}/{ORGANIZATION_ID}"));
            let party = party.cloned().filter(Value::is_string);
            if party.is_none() {
                let message = Message::fixed(
                    "이 요청의 parties에 그 순번의 기관이 없습니다.",
                    "No organization stands in this place among the parties of the request.",
                );
                self.errors
                    .push(FieldError::body(&at, "not_a_party", message));
            }
            if let Some(item) = body.pointer_mut(&at) {
                *item = party.unwrap_or_else(|| Uuid::nil().to_string().into());
            }
        }
    }
}

fn substitute(value: &mut Value, ids: &HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = ids.get(text) {
                text.clone_from(id);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| substitute(item, ids)),
        Value::Object(map) => map.values_mut().for_each(|member| substitute(member, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> (Body, Vec<String>) {
        let mut errors = Vec::new();
        let body = Body::of(value, &mut errors);
        let place = |error: FieldError| match error.place {
            Place::Body(at) => format!("{} {at}", error.code),
            _ => error.code,
        };
        (body, errors.into_iter().map(place).collect())
    }

    fn places(body: &Body) -> Vec<&str> {
        let named = body.named.iter();
        named
            .flat_map(|named| named.places.iter().map(String::as_str))
            .collect()
    }

    #[test]
    fn a_body_without_names_stays() {
        let sent = json!({"parties": [{"organization_id": "a"}], "statements": [{"party": 0}]});
        let (body, errors) = read(sent.clone());
        assert_eq!((&body.value, errors.len()), (&sent, 0));
        assert!(!body.is_naming());
    }

    #[test]
    fn one_organization_named_twice_is_one() {
        let named = json!({"name": {"ko": "명지병원"}, "kind": "hospital"});
        let (body, errors) = read(json!({
            "parties": [{"organization_id": "a"}, {"organization": named}],
            "commitments": [{"owed_by": [{"party": 1}], "owed_to": [{"organization": named}, "a"]}],
        }));
        assert_eq!(errors, Vec::<String>::new());
        let at = [
            "/parties/1/organization",
            "/commitments/0/owed_to/0/organization",
        ];
        assert_eq!(body.named.len(), 1);
        assert!(at.iter().all(|at| places(&body).contains(at)));
        let ids = HashMap::from([(body.named[0].stand_in.to_string(), "b".to_owned())]);
        let resolution = Resolution {
            ids,
            ..Resolution::default()
        };
        let right = json!({
            "parties": [{"organization_id": "a"}, {"organization_id": "b"}],
            "commitments": [{"owed_by": ["b"], "owed_to": ["b", "a"]}],
        });
        assert_eq!(body.with(&resolution), right);
    }

    #[test]
    fn a_reference_to_nothing_is_refused() {
        let (_, errors) = read(json!({
            "parties": [{"organization_id": "a", "organization": {"name": {"ko": "나"}}}],
            "commitments": [{"owed_by": [{"party": 1}]}],
        }));
        let right = [
            "organization_twice /parties/0/organization",
            "not_a_party /commitments/0/owed_by/0",
        ];
        assert_eq!(errors.len(), 2);
        assert!(right.iter().all(|error| errors.iter().any(|e| e == error)));
    }

    #[test]
    fn errors_point_to_the_name() {
        let (body, _) = read(json!({"organization": {"name": {"ko": "나"}}}));
        let at = |at: &str| FieldError::body(at, "some", Message::fixed("", ""));
        let errors = body.pointing(vec![at("/organization_id"), at("/other_id")]);
        assert_eq!(errors, [at("/organization"), at("/other_id")]);
    }
}
