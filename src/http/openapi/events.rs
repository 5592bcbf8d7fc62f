//! The requests that webhooks send, in a form that client generators can read.

use serde_json::{Map, Value, json};

use super::names::capitalized_words;
use super::{media_mut, reference, take_map};

/// Moves the body of each webhook request to a named schema: `DigestEvent` for `digest`.
pub fn name_bodies(document: &mut Value, schemas: &mut Map<String, Value>) {
    let webhooks = document["webhooks"].as_object_mut().into_iter().flatten();
    for (name, item) in webhooks {
        let Some(request) = item.pointer_mut("/post/requestBody") else {
            continue;
        };
        let schema = format!("{}Event", capitalized_words(name));
        for (_, media) in media_mut(request) {
            let body = std::mem::replace(&mut media["schema"], reference("schemas", &schema));
            schemas.insert(schema.clone(), body);
        }
    }
}

/// Moves each webhook to a path item, to which the section `webhooks` refers.
///
/// OpenAPI Generator makes an API of inline webhooks, as if clients called them; for Python its
/// parameters have no types, which is a syntax error. It reads past references, in items
/// whose own parameters are no references.
pub fn move_to_path_items(document: &mut Value) {
    let webhooks = take_map(document, "webhooks");
    let mut items = Map::new();
    let mut references = Map::new();
    for (name, item) in webhooks {
        let moved = format!("{}Webhook", capitalized_words(&name));
        references.insert(name, reference("pathItems", &moved));
        items.insert(moved, item);
    }
    document["webhooks"] = json!(references);
    document["components"]["pathItems"] = json!(items);
}
