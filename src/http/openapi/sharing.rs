//! Moves what several operations have alike to `components`, where each refers to it. It halves the
//! document: an agreement's example alone is 10 KB, and 27 operations answer with an agreement.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::names::capitalized_words;
use super::{each_operation, media_mut, reference, referred};

/// Shares parameters, examples and the response `304`.
pub fn share(document: &mut Value) {
    leave_out_defaults(document);
    share_parameters(document);
    share_examples(document);
    share_unchanged(document);
}

/// Leaves out what OpenAPI assumes of a parameter in any case.
fn leave_out_defaults(document: &mut Value) {
    each_operation(document, |_, _, operation| {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let in_query = parameter["in"] == "query";
            if let Some(map) = parameter.as_object_mut() {
                map.retain(|name, value| match name.as_str() {
                    "required" => value != &json!(false),
                    "style" => !(in_query && value == "form"),
                    _ => true,
                });
            }
        }
    });
}

/// Contents with the name of each, in the order in which names were given.
struct Shared {
    kind: &'static str,
    names: HashMap<String, String>,
    contents: BTreeMap<String, Value>,
}

impl Shared {
    /// Starts with those that `components` has already.
    fn of(document: &mut Value, kind: &'static str) -> Self {
        let contents = super::take_map(&mut document["components"], kind);
        Self {
            kind,
            names: HashMap::new(),
            contents: contents.into_iter().collect(),
        }
    }

    /// Returns a reference to the content: by the plain name, or the longer one if another content
    /// has the plain one.
    fn refer(&mut self, content: &Value, plain: &str, longer: &str) -> Value {
        let kind = self.kind;
        let name = self.names.entry(content.to_string()).or_insert_with(|| {
            let is_taken = self.contents.contains_key(plain);
            let name = if is_taken { longer } else { plain };
            self.contents.insert(name.to_owned(), content.clone());
            name.to_owned()
        });
        reference(kind, name)
    }

    /// Returns a reference to the content if it is shared.
    fn known(&self, content: &Value) -> Option<Value> {
        let name = self.names.get(&content.to_string())?;
        Some(reference(self.kind, name))
    }

    fn put_back(self, document: &mut Value) {
        if !self.contents.is_empty() {
            let contents: Map<String, Value> = self.contents.into_iter().collect();
            document["components"][self.kind] = Value::Object(contents);
        }
    }
}

fn share_parameters(document: &mut Value) {
    let mut uses: HashMap<String, Used> = HashMap::new();
    let mut count = 0;
    each_operation(document, |_, _, operation| {
        let resource = resource_of(operation);
        for parameter in own_parameters(operation) {
            count += 1;
            let used = uses.entry(parameter.to_string()).or_insert_with(|| Used {
                is_path: parameter["in"] == "path",
                times: 0,
                first: count,
                content: parameter.clone(),
                resource: resource.clone(),
            });
            used.times += 1;
        }
    });
    // The plain name goes to the ids in paths, then to the parameters that most operations have.
    let mut all: Vec<Used> = uses.into_values().filter(|used| used.times > 1).collect();
    all.sort_by_key(|used| (!used.is_path, std::cmp::Reverse(used.times), used.first));
    let mut shared = Shared::of(document, "parameters");
    for Used {
        content, resource, ..
    } in &all
    {
        let [plain, longer] = parameter_names(content, resource);
        shared.refer(content, &plain, &longer);
    }
    each_operation(document, |_, _, operation| {
        for parameter in own_parameters(operation) {
            if let Some(shared) = shared.known(parameter) {
                *parameter = shared;
            }
        }
    });
    shared.put_back(document);
}

/// A parameter, and how operations use it.
struct Used {
    is_path: bool,
    times: usize,
    /// Its place in the order in which parameters are first used.
    first: usize,
    content: Value,
    /// The resource of its first operation.
    resource: String,
}

/// Returns what an operation is about: `MilestoneStatistics` for `get_milestone_statistics`.
fn resource_of(operation: &Value) -> String {
    let id = operation["operationId"].as_str().unwrap_or_default();
    capitalized_words(id.split_once('_').map_or(id, |(_, resource)| resource))
}

fn own_parameters(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    let all = operation.get_mut("parameters");
    let all = all.and_then(Value::as_array_mut).into_iter().flatten();
    all.filter(|parameter| parameter.get("$ref").is_none())
}

/// Returns the name of a parameter among the shared ones, and another if that is taken. Ids in
/// paths are mostly called `id`, but described as "The agreement's id".
pub fn parameter_names(parameter: &Value, resource: &str) -> [String; 2] {
    let name = parameter["name"].as_str().unwrap_or_default();
    let plain = capitalized_words(name);
    let described = parameter["description"].as_str().unwrap_or_default();
    let owner = described
        .strip_prefix("The ")
        .and_then(|rest| rest.split_once("'s id"))
        .map(|(owner, _)| capitalized_words(owner) + "Id");
    match parameter["in"].as_str() {
        Some("path") => [
            owner.unwrap_or_else(|| plain.clone()),
            resource.to_owned() + &plain,
        ],
        _ if name.ends_with("_id") => [plain.clone() + "Filter", resource.to_owned() + &plain],
        _ => [plain.clone(), resource.to_owned() + &plain],
    }
}

fn share_examples(document: &mut Value) {
    let mut uses: HashMap<String, usize> = HashMap::new();
    each_media(document, |_, media| {
        if let Some(example) = media.get("example") {
            *uses.entry(example.to_string()).or_default() += 1;
        }
    });
    let mut shared = Shared::of(document, "examples");
    each_media(document, |id, media| {
        let schema = referred(&media["schema"]).map(str::to_owned);
        let often = |example: &&Value| uses.get(&example.to_string()).is_some_and(|uses| *uses > 1);
        if let (Some(example), Some(schema)) = (media.get("example").filter(often), schema) {
            let longer = format!("{schema}Of{}", capitalized_words(id));
            let content = json!({ "value": example });
            media["examples"] = json!({ "default": shared.refer(&content, &schema, &longer) });
            if let Some(media) = media.as_object_mut() {
                media.remove("example");
            }
        }
    });
    shared.put_back(document);
}

/// Visits the contents of all requests and responses, with the id of their operation.
fn each_media(document: &mut Value, mut visit: impl FnMut(&str, &mut Value)) {
    each_operation(document, |_, _, operation| {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if let Some(request) = operation.get_mut("requestBody") {
            media_mut(request).for_each(|(_, media)| visit(&id, media));
        }
        let responses = operation.get_mut("responses");
        let responses = responses.and_then(Value::as_object_mut);
        for (_, response) in responses.into_iter().flatten() {
            media_mut(response).for_each(|(_, media)| visit(&id, media));
        }
    });
}

fn share_unchanged(document: &mut Value) {
    let mut shared = Shared::of(document, "responses");
    each_operation(document, |_, _, operation| {
        let id = capitalized_words(operation["operationId"].as_str().unwrap_or_default());
        if let Some(response) = operation.pointer_mut("/responses/304") {
            *response = shared.refer(response, "NotModified", &format!("{id}NotModified"));
        }
    });
    shared.put_back(document);
}
